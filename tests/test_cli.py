"""What a person sees of the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import __version__
from tests.cli import Result

Zimu = Callable[..., Result]


def test_help_names_every_command(zimu: Zimu) -> None:
    shown = zimu("--help")
    assert shown.code == 0
    for command in (
        "init",
        "run",
        "align",
        "translate",
        "subtitle",
        "render",
        "status",
        "models",
        "doctor",
        "config",
        "terms",
        "memory",
    ):
        assert command in shown.out


def test_version(zimu: Zimu) -> None:
    assert zimu("--version").out.strip() == f"zimu {__version__}"


@pytest.mark.parametrize("args", [("rnu",), ("run",), ("run", "x", "--frobnicate"), ("run", "x", "--set", "crf")])
def test_wrong_use_exits_with_two_and_no_traceback(zimu: Zimu, args: tuple[str, ...]) -> None:
    refused = zimu(*args)
    assert refused.code == 2
    assert "Traceback" not in refused.err
    assert refused.err


def test_init_then_status(zimu: Zimu, tmp_path: Path) -> None:
    assert zimu("init", tmp_path / "第一集").code == 0
    assert zimu("init", tmp_path / "第一集").code == 2
    states = zimu("status", tmp_path, "--json")
    assert states.code == 0
    assert states.json[0]["problem"].startswith(str(tmp_path / "第一集"))
    assert "There is no media file" in zimu("status", tmp_path).out


def test_config_show_tells_where_a_value_came_from(zimu: Zimu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "episode.toml").write_text('[episode]\nto = ["ko"]\n')
    monkeypatch.setenv("ZIMU_RENDER__SOFT", "mkv")
    rows = {row["setting"]: row for row in zimu("config", "show", tmp_path, "--json").json}
    assert rows["episode.to"] == {
        "setting": "episode.to",
        "value": ["ko"],
        "from": str(tmp_path / "episode.toml"),
    }
    assert rows["render.soft"]["from"] == "environment"
    assert rows["episode.language"]["from"] == "defaults.toml"
    assert "episode.to" in zimu("config", "show", tmp_path).out


def test_an_unknown_setting_exits_with_two(zimu: Zimu, tmp_path: Path) -> None:
    (tmp_path / "episode.toml").write_text("[rendr]\n")
    refused = zimu("config", "show", tmp_path)
    assert (refused.code, "Did you mean render?" in refused.err) == (2, True)


def test_debug_shows_the_traceback(zimu: Zimu, tmp_path: Path) -> None:
    (tmp_path / "episode.toml").write_text("[rendr]\n")
    assert "Traceback" in zimu("config", "show", tmp_path, "--debug").err


def test_an_option_can_be_followed_by_a_folder_with_a_leading_dash(zimu: Zimu, tmp_path: Path) -> None:
    refused = zimu("run", "--", "-none-")
    assert refused.code == 3
    assert "no such folder" in refused.err


def test_models_list_shows_the_catalogue(zimu: Zimu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMU_MODELS__FOLDER", str(tmp_path))
    listed = zimu("models", "list", "--json").json
    assert {"whisper-base", "qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"} <= {one["name"] for one in listed}
    assert {one["state"] for one in listed} == {"absent"}
    assert "whisper-base" in zimu("models", "list").out


def test_a_model_that_is_not_in_the_catalogue_is_refused(zimu: Zimu) -> None:
    refused = zimu("models", "pull", "whisper-bas")
    assert refused.code == 2
    assert "whisper-base" in refused.err


def test_doctor_tells_the_state_of_every_need(zimu: Zimu) -> None:
    examined = zimu("doctor", "--json")
    assert examined.code in (0, 4)
    names = " ".join(check["name"] for check in examined.json)
    for need in ("ffmpeg", "libass", "font", "whisper", "memory", "disk", "GPU"):
        assert need in names
    assert all(check["remedy"] for check in examined.json if check["status"] != "ok")
