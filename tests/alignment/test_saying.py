"""A line is said there if it fits, has its time, and was not contradicted by what was heard."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from pipeline.alignment.saying import Said, odds_of_heard
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.whisper import Token

PACE = 200.0
SCRIPT = Script(["变成全球芯片行业"], "zh-Hans")
(PART,) = SCRIPT.between(Cursor(0), Cursor(1))


def tokens(ends: Sequence[int], log_prob: float = -0.1) -> tuple[Token, ...]:
    """One token a syllable, each beginning where the last one ended."""
    starts = [ends[0] - 200, *ends[:-1]]
    return tuple(
        Token(at, at + 1, start, end, log_prob) for at, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


SPOKEN = tokens([200 * k for k in range(1, 9)])


def speech(start_ms: int, end_ms: int) -> int:
    return max(0, end_ms - start_ms)


def test_a_line_that_fits_and_has_its_time_is_sure() -> None:
    said = Said.of(PART, SPOKEN, PACE, None)
    assert said.sure
    assert (said.share, said.coverage) == (1.0, None)
    assert said.odds > 5


@pytest.mark.parametrize(
    "own",
    [
        tokens([200 * k for k in range(1, 9)], -1.6),
        tokens([60 * k for k in range(1, 9)]),
        tokens([480 * k for k in range(1, 9)]),
        tokens([0] * 8, -4.0),
        (),
    ],
    ids=["fits badly", "too fast", "too slow", "not said", "no room in the decoder"],
)
def test_a_line_is_not_sure_otherwise_until_somebody_listens(own: tuple[Token, ...]) -> None:
    assert not Said.of(PART, own, PACE, None).sure
    assert Said.of(PART, own, PACE, 0.2).sure


def test_words_nobody_wrote_need_no_further_proof() -> None:
    assert Said.of(SCRIPT.words(-1, "等一下"), tokens([300, 600, 900], -3.0), PACE, None).sure


def test_hearing_a_line_raises_its_odds_and_hearing_others_lowers_them() -> None:
    own = tokens([200 * k for k in range(1, 9)], -2.5)
    heard, plain, contradicted = (Said.of(PART, own, PACE, coverage).odds for coverage in (1.0, None, 0.0))
    assert heard > plain > contradicted


@pytest.mark.parametrize(
    ("odds", "share", "coverage", "least", "most"),
    [
        (5.0, 1.0, 1.0, 5.0, 9.0),  # fits and was heard
        (-5.0, 1.0, 1.0, 4.0, 9.0),  # heard in whole: the words fit badly, and are said all the same
        (-5.0, 0.1, 1.0, 4.0, 9.0),  # even where there seems to be no time for them
        (9.0, 1.0, 0.0, 0.05, 0.15),  # other words were heard: no more than a doubt, however well it fits
        (-3.0, 1.0, 0.0, -9.0, -3.0),  # neither fits nor was heard
        (-5.0, 1.0, 0.2, 0.05, 0.15),  # heard in part and with its time: a person should look
        (-5.0, 0.1, 0.2, -9.0, -1.0),  # heard in part, but without its time
        (9.0, 1.0, 0.5, 1.0, 2.0),  # heard in half is no more than that
    ],
)
def test_what_fits_and_what_was_heard_are_weighed(
    odds: float, share: float, coverage: float, least: float, most: float
) -> None:
    assert least <= odds_of_heard(odds, share, coverage) <= most


def test_more_of_a_line_heard_is_never_worse() -> None:
    for odds in (-6.0, 0.0, 6.0):
        values = [odds_of_heard(odds, 1.0, step / 20) for step in range(21)]
        assert values == sorted(values)


def line(own: tuple[Token, ...]) -> Said:
    return Said.of(PART, own, PACE, None)


def test_a_line_without_foreign_words_in_it_stays_as_it_is() -> None:
    assert line(SPOKEN).together(PACE, speech) == line(SPOKEN)


def test_first_words_that_other_words_drew_away_come_back() -> None:
    ends = [200, 400, *(3000 + 200 * k for k in range(6))]
    moved = line(tokens(ends)).together(PACE, speech).tokens
    assert [token.to_ms for token in moved] == [2600, 2800, *ends[2:]]
    assert all(before.to_ms <= after.from_ms for before, after in itertools.pairwise(moved))


def test_a_last_word_that_other_words_drew_away_comes_back() -> None:
    ends = [*(200 * k for k in range(1, 8)), 4000]
    moved = line(tokens(ends)).together(PACE, speech).tokens
    assert [token.to_ms for token in moved] == [*ends[:-1], 1600]
    assert moved[-1].from_ms == 1400


def test_a_word_that_was_moved_is_a_guess_and_leaves_the_line_in_doubt() -> None:
    drawn = line(tokens([200, 400, *(3000 + 200 * k for k in range(6))]))
    assert drawn.together(PACE, speech).odds <= 0.1 < drawn.odds


def test_a_number_or_a_name_that_is_spelled_may_take_long() -> None:
    (part,) = Script(["2010年起变成行业"], "zh-Hans").between(Cursor(0), Cursor(1))
    drawn = Said.of(part, tokens([200, 400, *(3000 + 200 * k for k in range(6))]), PACE, None)
    assert drawn.together(PACE, speech) == drawn


def test_a_pause_draws_no_word_away_and_the_middle_stays() -> None:
    drawn = line(tokens([200, 400, *(3000 + 200 * k for k in range(6))]))
    assert drawn.together(PACE, lambda start, end: 200) == drawn
    half = line(tokens([200, 400, 600, 800, *(3000 + 200 * k for k in range(4))]))
    assert half.together(PACE, speech) == half


def test_a_line_of_three_tokens_has_none_to_hold_the_others() -> None:
    few = line(tokens([200, 3000, 6000]))
    assert few.together(PACE, speech) == few
