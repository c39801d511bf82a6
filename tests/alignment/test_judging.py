"""A window's own numbers tell how much of the expected text it says, and where they are not to be believed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.alignment.judging import Candidate, change_point, loose_speech, probability, timeless_share, tokens_said
from pipeline.alignment.whisper import Token

PACE = 200.0


def line(start_ms: int, log_probs: Sequence[float], *, step_ms: int = 200) -> Candidate:
    """A line of one token a syllable, each of them `step_ms` long."""
    tokens = [
        Token(at, at + 1, start_ms + at * step_ms, start_ms + (at + 1) * step_ms, log_prob)
        for at, log_prob in enumerate(log_probs)
    ]
    return Candidate(float(len(tokens)), tuple(tokens))


# The third one is mostly a name that the model does not know.
SAID = [line(0, [-0.1] * 8), line(1600, [-0.5] * 6), line(2800, [-3.0, -8.0, -7.0, -0.1, -0.2, -0.1, -0.3, -0.1, -0.2])]
UNSAID = [line(4600, [-5.0] * 7, step_ms=0), line(4600, [-4.0] * 5, step_ms=0)]
LENGTH = 4700


def speech(start_ms: int, end_ms: int) -> int:
    """There is speech all the time."""
    return max(0, end_ms - start_ms)


def count(*lines: Candidate) -> int:
    return change_point([one.odds(PACE) for one in lines])


def test_lines_that_are_said_have_good_odds_and_others_bad_ones() -> None:
    assert all(probability(one.odds(PACE)) > 0.9 for one in SAID)
    assert all(probability(one.odds(PACE)) < 0.1 for one in UNSAID)
    assert Candidate(5.0, ()).odds(PACE) < -5


def test_text_that_has_no_time_is_not_said_however_likely_its_words_are() -> None:
    assert line(4600, [-0.2] * 8, step_ms=10).odds(PACE) < 0


def test_slow_lines_are_likelier_than_fast_ones() -> None:
    steps = [line(0, [-1.0] * 8, step_ms=step).odds(PACE) for step in (40, 100, 200, 400)]
    assert steps[0] < steps[1] < steps[2]
    assert steps[2] - steps[3] < steps[1] - steps[0]


def test_the_share_of_time_leaves_out_the_pause_that_the_first_token_swallows() -> None:
    plain = line(3000, [-0.1] * 8)
    swallowed = Candidate(8.0, (Token(0, 1, 0, 3200, -0.1), *plain.tokens[1:]))
    assert plain.share_of_time(PACE) == 1
    assert swallowed.share_of_time(PACE) == pytest.approx(9 / 8)
    assert plain.share_of_time(2 * PACE) == 0.5


def test_lines_end_where_their_likelihood_and_their_time_end() -> None:
    assert count(*SAID, *UNSAID) == 3
    assert count(*UNSAID) == 0
    assert count() == 0


def test_one_line_that_is_not_said_does_not_hide_those_behind_it() -> None:
    assert count(SAID[0], UNSAID[0], *SAID[1:], *UNSAID) == 4
    assert change_point([5.0, -9.0, 3.5]) == 3


def test_one_line_that_fits_by_chance_does_not_outweigh_many_that_do_not() -> None:
    assert change_point([5.0, -9.0, -9.0, 4.0]) == 1


def test_a_line_is_cut_where_the_window_ends_inside_it() -> None:
    half = line(1600, [-0.2] * 6)
    rest = tuple(Token(6 + k, 7 + k, 2800, 2800, -5.0) for k in range(6))
    assert tokens_said(Candidate(12.0, half.tokens + rest), PACE) == 6


def test_a_line_is_whole_or_not_said_where_nothing_speaks_for_a_cut() -> None:
    assert [tokens_said(one, PACE) for one in SAID] == [8, 6, 9]
    assert [tokens_said(one, PACE) for one in UNSAID] == [0, 0]
    assert tokens_said(line(0, [-0.2] * 6 + [-3.0] * 2), PACE) == 8


def test_a_line_is_not_cut_where_what_follows_has_its_time() -> None:
    assert tokens_said(line(0, [-0.2] * 6 + [-5.0] * 4), PACE) == 10


def test_half_a_line_squeezed_into_no_time_is_a_share_without_time() -> None:
    squeezed = [Token(k, k + 1, 0, 40, -0.1) for k in range(10)]
    told = [Token(10 + k, 11 + k, 40 + 200 * k, 240 + 200 * k, -0.1) for k in range(20)]
    assert 0.2 < timeless_share([Candidate(30.0, tuple(squeezed + told))], PACE) < 0.5
    assert timeless_share(SAID, PACE) == 0
    assert timeless_share([], PACE) == 0


def test_speech_that_every_token_accounts_for_is_not_loose() -> None:
    assert loose_speech(SAID, PACE, speech, LENGTH) == []


@pytest.mark.parametrize(
    ("lines", "length", "loose"),
    [
        ([line(1500, [-0.1] * 15)], LENGTH, (0, 0, 0, 1500)),
        ([SAID[0], line(3200, [-0.1] * 7)], LENGTH, (1, 0, 1600, 3200)),
        ([Candidate(4.0, (*SAID[0].tokens[:2], *line(2000, [-0.1] * 2).tokens))], 2500, (0, 2, 400, 2000)),
        (SAID, 5600, (3, 0, 4600, 5600)),
        ([], 2000, (0, 0, 0, 2000)),
    ],
)
def test_speech_before_between_and_after_the_words_is_loose(
    lines: Sequence[Candidate], length: int, loose: tuple[int, int, int, int]
) -> None:
    assert loose_speech(lines, PACE, speech, length) == [loose]


def test_silence_is_never_loose() -> None:
    assert loose_speech([SAID[0], line(3200, [-0.1] * 7)], PACE, lambda start, end: 0, 60_000) == []
