"""What an installed Zimu brings along."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_a_wheel_carries_the_configuration_and_works_from_any_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("zimu-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    ours = {path.relative_to(ROOT / "config") for path in (ROOT / "config").rglob("*") if path.is_file()}
    packed = installed / "pipeline" / "config"
    assert {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()} == ours
    shown = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", "config", "show"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"},
    )
    assert "episode.language" in shown.stdout
    assert not list(installed.glob("tests*"))


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = (_commands(ROOT / name) for name in ("README.md", "README.zh-CN.md"))
    assert english[:2] == chinese[:2]
    assert english[0].endswith("zimu run samples/riscv")
    assert english[1].endswith("pytest")


def _commands(path: Path) -> list[str]:
    blocks = path.read_text(encoding="utf-8").split("```sh\n")[1:]
    return [block.split("```")[0].strip() for block in blocks]
