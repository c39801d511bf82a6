"""Takes episodes through the stages: what is done stays, what is not is made, one failure stops one episode.

    settings + inputs ──plan──> steps ──fingerprint──> done? skip : run ──> outputs, manifest.json

A stage plans its steps when the stages before it have finished; a step makes one thing (an alignment, one
language's units, one video), so a run that was killed goes on with the thing that was in work.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from pipeline.episode import Episode
from pipeline.errors import EpisodeError, UsageError, ZimuError
from pipeline.files import guard_output, remove_parts, sha256_json
from pipeline.manifest import Manifest
from pipeline.progress import Reporter

StageState = Literal["done", "stale", "todo", "failed", "running", "off"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a stage makes.

    Attributes:
        name: unique in the episode, as `render zh-Hans+en.mp4`.
        inputs: what it reads: name → digest.
        settings: every setting that it reads: name → value.
        outputs: the files it writes, under the episode's output folder.
        run: makes them; returns a summary for reports.
        state: digest of what it writes elsewhere than in files.
    """

    name: str
    inputs: Mapping[str, str]
    settings: Mapping[str, Any]
    outputs: tuple[Path, ...]
    run: Callable[[], Mapping[str, Any]]
    state: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the pipeline.

    Attributes:
        name: as the command line knows it.
        version: raised when its code gives other results for the same inputs.
        plan: its steps for an episode, each asked for when the one before it is done. It reads only what is there
            by then, and may raise `NotReady`.
        optional: without a step it is off, not done.
    """

    name: str
    version: int
    plan: Callable[[Any], Iterable[Step]]
    optional: bool = False


class NotReady(Exception):  # noqa: N818  # a state, not an error
    """What a stage needs is not there yet: an earlier stage has not run."""


@dataclass(slots=True)
class StepOutcome:
    """What became of a step."""

    name: str
    stage: str
    skipped: bool
    seconds: float
    outputs: list[str]
    summary: dict[str, Any]


@dataclass(slots=True)
class EpisodeOutcome:
    """What became of an episode in a run."""

    episode: str
    folder: str
    steps: list[StepOutcome] = field(default_factory=list)
    error: ZimuError | None = None
    seconds: float = 0.0

    @property
    def nothing_to_do(self) -> bool:
        return self.error is None and bool(self.steps) and all(step.skipped for step in self.steps)


def fingerprint(stage: Stage, step: Step) -> str:
    """Digest of everything that the step's outputs depend on."""
    return sha256_json(
        {
            "stage": stage.name,
            "version": stage.version,
            "inputs": dict(step.inputs),
            "settings": dict(step.settings),
            "outputs": [path.name for path in step.outputs],
        }
    )


@contextmanager
def episode_lock(episode: Episode, *, wait_s: float = 0) -> Iterator[None]:
    """Hold the episode for one run; the lock dies with its process. One that is held is waited for `wait_s`.

    Half files that killed runs left are removed.

    Raises:
        EpisodeError: another run holds it, or its folder can't be written.
    """
    path = episode.output / ".lock"
    with guard_output(path):
        episode.output.mkdir(exist_ok=True)
        lock = FileLock(path, timeout=wait_s)
        try:
            lock.acquire()
        except Timeout as error:
            raise EpisodeError(
                "Another run is working on this episode.",
                where=episode.folder,
                remedy="Wait until it has finished, or stop it; then run this again.",
            ) from error
    try:
        with guard_output(path):
            remove_parts(episode.output)
        yield
    finally:
        lock.release()


def is_locked(episode: Episode) -> bool:
    """Whether a run is working on the episode now."""
    path = episode.output / ".lock"
    if not path.exists() or not os.access(path, os.W_OK):
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def run_stages(
    job: Any,
    episode: Episode,
    manifest: Manifest,
    stages: Sequence[Stage],
    *,
    forced: frozenset[str],
    reporter: Reporter,
    on_step: Callable[[StepOutcome], None],
    only: frozenset[str] | None = None,
) -> str | None:
    """Run the steps of the stages that are not done, in order.

    Arguments:
        only: the stages that may do something here; the others are only looked at. None: all.

    Returns the stage that has something to do and may not do it here; what comes after it was not looked at. None: all
    is done.

    Raises:
        ZimuError: a step failed; what was finished before it is recorded.
    """
    for stage in stages:
        try:
            for step in stage.plan(job):
                if only is not None and stage.name not in only and not _is_done(stage, step, manifest):
                    return stage.name
                on_step(_run_step(stage, step, manifest, force=stage.name in forced, reporter=reporter))
        except ZimuError as error:
            manifest.failures[stage.name] = str(error)
            manifest.save()
            raise
        if manifest.failures.pop(stage.name, None) is not None:
            manifest.save()
    return None


def _is_done(stage: Stage, step: Step, manifest: Manifest) -> bool:
    return manifest.is_done(step.name, fingerprint(stage, step), step.state())


def _run_step(stage: Stage, step: Step, manifest: Manifest, *, force: bool, reporter: Reporter) -> StepOutcome:
    mark = fingerprint(stage, step)
    outputs = [str(path) for path in step.outputs]
    if not force and manifest.is_done(step.name, mark, step.state()):
        reporter.detail(f"{step.name}: done before")
        record = manifest.steps[step.name]
        return StepOutcome(step.name, stage.name, True, 0.0, outputs, record.summary)
    started = time.monotonic()
    summary = dict(step.run())
    seconds = time.monotonic() - started
    manifest.record(
        step.name,
        fingerprint=mark,
        state=step.state(),
        outputs=step.outputs,
        summary=summary,
        seconds=seconds,
    )
    manifest.save()
    return StepOutcome(step.name, stage.name, False, seconds, outputs, summary)


def stage_states(job: Any, episode: Episode, manifest: Manifest, stages: Sequence[Stage]) -> dict[str, StageState]:
    """How far each stage of an episode is, without running anything."""
    states: dict[str, StageState] = {}
    for stage in stages:
        if stage.name in manifest.failures:
            states[stage.name] = "failed"
            continue
        try:
            steps = list(stage.plan(job))
        except NotReady:
            states[stage.name] = "todo"
            continue
        if not steps and stage.optional:
            states[stage.name] = "off"
            continue
        done = [_is_done(stage, step, manifest) for step in steps]
        known = [step.name in manifest.steps for step in steps]
        states[stage.name] = "done" if all(done) else "stale" if any(known) else "todo"
    if is_locked(episode):
        first = next((name for name, state in states.items() if state not in ("done", "off")), None)
        if first is not None:
            states[first] = "running"
    return states


def select_stages(stages: Sequence[Stage], until: str | None) -> list[Stage]:
    """The stages up to and with `until`; all of them where it is None.

    Raises:
        UsageError: no stage has that name.
    """
    names = [stage.name for stage in stages]
    if until is None:
        return list(stages)
    if until not in names:
        raise UsageError(f"{until} is not a stage.", remedy=f"The stages are {', '.join(names)}.")
    return list(stages[: names.index(until) + 1])


def run_episode(folder: Path, run: Callable[[EpisodeOutcome], None]) -> EpisodeOutcome:
    """Run one episode's work; its failure is part of the outcome, not an exception."""
    outcome = EpisodeOutcome(episode=folder.absolute().name, folder=str(folder))
    started = time.monotonic()
    try:
        with guard_output(folder):
            run(outcome)
    except ZimuError as error:
        outcome.error = error
    outcome.seconds = time.monotonic() - started
    return outcome


def exit_code(outcomes: Sequence[EpisodeOutcome]) -> int:
    """0 if all is done; the failures' own code where they agree on one, else 1."""
    codes = {outcome.error.exit_code for outcome in outcomes if outcome.error is not None}
    return 0 if not codes else codes.pop() if len(codes) == 1 else 1
