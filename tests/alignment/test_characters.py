"""Every character gets a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.characters import character_times, fill_gaps
from pipeline.alignment.whisper import Token


def test_a_token_of_several_characters_is_shared_out_and_one_of_part_of_a_character_is_joined() -> None:
    tokens = [Token(0, 4, 0, 400, -0.1), Token(4, 5, 400, 440, -0.1), Token(4, 5, 440, 600, -0.1)]
    assert character_times(6, tokens, 1000) == [
        (1000, 1100),
        (1100, 1200),
        (1200, 1300),
        (1300, 1400),
        (1400, 1600),
        None,
    ]


def test_unknown_characters_share_what_lies_between() -> None:
    assert fill_gaps([None, (100, 200), None, None, (400, 500), None], 0, 800) == [
        (0, 100),
        (100, 200),
        (200, 300),
        (300, 400),
        (400, 500),
        (500, 800),
    ]


@given(
    st.lists(st.none() | st.tuples(st.integers(-500, 3000), st.integers(-500, 3000)), min_size=1, max_size=30),
    st.integers(0, 1000),
    st.integers(0, 1500),
)
def test_filled_times_never_decrease_and_stay_inside(
    times: list[tuple[int, int] | None], start: int, length: int
) -> None:
    filled = fill_gaps(times, start, start + length)
    assert len(filled) == len(times)
    flat = [edge for pair in filled for edge in pair]
    assert flat == sorted(flat)
    assert start <= flat[0]
    assert flat[-1] <= start + length
