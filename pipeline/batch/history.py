"""The batches of a workspace as people ask for them: how they ended, and what they took by stage."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime, timezone

import psutil

from pipeline.store.batches import Batches, BatchRun, BatchStage


@dataclass(frozen=True, slots=True)
class Total:
    """How often a stage was done in a batch, and the seconds of all together."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PastRun:
    """A batch.

    Attributes:
        run: as it was noted.
        state: running, done, failed, stopped; killed where its process is gone without a word.
        seconds: from its start to its end, or to now.
        stages: what was done, by stage.
        failures: stages that failed, or whose worker was lost.
    """

    run: BatchRun
    state: str
    seconds: float
    stages: dict[str, Total]
    failures: tuple[BatchStage, ...]


def read_history(store: Batches, workspace: str) -> list[PastRun]:
    """The newest batches of a workspace, newest first."""
    return [_past(run, store.stages(run.id)) for run in store.runs(workspace)]


def _past(run: BatchRun, stages: tuple[BatchStage, ...]) -> PastRun:
    totals: dict[str, Total] = {}
    for stage in stages:
        if stage.state == "done":
            before = totals.get(stage.stage, Total(0, 0.0))
            totals[stage.stage] = Total(before.count + 1, round(before.seconds + stage.seconds, 3))
    ended = datetime.fromisoformat(run.ended_at) if run.ended_at else datetime.now(timezone.utc)
    seconds = (ended - datetime.fromisoformat(run.started_at)).total_seconds()
    gone = run.state == "running" and run.host == platform.node() and not psutil.pid_exists(run.pid)
    failures = tuple(stage for stage in stages if stage.state in ("failed", "lost"))
    return PastRun(run, "killed" if gone else run.state, round(seconds, 3), totals, failures)
