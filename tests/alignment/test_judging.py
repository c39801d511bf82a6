"""A window's own numbers tell how much of the expected text it says, and when not to believe them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.alignment.judging import Candidate, Split, doubts, split, timeless_share
from pipeline.alignment.whisper import Token

PACE = 200.0


def line(start_ms: int, log_probs: Sequence[float], *, step_ms: int = 200) -> Candidate:
    """A line of one token a syllable, each of them `step_ms` long."""
    tokens = [
        Token(at, at + 1, start_ms + at * step_ms, start_ms + (at + 1) * step_ms, log_prob)
        for at, log_prob in enumerate(log_probs)
    ]
    return Candidate(float(len(tokens)), tuple(tokens))


SAID = [line(0, [-0.1] * 8), line(1600, [-0.5] * 6), line(2800, [-3.0, -8.0, -7.0, -0.1, -0.2, -0.1, -0.3, -0.1, -0.2])]
UNSAID = [line(4600, [-5.0] * 7, step_ms=0), line(4600, [-4.0] * 5, step_ms=0)]
LENGTH = 4700


def speech(start_ms: int, end_ms: int) -> int:
    """There is speech all the time."""
    return max(0, end_ms - start_ms)


def reasons(taken: Sequence[Candidate], beyond: Sequence[Candidate] = UNSAID, length: int = LENGTH) -> list[str]:
    return doubts(taken, beyond, PACE, speech, length)


def test_lines_end_where_their_likelihood_and_their_time_end() -> None:
    assert split([*SAID, *UNSAID], PACE) == Split(3, 0)


def test_text_that_has_no_time_is_not_said_however_likely_its_words_are() -> None:
    assert split([*SAID, line(4600, [-0.2] * 8, step_ms=10)], PACE) == Split(3, 0)


def test_a_line_is_cut_where_the_window_ends_inside_it() -> None:
    half = line(1600, [-0.2] * 6)
    rest = tuple(Token(6 + k, 7 + k, 2800, 2800, -5.0) for k in range(6))
    assert split([SAID[0], Candidate(12.0, half.tokens + rest)], PACE) == Split(1, 6)


def test_nothing_belongs_to_a_window_of_other_words() -> None:
    assert split([line(0, [-5.0] * 8), line(1600, [-4.5] * 8)], PACE) == Split(0, 0)
    assert split([], PACE) == Split(0, 0)


def test_a_window_that_says_its_lines_raises_no_doubt_even_with_a_name_that_the_model_does_not_know() -> None:
    assert reasons(SAID) == []


@pytest.mark.parametrize(
    ("taken", "length", "reason"),
    [
        ([], LENGTH, "nothing fits"),
        ([SAID[0], line(1600, [-5.0] * 15)], LENGTH, "a line does not fit"),
        ([SAID[0], line(1600, [-0.1] * 6, step_ms=60), SAID[2]], LENGTH, "a line does not fit"),
        ([SAID[0], line(1600, [-0.1] * 5, step_ms=620)], LENGTH, "a line takes too long"),
        ([line(1500, [-0.1] * 15)], LENGTH, "speech before the first line"),
        (SAID, 5600, "speech after the last line"),
        ([SAID[0], line(3200, [-0.1] * 7)], LENGTH, "speech between two words"),
    ],
)
def test_every_doubt_has_its_reason(taken: Sequence[Candidate], length: int, reason: str) -> None:
    assert reason in reasons(taken, length=length)


def test_a_next_line_that_fits_too_is_a_doubt() -> None:
    assert "the next line fits too" in reasons(SAID[:2], SAID[2:], length=2900)


def test_half_a_line_squeezed_into_no_time_is_a_doubt() -> None:
    squeezed = [Token(k, k + 1, 0, 40, -0.1) for k in range(10)]
    told = [Token(10 + k, 11 + k, 40 + 200 * k, 240 + 200 * k, -0.1) for k in range(20)]
    whole = Candidate(30.0, tuple(squeezed + told))
    assert "words without time" in reasons([whole], length=4200)
    assert 0.2 < timeless_share([whole], PACE) < 0.5
    assert timeless_share(SAID, PACE) == 0
