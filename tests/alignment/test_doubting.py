"""What is worth hearing: lines that are not sure, and speech that no line accounts for."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.alignment.doubting import Doubt, find_doubts
from pipeline.alignment.saying import Said
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.whisper import Token
from tests.alignment.simulated import CLASSIC, LANGUAGE

PACE = 200.0
PARTS = Script(CLASSIC[:4], LANGUAGE).between(Cursor(0), Cursor(4))


def said(place: int, ends: Sequence[int], log_prob: float = -0.1, coverage: float | None = None) -> Said:
    """A line whose tokens end at these times."""
    starts = [ends[0] - 200, *ends[:-1]]
    tokens = tuple(
        Token(at, at + 1, start, end, log_prob) for at, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return Said.of(PARTS[place], tokens, PACE, coverage)


def steady(place: int, start_ms: int, log_prob: float = -0.1, coverage: float | None = None) -> Said:
    """A line of eight syllables of 200 ms."""
    return said(place, [start_ms + 200 * k for k in range(1, 9)], log_prob, coverage)


def doubts(
    lines: Sequence[Said], length: int, listened: Sequence[tuple[int, int]] = (), silent: tuple[int, int] = (0, 0)
) -> list[Doubt]:
    """There is speech all the time, but between two times."""

    def speech(start_ms: int, end_ms: int) -> int:
        return max(0, end_ms - start_ms) - max(0, min(end_ms, silent[1]) - max(start_ms, silent[0]))

    return find_doubts(lines, PACE, speech, length, listened)


def test_lines_that_are_sure_and_fill_the_window_leave_no_doubt() -> None:
    assert doubts([steady(0, 0), steady(1, 1600), steady(2, 3200)], 5000) == []


def test_a_line_that_fits_badly_is_heard_between_its_neighbours() -> None:
    lines = [steady(0, 0), steady(1, 1600, -1.8), steady(2, 3200)]
    assert doubts(lines, 5000) == [Doubt(0, 2, 1600, 3200)]


def test_lines_in_doubt_beside_each_other_are_one_doubt() -> None:
    lines = [steady(0, 0), steady(1, 1600, -1.8), steady(2, 3200, -1.8), steady(3, 4800)]
    assert doubts(lines, 6400) == [Doubt(0, 3, 1600, 4800)]


def test_a_line_in_doubt_at_an_edge_is_heard_from_or_to_that_edge() -> None:
    assert doubts([steady(0, 0, -1.8), steady(1, 1600)], 3200) == [Doubt(-1, 1, 0, 1600)]
    assert doubts([steady(0, 0), steady(1, 1600, -1.8)], 3200) == [Doubt(0, 2, 1600, 3200)]


def test_a_line_that_somebody_listened_to_is_in_doubt_no_more() -> None:
    assert doubts([steady(0, 0), steady(1, 1600, -1.8, coverage=0.5), steady(2, 3200)], 4800) == []


def test_speech_before_between_and_after_the_lines_is_heard() -> None:
    assert doubts([steady(0, 3000), steady(1, 4600)], 6200) == [Doubt(-1, 0, 0, 3000)]
    assert doubts([steady(0, 0), steady(1, 4000)], 5600) == [Doubt(0, 1, 1600, 4000)]
    assert doubts([steady(0, 0), steady(1, 1600)], 6200) == [Doubt(1, 2, 3200, 6200)]
    assert doubts([], 6200) == [Doubt(-1, 0, 0, 6200)]


def test_silence_is_not_heard() -> None:
    assert doubts([steady(0, 0), steady(1, 4000)], 5600, silent=(1600, 4000)) == []
    assert doubts([], 6200, silent=(0, 6200)) == []


def test_speech_inside_a_line_is_a_doubt_of_that_line_alone() -> None:
    ends = [200, 400, 600, 800, 3000, 3200, 3400, 3600]
    assert doubts([said(0, ends, coverage=1.0), steady(1, 3600)], 5200) == [Doubt(0, 0, 800, 2800)]


def test_a_word_drawn_away_from_its_line_belongs_to_what_is_said_beside_it() -> None:
    first_away = [200, 3000, 3200, 3400, 3600, 3800, 4000, 4200]
    (doubt,) = doubts([steady(0, -1600), said(1, first_away, coverage=1.0)], 4200)
    assert (doubt.low, doubt.high) == (0, 1)
    last_away = [200, 400, 600, 800, 1000, 1200, 1400, 4200]
    (doubt,) = doubts([said(0, last_away, coverage=1.0), steady(1, 4200)], 5800)
    assert (doubt.low, doubt.high, doubt.start_ms) == (0, 1, 1400)


def test_what_was_heard_before_is_not_heard_again() -> None:
    lines = [steady(0, 0), steady(1, 4000)]
    assert doubts(lines, 5600, [(1500, 3700)]) == []
    assert doubts(lines, 5600, [(1500, 2400)]) == [Doubt(0, 1, 1600, 4000)]
