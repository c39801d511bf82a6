"""Small episodes for tests, cut from the sample with the real ffmpeg."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg

from pipeline.store import Store, StoredUnit

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "riscv"
LINES = SAMPLE.joinpath("transcript.txt").read_text(encoding="utf-8").splitlines()
# The first six lines of the sample end at 14.05 s.
SHORT_LINES, SHORT_SECONDS = 6, 14.1


def ffmpeg(*args: str | Path) -> None:
    """Run the ffmpeg that comes with Zimu."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, args)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def make_episode(folder: Path, *, lines: list[str] | None = None, media: str = "video.mp4", settings: str = "") -> Path:
    """The first 14 seconds of the sample, with their six lines or others."""
    folder.mkdir(parents=True)
    source = SAMPLE / "video.mp4"
    ffmpeg("-i", source, "-t", SHORT_SECONDS, "-c:v", "copy", "-c:a", "copy", f"file:{folder / media}")
    text = "\n".join(LINES[:SHORT_LINES] if lines is None else lines)
    (folder / "transcript.txt").write_text(text + "\n", encoding="utf-8")
    if settings:
        (folder / "episode.toml").write_text(settings, encoding="utf-8")
    return folder


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of that size mounted at `folder`; only root may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount(folder, 0, f"size={kilobytes}k")
    try:
        yield folder
    finally:
        _libc().umount2(os.fsencode(folder), 2)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder as one that can't be written: by its mode, or for root, who may write anything, by a mount."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        try:
            yield folder
        finally:
            folder.chmod(0o755)
        return
    bind, remount, read_only_flag = 4096, 32, 1
    _mount(folder, bind, "", source=folder)
    try:
        _mount(folder, bind | remount | read_only_flag, "", source=folder)
        yield folder
    finally:
        _libc().umount2(os.fsencode(folder), 2)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _mount(folder: Path, flags: int, options: str, source: Path | None = None) -> None:
    origin = os.fsencode(source) if source else b"tmpfs"
    if _libc().mount(origin, os.fsencode(folder), b"tmpfs", flags, options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))


def stored_units(store: Store, folder: Path, language: str) -> tuple[StoredUnit, ...]:
    """The units of the episode in a folder that is its own workspace."""
    episode = store.episode_at(folder.name)
    return store.units(episode.id, language) if episode else ()
