"""What a window leaves in doubt once the text is forced into it, and is worth hearing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alignment.judging import Candidate, SpeechMs, loose_speech
from pipeline.alignment.saying import FIRST_TOKENS, LAST_TOKENS, Said

# Less speech than this is not worth hearing.
_LEAST_SPEECH_MS = 300
# A stretch was heard before if so much of it was.
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch to hear: between two places among the lines said (-1, and their number, at the window's edges).

    Attributes:
        low, high: the lines said before and after it; the same for one inside a line.
        start_ms, end_ms: from the window's start.
    """

    low: int
    high: int
    start_ms: int
    end_ms: int


def find_doubts(
    said: Sequence[Said], pace_ms: float, speech: SpeechMs, length_ms: int, listened: Sequence[tuple[int, int]]
) -> list[Doubt]:
    """The stretches of a window to hear: lines that are not sure, and speech that no line accounts for.

    Arguments:
        said: what was forced, each with tokens.
        pace_ms: what a syllable takes in this episode.
        speech: milliseconds of speech between two times of the window.
        length_ms: the window's length.
        listened: stretches that were heard before; they are not heard again.
    """
    islands = [place for place, one in enumerate(said) if one.sure]
    spans: dict[tuple[int, int], tuple[int, int]] = {}

    def add(low: int, high: int, start: int | None = None, end: int | None = None) -> None:
        edges = _edges(said, low, high, pace_ms, length_ms)
        own = edges[0] if start is None else start, edges[1] if end is None else end
        known = spans.get((low, high), own)
        spans[low, high] = min(own[0], known[0]), max(own[1], known[1])

    for place, one in enumerate(said):
        if not one.sure:
            add(*_around(islands, place - 1, place + 1, len(said)))
    candidates = [Candidate(one.part.weight, one.tokens) for one in said]
    for place, at, start, end in loose_speech(candidates, pace_ms, speech, length_ms):
        if place == len(said) or at <= FIRST_TOKENS:
            add(*_around(islands, place - 1, place, len(said)), end=end)
        elif at >= len(said[place].tokens) - LAST_TOKENS:
            add(*_around(islands, place, place + 1, len(said)), start=start)
        elif said[place].sure:
            add(place, place, start, end)
    return [
        Doubt(low, high, start, end)
        for (low, high), (start, end) in sorted(spans.items())
        if speech(start, end) >= _LEAST_SPEECH_MS and not _covered((start, end), listened)
    ]


def _edges(said: Sequence[Said], low: int, high: int, pace_ms: float, length_ms: int) -> tuple[int, int]:
    """From when until when what lies between two lines is said."""
    start = said[low].tokens[-1].to_ms if low >= 0 else 0
    end = round(said[high].tokens[0].to_ms - pace_ms) if high < len(said) else length_ms
    return start, max(start, end)


def _around(islands: Sequence[int], after: int, before: int, count: int) -> tuple[int, int]:
    """The last island up to place `after` and the first one from place `before` on."""
    low = max((place for place in islands if place <= after), default=-1)
    high = min((place for place in islands if place >= before and place > low), default=count)
    return low, high


def _covered(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether most of a span lies in others."""
    common = sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in others)
    return common >= _MOSTLY * (span[1] - span[0])
