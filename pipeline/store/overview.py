"""All episodes by language in numbers: what a workspace's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.database import Database

_tallies, _episodes = tables.tallies, tables.episodes


@dataclass(frozen=True, slots=True)
class Tally:
    """The attached units of an episode in a language, counted.

    Attributes:
        units: all of them; then by status.
        stale, flagged, proposals: units that are so, or have one.
        errors, warnings: findings that nobody dismissed.
        open_comments: comments that nobody resolved.
        updated_at: when one of them changed last.
    """

    episode: str
    path: str
    title: str
    language: str
    units: int
    new: int
    machine: int
    edited: int
    approved: int
    stale: int
    flagged: int
    errors: int
    warnings: int
    open_comments: int
    proposals: int
    updated_at: str


class Overview(Database):
    """Numbers, kept up with every change, so that reading them is quick however much there is."""

    def overview(self) -> tuple[Tally, ...]:
        """All episodes that have units, by path and language."""
        return self._tallies(_query())

    def tallies(self, episode: str) -> tuple[Tally, ...]:
        """The languages of an episode."""
        return self._tallies(_query().where(_tallies.c.episode_id == episode))

    def pulse(self, episode: str = "") -> str:
        """Changes with anything in the store that a page of the episode would show; without one, of any episode."""
        query = sa.select(sa.func.sum(_episodes.c.changes), sa.func.count())
        if episode:
            query = query.where(_episodes.c.id == episode)
        with self.connection() as connection:
            changes, episodes = connection.execute(query).one()
        return f"{changes or 0}-{episodes}"

    def _tallies(self, query: sa.Select[Any]) -> tuple[Tally, ...]:
        with self.connection() as connection:
            found = [Tally(*row) for row in connection.execute(query)]
        # Databases do not agree on the order of letters.
        return tuple(sorted(found, key=lambda each: (each.path, each.language)))


def _query() -> sa.Select[Any]:
    numbers = [column for column in _tallies.c if column.name not in ("episode_id", "language")]
    return sa.select(
        _episodes.c.id, _episodes.c.path, _episodes.c.title, _tallies.c.language, *numbers
    ).join(_tallies, _tallies.c.episode_id == _episodes.c.id)  # fmt: skip
