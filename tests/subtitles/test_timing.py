"""When cues come and go."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.languages import find
from pipeline.subtitles.slip import slip
from pipeline.subtitles.timing import Wanted, settle

PROFILE = find("en").profile  # 833 to 7000 ms, 83 ms apart, gaps under 500 ms closed, 500 ms to stay


def _settled(*spans: tuple[int, int], read: int = 0, media: int = 60_000) -> list[tuple[int, int]]:
    return settle([Wanted(start, end, read) for start, end in spans], PROFILE, media)


def test_a_cue_is_there_while_its_words_are_spoken() -> None:
    assert _settled((1000, 3000)) == [(1000, 3000)]


def test_a_cue_that_needs_it_stays_up_to_half_a_second() -> None:
    assert _settled((1000, 3000), read=2300) == [(1000, 3300)]
    assert _settled((1000, 3000), read=9000) == [(1000, 3500)]


def test_it_never_stays_into_the_next_one() -> None:
    assert _settled((1000, 3000), (3200, 5000), read=9000) == [(1000, 3117), (3200, 5500)]


def test_a_short_word_is_shown_for_the_minimum() -> None:
    assert _settled((1000, 1400)) == [(1000, 1833)]


def test_a_short_word_before_speech_starts_earlier_only_as_far_as_needed() -> None:
    assert _settled((2000, 2400), (2450, 5000)) == [(1534, 2367), (2450, 5000)]


def test_a_short_silence_is_closed_and_a_long_one_stays() -> None:
    assert _settled((1000, 3000), (3400, 5000)) == [(1000, 3317), (3400, 5000)]
    assert _settled((1000, 3000), (3600, 5000)) == [(1000, 3000), (3600, 5000)]


def test_nothing_stays_longer_than_the_maximum() -> None:
    assert _settled((0, 12_000)) == [(0, 7000)]


def test_the_last_cue_ends_with_the_media() -> None:
    assert _settled((1000, 3000), read=9000, media=3100) == [(1000, 3100)]


def test_media_too_short_to_show_the_cues_is_refused() -> None:
    with pytest.raises(InputError, match="3 cues do not fit"):
        _settled((0, 1), (1, 2), (2, 3), media=2)


def test_no_cues_no_times() -> None:
    assert _settled() == []


spans = st.lists(
    st.tuples(st.integers(0, 60_000), st.integers(0, 12_000), st.integers(0, 12_000)), min_size=1, max_size=30
)


def _check_times(times: list[tuple[int, int]], media: int) -> None:
    assert all(0 <= start < end <= media for start, end in times)
    assert all(b[0] - a[1] >= PROFILE.gap_ms for a, b in itertools.pairwise(times))


@given(spans)
def test_whatever_is_wanted_cues_keep_order_gap_and_media(wanted: list[tuple[int, int, int]]) -> None:
    cues = [Wanted(start, start + length, read) for start, length, read in sorted(wanted)]
    _check_times(settle(cues, PROFILE, 65_000), 65_000)
    _check_times(settle(slip(cues, PROFILE, 65_000), PROFILE, 65_000), 65_000)


@given(spans)
def test_a_cue_is_too_short_only_where_there_is_no_room(wanted: list[tuple[int, int, int]]) -> None:
    cues = [Wanted(start, start + length, read) for start, length, read in sorted(wanted)]
    times = settle(cues, PROFILE, 65_000)
    before = [0, *(end + PROFILE.gap_ms for _, end in times)]
    after = [*(start - PROFILE.gap_ms for start, _ in times[1:]), 65_000]
    for cue, (start, end), free, limit in zip(cues, times, before, after, strict=False):
        if end - start < PROFILE.min_ms:
            assert end >= min(limit, cue.end_ms + PROFILE.linger_ms)
            assert start <= max(free, end - PROFILE.min_ms)


def test_cues_that_can_be_read_do_not_slip() -> None:
    cues = [Wanted(1000, 3000, 1500), Wanted(3100, 5000, 1800)]
    assert slip(cues, PROFILE, 60_000) == cues


def test_a_neighbour_with_time_to_spare_lends_it() -> None:
    lent = slip([Wanted(1000, 3000, 2300), Wanted(3000, 6000, 1000)], PROFILE, 60_000)
    start, end = settle(lent, PROFILE, 60_000)[0]
    assert end - start >= 2300
    assert lent[1].start_ms > 3000


def test_silence_before_a_crowded_cue_is_used() -> None:
    lent = slip([Wanted(0, 1000, 500), Wanted(3000, 5000, 2300), Wanted(5100, 7000, 1800)], PROFILE, 60_000)
    assert lent[1].start_ms < 3000
    assert all(
        end - start >= cue.read_ms for cue, (start, end) in zip(lent, settle(lent, PROFILE, 60_000), strict=True)
    )


def test_no_start_slips_further_than_the_profile_allows() -> None:
    cues = [Wanted(place * 1000, place * 1000 + 900, 5000) for place in range(20)]
    moved = slip(cues, PROFILE, 30_000)
    assert all(abs(a.start_ms - b.start_ms) <= PROFILE.slip_ms for a, b in zip(cues, moved, strict=True))
    assert slip(cues, replace(PROFILE, slip_ms=0), 30_000) == cues
