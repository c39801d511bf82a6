"""The difference between a machine's text and a person's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.differences import distance, edits, pieces


@settings(max_examples=40)
@given(st.text(max_size=30), st.text(max_size=30))
def test_the_edits_hold_both_texts_and_the_distance_is_a_share(machine: str, person: str) -> None:
    found = edits(machine, person)
    assert "".join(edit.text for edit in found if edit.kind != "new") == machine
    assert "".join(edit.text for edit in found if edit.kind != "gone") == person
    assert 0 <= distance(machine, person) <= 1
    assert distance(machine, machine) == 0


@given(st.text(max_size=60))
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize(
    ("machine", "person", "expected"),
    [
        ("It is a chip.", "It is a chip!", 0.0),  # marks are no words
        ("it is a chip", "It is a chip", 0.0),
        ("It is a chip", "It was a chip", 1 / 4),
        ("one two", "one two three four", 2 / 4),
        ("芯片很贵", "芯片便宜", 2 / 4),
        ("", "all new", 1.0),
        ("", "", 0.0),
    ],
)
def test_words_count_or_characters_where_words_have_no_blanks(machine: str, person: str, expected: float) -> None:
    assert distance(machine, person) == pytest.approx(expected)


def test_a_changed_word_stands_out_alone() -> None:
    found = edits("The chip is dear.", "The chip is cheap.")
    assert [(edit.kind, edit.text) for edit in found if edit.kind != "same"] in (
        [("gone", "dear"), ("new", "cheap")],
        [("new", "cheap"), ("gone", "dear")],
    )
