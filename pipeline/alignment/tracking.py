"""Follow the transcript through the windows: force what should come next, and listen only where that fails.

A stretch of windows whose forced text is not convincing is decoded freely and matched to its part of the transcript
as a whole, as soon as a convincing window, or the end, closes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.alignment.activity import Span
from pipeline.alignment.judging import Candidate, doubts, split
from pipeline.alignment.laying import LaidLine, moved
from pipeline.alignment.listening import Listener
from pipeline.alignment.placing import Extra, Heard, furthest_heard, weight
from pipeline.alignment.resolving import resolve
from pipeline.alignment.script import Cursor, Part, Script
from pipeline.alignment.whisper import Token

# How much text is tried in a window, over what should fill it: half as much again, and a short line.
_SLACK, _SLACK_WEIGHT = 1.4, 6.0
# How far ahead the words of a lost stretch are looked for, over their own number, and how many windows back.
_SEARCH, _SEARCH_WEIGHT, _SEARCH_WINDOWS = 2.0, 150.0, 3
# Milliseconds for a syllable that any speaker stays within.
_SLOWEST_MS, _FASTEST_MS = 500.0, 100.0
# A line is not cut between two windows less than this many syllables from its begin or end.
_LEAST_PART = 2.0
# Over a long pause a line hardly ever goes on with less than this; what seems left of it was misheard before.
_LONG_PAUSE_MS, _LEAST_PART_OVER_PAUSE = 1_500, 4.0


@dataclass
class _Stretch:
    """Windows in work that forcing did not settle, with what was heard, and where the script stood before each."""

    windows: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)


@dataclass
class Tracked:
    """What was found on the way.

    Attributes:
        tokens: of every line that was laid (negative numbers: words nobody wrote), on the player's clock.
        heard: for every line the (weight, coverage) of its parts; None for a part that forcing settled.
        extras: words nobody wrote.
        forced: how many windows forcing alone settled.
    """

    tokens: dict[int, list[Token]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[int, list[tuple[float, float | None]]] = field(default_factory=lambda: defaultdict(list))
    extras: list[Extra] = field(default_factory=list)
    forced: int = 0

    def laid(self) -> list[LaidLine]:
        """Lines and words nobody wrote in the order they are said."""
        lines = [LaidLine.of(line, tokens) for line, tokens in self.tokens.items() if tokens]
        return sorted(lines, key=lambda line: (line.onset[0], line.offset[1], line.line))


class Tracker:
    """Goes through an episode's windows once."""

    def __init__(self, script: Script, listener: Listener, speech: Sequence[Span], *, extra_weight: float) -> None:
        self._script, self._listener, self._extra_weight = script, listener, extra_weight
        self._speech = speech
        self._speech_ends = [span.end_ms for span in speech]
        self._starts = [window.start_ms for window in listener.windows]
        self._said_ms = float(sum(span.duration_ms for span in speech))
        self._said_weight = max(1.0, script.weight)
        self._settled = False
        self._found = Tracked()

    def run(self, progress: Callable[[int], None]) -> Tracked:
        """Follow the whole script; `progress` is told the windows done."""
        cursor, stretch = Cursor(0), _Stretch()
        for window in range(len(self._starts)):
            taken = self._try(window, cursor)
            if taken:
                self._close(stretch, cursor)
                stretch = _Stretch()
                cursor = self._accept(window, taken)
            else:
                stretch.windows.append(window)
                stretch.cursors.append(cursor)
                stretch.heard.append(self._listener.hear(window))
                cursor = self._guess(stretch)
            progress(window + 1)
        self._close(stretch, self._script.end)
        return self._found

    def speech_ms(self, start_ms: int, end_ms: int) -> int:
        """How much speech there is between two times."""
        total = 0
        for span in self._speech[bisect_right(self._speech_ends, start_ms) :]:
            if span.start_ms >= end_ms:
                break
            total += min(end_ms, span.end_ms) - max(start_ms, span.start_ms)
        return total

    @property
    def _pace(self) -> float:
        """Milliseconds a syllable: of all speech and all text until something is settled, then of what is."""
        return min(_SLOWEST_MS, max(_FASTEST_MS, self._said_ms / self._said_weight))

    def _try(self, window: int, cursor: Cursor) -> list[tuple[Part, tuple[Token, ...]]]:
        """The lines that a window says, if its own numbers say so convincingly; else nothing."""
        span = self._listener.windows[window]
        expected = self.speech_ms(span.start_ms, span.end_ms) / self._pace
        parts = self._script.ahead(cursor, expected * _SLACK + _SLACK_WEIGHT)
        parts = [part for part in parts if part.weight]
        if not parts:
            return []
        tokens = self._listener.force(window, [part.text for part in parts])
        candidates = [Candidate(part.weight, tuple(own)) for part, own in zip(parts, tokens, strict=True)]
        place = split(candidates, self._pace)
        taken = list(zip(parts, (one.tokens for one in candidates), strict=True))[: place.lines]
        if place.tokens:
            taken.append(_first(parts[place.lines], candidates[place.lines].tokens[: place.tokens]))
        reasons = doubts(
            [Candidate(part.weight, own) for part, own in taken],
            [] if place.tokens else candidates[place.lines :],
            self._pace,
            lambda start, end: self.speech_ms(span.start_ms + start, span.start_ms + end),
            span.duration_ms,
        )
        return [] if reasons else taken

    def _accept(self, window: int, taken: Sequence[tuple[Part, tuple[Token, ...]]]) -> Cursor:
        span = self._listener.windows[window]
        if not self._settled:
            self._said_ms = self._said_weight = 0.0
            self._settled = True
        self._said_ms += self.speech_ms(span.start_ms, span.end_ms)
        self._said_weight += sum(part.weight for part, _ in taken)
        for part, tokens in taken:
            self._found.tokens[part.line] += [moved(token, part.start, span.start_ms) for token in tokens]
            self._found.heard[part.line].append((part.weight, None))
        self._found.forced += 1
        last = taken[-1][0]
        return self._script.cursor(last.line, last.start + len(last.text), _LEAST_PART)

    def _guess(self, stretch: _Stretch) -> Cursor:
        """Where the script probably stands after the last window of a stretch."""
        recent = slice(-_SEARCH_WINDOWS, None)
        start, heard = stretch.cursors[recent][0], stretch.heard[recent]
        words = sum(weight(part.normalised.symbols) for part in heard)
        parts = self._script.ahead(start, words * _SEARCH + _SEARCH_WEIGHT)
        if not parts:
            return stretch.cursors[-1]
        found = furthest_heard(
            [part.text for part in parts], [part.normalised for part in parts], heard, first_line=start.line
        )
        if found is None:
            return stretch.cursors[-1]
        line, at = found
        least = _LEAST_PART if self._pause_after(stretch.windows[-1]) < _LONG_PAUSE_MS else _LEAST_PART_OVER_PAUSE
        return max(start, self._script.cursor(line, at + (start.at if line == start.line else 0), least))

    def _pause_after(self, window: int) -> int:
        windows = self._listener.windows
        return windows[window + 1].start_ms - windows[window].end_ms if window + 1 < len(windows) else 0

    def _close(self, stretch: _Stretch, end: Cursor) -> None:
        """Settle a stretch, whose lines are those up to `end`."""
        if not stretch.windows:
            return
        start = stretch.cursors[0]
        parts = self._script.between(start, end)
        borders = self._starts[stretch.windows[0]], self._listener.windows[stretch.windows[-1]].end_ms
        resolved = resolve(
            parts,
            stretch.heard,
            first_line=start.line,
            borders=borders,
            extra_weight=self._extra_weight,
            speech_ms=self.speech_ms,
            starts_ms=self._starts,
            force=self._listener.force,
            first_extra=len(self._found.extras),
        )
        for place in resolved.places:
            self._found.heard[place.line].append((place.weight, place.coverage))
        for laid in resolved.laid:
            self._found.tokens[laid.line] += laid.tokens
        self._found.extras += resolved.extras


def _first(part: Part, tokens: tuple[Token, ...]) -> tuple[Part, tuple[Token, ...]]:
    """The beginning of a part, as far as its tokens go."""
    until = tokens[-1].end
    share = until / len(part.text)
    return replace(part, text=part.text[:until], weight=part.weight * share), tokens
