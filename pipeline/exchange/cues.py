"""What a corrected subtitle file would change: its cues, mapped onto units, compared with those shown now.

A subtitle file names no revisions, so texts are compared: a text that the unit had before, and nobody changed in the
file, is an older one; a corrected one is taken to be made from the revision that it is most like.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from pipeline.errors import InputError
from pipeline.exchange.base import Change, ExchangeUnit, Past, to_clock
from pipeline.exchange.mapping import LOOK_ALIKES, Group, folded, map_cues
from pipeline.exchange.planning import NO_TEXT, OLDER, History, base_of, text_conflict
from pipeline.exchange.transplant import transplant
from pipeline.track import Cue

_SAME_MS = 20  # a frame at 50 a second: what converting between formats may shift
# Of the file's cues, how many must have the text or the time of one that the episode has: with none of another
# episode's texts the same, about one in fifty has the same time by chance.
_RECOGNISED = 0.1
_ALIKE_MIN = 0.6
_DIVIDED = "The file shows it in one cue with its neighbour: the cue's time is divided between them."
_NO_PLACE = "No unit is said at that time, or has a text like it."


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit and the cues that a file of it has now: read back from the format, so that nothing differs by it."""

    unit: ExchangeUnit
    cues: tuple[Cue, ...]


def plan_cues(
    now: Sequence[Shown], file: Sequence[Cue], history: History, *, joiner: str, show: Callable[[str], str]
) -> list[Change]:
    """What a subtitle file would change, in the order of the units; cues of none come last.

    Arguments:
        now: all units; those that nothing is shown of are left alone.
        file: the cues of the corrected file, in its order.
        history: the revisions of each unit, by its id, oldest first.
        joiner: what stands between two words of the language.
        show: how a text of the language is shown: its marks.

    Raises:
        InputError: a cue has impossible times, or starts before the one before it ends; it says which.
    """
    _check_times(file)
    shown = [each for each in now if each.cues]
    groups = _taken_in(map_cues([each.cues for each in shown], file), shown, file)
    changes: list[Change] = []
    added: list[Change] = []
    for group in groups:
        cues = [file[number] for number in group.cues]
        where = _where(group, file)
        if not group.units:
            added += [Change(None, "", cue.text, "added", where=where, reason=_NO_PLACE) for cue in cues]
            continue
        ours = [shown[number] for number in group.units]
        for one, part in zip(ours, _parts(ours, cues, joiner), strict=True):
            change = _compare(one, part, history.get(one.unit.id, ()), where, joiner, show)
            changes += [change] if change else []
    return changes + added


def recognise(file: Sequence[Cue], tracks: Mapping[str, Sequence[Cue]], language: str) -> str | None:
    """The language of the episode that the file's cues are in; None where they are none of the episode's.

    Arguments:
        tracks: the episode's cues in each language.
        language: the one that is expected; it wins where texts or times speak for it.
    """
    texts = {tag: {folded(cue.text) for cue in cues} for tag, cues in tracks.items()}
    shares = {tag: sum(folded(cue.text) in known for cue in file) / max(1, len(file)) for tag, known in texts.items()}
    if shares.get(language, 0.0) >= _RECOGNISED:
        return language
    other = max(shares, key=lambda tag: shares[tag], default=language)
    if shares.get(other, 0.0) >= 3 * _RECOGNISED:
        return other
    expected = tracks.get(language, ())
    return language if max(_timed(file, expected), _alike(file, expected)) >= _RECOGNISED else None


def _timed(file: Sequence[Cue], cues: Sequence[Cue]) -> float:
    """How many of the file's cues start when one of the others does."""
    starts = sorted(cue.start_ms for cue in cues)
    near = (
        bisect_left(starts, cue.start_ms - _SAME_MS + 1) < bisect_left(starts, cue.start_ms + _SAME_MS) for cue in file
    )
    return sum(near) / max(1, len(file))


def _alike(file: Sequence[Cue], cues: Sequence[Cue]) -> float:
    """How many of the file's cues are like one of the others, looking at about fifty."""
    sample = [folded(cue.text) for cue in file[:: max(1, len(file) // 50)]]
    known = [folded(cue.text) for cue in cues]
    hits = (any(Indel.normalized_similarity(text, each) >= _ALIKE_MIN for each in known) for text in sample)
    return sum(hits) / max(1, len(sample))


def _check_times(file: Sequence[Cue]) -> None:
    before = 0
    for number, cue in enumerate(file, start=1):
        if cue.end_ms <= cue.start_ms:
            raise InputError(
                f"The cue ends at {to_clock(cue.end_ms)}, not after its start.",
                where=f"cue {number}",
                remedy="Correct its times.",
            )
        if cue.start_ms < before:
            raise InputError(
                f"The cue starts at {to_clock(cue.start_ms)}, before the one before it ends ({to_clock(before)}).",
                where=f"cue {number}",
                remedy="Correct the times of one of the two, or put the cues in order.",
            )
        before = cue.end_ms


def _taken_in(groups: Sequence[Group], shown: Sequence[Shown], file: Sequence[Cue]) -> list[Group]:
    """Cues that were added while a neighbouring unit is said belong to it."""
    done: list[Group] = []
    for group in groups:
        last = done[-1] if done else None
        if last and not group.units and last.units and _said(shown[last.units[-1]], file[group.cues[0]]):
            done[-1] = Group(last.units, last.cues + group.cues)
        elif last and not last.units and group.units and _said(shown[group.units[0]], file[last.cues[-1]]):
            done[-1] = Group(group.units, last.cues + group.cues)
        else:
            done.append(group)
    return done


def _said(shown: Shown, cue: Cue) -> bool:
    """Whether more than half of a cue is in the time that a unit is said or shown."""
    start = min(shown.unit.start_ms, shown.cues[0].start_ms) if shown.unit.end_ms else shown.cues[0].start_ms
    end = max(shown.unit.end_ms, shown.cues[-1].end_ms)
    return 2 * (min(end, cue.end_ms) - max(start, cue.start_ms)) > cue.duration_ms


def _parts(ours: Sequence[Shown], cues: Sequence[Cue], joiner: str) -> Iterator[tuple[tuple[Cue, ...], bool]]:
    """The cues of each of the units that share them, and whether one was divided for it."""
    rest, divided = list(cues), False
    for place, one in enumerate(ours[:-1]):
        old = _joined(one.cues, joiner)
        others = _joined([cue for each in ours[place + 1 :] for cue in each.cues], joiner)
        text = _joined(rest, joiner)
        cut = _cut(old, others, text, joiner)
        before = divided
        mine, rest, divided = _divide(rest, len("".join(text[:cut].split())))
        yield tuple(mine), before or divided
    yield tuple(rest), divided


def _cut(first: str, others: str, text: str, joiner: str) -> int:
    """Where in a text that shows several units the first one's ends: where its own text did, moved to a word's end."""
    border, at = len(first), len(text)
    for code in Indel.opcodes(first + joiner + others, text):
        if code.src_start <= border < code.src_end:
            at = code.dest_start + border - code.src_start if code.tag == "equal" else code.dest_end
            break
    if joiner:
        ends = [0, *(place for place, char in enumerate(text) if char.isspace()), len(text)]
        at = min(ends, key=lambda place: abs(place - at))
    return at


def _divide(cues: Sequence[Cue], cut: int) -> tuple[list[Cue], list[Cue], bool]:
    """The cues before and after so many characters, white space not counted.

    A cue that the cut goes through is divided, its time in proportion.
    """
    for number, cue in enumerate(cues):
        length = len("".join(cue.text.split()))
        if cut <= 0:
            return list(cues[:number]), list(cues[number:]), False
        if cut < length:
            place = _place(cue.text, cut)
            middle = cue.start_ms + max(1, min(cue.duration_ms - 1, cue.duration_ms * cut // length))
            head = Cue(cue.start_ms, middle, cue.text[:place].rstrip())
            tail = Cue(middle, cue.end_ms, cue.text[place:].lstrip())
            return [*cues[:number], head], [tail, *cues[number + 1 :]], True
        cut -= length
    return list(cues), [], False


def _place(text: str, count: int) -> int:
    """Where so many characters of a text end, white space not counted."""
    for place, char in enumerate(text):
        if count == 0:
            return place
        count -= not char.isspace()
    return len(text)


def _compare(
    one: Shown,
    part: tuple[tuple[Cue, ...], bool],
    past: Sequence[Past],
    where: str,
    joiner: str,
    show: Callable[[str], str],
) -> Change | None:
    """The change of one unit by its cues in the file."""
    unit, (cues, divided) = one.unit, part
    told = _DIVIDED if divided else ""
    old, new = _joined(one.cues, joiner), _joined(cues, joiner)
    if not new:
        return Change(unit, unit.text, "", "removed", conflict=True, where=where, reason=NO_TEXT, cues=())
    if _plain(old) == _plain(new):
        if _same(one.cues, cues):
            return None
        return Change(
            unit, _told(one.cues), _told(cues), "cues", where=where, reason=told, cues=_restored(cues, unit.text)
        )
    if any(_plain(show(each.text)) == _plain(new) for each in past if each.text != unit.text):
        return Change(unit, unit.text, new, "older", where=where, reason=OLDER, cues=cues)
    base = base_of(new, 0, past) or Past(0, unit.source, unit.text, unit.status)
    text = transplant(unit.text, old, new) if base.text == unit.text else new
    conflict, reason = text_conflict(unit, "", base)
    cues = _restored(cues, text)
    return Change(unit, unit.text, text, "text", conflict, where, " ".join(filter(None, (reason, told))), cues=cues)


def _same(old: Sequence[Cue], new: Sequence[Cue]) -> bool:
    """Whether nobody has touched times, division or rows."""
    return len(old) == len(new) and all(
        abs(a.start_ms - b.start_ms) < _SAME_MS
        and abs(a.end_ms - b.end_ms) < _SAME_MS
        and [folded(row) for row in a.text.split("\n")] == [folded(row) for row in b.text.split("\n")]
        for a, b in zip(old, new, strict=True)
    )


def _plain(text: str) -> str:
    """A text as it is compared: look-alikes as what they stand for, each stretch of white space as one blank."""
    return " ".join(text.translate(LOOK_ALIKES).split())


def _joined(cues: Sequence[Cue], joiner: str) -> str:
    """The rows of all cues as one text; where the language has no blanks, one between two Latin words only."""
    joined = ""
    for row in (row.strip() for cue in cues for row in cue.text.split("\n")):
        latin = joined[-1:].isascii() and row[:1].isascii() and joined[-1:].isalnum() and row[:1].isalnum()
        joined += (" " if latin and joined else joiner if joined and row else "") + row
    return joined


def _restored(cues: Sequence[Cue], text: str) -> tuple[Cue, ...]:
    """The cues with what the look-alikes in them stand for, where the text has that and not the look-alikes."""
    meant = {code: char for code, char in LOOK_ALIKES.items() if char and char in text and chr(code) not in text}
    return tuple(Cue(cue.start_ms, cue.end_ms, cue.text.translate(meant)) for cue in cues)


def _told(cues: Sequence[Cue]) -> str:
    return "\n".join(
        f"{to_clock(cue.start_ms)} --> {to_clock(cue.end_ms)}  {' / '.join(cue.text.split(chr(10)))}" for cue in cues
    )


def _where(group: Group, file: Sequence[Cue]) -> str:
    if not group.cues:
        return ""
    first, last = group.cues[0] + 1, group.cues[-1] + 1
    numbers = f"cue {first}" if first == last else f"cues {first}-{last}"
    return f"{numbers}, {to_clock(file[group.cues[0]].start_ms)}"
