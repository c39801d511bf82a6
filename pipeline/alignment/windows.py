"""The stretches of sound that the speech model sees at once, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.alignment.activity import Span

#: The encoder takes 30 s.
MAX_WINDOW_MS = 29_000
# The encoder's cost for each second almost doubles from 15 s to 29 s (attention is quadratic); below about 10 s the
# decoder has too little to go by. Within these lengths a good pause decides.
_GOOD_MS = 9_000
_DEAR_MS = 13_000
_DEAR_PER_SECOND = 0.15
# A silence of this length always ends a window: it need not be encoded.
_LONG_SILENCE_MS = 4_000


def cut_windows(speech: Sequence[Span], *, max_ms: int = MAX_WINDOW_MS) -> list[Span]:
    """Windows of at most `max_ms` that together hold all of `speech`, in order, none overlapping.

    A window ends in the longest pause within reach; speech without any pause for `max_ms` is cut hard.
    """
    queue = _cut_long(speech, max_ms)
    windows: list[Span] = []
    first = 0
    while first < len(queue):
        last = _best_last(queue, first, max_ms)
        windows.append(Span(queue[first].start_ms, queue[last].end_ms))
        first = last + 1
    return windows


def _best_last(spans: Sequence[Span], first: int, max_ms: int) -> int:
    """The place of the last span of the window that begins with span `first`."""
    start = spans[first].start_ms
    best, best_score = first, -1.0
    for last in range(first, len(spans)):
        length = spans[last].end_ms - start
        if length > max_ms:
            break
        pause = spans[last + 1].start_ms - spans[last].end_ms if last + 1 < len(spans) else _LONG_SILENCE_MS
        if pause >= _LONG_SILENCE_MS:
            return last
        score = min(pause, 1000) / 1000 + min(length, _GOOD_MS) / _GOOD_MS
        score -= max(0, length - _DEAR_MS) / 1000 * _DEAR_PER_SECOND
        if score >= best_score:
            best, best_score = last, score
    return best


def _cut_long(spans: Sequence[Span], max_ms: int) -> list[Span]:
    cut: list[Span] = []
    for span in spans:
        start = span.start_ms
        while span.end_ms - start > max_ms:
            cut.append(Span(start, start + max_ms))
            start += max_ms
        cut.append(Span(start, span.end_ms))
    return cut
