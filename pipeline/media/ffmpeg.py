"""The ffmpeg program: finding it, knowing what it can do, and running it so that it can't hang or fail unseen."""

from __future__ import annotations

import importlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pipeline.errors import EpisodeError, MissingError

if TYPE_CHECKING:
    from pipeline.progress import Task

_KEPT_LINES = 200
_TAG = re.compile(r"^(\[[^\]]* @ 0x[0-9a-f]+\] )+(\[\w+\] )?|^\[\w+\] ")
_NOISE = re.compile(
    r"^(Conversion failed|Error (opening|writing|muxing|initializing|while|sending|submitting|closing).*"
    r"|Task finished with error"
    r"|Could not open encoder before EOF|Nothing was written|Terminating"
    r"|Last message repeated|At least one|Press \[q\]|frame=|size=|video:|\s*$)"
)
_BIND_TO_PARENT = """
import ctypes, os, signal, sys
parent = int(sys.argv[1])
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != parent:
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class Features:
    """What one ffmpeg program has: its version, and the names of its filters and encoders."""

    version: str
    filters: frozenset[str]
    encoders: frozenset[str]


def find_ffmpeg(setting: str = "") -> Path:
    """The ffmpeg program: the one of the setting, else the one that came with Zimu, else the one on the PATH.

    Raises:
        MissingError: the setting names none, or there is none at all.
    """
    if setting:
        found = shutil.which(str(Path(setting).expanduser()))
        if not found:
            raise MissingError(
                f"There is no ffmpeg at {setting}.",
                remedy="Correct media.ffmpeg, or leave it empty for the one of Zimu.",
            )
        return Path(found).absolute()
    found = _bundled() or shutil.which("ffmpeg")
    if not found:
        raise MissingError("There is no ffmpeg.", remedy="pip install imageio-ffmpeg, or name one in media.ffmpeg.")
    return Path(found).absolute()


def features(ffmpeg: Path) -> Features:
    """What this ffmpeg can do; asked once per program file.

    Raises:
        MissingError: it does not run.
    """
    return _features(ffmpeg, ffmpeg.stat().st_mtime_ns)


def run_ffmpeg(
    ffmpeg: Path,
    args: Sequence[str],
    *,
    cwd: Path,
    task: Task | None = None,
    total_s: float | None = None,
    stall_s: float = 120.0,
    where: Path | str | None = None,
    watch: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Run ffmpeg to its end; the program dies with this call, however the call ends.

    Arguments:
        args: what follows the program's name, without the general options that are added here.
        cwd: the folder to run in.
        task: told the seconds of output that are done, out of `total_s`.
        stall_s: seconds without any progress after which the run is given up.
        where: what a failure names.
        watch: called, from another thread, with every line that ffmpeg says.

    Returns:
        the last lines that ffmpeg said.

    Raises:
        EpisodeError: it failed or stood still; the message has ffmpeg's own reason.
    """
    command = [
        str(ffmpeg), "-hide_banner", "-nostdin", "-nostats", "-y",
        "-progress", "pipe:1", "-stats_period", "0.5", *args,
    ]  # fmt: skip
    said: deque[str] = deque(maxlen=_KEPT_LINES)
    with _child(command, cwd) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        listener = threading.Thread(target=_listen, args=(process.stderr, said, watch), daemon=True)
        listener.start()
        _follow(process.stdout, task, total_s, stall_s, where)
        code = process.wait()
        listener.join(timeout=10)
    if code != 0:
        raise _failure(code, tuple(said), where)
    return tuple(said)


def _bundled() -> str | None:
    """The program in the wheel imageio-ffmpeg."""
    try:
        wheel: Any = importlib.import_module("imageio_ffmpeg")
        return str(wheel.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


@lru_cache(maxsize=8)
def _features(ffmpeg: Path, _changed_ns: int) -> Features:
    def ask(what: str) -> str:
        try:
            answer = subprocess.run(
                [ffmpeg, "-hide_banner", what],
                capture_output=True, timeout=60, check=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise MissingError(
                f"This ffmpeg does not run ({error}).",
                where=ffmpeg,
                remedy="pip install --force-reinstall imageio-ffmpeg, or name another in media.ffmpeg.",
            ) from error
        return answer.stdout.decode(errors="replace")

    version = re.search(r"version (\S+)", ask("-version"))
    return Features(
        version=version.group(1) if version else "",
        filters=frozenset(re.findall(r"^ [T.][S.][C.]? ?(\w+) +\S+->", ask("-filters"), re.MULTILINE)),
        encoders=frozenset(re.findall(r"^ [VAS][A-Z.]{5} (\w+)", ask("-encoders"), re.MULTILINE)),
    )


@contextmanager
def _child(command: list[str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that does not outlive the block; on Linux it does not outlive this process, killed or not."""
    if sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _BIND_TO_PARENT, str(os.getpid()), *command]
    process = subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()  # what it was writing is only a part file: nothing to finish
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def _listen(pipe: IO[bytes], said: deque[str], watch: Callable[[str], None] | None) -> None:
    try:
        for raw in pipe:
            line = raw.decode(errors="replace").rstrip()
            said.append(line)
            if watch:
                watch(line)
    except ValueError:  # the pipe was closed because the program was killed
        return


def _follow(
    pipe: IO[bytes], task: Task | None, total_s: float | None, stall_s: float, where: Path | str | None
) -> None:
    """Read the progress until the program closes it; raise when nothing in it changes for `stall_s`."""
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(pipe, lines), daemon=True).start()
    last: dict[str, str] = {}
    moved = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=1.0)
        except queue.Empty:
            line = ""
        if line is None:
            return
        key, _, value = line.partition("=")
        if key in ("out_time_us", "total_size", "frame") and last.get(key) != value:
            last[key] = value
            moved = time.monotonic()
            if task and key == "out_time_us" and value.lstrip("-").isdigit():
                done = max(0.0, int(value) / 1_000_000)
                task.update(min(done, total_s) if total_s else done, total_s)
        if time.monotonic() - moved > stall_s:
            raise EpisodeError(
                f"ffmpeg made no progress for {stall_s:.0f} s and was stopped.",
                where=where,
                remedy="Run the same command again; if it stands still again, try another encoder (render.encoder).",
            )


def _pump(pipe: IO[bytes], lines: queue.Queue[str | None]) -> None:
    try:
        for raw in pipe:
            lines.put(raw.decode(errors="replace").strip())
    except ValueError:  # closed because the program was killed
        pass
    lines.put(None)


def _failure(code: int, said: tuple[str, ...], where: Path | str | None) -> EpisodeError:
    text = "\n".join(said)
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return EpisodeError("The disk is full.", where=where, remedy="Free some space and run the same command again.")
    if "File too large" in text:
        return EpisodeError(
            "The file grew larger than the file system or the account allows.",
            where=where,
            remedy="Write to another disk, or lower the quality (a higher crf).",
        )
    if code < 0:
        return EpisodeError(
            f"ffmpeg was killed (signal {-code}).",
            where=where,
            remedy="Perhaps memory ran out: close other programs, or set compute.threads to 1, and run it again.",
        )
    return EpisodeError(
        f"ffmpeg failed: {_reason(said)}",
        where=where,
        remedy="Run it again with --debug to see all that ffmpeg said.",
    )


def _reason(said: tuple[str, ...]) -> str:
    """ffmpeg's own last meaningful words."""
    lines = [_TAG.sub("", line) for line in said]
    told = [line for line in lines if not _NOISE.match(line)]
    loud = [line for line in told if re.search(r"error|invalid|fail|not |cannot|unable|no such", line, re.IGNORECASE)]
    return (loud or told or lines or ["it said nothing"])[-1].strip()
