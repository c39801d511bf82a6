"""How unlike two symbols sound, as whole-number costs for the matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.alignment.normalise import is_syllable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# A unit is a tenth of a syllable or so. Two syllables that have nothing in common cost a little more than leaving both
# out does in the long run (12 against 5 + 5), so that eight such pairs in a row become two gaps: a line that was never
# spoken beside words that were never written. One stray pair stays a pair, because a gap costs 8 to open.
SAME_SOUND = 1
LIKE_SOUND = 9
OTHER_SYLLABLE = 12
OTHER_LETTER = 4
LETTER_TO_SYLLABLE = 8
GAP_OPEN = 8
GAP_SYLLABLE = 5
# A letter is about a third of a syllable.
GAP_LETTER = 2

# Initials and finals that Mandarin speakers and recognisers take for each other.
_NEAR = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "f": "h"}
_NEAR_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "un"))


@dataclass(frozen=True)
class Costs:
    """Costs of putting the symbols of an alphabet side by side.

    Attributes:
        alphabet: a code for every symbol.
        pair: int16 (n, n), cost of a pair of codes.
        gap: int32 (n,), cost of leaving out one symbol of a longer gap.
        open: cost of beginning a gap.
    """

    alphabet: dict[str, int]
    pair: npt.NDArray[np.int16]
    gap: npt.NDArray[np.int32]
    open: int = GAP_OPEN

    def encode(self, symbols: str) -> npt.NDArray[np.int32]:
        """The codes of `symbols`, int32 (n,)."""
        import numpy as np

        return np.fromiter((self.alphabet[symbol] for symbol in symbols), np.int32, len(symbols))


def costs_for(texts: Iterable[str]) -> Costs:
    """Costs for all symbols that occur in `texts`."""
    import numpy as np

    symbols = sorted(set().union(*map(set, texts)))
    syllable = np.array([is_syllable(symbol) for symbol in symbols], bool)
    readings = [_readings(symbol) for symbol in symbols]
    whole = _shared([{initial + final for initial, final in reading} for reading in readings])
    part = _shared([{initial + "-" for initial, _ in reading if initial} for reading in readings])
    part |= _shared([{"-" + final for _, final in reading} for reading in readings])

    pair = np.where(syllable[:, None] & syllable[None, :], OTHER_SYLLABLE, LETTER_TO_SYLLABLE).astype(np.int16)
    pair[~syllable[:, None] & ~syllable[None, :]] = OTHER_LETTER
    pair[part] = LIKE_SOUND
    pair[whole] = SAME_SOUND
    np.fill_diagonal(pair, 0)
    gap = np.where(syllable, GAP_SYLLABLE, GAP_LETTER).astype(np.int32)
    return Costs({symbol: code for code, symbol in enumerate(symbols)}, pair, gap)


def _shared(features: Sequence[set[str]]) -> npt.NDArray[np.bool_]:
    """Which pairs have a feature in common: bool (n, n)."""
    import numpy as np

    names = sorted(set().union(*features)) if features else []
    column = {name: place for place, name in enumerate(names)}
    hot = np.zeros((len(features), len(names)), np.float32)
    for row, own in enumerate(features):
        for name in own:
            hot[row, column[name]] = 1
    shared: npt.NDArray[np.bool_] = (hot @ hot.T) > 0
    return shared


@lru_cache(maxsize=1 << 15)
def _readings(symbol: str) -> frozenset[tuple[str, str]]:
    """Initial and final of every way a Han character is read, without its tone; empty for all else."""
    from pypinyin import Style, pinyin
    from pypinyin.contrib.tone_convert import to_finals, to_initials

    if not is_syllable(symbol):
        return frozenset()
    found = pinyin(symbol, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(
        (_near_initial(to_initials(one, strict=False)), _near_final(to_finals(one, strict=False)))
        for one in (found[0] if found else [])
    )


def _near_initial(initial: str) -> str:
    return _NEAR.get(initial, initial)


def _near_final(final: str) -> str:
    for long, short in _NEAR_FINALS:
        if final.endswith(long):
            return final[: -len(long)] + short
    return final
