"""An alignment survives its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.alignment import AlignedLine, Alignment, ExtraSpeech
from pipeline.errors import EpisodeError

RESULT = Alignment(
    "zh-Hans",
    9000,
    "whisper-base",
    (
        AlignedLine(0, "你好", 100, 900, "ok", 0.987, ((100, 500), (500, 900))),
        AlignedLine(1, "再见", None, None, "unspoken", 0.5),
    ),
    (ExtraSpeech(1000, 2000, "等一下", 0.75),),
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    RESULT.save(tmp_path / "alignment.json")
    assert Alignment.load(tmp_path / "alignment.json") == RESULT


@pytest.mark.parametrize("text", ["", "{}", '{"version": 99}', "[]", '{"version": 1, "language": "zh"}'])
def test_a_damaged_file_is_refused_with_a_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "alignment.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EpisodeError, match="Make it again"):
        Alignment.load(path)
