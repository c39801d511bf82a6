"""When a unit is spoken: which share of its text is heard by which time."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from pipeline.alignment.result import AlignedLine
from pipeline.subtitles.source import character_times

# Names and numbers stay what they are in a translation: RISC-V, 2010, RVA23. One of a single letter says nothing.
_ANCHOR = regex.compile(r"[\p{Latin}\p{Nd}]+(?:[-.+/_][\p{Latin}\p{Nd}]+)*")
_CLAUSE_START = regex.compile(r"^\S|(?<=[，。！？；：,!?;:]\s*)[^\s，。！？；：,!?;:]")
# Word order differs between languages. A name whose place differs by more than this share of the unit was moved,
# and says nothing about the words around it.
_MOVED = 0.25


@dataclass(frozen=True, slots=True)
class Speech:
    """The speech of some lines, one after the other, silences left out.

    Attributes:
        spans: (start_ms, end_ms) of each spoken line.
        anchors: (share of the translation, share of the speech) of names and numbers that both texts have,
            rising in both; the ends are (0, 0) and (1, 1).
    """

    spans: tuple[tuple[int, int], ...]
    anchors: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
    _heard: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_heard", [0, *itertools.accumulate(end - start for start, end in self.spans)])

    @property
    def starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    def time(self, share: float) -> int:
        """When this share of a translation is due: proportional to the speech between the anchors."""
        right = max(1, min(len(self.anchors) - 1, bisect.bisect_right(self.anchors, (share, 2.0))))
        (text_a, heard_a), (text_b, heard_b) = self.anchors[right - 1], self.anchors[right]
        part = (share - text_a) / max(text_b - text_a, 1e-9)
        return self._moment((heard_a + (heard_b - heard_a) * part) * self._heard[-1])

    def end_before(self, moment: int) -> int:
        """The last moment of speech up to `moment`."""
        ends = [min(end, moment) for start, end in self.spans if start < moment]
        return max(ends, default=moment)

    def silence(self, start_ms: int, end_ms: int) -> int:
        """The longest silence between two lines that lies within these times, in milliseconds."""
        pauses = (b - a for (_, a), (b, _) in itertools.pairwise(self.spans) if start_ms < a and b < end_ms)
        return max(pauses, default=0)

    def ahead(self, start_ms: int, end_ms: int) -> int:
        """How long after `start_ms` the last line begins that begins between these times, in milliseconds."""
        inner = bisect.bisect_left(self.spans, (end_ms,)) - 1
        return max(0, self.spans[inner][0] - start_ms) if inner >= 0 else 0

    def _moment(self, heard: float) -> int:
        place = min(len(self.spans) - 1, max(0, bisect.bisect_right(self._heard, heard) - 1))
        start, end = self.spans[place]
        return min(end, start + round(heard - self._heard[place]))


def speech_of(lines: Sequence[AlignedLine], translation: str, clauses: Sequence[float]) -> Speech | None:
    """The speech of a unit's lines, tied to its translation; None where none of them is spoken.

    `clauses`: the shares of the translation at which its clauses start, but for the first. Where there are as
    many as the lines have (the author ends a line with a clause), they are taken to say the same one by one.
    """
    spoken = [line for line in lines if line.start_ms is not None and line.end_ms is not None]
    if not spoken:
        return None
    spans = tuple((line.start_ms or 0, line.end_ms or 0) for line in spoken)
    shares = _Shares(spoken, spans)
    pairs = _names(spoken, shares, translation)
    if len(clauses) == len(spoken_clauses := _clauses(spoken, shares)):
        pairs += zip(clauses, spoken_clauses, strict=True)
    return Speech(spans, ((0.0, 0.0), *_rising(sorted(pairs)), (1.0, 1.0)))


@dataclass(frozen=True, slots=True)
class _Shares:
    """Where each character is in the speech of the lines, 0 to 1."""

    lines: Sequence[AlignedLine]
    spans: Sequence[tuple[int, int]]

    def at(self, line: int, char: int) -> float:
        """The share of the speech before a character of a line."""
        lengths = [max(1, end - start) for start, end in self.spans]
        start, end = self.spans[line]
        inside = min(max(character_times(self.lines[line])[char][0] - start, 0), end - start)
        return (sum(lengths[:line]) + inside) / sum(lengths)


def _clauses(spoken: Sequence[AlignedLine], shares: _Shares) -> list[float]:
    """The shares of the speech at which its clauses start, but for the first: at lines and after marks."""
    starts = [
        (place, match.start()) for place, line in enumerate(spoken) for match in _CLAUSE_START.finditer(line.text)
    ]
    return [shares.at(*start) for start in starts[1:]]


def _names(spoken: Sequence[AlignedLine], shares: _Shares, translation: str) -> list[tuple[float, float]]:
    """(share of the translation, share of the speech) of each name or number that both have once."""
    heard: dict[str, list[float]] = {}
    for place, line in enumerate(spoken):
        for match in _ANCHOR.finditer(line.text):
            heard.setdefault(match[0].casefold(), []).append(shares.at(place, match.start()))
    written: dict[str, list[float]] = {}
    for match in _ANCHOR.finditer(translation):
        written.setdefault(match[0].casefold(), []).append(match.start() / len(translation))
    return sorted(
        (written[name][0], heard[name][0])
        for name in written.keys() & heard.keys()
        if len(name) > 1 and len(written[name]) == len(heard[name]) == 1
    )


def _rising(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The longest run of pairs that rises in both shares, without those that were moved."""
    near = [pair for pair in pairs if abs(pair[0] - pair[1]) <= _MOVED and 0 < pair[0] < 1 and 0 < pair[1] < 1]
    chains: list[list[tuple[float, float]]] = []
    for pair in near:
        fitting = [chain for chain in chains if chain[-1][0] < pair[0] and chain[-1][1] < pair[1]]
        chains.append([*max(fitting, key=len, default=[]), pair])
    return max(chains, key=len, default=[])
