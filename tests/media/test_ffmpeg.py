"""Running the ffmpeg program: found, watched, stopped, and its failures put into words."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError, MissingError
from pipeline.media import features, find_ffmpeg, run_ffmpeg
from tests.media.make import picture, sound


class Steps:
    def __init__(self) -> None:
        self.done: list[float] = []

    def update(self, done: float, total: float | None = None) -> None:
        self.done.append(done)


class Interrupt:
    def update(self, done: float, total: float | None = None) -> None:
        raise KeyboardInterrupt


def running(marker: str) -> list[str]:
    """Command lines of programs of this machine that name `marker`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line and str(os.getpid()) != path.parent.name:
            found.append(line)
    return found


def test_the_program_comes_with_the_install() -> None:
    program = find_ffmpeg()
    assert program.is_file()
    assert {"subtitles", "scale", "pad"} <= features(program).filters
    assert {"libx264", "mov_text", "aac"} <= features(program).encoders


def test_a_setting_that_names_no_program_is_an_error_and_not_a_fallback(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no ffmpeg at"):
        find_ffmpeg(str(tmp_path / "ffmpeg"))


def test_a_program_that_does_not_run_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(MissingError, match="does not run"):
        features(find_ffmpeg(str(broken)))


def test_progress_is_told_in_seconds(tmp_path: Path) -> None:
    steps = Steps()
    run_ffmpeg(find_ffmpeg(), [*sound(30), "a.wav"], cwd=tmp_path, task=steps, total_s=30)
    assert steps.done == sorted(steps.done)
    assert abs(steps.done[-1] - 30) < 0.1


def test_a_failure_has_ffmpegs_own_reason(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no media")
    with pytest.raises(EpisodeError, match=r"moov|Invalid data") as failure:
        run_ffmpeg(find_ffmpeg(), ["-f", "mov", "-i", "a.mp4", "b.wav"], cwd=tmp_path, where="b.wav")
    assert failure.value.where == "b.wav"
    assert failure.value.remedy


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(EpisodeError, match="disk is full"):
        run_ffmpeg(find_ffmpeg(), [*sound(30), "-f", "wav", "/dev/full"], cwd=tmp_path)


@pytest.mark.timeout(60)
def test_a_program_that_stands_still_is_stopped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never.wav")
    with pytest.raises(EpisodeError, match="no progress"):
        run_ffmpeg(find_ffmpeg(), ["-i", "never.wav", "-f", "null", "-"], cwd=tmp_path, stall_s=1.5)
    assert not running("never.wav")


@pytest.mark.timeout(60)
def test_an_interruption_ends_the_program(tmp_path: Path) -> None:
    name = f"interrupted-{os.getpid()}.mkv"
    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg(
            find_ffmpeg(),
            [*picture(3600, "640x360"), "-threads", "1", name],
            cwd=tmp_path,
            task=Interrupt(),
        )
    deadline = time.monotonic() + 5
    while running(name) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(name)
