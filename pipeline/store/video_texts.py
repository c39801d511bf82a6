"""Titles and descriptions of videos in other languages: machines propose, people decide, and every state is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.errors import EpisodeError
from pipeline.store import tables
from pipeline.store.database import new_id
from pipeline.store.records import PEOPLES
from pipeline.store.rows import clean
from pipeline.store.writing import Work, Writing

_texts, _revisions = tables.video_texts, tables.video_text_revisions
TextField = Literal["title", "description"]
TextStatus = Literal["machine", "edited", "approved"]
TextKind = Literal["machine", "edit", "approve", "reopen", "revert"]


@dataclass(frozen=True, slots=True)
class StoredText:
    """A title or a description in another language.

    Attributes:
        source: what it is a translation of.
        status: `machine`, or `edited` or `approved` by a person.
        who: `machine:ENGINE`, or the person.
        revision: counts the states that it had, from 1.
    """

    language: str
    field: TextField
    source: str
    text: str
    status: TextStatus
    engine: str
    who: str
    at: str
    revision: int = 0

    @property
    def by_person(self) -> bool:
        return self.status in PEOPLES


@dataclass(frozen=True, slots=True)
class TextRevision:
    """A state that a title or a description had; `kind`: how it came to it."""

    revision: int
    kind: TextKind
    source: str
    text: str
    status: TextStatus
    who: str
    at: str


class TextConflictError(EpisodeError):
    """Somebody else changed a title or a description in the meantime. Nothing was changed.

    Attributes:
        theirs: it as it is now.
        base: the text that was seen; None: there is no such revision.
    """

    def __init__(self, theirs: StoredText | None, base: str | None, *, where: str) -> None:
        super().__init__(
            "It was changed in the meantime.", where=where, remedy="Load it again, and make the change there."
        )
        self.theirs = theirs
        self.base = base


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
        with self.work() as work:
            row = _row(work, episode, language, field)
            if row is not None and row.status in PEOPLES:
                return False
            _store(work, row, (episode, language, field), values, "machine")
        return True

    def save_text(
        self,
        episode: str,
        language: str,
        field: TextField,
        *,
        source: str,
        text: str,
        who: str,
        approved: bool,
        expected_revision: int | None = None,
        kind: TextKind = "edit",
    ) -> StoredText:
        """Store a person's text, or their approval of the one that is there, or that it is none any more.

        Arguments:
            expected_revision: what the person saw; 0: nothing. None: whatever is there.
            kind: `edit` with `approved` is both, in this order.

        Raises:
            TextConflictError: it is another one by now.
        """
        here = (episode, language, field)
        values = {"source": source, "text": text, "status": "edited", "engine": "", "who": who}
        with self.work() as work:
            row = _row(work, *here)
            if expected_revision is not None and expected_revision != (row.revision if row is not None else 0):
                raise _conflict(work, row, expected_revision, self.where)
            if kind not in ("approve", "reopen") and not (row is not None and _is(row, values)):
                row = _store(work, row, here, values, kind)
            if kind == "reopen":
                row = _store(work, row, here, values, "reopen")
            elif approved and (row is None or row.status != "approved" or not _is(row, values)):
                row = _store(work, row, here, {**values, "status": "approved"}, "approve")
        assert row is not None
        return _text(row)

    def text_history(self, episode: str, language: str, field: TextField) -> tuple[TextRevision, ...]:
        """All states that a title or a description ever had, the oldest first."""
        query = (
            sa.select(_revisions)
            .join(_texts, _texts.c.id == _revisions.c.text_id)
            .where(_texts.c.episode_id == episode, _texts.c.language == language, _texts.c.field == field)
            .order_by(_revisions.c.revision)
        )
        with self.connection() as connection:
            return tuple(
                TextRevision(row.revision, row.kind, row.source, row.text, row.status, row.who, row.at)
                for row in connection.execute(query)
            )


def _row(work: Work, episode: str, language: str, field: str) -> Any:
    here = (_texts.c.episode_id == episode) & (_texts.c.language == language) & (_texts.c.field == field)
    return work.connection.execute(sa.select(_texts).where(here)).one_or_none()


def _is(row: Any, values: dict[str, str]) -> bool:
    """Whether a person left the same text of the same source there."""
    return row.status in PEOPLES and (row.text, row.source) == (clean(values["text"]), clean(values["source"]))


def _store(work: Work, row: Any, here: tuple[str, str, str], values: dict[str, str], kind: TextKind) -> Any:
    """Write a state, and keep it; returns the row as it is then."""
    episode, language, field = here
    number = 1 if row is None else row.revision + 1
    cleaned = {name: clean(value) for name, value in values.items()} | {"at": work.now}
    if row is None:
        place = {"episode_id": episode, "language": language, "field": field}
        identity = new_id(work.connection, sa.insert(_texts).values(**place, **cleaned, revision=number))
    else:
        identity = row.id
        work.connection.execute(sa.update(_texts).where(_texts.c.id == identity).values(**cleaned, revision=number))
    work.connection.execute(sa.insert(_revisions).values(text_id=identity, revision=number, kind=kind, **cleaned))
    work.touch(episode, "")
    return _row(work, *here)


def _conflict(work: Work, row: Any, seen: int, where: str) -> TextConflictError:
    base: str | None = "" if seen == 0 else None
    if row is not None and seen:
        query = sa.select(_revisions.c.text).where(_revisions.c.text_id == row.id, _revisions.c.revision == seen)
        base = work.connection.scalar(query)
    return TextConflictError(None if row is None else _text(row), base, where=where)


def _text(row: Any) -> StoredText:
    return StoredText(
        row.language, row.field, row.source, row.text, row.status, row.engine, row.who, row.at, row.revision
    )
