"""Windows hold all speech, fit the model, and end in pauses."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.activity import Span
from pipeline.alignment.windows import cut_windows


@st.composite
def speech(draw: st.DrawFn) -> list[Span]:
    at, spans = 0, []
    for pause, length in draw(st.lists(st.tuples(st.integers(0, 9000), st.integers(100, 70_000)), max_size=25)):
        spans.append(Span(at + pause, at + pause + length))
        at += pause + length
    return spans


@given(speech())
def test_windows_hold_all_speech_without_overlap_and_fit_the_model(spans: list[Span]) -> None:
    windows = cut_windows(spans)
    assert all(0 < window.duration_ms <= 29_000 for window in windows)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(windows))
    covered = sum(
        max(0, min(span.end_ms, window.end_ms) - max(span.start_ms, window.start_ms))
        for span in spans
        for window in windows
    )
    assert covered == sum(span.duration_ms for span in spans)


def test_a_window_ends_in_the_longest_pause_within_reach() -> None:
    spans = [Span(0, 15_000), Span(15_900, 20_000), Span(20_100, 28_000), Span(28_200, 40_000)]
    assert cut_windows(spans) == [Span(0, 15_000), Span(15_900, 40_000)]


def test_a_long_silence_is_in_no_window() -> None:
    assert cut_windows([Span(1_000, 3_000), Span(9_000, 12_000)]) == [Span(1_000, 3_000), Span(9_000, 12_000)]
