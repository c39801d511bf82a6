"""Rows of a cue: as few as hold the text, broken well, of similar length."""

from __future__ import annotations

import pytest

from pipeline.languages import find
from pipeline.subtitles.breaks import pieces
from pipeline.subtitles.rows import Typesetter


def _rows(text: str, tag: str, max_rows: int = 2) -> list[str] | None:
    language = find(tag)
    setter = Typesetter(pieces(text, language), language.profile.max_chars)
    layout = setter.lay_out(0, len(setter.pieces), max_rows)
    return None if layout is None else setter.text(layout).split("\n")


def test_a_text_that_fits_stays_on_one_row() -> None:
    assert _rows("A text of exactly forty-two characters ok.", "en") == ["A text of exactly forty-two characters ok."]


@pytest.mark.parametrize(
    ("text", "tag", "rows"),
    [
        ("But x86 was too complex, and ARM required licensing fees,", "en",
         ["But x86 was too complex,", "and ARM required licensing fees,"]),
        ("They thought it would take three months, but it ended up taking several years.", "en",
         ["They thought it would take three months,", "but it ended up taking several years."]),
        ("that each of its GPUs contains 10 to 40 small RISC-V cores.", "en",
         ["that each of its GPUs contains", "10 to 40 small RISC-V cores."]),
        ("3年で15か国の協同組合と契約を結びました。", "ja", ["3年で15か国の協同組合と", "契約を結びました"]),
    ],
)  # fmt: skip
def test_rows_are_broken_by_sense_and_of_similar_length(text: str, tag: str, rows: list[str]) -> None:
    assert _rows(text, tag) == rows


def test_what_two_rows_cannot_hold_is_not_laid_out() -> None:
    text = "word " * 30
    assert _rows(text, "en") is None
    assert len(_rows(text, "en", max_rows=4) or []) == 4


def test_exactly_as_many_rows_as_asked() -> None:
    setter = Typesetter(pieces("cats dogs bird fish frog goat", find("en")), 42)
    layout = setter.split(0, 6, 3)
    assert layout is not None
    assert setter.text(layout) == "cats dogs\nbird fish\nfrog goat"
    assert setter.split(0, 2, 3) is None
