"""What the picture of an alignment shows and where: strips of time, blocks, marks and notes. Nothing is drawn here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from pipeline.alignment.result import AlignedLine, Alignment

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

Kind = Literal["ok", "check", "unspoken", "extra"]
#: Notes stand in two lanes, so that neighbours have room.
NOTE_LANES = 2
# Seconds a strip shows: a minute where it can be, more in longer episodes, so that the picture stays one picture.
_STRIPS = ((15, 15), (30, 30), (600, 60), (1800, 90), (3600, 120), (10800, 180))
_LONGEST_STRIPS = (240, 300, 600, 900, 1200, 1800, 3600, 7200)
_MOST_STRIPS = 60
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_MOST_TICKS = 16
_ELLIPSIS = "…"
# In full-width characters: between notes, and what a note at the right edge may claim of the one before it.
_SPACE, _TURN = 0.8, 5.0


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch with a colour: a line that has a cue (ok, check), or speech that is not in the transcript (extra)."""

    start_ms: int
    end_ms: int
    kind: Kind
    confidence: float


@dataclass(frozen=True, slots=True)
class Note:
    """Words at a place that needs a look.

    Attributes:
        at_ms: where it stands.
        kind: what it is about.
        name: the transcript's row or rows; empty for speech that is not in the transcript.
        text: the words, as many as there is room for.
        lane: 0 is the upper lane.
        leftward: it ends at its place instead of beginning there, for want of room.
    """

    at_ms: int
    kind: Kind
    name: str
    text: str
    lane: int = 0
    leftward: bool = False

    @property
    def label(self) -> str:
        return f"{self.name} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the picture: everything between two times, cut at them.

    Attributes:
        voice: (start_ms, end_ms) where somebody speaks.
        blocks: lines and speech that is not in the transcript.
        unspoken: (at_ms, how many) for lines never spoken, in the middle of the gap where they would have been.
        notes: what is written at the places that need a look.
        rows: first and last of the transcript's rows whose cues begin here.
    """

    start_ms: int
    end_ms: int
    voice: tuple[tuple[int, int], ...] = ()
    blocks: tuple[Block, ...] = ()
    unspoken: tuple[tuple[int, int], ...] = ()
    notes: tuple[Note, ...] = ()
    rows: tuple[int, int] | None = None


def plan_strips(
    alignment: Alignment, voice: Sequence[tuple[int, int]], rows: Mapping[int, int], *, chars_per_strip: float
) -> list[Strip]:
    """The strips of an episode, in order.

    Arguments:
        voice: (start_ms, end_ms) where somebody speaks, in order.
        rows: the transcript's row of each line, by the line's index.
        chars_per_strip: how many full-width characters of a note fit side by side along one strip.
    """
    length = strip_ms(alignment.duration_ms)
    char_ms = length / chars_per_strip
    blocks, gaps = list(_blocks(alignment)), list(_unspoken(alignment))
    notes = sorted(_notes(alignment, gaps, rows), key=lambda note: note.at_ms)
    begun = [(line.start_ms, rows[line.index]) for line in alignment.lines if line.start_ms is not None]
    strips = []
    for start in range(0, max(1, alignment.duration_ms), length):
        # The last strip holds what lies at the very end too.
        last = start + length >= alignment.duration_ms
        end = max(start + 1, alignment.duration_ms) if last else start + length
        here = [row for at, row in begun if start <= at < end]
        strips.append(
            Strip(
                start,
                end,
                voice=tuple(_cut(voice, start, end)),
                blocks=tuple(_cut_blocks(blocks, start, end)),
                unspoken=tuple((at, len(lines)) for at, lines in gaps if start <= at < end or (last and at == end)),
                notes=tuple(
                    lay_notes(
                        [note for note in notes if start <= note.at_ms < end or (last and note.at_ms == end)],
                        end_ms=start + length,
                        char_ms=char_ms,
                    )
                ),
                rows=(min(here), max(here)) if here else None,
            )
        )
    return strips


def strip_ms(duration_ms: int) -> int:
    """How much time a strip shows: 15 s to a minute in short episodes, 3 minutes in one of three hours."""
    seconds = duration_ms / 1000
    for up_to, length in _STRIPS:
        if seconds <= up_to:
            return length * 1000
    return 1000 * next((length for length in _LONGEST_STRIPS if seconds <= length * _MOST_STRIPS), _LONGEST_STRIPS[-1])


def tick_ms(length_ms: int) -> int:
    """The step of the time axis of a strip of that length."""
    return 1000 * next((step for step in _TICKS_S if length_ms <= step * 1000 * _MOST_TICKS), _TICKS_S[-1])


def clock(ms: int) -> str:
    """A time in minutes and seconds: 0:05, 61:30."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def counts(alignment: Alignment) -> dict[Kind, int]:
    """How many lines have each status, and how many remarks are not in the transcript."""
    found: dict[Kind, int] = {"ok": 0, "check": 0, "unspoken": 0, "extra": len(alignment.extra)}
    for line in alignment.lines:
        found[line.status] += 1
    return found


def envelope(pcm: Samples, strip: Strip, columns: int, sample_rate: int) -> npt.NDArray[np.float32]:
    """The lowest and highest sample in each of `columns` equal parts of a strip, float32 (2, columns or fewer)."""
    import numpy as np

    part = pcm[strip.start_ms * sample_rate // 1000 : strip.end_ms * sample_rate // 1000]
    if not len(part):
        return np.zeros((2, 1), np.float32)
    starts = np.unique(np.linspace(0, len(part), columns, endpoint=False).astype(np.int64))
    found = np.stack([np.minimum.reduceat(part, starts), np.maximum.reduceat(part, starts)])
    return np.asarray(np.nan_to_num(found), np.float32)


def width(text: str) -> float:
    """How wide a text is, in full-width characters."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.6 for char in text)


def lay_notes(notes: Sequence[Note], *, end_ms: int, char_ms: float) -> list[Note]:
    """Notes given lanes and cut to the room that they have; those too close to be told apart become one.

    Arguments:
        notes: of one strip, in order of time.
        end_ms: the right edge, which no note crosses.
        char_ms: the width of a full-width character, in time.
    """
    kept = _merged(notes, char_ms)
    while _crowded(kept, end_ms, char_ms):
        kept[-2:] = [_joined(kept[-2], kept[-1])]
    turned = bool(kept) and _turned(kept, end_ms, char_ms)
    laid: list[Note] = []
    for place, note in enumerate(kept):
        follower = place + NOTE_LANES
        limit = kept[follower].at_ms if follower < len(kept) else end_ms
        room = (limit - note.at_ms) / char_ms - _SPACE
        if turned and follower == len(kept) - 1:  # It comes back this far.
            room -= _turned_width(kept[-1]) + _SPACE
        leftward = turned and place == len(kept) - 1
        if leftward:
            room = _left_room([*laid, note], char_ms)
        text = _fitted(note.text, room - width(note.name) - (_SPACE if note.name else 0))
        laid.append(replace(note, text=text, lane=place % NOTE_LANES, leftward=leftward))
    return laid


def _blocks(alignment: Alignment) -> Iterator[Block]:
    for line in alignment.lines:
        if line.start_ms is not None and line.end_ms is not None:
            yield Block(line.start_ms, line.end_ms, line.status, line.confidence)
    for extra in alignment.extra:
        yield Block(extra.start_ms, extra.end_ms, "extra", extra.confidence)


def _unspoken(alignment: Alignment) -> Iterator[tuple[int, list[AlignedLine]]]:
    """Runs of lines that were never spoken, and the middle of the gap that each would have filled."""
    before = 0
    starts = {line.index: line.start_ms for line in alignment.lines if line.start_ms is not None}
    for unspoken, run in groupby(alignment.lines, key=lambda line: line.start_ms is None):
        lines = list(run)
        if not unspoken:
            before = lines[-1].end_ms or before
            continue
        after = starts.get(lines[-1].index + 1, alignment.duration_ms)
        yield (before + max(before, after)) // 2, lines


def _notes(
    alignment: Alignment, gaps: Sequence[tuple[int, list[AlignedLine]]], rows: Mapping[int, int]
) -> Iterator[Note]:
    for line in alignment.lines:
        if line.status == "check" and line.start_ms is not None:
            yield Note(line.start_ms, "check", str(rows[line.index]), line.text)
    for at, lines in gaps:
        name = _range(str(rows[lines[0].index]), str(rows[lines[-1].index]))
        yield Note(at, "unspoken", name, lines[0].text if len(lines) == 1 else "")
    for extra in alignment.extra:
        yield Note(extra.start_ms, "extra", "", " ".join(extra.text.split()))


def _merged(notes: Sequence[Note], char_ms: float) -> list[Note]:
    """Notes of which not even the names would fit become one for all their rows."""
    kept: list[Note] = []
    for note in notes:
        near = kept and (note.at_ms - kept[-1].at_ms) * NOTE_LANES < (width(kept[-1].name) + 2 * _SPACE) * char_ms
        lane = kept[-NOTE_LANES] if len(kept) >= NOTE_LANES else None
        taken = lane is not None and note.at_ms < lane.at_ms + (width(lane.name) + _SPACE) * char_ms
        if near or taken:
            kept[-1] = _joined(kept[-1], note)
        else:
            kept.append(note)
    return kept


def _joined(one: Note, other: Note) -> Note:
    names = [name for note in (one, other) for name in note.name.split("–") if name]
    return Note(
        one.at_ms,
        one.kind if one.kind == other.kind else "check",
        _range(names[0], names[-1]) if names else "",
        "" if names else one.text,
    )


def _turned(notes: Sequence[Note], end_ms: int, char_ms: float) -> bool:
    """Whether the last note has no room before the right edge."""
    return (end_ms - notes[-1].at_ms) / char_ms < _turned_width(notes[-1]) + _SPACE


def _turned_width(note: Note) -> float:
    return max(width(note.name), min(width(note.label), _TURN))


def _crowded(notes: Sequence[Note], end_ms: int, char_ms: float) -> bool:
    """Whether the last note has no room for its name on either side."""
    names = [replace(note, text="") for note in notes]
    return (
        len(notes) > NOTE_LANES
        and _turned(notes, end_ms, char_ms)
        and _left_room(names, char_ms) < width(notes[-1].name)
    )


def _left_room(notes: Sequence[Note], char_ms: float) -> float:
    """Full-width characters between the last note and the one before it in its lane, of which the name must stay."""
    *before, last = notes
    room = last.at_ms / char_ms - _SPACE
    if len(before) < NOTE_LANES:
        return room
    return room - before[-NOTE_LANES].at_ms / char_ms - width(before[-NOTE_LANES].label) - _SPACE


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"


def _fitted(text: str, room: float) -> str:
    """As much of a text as fits into so many full-width characters; nothing where that would be a stump."""
    if width(text) <= room:
        return text
    cut, used = "", width(_ELLIPSIS)
    for char in text:
        used += width(char)
        if used > room:
            break
        cut += char
    return cut.rstrip() + _ELLIPSIS if len(cut) > 1 else ""


def _cut(spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    for left, right in spans:
        if left < end and right > start:
            yield max(left, start), min(right, end)


def _cut_blocks(blocks: Sequence[Block], start: int, end: int) -> Iterator[Block]:
    for block in blocks:
        if block.start_ms < end and block.end_ms > start:
            yield Block(max(block.start_ms, start), min(block.end_ms, end), block.kind, block.confidence)
