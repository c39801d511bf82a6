"""SBV, the plain format of YouTube's editor: two times, the rows, a blank row."""

from __future__ import annotations

import io

import webvtt
from webvtt.errors import MalformedFileError

from pipeline.track import Cue, Track


def to_sbv(track: Track) -> str:
    """The track as SBV. It has no escapes: the text must be free of what readers obey."""
    return "\n\n".join(f"{_time(cue.start_ms)},{_time(cue.end_ms)}\n{cue.text}" for cue in track.cues)


def from_sbv(text: str) -> tuple[Cue, ...]:
    """The cues of an SBV file; raises ValueError where it is none."""
    if not text.strip():
        return ()
    try:
        captions = webvtt.from_buffer(io.StringIO(text), format="sbv").captions
    except MalformedFileError as error:
        raise ValueError("it does not begin with the times of a cue.") from error
    return tuple(Cue(_ms(each.start_time), _ms(each.end_time), each.raw_text) for each in captions)


def _time(ms: int) -> str:
    seconds, milli = divmod(ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milli:03}"


def _ms(time: webvtt.models.Timestamp) -> int:
    hours, minutes, seconds, milli = time.to_tuple()
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milli
