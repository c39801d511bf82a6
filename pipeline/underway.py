"""What a run is doing now, in a small file beside its outputs: for whoever watches without having started it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.progress import ProgressUnit, Reporter, Task

NAME = "underway.json"
_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Underway:
    """A run: the process that it is, and how much of `total` is done of what `label` says, in `unit`."""

    pid: int
    label: str = ""
    done: float = 0.0
    total: float | None = None
    unit: str = ""


@contextmanager
def told(reporter: Reporter, output: Path) -> Iterator[Reporter]:
    """The reporter, which besides writes what it is told into the folder; the file goes with the block.

    A disk that can't be written stops no run for that.
    """
    path = output / NAME
    both = _Telling(reporter, path)
    both.write(Underway(os.getpid()))
    try:
        yield both
    finally:
        with suppress(OSError):
            path.unlink()


def read_underway(output: Path) -> Underway | None:
    """The run that works on the episode of an output folder; None where none does, or its process was killed."""
    if not (output / NAME).exists():
        return None
    import psutil

    try:
        found = Underway(**json.loads((output / NAME).read_text(encoding="utf-8")))
        return found if psutil.pid_exists(found.pid) else None
    except (OSError, ValueError, TypeError, OverflowError):
        return None


class _Telling:
    """A reporter that passes everything on, and notes how far the task in work is."""

    def __init__(self, inner: Reporter, path: Path) -> None:
        self._inner = inner
        self._path = path
        self.info, self.warn, self.detail = inner.info, inner.warn, inner.detail

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[Task]:
        with self._inner.task(label, total, unit) as task:
            yield _TellingTask(self, task, Underway(os.getpid(), label, 0.0, total, unit))

    def write(self, state: Underway) -> None:
        """Write the state whole or not at all, but not synced: it is worth nothing after a crash, and written often."""
        part = self._path.with_suffix(".part")
        try:
            part.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
            part.replace(self._path)
        except OSError:  # a full disk is told of by what must be written
            with suppress(OSError):
                part.unlink()


class _TellingTask:
    def __init__(self, reporter: _Telling, inner: Task, state: Underway) -> None:
        self._reporter, self._inner, self._state = reporter, inner, state
        self._written = time.monotonic()
        reporter.write(state)

    def update(self, done: float, total: float | None = None) -> None:
        self._inner.update(done, total)
        self._state = replace(self._state, done=done, total=self._state.total if total is None else total)
        if time.monotonic() - self._written >= _EVERY_S:
            self._written = time.monotonic()
            self._reporter.write(self._state)
