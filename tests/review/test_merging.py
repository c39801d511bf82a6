"""Two changes of one text become one where they do not touch the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.merging import merge


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("The red cat sat down.", "The blue cat sat down.", "The red cat lay down.", "The blue cat lay down."),
        ("The cat sat.", "The cat sat.", "The dog sat.", "The dog sat."),
        ("The cat sat.", "A cat sat.", "The cat sat.", "A cat sat."),
        ("The cat sat.", "The dog sat.", "The dog sat.", "The dog sat."),
        ("The cat sat.", "The dog sat.", "The cow sat.", None),
        ("One two three.", "Zero two three.", "One deux three.", None),  # Side by side: a person decides.
        ("今天天气很好", "今日天气很好", "今天天气不好", "今日天气不好"),
        ("", "mine", "theirs", None),
        ("a b c d", "a b c d e", "x b c d", "x b c d e"),
    ],
)
def test_both_changes_are_kept_where_they_are_apart(base: str, mine: str, theirs: str, merged: str | None) -> None:
    assert merge(base, mine, theirs) == merged


words = st.lists(st.sampled_from(["a", "b", "猫", "dog", ".", "x"]), max_size=8).map(" ".join)


@given(words, words, words)
def test_the_order_of_the_two_does_not_matter(base: str, mine: str, theirs: str) -> None:
    assert merge(base, mine, theirs) == merge(base, theirs, mine)


@given(words, words)
def test_one_change_alone_is_taken_as_it_is(base: str, mine: str) -> None:
    assert merge(base, mine, base) == mine
    assert merge(base, base, mine) == mine
