"""The stages by name, and runs of them over episodes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.episode import find_workspace, open_episode
from pipeline.errors import UsageError, ZimuError
from pipeline.job import Job, Workbench, model_store
from pipeline.lock import warnings as lock_warnings
from pipeline.progress import Reporter, SilentReporter
from pipeline.runner import (
    EpisodeOutcome,
    Stage,
    StageState,
    episode_lock,
    run_episode,
    run_stages,
    select_stages,
    stage_states,
)
from pipeline.stages import align, publish, render, report, subtitle, translate
from pipeline.underway import told

if TYPE_CHECKING:
    from pipeline.doctor import Check
    from pipeline.layers import LoadedSettings

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("align", align.VERSION, align.plan),
        Stage("translate", translate.VERSION, translate.plan),
        Stage("subtitle", subtitle.VERSION, subtitle.plan),
        Stage("render", render.VERSION, render.plan),
        Stage("report", report.VERSION, report.plan),
        Stage("publish", publish.VERSION, publish.plan, optional=True),
    )
}
__all__ = ["STAGES", "episode_states", "examine_machine", "model_store", "refuse_early", "run_episodes"]


def run_episodes(
    folders: Sequence[Path],
    *,
    flags: dict[str, dict[str, Any]],
    until: str | None,
    force: Sequence[str],
    reporter: Reporter,
) -> list[EpisodeOutcome]:
    """Take episodes through the stages, one after another; a failure is part of its episode's outcome.

    Raises:
        UsageError: `until` or `force` names no stage.
    """
    stages = select_stages(list(STAGES.values()), until)
    for name in force:
        if name not in STAGES:
            raise UsageError(f"{name} is not a stage.", remedy=f"The stages are {', '.join(STAGES)}.")
    bench = Workbench()

    def run(outcome: EpisodeOutcome) -> None:
        episode = open_episode(Path(outcome.folder), flags)
        if len(folders) > 1:
            reporter.info(f"— {episode.id} —")
        job = Job(episode, bench, reporter)
        for warning in lock_warnings(episode.folder, episode.workspace, episode.loaded):
            reporter.warn(warning)
        refuse_early(job)
        with episode_lock(episode), told(reporter, episode.output) as job.reporter:
            run_stages(
                job,
                episode,
                job.manifest,
                stages,
                forced=frozenset(force),
                reporter=job.reporter,
                on_step=outcome.steps.append,
            )

    try:
        return [run_episode(folder, run) for folder in folders]
    finally:
        bench.close()


def examine_machine(loaded: LoadedSettings, folder: Path) -> list[Check]:
    """What `zimu doctor` tells of this machine and the disk that `folder` is on."""
    from pipeline.doctor import examine

    settings = loaded.settings
    return examine(
        model_store(settings.models, find_workspace(folder)),
        ffmpeg=settings.media.ffmpeg,
        whisper=settings.models.whisper,
        llm=settings.models.llm,
        device=settings.compute.device,
        work_folder=folder,
    )


def refuse_early(job: Job) -> None:
    """Raise what is wrong with the transcript or the settings before anything is fetched, made or locked."""
    _ = job.transcript, job.source, job.targets
    render.check_settings(job)


def episode_states(folder: Path) -> tuple[dict[str, StageState], str]:
    """How far an episode is, by stage; or no states and what is wrong with it."""
    bench = Workbench()
    try:
        episode = open_episode(folder)
        job = Job(episode, bench, SilentReporter())
        refuse_early(job)
        return stage_states(job, episode, job.manifest, list(STAGES.values())), ""
    except ZimuError as error:
        return {}, str(error).splitlines()[0]
    finally:
        bench.close()
