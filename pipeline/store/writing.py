"""One transaction that changes units: every change leaves a revision, and the numbers are kept with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.errors import EpisodeError
from pipeline.files import sha256_json
from pipeline.store import tables
from pipeline.store.database import Database, execute_many, now
from pipeline.store.records import ConflictError, Kind, Outcome, StoredUnit, Why
from pipeline.store.rows import changes, clean, from_unit, to_state, to_unit
from pipeline.track import Finding

_units, _revisions, _tallies = tables.units, tables.revisions, tables.tallies
# SQLite takes at most 32,766 parameters in one statement, older ones 999.
_MANY = 900
_UPDATE = sa.update(_units).where(_units.c.id == sa.bindparam("unit"))


def tally_query(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The numbers of each language of each episode, counted from the units."""
    unit = _units.c

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    statuses = [number(unit.status == name).label(name) for name in ("new", "machine", "edited", "approved")]
    return (
        sa.select(
            unit.episode_id,
            unit.language,
            sa.func.count().label("units"),
            *statuses,
            number(unit.stale).label("stale"),
            number(unit.flagged).label("flagged"),
            sa.func.sum(unit.errors).label("errors"),
            sa.func.sum(unit.warnings).label("warnings"),
            sa.func.sum(unit.open_comments).label("open_comments"),
            number(unit.proposal != "").label("proposals"),
            sa.func.max(unit.updated_at).label("updated_at"),
        )
        .where(unit.attached, *where)
        .group_by(unit.episode_id, unit.language)
    )


# Statements are made once: to put one together costs as much as to run it.
_UNIT = sa.select(_units).where(_units.c.id == sa.bindparam("unit"))
_SAVED = sa.select(_revisions.c.unit_id).where(_revisions.c.save_id == sa.bindparam("save"))
_RECORD = sa.insert(_revisions)
_ADD = sa.insert(_units)
_CHANGED = (
    sa.update(tables.episodes)
    .where(tables.episodes.c.id == sa.bindparam("episode"))
    .values(changes=tables.episodes.c.changes + 1)
)
_COUNT = tally_query(_units.c.episode_id == sa.bindparam("episode"), _units.c.language == sa.bindparam("language"))
_NO_TALLY = sa.delete(_tallies).where(
    _tallies.c.episode_id == sa.bindparam("episode"), _tallies.c.language == sa.bindparam("language")
)
_TALLY = (
    sa.update(_tallies)
    .where(_tallies.c.episode_id == sa.bindparam("new_episode_id"), _tallies.c.language == sa.bindparam("new_language"))
    .values(
        {
            column.name: sa.bindparam(f"new_{column.name}")
            for column in _tallies.c
            if column.name not in ("episode_id", "language")
        }
    )
)
_NEW_TALLY = sa.insert(_tallies)
_COUNTED = ("new", "machine", "edited", "approved", "stale", "flagged", "errors", "warnings", "proposals")
_SHIFT = (
    sa.update(_tallies)
    .where(_tallies.c.episode_id == sa.bindparam("episode"), _tallies.c.language == sa.bindparam("of_language"))
    .values({name: _tallies.c[name] + sa.bindparam(f"more_{name}") for name in _COUNTED})
    .values(updated_at=sa.bindparam("at"))
)


class Edit(NamedTuple):
    """A change of a unit: its revision's kind, who made it, a note and the browser's name of the save."""

    before: StoredUnit
    after: StoredUnit
    kind: Kind
    who: str
    note: str = ""
    save_id: str = ""


class Work:
    """A writing transaction.

    Attributes:
        connection: for further statements.
        now: the moment that everything in it is dated with.
    """

    def __init__(self, connection: sa.Connection, where: str) -> None:
        self.connection = connection
        self.now = now()
        self._where = where
        self._touched: dict[tuple[str, str], None] = {}

    def unit(self, unit_id: int) -> StoredUnit:
        """Raises EpisodeError where there is none."""
        row = self.connection.execute(_UNIT, {"unit": unit_id}).one_or_none()
        if row is None:
            raise EpisodeError(f"There is no unit {unit_id}.", where=self._where, remedy="Load the page again.")
        return to_unit(row)

    def units(self, ids: Iterable[int]) -> dict[int, StoredUnit]:
        """Those that there are, by their numbers."""
        return select_units(self.connection, ids)

    def checked(self, unit_id: int, expected_revision: int, yours: str | None = None) -> StoredUnit:
        """The unit, if it is at that revision; else ConflictError."""
        unit = self.unit(unit_id)
        if unit.revision != expected_revision:
            lines = f"{unit.first + 1}-{unit.last + 1}"
            raise ConflictError(
                f"The translation of lines {lines} was changed in the meantime "
                f"(it is at revision {unit.revision}, not {expected_revision}).",
                where=self._where,
                remedy="Load it again, and make the change there.",
                unit=unit,
                yours=yours,
                base=self._text_at(unit_id, expected_revision),
            )
        return unit

    def refuse(self, unit: StoredUnit, what: str, remedy: str) -> ConflictError:
        """The error for a change that makes no sense now."""
        return ConflictError(what, where=self._where, remedy=remedy, unit=unit, base=unit.text)

    def saved(self, save_id: str) -> int | None:
        """The unit of a save that was done already."""
        if not save_id:
            return None
        return self.connection.scalar(_SAVED, {"save": save_id})

    def record(self, edits: Sequence[Edit]) -> tuple[StoredUnit, ...]:
        """Store changes, each with a revision; returns the units as they are then."""
        done = self._counted([_dated(edit, self.now) for edit in edits])
        self._update(done, changes([edit.before for edit in edits], done))
        rows = [
            {
                "unit_id": unit.id,
                "revision": unit.revision,
                "source": unit.text_source,
                "text": unit.text,
                "status": unit.status,
                "who": edit.who,
                "at": self.now,
                "kind": edit.kind,
                "note": clean(edit.note),
                "state": to_state(edit.before, unit),
                "save_id": edit.save_id or None,
            }
            for edit, unit in zip(edits, done, strict=True)
        ]
        execute_many(self.connection, _RECORD, rows)
        return done

    def change(self, edit: Edit) -> StoredUnit:
        """Store the change of one unit that this transaction has read, with a revision.

        The numbers move by the difference: to count all units of an episode takes longer than the change.
        """
        before = edit.before
        counted_anyway = (before.episode, before.language) in self._touched
        after = self.record([edit])[0]
        if before.attached and after.attached and not counted_anyway:
            more = {f"more_{name}": value - _share(before)[name] for name, value in _share(after).items()}
            here = {"episode": before.episode, "of_language": before.language, "at": self.now}
            if self.connection.execute(_SHIFT, {**here, **more}).rowcount:
                self._touched.pop((before.episode, before.language))
                self.touch(before.episode, "")
        return after

    def put(self, units: Sequence[StoredUnit]) -> tuple[StoredUnit, ...]:
        """Store units as they are, without a revision, their findings counted again."""
        counted = self._counted(units)
        self._update(counted, [from_unit(unit) for unit in counted])
        return counted

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store new units, given as columns."""
        execute_many(self.connection, _ADD, rows)
        for row in rows:
            self.touch(row["episode_id"], row["language"])

    def touch(self, episode: str, language: str) -> None:
        """Count this language of an episode again at the end; no language: nothing that is counted changed."""
        self._touched[episode, language] = None

    def finish(self) -> None:
        """Bring the numbers of all that was touched up to date."""
        for episode, language in self._touched:
            if language:
                count(self.connection, episode, language)
        for episode in dict.fromkeys(episode for episode, _ in self._touched):
            self.connection.execute(_CHANGED, {"episode": episode})

    def _update(self, units: Sequence[StoredUnit], rows: Sequence[Mapping[str, Any]]) -> None:
        found = [{"unit": unit.id, **row} for unit, row in zip(units, rows, strict=True)]
        execute_many(self.connection, _UPDATE, found)
        for unit in units:
            self.touch(unit.episode, unit.language)

    def _text_at(self, unit_id: int, revision: int) -> str | None:
        if revision == 0:
            return ""
        query = sa.select(_revisions.c.text)
        return self.connection.scalar(query.where(_revisions.c.unit_id == unit_id, _revisions.c.revision == revision))

    def _counted(self, units: Sequence[StoredUnit]) -> tuple[StoredUnit, ...]:
        found = [unit for unit in units if unit.findings]
        dismissed = valid_dismissals(self.connection, found) if found else {}
        counted = []
        for unit in units:
            if not (unit.findings or unit.errors or unit.warnings):
                counted.append(unit)
                continue
            errors, warnings = open_counts(unit.findings, dismissed.get(unit.id, ()))
            same = (errors, warnings) == (unit.errors, unit.warnings)
            counted.append(unit if same else unit._replace(errors=errors, warnings=warnings))
        return tuple(counted)


class Writing(Database):
    """A database whose units can be changed."""

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A transaction that writes; it is on the disk when the block has ended.

        Raises:
            EpisodeError: the database is damaged, can't be reached or can't be written.
        """
        with self.connection(write=True) as connection:
            work = Work(connection, self.where)
            yield work
            work.finish()


def outcome(unit_id: int, unit: StoredUnit | None, why: Why = "") -> Outcome:
    """What became of one unit of many."""
    return Outcome(unit_id, unit, not why, why)


def select_units(connection: sa.Connection, ids: Iterable[int]) -> dict[int, StoredUnit]:
    """The units that there are of these numbers."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, StoredUnit] = {}
    for start in range(0, len(wanted), _MANY):
        query = sa.select(_units).where(_units.c.id.in_(wanted[start : start + _MANY]))
        found.update((unit.id, unit) for unit in map(to_unit, connection.execute(query).all()))
    return found


def dismissal_digest(unit: StoredUnit) -> str:
    """What a dismissal holds for: the sentence and its text as they are."""
    return sha256_json([unit.source, unit.text])


def valid_dismissals(connection: sa.Connection, units: Sequence[StoredUnit]) -> dict[int, tuple[tuple[str, str], ...]]:
    """(rule, value) of what people dismissed and still holds, by unit; an empty value: all of the rule."""
    by_id = {unit.id: unit for unit in units}
    ids, table = list(by_id), tables.dismissals
    found: dict[int, list[tuple[str, str]]] = {}
    for start in range(0, len(ids), _MANY):
        query = sa.select(table).where(table.c.unit_id.in_(ids[start : start + _MANY]))
        for row in connection.execute(query):
            if row.digest == dismissal_digest(by_id[row.unit_id]):
                found.setdefault(row.unit_id, []).append((row.rule, row.value))
    return {unit_id: tuple(pairs) for unit_id, pairs in found.items()}


def open_counts(findings: Sequence[Finding], dismissed: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """How many errors and warnings are left."""
    left = [
        each.severity
        for each in findings
        if (each.rule, "") not in dismissed and (each.rule, each.value) not in dismissed
    ]
    return left.count("error"), left.count("warning")


def count(connection: sa.Connection, episode: str, language: str) -> None:
    """Make the tally of a language of an episode true."""
    here = {"episode": episode, "language": language}
    row = connection.execute(_COUNT, here).mappings().one_or_none()
    if row is None:
        connection.execute(_NO_TALLY, here)
    elif not connection.execute(_TALLY, {f"new_{name}": value for name, value in row.items()}).rowcount:
        connection.execute(_NEW_TALLY, dict(row))


def _share(unit: StoredUnit) -> dict[str, int]:
    """What a unit adds to the numbers of its language."""
    numbers = {name: int(unit.status == name) for name in ("new", "machine", "edited", "approved")}
    return numbers | {
        "stale": int(unit.stale),
        "flagged": int(unit.flagged),
        "errors": unit.errors,
        "warnings": unit.warnings,
        "proposals": int(unit.proposal != ""),
    }


def _dated(edit: Edit, at: str) -> StoredUnit:
    """The unit after a change, with the change's number, and who made its first text and who approved it."""
    before, after = edit.before, edit.after
    first = bool(after.text and not before.created_by)
    kept = before.status == after.status == "approved" and edit.kind != "approve"
    approved = (before.approved_by, before.approved_at) if kept else (edit.who, at)
    by, when = approved if after.status == "approved" else ("", "")
    return after._replace(
        revision=before.revision + 1,
        updated_at=at,
        changed_by=edit.who,
        stale=bool(after.stale_because),
        created_by=edit.who if first else before.created_by,
        created_at=at if first else before.created_at,
        approved_by=by,
        approved_at=when,
    )
