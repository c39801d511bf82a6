"""Edges go to where the energy falls and rises, and no further than they may."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.activity import Span
from pipeline.alignment.edges import Rough, Sound, snap


def energy(*parts: tuple[int, float]) -> np.ndarray:
    """Levels in dB, each for so many milliseconds."""
    return np.concatenate([np.full(ms // 5, level, np.float32) for ms, level in parts])


def sound(energy: np.ndarray, voice: np.ndarray | None = None) -> Sound:
    """A sound of that energy; where nothing is said of it, voice is what is loud."""
    return Sound(energy, (energy > -40).astype(np.float32) if voice is None else voice)


def test_a_pause_belongs_to_neither_line() -> None:
    level = energy((500, -90), (1000, -20), (400, -90), (1000, -22), (500, -90))
    lines = [Rough((380, 640), (1300, 1420)), Rough((1700, 2060), (2700, 2850))]
    assert snap(lines, sound(level), max_shift_ms=500) == [Span(500, 1500), Span(1900, 2900)]


def test_lines_without_a_pause_meet_in_the_quietest_place() -> None:
    level = energy((1000, -20), (30, -32), (1000, -20))
    level[200] = -60
    first, second = snap(
        [Rough((0, 200), (800, 960)), Rough((980, 1160), (1800, 2020))], sound(level), max_shift_ms=500
    )
    assert first.end_ms in (1000, 1005)
    assert second.start_ms in (1000, 1005)


def test_a_soft_pause_over_music_is_found_too() -> None:
    level = energy((600, -38), (1000, -20), (300, -36), (1000, -20), (600, -38))
    lines = [Rough((500, 700), (1400, 1560)), Rough((1850, 2000), (2700, 2900))]
    assert snap(lines, sound(level), max_shift_ms=500) == [Span(600, 1600), Span(1900, 2900)]


def test_a_breath_after_a_line_belongs_to_the_pause() -> None:
    level = energy((500, -90), (1000, -20), (300, -90), (80, -35), (600, -90), (1000, -20), (500, -90))
    lines = [Rough((480, 640), (1300, 1450)), Rough((2400, 2600), (3300, 3450))]
    spoken = (level > -30).astype(np.float32)
    assert snap(lines, sound(level, spoken), max_shift_ms=500) == [Span(500, 1500), Span(2480, 3480)]


def test_the_last_sound_of_a_line_belongs_to_the_line() -> None:
    level = energy((500, -90), (1000, -20), (60, -90), (40, -35), (600, -90), (1000, -20), (500, -90))
    lines = [Rough((480, 640), (1300, 1450)), Rough((2150, 2300), (3000, 3150))]
    spoken = (level > -50).astype(np.float32)
    assert snap(lines, sound(level, spoken), max_shift_ms=500) == [Span(500, 1600), Span(2200, 3200)]


def test_an_edge_does_not_follow_the_sound_beyond_its_bound() -> None:
    level = energy((6000, -20))
    (only,) = snap([Rough((2000, 2200), (3800, 4000))], sound(level), max_shift_ms=300)
    assert only.start_ms >= 1700
    assert only.end_ms <= 4300


@st.composite
def rough_lines(draw: st.DrawFn) -> list[Rough]:
    at, lines = 0, []
    for steps in draw(st.lists(st.lists(st.integers(0, 1500), min_size=4, max_size=4), max_size=12)):
        a, b, c, d = list(itertools.accumulate(steps, initial=at))[1:]
        lines.append(Rough((a, b), (c, d)))
        at = d
    return lines


@given(rough_lines(), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_spans_are_in_order_and_inside_the_sound(lines: list[Rough], seed: int) -> None:
    length = max([line.offset[1] for line in lines], default=0) + 1000
    level = np.random.default_rng(seed).uniform(-90, -10, length // 5).astype(np.float32)
    spans = snap(lines, sound(level), max_shift_ms=500)
    assert len(spans) == len(lines)
    for span in spans:
        assert 0 <= span.start_ms <= span.end_ms <= length
    for before, after in itertools.pairwise(spans):
        assert before.end_ms <= after.start_ms
