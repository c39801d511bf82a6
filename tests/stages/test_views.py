"""An aligned episode's picture and TextGrid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.alignment import AlignedLine, Alignment
from pipeline.episode import open_episode
from pipeline.errors import EpisodeError
from pipeline.job import Job, Workbench
from pipeline.progress import SilentReporter
from pipeline.stages.views import draw, export_textgrid
from tests.episodes import LINES, SHORT_LINES, make_episode

TRUTH = Path(__file__).parent.parent / "alignment" / "data" / "riscv.json"


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    """The first 14 seconds of the sample, its lines at their true times."""
    folder = make_episode(tmp_path / "episode")
    true = json.loads(TRUTH.read_text(encoding="utf-8"))["lines"][:SHORT_LINES]
    lines = tuple(
        AlignedLine(index, line["text"], line["start_ms"], line["end_ms"], "ok", 1.0) for index, line in enumerate(true)
    )
    Alignment("zh-Hans", 14_100, "whisper-base", lines, ()).save(folder / "zimu" / "alignment.json")
    return folder


def job(folder: Path) -> Job:
    return Job(open_episode(folder), Workbench(), SilentReporter())


def test_the_picture_lies_beside_the_alignment(episode: Path) -> None:
    path = draw(job(episode))
    assert path == episode / "zimu" / "alignment.png"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_textgrid_lies_beside_the_alignment(episode: Path) -> None:
    path = export_textgrid(job(episode))
    assert path == episode / "zimu" / "alignment.TextGrid"
    assert f'text = "{LINES[0]}"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("make", [draw, export_textgrid])
def test_an_episode_that_is_not_aligned_is_refused(make, tmp_path: Path) -> None:
    with pytest.raises(EpisodeError, match="not aligned yet"):
        make(job(make_episode(tmp_path / "episode")))


def test_rows_of_another_transcript_are_not_drawn(episode: Path) -> None:
    (episode / "transcript.txt").write_text("另一句话\n", encoding="utf-8")
    with pytest.raises(EpisodeError, match="has changed"):
        draw(job(episode))
