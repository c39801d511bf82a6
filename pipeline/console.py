"""How the pipeline's words reach a person: Rich bars on a terminal, plain lines elsewhere, nothing if quiet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from pipeline.progress import ProgressUnit, Task

_PLAIN_EVERY_S = 10.0


class _BarTask:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def update(self, done: float, total: float | None = None) -> None:
        if total is not None:
            self._progress.update(self._task, total=total)
        self._progress.update(self._task, completed=done)


class _PlainTask:
    """A line now and then, with the time left."""

    def __init__(self, console: Console, label: str, total: float | None) -> None:
        self._console = console
        self._label = label
        self._total = total
        self._started = self._said = time.monotonic()

    def update(self, done: float, total: float | None = None) -> None:
        self._total = total if total is not None else self._total
        now = time.monotonic()
        if not self._total or now - self._said < _PLAIN_EVERY_S:
            return
        self._said = now
        share = min(1.0, done / self._total)
        left = (now - self._started) * (1 - share) / share if share > 0 else None
        remaining = f", {_clock(left)} left" if left is not None else ""
        self._console.print(f"{escape(self._label)}: {share:.0%}{remaining}", highlight=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


class ConsoleReporter:
    """The reporter of the command line. Everything goes to standard error; results go to standard output.

    Arguments:
        quiet: only warnings and errors.
        verbose: details too.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, soft_wrap=True)
        self._quiet = quiet
        self._verbose = verbose
        self._warned: set[str] = set()

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[Task]:
        """A bar on a terminal, a line every ten seconds elsewhere."""
        if self._quiet:
            yield _PlainTask(Console(quiet=True), label, total)
        elif self._console.is_terminal:
            with Progress(*_columns(unit), console=self._console, transient=True) as progress:
                yield _BarTask(progress, progress.add_task(escape(label), total=total))
        else:
            self._console.print(f"{escape(label)} …", highlight=False)
            yield _PlainTask(self._console, label, total)

    def info(self, message: str) -> None:
        if not self._quiet:
            self._console.print(escape(message), highlight=False)

    def warn(self, message: str) -> None:
        """The same warning is shown once: an engine that is out of reach is so for every language."""
        if message in self._warned:
            return
        self._warned.add(message)
        self._console.print(f"[yellow]warning:[/] {escape(message)}", highlight=False)

    def detail(self, message: str) -> None:
        if self._verbose:
            self._console.print(f"[dim]{escape(message)}[/]", highlight=False)


def _columns(unit: ProgressUnit) -> tuple[ProgressColumn, ...]:
    label = TextColumn("{task.description}")
    if unit == "bytes":
        return (label, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    if unit == "units":
        return (label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return (label, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
