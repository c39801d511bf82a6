"""Episodes on storage that all nodes of a cluster reach: a folder, or objects (S3) by fsspec.

    <root>/<place>/index.json     name → size, time, SHA-256 of each file
    <root>/<place>/files/<sha256>

Files are known by their content, and the index is put last and at once: whoever reads sees an episode as it was after
one task or after the next, never between.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.errors import EpisodeError, MissingError, UsageError
from pipeline.files import atomic_path, sha256_file

_INDEX, _FILES = "index.json", "files"
_NOT_KEPT = (".lock", "underway.json")
_STORE_FILES = "zimu.db"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as the storage has it."""

    bytes: int
    mtime_ns: int
    sha256: str


class Storage:
    """Files of episodes by their place.

    Arguments:
        url: as `s3://bucket/channel` or a folder. Credentials come from where the protocol's own tools look for them.

    Raises:
        UsageError: the URL is of no protocol that is installed.
    """

    def __init__(self, url: str) -> None:
        try:
            import fsspec
        except ImportError as error:
            raise MissingError(
                "fsspec is not installed.", where="batch.storage", remedy="Install it: pip install 'zimu[ray]'."
            ) from error
        try:
            filesystem, root = fsspec.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise UsageError(
                f"The storage can't be used: {error}.",
                where="batch.storage",
                remedy="Write s3://bucket/folder or a path.",
            ) from error
        self._fs: Any = filesystem
        self._root = str(root).rstrip("/")

    def push(self, place: str, local: Path) -> int:
        """Put an episode's files there, where they are not yet; returns how many were sent.

        Raises:
            EpisodeError: it can't be written.
        """
        with self._guard(place):
            known = self._index(place)
            found = {name: _stamp(path, known.get(name)) for name, path in _files(local)}
            sent = 0
            there = {each.sha256 for each in known.values()}
            for name, kept in found.items():
                if kept.sha256 not in there:
                    self._put(place, local / name, kept.sha256)
                    there.add(kept.sha256)
                    sent += 1
            if found != known:
                self._write_index(place, found)
                wanted = {each.sha256 for each in found.values()}
                for digest in {each.sha256 for each in known.values()} - wanted:
                    with suppress(FileNotFoundError):
                        self._fs.rm_file(self._path(place, _FILES, digest))
            return sent

    def pull(self, place: str, local: Path) -> int:
        """Make an episode's folder what the storage has, as far as it differs; returns how many files came.

        Raises:
            EpisodeError: it can't be read, or a file is not what it should be.
        """
        with self._guard(place):
            came = 0
            for name, kept in self._index(place).items():
                target = _inside(local, name)
                if target.is_file() and _looks(target) == (kept.bytes, kept.mtime_ns):
                    continue
                with atomic_path(target) as part:
                    self._fs.get_file(self._path(place, _FILES, kept.sha256), str(part))
                    if sha256_file(part) != kept.sha256:
                        raise EpisodeError(
                            "A file on the storage is damaged.", where=f"{self._root}/{place}/{name}",
                            remedy="Delete the episode there, and run the same command again.",
                        )  # fmt: skip
                os.utime(target, ns=(kept.mtime_ns, kept.mtime_ns))
                came += 1
            return came

    def _index(self, place: str) -> dict[str, Kept]:
        try:
            rows = json.loads(self._fs.cat_file(self._path(place, _INDEX)))
            return {str(name): Kept(**row) for name, row in rows.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):  # what is no index of ours is written anew
            return {}

    def _write_index(self, place: str, files: dict[str, Kept]) -> None:
        rows = {name: asdict(kept) for name, kept in files.items()}
        path = self._path(place, _INDEX)
        self._make_folder(path)
        data = json.dumps(rows, ensure_ascii=False).encode()
        if self._is_folder:
            part = Path(f"{path}.part")
            part.write_bytes(data)
            part.replace(path)
        else:
            self._fs.pipe_file(path, data)

    def _put(self, place: str, file: Path, digest: str) -> None:
        path = self._path(place, _FILES, digest)
        self._make_folder(path)
        if self._is_folder:
            self._fs.put_file(str(file), f"{path}.part")
            Path(f"{path}.part").replace(path)
        else:
            self._fs.put_file(str(file), path)

    @property
    def _is_folder(self) -> bool:
        return "file" in (self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,))

    def _make_folder(self, path: str) -> None:
        if self._is_folder:
            Path(path).parent.mkdir(parents=True, exist_ok=True)

    def _path(self, place: str, *parts: str) -> str:
        return "/".join([self._root, place, *parts])

    def _guard(self, place: str) -> Any:
        return _Guard(f"{self._root}/{place}")


class _Guard:
    """Turns what file systems and object stores refuse into an error that says what to do."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError):  # what fsspec raises, whatever the protocol
            raise EpisodeError(
                f"The storage can't be used ({error.strerror or error}).",
                where=self._where,
                remedy="See that it is reachable from every node, with credentials that may read and write there.",
            ) from error


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What belongs to an episode: its files and outputs, without what is being written and without a store."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        if path.is_file() and not hidden and path.name not in _NOT_KEPT and not path.name.startswith(_STORE_FILES):
            yield name, path


def _stamp(path: Path, known: Kept | None) -> Kept:
    size, mtime_ns = _looks(path)
    if known is not None and (known.bytes, known.mtime_ns) == (size, mtime_ns):
        return known
    return Kept(size, mtime_ns, sha256_file(path))


def _looks(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _inside(folder: Path, name: str) -> Path:
    """A file's place in a folder; nothing on a storage leads out of it."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise EpisodeError("A name on the storage leads out of the episode.", where=name, remedy="Delete it there.")
    return folder / name
