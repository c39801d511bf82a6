"""The workspace that the server serves: its settings, its store, its episodes; each thing found once and kept."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.episode import find_episodes, find_workspace, open_episode
from pipeline.errors import InputError, UsageError
from pipeline.files import config_file
from pipeline.job import Job, Workbench
from pipeline.languages import load_languages
from pipeline.layers import load_settings
from pipeline.progress import SilentReporter
from pipeline.review.desk import Desk, stamps_of
from pipeline.stages.database import locate
from pipeline.store import Store, StoredUnit
from pipeline.store.episodes import ID_FILE, place
from pipeline.store.where import database

_DESKS = 64


class UnknownError(InputError):
    """There is nothing of that name or number."""


class Workspace:
    """What is served.

    Arguments:
        folder: the workspace, or anything in it.
        flags: settings of the command line, for the server and for the stages that it starts.

    Raises:
        UsageError: it is neither a workspace nor an episode, or a setting is wrong.
        EpisodeError: the database is damaged or can't be reached.
    """

    def __init__(self, folder: Path, flags: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        here = folder.absolute()
        if not here.is_dir():
            raise UsageError("There is no such folder.", where=here, remedy="Give a workspace or an episode.")
        self.folder = find_workspace(here).resolve()
        self.flags = {section: dict(table) for section, table in (flags or {}).items()}
        self.settings = load_settings(workspace=self.folder, flags=self.flags).settings
        locate(self.folder, make=True)  # says what is wrong
        url = database(self.settings, self.folder)
        self.bench = Workbench()
        self.store: Store = self.bench.get(("store", url), lambda: Store.open(url))
        self.languages = load_languages(config_file("languages.toml", self.folder))
        #: Held while files of people are rewritten.
        self.writing = threading.RLock()
        self._lock = threading.RLock()
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._folders: dict[str, Path] = {}
        self._scan: tuple[float, tuple[Path, ...]] = (float("-inf"), ())

    def close(self) -> None:
        """Close the store."""
        self.bench.close()

    def episodes(self) -> tuple[Path, ...]:
        """The folders of all episodes, by path; looked for again after some seconds."""
        with self._lock:
            at, found = self._scan
            if time.monotonic() - at > self.settings.review.rescan_s:
                found = tuple(find_episodes(self.folder))
                self._meet(found)
                self._scan = (time.monotonic(), found)
            return found

    def path(self, folder: Path) -> str:
        """A folder's place in the workspace, as the store knows it."""
        return place(folder, self.folder)

    def unit(self, unit_id: int) -> StoredUnit:
        """Raises UnknownError where there is no such unit."""
        found = self.store.units_by_id([unit_id])
        if not found:
            raise UnknownError("There is no such unit.", where=str(unit_id), remedy="Load the page again.")
        return found[0]

    def desk(self, identity: str) -> Desk:
        """An episode by its id, or by its path in the workspace; made anew when its files have changed.

        Raises:
            UnknownError: there is no such episode.
            InputError: its media or transcript is missing, or the transcript is a link out of the workspace.
        """
        with self._lock:
            folder = self._folder(identity)
            stamps = stamps_of(self.folder, folder)
            known = self._desks.get(str(folder))
            if known is not None and known.stamps == stamps:
                self._desks.move_to_end(str(folder))
                return known
            desk = Desk(Job(open_episode(folder, self.flags), self.bench, SilentReporter()), stamps, known)
            transcript = desk.job.episode.transcript
            if not self.holds(transcript):  # a link: its lines would be shown, whatever file it is
                raise UnknownError(
                    "The transcript lies outside of the workspace.",
                    where=transcript.name,
                    remedy="Copy it into the episode's folder, or name its folder in review.media_folders.",
                )
            self._folders[desk.id] = folder
            self._desks[str(folder)] = desk
            if len(self._desks) > _DESKS:
                self._desks.popitem(last=False)
            return desk

    def holds(self, path: Path) -> bool:
        """Whether a file lies in the workspace or where `review.media_folders` allows it, whatever links lead to it."""
        roots = [self.folder, *(Path(folder).expanduser() for folder in self.settings.review.media_folders)]
        real = path.resolve()
        return any(real.is_relative_to(root.resolve()) for root in roots)

    def place_of(self, where: str) -> str:
        """Where something went wrong, without the folders above the workspace, or of files that are elsewhere."""
        inside = where.replace(f"{self.folder}/", "").replace(str(self.folder), self.folder.name)
        return inside.rpartition("/")[2] if inside.startswith("/") else inside

    def _folder(self, identity: str) -> Path:
        folder = self._folders.get(identity)
        if folder is not None and folder.is_dir():
            return folder
        stored = self.store.episode(identity)
        wanted = stored.path if stored is not None else identity
        # Only what the walk over the workspace finds is an episode: a path from outside is never followed.
        for found in self.episodes():
            if self.path(found) == wanted:
                return found
        raise UnknownError(
            "There is no such episode in this workspace.",
            where=identity,
            remedy="Go back to the list; its folder may have been renamed or removed.",
        )

    def _meet(self, folders: tuple[Path, ...]) -> None:
        """Tell the store where episodes that it knows have been moved to."""
        known = {episode.path for episode in self.store.episodes()}
        for folder in folders:
            if self.path(folder) not in known and (folder / ID_FILE).is_file():
                self.store.adopt(folder, workspace=self.folder)
