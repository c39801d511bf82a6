"""What a corrected file would change: three texts of each unit are compared, the export's, the file's and today's.

The export's is found by the revision that the file names. A file without revisions is taken to be made from the
text that its own is most like. What only the file changed comes in; what only the store changed stays; what both
changed, one of them a person in the store, is a conflict and stays until a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import Indel

from pipeline.exchange.base import PEOPLES, Change, Document, ExchangeUnit, Past, Status

CHANGED_SINCE = "It was changed here after the export."
SOURCE_CHANGED = "Its sentence was changed here after the export."
TWICE = "The file has this unit twice, with different texts."
OLDER = "It was changed here since, and not in the file: what is here stays."
NO_TEXT = "The file has no text for it."
AGAIN_BY_MACHINE = "The machine has translated it again since the export."
NO_UNIT = "No unit of this episode has this id or this sentence."

History = Mapping[str, Sequence[Past]]


def plan_import(now: Sequence[ExchangeUnit], file: Document, history: History) -> list[Change]:
    """What a file of units would change, in the order of the units; what belongs to none comes last.

    Nothing of the file is passed over: a unit of it either is as the store has it, or is in a change.

    Arguments:
        now: the episode's units as they are.
        history: the revisions of each unit, by its id, oldest first; the present text is the last.
    """
    places = file.places or tuple(f"unit {number}" for number in range(1, len(file.units) + 1))
    found, lost = _match(now, list(zip(file.units, places, strict=True)), history)
    changes: list[Change] = []
    for unit in now:
        rows = found.get(unit.id, [])
        if not rows:
            changes.append(Change(unit, unit.text, "", "absent", reason="The file does not have it: it stays."))
        twice = len({row.text for row, _ in rows}) > 1
        for row, place in rows if twice else rows[:1]:
            changes += _compare(unit, row, place, history.get(unit.id, ()), twice=twice)
    changes += [Change(None, "", row.text, "added", where=place, reason=NO_UNIT) for row, place in lost]
    return changes


def base_of(text: str, revision: int, past: Sequence[Past]) -> Past | None:
    """The revision that a file's text was made from: the one it names, else the one it is most like."""
    named = next((each for each in past if each.revision == revision), None)
    if named is not None or not past:
        return named
    return max(past, key=lambda each: (Indel.normalized_similarity(each.text, text), each.revision))


_Row = tuple[ExchangeUnit, str]


def _match(
    now: Sequence[ExchangeUnit], rows: Sequence[_Row], history: History
) -> tuple[dict[str, list[_Row]], list[_Row]]:
    """The file's rows of each unit, by its id, and those of none.

    By id, where the sentence is one that the unit has or had, or the lines are its own. Else, for the database may
    have been made anew, by the sentence; of several the nearest. Such a row's revision means nothing.
    """
    by_id = {unit.id: unit for unit in now}
    found: dict[str, list[_Row]] = {}
    lost: list[_Row] = []
    for row, place in rows:
        unit = by_id.get(row.id)
        if unit is None or not _is_of(row, unit, history.get(unit.id, ())):
            alike = [each for each in now if each.source == row.source and row.source]
            unit = min(alike, key=lambda each: abs(each.first - row.first), default=None)
            row = replace(row, revision=0)
        if unit is None:
            lost.append((row, place))
        else:
            found.setdefault(unit.id, []).append((row, place))
    return found, lost


def _is_of(row: ExchangeUnit, unit: ExchangeUnit, past: Sequence[Past]) -> bool:
    if row.source == unit.source or (row.first, row.last) == (unit.first, unit.last):
        return True
    return any(each.source == row.source for each in past)


def _compare(unit: ExchangeUnit, row: ExchangeUnit, where: str, past: Sequence[Past], *, twice: bool) -> list[Change]:
    """The changes of one unit by one row of the file."""
    base = base_of(row.text, row.revision, past) or Past(0, unit.source, unit.text, unit.status)
    changes = [_text_or_status(unit, row, base, where, twice=twice), _ignored(unit, row, base, where)]
    changes.append(_note(unit, row, where))
    return [change for change in changes if change is not None]


def _text_or_status(unit: ExchangeUnit, row: ExchangeUnit, base: Past, where: str, *, twice: bool) -> Change | None:
    wanted: Status = row.status if row.status and row.status != base.status else ""
    if row.text == unit.text:
        return _status(unit, wanted, where, "")
    if row.text == base.text and not twice:
        if wanted:
            return _status(unit, wanted, where, CHANGED_SINCE)
        return Change(unit, unit.text, row.text, "older", where=where, reason=OLDER)
    if not row.text:
        return Change(unit, unit.text, "", "removed", conflict=True, where=where, reason=NO_TEXT)
    conflict, reason = text_conflict(unit, row.source, base)
    if twice:
        conflict, reason = True, TWICE
    status: Status = "approved" if wanted == "approved" else ""
    return Change(unit, unit.text, row.text, "text", conflict, where, reason, status)


def text_conflict(unit: ExchangeUnit, source: str, base: Past) -> tuple[bool, str]:
    """Whether a text made from `base` may not take the place of the unit's, and what to tell about it.

    Arguments:
        source: the sentence that the file has; empty where it has none.
    """
    if base.source != unit.source and source in ("", base.source):
        return True, SOURCE_CHANGED
    if base.text == unit.text:
        return False, "It is approved here." if unit.status == "approved" else ""
    return (True, CHANGED_SINCE) if unit.by_person else (False, AGAIN_BY_MACHINE)


def _status(unit: ExchangeUnit, wanted: Status, where: str, conflict: str) -> Change | None:
    """A status that the file gives; only people's can be given."""
    if not wanted or wanted == unit.status:
        return None
    if wanted not in PEOPLES:
        told = "Only the machine gives this status; to ask for another look, flag the unit or write a note."
        return Change(unit, unit.status, wanted, "ignored", where=where, reason=told)
    if not unit.text:
        told = "It has no translation yet."
        return Change(unit, unit.status, wanted, "ignored", where=where, reason=told)
    return Change(unit, unit.status, wanted, "status", bool(conflict), where, conflict, wanted)


def _ignored(unit: ExchangeUnit, row: ExchangeUnit, base: Past, where: str) -> Change | None:
    """What the file changed in columns that are only to be read."""
    if row.source and row.source not in (unit.source, base.source):
        told = "The sentence comes from the transcript: correct it there, or on the review page."
        return Change(unit, unit.source, row.source, "ignored", where=where, reason=told)
    times = (row.start_ms, row.end_ms)
    if row.revision and any(times) and times != (unit.start_ms, unit.end_ms):
        told = "Times in a table are only to be read: correct them in a subtitle file, or on the review page."
        before, after = (f"{start}-{end} ms" for start, end in ((unit.start_ms, unit.end_ms), times))
        return Change(unit, before, after, "ignored", where=where, reason=told)
    return None


def _note(unit: ExchangeUnit, row: ExchangeUnit, where: str) -> Change | None:
    """The rows of the file's note that nobody has said yet; rows that the file lacks stay."""
    known = set(unit.note.split("\n"))
    known |= {said.partition(": ")[2] for said in known}
    new = "\n".join(each for each in row.note.split("\n") if each.strip() and each not in known)
    return Change(unit, unit.note, new, "note", where=where) if new else None
