"""How many characters a unit's translation may have to be read in its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.alignment.result import Alignment
from pipeline.languages import Language
from pipeline.subtitles.display import count, displayed, reading_speed
from pipeline.subtitles.recut import Parts, translated_cues

if TYPE_CHECKING:
    from pipeline.translation.units import TranslatedUnit

# Cues are timed to whole milliseconds: one that fits exactly may be over by the rounding.
ROUNDING = 1.001


@dataclass(frozen=True, slots=True)
class Excess:
    """A text that can't be read in its time.

    Attributes:
        characters: it has, as the profile counts them.
        budget: it may have, if its cues stay as they are; at least 1.
    """

    characters: int
    budget: int


def excesses(
    alignment: Alignment, units: Sequence[TranslatedUnit], language: Language, *, known: Parts | None = None
) -> dict[int, Excess]:
    """The units, by their place, of which a cue is faster than the profile allows.

    Arguments:
        known: as for `translated_cues`.

    Raises:
        InputError: the units do not fit the lines, as in `translated_track`.
    """
    profile = language.profile
    found: dict[int, Excess] = {}
    for place, cues in enumerate(translated_cues(alignment, units, language, known=known)):
        fast = [cue for cue in cues if reading_speed(cue.text, cue.duration_ms, profile) > profile.cps * ROUNDING]
        if not fast:
            continue
        characters = count("".join(displayed(units[place].text, profile.punctuation)).strip(), profile)
        over = sum(count(cue.text, profile) - profile.cps * cue.duration_ms / 1000 for cue in fast)
        found[place] = Excess(round(characters), max(1, int(characters - over)))
    return found
