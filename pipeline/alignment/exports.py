"""An alignment in the format of another program: Praat's TextGrid.

The format is written here, not by a library: praatio saves to a path only and drops the blanks around a label, and the
format is one loop. The tests read it back with praatio.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.alignment.result import AlignedLine, Alignment


@dataclass(frozen=True, slots=True)
class Interval:
    """A labelled stretch of a tier."""

    start_ms: int
    end_ms: int
    text: str


def to_textgrid(alignment: Alignment) -> str:
    """The alignment as a long TextGrid with the tiers lines, characters and extra speech.

    Each tier's intervals fill the time from 0 to the episode's end without overlap, with empty ones between; times are
    seconds with three digits. Lines never spoken are not in it. Characters without a duration, as punctuation has,
    stand in the label of the character beside them. The text is UTF-8's, which Praat knows.

    Source: Praat's manual, "TextGrid file formats".
    """
    end_ms = max(1, alignment.duration_ms)
    lines = [Interval(line.start_ms, line.end_ms, line.text) for line in alignment.lines
             if line.start_ms is not None and line.end_ms is not None]  # fmt: skip
    characters = [interval for line in alignment.lines for interval in _characters(line)]
    extra = [Interval(one.start_ms, one.end_ms, " ".join(one.text.split())) for one in alignment.extra]
    tiers = {"lines": lines, "characters": characters, "extra speech": extra}
    rows = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_seconds(end_ms)}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, (name, intervals) in enumerate(tiers.items(), start=1):
        rows.append(f"    item [{number}]:")
        rows.extend(_tier(name, tile(intervals, end_ms), end_ms))
    return "\n".join(rows) + "\n"


def tile(intervals: Iterable[Interval], end_ms: int) -> list[Interval]:
    """The intervals in order of time, filled up with empty ones to run from 0 to `end_ms`.

    What overlaps the one before begins at that one's end; what is left with no duration goes.
    """
    tiled: list[Interval] = []
    at = 0
    for interval in sorted(intervals, key=lambda interval: (interval.start_ms, interval.end_ms)):
        start, end = max(at, interval.start_ms), min(end_ms, interval.end_ms)
        if end <= start:
            continue
        if start > at:
            tiled.append(Interval(at, start, ""))
        tiled.append(Interval(start, end, interval.text))
        at = end
    if at < end_ms:
        tiled.append(Interval(at, end_ms, ""))
    return tiled


def _characters(line: AlignedLine) -> Iterator[Interval]:
    """A line's characters; those without a duration with the one after them, the last ones with the one before."""
    waiting = ""
    held: Interval | None = None
    for char, (start, end) in zip(line.text, line.chars, strict=False):
        if end <= start:
            waiting += char
            continue
        if held is not None:
            yield held
        held, waiting = Interval(start, end, waiting + char), ""
    if held is not None:
        yield Interval(held.start_ms, held.end_ms, held.text + waiting)


def _tier(name: str, intervals: list[Interval], end_ms: int) -> Iterator[str]:
    yield '        class = "IntervalTier"'
    yield f"        name = {_quoted(name)}"
    yield "        xmin = 0"
    yield f"        xmax = {_seconds(end_ms)}"
    yield f"        intervals: size = {len(intervals)}"
    for number, interval in enumerate(intervals, start=1):
        yield f"        intervals [{number}]:"
        yield f"            xmin = {_seconds(interval.start_ms)}"
        yield f"            xmax = {_seconds(interval.end_ms)}"
        yield f"            text = {_quoted(interval.text)}"


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
