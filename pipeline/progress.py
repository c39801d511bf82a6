"""How long work tells of itself: the pipeline speaks to a `Reporter`, a console decides how it looks."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

ProgressUnit = Literal["bytes", "seconds", "units"]


class Task(Protocol):
    """One piece of work in progress."""

    def update(self, done: float, total: float | None = None) -> None:
        """Say how much is done, in the task's unit; a new total replaces the old one."""


class Reporter(Protocol):
    """What a stage tells while it works."""

    def task(self, label: str, total: float | None, unit: ProgressUnit) -> AbstractContextManager[Task]:
        """Open a progress display for the time of a `with` block."""

    def info(self, message: str) -> None:
        """Something a user wants to know, one line."""

    def warn(self, message: str) -> None:
        """Something a user should look at, one line."""

    def detail(self, message: str) -> None:
        """Something only `--verbose` shows."""


class _SilentTask:
    def update(self, done: float, total: float | None = None) -> None:
        return


class SilentReporter:
    """Says nothing: for tests and for callers that want only the result."""

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[Task]:
        yield _SilentTask()

    def info(self, message: str) -> None:
        return

    def warn(self, message: str) -> None:
        return

    def detail(self, message: str) -> None:
        return
