"""When cues come and go: one set of rules for the spoken language and for translations.

The numbers are the profile's (Netflix Timed Text Style Guide, "Timing to audio", "Frame gap", "Duration").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.languages import Profile

# Where lines crowd, a cue still gets this much: one frame at 24 a second. Nobody reads it, but it is there.
_FRAME_MS = 42


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a cue asks for: its speech from `start_ms` to `end_ms`, and `read_ms` to be read."""

    start_ms: int
    end_ms: int
    read_ms: int


def settle(wanted: Sequence[Wanted], profile: Profile, media_ms: int) -> list[tuple[int, int]]:
    """(start_ms, end_ms) of each cue: in order, apart by the gap, within the media, none overlapping.

    A cue starts with its speech. It ends with its speech, or later, by no more than `linger_ms`, if it must be
    shown for `min_ms` or be read; never so late that the gap to the next one is lost. Only a cue that is still
    shorter than `min_ms` starts earlier, as far as the silence before it allows. A short silence between two
    cues is closed.

    Raises:
        InputError: the media has fewer milliseconds than needed to show each cue at all.
    """
    if not wanted:
        return []
    room = min(profile.gap_ms + _FRAME_MS, media_ms // len(wanted))
    if room < 1:
        raise InputError(
            f"{len(wanted)} cues do not fit into {media_ms} ms of media.",
            remedy="Check that the transcript belongs to this media file.",
        )
    gap = min(profile.gap_ms, room - 1)
    starts = _spread([cue.start_ms for cue in wanted], room, media_ms)
    limits = [start - gap for start in starts[1:]] + [media_ms]
    ends = [_end(*cue, profile) for cue in zip(wanted, starts, limits, strict=True)]
    _start_earlier(starts, ends, gap, profile.min_ms)
    _close_short_gaps(starts, ends, gap, profile)
    return list(zip(starts, ends, strict=True))


def _spread(starts: Sequence[int], room: int, media_ms: int) -> list[int]:
    """The starts, moved as little as gives each cue its room."""
    spread = [max(0, starts[0])]
    for start in starts[1:]:
        spread.append(max(start, spread[-1] + room))
    latest = media_ms
    for place in range(len(spread) - 1, -1, -1):
        latest = min(spread[place], latest - room)
        spread[place] = latest
    return spread


def _end(cue: Wanted, start: int, limit: int, profile: Profile) -> int:
    speech_end = max(cue.end_ms, start)
    asked = start + max(profile.min_ms, cue.read_ms)
    end = max(speech_end, min(asked, speech_end + profile.linger_ms))
    return max(start + 1, min(end, limit, start + profile.max_ms))


def _start_earlier(starts: list[int], ends: list[int], gap: int, min_ms: int) -> None:
    for place, end in enumerate(ends):
        if end - starts[place] < min_ms:
            free = ends[place - 1] + gap if place else 0
            starts[place] = min(starts[place], max(free, end - min_ms))


def _close_short_gaps(starts: list[int], ends: list[int], gap: int, profile: Profile) -> None:
    for place in range(len(ends) - 1):
        until = starts[place + 1] - gap
        if until - ends[place] < profile.chain_ms - gap:
            ends[place] = max(ends[place], min(until, starts[place] + profile.max_ms))
