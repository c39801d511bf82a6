"""Backups: an SQLite database each, whatever the store is; so a backup can be opened, and restored into either kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.files import atomic_path, guard_output
from pipeline.store import tables
from pipeline.store.database import Database, sqlite_file
from pipeline.store.migrate import copy_sqlite, free_name

if TYPE_CHECKING:
    from pipeline.store.store import Store

_ROWS = 2000


class Backup(Database):
    """Copies of a whole database."""

    def backup(self, file: Path) -> None:
        """Copy everything, as it is at one moment, into an SQLite database; others may go on writing.

        Raises:
            EpisodeError: the file can't be written, or the database is damaged.
        """
        own = self._engine.url.database or ""
        if self.is_sqlite:
            if file.exists() and file.samefile(own):
                raise UsageError("This is the database itself.", where=file, remedy="Give the backup another name.")
            with self.guard():
                copy_sqlite(Path(own), file)
            return
        from pipeline.store.store import Store

        with atomic_path(file) as part:
            part.unlink()
            with Store.open(part) as copy:
                self.copy_to(copy)
            _one_file(part)

    def copy_to(self, target: Database) -> None:
        """Put all rows into another database, in place of what it has."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self.guard(),
            self._engine.connect().execution_options(**options) as source,
            source.begin(),
            target.connection(write=True) as connection,
        ):
            for table in reversed(tables.metadata.sorted_tables):
                connection.execute(sa.delete(table))
            for table in tables.metadata.sorted_tables:
                rows = source.execute(sa.select(table), execution_options={"yield_per": _ROWS}).mappings()
                for part in rows.partitions(_ROWS):
                    connection.execute(sa.insert(table), [dict(row) for row in part])
                if not target.is_sqlite and "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                    _raise_sequence(connection, table)


def restore(url_or_path: str | Path, file: Path, *, force: bool) -> Path | None:
    """Make a database what a backup says; returns the backup that was made of what was there, if there was anything.

    A backup of an older Zimu is upgraded on the way. A damaged SQLite database is moved aside.

    Arguments:
        file: what `Store.backup` wrote, or any zimu.db.
        force: overwrite a database that has something in it.

    Raises:
        InputError: the file is no whole backup.
        UsageError: the database has something in it, and `force` is not given; or a newer Zimu made the backup.
        EpisodeError: the database can't be reached or written.
    """
    from pipeline.store.store import Store

    if not file.is_file():
        raise InputError("There is no such file.", where=file, remedy="Give what zimu store backup wrote.")
    with TemporaryDirectory(prefix="zimu-restore-") as folder:
        copied = Path(folder) / "backup.db"
        _copy_backup(file, copied)
        with Store.open(copied) as source:
            if problems := source.check():
                raise InputError(
                    f"The backup is not whole: {problems[0].where}: {problems[0].what}.",
                    where=file,
                    remedy="Take an older one.",
                )
            own = sqlite_file(url_or_path)
            if own is not None and own.exists() and file.samefile(own):
                raise UsageError("This is the database itself.", where=file, remedy="Give a backup.")
            aside = _aside_if_damaged(own, force=force)
            with Store.open(url_or_path) as target:
                before = aside or _before(target, own, force=force)
                source.copy_to(target)
    return before


def _copy_backup(file: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file.resolve().as_posix()}?mode=ro".replace("%", "%25"), uri=True)) as one:
            known = one.execute("SELECT value FROM zimu_meta WHERE key = 'schema'").fetchone()
        if known is not None:
            copy_sqlite(file, target)
            return
    except sqlite3.Error:
        pass
    raise InputError("This is no backup of Zimu's.", where=file, remedy="Give what zimu store backup wrote.")


def _before(target: Store, own: Path | None, *, force: bool) -> Path | None:
    """Keep what the database has before it is overwritten; None: it has nothing."""
    with target.connection() as connection:
        kept = (tables.episodes, tables.people, tables.tmx_units)
        empty = not any(connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in kept)
    if empty:
        return None
    if not force:
        raise UsageError(
            "The database has something in it.",
            where=target.where,
            remedy="Add --force to overwrite it; a backup of it is made first.",
        )
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    file = free_name(own, "before-restore") if own else Path(f"zimu-before-restore-{moment}.db").absolute()
    target.backup(file)
    return file


def _aside_if_damaged(own: Path | None, *, force: bool) -> Path | None:
    """Move an SQLite database that can't be read out of the way; None: there is none, or it can be read."""
    from pipeline.store.store import Store

    if own is None or not own.exists():
        return None
    try:
        with Store.open(own) as store:
            whole = not any(problem.kind == "integrity" for problem in store.check())
    except UsageError:
        raise
    except EpisodeError as error:
        if "damaged" not in error.what:
            raise
        whole = False
    if whole:
        return None
    if not force:
        raise UsageError(
            "The database is damaged.", where=own, remedy="Add --force to put the backup in its place; it is kept."
        )
    aside = free_name(own, "damaged")
    with guard_output(own):
        for ending in ("", "-wal", "-shm"):
            part = own.with_name(own.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
    return aside


def _one_file(file: Path) -> None:
    """Take the log of an SQLite database into it, so that the file is all there is."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def _raise_sequence(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL count on from the highest number."""
    highest: Any = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, "id")
    connection.execute(sa.select(sa.func.setval(sequence, highest, False)))
