"""People's splits and merges of units: done at once, and remembered as borders that grouping keeps to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from pipeline.errors import UsageError
from pipeline.store import tables
from pipeline.store.database import new_id
from pipeline.store.editing import by_hand
from pipeline.store.machine import new_unit
from pipeline.store.pins import decide_border, hold_borders
from pipeline.store.records import StoredUnit
from pipeline.store.rows import clean, dump, from_unit, to_unit
from pipeline.store.units import of
from pipeline.store.writing import Edit, Work, Writing
from pipeline.translation.units import Unit

_units, _comments = tables.units, tables.comments


class Regrouping(Writing):
    """Units that become several, and several that become one.

    Other languages follow at their next `sync`, where the border is for all of them (`everywhere`). One is taken
    back by the other; `undo` does not go over them.
    """

    def split(
        self,
        unit_id: int,
        parts: Sequence[tuple[Unit, str]],
        who: str,
        expected_revision: int,
        *,
        everywhere: bool = False,
        lines: Sequence[str],
    ) -> tuple[StoredUnit, ...]:
        """Make several units of one, each with its text; the first goes on with the number and the history.

        A part without a text is new: the next run translates it.

        Arguments:
            parts: the new units in order, together on the same lines, each with its translation.
            lines: the texts of all transcript lines.

        Raises:
            ConflictError: the unit is not at `expected_revision` any more.
            UsageError: the parts are not those of the unit.
        """
        with self.work() as work:
            unit = work.checked(unit_id, expected_revision)
            _check_parts(unit, [part for part, _ in parts])
            for part, _ in parts[:-1]:
                decide_border(work, unit, lines, part.last, True, who, everywhere=everywhere)
            for part, text in parts:
                if everywhere or not text:
                    hold_borders(work, unit, lines, (part.first - 1, part.last), who, everywhere=everywhere)
            rest = [_part_row(work, unit, part) for part, _ in parts[1:]]
            note = " + ".join(f"lines {part.first + 1}-{part.last + 1}" for part, _ in parts)
            edits = [
                Edit(before, _as_part(before, part, text, _times([unit], part)), "split", clean(who), note)
                for before, (part, text) in zip((unit, *rest), parts, strict=True)
            ]
            return work.record(edits)

    def merge(
        self,
        units: Sequence[tuple[int, int]],
        merged: Unit,
        text: str,
        who: str,
        *,
        everywhere: bool = False,
        lines: Sequence[str],
    ) -> StoredUnit:
        """Make one unit of several that follow one another; the first goes on, with all their comments.

        Arguments:
            units: (unit, the revision seen), in order.
            merged: the new unit, on all their lines.
            lines: the texts of all transcript lines.

        Raises:
            ConflictError: one of them is not at its revision any more.
            UsageError: they do not follow one another, or `merged` is not on their lines.
        """
        with self.work() as work:
            found = [work.checked(unit_id, revision) for unit_id, revision in units]
            _check_merge(work, found, merged)
            first = found[0]
            for line in range(merged.first, merged.last):
                decide_border(work, first, lines, line, False, who, everywhere=everywhere)
            if everywhere or not text:
                hold_borders(work, first, lines, (merged.first - 1, merged.last), who, everywhere=everywhere)
            gone = [each.id for each in found[1:]]
            work.connection.execute(sa.update(_comments).where(_comments.c.unit_id.in_(gone)).values(unit_id=first.id))
            total = sum(each.open_comments for each in found)
            for unit_id, number in ((first.id, total), *((each, 0) for each in gone)):
                work.connection.execute(sa.update(_units).where(_units.c.id == unit_id).values(open_comments=number))
            note = f"lines {merged.first + 1}-{merged.last + 1}"
            edits = [Edit(first, _as_part(first, merged, text, _times(found, merged)), "merge", clean(who), note)]
            edits += [Edit(each, each._replace(attached=False), "merge", clean(who), note) for each in found[1:]]
            work.record(edits)
            return work.unit(first.id)


def _check_parts(unit: StoredUnit, parts: Sequence[Unit]) -> None:
    after = unit.first
    for part in parts:
        if not after <= part.first <= part.last:
            break
        after = part.last + 1
    else:
        if len(parts) > 1 and (parts[0].first, parts[-1].last) == (unit.first, unit.last):
            return
    raise UsageError(
        f"Lines {unit.first + 1}-{unit.last + 1} can't be split so.", remedy="Give parts of just these lines, in order."
    )


def _check_merge(work: Work, found: Sequence[StoredUnit], merged: Unit) -> None:
    one = found[0] if found else None
    place: list[int] = []
    if one is not None:
        rows = work.connection.execute(of(one.episode, one.language).where(_units.c.attached))
        order = [row.id for row in rows]
        place = [order.index(each.id) for each in found if each.id in order]
    if (
        one is None
        or len(found) < 2
        or place != list(range(place[0] if place else 0, (place[0] if place else 0) + len(found)))
        or (merged.first, merged.last) != (one.first, found[-1].last)
    ):
        raise UsageError(
            "These units can't be merged.", remedy="Give units of one language that follow one another, in order."
        )


def _part_row(work: Work, unit: StoredUnit, part: Unit) -> StoredUnit:
    """The unit of a later part: one that was merged away comes back with its history, else a new one."""
    left = of(unit.episode, unit.language).where(~_units.c.attached, _units.c.source == clean(part.text))
    row = work.connection.execute(left).first()
    if row is not None:
        return to_unit(row)
    made = new_unit(unit.episode, unit.language, replace(part, text=clean(part.text)), "", work.now)
    return made._replace(id=new_id(work.connection, sa.insert(_units).values(from_unit(made))))


def _times(units: Sequence[StoredUnit], part: Unit) -> str:
    """The times of a part's lines, as far as its units know them; else of the part itself."""
    known: dict[int, object] = {}
    for unit in units:
        times = json.loads(unit.line_times or "[]")
        if len(times) != unit.last - unit.first + 1:
            return dump([[part.start_ms, part.end_ms]])
        known |= dict(enumerate(times, start=unit.first))
    return dump([known.get(line) for line in range(part.first, part.last + 1)])


def _as_part(unit: StoredUnit, part: Unit, text: str, times: str) -> StoredUnit:
    """The unit on a part's lines, with a person's text; without one it is new."""
    placed = unit._replace(
        first=part.first,
        last=part.last,
        source=clean(part.text),
        start_ms=part.start_ms,
        end_ms=part.end_ms,
        line_times=times,
        attached=True,
        text=clean(text),
        findings=(),
        proposal="",
        proposal_findings=(),
        proposal_engine="",
        proposal_at="",
    )
    done = by_hand(placed)
    return done if text else done._replace(status="new", fingerprint="")
