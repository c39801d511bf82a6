"""Titles and descriptions of videos in other languages: machines propose, people decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.records import PEOPLES
from pipeline.store.rows import clean
from pipeline.store.writing import Writing

_texts = tables.video_texts
TextField = Literal["title", "description"]
TextStatus = Literal["machine", "edited", "approved"]


@dataclass(frozen=True, slots=True)
class StoredText:
    """A title or a description in another language.

    Attributes:
        source: what it is a translation of.
        status: `machine`, or `edited` or `approved` by a person.
        who: `machine:ENGINE`, or the person.
    """

    language: str
    field: TextField
    source: str
    text: str
    status: TextStatus
    engine: str
    who: str
    at: str

    @property
    def by_person(self) -> bool:
        return self.status in PEOPLES


class VideoTexts(Writing):
    """An episode's titles and descriptions by language."""

    def video_texts(self, episode: str) -> tuple[StoredText, ...]:
        """All of an episode, by language."""
        query = sa.select(_texts).where(_texts.c.episode_id == episode)
        with self.connection() as connection:
            found = [_text(row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda each: (each.language, each.field != "title")))

    def save_machine_text(
        self, episode: str, language: str, field: TextField, *, source: str, text: str, engine: str
    ) -> bool:
        """Store a machine's text; returns False, and changes nothing, where a person wrote or approved one."""
        values = {"source": source, "text": text, "status": "machine", "engine": engine, "who": f"machine:{engine}"}
        return self._save(episode, language, field, values, over_people=False)

    def save_text(
        self, episode: str, language: str, field: TextField, *, source: str, text: str, who: str, approved: bool
    ) -> None:
        """Store a person's text, or their approval of the one that is there."""
        values = {
            "source": source, "text": text, "status": "approved" if approved else "edited", "engine": "", "who": who
        }  # fmt: skip
        self._save(episode, language, field, values, over_people=True)

    def _save(self, episode: str, language: str, field: str, values: dict[str, str], *, over_people: bool) -> bool:
        here = (_texts.c.episode_id == episode) & (_texts.c.language == language) & (_texts.c.field == field)
        with self.work() as work:
            row = work.connection.execute(sa.select(_texts).where(here)).one_or_none()
            if row is not None and row.status in PEOPLES and not over_people:
                return False
            cleaned = {name: clean(value) for name, value in values.items()} | {"at": work.now}
            if row is None:
                place = {"episode_id": episode, "language": language, "field": field}
                work.connection.execute(sa.insert(_texts).values(**place, **cleaned))
            else:
                work.connection.execute(sa.update(_texts).where(here).values(**cleaned))
            work.touch(episode, "")
        return True


def _text(row: Any) -> StoredText:
    return StoredText(row.language, row.field, row.source, row.text, row.status, row.engine, row.who, row.at)
