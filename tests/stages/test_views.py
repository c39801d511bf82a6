"""An aligned episode's picture and TextGrid."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import EpisodeError
from pipeline.stages.views import draw, export_textgrid
from tests.episodes import LINES, make_episode
from tests.stages.aligned import aligned_episode, job


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    return aligned_episode(tmp_path / "episode")


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
