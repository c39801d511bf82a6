"""What a batch tells while it runs; whoever shows, logs, counts or keeps it, listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.batch.planning import Seen
from pipeline.batch.tasks import Result, Task
from pipeline.errors import ZimuError
from pipeline.store.batches import BatchStage

EpisodeState = Literal["waiting", "done", "failed", "stopped"]


@dataclass(slots=True)
class Work:
    """An episode in a batch.

    Attributes:
        stage: the stage that is next; `start`: the first one to look at.
        need_mb: what the next task asked for, 0: what is expected.
        lost: how many workers were lost with it; `rounds`: how many tasks it took.
        stamps: what lay in its folder when the batch took it.
        error: why it failed.
    """

    seen: Seen
    workspace: str
    stage: str
    start: str
    need_mb: int = 0
    lost: int = 0
    rounds: int = 0
    stamps: list[tuple[str, int, int]] = field(default_factory=list)
    state: EpisodeState = "waiting"
    error: ZimuError | None = None
    seconds: float = 0.0
    stages: list[BatchStage] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.seen.place


class Observer:
    """Hears of everything; by default does nothing."""

    def added(self, works: Sequence[Work]) -> None:
        """Episodes that will be worked on."""

    def started(self, work: Work, task: Task) -> None:
        """A task began."""

    def progressed(self, work: Work, label: str, done: float, total: float | None) -> None:
        """How far the step in work is."""

    def said(self, work: Work, level: str, text: str) -> None:
        """A stage said something: info, warning or detail."""

    def stage_ended(self, work: Work, stage: BatchStage) -> None:
        """A stage of an episode was done, or had been, or failed, or its worker was lost."""

    def task_ended(self, work: Work, result: Result) -> None:
        """A task came back."""

    def episode_ended(self, work: Work) -> None:
        """Nothing more is done with the episode in this batch."""

    def notice(self, text: str) -> None:
        """Something about the batch as a whole."""

    def tick(self) -> None:
        """Time has passed."""

    def close(self) -> None:
        """The batch is over."""
