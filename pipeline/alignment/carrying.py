"""An alignment taken over to a transcript that was corrected, and times that people gave to lines; pure.

What did not change keeps its times; what is new lies between its neighbours until that stretch is aligned again.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from pipeline.alignment.result import AlignedLine, Alignment, ExtraSpeech


@dataclass(frozen=True, slots=True)
class Carried:
    """An alignment of a changed transcript.

    Attributes:
        alignment: of all lines of the new transcript.
        places: where each old line is now; None: it is gone.
        changed: half-open spans of new lines that were not aligned yet.
    """

    alignment: Alignment
    places: tuple[int | None, ...]
    changed: tuple[tuple[int, int], ...]


def carry(old: Alignment, texts: Sequence[str]) -> Carried:
    """The alignment for these lines: equal ones as they were, others spread over the time between them.

    A line that was spoken and is gone is listed as speech that nobody wrote.
    """
    places: list[int | None] = [None] * len(old.lines)
    lines: list[AlignedLine] = []
    extra = list(old.extra)
    changed: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, [line.text for line in old.lines], list(texts), autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            for index, place in zip(range(a, b), range(c, d), strict=True):
                places[index] = place
                lines.append(replace(old.lines[index], index=place))
            continue
        if b - a == d - c:  # Corrected one for one: each stays where it was.
            for index, place in zip(range(a, b), range(c, d), strict=True):
                places[index] = place
                lines.append(_reworded(old.lines[index], place, texts[place]))
        else:
            gone = old.lines[a:b]
            lines += _spread(range(c, d), texts, *_room(old, a, b))
            extra += [_unwritten(line) for line in gone if c == d and line.start_ms is not None]
        if d > c:
            changed.append((c, d))
    ordered = tuple(sorted(extra, key=lambda each: each.start_ms))
    return Carried(replace(old, lines=tuple(lines), extra=ordered), tuple(places), tuple(changed))


def pinned(alignment: Alignment, pins: Mapping[int, tuple[int, int]]) -> Alignment:
    """The alignment with lines at the times that people gave them: sure, and their neighbours clipped beside them.

    Arguments:
        pins: line → (start_ms, end_ms). Of two that overlap the later line begins where the earlier one ends.
    """
    lines = list(alignment.lines)
    fixed: dict[int, tuple[int, int]] = {}
    floor = 0
    for index in sorted(pins):
        if not 0 <= index < len(lines):
            continue
        start, end = max(pins[index][0], floor), min(pins[index][1], alignment.duration_ms)
        if start >= end:
            continue
        fixed[index], floor = (start, end), end
        lines[index] = moved(replace(lines[index], status="ok", confidence=1.0), start, end)
    for index, (start, end) in fixed.items():
        for place in range(index - 1, -1, -1):
            if place in fixed or not _clip(lines, place, None, start):
                break
        for place in range(index + 1, len(lines)):
            if place in fixed or not _clip(lines, place, end, None):
                break
    return replace(alignment, lines=tuple(lines))


def spliced(alignment: Alignment, part: Alignment, first: int, past: int, *, shift_ms: int) -> Alignment:
    """The alignment with lines `first` to `past` as a part of the sound, aligned by itself, has them.

    Arguments:
        part: its lines are `first` to `past` of the episode, and neighbours of theirs, known by their index.
        shift_ms: when the part begins in the episode.
    """
    by_index = {line.index: line for line in part.lines}
    before, high = _room(alignment, first, past)
    low = before
    lines = list(alignment.lines)
    for index in range(first, past):
        found = by_index[index]
        if found.start_ms is None or found.end_ms is None:
            lines[index] = replace(found, text=lines[index].text)
            continue
        start = min(max(found.start_ms + shift_ms, low), max(low, high - 1))
        end = min(max(found.end_ms + shift_ms, start + 1), max(high, start + 1))
        lines[index] = moved(_shifted(found, shift_ms), start, end)
        low = end
    kept = [each for each in alignment.extra if each.end_ms <= before or each.start_ms >= high]
    new = [
        replace(each, start_ms=each.start_ms + shift_ms, end_ms=each.end_ms + shift_ms)
        for each in part.extra
        if each.start_ms + shift_ms >= before and each.end_ms + shift_ms <= high
    ]
    extra = tuple(sorted([*kept, *new], key=lambda each: each.start_ms))
    return replace(alignment, lines=tuple(lines), extra=extra)


def moved(line: AlignedLine, start_ms: int, end_ms: int) -> AlignedLine:
    """The line from `start_ms` to `end_ms`, its characters moved in proportion."""
    if not line.chars or line.start_ms is None or line.end_ms is None:
        return replace(line, start_ms=start_ms, end_ms=end_ms, chars=_even(line.text, start_ms, end_ms))
    old_start, length = line.start_ms, max(1, line.end_ms - line.start_ms)

    def at(moment: int) -> int:
        share = min(max((moment - old_start) / length, 0.0), 1.0)
        return start_ms + round(share * (end_ms - start_ms))

    chars = tuple((at(start), at(end)) for start, end in line.chars)
    return replace(line, start_ms=start_ms, end_ms=end_ms, chars=chars)


def _clip(lines: list[AlignedLine], place: int, after: int | None, before: int | None) -> bool:
    """Keep a line after a moment or before one; whether it had to be moved, or has no time."""
    line = lines[place]
    if line.start_ms is None or line.end_ms is None:
        return True
    start, end = line.start_ms, line.end_ms
    if after is not None:
        start, end = max(start, after), max(end, after + 1)
    if before is not None:
        start, end = min(start, max(0, before - 1)), min(end, before)
    if (start, end) == (line.start_ms, line.end_ms):
        return False
    squeezed = end - start < (line.end_ms - line.start_ms) // 2
    lines[place] = moved(replace(line, status="check") if squeezed else line, start, end)
    return True


def _reworded(line: AlignedLine, place: int, text: str) -> AlignedLine:
    chars = () if line.start_ms is None or line.end_ms is None else _even(text, line.start_ms, line.end_ms)
    return replace(line, index=place, text=text, chars=chars)


def _room(old: Alignment, first: int, past: int) -> tuple[int, int]:
    """The time between the lines around some lines."""
    low = max((line.end_ms for line in old.lines[:first] if line.end_ms is not None), default=0)
    after = (line.start_ms for line in old.lines[past:] if line.start_ms is not None)
    return low, max(low, next(after, old.duration_ms))


def _spread(places: range, texts: Sequence[str], low: int, high: int) -> list[AlignedLine]:
    """New lines in a stretch of time, by their lengths; without any time where there is none."""
    total = sum(len(texts[place]) for place in places)
    if high - low < len(places) or not total:
        return [AlignedLine(place, texts[place], None, None, "unspoken", 0.0) for place in places]
    ends = [low + (high - low) * done // total for done in itertools.accumulate(len(texts[place]) for place in places)]
    spans = zip([low, *ends[:-1]], ends, strict=True)
    return [
        AlignedLine(place, texts[place], start, end, "check", 0.0, _even(texts[place], start, end))
        for place, (start, end) in zip(places, spans, strict=True)
    ]


def _unwritten(line: AlignedLine) -> ExtraSpeech:
    return ExtraSpeech(line.start_ms or 0, line.end_ms or 0, line.text, line.confidence)


def _shifted(line: AlignedLine, by: int) -> AlignedLine:
    chars = tuple((start + by, end + by) for start, end in line.chars)
    return replace(line, start_ms=(line.start_ms or 0) + by, end_ms=(line.end_ms or 0) + by, chars=chars)


def _even(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    borders = [start + (end - start) * place // max(1, len(text)) for place in range(len(text) + 1)]
    return tuple(itertools.pairwise(borders))
