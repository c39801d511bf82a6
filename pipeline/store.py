"""The database: what machines and people translated. Machine work may be redone; people's is never overwritten.

SQLite (WAL) in a file, or PostgreSQL by URL. Every change is one transaction; what is committed survives a
kill. Units are never deleted: when an episode's lines are regrouped, the units that no longer fit are
detached and come back when their sentence does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from pipeline.errors import EpisodeError, UsageError
from pipeline.files import sha256_json
from pipeline.track import Finding
from pipeline.translation.regroup import Matched, match_units
from pipeline.translation.units import Unit

SCHEMA_VERSION = 1
BUSY_TIMEOUT_MS = 30_000

Status = Literal["new", "machine", "edited", "approved"]
_PEOPLES = ("edited", "approved")
MACHINE = "machine"


class _Base(DeclarativeBase):
    pass


class _Meta(_Base):
    __tablename__ = "zimu_meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class _Episode(_Base):
    __tablename__ = "episodes"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    created_at: Mapped[str]


class _Unit(_Base):
    __tablename__ = "units"
    __table_args__ = (sa.Index("units_by_episode", "episode_id", "language", "attached", "first_line"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(sa.ForeignKey("episodes.id"))
    language: Mapped[str]
    first_line: Mapped[int]
    last_line: Mapped[int]
    source: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    status: Mapped[str] = mapped_column(default="new")
    stale: Mapped[bool] = mapped_column(default=False)
    attached: Mapped[bool] = mapped_column(default=True)
    engine: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    findings: Mapped[str] = mapped_column(sa.Text, default="[]")
    proposal: Mapped[str] = mapped_column(sa.Text, default="")
    proposal_fingerprint: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[str]


class _Revision(_Base):
    __tablename__ = "revisions"
    __table_args__ = (sa.UniqueConstraint("unit_id", "revision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    revision: Mapped[int]
    source: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str]
    who: Mapped[str]
    at: Mapped[str]


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A unit's translation as it stands.

    Attributes:
        id: the database's number of it.
        first, last: line indexes, inclusive.
        source: the sentence in its own language.
        text: the translation; empty while the status is `new`.
        status: `new`, `machine`, `edited` (by a person) or `approved` (by a person).
        stale: the sentence changed after a person wrote this translation.
        attached: it belongs to the transcript as it is now.
        engine: which engine translated it; empty where a person did.
        fingerprint: hash of all that the machine translation depends on.
        findings: what the checks have against the text.
        proposal: a machine translation beside a person's; empty if there is none.
        proposal_fingerprint: the proposal's.
        revision: counts the changes.
        updated_at: ISO 8601, UTC.
    """

    id: int
    first: int
    last: int
    source: str
    text: str
    status: Status
    stale: bool
    attached: bool
    engine: str
    fingerprint: str
    findings: tuple[Finding, ...]
    proposal: str
    proposal_fingerprint: str
    revision: int
    updated_at: str

    @property
    def by_person(self) -> bool:
        return self.status in _PEOPLES


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of a unit's history; `who` is `machine:ENGINE` or a person's name."""

    revision: int
    source: str
    text: str
    status: Status
    who: str
    at: str


class ConflictError(EpisodeError):
    """Somebody else changed the unit in the meantime."""


class Store:
    """An open database. Build it with `Store.open`; close it after use, or use it in a `with` block."""

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self._engine = engine
        self._where = where

    @staticmethod
    def open(url_or_path: str | Path) -> Store:
        """Open a database, making it if it is not there.

        Raises:
            EpisodeError: it is damaged, can't be reached or can't be written.
            UsageError: a newer Zimu made it, or its URL is wrong.
        """
        text = str(url_or_path)
        try:
            url = sa.make_url(text) if "://" in text else sa.URL.create("sqlite", database=text)
            where = url.render_as_string(hide_password=True) if "://" in text else text
            engine = sa.create_engine(url, connect_args=_connect_args(url))
        except (SQLAlchemyError, ImportError) as error:
            raise UsageError(
                f"The database can't be used: {error}.",
                where="store.url",
                remedy="Write sqlite:///path, or postgresql+psycopg://user@host/name with psycopg installed.",
            ) from error
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        store = Store(engine, where)
        try:
            with store._guard():
                store._prepare()
        except BaseException:
            engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def units(self, episode: str, language: str) -> tuple[StoredUnit, ...]:
        """The attached units of an episode in a language, in the order of their lines."""
        return self._select(episode, language, attached=True)

    def detached(self, episode: str, language: str) -> tuple[StoredUnit, ...]:
        """People's units whose sentence is not in the transcript any more, newest first."""
        found = (unit for unit in self._select(episode, language, attached=False) if unit.by_person)
        return tuple(sorted(found, key=lambda unit: unit.updated_at, reverse=True))

    def languages(self, episode: str) -> tuple[str, ...]:
        """The languages that the episode has units in."""
        with self._session() as session:
            query = sa.select(_Unit.language).where(_Unit.episode_id == episode).distinct()
            return tuple(sorted(session.scalars(query)))

    def sync(self, episode: str, language: str, units: Sequence[Unit], *, title: str = "") -> tuple[StoredUnit, ...]:
        """Make the stored units those of the transcript, and return them in order.

        A unit goes on with its translation where its sentence is found again, at whatever lines. A person's
        unit whose sentence changed a little goes on too, marked stale; all others are detached, never deleted.
        """
        now = _now()
        with self._session(write=True) as session:
            known = session.get(_Episode, episode)
            if known is None:
                session.add(_Episode(id=episode, title=title, created_at=now))
                session.flush()
            elif title:
                known.title = title
            rows: list[_Unit] = list(session.scalars(_of(episode, language).with_for_update()))
            by_id = {row.id: row for row in rows}
            matches = match_units(
                [(unit.first, unit.text) for unit in units],
                [Matched(r.id, r.first_line, r.source, r.status in _PEOPLES, r.attached, bool(r.text)) for r in rows],
            )
            for row in rows:
                if row.attached and row.id not in matches:
                    row.attached = False
            for unit, found in zip(units, matches, strict=True):
                if found is None:
                    session.add(_new_row(episode, language, unit, now))
                else:
                    _move(by_id[found], unit, now)
        return self.units(episode, language)

    def save_machine(
        self, unit_id: int, text: str, *, engine: str, fingerprint: str, findings: Sequence[Finding] = ()
    ) -> StoredUnit:
        """Store a machine translation and commit it; beside a person's work, as a proposal."""
        with self._session(write=True) as session:
            row = self._row(session, unit_id)
            if row.status in _PEOPLES:
                row.proposal, row.proposal_fingerprint = text, fingerprint
            else:
                row.text, row.engine, row.fingerprint = text, engine, fingerprint
                row.findings = json.dumps([asdict(finding) for finding in findings], ensure_ascii=False)
                row.status = "machine"
                _record(session, row, f"{MACHINE}:{engine}")
            return _stored(row)

    def edit(self, unit_id: int, text: str, who: str, expected_revision: int) -> StoredUnit:
        """Store a person's translation; it is not stale any more.

        Raises:
            ConflictError: the unit is not at `expected_revision` any more; nothing is changed.
        """
        with self._session(write=True) as session:
            row = self._checked(session, unit_id, expected_revision)
            row.text, row.status, row.stale, row.engine, row.findings = text, "edited", False, "", "[]"
            _record(session, row, who)
            return _stored(row)

    def approve(self, unit_id: int, who: str, expected_revision: int) -> StoredUnit:
        """Mark a unit as approved by a person; it is not stale any more.

        Raises:
            ConflictError: the unit is not at `expected_revision` any more, or has no text; nothing is changed.
        """
        with self._session(write=True) as session:
            row = self._checked(session, unit_id, expected_revision)
            if not row.text:
                raise ConflictError(
                    "A unit without a translation can't be approved.",
                    where=self._where,
                    remedy="Translate it first.",
                )
            row.status, row.stale = "approved", False
            _record(session, row, who)
            return _stored(row)

    def history(self, unit_id: int) -> tuple[Revision, ...]:
        """All texts that a unit ever had, oldest first."""
        with self._session() as session:
            query = sa.select(_Revision).where(_Revision.unit_id == unit_id).order_by(_Revision.revision)
            return tuple(
                Revision(row.revision, row.source, row.text, _status(row.status), row.who, row.at)
                for row in session.scalars(query)
            )

    def digest(self, episode: str, language: str) -> str:
        """SHA-256 of what subtitles are made from: it changes with any text or line that a viewer would see."""
        return sha256_json([(unit.first, unit.last, unit.text) for unit in self.units(episode, language)])

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """A transaction for the queries of other modules; with `write` it takes the writer's lock at once.

        Raises:
            EpisodeError: the database is damaged, can't be reached or can't be written.
        """
        with self._session(write=write) as session:
            yield session

    def _select(self, episode: str, language: str, *, attached: bool) -> tuple[StoredUnit, ...]:
        with self._session() as session:
            query = _of(episode, language).where(_Unit.attached == attached)
            return tuple(_stored(row) for row in session.scalars(query))

    def _row(self, session: Session, unit_id: int) -> _Unit:
        row = session.get(_Unit, unit_id, with_for_update=True)
        if row is None:
            raise EpisodeError(f"There is no unit {unit_id}.", where=self._where, remedy="Load the page again.")
        return row

    def _checked(self, session: Session, unit_id: int, expected_revision: int) -> _Unit:
        row = self._row(session, unit_id)
        if row.revision != expected_revision:
            raise ConflictError(
                f"The translation of lines {row.first_line + 1}-{row.last_line + 1} was changed in the meantime "
                f"(it is at revision {row.revision}, not {expected_revision}).",
                where=self._where,
                remedy="Load it again, and make the change there.",
            )
        return row

    @contextmanager
    def _session(self, *, write: bool = False) -> Iterator[Session]:
        with (
            self._guard(),
            self._engine.connect() as connection,
            Session(connection.execution_options(zimu_write=write)) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise _refusal(error, self._where) from error

    def _prepare(self) -> None:
        """Make the tables, or see that those there can be used."""
        with self._engine.connect().execution_options(zimu_write=True) as connection, connection.begin():
            if self._engine.dialect.name == "postgresql":  # Two processes may come at once.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(20262)"))
            if sa.inspect(connection).has_table(_Meta.__tablename__):
                version = connection.scalar(sa.select(_Meta.value).where(_Meta.key == "schema")) or ""
                if not version.isdigit() or int(version) > SCHEMA_VERSION:
                    raise UsageError(
                        f"The database was made by a newer Zimu (schema {version}; this one knows {SCHEMA_VERSION}).",
                        where=self._where,
                        remedy="Upgrade Zimu: pip install --upgrade zimu.",
                    )
                return
            _Base.metadata.create_all(connection)
            connection.execute(sa.insert(_Meta).values(key="schema", value=str(SCHEMA_VERSION)))


def _connect_args(url: sa.URL) -> dict[str, Any]:
    return {"timeout": BUSY_TIMEOUT_MS / 1000} if url.get_backend_name() == "sqlite" else {}


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


def _refusal(error: DatabaseError, where: str) -> EpisodeError:
    said = str(error.orig or error).splitlines()[0]
    lowered = said.casefold()
    if (
        "not a database" in lowered
        or "malformed" in lowered
        or "no such table" in lowered
        or "no such column" in lowered
    ):
        return EpisodeError(
            f"The database is damaged ({said}).",
            where=where,
            remedy="Put a backup in its place; or move it away, and the machine translations are made again.",
        )
    if "disk is full" in lowered or "disk i/o" in lowered:
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


def _of(episode: str, language: str) -> sa.Select[Any]:
    return (
        sa.select(_Unit)
        .where(_Unit.episode_id == episode, _Unit.language == language)
        .order_by(_Unit.first_line, _Unit.id)
    )


def _new_row(episode: str, language: str, unit: Unit, now: str) -> _Unit:
    return _Unit(
        episode_id=episode,
        language=language,
        first_line=unit.first,
        last_line=unit.last,
        source=unit.text,
        updated_at=now,
    )


def _move(row: _Unit, unit: Unit, now: str) -> None:
    """Give a unit its new lines, and its sentence where that changed."""
    changed = row.source != unit.text
    if not changed and row.attached and (row.first_line, row.last_line) == (unit.first, unit.last):
        return
    row.first_line, row.last_line, row.attached, row.updated_at = unit.first, unit.last, True, now
    if changed:
        row.source, row.stale = unit.text, True


def _record(session: Session, row: _Unit, who: str) -> None:
    row.revision += 1
    row.updated_at = _now()
    session.add(
        _Revision(
            unit_id=row.id,
            revision=row.revision,
            source=row.source,
            text=row.text,
            status=row.status,
            who=who,
            at=row.updated_at,
        )
    )


def _stored(row: _Unit) -> StoredUnit:
    return StoredUnit(
        id=row.id,
        first=row.first_line,
        last=row.last_line,
        source=row.source,
        text=row.text,
        status=_status(row.status),
        stale=row.stale,
        attached=row.attached,
        engine=row.engine,
        fingerprint=row.fingerprint,
        findings=tuple(Finding(**each) for each in json.loads(row.findings)),
        proposal=row.proposal,
        proposal_fingerprint=row.proposal_fingerprint,
        revision=row.revision,
        updated_at=row.updated_at,
    )


def _status(value: str) -> Status:
    known: dict[str, Status] = {"new": "new", "machine": "machine", "edited": "edited", "approved": "approved"}
    return known[value]


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
