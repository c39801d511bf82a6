"""The translation memory out of a workspace's database and into it, as TMX files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from pipeline import __version__
from pipeline.files import config_file, write_text
from pipeline.languages import find, load_languages
from pipeline.settings import Settings
from pipeline.stages.database import locate
from pipeline.store import Store


def export_memory(file: Path, *, folder: Path, language: str | None) -> int:
    """Write all that is approved in a workspace to a TMX file; returns how many sentences.

    Arguments:
        folder: the workspace, or anything in it.
        language: BCP-47 of the only translation wanted; None: all.

    Raises:
        UsageError: there is no database, or no such language.
        EpisodeError: the database is damaged, or the file can't be written.
    """
    from pipeline.translation.memory_store import export_tmx
    from pipeline.translation.tmx import write_tmx

    with _opened(folder, make=False) as (workspace, settings, store):
        languages = load_languages(config_file("languages.toml", workspace))
        tmx = export_tmx(
            store,
            source=find(settings.episode.language, languages).tag,
            target=find(language, languages).tag if language else "",
            version=__version__,
            now=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
    write_text(file, write_tmx(tmx))
    return len(tmx.units)


def import_memory(file: Path, *, folder: Path) -> tuple[int, int]:
    """Add a TMX file to a workspace's memory; returns how many sentences were new, and how many the file has.

    Raises:
        InputError: it is not TMX, damaged, or bigger than the settings allow.
        UsageError: `folder` is in no workspace.
        EpisodeError: the database is damaged, or can't be written.
    """
    from pipeline.translation.memory_store import import_tmx
    from pipeline.translation.tmx import read_tmx

    with _opened(folder, make=True) as (_, settings, store):
        limits = settings.memory
        tmx = read_tmx(file, max_bytes=limits.max_bytes, max_units=limits.max_units, max_chars=limits.max_chars)
        return import_tmx(store, tmx, file=file.name), len(tmx.units)


@contextmanager
def _opened(folder: Path, *, make: bool) -> Iterator[tuple[Path, Settings, Store]]:
    """The folder's workspace, its settings and its store; with `make` a workspace without one gets one."""
    found = locate(folder, make=make)
    with Store.open(found.url) as store:
        yield found.workspace, found.settings, store
