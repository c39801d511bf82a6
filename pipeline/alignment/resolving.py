"""A stretch that forcing alone does not settle: heard freely, matched as a whole, and forced to what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.alignment.laying import Force, LaidLine, lay_lines, plan_windows
from pipeline.alignment.placing import Extra, Heard, Place, place_lines
from pipeline.alignment.script import Part

#: Less of a line than this was heard: it may never have been spoken.
SPOKEN_COVERAGE = 1 / 3
# A line that was hardly heard can still have been spoken, if there is speech left for it: this much a syllable.
_LEAST_SYLLABLE_MS = 80
# Such a line is in the sound from this core log probability on; from the second one if it has the time to be said,
# as names have that the model does not know. What is not said has none.
_SPOKEN, _PERHAPS_SPOKEN = -1.7, -2.8
_SYLLABLE_MS = 130


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a stretch: places of all its lines, words nobody wrote, and both forced into their windows."""

    places: tuple[Place, ...]
    extras: tuple[Extra, ...]
    laid: tuple[LaidLine, ...]


def resolve(
    parts: Sequence[Part],
    heard: Sequence[Heard],
    *,
    first_line: int,
    first_extra: int,
    borders: tuple[int, int],
    extra_weight: float,
    speech_ms: Callable[[int, int], int],
    starts_ms: Sequence[int],
    force: Force,
) -> Resolved:
    """Match what was heard with the lines of a stretch and force them.

    Arguments:
        parts: the lines of the stretch; none if only words nobody wrote are said in it.
        heard: what was heard in each of its windows.
        first_line: the line that the stretch begins with.
        first_extra: how many rows of words nobody wrote were found before.
        borders: from when until when it lasts, milliseconds.
        extra_weight: words nobody wrote count from so many syllables.
        speech_ms: milliseconds of speech between two times.
        starts_ms: the start of every window of the episode.
        force: lays texts over a window.
    """
    places, extras = match_parts(parts, heard, first_line=first_line, borders=borders, extra_weight=extra_weight)
    extras = [
        replace(extra, piece=replace(extra.piece, line=~(first_extra + number))) for number, extra in enumerate(extras)
    ]

    def lay(chosen: set[int], words: Sequence[Extra]) -> list[LaidLine]:
        pieces = [piece for place in places if place.line in chosen for piece in place.pieces]
        return lay_lines(plan_windows(pieces, words), starts_ms, force)

    spoken = {place.line for place in places if place.coverage >= SPOKEN_COVERAGE}
    doubtful = [
        place
        for place in places
        if place.line not in spoken and place.weight > 0 and speech_ms(*place.room) >= place.weight * _LEAST_SYLLABLE_MS
    ]
    if doubtful:
        tried = lay(spoken | {place.line for place in doubtful}, _outside(extras, doubtful))
        by_line = {line.line: line for line in tried}
        doubtful = [place for place in doubtful if place.line in by_line and _fits(place, by_line[place.line])]
    extras = _outside(extras, doubtful)
    laid = lay(spoken | {place.line for place in doubtful}, extras)
    return Resolved(tuple(places), tuple(extras), tuple(laid))


def match_parts(
    parts: Sequence[Part], heard: Sequence[Heard], *, first_line: int, borders: tuple[int, int], extra_weight: float
) -> tuple[list[Place], list[Extra]]:
    """`place_lines` for lines of which the first may be only the rest of one."""
    places, extras = place_lines(
        [part.text for part in parts],
        [part.normalised for part in parts],
        heard,
        first_line=first_line,
        borders=borders,
        extra_weight=extra_weight,
    )
    skipped = parts[0].start if parts else 0
    if not skipped:
        return places, extras
    places[0] = replace(
        places[0],
        pieces=tuple(
            replace(piece, start=piece.start + skipped, end=piece.end + skipped) for piece in places[0].pieces
        ),
    )
    return places, [replace(extra, at=extra.at + skipped) if extra.line == first_line else extra for extra in extras]


def _fits(place: Place, laid: LaidLine) -> bool:
    has_time = laid.offset[1] - laid.onset[0] >= place.weight * _SYLLABLE_MS
    return laid.log_prob >= _SPOKEN or (has_time and laid.log_prob >= _PERHAPS_SPOKEN)


def _outside(extras: Sequence[Extra], places: Sequence[Place]) -> list[Extra]:
    """The words that were not said where one of these lines would be."""
    return [
        extra
        for extra in extras
        if not any(extra.start_ms < place.room[1] and extra.end_ms > place.room[0] for place in places)
    ]
