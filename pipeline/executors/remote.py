"""What runs on the nodes of a cluster: the same `advance` as everywhere, beside files that are there or are fetched."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.batch.tasks import Result, Task
from pipeline.errors import ZimuError
from pipeline.progress import ProgressUnit
from pipeline.progress import Task as ProgressTask

STATIC = "workspace"
_ASK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Where:
    """Where an episode is: at `place` on a storage; without one, in its own folder, which all nodes have."""

    storage: str
    place: str


class Stopper:
    """Says on all nodes whether the batch is stopping."""

    def __init__(self) -> None:
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True

    def is_stopping(self) -> bool:
        return self._stopping


class Warm:
    """A worker that keeps its models between tasks."""

    def __init__(self, name: str) -> None:
        from pipeline.job import Workbench

        self._bench = Workbench(warm=True)
        self._name = name

    def advance(self, task: Task, where: Where, stopper: Any) -> tuple[list[tuple[str, str]], Result]:
        return _advance(task, where, stopper, self._bench, self._name)


def advance_once(task: Task, where: Where, stopper: Any) -> tuple[list[tuple[str, str]], Result]:
    """A task that needs no model; fonts and the store stay open in its process."""
    return _advance(task, where, stopper, _process_bench(), task.resource)


def copy_settings(workspace: Path, folder: Path) -> Path:
    """What of a workspace all its episodes need: its settings and tables; returns the folder, with copies in it."""
    if (workspace / "zimu.toml").is_file():
        shutil.copy2(workspace / "zimu.toml", folder)
    if (workspace / "config").is_dir():
        shutil.copytree(workspace / "config", folder / "config")
    return folder


@lru_cache(maxsize=1)
def _process_bench() -> Any:
    from pipeline.job import Workbench

    return Workbench()


def _advance(task: Task, where: Where, stopper: Any, bench: Any, name: str) -> tuple[list[tuple[str, str]], Result]:
    from pipeline.batch.advance import advance

    reporter = _Remembering()
    worker = f"{platform.node()} {os.getpid()} {name}"
    try:
        with _at_hand(task, where) as here:
            result = advance(here, bench, reporter, stopping=_Asking(stopper), worker=worker)
    except ZimuError as error:
        result = Result(error=error, worker=worker)
    return reporter.said, result


@contextmanager
def _at_hand(task: Task, where: Where) -> Iterator[Task]:
    """The task with its files on this node; what it made goes back to the storage."""
    if not where.storage:
        yield task
        return
    from pipeline.executors.storage import Storage

    storage = Storage(where.storage)
    root = _scratch()
    storage.pull(STATIC, root)
    folder = root / where.place
    folder.mkdir(parents=True, exist_ok=True)
    try:
        storage.pull(f"episodes/{where.place}", folder)
        yield replace(task, folder=folder)
        storage.push(f"episodes/{where.place}", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=1)
def _scratch() -> Path:
    """A folder of this process for the episodes that it works on."""
    folder = Path(tempfile.mkdtemp(prefix="zimu-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class _Asking:
    """Whether the batch is stopping; asked once a second at most, the first time after the first second."""

    def __init__(self, stopper: Any) -> None:
        self._stopper, self._asked, self._said = stopper, time.monotonic(), False

    def __call__(self) -> bool:
        import ray

        if not self._said and time.monotonic() - self._asked >= _ASK_EVERY_S:
            self._asked = time.monotonic()
            with suppress(ray.exceptions.RayError):  # the batch itself has gone, and will tell nobody any more
                self._said = bool(ray.get(self._stopper.is_stopping.remote()))
        return self._said


class _Remembering:
    """A reporter whose words go back with the result."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[ProgressTask]:
        yield self

    def update(self, done: float, total: float | None = None) -> None:
        return

    def info(self, message: str) -> None:
        self.said.append(("info", message))

    def warn(self, message: str) -> None:
        self.said.append(("warning", message))

    def detail(self, message: str) -> None:
        self.said.append(("detail", message))
