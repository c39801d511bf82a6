"""An alignment for people and other tools to look at: `zimu align --plot`, `--textgrid`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.alignment.exports import to_textgrid
from pipeline.alignment.result import Alignment
from pipeline.errors import EpisodeError
from pipeline.files import write_text
from pipeline.job import Job
from pipeline.runner import NotReady

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

# What can be seen as a pause, or as speech, in the picture; without the padding that alignment gives to weak sounds.
_MIN_SILENCE_MS, _MIN_SPEECH_MS, _PAD_MS = 128, 100, 0


def draw(job: Job) -> Path:
    """Write `<episode>/zimu/alignment.png` and return its path.

    Raises:
        EpisodeError: it is not aligned, or the transcript has changed since; the folder can't be written.
        InputError: the sound can't be decoded.
        MissingError: the font that comes with Zimu is not installed.
    """
    from pipeline.alignment.plot import plot_alignment

    alignment = _alignment(job)
    rows = transcript_rows(job, alignment)
    sound = job.sound
    target = job.episode.output / "alignment.png"
    plot_alignment(alignment, sound, voice_spans(job, sound), target, title=job.episode.title, rows=rows)
    return target


def export_textgrid(job: Job) -> Path:
    """Write `<episode>/zimu/alignment.TextGrid` and return its path.

    Raises:
        EpisodeError: it is not aligned, or the folder can't be written.
    """
    target = job.episode.output / "alignment.TextGrid"
    write_text(target, to_textgrid(_alignment(job)))
    return target


def _alignment(job: Job) -> Alignment:
    try:
        return job.alignment
    except NotReady as error:
        raise EpisodeError(
            "The episode is not aligned yet.", where=job.episode.folder, remedy=f"zimu align {job.episode.folder}"
        ) from error


def transcript_rows(job: Job, alignment: Alignment) -> dict[int, int]:
    """The transcript's row of each line, by the line's index.

    Raises:
        EpisodeError: the transcript has changed since the alignment.
    """
    lines = job.transcript.lines
    if [line.text for line in lines] != [line.text for line in alignment.lines]:
        raise EpisodeError(
            "The transcript has changed since the episode was aligned.",
            where=job.episode.transcript,
            remedy=f"zimu align {job.episode.folder}",
        )
    return {line.index: line.row for line in lines}


def voice_spans(job: Job, sound: Samples) -> list[tuple[int, int]]:
    """Where somebody speaks, (start_ms, end_ms), as a picture shows it."""
    from pipeline.alignment.activity import speech_spans, voice_probabilities

    spans = speech_spans(
        voice_probabilities(sound, threads=job.threads),
        threshold=job.settings.align.voice_threshold,
        min_silence_ms=_MIN_SILENCE_MS,
        min_speech_ms=_MIN_SPEECH_MS,
        pad_ms=_PAD_MS,
    )
    return [(span.start_ms, span.end_ms) for span in spans]
