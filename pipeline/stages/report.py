"""All that a run found in, `report.html` out: an episode's at the end of its run, a workspace's when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.episode import find_episodes, find_workspace, is_episode, open_episode
from pipeline.errors import EpisodeError, UsageError
from pipeline.files import sha256_json, write_text
from pipeline.job import Job, Workbench
from pipeline.languages import Language
from pipeline.layers import load_settings
from pipeline.progress import Reporter
from pipeline.runner import NotReady, Stage, Step, StepOutcome, episode_lock, run_stages

VERSION = 1
NAME = "report.html"


def plan(job: Job) -> Iterator[Step]:
    """One step, when the stages before it are done."""
    if not job.alignment_path.is_file():
        raise NotReady
    yield Step(
        name="report",
        inputs=_inputs(job),
        settings={
            **job.settings.report.model_dump(),
            "title": job.episode.title,
            "voice_threshold": job.settings.align.voice_threshold,
            "prices": job.settings.server.model_dump(include={"price_in", "price_out", "currency"}),
            "to": [language.tag for language in job.targets],
        },
        outputs=(job.episode.output / NAME,),
        run=lambda: _write(job, job.episode.output / NAME),
    )


def write_episode_report(
    folder: Path, *, out: Path | None, flags: dict[str, dict[str, Any]], reporter: Reporter
) -> Path:
    """Report an episode as far as it is; returns the file.

    Arguments:
        out: where to write it; None: the episode's own, as a run does.

    Raises:
        EpisodeError: it is not aligned, its transcript changed since, or another run works on it.
        ZimuError: it can't be read, or the file can't be written.
    """
    bench = Workbench()
    try:
        job = Job(open_episode(folder, flags), bench, reporter)
        if not job.alignment_path.is_file():
            raise EpisodeError(
                "The episode is not aligned yet: there is nothing to report.",
                where=folder,
                remedy=f"zimu run {folder}",
            )
        if out is not None:
            _write(job, out)
            return out
        with episode_lock(job.episode):
            done: list[StepOutcome] = []
            stage = Stage("report", VERSION, plan)
            run_stages(
                job, job.episode, job.manifest, [stage], forced=frozenset(), reporter=reporter, on_step=done.append
            )
        return job.episode.output / NAME
    finally:
        bench.close()


def write_workspace_report(folder: Path, *, out: Path | None, flags: dict[str, dict[str, Any]]) -> Path:
    """Report all episodes of a workspace; returns the file, by default `report.html` in it.

    Raises:
        UsageError: there is no episode in it.
        EpisodeError: the database is damaged, or the file can't be written.
    """
    from pipeline.report import gather_workspace, workspace_page

    here = folder.absolute()
    if not here.is_dir() or not find_episodes(here):
        raise UsageError(
            "There is no episode here.", where=folder, remedy="An episode is a folder with transcript.txt and media."
        )
    settings = load_settings(workspace=find_workspace(here), flags=flags).settings
    target = out or here / NAME
    write_text(target, workspace_page(gather_workspace(here, settings), language=settings.report.language))
    return target


def is_one_episode(folder: Path) -> bool:
    """Whether a report of that folder is an episode's."""
    return is_episode(folder.absolute())


def _inputs(job: Job) -> dict[str, str]:
    """All that the report shows, but the time that steps took: that is another only where a step ran again."""
    from pipeline.report.gathering import STAGES, stage_of

    steps = {
        name: [record.fingerprint, record.finished]
        for name, record in job.manifest.steps.items()
        if stage_of(name) in STAGES
    }
    return {
        "alignment": job.manifest.digest(job.alignment_path),
        "media": job.manifest.digest(job.episode.media),
        "languages": job.table_digest("languages.toml"),
        "steps": sha256_json(steps),
        "units": sha256_json([_units(job, language) for language in job.targets]),
    }


def _units(job: Job, language: Language) -> list[list[object]]:
    """What is shown of a language's sentences: every change is a new revision, dismissing a finding lowers a count."""
    units = job.store.units(job.episode_id, language.tag)
    return [[unit.id, unit.revision, unit.first, unit.last, unit.errors, unit.warnings] for unit in units]


def _write(job: Job, target: Path) -> Mapping[str, Any]:
    from pipeline.report import episode_page, gather_episode

    facts = gather_episode(job)
    write_text(target, episode_page(facts, language=job.settings.report.language))
    size = target.stat().st_size
    job.reporter.info(f"report: {target.name}, {size / 1e6:,.1f} MB, {len(facts.looks)} places to look at")
    return {"bytes": size}
