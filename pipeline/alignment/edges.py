"""From the model's 20 ms frames to the edges of a cue: the nearest fall and rise of the sound's energy.

Attention says which syllable is where; it does not say when the syllable begins. Between two lines there is either a
pause, and then one line ends where the energy falls and the next begins where it rises again, or there is none, and
then both meet in the quietest place between the two syllables. Both edges of a border are chosen at once, so they can
never cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.alignment.activity import ENERGY_STEP_MS, Span
from pipeline.alignment.characters import Times

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Energy = npt.NDArray[np.float32]

# A border with more than this between its two lines is two edges, each with its own neighbourhood.
_WIDE_MS = 1_200
# The last token's end comes early far more often than late.
_BEFORE_END_MS = 120
# How loud a line is: this percentile of its energy, so that pauses inside it do not count.
_LOUD_PERCENTILE = 80
# The edge lies half way, in decibels, between the quiet of the pause and the voice; a pause quieter than 44 dB below
# the voice (digital silence) counts as 44, so the edge is never more than 22 dB below the voice.
_DEEPEST_DB = 44.0
_EDGE_SHARE = 0.5
_SHORTEST_LINE_MS = 40
# A sound inside a pause that is less surely a voice belongs to the pause.
_VOICELESS = 0.4


@dataclass(frozen=True, slots=True)
class Rough:
    """A line as the model places it: (from, to) of its first and of its last token, milliseconds."""

    onset: Times
    offset: Times


@dataclass(frozen=True, slots=True)
class Sound:
    """What edges are found by, each every 5 ms, float32 (steps,).

    Attributes:
        energy: level in dB.
        voice: 0 to 1, the probability of speech.
    """

    energy: Energy
    voice: Energy


def snap(lines: Sequence[Rough], sound: Sound, *, max_shift_ms: int) -> list[Span]:
    """Edges for lines in the order they are said, none overlapping.

    Arguments:
        lines: rough times.
        sound: of the whole episode.
        max_shift_ms: no edge moves further from where the model has it.
    """
    borders = [_border(before, after, sound, max_shift_ms) for before, after in _neighbours(lines)]
    spans: list[Span] = []
    for place, line in enumerate(lines):
        earliest = spans[-1].end_ms if spans else 0
        start = max(earliest, borders[place][1])
        end = max(borders[place + 1][0], min(start + _SHORTEST_LINE_MS, max(line.offset[1], start)))
        spans.append(Span(start, max(start, end)))
    return spans


def _neighbours(lines: Sequence[Rough]) -> list[tuple[Rough | None, Rough | None]]:
    if not lines:
        return []
    return list(zip([None, *lines], [*lines, None], strict=True))


def _border(before: Rough | None, after: Rough | None, sound: Sound, reach: int) -> Times:
    """The end of the line before and the start of the line after, milliseconds."""
    if before is not None and after is not None and after.onset[0] - before.offset[1] <= _WIDE_MS:
        low = max(before.offset[0], before.offset[1] - _BEFORE_END_MS)
        expected = before.offset[1], after.onset[0]
        return _pause(low, after.onset[1], expected, sound, _loudness([before, after], sound.energy))
    end = start = 0
    if before is not None:
        low, high = max(before.offset[0], before.offset[1] - _BEFORE_END_MS), before.offset[1] + reach
        end = _pause(low, high, (before.offset[1], high), sound, _loudness([before], sound.energy))[0]
    if after is not None:
        low = max(end, after.onset[0] - reach)
        start = _pause(low, after.onset[1], (low, after.onset[0]), sound, _loudness([after], sound.energy))[1]
    return end, start


def _loudness(lines: Sequence[Rough], energy: Energy) -> float:
    """How loud the quieter of the lines is, dB."""
    import numpy as np

    levels = []
    for line in lines:
        first = min(line.onset[0] // ENERGY_STEP_MS, len(energy) - 1)
        part = energy[first : max(first + 1, line.offset[1] // ENERGY_STEP_MS)]
        levels.append(float(np.percentile(part, _LOUD_PERCENTILE)))
    return min(levels)


def _pause(low_ms: int, high_ms: int, expected: Times, sound: Sound, loud: float) -> Times:
    """The quiet stretch between `low_ms` and `high_ms` that fits best to the pause the model expects.

    Where nothing is quiet, both edges are the quietest place.
    """
    first = min(low_ms // ENERGY_STEP_MS, max(0, len(sound.energy) - 2))
    here = slice(first, max(first + 2, high_ms // ENERGY_STEP_MS))
    part = sound.energy[here]
    quiet = max(float(part.min()), loud - _DEEPEST_DB)
    runs = _runs_below(part, quiet + _EDGE_SHARE * (loud - quiet))
    if not runs:
        place = first + int(part.argmin())
        return place * ENERGY_STEP_MS, place * ENERGY_STEP_MS

    def fit(run: tuple[int, int]) -> float:
        start, end = ((first + edge) * ENERGY_STEP_MS for edge in run)
        return (end - start) - max(0, start - max(expected[1], low_ms)) / 2 - max(0, expected[0] - end) / 2

    best = max(range(len(runs)), key=lambda place: fit(runs[place]))
    start, end = _before_breaths(runs, best, sound.voice[here]), runs[best][1]
    return (first + start) * ENERGY_STEP_MS, (first + end) * ENERGY_STEP_MS


def _runs_below(part: Energy, limit: float) -> list[tuple[int, int]]:
    """The stretches (first, one past the last) of `part` that are below `limit`."""
    import numpy as np

    change = np.flatnonzero(np.diff(np.concatenate([[False], part < limit, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in change.reshape(-1, 2)]


def _before_breaths(runs: Sequence[tuple[int, int]], last: int, voice: Energy) -> int:
    """Where the pause begins that ends with one of the quiet stretches.

    A breath, or another sound without a voice, between two of them belongs to the pause. What begins the next line may
    be voiceless too, so a pause never goes on behind the stretch.
    """
    while last and voice[runs[last - 1][1] : runs[last][0]].max() < _VOICELESS:
        last -= 1
    return runs[last][0]
