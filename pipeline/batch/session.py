"""A batch from a command to its end: find episodes, leave out what is finished, run the rest, keep what happened."""

from __future__ import annotations

import glob
import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pipeline.batch import marks
from pipeline.batch.keeping import History, Log, Metrics, open_log
from pipeline.batch.memory import Needs
from pipeline.batch.observing import Observer, Work
from pipeline.batch.planning import Order, Plan, Seen, Settling, first_stage, plan, settle, stage_names
from pipeline.batch.running import Batch, Rules
from pipeline.episode import find_episodes, find_workspace
from pipeline.errors import UsageError, ZimuError
from pipeline.executors.base import Executor
from pipeline.files import guard_output
from pipeline.layers import environment_layer, load_settings
from pipeline.settings import Settings
from pipeline.store.batches import Batches, BatchRun, Mark
from pipeline.store.database import now
from pipeline.store.where import database

Flags = dict[str, dict[str, Any]]
_WATCH_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for.

    Attributes:
        paths: workspaces, episodes or patterns.
        flags: settings of the command line.
        until, publish: the stages.
        order, limit, retry_refused: which episodes, and in which order.
        command: as it was typed, for the history.
    """

    paths: tuple[str, ...]
    flags: Flags
    until: str | None
    publish: bool
    order: Order
    limit: int | None
    retry_refused: bool
    command: str


@dataclass(slots=True)
class Space:
    """A workspace of the batch: its settings, its store, and what the marks of its episodes have in common."""

    folder: Path
    settings: Settings
    store: Batches
    common: str
    marks: dict[str, Mark] = field(default_factory=dict)
    pulses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """How a batch ended: the episodes that were worked on, and those that were not; why nothing could run any more."""

    run_id: str
    works: tuple[Work, ...]
    done_before: int
    refused: tuple[Seen, ...]
    later: int
    seconds: float
    stopped: bool
    error: ZimuError | None = None


def find(paths: Sequence[str]) -> list[Path]:
    """The episodes at or below folders, or folders that match a pattern; each once, in the order given.

    Raises:
        UsageError: a path or a pattern leads to nothing.
    """
    found: dict[Path, None] = {}
    for path in paths:
        folders = [Path(path)] if Path(path).is_dir() else [Path(each) for each in sorted(glob.glob(path))]  # noqa: PTH207
        episodes = [episode.absolute() for folder in folders if folder.is_dir() for episode in find_episodes(folder)]
        if not episodes:
            raise UsageError(
                "There is no episode here.",
                where=path,
                remedy="Give workspaces, episodes or patterns; an episode is a folder with transcript.txt and media.",
            )
        found.update(dict.fromkeys(episodes))
    return list(found)


def with_environment(flags: Flags) -> Flags:
    """The flags over the settings that the environment gives, so that workers elsewhere have both."""
    merged: Flags = {name: dict(table) for name, table in environment_layer(os.environ).tables.items()}
    for section, table in flags.items():
        merged.setdefault(section, {}).update(table)
    return merged


class Session:
    """The workspaces of a batch, opened; and what is done with their episodes."""

    def __init__(self, request: Request, stack: ExitStack) -> None:
        self.request = request
        self.flags = with_environment(request.flags)
        self.stages = stage_names(request.until, publish=request.publish)
        self.run_id = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        self._stack = stack
        self._spaces: dict[Path, Space] = {}

    @property
    def spaces(self) -> Mapping[Path, Space]:
        return self._spaces

    def look(self) -> list[Seen]:
        """All episodes of the request, with what their marks say."""
        return [self._see(folder) for folder in find(self.request.paths)]

    def plan(self, seen: Sequence[Seen]) -> Plan:
        """What is to be done, of what was seen."""
        request = self.request
        return plan(seen, order=request.order, limit=request.limit, retry_refused=request.retry_refused)

    def work(self, seen: Seen) -> Work:
        """An episode to be taken on."""
        stage = first_stage(seen.made, self.stages)
        space = self._space(find_workspace(seen.folder))
        stamps = marks.folder_stamps(seen.folder)
        return Work(seen, str(space.folder), stage, self.stages[0], stamps=stamps)

    def refresh(self) -> None:
        """Read again what marks and stores say."""
        for space in self._spaces.values():
            space.marks, space.pulses = space.store.marks(str(space.folder)), space.store.pulses()

    def appearance(self, seen: Seen) -> str:
        """What changes while somebody copies files into the episode's folder, or works on its texts."""
        space = self._space(find_workspace(seen.folder))
        mark = space.marks.get(seen.place)
        pulse = space.pulses.get(mark.store_id, "") if mark else ""
        return marks.signature(seen.folder, "", watched=(), pulse=pulse)

    def _see(self, folder: Path) -> Seen:
        space = self._space(find_workspace(folder))
        place = folder.name if folder == space.folder else folder.relative_to(space.folder).as_posix()
        newest = max((stamp[2] for stamp in marks.folder_stamps(folder)), default=0)
        mark = space.marks.get(place)
        if mark is not None:
            pulse = space.pulses.get(mark.store_id, "")
            if marks.signature(folder, space.common, watched=mark.watched, pulse=pulse) == mark.signature:
                return Seen(folder, place, newest, "refused" if mark.state == "refused" else "done", mark.error)
        return Seen(folder, place, newest, "open", made=marks.made_steps(folder))

    def _space(self, folder: Path) -> Space:
        if folder not in self._spaces:
            settings = load_settings(workspace=folder, flags=self.request.flags).settings
            with guard_output(folder / "zimu.db"):
                store = Batches.open(database(settings, folder))
            self._stack.callback(store.close)
            common = marks.common_digest(folder, self.flags, self.stages)
            self._spaces[folder] = Space(folder, settings, store, common, store.marks(str(folder)), store.pulses())
        return self._spaces[folder]

    def first_settings(self) -> Settings:
        """The settings of the first workspace: they hold for what all have in common, as workers and memory."""
        return next(iter(self._spaces.values())).settings


OpenExecutor = Callable[[Session], Executor]
MakeShowing = Callable[[Session, Executor], Observer]


def run_batch(request: Request, open_executor: OpenExecutor, show: MakeShowing) -> Summary:
    """Run a batch to its end.

    Raises:
        UsageError: nothing was found, or a setting is wrong.
        KeyboardInterrupt: it was interrupted twice.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        session = Session(request, stack)
        chosen = session.plan(session.look())
        if not chosen.work:
            return Summary(session.run_id, (), chosen.done, chosen.refused, chosen.later, _since(started), False)
        with _running(session, open_executor, show, stack) as batch:
            batch.add([session.work(seen) for seen in chosen.work])
            batch.run()
        return Summary(
            session.run_id, batch.works, chosen.done, chosen.refused, chosen.later, _since(started), batch.stopping,
            batch.error,
        )  # fmt: skip


def watch(request: Request, open_executor: OpenExecutor, show: MakeShowing) -> Summary:
    """Run what needs work now, and go on with what comes: until it is interrupted.

    A folder is taken when it has a transcript and media and nothing in it has changed for a while; so is an episode
    that people have worked on.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        session = Session(request, stack)
        session.look()
        with _running(session, open_executor, show, stack) as batch:
            watcher = _Watcher(session, batch)
            while not (batch.stopping and batch.idle):
                if not batch.stopping:
                    watcher.look()
                batch.step()
                if batch.idle and not batch.stopping:
                    time.sleep(_WATCH_POLL_S)
            batch.leave()
        return Summary(session.run_id, batch.works, 0, (), 0, _since(started), True, batch.error)


class _Watcher:
    """Looks through the folders now and then, and gives a batch the episodes that have become whole."""

    def __init__(self, session: Session, batch: Batch) -> None:
        self._session, self._batch = session, batch
        self._settings = session.first_settings().batch
        self._known: dict[str, Settling] = {}
        self._looked: float | None = None
        self._tried: dict[str, tuple[str, float]] = {}

    def look(self) -> None:
        """Take what is whole; not more often than the settings say."""
        now = time.monotonic()
        if self._looked is not None and now - self._looked < self._settings.scan_s:
            return
        self._looked = now
        self._session.refresh()
        working = {work.seen.folder for work in self._batch.works if work.state == "waiting"}
        plan = self._session.plan(self._session.look())
        seen = {str(each.folder): each for each in plan.work if each.folder not in working}
        looks = {name: self._session.appearance(each) for name, each in seen.items()}
        self._known, whole = settle(self._known, looks, now=now, settle_s=self._settings.settle_s)
        ready = [name for name in whole if _has_media(self._session, seen[name])]
        ready = [name for name in ready if self._may_try(name, looks[name], now)]
        self._tried |= {name: (looks[name], now) for name in ready}
        if ready:
            self._batch.add([self._session.work(seen[name]) for name in ready])

    def _may_try(self, name: str, looks: str, now: float) -> bool:
        """Whether it is another than the one that was tried before, or that is a while ago."""
        before, at = self._tried.get(name, ("", 0.0))
        return looks != before or now - at >= self._settings.retry_s


def _has_media(session: Session, seen: Seen) -> bool:
    """Whether media has arrived at all; until then a transcript waits for it in silence."""
    if (seen.folder / "episode.toml").is_file():
        return True  # It may name its media: the stages will tell.
    suffixes = {f".{suffix.lower()}" for suffix in session.first_settings().episode.media_suffixes}
    return any(Path(name).suffix.lower() in suffixes for name, _, _ in marks.folder_stamps(seen.folder))


@contextmanager
def _running(session: Session, open_executor: OpenExecutor, show: MakeShowing, stack: ExitStack) -> Iterator[Batch]:
    """A batch with everybody who listens; what happened is kept however it ends."""
    settings, request = session.first_settings(), session.request
    if request.publish and not settings.publish.to:
        raise UsageError(
            "publish.to names no platform.",
            where=next(iter(session.spaces)) / "zimu.toml",
            remedy='Write [publish] to = ["youtube"], or leave --publish out.',
        )
    executor = open_executor(session)
    stack.callback(executor.close)
    history = _history(session, executor)
    showing = show(session, executor)
    stack.callback(showing.close)
    observers: list[Observer] = [history, *_listeners(settings, next(iter(session.spaces)), session.run_id), showing]
    each = settings.batch
    rules = Rules(
        session.run_id, request.until, request.publish, session.flags,
        Needs(each.align_mb, each.align_mb_hour, each.translate_mb, each.render_mb), each.attempts, each.lock_wait_s,
    )  # fmt: skip
    batch = Batch(rules, executor, observers)
    try:
        with batch.interruptible():
            yield batch
    except BaseException:
        history.finish("stopped")
        raise
    finally:
        for observer in observers:
            observer.close()
    history.finish("stopped" if batch.stopping else "done")


def _history(session: Session, executor: Executor) -> History:
    def find_space(name: str) -> tuple[Batches, str]:
        space = session.spaces[Path(name)]
        return space.store, space.common

    run = BatchRun(
        session.run_id, "", session.request.command, executor.name, platform.node(), os.getpid(), now(), "", "running",
        0, 0, 0,
    )  # fmt: skip
    return History(find_space, run)


def _listeners(settings: Settings, workspace: Path, run_id: str) -> list[Observer]:
    """The log and the metrics, where they are wanted."""
    found: list[Observer] = []
    batch = settings.batch
    if batch.logs:
        folder = workspace / Path(batch.logs).expanduser()
        with guard_output(folder):
            found.append(Log(open_log(folder, run_id, kept=batch.kept_logs), run_id))
    if batch.metrics_file or batch.metrics_port:
        file = workspace / Path(batch.metrics_file).expanduser() if batch.metrics_file else None
        found.append(Metrics(file, (batch.metrics_host, batch.metrics_port) if batch.metrics_port else None))
    return found


def _since(started: float) -> float:
    return time.monotonic() - started
