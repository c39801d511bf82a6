"""What stays of a batch: its history and marks in the store, its log as JSON lines, its numbers for Prometheus."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from pipeline.batch.marks import folder_stamps, signature
from pipeline.batch.observing import Observer, Work
from pipeline.batch.tasks import Result, Task
from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.store.batches import Batches, BatchRun, BatchStage, Mark
from pipeline.store.database import now

_EVERY_S = 1.0
_AGAIN_S = 10.0


class History(Observer):
    """Writes runs, stages and marks into the stores of the workspaces, many at a time.

    Arguments:
        find: a workspace's store, and what its marks have in common.
        run: the batch; each workspace that has work in it gets one of its own.
    """

    def __init__(self, find: Callable[[str], tuple[Batches, str]], run: BatchRun) -> None:
        self._find, self._run = find, run
        self._stores: dict[str, Batches] = {}
        self._common: dict[str, str] = {}
        self._runs: dict[str, BatchRun] = {}
        self._stages: dict[str, list[BatchStage]] = {}
        self._marks: dict[str, list[Mark]] = {}
        self._results: dict[int, Result] = {}
        self._changed: set[str] = set()
        self.refused = ""
        self._written = time.monotonic()

    def added(self, works: Sequence[Work]) -> None:
        for work in works:
            if work.workspace not in self._runs:
                self._open(work.workspace)
            run = self._runs[work.workspace]
            self._runs[work.workspace] = replace(run, episodes=run.episodes + 1)
            self._changed.add(work.workspace)

    def _open(self, name: str) -> None:
        self._stores[name], self._common[name] = self._find(name)
        self._stages[name], self._marks[name] = [], []
        self._runs[name] = replace(self._run, workspace=name)
        self._stores[name].start_run(self._runs[name])

    def stage_ended(self, work: Work, stage: BatchStage) -> None:
        self._stages[work.workspace].append(stage)
        self._changed.add(work.workspace)

    def task_ended(self, work: Work, result: Result) -> None:
        self._results[id(work)] = result

    def episode_ended(self, work: Work) -> None:
        run = self._runs[work.workspace]
        done, failed = int(work.state == "done"), int(work.state == "failed")
        self._runs[work.workspace] = replace(run, done=run.done + done, failed=run.failed + failed)
        self._changed.add(work.workspace)
        result = self._results.pop(id(work), None)
        if result is not None and (mark := self._mark(work, result)) is not None:
            self._marks[work.workspace].append(mark)

    def tick(self) -> None:
        if self._changed and time.monotonic() - self._written >= (_AGAIN_S if self.refused else _EVERY_S):
            try:
                self.flush()
            except EpisodeError as error:  # The episodes go on: their own manifests know what is done.
                self.refused = str(error)
                self._written = time.monotonic()

    def flush(self) -> None:
        """Write what there is.

        Raises:
            EpisodeError: a store can't be written; nothing is lost that the episodes' own manifests do not know.
        """
        for name in sorted(self._changed):
            self._stores[name].note(self._runs[name], self._stages[name], self._marks[name])
            self._stages[name], self._marks[name] = [], []
        self._changed.clear()
        self.refused = ""
        self._written = time.monotonic()

    def finish(self, state: str) -> None:
        """Say how the batch ended."""
        for name, run in self._runs.items():
            ended = "failed" if state == "done" and run.failed else state
            self._runs[name] = replace(run, ended_at=now(), state=ended)
            self._changed.add(name)
        self.flush()

    def _mark(self, work: Work, result: Result) -> Mark | None:
        """The mark of an episode that has nothing to do any more; None where its folder changed meanwhile."""
        folder, common = work.seen.folder, self._common[work.workspace]
        try:
            if folder_stamps(folder) != work.stamps:
                return None
            if work.state == "done":
                signed = signature(folder, common, watched=result.watched, pulse=result.pulse)
                return Mark(work.name, "done", signed, result.watched, result.store_id)
            if isinstance(work.error, (InputError, UsageError)):
                return Mark(
                    work.name, "refused", signature(folder, common, watched=(), pulse=""), error=work.error.what
                )
        except OSError:  # the folder is gone, or its disk
            return None
        return None


class Log(Observer):
    """A JSON object a line: when, which run, which episode, which stage, what."""

    def __init__(self, file: TextIO, run_id: str) -> None:
        self._file, self._run = file, run_id

    def added(self, works: Sequence[Work]) -> None:
        for work in works:
            self._write("added", work)

    def started(self, work: Work, task: Task) -> None:
        self._write("started", work, stage=task.start, resource=task.resource, granted_mb=task.granted_mb)

    def said(self, work: Work, level: str, text: str) -> None:
        self._write(level, work, stage=work.stage, text=text)

    def stage_ended(self, work: Work, stage: BatchStage) -> None:
        self._write(
            stage.state, work, stage=stage.stage, seconds=stage.seconds, worker=stage.worker, error=stage.error
        )  # fmt: skip

    def task_ended(self, work: Work, result: Result) -> None:
        self._write(
            "returned", work, next=result.next, seconds=round(result.seconds, 3), worker=result.worker,
            peak_mb=result.peak_mb,
        )  # fmt: skip

    def episode_ended(self, work: Work) -> None:
        error = work.error
        told = {} if error is None else {"error": error.what, "where": error.where, "remedy": error.remedy}
        self._write("episode " + work.state, work, seconds=round(work.seconds, 3), **told)

    def notice(self, text: str) -> None:
        self._write("notice", None, text=text)

    def close(self) -> None:
        self._file.close()

    def _write(self, event: str, work: Work | None, **more: Any) -> None:
        row = {"at": now(), "run": self._run, "event": event}
        if work is not None:
            row |= {"workspace": work.workspace, "episode": work.name}
        self._file.write(json.dumps({**row, **more}, ensure_ascii=False) + "\n")
        self._file.flush()


def open_log(folder: Path, run_id: str, *, kept: int) -> TextIO:
    """A new log in a folder, in which only the newest ones are kept.

    Raises:
        OSError: it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.jsonl"))[: -kept + 1 or None]:
        old.unlink(missing_ok=True)
    return (folder / f"{run_id}.jsonl").open("a", encoding="utf-8")


class Metrics(Observer):
    """Numbers for Prometheus: in a file for its node_exporter, or asked for by HTTP.

    Arguments:
        file: written every second while something changes; None: none.
        address: host and port to serve on; None: not served.
    """

    def __init__(self, file: Path | None, address: tuple[str, int] | None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

        self._file = file
        self._registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self._registry}
        self._episodes = Counter("zimu_batch_episodes", "Episodes that ended", ["state"], **own)
        self._open = Gauge("zimu_batch_open_episodes", "Episodes taken on and not ended", **own)
        self._stages = Counter("zimu_batch_stages", "Stages that ended", ["stage", "state"], **own)
        self._running = Gauge("zimu_batch_running_tasks", "Tasks in work", ["resource"], **own)
        self._peak = Gauge("zimu_batch_worker_peak_bytes", "Most memory that a worker has used", ["resource"], **own)
        self._alive = Gauge("zimu_batch_alive_timestamp_seconds", "When the batch was last seen alive", **own)
        self._seconds = Histogram(
            "zimu_batch_stage_seconds", "What stages took", ["stage"],
            buckets=(0.1, 1, 10, 30, 60, 300, 600, 1800, 3600, 10800), **own,
        )  # fmt: skip
        self._resources: dict[int, str] = {}
        self._written = 0.0
        self._stop: Callable[[], None] = lambda: None
        if address is not None:
            try:
                server, thread = start_http_server(address[1], addr=address[0], registry=self._registry)
            except OSError as error:
                raise UsageError(
                    f"Metrics can't be served at {address[0]}:{address[1]} ({error.strerror}).",
                    where="batch.metrics_port",
                    remedy="Choose another port.",
                ) from error
            self._stop = server.shutdown
            del thread

    def added(self, works: Sequence[Work]) -> None:
        self._open.inc(len(works))

    def started(self, work: Work, task: Task) -> None:
        self._resources[id(work)] = task.resource
        self._running.labels(task.resource).inc()

    def stage_ended(self, work: Work, stage: BatchStage) -> None:
        self._stages.labels(stage.stage, stage.state).inc()
        if stage.state == "done":
            self._seconds.labels(stage.stage).observe(stage.seconds)
        if stage.state == "lost":
            self._running.labels(self._resources.pop(id(work))).dec()

    def task_ended(self, work: Work, result: Result) -> None:
        resource = self._resources.pop(id(work))
        self._running.labels(resource).dec()
        if result.peak_mb:
            self._peak.labels(resource).set(result.peak_mb * 1_048_576)

    def episode_ended(self, work: Work) -> None:
        self._open.dec()
        self._episodes.labels(work.state).inc()

    def tick(self) -> None:
        self._alive.set(time.time())
        if self._file is not None and time.monotonic() - self._written >= _EVERY_S:
            self._write()

    def close(self) -> None:
        self._stop()
        if self._file is not None:
            self._write()

    def _write(self) -> None:
        from prometheus_client import write_to_textfile

        self._written = time.monotonic()
        write_to_textfile(str(self._file), self._registry)
