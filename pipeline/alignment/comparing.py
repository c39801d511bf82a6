"""What was heard beside what is written: how much of each line was heard, and which words nobody wrote."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.alignment.matching import match
from pipeline.alignment.normalise import Normalised, weigh
from pipeline.alignment.sounds import LIKE_SOUND, OTHER_LETTER, SAME_SOUND, costs_for

# How much of a proof a pair is that the symbol was said. The letters of a name are often heard as other ones.
_CREDIT = {0: 1.0, SAME_SOUND: 1.0, LIKE_SOUND: 0.5, OTHER_LETTER: 0.3}
_NEIGHBOUR_CREDIT = 0.5
# What was heard of a line beside the stretch begins or ends with the stretch, give or take so many symbols.
_SLIP = 3
#: From this coverage on a line was heard; below the second one other words were.
HEARD, UNHEARD = 1 / 3, 0.15


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in a stretch of sound.

    Attributes:
        text: the words as the model wrote them.
        normalised: their symbols.
    """

    text: str
    normalised: Normalised

    @property
    def weight(self) -> float:
        """Its length in syllables."""
        return weigh(self.normalised.symbols)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Words heard that match nothing written, said before symbol `at` of line `line` of those compared."""

    line: int
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison says of each line, and what is left of what was heard.

    Attributes:
        coverage: 0 to 1 for each line, how much of it was heard.
        unwritten: words that match nothing, in order.
    """

    coverage: tuple[float, ...]
    unwritten: tuple[Unwritten, ...]


def compare(
    lines: Sequence[Normalised], heard: Heard, *, least_weight: float, settled: frozenset[int] = frozenset()
) -> Comparison:
    """Match lines, in their order, with what was heard, as a whole.

    Arguments:
        lines: the lines' symbols.
        heard: what was heard where they may have been said.
        least_weight: words nobody wrote count from so many syllables.
        settled: the first line, the last one, or both, where they are known to be said beside what was heard; a word
            or two of them may have been heard too.
    """
    written, said = "".join(line.symbols for line in lines), heard.normalised.symbols
    begins = [0, *itertools.accumulate(len(line.symbols) for line in lines)]
    costs = costs_for([written, said])
    rows, columns = costs.encode(written), costs.encode(said)
    pairs = match(rows, columns, costs).pairs
    credit = {(i, j): _CREDIT.get(int(costs.pair[rows[i], columns[j]]), 0.0) for i, j in pairs}
    # Single symbols agree by chance anywhere in a long enough text; neighbours that agree are words.
    proven = {i: value if _has_neighbour((i, j), credit) else 0.0 for (i, j), value in credit.items()}
    coverage = []
    for place, line in enumerate(lines):
        whole = weigh(line.symbols)
        own = sum(proven.get(begins[place] + k, 0.0) * weigh(symbol) for k, symbol in enumerate(line.symbols))
        coverage.append(own / whole if whole else 0.0)
    owner = [place for place, line in enumerate(lines) for _ in line.symbols]
    kept = []
    for i, j in pairs:
        if owner[i] in settled:
            # Heard too: what is said next to the stretch, so without a word between.
            left, right = begins[owner[i] + 1] - i, i - begins[owner[i]] + 1
            beside = j < left + _SLIP if owner[i] == 0 else len(said) - j <= right + _SLIP
            keep = proven[i] >= 1 and beside
        else:
            # A pair that proves nothing is a word misheard in a line that was heard; elsewhere it is chance.
            keep = proven[i] > 0 or coverage[owner[i]] >= HEARD
        if keep:
            kept.append((i, j))
    return Comparison(tuple(coverage), tuple(_unwritten(kept, begins, heard, least_weight)))


def _has_neighbour(pair: tuple[int, int], credit: dict[tuple[int, int], float]) -> bool:
    i, j = pair
    return any(credit.get((i + step, j + step), 0.0) >= _NEIGHBOUR_CREDIT for step in (-1, 1))


def _unwritten(
    pairs: Sequence[tuple[int, int]], begins: Sequence[int], heard: Heard, least_weight: float
) -> Iterator[Unwritten]:
    symbols, spans = heard.normalised.symbols, heard.normalised.spans
    for (i, j), (next_i, next_j) in itertools.pairwise([(-1, -1), *pairs, (begins[-1], len(symbols))]):
        if next_j - j > 1 and weigh(symbols[j + 1 : next_j]) >= least_weight:
            line, at = _border(i, next_i, begins)
            yield Unwritten(line, at, heard.text[spans[j + 1][0] : spans[next_j - 1][1]])


def _border(i: int, next_i: int, begins: Sequence[int]) -> tuple[int, int]:
    """The line and its symbol before which words between two matched symbols belong: a line's begin if any."""
    line = bisect_left(begins, i + 1)
    if begins[line] > next_i:
        return line - 1, next_i - begins[line - 1]
    return line, 0
