"""The one tree of errors that a user can meet.

Every message says what happened, where, and what to do about it; the class says the exit code.
"""

from __future__ import annotations

from pathlib import Path


class ZimuError(Exception):
    """Something a user can act on.

    Arguments:
        what: what happened, one sentence.
        where: the file, and the row or cue in it, as far as known.
        remedy: what to do, one sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: Path | str | None = None, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = str(where) if where is not None else ""
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[ZimuError], what: str, where: str, remedy: str) -> ZimuError:
    return kind(what, where=where or None, remedy=remedy)


class EpisodeError(ZimuError):
    """An episode could not be finished: a full disk, a folder that can't be written, a program that failed."""

    exit_code = 1


class UsageError(ZimuError):
    """A command or a setting is wrong."""

    exit_code = 2


class InputError(ZimuError):
    """The media or the transcript is refused as it is."""

    exit_code = 3


class MissingError(ZimuError):
    """A model, a program or a font that the work needs is not there and can't be had."""

    exit_code = 4


class PlatformError(ZimuError):
    """A video platform, or a translation server, refused."""

    exit_code = 5
