"""Subtitles of the spoken language: the author's lines on their times."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.languages import Language
from pipeline.subtitles.breaks import Piece, pieces
from pipeline.subtitles.display import needed_ms, width
from pipeline.subtitles.rows import Typesetter
from pipeline.subtitles.timing import Wanted, settle
from pipeline.track import Cue, Track

# A speaker who pauses inside a line says where its phrases end: a pause of 200 ms makes up for a plain break.
_PAUSE_BONUS_PER_MS = 0.05
_PAUSE_BONUS_MAX = 25.0


def source_track(alignment: Alignment, language: Language) -> Track:
    """The track of the spoken language: one cue a line, on one row, as its author broke it.

    A line wider than a row, or longer than the profile's longest cue, is split at phrase boundaries into as few
    cues as hold it, each on the real times of its characters. An unspoken line gets no cue. Text is shown with
    the profile's punctuation; `alignment` keeps the line as it is.

    Raises:
        InputError: the media is too short to show the cues at all.
    """
    spoken = [part for line in alignment.lines for part in _parts(line, language)]
    profile = language.profile
    wanted = [Wanted(start, end, needed_ms(width(text, profile), profile)) for text, start, end in spoken]
    times = settle(wanted, profile, alignment.duration_ms)
    cues = (Cue(start, end, text) for (text, _, _), (start, end) in zip(spoken, times, strict=True))
    return Track(language.tag, tuple(cues))


def _parts(line: AlignedLine, language: Language) -> Iterator[tuple[str, int, int]]:
    """(text, start_ms, end_ms) of each cue of a line."""
    if line.start_ms is None or line.end_ms is None:
        return
    chars = character_times(line)
    found = _eased_by_pauses(pieces(line.text, language), chars)
    if not found:
        return
    setter = Typesetter(found, language.profile.max_chars)
    for first, past in _split(setter, line.end_ms - line.start_ms, language.profile.max_ms):
        # The first part starts with the line, the last one ends with it: marks around the words are not spoken.
        start = line.start_ms if first == 0 else chars[found[first].start][0]
        end = line.end_ms if past == len(found) else chars[found[past - 1].end - 1][1]
        yield setter.row(first, past), start, max(start, end)


def _split(setter: Typesetter, duration_ms: int, max_ms: int) -> tuple[tuple[int, int], ...]:
    count = len(setter.pieces)
    fewest = min(count, max(1, -(-duration_ms // max_ms)))
    for rows in range(fewest, count + 1):
        if (layout := setter.split(0, count, rows)) is not None:
            return layout.rows
    return ((0, count),)


def character_times(line: AlignedLine) -> tuple[tuple[int, int], ...]:
    """A (start_ms, end_ms) for every character of a spoken line; spread evenly where the line has none."""
    start, end = line.start_ms or 0, line.end_ms or 0
    count = len(line.text)
    if len(line.chars) == count:
        return line.chars
    borders = [start + (end - start) * place // count for place in range(count + 1)]
    return tuple(itertools.pairwise(borders))


def _eased_by_pauses(found: tuple[Piece, ...], chars: tuple[tuple[int, int], ...]) -> tuple[Piece, ...]:
    eased = []
    for place, piece in enumerate(found):
        after = found[place + 1].start if place + 1 < len(found) else piece.end - 1
        pause = max(0, chars[after][0] - chars[piece.end - 1][1])
        bonus = min(_PAUSE_BONUS_MAX, pause * _PAUSE_BONUS_PER_MS)
        eased.append(replace(piece, cost=piece.cost - bonus))
    return tuple(eased)
