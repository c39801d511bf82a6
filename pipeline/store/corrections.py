"""What machines wrote and what people made of it: the pairs that a report measures."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.database import Database
from pipeline.store.records import PEOPLES, Status
from pipeline.store.rows import to_status

_units, _revisions = tables.units, tables.revisions


@dataclass(frozen=True, slots=True)
class Correction:
    """A unit that a person edited or approved, beside the last text that a machine gave it.

    Attributes:
        engine: which one wrote it, as `server` or `memory`.
        machine: its text.
        person: the text as it stands.
        at: when it was changed last, ISO 8601, UTC.
    """

    unit: int
    episode: str
    language: str
    first: int
    last: int
    source: str
    engine: str
    machine: str
    person: str
    status: Status
    who: str
    at: str


class Corrections(Database):
    """Machine's texts beside people's."""

    def corrections(self, episode: str = "") -> tuple[Correction, ...]:
        """All attached units that people edited or approved and a machine wrote first, by episode, language and line.

        Units that people made themselves, by a split or a merge, were written by no machine and are left out.

        Arguments:
            episode: of this one only.
        """
        last = (
            sa.select(_revisions.c.unit_id, sa.func.max(_revisions.c.revision).label("revision"))
            .where(_revisions.c.kind == "machine")
            .group_by(_revisions.c.unit_id)
            .subquery()
        )
        regrouped = sa.select(_revisions.c.unit_id).where(_revisions.c.kind.in_(("split", "merge")))
        query = (
            sa.select(
                _units.c.id, _units.c.episode_id, _units.c.language, _units.c.first_line, _units.c.last_line,
                _units.c.source, _revisions.c.who, _revisions.c.text, _units.c.text, _units.c.status,
                _units.c.changed_by, _units.c.updated_at,
            )
            .join(last, last.c.unit_id == _units.c.id)
            .join(_revisions, sa.and_(_revisions.c.unit_id == _units.c.id, _revisions.c.revision == last.c.revision))
            .where(_units.c.attached, _units.c.status.in_(PEOPLES), _units.c.id.not_in(regrouped))
            .order_by(_units.c.episode_id, _units.c.language, _units.c.first_line)
        )  # fmt: skip
        if episode:
            query = query.where(_units.c.episode_id == episode)
        with self.connection() as connection:
            return tuple(
                Correction(
                    *row[:6], row[6].removeprefix("machine:"), row[7], row[8], to_status(row[9]), row[10], row[11]
                )
                for row in connection.execute(query)
            )
