"""What goes to a worker and what comes back: a task is an episode, from a stage on, as far as one resource takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ZimuError
from pipeline.runner import StepOutcome

Resource = Literal["align", "translate", "encode"]
"""What a stage mainly needs: the speech model, the translation engine, or processors for ffmpeg."""

STAGES_OF: Mapping[Resource, tuple[str, ...]] = {
    "align": ("align",),
    "translate": ("translate", "subtitle"),
    "encode": ("render", "report", "publish"),
}
RESOURCES: tuple[Resource, ...] = tuple(STAGES_OF)


def resource_of(stage: str) -> Resource:
    """The resource that a stage needs."""
    return next(resource for resource, stages in STAGES_OF.items() if stage in stages)


@dataclass(frozen=True, slots=True)
class Task:
    """An episode to take on.

    Attributes:
        folder: the episode's.
        start: the first stage that is looked at; those before it were done in this batch.
        resource: the stages of this one may do something; at another one that has to, the task ends.
        until: the last stage of the batch; None: all.
        flags: settings of the command line and the environment.
        granted_mb: memory that it may use; one that needs more comes back and says so.
        lock_wait_s: how long another run of the episode is waited for.
    """

    folder: Path
    start: str
    resource: Resource
    until: str | None
    publish: bool
    flags: Mapping[str, Mapping[str, Any]]
    granted_mb: int
    lock_wait_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a task.

    Attributes:
        next: the stage that has something to do and needs another resource; None: the episode is done, or failed.
        needs_mb: it was not begun, since it needs so much memory; 0: it was.
        stopped: it ended early because the batch is stopping.
        watched: where all is done, files outside of the episode's folder that it was made from, and its outputs.
        pulse, store_id: where all is done, what the store knew of it before that was looked at.
        peak_mb: the most memory that the worker has used so far.
    """

    steps: tuple[StepOutcome, ...] = ()
    next: str | None = None
    needs_mb: int = 0
    stopped: bool = False
    error: ZimuError | None = None
    watched: tuple[str, ...] = ()
    pulse: str = ""
    store_id: str = ""
    seconds: float = 0.0
    worker: str = ""
    peak_mb: int = 0


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far the step in work is."""

    key: int
    label: str
    done: float
    total: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a stage said: info, warning or detail."""

    key: int
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A task has ended."""

    key: int
    result: Result


@dataclass(frozen=True, slots=True)
class Lost:
    """A task's worker has gone, with what it was doing."""

    key: int
    reason: str
    remedy: str = field(default="Run the same command again.")


Event = Progressed | Said | Finished | Lost
