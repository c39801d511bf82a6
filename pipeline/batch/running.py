"""The loop of a batch: tasks go to the executor as they become ready, results make the next ones ready.

One failure never stops the rest. The first interruption lets the steps in hand be finished, the second one stops at
once.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from pipeline.batch.memory import Needs, need_mb
from pipeline.batch.observing import Observer, Work
from pipeline.batch.scheduling import Choice, Load, Waiting, choose
from pipeline.batch.tasks import Event, Finished, Lost, Progressed, Resource, Result, Said, Task, resource_of
from pipeline.errors import EpisodeError, ZimuError
from pipeline.executors.base import Executor
from pipeline.store.batches import BatchStage, StageResult
from pipeline.store.database import now

_POLL_S = 0.25
# More tasks than an episode can need: somebody changes it faster than it is made.
_MAX_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the whole batch.

    Attributes:
        run_id: the batch's name.
        until, publish: its stages.
        flags: settings of the command line and the environment.
        needs: memory of a stage; attempts: how often one whose worker was lost is tried.
    """

    run_id: str
    until: str | None
    publish: bool
    flags: Mapping[str, Mapping[str, Any]]
    needs: Needs
    attempts: int
    lock_wait_s: float


class Batch:
    """Episodes in work. `add` some, then `run`; or `step` again and again, adding more meanwhile.

    Attributes:
        error: why nothing could run any more; None: it could.
    """

    def __init__(self, rules: Rules, executor: Executor, observers: Sequence[Observer]) -> None:
        self._rules = rules
        self._executor = executor
        self._observers = observers
        self._waiting: list[int] = []
        self._running: dict[int, tuple[Resource, int]] = {}
        self._works: dict[int, Work] = {}
        self._seen_mb: dict[Resource, int] = {}
        self._started_at: dict[int, str] = {}
        self._interruptions = 0
        self._told = 0
        self.error: ZimuError | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing can start."""
        return self.error is not None or (not self._running and (not self._waiting or self.stopping))

    @property
    def stopping(self) -> bool:
        return self._interruptions > 0 or self.error is not None

    @property
    def works(self) -> tuple[Work, ...]:
        return tuple(self._works.values())

    def add(self, works: Sequence[Work]) -> None:
        """Take episodes on, in their order, after those that are there."""
        for work in works:
            key = len(self._works)
            self._works[key] = work
            self._waiting.append(key)
        self._tell(lambda observer: observer.added(works))

    def run(self) -> None:
        """Until everything is done, or the batch was interrupted.

        Raises:
            KeyboardInterrupt: it was interrupted twice; nothing runs any more.
        """
        while not self.idle:
            self.step()
        self.leave()

    def step(self) -> None:
        """Start what can start, and hear what has happened meanwhile."""
        if self._interruptions > 1:
            self._executor.close()
            raise KeyboardInterrupt
        if self.stopping and not self._told:
            self._told = 1
            self._executor.stop()
            self._tell(lambda observer: observer.notice(
                f"Stopping after the {len(self._running)} steps in hand; press Ctrl-C again to stop at once."
            ))  # fmt: skip
        if not self.stopping:
            self._start_what_can()
        try:
            events = self._executor.events(_POLL_S if self._running else 0.0)
        except ZimuError as error:
            self.error = error
            return
        for text in self._executor.notices():
            self._notice(text)
        for event in events:
            self._hear(event, self._works[event.key])
        self._tell(lambda observer: observer.tick())

    def _notice(self, text: str) -> None:
        self._tell(lambda observer: observer.notice(text))

    def _hear(self, event: Event, work: Work) -> None:
        if isinstance(event, Progressed):
            self._tell(lambda observer: observer.progressed(work, event.label, event.done, event.total))
        elif isinstance(event, Said):
            self._tell(lambda observer: observer.said(work, event.level, event.text))
        elif isinstance(event, Finished):
            self._finished(event.key, work, event.result)
        else:
            self._lost(event.key, work, event)

    def leave(self) -> None:
        """Say of what was not begun any more, or can't be ended, that it was not."""
        for key in (*self._running, *self._waiting):
            self._end(self._works[key], "stopped")
        self._running.clear()
        self._waiting.clear()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let Ctrl-C, and a service's stop, end the batch cleanly."""

        def interrupt(_: int, __: FrameType | None) -> None:
            self._interruptions += 1

        before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _start_what_can(self) -> None:
        choice = self._choose()
        for refused in choice.too_big:
            self._waiting.remove(refused.key)
            self._fail(self._works[refused.key], EpisodeError(
                f"The stage needs {refused.need_mb:,} MB of memory; all may use {self._executor.limit_mb:,} MB.",
                where=self._works[refused.key].seen.folder,
                remedy="Raise batch.memory_mb, choose a smaller model, or close other programs.",
            ))  # fmt: skip
        for resource in choice.unload:
            self._executor.unload(resource)
        for chosen in choice.start:
            self._waiting.remove(chosen.key)
            self._begin(chosen)

    def _choose(self) -> Choice:
        if not self._waiting:
            return Choice()
        waiting = [self._as_waiting(key) for key in self._waiting]
        limit = self._executor.limit_mb
        idle = self._executor.idle_mb() if limit is not None else {}
        load = Load(tuple(self._running.values()), idle, self._executor.slots, limit)
        return choose(waiting, load)

    def _as_waiting(self, key: int) -> Waiting:
        work = self._works[key]
        resource = resource_of(work.stage)
        expected = need_mb(resource, self._rules.needs, seen_mb=self._seen_mb.get(resource, 0))
        return Waiting(key, resource, max(expected, work.need_mb))

    def _begin(self, chosen: Waiting) -> None:
        work, rules = self._works[chosen.key], self._rules
        task = Task(
            work.seen.folder, work.start, chosen.resource, rules.until, rules.publish, rules.flags, chosen.need_mb,
            rules.lock_wait_s,
        )  # fmt: skip
        work.rounds += 1
        self._running[chosen.key] = (chosen.resource, chosen.need_mb)
        self._started_at[chosen.key] = now()
        self._executor.start(chosen.key, task)
        self._tell(lambda observer: observer.started(work, task))

    def _finished(self, key: int, work: Work, result: Result) -> None:
        resource, _ = self._running.pop(key)
        work.seconds += result.seconds
        for stage in _stages_of(work, result, self._rules.run_id, self._started_at[key]):
            self._stage_ended(work, stage)
        if any(not step.skipped for step in result.steps) and result.peak_mb:
            self._seen_mb[resource] = max(self._seen_mb.get(resource, 0), result.peak_mb)
        self._tell(lambda observer: observer.task_ended(work, result))
        if result.error is not None:
            self._fail(work, result.error)
        elif result.stopped:
            self._end(work, "stopped")
        elif result.next is None:
            self._end(work, "done")
        elif work.rounds >= _MAX_ROUNDS:
            self._fail(work, EpisodeError(
                "The episode changes faster than it is made.",
                where=work.seen.folder,
                remedy="Run the same command again when nobody works on it.",
            ))  # fmt: skip
        else:
            work.need_mb = result.needs_mb
            if not result.needs_mb:
                work.stage = work.start = result.next
            else:
                work.stage = result.next
            self._waiting.append(key)
            self._waiting.sort()  # What was begun first is finished first.

    def _lost(self, key: int, work: Work, event: Lost) -> None:
        self._running.pop(key)
        work.lost += 1
        error = EpisodeError(event.reason, where=work.seen.folder, remedy=event.remedy)
        stage = BatchStage(
            self._rules.run_id, work.name, work.stage, "lost", self._started_at[key], 0.0, error=error.what
        )
        self._stage_ended(work, stage)
        if work.lost >= self._rules.attempts:
            self._fail(work, error)
        elif self.stopping:
            self._end(work, "stopped")
        else:
            self._tell(lambda observer: observer.said(work, "warning", f"{event.reason} It is tried again."))
            self._waiting.append(key)
            self._waiting.sort()

    def _stage_ended(self, work: Work, stage: BatchStage) -> None:
        work.stages.append(stage)
        self._tell(lambda observer: observer.stage_ended(work, stage))

    def _fail(self, work: Work, error: ZimuError) -> None:
        work.error = error
        self._end(work, "failed")

    def _end(self, work: Work, state: Any) -> None:
        work.state = state
        self._tell(lambda observer: observer.episode_ended(work))

    def _tell(self, what: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            what(observer)


def _stages_of(work: Work, result: Result, run_id: str, started_at: str) -> list[BatchStage]:
    """What a task did, by stage; its error belongs to the stage that it was in."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for step in result.steps:
        found.setdefault(step.stage, []).append((step.seconds, step.skipped))
    stages = []
    for name, steps in found.items():
        state: StageResult = "skipped" if all(skipped for _, skipped in steps) else "done"
        seconds = round(sum(seconds for seconds, _ in steps), 3)
        stages.append(BatchStage(run_id, work.name, name, state, started_at, seconds, result.worker))
    if result.error is not None:
        failed = work.stage
        spent = round(max(0.0, result.seconds - sum(stage.seconds for stage in stages)), 3)
        stages.append(
            BatchStage(run_id, work.name, failed, "failed", started_at, spent, result.worker, result.error.what)
        )
    return stages
