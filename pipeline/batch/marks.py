"""The marks by which an episode without work is known again without opening it: sizes and times of its files, digested.

A mark covers what the fingerprints of all steps rest on: Zimu itself, the settings and tables (`Common`, once for a
workspace), the files in the episode's folder, those that it was made from elsewhere, its outputs, and what the store
knows of it. Whatever differs, the episode is opened and its stages look for themselves.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.episode import OUTPUT_FOLDER
from pipeline.files import config_dir, sha256_json

_PACKAGE = Path(__file__).resolve().parent.parent
Stamp = tuple[str, int, int]


def common_digest(workspace: Path, flags: Mapping[str, Any], stages: Iterable[str]) -> str:
    """What all episodes of a workspace have in common: the program, the settings, the tables and the devices."""
    tables = [*_tree(config_dir()), *_tree(workspace / "config")]
    return sha256_json(
        {
            "zimu": __version__,
            "code": _tree(_PACKAGE, ".py"),
            "tables": tables,
            "settings": _stamps(workspace, ("zimu.toml",)),
            # How a batch goes about it makes nothing else: as a service it recognises what one by hand has finished.
            "flags": {name: value for name, value in flags.items() if name != "batch"},
            "stages": list(stages),
            "gpu": shutil.which("nvidia-smi") is not None,
        }
    )


def folder_stamps(folder: Path) -> list[Stamp]:
    """Name, size and time of the files that lie open in an episode's folder; of the store's and hidden ones not."""
    with os.scandir(folder) as entries:
        found = [
            (entry.name, status.st_size, status.st_mtime_ns)
            for entry in entries
            if not entry.name.startswith((".", "zimu.db")) and entry.is_file()
            for status in (entry.stat(),)
        ]
    return sorted(found)


def signature(folder: Path, common: str, *, watched: Iterable[str], pulse: str) -> str:
    """Digest of how an episode looks now.

    Arguments:
        watched: more files, relative to the folder or absolute.
        pulse: what changes with anything that the store knows of it.
    """
    return sha256_json([common, pulse, folder_stamps(folder), _stamps(folder, watched)])


def made_steps(folder: Path) -> frozenset[str]:
    """The names of the steps in an episode's manifest; none where there is none, or it can't be read."""
    import json

    try:
        return frozenset(json.loads((folder / OUTPUT_FOLDER / "manifest.json").read_text(encoding="utf-8"))["steps"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _stamps(folder: Path, names: Iterable[str]) -> list[tuple[str, int, int] | tuple[str]]:
    found: list[tuple[str, int, int] | tuple[str]] = []
    base = os.fspath(folder)
    for name in names:
        try:
            status = os.stat(os.path.join(base, name))  # noqa: PTH116, PTH118  # of 20,000 files, half the time
        except OSError:
            found.append((name,))
        else:
            found.append((name, status.st_size, status.st_mtime_ns))
    return found


def _tree(folder: Path, suffix: str = "") -> list[Stamp]:
    """All files below a folder that end so, with size and time."""
    if not folder.is_dir():
        return []
    paths = (path for path in folder.rglob(f"*{suffix}") if path.is_file())
    return sorted(
        (path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns)
        for path in paths
        for status in (path.stat(),)
    )
