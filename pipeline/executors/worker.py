"""A worker's process: takes tasks from a connection, one at a time, and keeps its models warm between them."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection

from pipeline.batch.advance import advance
from pipeline.batch.tasks import Finished, Progressed, Result, Said, Task
from pipeline.errors import EpisodeError
from pipeline.job import Workbench
from pipeline.progress import ProgressUnit
from pipeline.progress import Task as ProgressTask

STOP = "stop"
_PROGRESS_EVERY_S = 0.25


class Telling:
    """A reporter that sends what it is told. Stages may tell from several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.key = 0

    def send(self, message: object) -> None:
        with self._lock:
            self._connection.send(message)

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[ProgressTask]:
        self.send(Progressed(self.key, label, 0.0, total))
        yield _TellingTask(self, label, total)

    def info(self, message: str) -> None:
        self.send(Said(self.key, "info", message))

    def warn(self, message: str) -> None:
        self.send(Said(self.key, "warning", message))

    def detail(self, message: str) -> None:
        self.send(Said(self.key, "detail", message))


class _TellingTask:
    def __init__(self, telling: Telling, label: str, total: float | None) -> None:
        self._telling, self._label, self._total = telling, label, total
        self._said = 0.0

    def update(self, done: float, total: float | None = None) -> None:
        self._total = self._total if total is None else total
        now = time.monotonic()
        if now - self._said >= _PROGRESS_EVERY_S:
            self._said = now
            self._telling.send(Progressed(self._telling.key, self._label, done, self._total))


def serve(connection: Connection, name: str, environment: Mapping[str, str], niceness: int) -> None:
    """Work until the connection ends, and then end at once, with all programs that were started.

    Arguments:
        environment: variables that choose its device.
        niceness: how far it steps back behind others.
    """
    _leave_group()
    os.environ.update(environment)
    if hasattr(os, "nice"):
        os.nice(niceness)
    tasks: queue.SimpleQueue[tuple[int, Task]] = queue.SimpleQueue()
    stopping = threading.Event()
    threading.Thread(target=_listen, args=(connection, tasks, stopping), daemon=True).start()
    telling = Telling(connection)
    bench = Workbench(warm=True)
    while True:
        key, task = tasks.get()
        telling.key = key
        try:
            result = advance(task, bench, telling, stopping=stopping.is_set, worker=name)
        except OSError as error:
            # A disk that has gone, or fails: this episode's misfortune, and no reason to lose the loaded models.
            failure = EpisodeError(
                f"The episode's files can't be used ({error.strerror or error}).",
                where=error.filename or task.folder,
                remedy="See that the disk is there and well, and run the same command again.",
            )
            result = Result(error=failure, worker=name)
        telling.send(Finished(key, result))


def _listen(connection: Connection, tasks: queue.SimpleQueue[tuple[int, Task]], stopping: threading.Event) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            _end()
        if message == STOP:
            stopping.set()
        else:
            tasks.put(message)


def _leave_group() -> None:
    """Ctrl-C on the terminal is for the batch, which lets the work in hand be finished."""
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end() -> None:
    """The batch has ended, or was killed: so does this, now, and so do the programs that it started."""
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
