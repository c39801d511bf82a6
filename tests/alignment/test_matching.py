"""The matching is the cheapest there is, and stays sound where it is too long to be the cheapest."""

from __future__ import annotations

import itertools
import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.matching import _rising, match, path_cost
from pipeline.alignment.sounds import Costs, costs_for

ALPHABET = "山三大人abc"
COSTS = costs_for([ALPHABET])
ROWS = st.text(alphabet=ALPHABET, max_size=14)
HAN = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def oracle(written: str, heard: str, costs: Costs) -> int:
    """The least cost by Gotoh's recurrence, a cell at a time."""
    a, b = costs.encode(written).tolist(), costs.encode(heard).tolist()
    far = 10**9
    best: dict[tuple[int, int], int] = {}
    up: dict[tuple[int, int], int] = {}
    left: dict[tuple[int, int], int] = {}
    for i, j in itertools.product(range(len(a) + 1), range(len(b) + 1)):
        up[i, j] = min(best[i - 1, j] + costs.open, up[i - 1, j]) + int(costs.gap[a[i - 1]]) if i else far
        left[i, j] = min(best[i, j - 1] + costs.open, left[i, j - 1]) + int(costs.gap[b[j - 1]]) if j else far
        pair = best[i - 1, j - 1] + int(costs.pair[a[i - 1], b[j - 1]]) if i and j else far
        best[i, j] = 0 if i == j == 0 else min(pair, up[i, j], left[i, j])
    return best[len(a), len(b)]


@given(ROWS, ROWS)
@settings(max_examples=300)
def test_no_alignment_is_cheaper(written: str, heard: str) -> None:
    found = match(COSTS.encode(written), COSTS.encode(heard), COSTS)
    assert found.cost == oracle(written, heard, COSTS)


@given(ROWS, ROWS, st.integers(1, 60))
def test_pairs_rise_on_both_sides_whatever_the_limit(written: str, heard: str, max_cells: int) -> None:
    found = match(COSTS.encode(written), COSTS.encode(heard), COSTS, max_cells=max_cells)
    for (i, j), (next_i, next_j) in itertools.pairwise(found.pairs):
        assert i < next_i
        assert j < next_j
    assert found.cost >= oracle(written, heard, COSTS)


def test_a_line_that_was_not_said_and_words_that_were_not_written_become_gaps() -> None:
    first, unsaid, last, unwritten = (
        "天地玄黄宇宙洪荒",
        "日月盈昃辰宿列张寒",
        "秋收冬藏闰余成岁",
        "abdefghijklmnop",
    )
    costs = costs_for([first, unsaid, last, unwritten])
    written, heard = costs.encode(first + unsaid + last), costs.encode(first + unwritten + last)
    pairs = match(written, heard, costs).pairs
    assert pairs == (*((k, k) for k in range(8)), *((17 + k, 8 + len(unwritten) + k) for k in range(8)))


def test_a_long_pair_cut_at_its_anchors_is_as_cheap_as_the_whole() -> None:
    rng = random.Random(7)
    written = "".join(rng.choice(HAN) for _ in range(1500))
    heard = "".join(rng.choice(HAN) if rng.random() < 0.1 else symbol for symbol in written)
    heard = heard[:400] + "天地玄黄" * 5 + heard[400:900] + heard[960:]
    costs = costs_for([HAN])
    a, b = costs.encode(written), costs.encode(heard)
    whole, cut = match(a, b, costs), match(a, b, costs, max_cells=20_000)
    assert cut.cost == whole.cost


def test_the_cost_of_a_path_is_that_of_its_pairs_and_gaps() -> None:
    a, b = COSTS.encode("山大人"), COSTS.encode("三人")
    pairs = np.array([[0, 0], [2, 1]])
    assert path_cost(a, b, COSTS, pairs) == 1 + COSTS.open + 5


@given(st.permutations(range(9)), st.integers(0, 9))
def test_the_chain_of_anchors_is_the_longest_that_rises(order: list[int], count: int) -> None:
    points = list(enumerate(order[:count]))
    chain = _rising(points)
    assert all(a[1] < b[1] for a, b in itertools.pairwise(chain))
    longest = max(
        (size for size in range(count + 1) for pick in itertools.combinations(points, size)
         if all(a[1] < b[1] for a, b in itertools.pairwise(pick))),
        default=0,
    )  # fmt: skip
    assert len(chain) == longest
