"""What was written beside what was heard: one global alignment of two rows of symbols, gaps allowed on both sides.

Gotoh's algorithm (affine gaps, J. Mol. Biol. 162, 1982), a row of the matrix at a time. Two long rows are first cut
where they share a run that occurs once in each (as patience diff does), so time and memory stay linear in an episode.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.alignment.sounds import Costs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.int32]

# The largest matrix that is filled whole: 16 MB of steps, about a quarter of a second.
MAX_CELLS = 1 << 24
# Lengths of the unique runs that cut a long pair, tried in this order.
_RUNS = (12, 8, 6, 4)

_PAIR, _LEFT_OUT, _ADDED = 0, 1, 2
_LEFT_OUT_GOES_ON, _ADDED_GOES_ON = 4, 8


@dataclass(frozen=True, slots=True)
class Match:
    """Pairs (place in `written`, place in `heard`), rising on both sides, and the cost of the whole alignment."""

    pairs: tuple[tuple[int, int], ...]
    cost: int


def match(written: Codes, heard: Codes, costs: Costs, *, max_cells: int = MAX_CELLS) -> Match:
    """The cheapest alignment of two rows of codes.

    It is the cheapest of all where the matrix has at most `max_cells` cells. Above that the rows are cut at runs
    that both have once, and a piece that still is too large is searched in a band around its diagonal.
    """
    import numpy as np

    pairs: list[tuple[int, int]] = []
    for a, b, c, d in _pieces(written, heard, max_cells):
        band = _band(b - a, d - c, max_cells)
        found = _align(written[a:b], heard[c:d], costs, band)
        pairs += [(a + i, c + j) for i, j in found]
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    return Match(tuple(pairs), path_cost(written, heard, costs, rows))


def path_cost(written: Codes, heard: Codes, costs: Costs, pairs: npt.NDArray[np.int64]) -> int:
    """What an alignment costs, from its pairs alone: the pairs' own costs and the gaps between them."""
    import numpy as np

    total = int(costs.pair[written[pairs[:, 0]], heard[pairs[:, 1]]].sum())
    for side, codes in ((0, written), (1, heard)):
        left_out = np.ones(len(codes), bool)
        left_out[pairs[:, side]] = False
        total += int(costs.gap[codes[left_out]].sum())
        edges = np.concatenate([[-1], pairs[:, side], [len(codes)]])
        total += costs.open * int((np.diff(edges) > 1).sum())
    return total


def _pieces(written: Codes, heard: Codes, max_cells: int) -> Iterator[tuple[int, int, int, int]]:
    """The parts (written from, to, heard from, to) to align on their own; together they are the whole."""
    queue = [(0, len(written), 0, len(heard), 0)]
    while queue:
        a, b, c, d, level = queue.pop()
        if (b - a) * (d - c) <= max_cells or level >= len(_RUNS):
            yield a, b, c, d
            continue
        cuts = _shared_runs(written[a:b], heard[c:d], _RUNS[level])
        borders = [(a, c), *((a + i, c + j) for i, j in cuts), (b, d)]
        parts = [(p, q, r, s, level + 1) for (p, r), (q, s) in itertools.pairwise(borders)]
        queue += reversed(parts)


def _shared_runs(written: Codes, heard: Codes, length: int) -> list[tuple[int, int]]:
    """Middles of the runs that occur once on each side, the longest chain that rises on both."""
    first, second = _unique_runs(written, length), _unique_runs(heard, length)
    both = sorted((first[run], second[run]) for run in first.keys() & second.keys())
    return [(i + length // 2, j + length // 2) for i, j in _rising(both)]


def _unique_runs(codes: Codes, length: int) -> dict[bytes, int]:
    width = codes.itemsize
    raw = codes.tobytes()
    runs = [raw[at * width : (at + length) * width] for at in range(len(codes) - length + 1)]
    once = {run for run, count in Counter(runs).items() if count == 1}
    return {run: at for at, run in enumerate(runs) if run in once}


def _rising(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of `points` (sorted by the first, all distinct) whose seconds rise."""
    tails: list[int] = []
    at_tail: list[int] = []
    before: list[int] = []
    for place, (_, second) in enumerate(points):
        length = bisect_left(tails, second)
        before.append(at_tail[length - 1] if length else -1)
        tails[length:] = [second, *tails[length + 1 :]]
        at_tail[length:] = [place, *at_tail[length + 1 :]]
    chain: list[tuple[int, int]] = []
    place = at_tail[-1] if at_tail else -1
    while place >= 0:
        chain.append(points[place])
        place = before[place]
    return chain[::-1]


def _band(rows: int, columns: int, max_cells: int) -> int:
    """Half the width of the band that is searched: all of the matrix where it is small enough."""
    if rows * columns <= max_cells:
        return columns + rows
    return max(64, max_cells // max(1, rows) // 2)


def _align(written: Codes, heard: Codes, costs: Costs, band: int) -> list[tuple[int, int]]:
    """The pairs of the cheapest path that stays within `band` columns of the diagonal."""
    rows, columns = len(written), len(heard)
    if not rows or not columns:
        return []
    steps, starts = _fill(written, heard, costs, band)
    return _trace(steps, starts, rows, columns)


def _fill(written: Codes, heard: Codes, costs: Costs, band: int) -> tuple[list[npt.NDArray[np.uint8]], list[int]]:
    """The best step into every cell, a row at a time: bytes of flags, and the column each row begins at."""
    import numpy as np

    rows, columns = len(written), len(heard)
    far = np.int64(1) << 40
    added = np.concatenate([[0], np.cumsum(costs.gap[heard], dtype=np.int64)])
    best = np.full(columns + 1, far)
    left_out = np.full(columns + 1, far)
    best[0] = 0
    best[1:] = costs.open + added[1:]
    steps: list[npt.NDArray[np.uint8]] = []
    starts: list[int] = []
    for row in range(rows):
        center = (row + 1) * columns // rows
        low, high = max(0, center - band), min(columns, center + band)
        code = written[row]
        gap = int(costs.gap[code])
        opened, kept = best[low : high + 1] + costs.open, left_out[low : high + 1]
        going_on = kept < opened
        dropped = np.where(going_on, kept, opened) + gap
        paired = np.full(high + 1 - low, far)
        first = max(low, 1)
        paired[first - low :] = best[first - 1 : high] + costs.pair[code, heard[first - 1 : high]]
        direct = np.minimum(paired, dropped)
        step = (dropped < paired).astype(np.uint8)
        # An added run that ends here may begin at any earlier column of the row: a running minimum finds it.
        reach = direct - added[low : high + 1]
        running = np.minimum.accumulate(reach)
        extended = np.full(high + 1 - low, far)
        extended[1:] = running[:-1] + added[low + 1 : high + 1] + costs.open
        longer = np.zeros(high + 1 - low, bool)
        longer[2:] = running[:-2] <= reach[1:-1]
        step[extended < direct] = _ADDED
        step |= going_on.astype(np.uint8) * _LEFT_OUT_GOES_ON
        step |= longer.astype(np.uint8) * _ADDED_GOES_ON
        best = np.full(columns + 1, far) if band < columns else best
        left_out = np.full(columns + 1, far) if band < columns else left_out
        best[low : high + 1] = np.minimum(direct, extended)
        left_out[low : high + 1] = dropped
        steps.append(step)
        starts.append(low)
    return steps, starts


def _trace(steps: list[npt.NDArray[np.uint8]], starts: list[int], rows: int, columns: int) -> list[tuple[int, int]]:
    """Walk back from the last cell; a gap, once entered from its end, is left only where it began."""
    pairs: list[tuple[int, int]] = []
    row, column, inside = rows - 1, columns, -1
    while row >= 0 and column >= 0:
        flags = int(steps[row][column - starts[row]])
        move = inside if inside >= 0 else flags & 3
        if move == _PAIR:
            pairs.append((row, column - 1))
            row, column, inside = row - 1, column - 1, -1
        elif move == _LEFT_OUT:
            inside = _LEFT_OUT if flags & _LEFT_OUT_GOES_ON else -1
            row -= 1
        else:
            inside = _ADDED if flags & _ADDED_GOES_ON else -1
            column -= 1
    return pairs[::-1]
