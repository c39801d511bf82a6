"""What a run tells of itself to those who watch its episode."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.progress import SilentReporter
from pipeline.underway import NAME, read_underway, told


def test_a_run_tells_what_it_does_and_nothing_is_left_of_that(tmp_path: Path) -> None:
    assert read_underway(tmp_path) is None
    with told(SilentReporter(), tmp_path) as reporter, reporter.task("translate en", 12, "units") as task:
        task.update(3)
        state = read_underway(tmp_path)
        assert state is not None
        assert (state.label, state.total, state.unit) == ("translate en", 12, "units")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_killed_is_no_run(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / NAME).write_text(json.dumps({"pid": ended.pid}), encoding="utf-8")
    assert read_underway(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', '{"pid": -1, "more": 2}', '{"pid": 1e400}'])
def test_a_file_that_is_none_of_ours_is_no_run(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    assert read_underway(tmp_path) is None


def test_a_disk_that_can_not_be_written_stops_no_run(tmp_path: Path) -> None:
    with told(SilentReporter(), tmp_path / "gone") as reporter, reporter.task("align", None, "seconds") as task:
        task.update(1)
