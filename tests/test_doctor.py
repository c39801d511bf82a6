"""The doctor tells what is there, what is missing, and how to mend it."""

from __future__ import annotations

import shutil
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.doctor import Check, examine
from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.models import ModelStore, load_catalogue

CATALOGUE = load_catalogue(config_dir() / "models.toml")


def _by_name(checks: list[Check]) -> dict[str, Check]:
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def test_an_installed_zimu_has_its_programs_and_its_font(tmp_path: Path) -> None:
    checks = _by_name(examine(ModelStore(tmp_path, CATALOGUE), device="cpu"))
    for name in ("Python", "ffmpeg", "libass", "libx264", "mov_text", "font", "model folder", "GPU"):
        assert checks[name].status == "ok", checks[name]
    assert "Noto Sans CJK" in checks["font"].value


def test_it_takes_less_than_three_seconds(tmp_path: Path) -> None:
    started = time.monotonic()
    examine(ModelStore(tmp_path, CATALOGUE))
    assert time.monotonic() - started < 3


def test_whatever_is_not_ok_has_a_remedy(tmp_path: Path) -> None:
    checks = examine(ModelStore(tmp_path, CATALOGUE), device="cuda", ffmpeg="/nowhere/ffmpeg")
    assert all(check.remedy for check in checks if check.status != "ok")
    assert not any(check.remedy for check in checks if check.status == "ok")


def test_absent_models_are_a_warning_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    checks = _by_name(examine(ModelStore(tmp_path, CATALOGUE), device="cpu"))
    for name in ("whisper-base", "qwen2.5-coder-1.5b"):
        assert checks[f"model {name}"].status == "warning"
        assert f"zimu models pull {name}" in checks[f"model {name}"].remedy
    assert "147.9 MB" in checks["model whisper-base"].value
    assert "1.1 GB" in checks["model qwen2.5-coder-1.5b"].value


def test_a_present_model_is_shown_with_size_and_licence(whisper_base: Path) -> None:
    check = _by_name(examine(ModelStore(whisper_base.parent, CATALOGUE), device="cpu"))["model whisper-base"]
    assert check.status == "ok"
    assert "147.9 MB, MIT" in check.value


def test_the_models_looked_at_are_the_configured_ones(tmp_path: Path) -> None:
    checks = _by_name(examine(ModelStore(tmp_path, CATALOGUE), llm="qwen2.5-coder-0.5b", device="cpu"))
    assert "model qwen2.5-coder-0.5b" in checks
    assert "model qwen2.5-coder-1.5b" not in checks
    with pytest.raises(UsageError, match="Did you mean"):
        examine(ModelStore(tmp_path, CATALOGUE), llm="qwen2.5-coder-0.6b")


def test_a_damaged_model_is_seen(tmp_path: Path) -> None:
    (tmp_path / "whisper-base").mkdir()
    (tmp_path / "whisper-base" / "model.bin").write_bytes(b"half")
    check = _by_name(examine(ModelStore(tmp_path, CATALOGUE), device="cpu"))["model whisper-base"]
    assert check.status == "warning"
    assert "damaged" in check.value


def test_a_wrong_ffmpeg_setting_is_missing(tmp_path: Path) -> None:
    check = _by_name(examine(ModelStore(tmp_path, CATALOGUE), ffmpeg="/nowhere/ffmpeg"))["ffmpeg"]
    assert check.status == "missing"
    assert "media.ffmpeg" in check.remedy


def test_an_ffmpeg_without_libass_is_missing_that(tmp_path: Path) -> None:
    small = tmp_path / "ffmpeg"  # what a minimal build says of itself
    small.write_text("#!/bin/sh\necho 'ffmpeg version 6.0-minimal'\necho ' V....D mpeg4  MPEG-4 part 2'\n")
    small.chmod(small.stat().st_mode | stat.S_IXUSR)
    checks = _by_name(examine(ModelStore(tmp_path / "models", CATALOGUE), ffmpeg=str(small)))
    assert "6.0-minimal" in checks["ffmpeg"].value
    assert {checks[name].status for name in ("libass", "libx264", "mov_text")} == {"missing"}


def test_a_model_folder_that_cant_be_written_is_missing(tmp_path: Path) -> None:
    check = _by_name(examine(ModelStore(Path("/sys/zimu-models"), CATALOGUE)))["model folder"]
    assert check.status == "missing"
    assert "ZIMU_MODELS__FOLDER" in check.remedy


def test_too_little_memory_or_disk_is_a_warning_with_numbers(tmp_path: Path) -> None:
    model = CATALOGUE["whisper-base"]
    giant = replace(model, memory_mb=10**9, files=(replace(model.files[0], bytes=10**18),))
    catalogue = {**CATALOGUE, "whisper-base": giant}
    checks = _by_name(examine(ModelStore(tmp_path, catalogue), device="cpu"))
    assert checks["memory"].status == checks["disk for models"].status == "warning"
    assert "1,000,000,000" in checks["memory"].value


def test_asking_for_a_gpu_that_is_not_there_is_missing(tmp_path: Path) -> None:
    if shutil.which("nvidia-smi") is None:
        gpu = _by_name(examine(ModelStore(tmp_path, CATALOGUE), device="cuda"))["GPU"]
        assert gpu.status == "missing"
        assert "compute.device" in gpu.remedy
