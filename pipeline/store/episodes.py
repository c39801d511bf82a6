"""Which folder is which episode of the store: an id that goes with the folder, and the path where it was last."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.errors import EpisodeError
from pipeline.files import write_text
from pipeline.store import tables
from pipeline.store.rows import clean
from pipeline.store.writing import Work, Writing

_episodes = tables.episodes
ID_FILE = Path("zimu") / "episode-id"
# An id of ours, or the path that was the id before there were files with one.
_ID = re.compile(r"[^\x00-\x1f\x7f]{1,500}")


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """An episode as the store knows it; `path` is its folder's place in the workspace when it was last seen."""

    id: str
    path: str
    title: str
    created_at: str


class Episodes(Writing):
    """Episodes by id and by folder."""

    def adopt(self, folder: Path, *, workspace: Path, title: str = "") -> str:
        """The id of the episode in a folder; it becomes known to the store.

        The id lies in the folder, so a renamed or moved folder is the episode that it was. A copy, whose original is
        still where it was, gets an id of its own. A folder without the file is the episode that was seen at its path.

        Raises:
            EpisodeError: the database can't be written.
        """
        path = place(folder, workspace)
        said = _read(folder)
        with self.connection() as connection:
            known = {row.id: row for row in connection.execute(_near(said, path))}
        row = known.get(said)
        if row is not None and row.path == path and (not title or row.title == clean(title)):
            return said  # As it was: nothing is written.
        with self.work() as work:
            episode = _decide(work, said, path, folder, workspace)
            _remember(work, episode, path, title)
        if episode != said:
            _write(folder, episode)
        return episode

    def episodes(self) -> tuple[StoredEpisode, ...]:
        """All of them, by path."""
        with self.connection() as connection:
            found = [_episode(row) for row in connection.execute(sa.select(_episodes))]
        return tuple(sorted(found, key=lambda episode: (episode.path, episode.id)))

    def episode(self, episode: str) -> StoredEpisode | None:
        """The episode of an id."""
        return self._one(_episodes.c.id == episode)

    def episode_at(self, path: str) -> StoredEpisode | None:
        """The episode that was seen last in a folder."""
        return self._one(_episodes.c.path == path)

    def _one(self, where: sa.ColumnElement[bool]) -> StoredEpisode | None:
        with self.connection() as connection:
            rows = connection.execute(sa.select(_episodes).where(where).order_by(_episodes.c.created_at.desc()))
            row = rows.first()
        return _episode(row) if row is not None else None


def place(folder: Path, workspace: Path) -> str:
    """A folder's path in its workspace; its name where it is the workspace itself."""
    return folder.name if folder == workspace else folder.relative_to(workspace).as_posix()


def _decide(work: Work, said: str, path: str, folder: Path, workspace: Path) -> str:
    """Which episode it is: the one that the folder says, the one seen there, or a new one."""
    known = {row.id: row for row in work.connection.execute(_near(said, path))}
    if said and said not in known:
        return said  # From another workspace, or another database.
    if said and not _is_copy(said, known[said].path, folder, workspace):
        return said
    if not said:
        here = [row for row in known.values() if row.path == path]
        # Of several that were seen there, those that moved away are where their folders say.
        if here:
            return str(max(here, key=lambda row: row.created_at).id)
    return secrets.token_hex(8)


def _is_copy(said: str, seen_at: str, folder: Path, workspace: Path) -> bool:
    """Whether another folder, where the episode was seen last, still says that it is it."""
    root = workspace if folder != workspace else folder.parent
    other = root / seen_at
    return other != folder and other.is_dir() and not other.samefile(folder) and _read(other) == said


def _remember(work: Work, episode: str, path: str, title: str) -> None:
    row = work.connection.execute(sa.select(_episodes).where(_episodes.c.id == episode)).one_or_none()
    values = {"path": clean(path), **({"title": clean(title)} if title else {})}
    if row is None:
        values = {"id": episode, "created_at": work.now, "title": "", **values}
        work.connection.execute(sa.insert(_episodes).values(values))
    else:
        work.connection.execute(sa.update(_episodes).where(_episodes.c.id == episode).values(values))
    # The folder is this episode's now; what was seen there before is not there any more.
    elsewhere = sa.update(_episodes).where(_episodes.c.path == clean(path), _episodes.c.id != episode)
    work.connection.execute(elsewhere.values(path=""))
    work.touch(episode, "")


def _near(said: str, path: str) -> sa.Select[Any]:
    return sa.select(_episodes).where((_episodes.c.id == said) | (_episodes.c.path == clean(path)))


def _read(folder: Path) -> str:
    """The id that a folder says; empty: none."""
    try:
        with (folder / ID_FILE).open(encoding="utf-8") as file:
            text = file.read(1000).strip()
    except (OSError, ValueError):
        return ""
    return text if _ID.fullmatch(text) else ""


def _write(folder: Path, episode: str) -> None:
    """Put the id into the folder; one that can't be written to is known by its path."""
    with suppress(OSError, EpisodeError):
        write_text(folder / ID_FILE, episode + "\n")


def _episode(row: Any) -> StoredEpisode:
    return StoredEpisode(row.id, row.path, row.title, row.created_at)
