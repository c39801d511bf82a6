"""Rules of readability: what each finds in a cue, and what a person can do about it.

To add a rule: write a function from a `Place` to a `Finding` or None, and name it in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.languages import Profile
from pipeline.subtitles.display import reading_speed, width
from pipeline.track import Cue, Finding, Severity, Track


@dataclass(frozen=True, slots=True)
class Place:
    """A cue among its neighbours.

    Attributes:
        number: of the cue, from 1, as players count.
        cue: the cue itself.
        before: the one before it, if any.
        profile: what the viewer can read.
        media_ms: how long the media is; None where that is unknown.
    """

    number: int
    cue: Cue
    before: Cue | None
    profile: Profile
    media_ms: int | None

    def finding(self, severity: Severity, value: str, limit: str, remedy: str) -> Finding:
        """A finding about this cue; `check` writes in the rule's name."""
        return Finding("", severity, f"cue {self.number}", value, limit, remedy)


Rule = Callable[[Place], Finding | None]


def check(track: Track, profile: Profile, *, media_ms: int | None = None) -> tuple[Finding, ...]:
    """What a viewer could not read well, cue by cue; nothing where all is well.

    `media_ms`: how long the media is, so that cues past its end are found (Bilibili refuses those).
    """
    return tuple(_findings(track, profile, media_ms))


def _findings(track: Track, profile: Profile, media_ms: int | None) -> Iterator[Finding]:
    before = None
    for number, cue in enumerate(track.cues, start=1):
        place = Place(number, cue, before, profile, media_ms)
        for name, rule in RULES.items():
            if (finding := rule(place)) is not None:
                yield Finding(name, finding.severity, finding.where, finding.value, finding.limit, finding.remedy)
        before = cue


def _empty(place: Place) -> Finding | None:
    if place.cue.text.strip():
        return None
    return place.finding("error", "no text", "some text", "Delete the cue or write its text.")


def _reading_speed(place: Place) -> Finding | None:
    speed = reading_speed(place.cue.text, place.cue.duration_ms, place.profile)
    # A cue timed to be read in exactly its time may be over by the rounding to a millisecond.
    if speed <= place.profile.cps * 1.001:
        return None
    return place.finding(
        "warning", f"{speed:.1f} characters/s", f"{place.profile.cps:g} characters/s", "Shorten the text."
    )


def _line_length(place: Place) -> Finding | None:
    longest = max(width(row, place.profile) for row in place.cue.text.split("\n"))
    if longest <= place.profile.max_chars:
        return None
    return place.finding(
        "error", f"{longest:g} characters", f"{place.profile.max_chars:g} characters", "Break or shorten the row."
    )


def _line_count(place: Place) -> Finding | None:
    rows = place.cue.text.count("\n") + 1
    if rows <= place.profile.max_lines:
        return None
    return place.finding("error", f"{rows} rows", f"{place.profile.max_lines} rows", "Shorten the text.")


def _too_short(place: Place) -> Finding | None:
    if place.cue.duration_ms >= place.profile.min_ms:
        return None
    return place.finding(
        "warning",
        f"{place.cue.duration_ms} ms",
        f"at least {place.profile.min_ms} ms",
        "Join it with a neighbour, or check the time of its line.",
    )


def _too_long(place: Place) -> Finding | None:
    if place.cue.duration_ms <= place.profile.max_ms:
        return None
    return place.finding(
        "warning", f"{place.cue.duration_ms} ms", f"at most {place.profile.max_ms} ms", "Divide it, or end it earlier."
    )


def _gap(place: Place) -> Finding | None:
    if place.before is None:
        return None
    gap = place.cue.start_ms - place.before.end_ms
    if gap < 0 or gap >= place.profile.gap_ms:  # an overlap is a finding of its own
        return None
    return place.finding(
        "warning", f"{gap} ms", f"at least {place.profile.gap_ms} ms", f"End cue {place.number - 1} earlier."
    )


def _overlap(place: Place) -> Finding | None:
    if place.before is None or place.cue.start_ms >= place.before.end_ms:
        return None
    return place.finding(
        "error",
        f"{place.before.end_ms - place.cue.start_ms} ms over cue {place.number - 1}",
        "none",
        f"End cue {place.number - 1} before this one starts.",
    )


def _no_time(place: Place) -> Finding | None:
    if 0 <= place.cue.start_ms < place.cue.end_ms:
        return None
    return place.finding(
        "error", f"{place.cue.start_ms} to {place.cue.end_ms} ms", "start before end, from 0", "Correct the times."
    )


def _past_end(place: Place) -> Finding | None:
    if place.media_ms is None or place.cue.end_ms <= place.media_ms:
        return None
    return place.finding(
        "error",
        f"ends at {place.cue.end_ms} ms",
        f"the media ends at {place.media_ms} ms",
        "End it with the media, or check that the transcript belongs to it.",
    )


RULES: Mapping[str, Rule] = {
    "empty": _empty,
    "reading-speed": _reading_speed,
    "line-length": _line_length,
    "line-count": _line_count,
    "too-short": _too_short,
    "too-long": _too_long,
    "gap": _gap,
    "overlap": _overlap,
    "no-time": _no_time,
    "past-end": _past_end,
}
