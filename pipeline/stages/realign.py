"""A corrected transcript or a time that a person gave to a line: only that stretch of the sound is aligned again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.alignment.activity import SAMPLE_RATE
from pipeline.alignment.carrying import Carried, carry, pinned, spliced
from pipeline.alignment.result import Alignment
from pipeline.errors import InputError
from pipeline.job import Job
from pipeline.runner import Stage, fingerprint
from pipeline.stages import align
from pipeline.stages.translate import line_times
from pipeline.store import StoredUnit
from pipeline.translation.units import Unit, join_lines

if TYPE_CHECKING:
    from pipeline.alignment import Aligner

# Lines on each side that are aligned with a changed one: they show where it may begin and end.
_AROUND = 2
_PAD_MS = 400
_PER_MS = SAMPLE_RATE // 1000


def is_current(job: Job) -> bool:
    """Whether a run of the stage would have nothing to do now."""
    if "align" not in job.manifest.steps:
        return False
    step = align.step(job)
    return job.manifest.is_done(step.name, fingerprint(_stage(), step), step.state())


def take_over(job: Job, *, current: bool) -> Carried:
    """Bring the alignment and the units to the transcript as it is now, without listening; the caller holds the lock.

    What changed lies where its neighbours leave room; `realign` gives it its times.

    Arguments:
        current: whether `is_current` held before the change.

    Raises:
        NotReady: the episode was never aligned.
    """
    carried = carry(job.alignment, [line.text for line in job.transcript.lines])
    alignment = pinned(carried.alignment, align.pinned_lines(job))
    alignment.save(job.alignment_path)
    job.forget_tracks()
    if current and not carried.changed:
        _record(job, alignment)
    _sync(job, carried.places)
    return replace(carried, alignment=alignment)


def realign(job: Job, changed: Sequence[tuple[int, int]], *, current: bool) -> Alignment:
    """Align some lines again, by the sound between their neighbours; the caller holds the lock.

    Arguments:
        changed: half-open spans of lines.
        current: whether `is_current` held before they changed: nothing is left to do for the stage then.

    Raises:
        NotReady: the episode was never aligned.
        ZimuError: the media can't be read, or the model can't be had.
    """
    alignment = job.alignment
    aligner = align.open_aligner(job)
    for first, past in changed:
        alignment = _one(job, aligner, alignment, first, min(past, len(alignment.lines)))
    alignment = pinned(alignment, align.pinned_lines(job))
    alignment.save(job.alignment_path)
    job.forget_tracks()
    job.forget_sound()
    if current:
        _record(job, alignment)
    _sync(job, tuple(range(len(alignment.lines))))
    return alignment


def _one(job: Job, aligner: Aligner, alignment: Alignment, first: int, past: int) -> Alignment:
    low, high = max(0, first - _AROUND), min(len(alignment.lines), past + _AROUND)
    before = [line.start_ms for line in alignment.lines[low:first] if line.start_ms is not None]
    after = [line.end_ms for line in alignment.lines[past:high] if line.end_ms is not None]
    start = max(0, min(before) - _PAD_MS) if before and low else 0
    end = min(alignment.duration_ms, max(after) + _PAD_MS) if after and high < len(alignment.lines) else None
    sound = job.sound[start * _PER_MS : None if end is None else end * _PER_MS]
    lines = [replace(line, index=place) for place, line in enumerate(job.transcript.lines[low:high])]
    try:
        part = aligner.align(sound, lines, language=job.source.tag, reporter=job.reporter)
    except InputError as error:  # nobody speaks there, or not these words: a person looks at it
        job.reporter.warn(f"lines {first + 1}-{past}: {error.what}")
        checked = [replace(line, status="check") if first <= line.index < past else line for line in alignment.lines]
        return replace(alignment, lines=tuple(checked))
    numbered = replace(part, lines=tuple(replace(line, index=line.index + low) for line in part.lines))
    return spliced(alignment, numbered, first, past, shift_ms=start)


def _stage() -> Stage:
    return Stage("align", align.VERSION, align.plan)


def _record(job: Job, alignment: Alignment) -> None:
    """The step is done: its next run finds nothing to do."""
    step = align.step(job)
    before = job.manifest.steps[step.name].summary
    job.manifest.record(
        step.name,
        fingerprint=fingerprint(_stage(), step),
        state=step.state(),
        outputs=step.outputs,
        summary={**before, **align.summary(alignment), "encoding": job.transcript.encoding},
        seconds=0.0,
    )
    job.manifest.save()


def _sync(job: Job, places: Sequence[int | None]) -> None:
    """Bring every language's units to the lines, grouped as they were: only what was corrected changes."""
    times = line_times(job)
    for language in job.store.languages(job.episode_id):
        stored = job.store.units(job.episode_id, language)
        if stored:
            units = regrouped(stored, places, job.alignment)
            job.store.sync(job.episode_id, language, units, title=job.episode.title, line_times=times)


def regrouped(stored: Sequence[StoredUnit], places: Sequence[int | None], alignment: Alignment) -> list[Unit]:
    """The units on the lines as they are now: lines stay together, and a line that is new joins those around it.

    A new line between two units is a unit of its own.
    """
    owners: dict[int, int] = {}
    for unit in stored:
        for old in range(unit.first, min(unit.last + 1, len(places))):
            if (place := places[old]) is not None:
                owners[place] = unit.id
    groups: list[list[int]] = []
    owner_of_group: list[int | None] = []
    for line in alignment.lines:
        owner = owners.get(line.index)
        if owner is None:
            before = next((owners[i] for i in range(line.index - 1, -1, -1) if i in owners), None)
            after = next((owners[i] for i in range(line.index + 1, len(alignment.lines)) if i in owners), None)
            owner = before if before is not None and before == after else None
        if groups and owner is not None and owner_of_group[-1] == owner:
            groups[-1].append(line.index)
        elif line.start_ms is not None or owner is not None:
            groups.append([line.index])
            owner_of_group.append(owner)
    found = []
    for group in groups:
        spoken = [line for line in (alignment.lines[i] for i in group) if line.start_ms is not None]
        if spoken:
            first, last = spoken[0], spoken[-1]
            text = join_lines([line.text for line in spoken])
            found.append(Unit(f"u{first.index}", first.index, last.index, text, first.start_ms or 0, last.end_ms or 0))
    return found
