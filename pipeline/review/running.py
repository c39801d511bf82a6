"""A stage as a program of its own: reads what to do from its input, tells what happens in lines of JSON.

So a run's memory, its threads and its crashes are not the server's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import ZimuError
from pipeline.progress import ProgressUnit, Task

REALIGN = "realign"
PUBLISH = "publish"
TITLES = "titles"
_POLITE = 5
_EVERY_S = 0.2


def main() -> None:
    """Do what standard input says; the last line says how it ended."""
    told = sys.stdout
    sys.stdout = sys.stderr  # Whatever a library prints is no message.
    wanted = json.load(sys.stdin)
    os.nice(_POLITE)
    reporter = LineReporter(told)
    try:
        error = _work(wanted, reporter)
    except ZimuError as refused:
        error = refused
    reporter.tell("end", error=None if error is None else {"error": error.what, "remedy": error.remedy})


class LineReporter:
    """Tells progress in lines of JSON."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def tell(self, kind: str, **values: Any) -> None:
        """Write one message."""
        print(json.dumps({"kind": kind, **values}), file=self._file, flush=True)

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[Task]:
        yield _LineTask(self, label, total, unit)

    def info(self, message: str) -> None:
        self.tell("info", text=message)

    def warn(self, message: str) -> None:
        self.tell("warning", text=message)

    def detail(self, message: str) -> None:
        return


class _LineTask:
    def __init__(self, reporter: LineReporter, label: str, total: float | None, unit: ProgressUnit) -> None:
        self._reporter, self._label, self._total, self._unit = reporter, label, total, unit
        self._told = 0.0
        self.update(0.0)

    def update(self, done: float, total: float | None = None) -> None:
        self._total = self._total if total is None else total
        now = time.monotonic()
        finished = self._total is not None and done >= self._total
        if finished or now - self._told >= _EVERY_S:
            self._told = now
            self._reporter.tell("progress", label=self._label, done=done, total=self._total, unit=self._unit)


def _work(wanted: dict[str, Any], reporter: LineReporter) -> ZimuError | None:
    from pipeline.stages import run_episodes

    folder, flags = Path(wanted["folder"]), wanted["flags"]
    if wanted["stage"] == REALIGN:
        _realign(folder, flags, [(first, past) for first, past in wanted["lines"]], wanted["current"], reporter)
        return None
    if wanted["stage"] == PUBLISH:
        return _publish(folder, flags, wanted["publish"], wanted["who"], reporter)
    if wanted["stage"] == TITLES:
        _titles(folder, flags, wanted["who"], reporter)
        return None
    force = [wanted["stage"]] if wanted["force"] else []
    return run_episodes([folder], flags=flags, until=wanted["stage"], force=force, reporter=reporter)[0].error


def _publish(
    folder: Path, flags: dict[str, Any], wish: dict[str, Any], who: str, reporter: LineReporter
) -> ZimuError | None:
    """Publish what a person agreed to; the first refusal, if there was one."""
    from pipeline.publishing.confirming import require_agreed
    from pipeline.stages.publish import Wanted, publish_episodes

    agreed = wish["agreed"]
    with reporter.task("", None, "units") as task:
        done = 0

        def count(outcome: object) -> None:
            nonlocal done
            done += 1
            task.update(done)

        result = publish_episodes(
            [folder],
            Wanted(to=tuple(agreed), live=wish["live"], overwrite=wish["overwrite"]),
            reporter,
            flags=flags,
            who=who,
            on_done=count,
            agreed=lambda plans: require_agreed(plans, agreed),
        )
    errors = [error for _, error in result.errors]
    errors += [outcome.error for outcome in result.outcomes if outcome.error is not None]
    return errors[0] if errors else None


def _titles(folder: Path, flags: dict[str, Any], who: str, reporter: LineReporter) -> None:
    from pipeline.stages.publish_titles import TitleWork, work_on_titles

    work = TitleWork(languages=(), translate=True, approve=False, title=None, description=None, who=who)
    with reporter.task("", None, "units"):
        work_on_titles(folder, work, reporter, flags=flags)


def _realign(
    folder: Path, flags: dict[str, Any], lines: list[tuple[int, int]], current: bool, reporter: LineReporter
) -> None:
    from pipeline.episode import open_episode
    from pipeline.job import Job, Workbench
    from pipeline.runner import episode_lock
    from pipeline.stages.realign import realign

    bench = Workbench()
    try:
        job = Job(open_episode(folder, flags), bench, reporter)
        with episode_lock(job.episode):
            realign(job, lines, current=current)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
