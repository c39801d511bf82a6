"""Units as the page is told of them: with their cues, findings and what can be undone, read together for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.errors import InputError
from pipeline.languages import Language
from pipeline.review.cues import CueBook, Shown, check_cues, shown
from pipeline.review.desk import Desk
from pipeline.review.view import Around, cues_json, unit_json
from pipeline.store import Dismissal, Store, StoredUnit, tables
from pipeline.store.history import stacks
from pipeline.store.rows import to_kind
from pipeline.track import Cue, Finding

Json = dict[str, Any]
# Units whose cues are laid out while the page waits: some milliseconds each.
_AT_ONCE = 16


def episode_units(desk: Desk, language: Language, *, wait: bool) -> list[Json]:
    """All attached units of an episode.

    Arguments:
        wait: lay out the cues that are not known yet; else the units that lack them have None.
    """
    units = desk.units(language.tag)
    found = _shown(desk, language, units, wait=wait)
    dismissed = desk.store.episode_dismissals(desk.id, language.tag)
    undo = undo_states(desk.store, desk.id, language.tag)
    glossary = desk.glossary(language)
    return [
        unit_json(
            unit,
            Around(
                desk.lines,
                found.get(unit.id),
                desk.findings(unit, unit.text, language) if wait or unit.by_person else unit.findings,
                dismissed.get(unit.id, ()),
                undo.get(unit.id, (False, False)),
            ),
            language,
            glossary,
        )
        for unit in units
    ]


def one_unit(desk: Desk, unit: StoredUnit, language: Language) -> tuple[Json, list[Json]]:
    """A unit after a change of it, and (unit, cues) of its neighbours whose cues had to move for that."""
    with desk.store.reading():
        return _one_unit(desk, unit, language)


def _one_unit(desk: Desk, unit: StoredUnit, language: Language) -> tuple[Json, list[Json]]:
    found, moved = None, []
    if unit.attached:
        units, place = desk.neighbours(unit)
        book = desk.book(language)
        if book is not None and place >= 0:
            cues = book.around(units, place)
            found = _checked(desk, book, language, units, place, cues.get(unit.id, ()))
            for number, other in enumerate(units):
                if other.id in cues and other.id != unit.id:
                    laid = _checked(desk, book, language, units, number, cues[other.id])
                    moved.append({"id": other.id, "cues": cues_json(laid, _valid(desk, other))})
    around = Around(
        desk.lines,
        found if found is not None else Shown((), ()),
        desk.findings(unit, unit.text, language),
        desk.store.dismissals(unit.id),
        desk.store.can_undo(unit.id),
    )
    return unit_json(unit, around, language, desk.glossary(language)), moved


def _checked(
    desk: Desk, book: CueBook, language: Language, units: Sequence[StoredUnit], place: int, own: tuple[Cue, ...]
) -> Shown:
    """The cues of the unit at a place, with what the rules have against them after those of the unit before it."""
    before = book.ready(units[place - 1 : place]).get(units[place - 1].id, ()) if place else ()
    return Shown(own, check_cues(own, language, before=before[-1] if before else None, media_ms=desk.duration_ms))


def _valid(desk: Desk, unit: StoredUnit) -> list[Dismissal]:
    return [each for each in desk.store.dismissals(unit.id) if not each.void]


def detached_units(desk: Desk, language: Language) -> list[Json]:
    """People's units whose sentence is gone."""
    nothing = Shown((), ())
    return [
        unit_json(unit, Around((), nothing, unit.findings, (), (False, False)), language, desk.glossary(language))
        for unit in desk.store.detached(desk.id, language.tag)
    ]


def tried(
    desk: Desk, unit: StoredUnit, text: str, cues: Sequence[Cue], language: Language
) -> tuple[Sequence[Finding], Shown]:
    """What a text would become: its findings, and its cues with theirs."""
    units, place = desk.neighbours(unit)
    book = desk.book(language)
    if book is not None and place >= 0:
        laid = _checked(desk, book, language, units, place, book.try_out(units, place, text, cues))
    else:
        laid = Shown(tuple(cues), check_cues(tuple(cues), language, media_ms=desk.duration_ms))
    return desk.findings(unit, text, language), laid


def recheck(desk: Desk, language: Language) -> int:
    """Bring stored findings up to the rules and the glossary of now; returns how many units differed."""
    changed = {}
    for unit in desk.units(language.tag):
        findings = desk.findings(unit, unit.text, language)
        if unit.text and findings != unit.findings and not any(each.rule == "no-answer" for each in unit.findings):
            changed[unit.id] = (unit.revision, findings)
    return desk.store.set_findings(changed) if changed else 0


def undo_states(store: Store, episode: str, language: str) -> Mapping[int, tuple[bool, bool]]:
    """Whether there is something to undo and to redo, for each unit of an episode, in one question."""
    revisions, units = tables.revisions, tables.units
    query = (
        sa.select(revisions.c.unit_id, revisions.c.revision, revisions.c.kind)
        .join(units, units.c.id == revisions.c.unit_id)
        .where(units.c.episode_id == episode, units.c.language == language)
        .order_by(revisions.c.unit_id, revisions.c.revision)
    )
    by_unit: defaultdict[int, list[tuple[int, Any]]] = defaultdict(list)
    with store.connection() as connection:
        for row in connection.execute(query):
            by_unit[row.unit_id].append((row.revision, to_kind(row.kind)))
    states = {unit: stacks(kinds) for unit, kinds in by_unit.items()}
    return {unit: (bool(undo), bool(redo)) for unit, (undo, redo) in states.items()}


def _shown(desk: Desk, language: Language, units: Sequence[StoredUnit], *, wait: bool) -> dict[int, Shown]:
    book = desk.book(language)
    if book is None:
        return {unit.id: Shown((), ()) for unit in units}
    cues = book.ready(units)
    if len(cues) < len(units):
        lacking = [place for place, unit in enumerate(units) if unit.id not in cues]
        if not wait and len(lacking) <= _AT_ONCE:
            for place in lacking:
                book.around(units, place)
            cues = book.ready(units)
        elif not wait:
            known = [unit for unit in units if unit.id in cues]
            return shown(known, cues, language, desk.duration_ms)
        else:
            try:
                cues = book.all(units)
            except InputError:  # the alignment is newer than the units: their next run brings them together
                cues = {}
    return shown(units, cues, language, desk.duration_ms)
