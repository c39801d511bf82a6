"""What a worker does with a task: the episode's stages from one on, as far as its resource takes them.

When nothing is left, all stages are looked at once more from the first one: a person may have worked on the episode
meanwhile, and only what was found done then may be taken for done.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeline.batch.memory import Needs, need_mb
from pipeline.batch.tasks import STAGES_OF, Result, Task
from pipeline.episode import open_episode
from pipeline.errors import ZimuError
from pipeline.files import guard_output
from pipeline.job import Job, Workbench
from pipeline.progress import Reporter
from pipeline.runner import Stage, StepOutcome, episode_lock, run_stages, select_stages
from pipeline.stages import STAGES, refuse_early
from pipeline.stages.terms import glossary_files
from pipeline.underway import told

_MB = 1 << 20


class _NoMore(Exception):  # noqa: N818  # a state, not an error
    """The batch is stopping: the step in hand was the last."""


def advance(task: Task, bench: Workbench, reporter: Reporter, *, stopping: Callable[[], bool], worker: str) -> Result:
    """Take an episode on; its failure is part of the result, not an exception."""
    steps: list[StepOutcome] = []
    started = time.monotonic()
    try:
        with guard_output(task.folder):
            result = _advance(task, bench, reporter, steps, stopping)
    except _NoMore:
        result = Result(stopped=True)
    except ZimuError as error:
        result = Result(error=error)
    done = tuple(steps)
    seconds = time.monotonic() - started
    return Result(
        done, result.next, result.needs_mb, result.stopped, result.error, result.watched, result.pulse,
        result.store_id, seconds, worker, _peak_mb(),
    )  # fmt: skip


def stages_of(task: Task) -> list[Stage]:
    """The stages of the batch that the task belongs to.

    Raises:
        UsageError: there is no such stage.
    """
    stages = select_stages([stage for stage in STAGES.values() if stage.name != "publish"], task.until)
    if task.publish:
        stages.append(STAGES["publish"])
    return stages


def _advance(
    task: Task, bench: Workbench, reporter: Reporter, steps: list[StepOutcome], stopping: Callable[[], bool]
) -> Result:
    def on_step(step: StepOutcome) -> None:
        steps.append(step)
        if stopping():
            raise _NoMore

    stages = stages_of(task)
    names = [stage.name for stage in stages]
    episode = open_episode(task.folder, {name: dict(table) for name, table in task.flags.items()})
    job = Job(episode, bench, reporter)
    refuse_early(job)
    with episode_lock(episode, wait_s=task.lock_wait_s), told(reporter, episode.output) as job.reporter:
        pulse = job.store.pulse(job.episode_id)
        allowed = frozenset(STAGES_OF[task.resource])
        if task.resource == "align" and (needed := _align_needs(job, stages[:1])) > task.granted_mb:
            return Result(needs_mb=needed, next="align")
        left = run_stages(
            job,
            episode,
            job.manifest,
            stages[names.index(task.start) :],
            forced=frozenset(),
            reporter=job.reporter,
            on_step=on_step,
            only=allowed,
        )
        if left:
            return Result(next=left)
        looked_at = task.start == names[0] and all(step.skipped for step in steps)
        return _told(job, pulse) if looked_at else _look_again(job, stages)


def _align_needs(job: Job, stages: list[Stage]) -> int:
    """What aligning the episode takes, in MB; nothing where that is done."""
    # It is to be done only where its step is, and only then is the media opened.
    left = run_stages(
        job, job.episode, job.manifest, stages, forced=frozenset(), reporter=job.reporter, on_step=lambda _: None,
        only=frozenset(),
    )  # fmt: skip
    if left is None:
        return 0
    batch = job.settings.batch
    needs = Needs(batch.align_mb, batch.align_mb_hour, batch.translate_mb, batch.render_mb)
    return need_mb("align", needs, hours=job.media.duration_ms / 3_600_000)


def _look_again(job: Job, stages: list[Stage]) -> Result:
    """See that nothing is left to do, and tell what that rests on."""
    fresh = Job(job.episode, job.bench, job.reporter)
    pulse = fresh.store.pulse(fresh.episode_id)
    left = run_stages(
        fresh, fresh.episode, fresh.manifest, stages, forced=frozenset(), reporter=fresh.reporter,
        on_step=lambda _: None, only=frozenset(),
    )  # fmt: skip
    return Result(next=left) if left else _told(fresh, pulse)


def _told(job: Job, pulse: str) -> Result:
    return Result(watched=_watched(job), pulse=pulse, store_id=job.episode_id)


def _watched(job: Job) -> tuple[str, ...]:
    """The files that the episode's state rests on besides those that lie open in its folder."""
    outputs = {f"{job.episode.output.name}/{name}" for record in job.manifest.steps.values() for name in record.outputs}
    glossaries = {path for language in job.targets for path in glossary_files(job, language)}
    named = {job.episode.media, job.episode.transcript, *glossaries}
    return tuple(sorted(outputs | {_name(path, job.episode.folder) for path in named}))


def _name(path: Path, folder: Path) -> str:
    with suppress(ValueError):
        return path.relative_to(folder).as_posix()
    return str(path)


def _peak_mb() -> int:
    """The most memory that this process ever had, in MB; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    # A worker's children are its ffmpeg, one at a time.
    most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most // _MB if sys.platform == "darwin" else most // 1024
