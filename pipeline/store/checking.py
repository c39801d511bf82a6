"""Whether a database is whole: its pages, its references, every history, the numbers kept beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.database import Database
from pipeline.store.records import Status
from pipeline.store.rows import to_unit
from pipeline.store.writing import tally_query

_units, _revisions = tables.units, tables.revisions
# What is JSON, and what stands there for nothing.
_EMPTY = {"findings": "[]", "proposal_findings": "[]", "made_from": "{}", "would_be_from": "{}", "cues": ""}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be.

    Attributes:
        kind: integrity, reference, orphan, history, contents or numbers.
        where: the table, and the row in it.
        what: what is wrong.
    """

    kind: str
    where: str
    what: str


class Checking(Database):
    """The examination of a whole database."""

    def check(self) -> tuple[Problem, ...]:
        """Everything that is wrong; nothing is changed.

        Raises:
            EpisodeError: it is so damaged that it can't be read.
        """
        with self.connection() as connection:
            if self.is_sqlite:
                bad = [Problem("integrity", self.where, said) for said in _integrity(connection)]
                if bad:
                    return tuple(bad)
                found = list(_references(connection))
            else:
                found = []
            found += [*_orphans(connection), *_histories(connection), *_contents(connection), *_numbers(connection)]
        return tuple(found)


def _integrity(connection: sa.Connection) -> Iterator[str]:
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if said != "ok":
            yield str(said)


def _references(connection: sa.Connection) -> Iterator[Problem]:
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Problem("reference", f"{table} {row}", f"what it belongs to in {parent} is not there")


def _orphans(connection: sa.Connection) -> Iterator[Problem]:
    """Rows whose unit or episode is gone; also where the database does not watch over references itself."""
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_keys:
            there = sa.exists().where(key.column == key.parent)
            here = table.c[next(iter(table.primary_key.columns)).name]
            for (row,) in connection.execute(sa.select(here).where(~there)):
                yield Problem("orphan", f"{table.name} {row}", f"its {key.parent.name} is not there")


def _histories(connection: sa.Connection) -> Iterator[Problem]:
    """Units, titles and descriptions whose revisions have gaps, or whose last one is not what they are."""
    for table, revisions in ((_units, _revisions), (tables.video_texts, tables.video_text_revisions)):
        owner = next(key.parent for key in revisions.foreign_keys if key.column.table is table)
        counts = (
            sa.select(
                owner.label("owner"),
                sa.func.count().label("number"),
                sa.func.min(revisions.c.revision).label("first"),
                sa.func.max(revisions.c.revision).label("last"),
            )
            .group_by(owner)
            .subquery()
        )
        query = sa.select(table.c.id, table.c.revision, counts.c.number, counts.c.first, counts.c.last).outerjoin(
            counts, counts.c.owner == table.c.id
        )
        for row in connection.execute(query):
            number, first, last = row.number or 0, row.first or 1, row.last or 0
            if (number, first, last) != (row.revision, 1, row.revision):
                what = f"it is at revision {row.revision}, its history has {number}, from {first} to {last}"
                yield Problem("history", f"{table.name} {row.id}", what)
        latest = (owner == table.c.id) & (revisions.c.revision == table.c.revision)
        differs = (revisions.c.text != table.c.text) | (revisions.c.status != table.c.status)
        for (number,) in connection.execute(sa.select(table.c.id).join(revisions, latest).where(differs)):
            yield Problem("history", f"{table.name} {number}", "its text is not that of its last revision")


def _contents(connection: sa.Connection) -> Iterator[Problem]:
    """Units and revisions that can't be read as such."""
    for table in (_units, _revisions):
        strange = sa.select(table.c.id, table.c.status).where(table.c.status.not_in(get_args(Status)))
        for number, status in connection.execute(strange):
            yield Problem("contents", f"{table.name} {number}", f"{status!r} is no status")
    told = [_units.c[name] != empty for name, empty in _EMPTY.items()]
    for row in connection.execute(sa.select(_units).where(sa.or_(*told), _units.c.status.in_(get_args(Status)))):
        try:
            to_unit(row)
        except (ValueError, KeyError, TypeError) as error:
            yield Problem("contents", f"units {row.id}", f"{type(error).__name__}: {error}")


def _numbers(connection: sa.Connection) -> Iterator[Problem]:
    table = tables.tallies
    columns = [column for column in table.c if column.name != "updated_at"]
    kept = {(row.episode_id, row.language): tuple(row) for row in connection.execute(sa.select(*columns))}
    counted = tally_query().subquery()
    query = sa.select(*[counted.c[column.name] for column in columns])
    true = {(row.episode_id, row.language): tuple(row) for row in connection.execute(query)}
    for key in sorted({*kept, *true}):
        if kept.get(key) != true.get(key):
            yield Problem("numbers", f"tallies {key[0]} {key[1]}", "the overview says another number than its units")
