"""A connection to the database: SQLite or PostgreSQL, transactions, and what their refusals mean."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timezone
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from pipeline.errors import EpisodeError, UsageError

BUSY_TIMEOUT_MS = 30_000
_CONNECT_TIMEOUT_S = 10
_CONNECTIONS, _MORE_CONNECTIONS = 8, 40
# Any number that other programs on a PostgreSQL server are unlikely to lock.
_WRITERS_LOCK = 20_262


class Database:
    """An open database. Writers come one after another, in one process and over all of them.

    SQLite allows nothing else. In PostgreSQL it makes the numbers of revisions grow in the order in which they can
    be seen, so that whoever follows the changes misses none, and no two writers can block each other.
    """

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self._engine = engine
        self._where = where
        # SQLite's own waiting is by sleeping ever longer: between threads a lock is much quicker, and fair.
        self._writers = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._reading = threading.local()

    @property
    def where(self) -> str:
        """What the database is called towards people: its file, or its URL without the password."""
        return self._where

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    @contextmanager
    def connection(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """A transaction for the queries of other modules; with `write` it is the only one that writes.

        Raises:
            EpisodeError: the database is damaged, can't be reached or can't be written.
        """
        shared: sa.Connection | None = getattr(self._reading, "connection", None)
        if shared is not None and not write:
            with self.guard():
                yield shared
            return
        with (
            self.guard(),
            self._writers if write else nullcontext(),
            self._engine.connect().execution_options(zimu_write=write) as connection,
            connection.begin(),
        ):
            if write and not self.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS_LOCK})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One transaction for all that this thread reads in the block, which costs less than one for each question."""
        if getattr(self._reading, "connection", None) is not None:
            yield
            return
        with self.connection() as connection:
            self._reading.connection = connection
            try:
                yield
            finally:
                self._reading.connection = None

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Turn the database's errors into those that say what to do."""
        try:
            yield
        except DatabaseError as error:
            raise _refusal(error, self._where) from error


def open_engine(url_or_path: str | Path) -> tuple[sa.Engine, str]:
    """The engine for a URL or an SQLite file's path, and what to call it towards people; nothing is read yet.

    Raises:
        UsageError: the URL is wrong, or its driver is not installed.
    """
    text = str(url_or_path)
    try:
        url = _url(text) if "://" in text else sa.URL.create("sqlite", database=text)
        where = url.render_as_string(hide_password=True) if "://" in text else text
        engine = _create(url)
    except (SQLAlchemyError, ImportError) as error:
        raise UsageError(
            f"The database can't be used: {error}.",
            where="store.url",
            remedy="Write sqlite:///path, or postgresql://user@host/name after pip install 'zimu[postgresql]'.",
        ) from error
    return engine, where


def sqlite_file(url_or_path: str | Path) -> Path | None:
    """The file of an SQLite database; None for another one."""
    text = str(url_or_path)
    if "://" not in text:
        return Path(text)
    url = _url(text)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def execute_many(
    connection: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run a statement for many rows, all with the same names, whose values the driver takes as they are.

    SQLAlchemy's own way looks at every value of every row, which takes longer than to store it.
    """
    if rows:
        text, names = _compiled(statement, connection.dialect, tuple(rows[0]))
        values = [dict(row) for row in rows] if names is None else _in_order(rows, names)
        connection.exec_driver_sql(text, values)


def _in_order(rows: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    if len(names) == 1:
        return [(row[names[0]],) for row in rows]
    return list(map(itemgetter(*names), rows))


@lru_cache(maxsize=64)
def _compiled(
    statement: sa.Insert | sa.Update, dialect: sa.Dialect, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...] | None]:
    """A statement as the driver wants it, and the order of its values; None: by name."""
    made: Any = statement.compile(dialect=dialect, column_keys=list(names))
    return str(made), tuple(made.positiontup) if made.positional else None


def new_id(connection: sa.Connection, insert: sa.Insert) -> int:
    """Add one row; the number that the database gave it."""
    key = connection.execute(insert).inserted_primary_key
    if key is None:
        raise EpisodeError("The database gave no number.", remedy="Use SQLite or PostgreSQL.")
    return int(key[0])


def now() -> str:
    """ISO 8601, UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _url(text: str) -> sa.URL:
    url = sa.make_url(text)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def _create(url: sa.URL) -> sa.Engine:
    pool: dict[str, Any] = {"pool_size": _CONNECTIONS, "max_overflow": _MORE_CONNECTIONS}
    if url.get_backend_name() != "sqlite":
        # A connection that the server closed meanwhile, as when it was restarted, is made anew.
        wait = {"connect_timeout": _CONNECT_TIMEOUT_S} if url.get_driver_name() == "psycopg" else {}
        return sa.create_engine(url, pool_pre_ping=True, connect_args=wait, **pool)
    if url.database in (None, "", ":memory:"):
        raise UsageError(
            "A database in memory keeps nothing.", where="store.url", remedy="Give a file: sqlite:///path."
        )
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, **pool)
    _prepare_sqlite(engine)
    return engine


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Let SQLAlchemy begin transactions itself: a writer takes its lock at once, so two never deadlock."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("zimu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


_DAMAGED = re.compile(r"not a database|malformed|no such (table|column)|corrupt|(relation|column) .* does not exist")


def _refusal(error: DatabaseError, where: str) -> EpisodeError:
    said = next(iter(str(error.orig or error).splitlines()), type(error).__name__)
    lowered = said.casefold()
    if _DAMAGED.search(lowered):
        return EpisodeError(
            f"The database is damaged ({said}).",
            where=where,
            remedy="Put a backup in its place: zimu store restore FILE --force. Without one, move it away: the machine "
            "translations are made again.",
        )
    if "disk is full" in lowered or "disk i/o" in lowered or "no space left" in lowered:
        return EpisodeError(f"The database can't be written ({said}).", where=where, remedy="Free some space.")
    if "locked" in lowered or "busy" in lowered:
        return EpisodeError(
            "Another program holds the database.", where=where, remedy="Close it, and run the same command again."
        )
    return EpisodeError(
        f"The database can't be used ({said}).",
        where=where,
        remedy="See that its folder exists and that you may write there, or that the server of store.url runs.",
    )
