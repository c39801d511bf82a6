"""An alignment as a TextGrid, read back with praatio."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from praatio import textgrid
from praatio.utilities.constants import Interval as PraatInterval

from pipeline.alignment import AlignedLine, Alignment, ExtraSpeech
from pipeline.alignment.exports import Interval, tile, to_textgrid

ALIGNMENT = Alignment(
    "zh-Hans",
    9000,
    "whisper-base",
    (
        AlignedLine(0, "说“你好", 100, 900, "ok", 0.987, ((100, 400), (400, 400), (400, 500), (500, 900))),
        AlignedLine(1, "再见", None, None, "unspoken", 0.5),
        AlignedLine(
            2, 'a "b"', 900, 1905, "check", 0.4, ((900, 905), (905, 910), (910, 910), (910, 1905), (1905, 1905))
        ),
    ),
    (ExtraSpeech(7000, 9000, "等\n一下", 0.75),),
)


def read(text: str, folder: Path) -> textgrid.Textgrid:
    path = folder / "alignment.TextGrid"
    path.write_text(text, encoding="utf-8")
    return textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")


def spans(tier: textgrid.IntervalTier) -> list[tuple[int, int, str]]:
    """A tier's intervals in milliseconds, the empty ones left out."""
    return [(round(one.start * 1000), round(one.end * 1000), one.label) for one in tier.entries if one.label]


def test_lines_and_remarks_come_back_with_their_times(tmp_path: Path) -> None:
    grid = read(to_textgrid(ALIGNMENT), tmp_path)
    assert grid.tierNames == ("lines", "characters", "extra speech")
    assert spans(grid.getTier("lines")) == [(100, 900, "说“你好"), (900, 1905, 'a "b"')]
    assert spans(grid.getTier("extra speech")) == [(7000, 9000, "等 一下")]


def test_characters_without_a_duration_stand_with_their_neighbours(tmp_path: Path) -> None:
    grid = read(to_textgrid(ALIGNMENT), tmp_path)
    # praatio drops the blanks around a label.
    assert spans(grid.getTier("characters")) == [
        (100, 400, "说"),
        (400, 500, "“你"),
        (500, 900, "好"),
        (900, 905, "a"),
        (910, 1905, '"b"'),
    ]


def test_every_tier_fills_the_episode(tmp_path: Path) -> None:
    for tier in read(to_textgrid(ALIGNMENT), tmp_path).tiers:
        entries: tuple[PraatInterval, ...] = tier.entries
        assert (entries[0].start, entries[-1].end) == (0.0, 9.0)
        assert all(left.end == right.start for left, right in pairwise(entries))


def test_quotes_are_doubled() -> None:
    assert 'text = "a ""b"""' in to_textgrid(ALIGNMENT)


def test_an_episode_without_words_has_empty_tiers(tmp_path: Path) -> None:
    grid = read(to_textgrid(Alignment("zh-Hans", 1500, "base", (), ())), tmp_path)
    assert [[tuple(one) for one in tier.entries] for tier in grid.tiers] == [[(0.0, 1.5, "")]] * 3


@pytest.mark.parametrize(
    ("intervals", "tiled"),
    [
        ([(0, 10)], [(0, 10, "0")]),
        ([(4, 6), (1, 3)], [(0, 1, ""), (1, 3, "1"), (3, 4, ""), (4, 6, "0"), (6, 10, "")]),
        ([(1, 5), (3, 8)], [(0, 1, ""), (1, 5, "0"), (5, 8, "1"), (8, 10, "")]),
        ([(1, 5), (2, 4), (5, 5), (9, 12)], [(0, 1, ""), (1, 5, "0"), (5, 9, ""), (9, 10, "3")]),
    ],
)
def test_a_tier_is_filled_up_and_cut_where_it_overlaps(
    intervals: list[tuple[int, int]], tiled: list[tuple[int, int, str]]
) -> None:
    given_ = [Interval(start, end, str(number)) for number, (start, end) in enumerate(intervals)]
    assert tile(given_, 10) == [Interval(*one) for one in tiled]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000))), st.integers(1, 1000))
def test_whatever_is_tiled_runs_from_beginning_to_end(pairs: list[tuple[int, int]], end_ms: int) -> None:
    tiled = tile([Interval(start, end, "x") for start, end in pairs], end_ms)
    assert tiled[0].start_ms == 0
    assert tiled[-1].end_ms == end_ms
    assert all(one.start_ms < one.end_ms for one in tiled)
    assert all(left.end_ms == right.start_ms for left, right in pairwise(tiled))
