"""Transcript and sound in, `alignment.json` out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.alignment.carrying import pinned
from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.errors import InputError
from pipeline.files import sha256_json
from pipeline.job import Job
from pipeline.runner import NotReady, Step
from pipeline.stages import views
from pipeline.store.where import has_database

if TYPE_CHECKING:
    from pipeline.alignment import Aligner

VERSION = 6
# A script of which more was left out than this is probably not the one that was read.
_MANY_UNSPOKEN = 0.25


def plan(job: Job) -> Iterator[Step]:
    """The alignment of the whole episode; then, where they are asked for, its picture and its TextGrid."""
    settings = job.settings
    yield step(job)
    if settings.align.plot:
        yield _view(job, "align plot", views.draw, "alignment.png", {"title": job.episode.title, **_numbers(job)})
    if settings.align.textgrid:
        yield _view(job, "align textgrid", views.export_textgrid, "alignment.TextGrid", {})
    job.forget_sound()


def step(job: Job) -> Step:
    """The alignment itself. Times that people gave to lines are an input once there are any."""
    settings = job.settings
    pins = pinned_lines(job)
    return Step(
        name="align",
        inputs={
            "media": job.manifest.digest(job.episode.media),
            "transcript": job.manifest.digest(job.episode.transcript),
            "model": job.models.checksum(job.model_name("whisper")),
            **({"pins": sha256_json(sorted(pins.items()))} if pins else {}),
        },
        settings={
            "language": job.source.tag,
            "compute_type": settings.compute.compute_type,
            "audio_stream": settings.media.audio_stream,
            **_numbers(job),
        },
        outputs=(job.alignment_path,),
        run=lambda: _align(job),
    )


def pinned_lines(job: Job) -> dict[int, tuple[int, int]]:
    """The times (start_ms, end_ms) that people gave to lines; of an episode that nobody reviewed, none."""
    if not has_database(job.settings, job.episode.workspace):
        return {}
    pins = job.store.pins(job.episode_id, [line.text for line in job.transcript.lines])
    return {pin.index: (pin.start_ms, pin.end_ms) for pin in pins if pin.index is not None}


def _view(job: Job, name: str, make: Callable[[Job], Path], file: str, settings: Mapping[str, Any]) -> Step:
    """A view of the alignment: planned when the alignment is there."""
    if not job.alignment_path.is_file():
        raise NotReady
    return Step(
        name=name,
        inputs={"alignment": job.manifest.digest(job.alignment_path)},
        settings=settings,
        outputs=(job.episode.output / file,),
        run=lambda: {"file": make(job).name},
    )


def _numbers(job: Job) -> dict[str, Any]:
    """The settings that the aligner itself reads."""
    return job.settings.align.model_dump(exclude={"plot", "textgrid"})


def _align(job: Job) -> Mapping[str, Any]:
    from pipeline.media import is_silent

    transcript, reporter, media = job.transcript, job.reporter, job.media
    reporter.detail(f"{transcript.path.name}: {len(transcript.lines)} lines, {transcript.encoding}")
    if is_silent(job.sound, threshold_db=job.settings.media.silence_db):
        raise InputError(
            "The sound is silent from beginning to end.",
            where=media.path,
            remedy="Export the video again with its sound, or choose another file in episode.toml.",
        )
    aligner = open_aligner(job)
    alignment = aligner.align(job.sound, transcript.lines, language=job.source.tag, reporter=reporter)
    alignment = pinned(alignment, pinned_lines(job))
    alignment.save(job.alignment_path)
    job.forget_tracks()
    _tell(job, alignment)
    return summary(alignment) | {
        "encoding": transcript.encoding,
        "model": job.model_folder("whisper").name,
        "width": media.video.width if media.video else 0,
        "height": media.video.height if media.video else 0,
    }


def open_aligner(job: Job) -> Aligner:
    """The aligner with the episode's settings; it stays loaded for the next one."""
    from pipeline.alignment import Aligner, AlignSettings

    folder = job.model_folder("whisper")
    settings = AlignSettings(**_numbers(job))
    return job.bench.get(
        ("aligner", folder, job.device, job.compute_type, job.threads, settings),
        lambda: Aligner(
            folder, device=job.device, compute_type=job.compute_type, threads=job.threads, settings=settings
        ),
    )


def summary(alignment: Alignment) -> dict[str, Any]:
    """Counts and places for reports."""
    return {
        "lines": len(alignment.lines),
        "ok": len(_with(alignment, "ok")),
        "check": [line.index for line in _with(alignment, "check")],
        "unspoken": [line.index for line in _with(alignment, "unspoken")],
        "extra": [[extra.start_ms, extra.end_ms, extra.text] for extra in alignment.extra],
        "duration_ms": alignment.duration_ms,
    }


def _with(alignment: Alignment, status: str) -> list[AlignedLine]:
    return [line for line in alignment.lines if line.status == status]


def _tell(job: Job, alignment: Alignment) -> None:
    rows = {line.index: line.row for line in job.transcript.lines}
    check, unspoken = (_with(alignment, status) for status in ("check", "unspoken"))
    job.reporter.info(
        f"aligned: {len(alignment.lines)} lines, {len(check)} to check, {len(unspoken)} never spoken, "
        f"{len(alignment.extra)} remarks that are not in the transcript ({job.transcript.encoding})"
    )
    if len(unspoken) > _MANY_UNSPOKEN * len(alignment.lines):
        job.reporter.warn(
            f"{len(unspoken)} of {len(alignment.lines)} lines were never spoken: is {job.transcript.path.name} "
            "the transcript of this video, and all of it?"
        )
    for line in check:
        at = "" if line.start_ms is None else f" at {clock(line.start_ms)}"
        job.reporter.warn(f"check row {rows[line.index]}{at}: {line.text}")
    for line in unspoken:
        job.reporter.warn(f"row {rows[line.index]} was never spoken and gets no subtitle: {line.text}")
    for extra in alignment.extra:
        job.reporter.warn(f"spoken at {clock(extra.start_ms)} but not in the transcript: {extra.text}")


def clock(ms: int) -> str:
    """A time as a person reads it: 1:02:03.4 or 2:03.4."""
    minutes, seconds = divmod(ms / 1000, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{seconds:04.1f}" if hours else f"{minutes}:{seconds:04.1f}"
