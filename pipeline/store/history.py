"""The history of units: every state that they ever had, and the way back to any of them, by new revisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.editing import Editing
from pipeline.store.records import NO_PROPOSAL, Change, Kind, Revision, StoredUnit
from pipeline.store.rows import cue_set_of, findings_of, to_kind, to_status
from pipeline.store.writing import Work

_revisions, _units = tables.revisions, tables.units
# Undoing goes back over none of these: another program's work, and units that became others.
_WALLS = ("machine", "split", "merge")
_KINDS = (
    sa.select(_revisions.c.revision, _revisions.c.kind)
    .where(_revisions.c.unit_id == sa.bindparam("unit"))
    .order_by(_revisions.c.revision)
)


class History(Editing):
    """Reading what was, and going back to it."""

    def history(self, unit_id: int) -> tuple[Revision, ...]:
        """All states that a unit ever had, oldest first."""
        with self.connection() as connection:
            rows = _rows(connection, unit_id)
        before = ""
        found = []
        for row in rows:
            found.append(_revision(row, before))
            before = row.text
        return tuple(found)

    def can_undo(self, unit_id: int) -> tuple[bool, bool]:
        """Whether there is something to undo, and to redo."""
        with self.connection() as connection:
            undo, redo = stacks((row[0], to_kind(row[1])) for row in connection.execute(_KINDS, {"unit": unit_id}))
        return bool(undo), bool(redo)

    def undo(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Bring back the state before the last change that was not undone yet.

        Raises:
            ConflictError: the unit was changed meanwhile, or there is nothing to undo.
        """
        return self._step(unit_id, who, expected_revision, "undo", save_id)

    def redo(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Bring back what was undone last.

        Raises:
            ConflictError: the unit was changed meanwhile, or there is nothing to redo.
        """
        return self._step(unit_id, who, expected_revision, "redo", save_id)

    def revert(self, unit_id: int, revision: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Bring back the state of any earlier revision.

        Raises:
            ConflictError: the unit was changed meanwhile, or never had that revision.
        """

        def reverted(unit: StoredUnit, work: Work) -> StoredUnit:
            rows = {row.revision: row for row in _rows(work.connection, unit_id)}
            if revision not in rows:
                raise work.refuse(unit, f"The unit has no revision {revision}.", "Load its history again.")
            return _restored(unit, rows[revision])

        note = f"revision {revision}"
        return self._change(unit_id, who, expected_revision, "revert", reverted, note=note, save_id=save_id)

    def changes(self, after: int = 0, *, episode: str = "", limit: int = 1000) -> tuple[Change, ...]:
        """Revisions of all units in the order in which they were committed, by this program and others.

        Whoever asks again with the last number seen misses none.

        Arguments:
            after: the number of the last one known.
            episode: of this one only.
        """
        query = (
            sa.select(
                _revisions.c.id, _revisions.c.unit_id, _units.c.episode_id, _units.c.language, _revisions.c.revision,
                _revisions.c.kind, _revisions.c.who, _revisions.c.at,
            )
            .join(_units, _units.c.id == _revisions.c.unit_id)
            .where(_revisions.c.id > after)
            .order_by(_revisions.c.id)
            .limit(limit)
        )  # fmt: skip
        if episode:
            query = query.where(_units.c.episode_id == episode)
        with self.connection() as connection:
            return tuple(
                Change(row[0], row[1], row[2], row[3], row[4], to_kind(row[5]), row[6], row[7])
                for row in connection.execute(query)
            )

    def last_change(self) -> int:
        """The number of the newest revision; 0 if there is none."""
        with self.connection() as connection:
            return connection.scalar(sa.select(sa.func.max(_revisions.c.id))) or 0

    def _step(self, unit_id: int, who: str, expected_revision: int, kind: Kind, save_id: str) -> StoredUnit:
        def stepped(unit: StoredUnit, work: Work) -> StoredUnit:
            rows = _rows(work.connection, unit_id)
            stack = stacks((row.revision, to_kind(row.kind)) for row in rows)[0 if kind == "undo" else 1]
            if not stack:
                raise work.refuse(unit, f"There is nothing to {kind}.", "Look at the unit's history.")
            by_number = {row.revision: row for row in rows}
            undone = by_number[stack[-1]]
            took = json.loads(undone.state).get("took", {})
            if kind == "undo":
                return _with_proposal(_restored(unit, by_number.get(undone.revision - 1)), took)
            after = _restored(unit, undone)
            return after._replace(**NO_PROPOSAL) if took and after.proposal == took["text"] else after  # type: ignore[arg-type]

        return self._change(unit_id, who, expected_revision, kind, stepped, save_id=save_id)


def stacks(kinds: Iterable[tuple[int, Kind]]) -> tuple[list[int], list[int]]:
    """The revisions that can be undone and redone, the next one last; pure."""
    undo: list[int] = []
    redo: list[int] = []
    for revision, kind in kinds:
        if kind == "undo":
            redo.append(undo.pop())
        elif kind == "redo":
            undo.append(redo.pop())
        elif kind in _WALLS:
            undo, redo = [], []
        elif kind != "stale":  # A fact about the transcript, nobody's work.
            undo.append(revision)
            redo = []
    return undo, redo


def _rows(connection: sa.Connection, unit_id: int) -> Sequence[Any]:
    query = sa.select(_revisions).where(_revisions.c.unit_id == unit_id).order_by(_revisions.c.revision)
    return connection.execute(query).all()


def _restored(unit: StoredUnit, row: Any) -> StoredUnit:
    """The unit with what a person can change as it was at a revision; None: as before the first."""
    state = json.loads(row.state) if row is not None else {}
    return unit._replace(
        text=row.text if row is not None else "",
        status=to_status(row.status) if row is not None else "new",
        text_source=row.source if row is not None else unit.source,
        engine=state.get("engine", ""),
        fingerprint=state.get("fingerprint", ""),
        findings=findings_of(state.get("findings", ())),
        made_from=state.get("made_from", {}),
        cue_set=cue_set_of(state.get("cues")),
        flagged=state.get("flagged", False),
        flag_reason=state.get("flag", ""),
    )


def _with_proposal(unit: StoredUnit, took: dict[str, Any]) -> StoredUnit:
    """The unit with the proposal again that an undone change took, unless there is a newer one."""
    if unit.proposal or not took:
        return unit
    return unit._replace(
        proposal=took["text"],
        proposal_fingerprint=took["fingerprint"],
        proposal_engine=took["engine"],
        proposal_findings=findings_of(took["findings"]),
        proposal_at=took["at"],
    )


def _revision(row: Any, before: str) -> Revision:
    state = json.loads(row.state)
    cues = cue_set_of(state.get("cues"))
    return Revision(
        row.revision, row.source, row.text, to_status(row.status), row.who, row.at, to_kind(row.kind), before,
        row.note, cues.cues if cues else (), state.get("flagged", False), state.get("flag", ""),
        state.get("engine", ""),
    )  # fmt: skip
