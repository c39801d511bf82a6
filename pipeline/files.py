"""Small things every stage does with files: atomic writing, digests, TOML, the configuration folder."""

from __future__ import annotations

import errno
import functools
import glob
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.errors import EpisodeError, MissingError, UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib
if sys.platform != "win32":
    import fcntl

_CHUNK = 1 << 20
# What `atomic_path` and `atomic_folder` call what is not whole yet, and pipeline/underway.py its own.
_LEFT = re.compile(r"\..{1,41}-[a-z0-9_]{8}\.part|underway\.part")
_PACKAGE = Path(__file__).resolve().parent


@functools.cache
def config_dir() -> Path:
    """The configuration that comes with Zimu: inside an installed wheel, or beside the package in a clone."""
    for folder in (_PACKAGE / "config", _PACKAGE.parent / "config"):
        if (folder / "defaults.toml").is_file():
            return folder
    raise MissingError(
        "Zimu's own configuration is not installed.", where=_PACKAGE, remedy="Install it again: pip install ."
    )


def config_file(name: str, workspace: Path | None = None) -> Path:
    """The file `name` (as `styles.toml`) of the workspace's `config/` folder if it has one, else Zimu's own."""
    if workspace is not None and (own := workspace / "config" / name).is_file():
        return own
    return config_dir() / name


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of TOML text; raises ValueError where it is not TOML."""
    return tomllib.loads(text)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        UsageError: it is not UTF-8, or not TOML; the message has the line.
    """
    return decode_toml(path.read_bytes(), path)


def decode_toml(data: bytes, path: Path) -> dict[str, Any]:
    """The tables of a TOML file's content; raises as `read_toml` does."""
    try:
        return parse_toml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError("The file is not UTF-8.", where=path, remedy="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Not valid TOML: {error}.", where=path, remedy="Correct that line.") from error


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_json(value: object) -> str:
    """SHA-256 of a value's canonical JSON, in hexadecimal."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it takes the target's place, synced, only when the block ends well.

    Raises:
        EpisodeError: the folder can't be written or the disk is full; nothing is left behind.
    """
    with guard_output(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        part, held = _held_part(target, folder=False)
        try:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.chmod(0o666 & ~_umask())
            part.replace(target)
            _sync_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)
            _let_go(held)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` to fill; it takes the target's place, synced, only when the block ends well.

    What was at the target is gone then. A process that is killed between the two renames leaves none there, never
    half of one; the next that ends well removes what such a one left.

    Raises:
        EpisodeError: the folder can't be written or the disk is full; nothing is left behind.
    """
    with guard_output(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        part, held = _held_part(target, folder=True)
        try:
            yield part
            part.chmod(0o777 & ~_umask())
            for path in part.rglob("*"):
                if path.is_file():
                    with path.open("rb+") as file:
                        os.fsync(file.fileno())
            _swap(part, target)
            _sync_folder(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            _let_go(held)
        for old in target.parent.glob(f"{glob.escape(_prefix(target))}*.old"):
            shutil.rmtree(old, ignore_errors=True)


def remove_parts(folder: Path) -> None:
    """Remove what killed processes left of files below a folder; what is being written stays."""
    _remove_left(path for path in folder.rglob("*.part") if _LEFT.fullmatch(path.name))


def remove_parts_of(target: Path) -> None:
    """Remove what killed processes left of this file; what is being written stays."""
    _remove_left(target.parent.glob(f"{glob.escape(_prefix(target))}????????.part"))


def _remove_left(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_symlink():
            continue
        try:
            held = _hold(path, wait=False)
        except OSError:  # somebody writes it, or has just finished it
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        _let_go(held)


def _prefix(target: Path) -> str:
    return f".{target.stem[:40]}-"


def _held_part(target: Path, *, folder: bool) -> tuple[Path, int | None]:
    """A new empty file or folder beside a target, and its writer's lock on it: nobody else removes it meanwhile."""
    while True:
        if folder:
            part = Path(tempfile.mkdtemp(prefix=_prefix(target), suffix=".part", dir=target.parent))
        else:
            handle, name = tempfile.mkstemp(prefix=_prefix(target), suffix=".part", dir=target.parent)
            os.close(handle)
            part = Path(name)
        with suppress(FileNotFoundError):  # removed before the lock was there
            held = _hold(part, wait=True)
            if part.exists():
                return part, held
            _let_go(held)


def _hold(path: Path, *, wait: bool) -> int | None:
    """The lock on a file or folder; None where the system or the file system has none.

    Not filelock's, which locks no folders, and makes a file anew that is gone.

    Raises:
        BlockingIOError: another process holds it, and it is not to be waited for.
        FileNotFoundError: it is gone.
    """
    if sys.platform == "win32":
        return None
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # as folders on NFS
        os.close(handle)
        return None
    return handle


def _let_go(held: int | None) -> None:
    if held is not None:
        os.close(held)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 without a byte order mark, whole or not at all.

    Raises:
        EpisodeError: the folder can't be written or the disk is full.
    """
    with atomic_path(target) as part:
        part.write_bytes(text.encode("utf-8"))


@contextmanager
def guard_output(target: Path) -> Iterator[None]:
    """Turn the system's refusals to write into errors with a remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EpisodeError(
                "The disk is full.", where=target, remedy="Free some space and run the same command again."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise EpisodeError(
                "The folder can't be written.",
                where=target.parent,
                remedy="Give yourself write permission there, or copy the episode to a folder of your own.",
            ) from error
        raise


def _swap(part: Path, target: Path) -> None:
    """Put a folder in another's place, which is kept beside it as .old; put it back where that fails."""
    old = part.with_suffix(".old")
    if target.exists():
        target.rename(old)
    try:
        part.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle on a folder to sync.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
