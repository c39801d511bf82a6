"""Reading units: those of an episode, in the order of its lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pipeline.errors import EpisodeError
from pipeline.files import sha256_json
from pipeline.store import tables
from pipeline.store.database import Database
from pipeline.store.records import StoredUnit
from pipeline.store.rows import to_unit
from pipeline.store.writing import select_units

_units = tables.units


class Units(Database):
    """What is read of units."""

    def unit(self, unit_id: int) -> StoredUnit:
        """One unit.

        Raises:
            EpisodeError: there is none of that number.
        """
        found = self.units_by_id([unit_id])
        if not found:
            raise EpisodeError(f"There is no unit {unit_id}.", where=self.where, remedy="Load the page again.")
        return found[0]

    def units_by_id(self, ids: Iterable[int]) -> tuple[StoredUnit, ...]:
        """Units in the order asked for; those that there are not are left out."""
        wanted = list(ids)
        with self.connection() as connection:
            found = select_units(connection, wanted)
        return tuple(found[unit_id] for unit_id in wanted if unit_id in found)

    def units(self, episode: str, language: str) -> tuple[StoredUnit, ...]:
        """The attached units of an episode in a language, in the order of their lines."""
        return self._select(episode, language, attached=True)

    def detached(self, episode: str, language: str) -> tuple[StoredUnit, ...]:
        """People's units whose sentence is not in the transcript any more, newest first."""
        found = (unit for unit in self._select(episode, language, attached=False) if unit.by_person)
        return tuple(sorted(found, key=lambda unit: unit.updated_at, reverse=True))

    def languages(self, episode: str) -> tuple[str, ...]:
        """The languages that the episode has units in."""
        with self.connection() as connection:
            query = sa.select(_units.c.language).where(_units.c.episode_id == episode).distinct()
            return tuple(sorted(connection.scalars(query)))

    def digest(self, episode: str, language: str) -> str:
        """SHA-256 of what subtitles are made from: it changes with any text, line or cue that a viewer would see."""
        return sha256_json([_seen(unit) for unit in self.units(episode, language)])

    def _select(self, episode: str, language: str, *, attached: bool) -> tuple[StoredUnit, ...]:
        with self.connection() as connection:
            rows = connection.execute(of(episode, language).where(_units.c.attached == attached))
            return tuple(to_unit(row) for row in rows)


def of(episode: str, language: str) -> sa.Select[Any]:
    """The rows of an episode in a language, attached or not."""
    return (
        sa.select(_units)
        .where(_units.c.episode_id == episode, _units.c.language == language)
        .order_by(_units.c.first_line, _units.c.id)
    )


def _seen(unit: StoredUnit) -> tuple[object, ...]:
    plain = (unit.first, unit.last, unit.text)
    if not unit.fixed_cues:
        return plain
    return (*plain, [(cue.start_ms, cue.end_ms, cue.text) for cue in unit.fixed_cues])
