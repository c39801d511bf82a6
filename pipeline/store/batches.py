"""Batches in the database: which ran, what each stage of them took, and marks of episodes that have nothing to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.database import Database, now
from pipeline.store.migrate import open_prepared

RunState = Literal["running", "done", "failed", "stopped"]
MarkState = Literal["done", "refused"]
StageResult = Literal["done", "skipped", "failed", "lost"]
_runs, _stages, _marks = tables.batch_runs, tables.batch_stages, tables.batch_marks


@dataclass(frozen=True, slots=True)
class BatchRun:
    """A batch.

    Attributes:
        id: sorts by time.
        workspace: its folder.
        command: what was asked for.
        executor: local or ray.
        host, pid: the process that ran it.
        started_at, ended_at: ISO 8601, UTC; no end while it runs, or when it was killed.
        state: how it ended.
        episodes, done, failed: how many had something to do, and what became of them.
    """

    id: str
    workspace: str
    command: str
    executor: str
    host: str
    pid: int
    started_at: str
    ended_at: str
    state: str
    episodes: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class BatchStage:
    """A stage of an episode in a batch: what it took (seconds), where it ran, and its error if it failed."""

    run_id: str
    episode: str
    stage: str
    state: str
    started_at: str
    seconds: float
    worker: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What an episode looked like when nothing was left to do in it.

    Attributes:
        episode: its place in the workspace.
        state: everything is made; or it was refused as it is, with `error`.
        signature: digest of its files' sizes and times, the settings, the tables, and what the store knew of it.
        watched: files besides those in its own folder that the signature covers.
        store_id: what the store knows it by.
    """

    episode: str
    state: str
    signature: str
    watched: tuple[str, ...] = ()
    store_id: str = ""
    error: str = ""


class Batches(Database):
    """The history of batches and the marks."""

    @staticmethod
    def open(url_or_path: str | Path) -> Batches:
        """Open a database for these alone: as `Store.open`, without loading all that translating needs."""
        return open_prepared(Batches, url_or_path)

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_run(self, run: BatchRun) -> None:
        """Note that a batch began."""
        with self.connection(write=True) as connection:
            connection.execute(sa.insert(_runs).values(asdict(run)))

    def note(self, run: BatchRun, stages: Sequence[BatchStage], marks: Sequence[Mark]) -> None:
        """Keep how far a batch is: its numbers, stages that ended, and marks of finished episodes; one transaction."""
        values = {name: value for name, value in asdict(run).items() if name != "id"}
        with self.connection(write=True) as connection:
            connection.execute(sa.update(_runs).where(_runs.c.id == run.id).values(values))
            if stages:
                connection.execute(sa.insert(_stages), [asdict(stage) for stage in stages])
            if marks:
                _put_marks(connection, run.workspace, marks)

    def runs(self, workspace: str, *, limit: int = 20) -> tuple[BatchRun, ...]:
        """The newest batches of a workspace, newest first."""
        query = sa.select(_runs).where(_runs.c.workspace == workspace).order_by(_runs.c.id.desc()).limit(limit)
        with self.connection() as connection:
            return tuple(BatchRun(*row) for row in connection.execute(query))

    def stages(self, run_id: str) -> tuple[BatchStage, ...]:
        """What a batch did, in the order in which it ended."""
        query = sa.select(*(column for column in _stages.c if column.name != "id")).where(_stages.c.run_id == run_id)
        with self.connection() as connection:
            return tuple(BatchStage(*row) for row in connection.execute(query.order_by(_stages.c.id)))

    def marks(self, workspace: str) -> dict[str, Mark]:
        """The marks of a workspace by episode."""
        query = sa.select(_marks).where(_marks.c.workspace == workspace)
        with self.connection() as connection:
            return {row.episode: _mark(row) for row in connection.execute(query)}

    def pulses(self) -> dict[str, str]:
        """By episode's id, what changes with anything that the store has of it: what `Store.pulse` says of one."""
        query = sa.select(tables.episodes.c.id, tables.episodes.c.changes)
        with self.connection() as connection:
            return {row.id: f"{row.changes}-1" for row in connection.execute(query)}


def _put_marks(connection: sa.Connection, workspace: str, marks: Iterable[Mark]) -> None:
    latest = {mark.episode: mark for mark in marks}
    gone = sa.delete(_marks).where(_marks.c.workspace == workspace, _marks.c.episode == sa.bindparam("marked"))
    connection.execute(gone, [{"marked": episode} for episode in latest])
    rows = [
        {**asdict(mark), "watched": json.dumps(mark.watched), "workspace": workspace, "at": now()}
        for mark in latest.values()
    ]
    connection.execute(sa.insert(_marks), rows)


def _mark(row: sa.Row[tuple[str, ...]]) -> Mark:
    watched = tuple(str(path) for path in json.loads(row.watched or "[]"))
    return Mark(row.episode, row.state, row.signature, watched, row.store_id, row.error)
