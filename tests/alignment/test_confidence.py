"""Confidence falls with every doubt, and the status follows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.confidence import Evidence, confidence, heard_well, status

GOOD = Evidence(said=0.99, pace=1.0, voice=0.95)


def test_a_line_that_is_said_at_the_usual_pace_is_sure() -> None:
    assert confidence(GOOD) > 0.95


@pytest.mark.parametrize(
    "doubt", [{"said": 0.1}, {"pace": 5.0}, {"pace": 0.2}, {"pace": 0.0}, {"voice": 0.1}, {"timeless": 0.4}]
)
def test_what_denies_the_words_denies_the_line(doubt: dict[str, float]) -> None:
    assert confidence(replace(GOOD, **doubt)) < 0.2


@given(st.floats(0, 1), st.floats(0, 50), st.floats(0, 1))
def test_it_is_a_share(said: float, pace: float, voice: float) -> None:
    assert 0 <= confidence(Evidence(said, pace, voice)) <= 1


def test_the_status_is_ok_from_the_limit_on() -> None:
    assert status(0.6, check_below=0.6) == "ok"
    assert status(0.59, check_below=0.6) == "check"


def test_words_nobody_wrote_are_as_sure_as_they_were_heard_well() -> None:
    assert heard_well(-0.2) == 1
    assert 0 < heard_well(-1.5) < 1
    assert heard_well(-5.0) == 0


def test_a_word_that_takes_the_time_of_a_sentence_is_doubted() -> None:
    assert confidence(replace(GOOD, loose=4.0)) > 0.9
    assert confidence(replace(GOOD, loose=9.0)) == 0


def test_a_line_that_begins_where_others_words_are_said_is_doubted() -> None:
    assert confidence(replace(GOOD, swallowed=4.1)) > 0.9
    assert confidence(replace(GOOD, swallowed=5.2)) < 0.6


def test_a_line_that_has_no_time_for_its_first_words_is_doubted() -> None:
    assert confidence(replace(GOOD, swallowed=-1.5)) > 0.9
    assert confidence(replace(GOOD, swallowed=-1.9)) < 0.8
    assert confidence(replace(GOOD, swallowed=-2.6)) == 0


def test_a_line_whose_words_are_said_near_by_too_is_no_more_than_half_sure() -> None:
    assert confidence(replace(GOOD, elsewhere=0.5)) > 0.9
    assert 0.4 < confidence(replace(GOOD, elsewhere=0.9)) < 0.6
