"""Timed lines and translated units in, subtitle files out: a step a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.job import Job
from pipeline.languages import Language
from pipeline.runner import Step

VERSION = 1


def plan(job: Job) -> list[Step]:
    """The spoken language first, then each language that it was translated into."""
    return [_step(job, language) for language in (job.source, *job.targets)]


def _step(job: Job, language: Language) -> Step:
    outputs = tuple(subtitle_path(job, language, suffix) for suffix in job.settings.subtitle.formats)
    return Step(
        name=f"subtitle {language.tag}",
        inputs={
            "track": job.track_digest(language),
            "languages": job.table_digest("languages.toml"),
            "styles": job.table_digest("styles.toml"),
        },
        settings={"formats": list(job.settings.subtitle.formats), "title": job.episode.title},
        outputs=outputs,
        run=lambda: _write(job, language, outputs),
    )


def subtitle_path(job: Job, language: Language, suffix: str) -> Path:
    return job.episode.output / "subtitles" / f"{language.tag}.{suffix}"


def _write(job: Job, language: Language, outputs: tuple[Path, ...]) -> Mapping[str, Any]:
    from pipeline.subtitles import check, save
    from pipeline.subtitles.styles import load_styles

    track = job.track(language)
    width, height = job.picture_size
    style = load_styles(job.table("styles.toml")).for_language(language.tag)
    for path in outputs:
        save(track, path, style=style, width=width, height=height, title=job.episode.title)
    findings = check(track, language.profile)
    counts = Counter(finding.rule for finding in findings)
    told = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
    job.reporter.info(f"subtitles {language.tag}: {len(track.cues)} cues" + (f"; to look at: {told}" if told else ""))
    for finding in findings:
        job.reporter.detail(f"{language.tag} {finding.where}: {finding.rule} {finding.value} (limit {finding.limit})")
    return {"cues": len(track.cues), "findings": [asdict(finding) for finding in findings]}
