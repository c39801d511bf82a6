"""Confidence falls with every doubt, and the status follows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.confidence import Evidence, confidence, heard_share, status

GOOD = Evidence(coverage=0.95, log_prob=-0.6, pace=1.0, voice=0.95)


def test_a_line_heard_and_forced_well_is_sure() -> None:
    assert confidence(GOOD) > 0.95


def test_one_proof_of_the_words_is_enough() -> None:
    assert confidence(replace(GOOD, coverage=0.1)) > 0.9  # a name that is misheard, but fits the sound
    assert confidence(replace(GOOD, log_prob=-2.3)) > 0.9  # a name that the model does not expect, but hears


@pytest.mark.parametrize(
    "doubt",
    [
        {"coverage": 0.1, "log_prob": -2.3},
        {"pace": 5.0},
        {"pace": 0.2},
        {"pace": 0.0},
        {"voice": 0.1},
        {"timeless": 0.4},
    ],
)
def test_what_denies_the_words_denies_the_line(doubt: dict[str, float]) -> None:
    assert confidence(replace(GOOD, **doubt)) < 0.2


@given(st.floats(0, 1.2), st.floats(-20, 0), st.floats(0, 50), st.floats(0, 1))
def test_it_is_a_share(coverage: float, log_prob: float, pace: float, voice: float) -> None:
    assert 0 <= confidence(Evidence(coverage, log_prob, pace, voice)) <= 1


def test_the_status_is_ok_from_the_limit_on() -> None:
    assert status(0.6, check_below=0.6) == "ok"
    assert status(0.59, check_below=0.6) == "check"


def test_a_text_counts_as_heard_by_the_lines_of_which_half_was_heard() -> None:
    assert heard_share([(10, 0.9), (10, 0.4), (20, 0.5)]) == 0.75
    assert heard_share([]) == 0


def test_a_word_that_takes_the_time_of_a_sentence_is_doubted() -> None:
    assert confidence(replace(GOOD, loose=4.0)) > 0.9
    assert confidence(replace(GOOD, loose=9.0)) == 0
