"""What people say to one another about units, and which findings they dismiss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.errors import EpisodeError, UsageError
from pipeline.store import tables
from pipeline.store.database import new_id
from pipeline.store.records import StoredUnit
from pipeline.store.rows import clean, to_unit
from pipeline.store.writing import Work, Writing, dismissal_digest

_comments, _dismissals, _units = tables.comments, tables.dismissals, tables.units
_OF_UNIT = (
    sa.select(tables.dismissals)
    .where(tables.dismissals.c.unit_id == sa.bindparam("unit"))
    .order_by(tables.dismissals.c.id)
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark about a unit; without `resolved_by` it is open."""

    id: int
    unit: int
    who: str
    at: str
    text: str
    resolved_by: str
    resolved_at: str

    @property
    def resolved(self) -> bool:
        return bool(self.resolved_by)


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that a person lets stand, and why; void since the text or the sentence changed.

    `value` is the finding's; empty: all findings of the rule.
    """

    id: int
    unit: int
    rule: str
    value: str
    reason: str
    who: str
    at: str
    void: bool


class Remarks(Writing):
    """Comments and dismissals. Neither is a new revision of its unit."""

    def comment(self, unit_id: int, text: str, who: str, *, save_id: str = "") -> Comment:
        """Say something about a unit; sent twice with one `save_id` it is said once.

        Raises:
            EpisodeError: there is no such unit.
            UsageError: it is empty.
        """
        if not clean(text).strip():
            raise UsageError("A comment without words says nothing.", remedy="Write something.")
        with self.work() as work:
            if save_id and (known := _one(work, _comments.c.save_id == save_id)) is not None:
                return _comment(known)
            unit = work.unit(unit_id)
            values = {"unit_id": unit_id, "who": clean(who), "at": work.now, "text": clean(text)}
            number = new_id(work.connection, sa.insert(_comments).values(**values, save_id=save_id or None))
            _count_open(work, unit)
            return Comment(number, unit_id, clean(who), work.now, clean(text), "", "")

    def comments(self, unit_id: int) -> tuple[Comment, ...]:
        """All comments on a unit, oldest first."""
        query = sa.select(_comments).where(_comments.c.unit_id == unit_id).order_by(_comments.c.id)
        with self.connection() as connection:
            return tuple(_comment(row) for row in connection.execute(query))

    def episode_comments(self, episode: str, language: str) -> dict[int, tuple[Comment, ...]]:
        """All comments on an episode's units, by unit."""
        with self.connection() as connection:
            rows = _of_episode(connection, _comments, episode, language)
        return _by_unit([_comment(row) for row in rows])

    def resolve_comment(self, comment_id: int, who: str) -> Comment:
        """Mark a comment as done with; raises EpisodeError where there is none."""
        return self._resolve(comment_id, clean(who))

    def reopen_comment(self, comment_id: int) -> Comment:
        """Mark it as open again; raises EpisodeError where there is none."""
        return self._resolve(comment_id, "")

    def dismiss(
        self, unit_id: int, rule: str, reason: str, who: str, expected_revision: int, *, value: str = ""
    ) -> StoredUnit:
        """Let a finding stand as long as the text and its sentence do.

        Arguments:
            value: of that one finding; empty: all of the rule.

        Raises:
            ConflictError: the unit is not at `expected_revision` any more.
        """
        with self.work() as work:
            unit = work.checked(unit_id, expected_revision)
            same = (_dismissals.c.unit_id == unit_id, _dismissals.c.rule == rule, _dismissals.c.value == value)
            work.connection.execute(sa.delete(_dismissals).where(*same))
            work.connection.execute(sa.insert(_dismissals).values(
                unit_id=unit_id, rule=clean(rule), value=clean(value), reason=clean(reason), who=clean(who),
                at=work.now, digest=dismissal_digest(unit),
            ))  # fmt: skip
            return work.put([unit])[0]

    def undismiss(self, dismissal_id: int) -> StoredUnit:
        """Take a dismissal back.

        Raises:
            EpisodeError: there is none of that number.
        """
        with self.work() as work:
            query = sa.select(_dismissals.c.unit_id).where(_dismissals.c.id == dismissal_id)
            unit_id = work.connection.scalar(query)
            if unit_id is None:
                raise EpisodeError("This was taken back already.", where=self.where, remedy="Load the page again.")
            work.connection.execute(sa.delete(_dismissals).where(_dismissals.c.id == dismissal_id))
            return work.put([work.unit(unit_id)])[0]

    def dismissals(self, unit_id: int) -> tuple[Dismissal, ...]:
        """All dismissals of a unit, void ones too, oldest first."""
        with self.connection() as connection:
            rows = connection.execute(_OF_UNIT, {"unit": unit_id}).all()
            if not rows:  # as of most units
                return ()
            unit = connection.execute(sa.select(_units).where(_units.c.id == unit_id)).one_or_none()
            digest = dismissal_digest(to_unit(unit)) if unit is not None else ""
            return tuple(_dismissal(row, digest) for row in rows)

    def episode_dismissals(self, episode: str, language: str) -> dict[int, tuple[Dismissal, ...]]:
        """All dismissals of an episode's units, by unit."""
        with self.connection() as connection:
            rows = _of_episode(connection, _dismissals, episode, language)
            ids = {row.unit_id for row in rows}
            here = (_units.c.episode_id == episode, _units.c.language == language)
            units = connection.execute(sa.select(_units).where(*here)) if ids else ()
            digests = {row.id: dismissal_digest(to_unit(row)) for row in units if row.id in ids}
        return _by_unit([_dismissal(row, digests[row.unit_id]) for row in rows])

    def _resolve(self, comment_id: int, who: str) -> Comment:
        with self.work() as work:
            row = _one(work, _comments.c.id == comment_id)
            if row is None:
                raise EpisodeError("There is no such comment.", where=self.where, remedy="Load the page again.")
            at = work.now if who else ""
            changed = sa.update(_comments).where(_comments.c.id == comment_id)
            work.connection.execute(changed.values(resolved_by=who, resolved_at=at))
            _count_open(work, work.unit(row.unit_id))
            return Comment(row.id, row.unit_id, row.who, row.at, row.text, who, at)


def _one(work: Work, where: sa.ColumnElement[bool]) -> Any:
    return work.connection.execute(sa.select(_comments).where(where)).one_or_none()


def _count_open(work: Work, unit: StoredUnit) -> None:
    open_ones = (
        sa.select(sa.func.count())
        .select_from(_comments)
        .where(_comments.c.unit_id == unit.id, _comments.c.resolved_by == "")
    )
    changed = sa.update(_units).where(_units.c.id == unit.id)
    work.connection.execute(changed.values(open_comments=open_ones.scalar_subquery()))
    work.touch(unit.episode, unit.language)


def _of_episode(connection: sa.Connection, table: sa.Table, episode: str, language: str) -> Sequence[Any]:
    query = sa.select(table).join(_units, _units.c.id == table.c.unit_id).order_by(table.c.id)
    return connection.execute(query.where(_units.c.episode_id == episode, _units.c.language == language)).all()


def _by_unit(found: Sequence[Any]) -> dict[int, tuple[Any, ...]]:
    grouped: dict[int, list[Any]] = {}
    for each in found:
        grouped.setdefault(each.unit, []).append(each)
    return {unit: tuple(each) for unit, each in grouped.items()}


def _comment(row: Any) -> Comment:
    return Comment(row.id, row.unit_id, row.who, row.at, row.text, row.resolved_by, row.resolved_at)


def _dismissal(row: Any, digest: str) -> Dismissal:
    return Dismissal(row.id, row.unit_id, row.rule, row.value, row.reason, row.who, row.at, row.digest != digest)
