"""Copying a model's files from a folder: a shared disk, a memory stick."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.models.catalogue import ModelFile
from pipeline.models.partial import PartialFile, Progress, SourceError

_CHUNK = 1 << 20


def copy_from_folder(
    folder: Path, name: str, files: Sequence[ModelFile], partial: Path, target: Path, progress: Progress
) -> None:
    """Bring `files`, each verified, to `target`; the folder holds them as `<name>/<file>` or `<file>`.

    Raises:
        SourceError: it lacks one, or has another under that name.
    """
    for file in files:
        found = [path for path in (folder / name / file.name, folder / file.name) if path.is_file()]
        if not found:
            raise SourceError(f"it has no {name}/{file.name}")
        with PartialFile(partial / file.name, file) as part, found[0].open("rb") as stream:
            part.restart()
            while chunk := stream.read(_CHUNK):
                part.write(chunk)
                progress.file(file.name, part.size)
            part.commit(target / file.name)
