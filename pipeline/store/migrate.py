"""Bringing a database to this Zimu's schema: an older one is upgraded with all its work, a newer one is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from pipeline.errors import EpisodeError, UsageError
from pipeline.files import atomic_path
from pipeline.store import tables
from pipeline.store.database import Database, open_engine, sqlite_file
from pipeline.store.tables import SCHEMA_VERSION

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_VERSION_TABLE = "zimu_migration"
D = TypeVar("D", bound=Database)


def open_prepared(kind: type[D], url_or_path: str | Path) -> D:
    """Open a database as `kind`, with its tables as this Zimu has them; closed again if that fails.

    Raises:
        UsageError: a newer Zimu made it, or its URL is wrong.
        EpisodeError: it is damaged, can't be reached or can't be written.
    """
    database = kind(*open_engine(url_or_path))
    try:
        prepare(database, sqlite_file(url_or_path))
    except BaseException:
        database.close()
        raise
    return database


def prepare(database: Database, file: Path | None) -> None:
    """Make the tables, or upgrade those there. What an SQLite file had before is kept beside it.

    Arguments:
        file: the SQLite file; None: another database.

    Raises:
        UsageError: a newer Zimu made it.
        EpisodeError: it is damaged, or can't be written; it is as it was.
    """
    with database.connection() as connection:
        if _version(connection, database.where) == SCHEMA_VERSION:
            return
    with database.connection(write=True) as connection:  # Of two processes that come at once, one does it.
        version = _version(connection, database.where)
        if version == SCHEMA_VERSION:
            return
        if version and file is not None:
            copy_sqlite(file, free_name(file, f"schema-{version}"))
        _upgrade(connection, version)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, whoever writes to it meanwhile; whole or not at all.

    Raises:
        EpisodeError: the target can't be written, or the source is damaged.
    """
    with atomic_path(target) as part:
        try:
            with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(part)) as to:
                from_.backup(to)
                to.execute("PRAGMA journal_mode = DELETE")  # One file, that can be copied about.
        except sqlite3.Error as error:
            raise EpisodeError(
                f"The database can't be copied ({error}).", where=source, remedy="See that the disk is well, and free."
            ) from error


def free_name(file: Path, reason: str) -> Path:
    """A name beside a database for a copy of it, which nothing has yet: zimu.db.schema-1.bak."""
    plain = file.with_name(f"{file.name}.{reason}.bak")
    if not plain.exists():
        return plain
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S-%f")
    return file.with_name(f"{file.name}.{reason}.{moment}.bak")


def _version(connection: sa.Connection, where: str) -> int:
    """The schema's number; 0 where there is none yet.

    Raises:
        UsageError: it is newer than this Zimu.
    """
    if not sa.inspect(connection).has_table(tables.meta.name):
        return 0
    said = connection.scalar(sa.select(tables.meta.c.value).where(tables.meta.c.key == "schema")) or ""
    if not said.isdigit() or int(said) > SCHEMA_VERSION:
        raise UsageError(
            f"The database was made by a newer Zimu (schema {said}; this one knows {SCHEMA_VERSION}).",
            where=where,
            remedy="Upgrade Zimu: pip install --upgrade zimu.",
        )
    return int(said)


def _upgrade(connection: sa.Connection, version: int) -> None:
    # Alembic takes a while to load, and is seldom needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = _VERSION_TABLE
    if version and not sa.inspect(connection).has_table(_VERSION_TABLE):
        command.stamp(config, f"{version:04}")  # Made before there were migrations.
    command.upgrade(config, "head")
