"""What the picture of an alignment shows, and where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment import AlignedLine, Alignment, ExtraSpeech
from pipeline.alignment.timeline import (
    Block,
    Note,
    Strip,
    clock,
    counts,
    envelope,
    lay_notes,
    plan_strips,
    strip_ms,
    tick_ms,
    width,
)

LINES = (
    AlignedLine(0, "第一句", 1000, 3000, "ok", 0.9),
    AlignedLine(1, "没有说", None, None, "unspoken", 1.0),
    AlignedLine(2, "也没有", None, None, "unspoken", 1.0),
    AlignedLine(3, "要看看", 58_000, 62_000, "check", 0.3),
    AlignedLine(4, "最后的", None, None, "unspoken", 0.8),
)
ALIGNMENT = Alignment("zh-Hans", 70_000, "base", LINES, (ExtraSpeech(65_000, 66_000, "等 \n一下", 0.8),))
# The transcript has blank rows: a line's row is not its index.
ROWS = {index: 2 * index + 1 for index in range(5)}


def strips() -> list[Strip]:
    return plan_strips(ALIGNMENT, [(900, 3100), (57_000, 63_000)], ROWS, chars_per_strip=120)


def test_strips_follow_each_other_to_the_end_of_the_sound() -> None:
    assert [(strip.start_ms, strip.end_ms) for strip in strips()] == [(0, 60_000), (60_000, 70_000)]


def test_what_crosses_a_strips_end_is_in_both() -> None:
    first, second = strips()
    assert first.blocks == (Block(1000, 3000, "ok", 0.9), Block(58_000, 60_000, "check", 0.3))
    assert second.blocks == (Block(60_000, 62_000, "check", 0.3), Block(65_000, 66_000, "extra", 0.8))
    assert first.voice == ((900, 3100), (57_000, 60_000))
    assert second.voice == ((60_000, 63_000),)


def test_lines_never_spoken_stand_in_the_middle_of_the_gap_that_they_would_have_filled() -> None:
    first, second = strips()
    assert first.unspoken == (((3000 + 58_000) // 2, 2),)
    assert second.unspoken == (((62_000 + 70_000) // 2, 1),)


def test_every_place_that_needs_a_look_is_noted_with_the_transcripts_rows() -> None:
    first, second = strips()
    assert [(note.at_ms, note.kind, note.label) for note in first.notes] == [
        (30_500, "unspoken", "3–5"),
        (58_000, "check", "7 要看看"),
    ]
    assert [(note.kind, note.label) for note in second.notes] == [("extra", "等 一下"), ("unspoken", "9 最后的")]


def test_a_strip_says_which_rows_begin_in_it() -> None:
    assert [strip.rows for strip in strips()] == [(1, 7), None]


def test_lines_are_counted_by_status() -> None:
    assert counts(ALIGNMENT) == {"ok": 1, "check": 1, "unspoken": 3, "extra": 1}


def test_a_transcript_that_nobody_spoke_has_a_mark_too() -> None:
    silent = Alignment("zh-Hans", 10_000, "base", (AlignedLine(0, "没有", None, None, "unspoken", 1.0),), ())
    (strip,) = plan_strips(silent, [], {0: 1}, chars_per_strip=120)
    assert strip.unspoken == ((5000, 1),)


@pytest.mark.parametrize(
    ("duration_s", "length_s"),
    [(0, 15), (14, 15), (95, 60), (600, 60), (1200, 90), (3600, 120), (10_800, 180), (36_000, 600)],
)
def test_a_strip_shows_more_of_a_longer_episode(duration_s: int, length_s: int) -> None:
    assert strip_ms(duration_s * 1000) == length_s * 1000


@given(st.integers(0, 12 * 3_600_000))
def test_no_picture_has_more_than_sixty_strips_or_more_than_sixteen_ticks_in_one(duration_ms: int) -> None:
    assert -(-duration_ms // strip_ms(duration_ms)) <= 60
    assert strip_ms(duration_ms) // tick_ms(strip_ms(duration_ms)) <= 16


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (5400, "0:05"), (59_900, "1:00"), (3_690_000, "61:30")])
def test_times_are_minutes_and_seconds(ms: int, text: str) -> None:
    assert clock(ms) == text


def test_a_note_is_cut_to_the_room_before_the_next_one_in_its_lane() -> None:
    notes = [Note(at, "check", str(at), "一二三四五六七八九十") for at in (10, 15, 20, 50)]
    laid = lay_notes(notes, end_ms=100, char_ms=1)
    assert [(note.lane, note.label) for note in laid] == [
        (0, "10 一二三四五六…"),
        (1, "15 一二三四五六七八九十"),
        (0, "20 一二三四五六七八九十"),
        (1, "50 一二三四五六七八九十"),
    ]


def test_notes_too_close_for_their_numbers_become_one_with_a_range() -> None:
    notes = [Note(at, "check", str(at), "字") for at in (10, 11, 12, 60)]
    laid = lay_notes(notes, end_ms=100, char_ms=1)
    assert [note.label for note in laid] == ["10–12", "60 字"]


def test_a_note_at_the_right_edge_stands_before_its_place() -> None:
    (note,) = lay_notes([Note(99, "check", "7", "一二三四")], end_ms=100, char_ms=1)
    assert note.leftward
    assert note.label == "7 一二三四"


PLACES = st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 6)), max_size=80).map(sorted)


@given(PLACES, st.integers(0, 30), st.sampled_from([30, 100, 400]))
def test_no_two_notes_of_a_lane_overlap(places: list[tuple[int, int]], length: int, char: int) -> None:
    notes = [Note(at, "check", f"{at % 10}{'8' * digits}" if digits else "", "字" * length) for at, digits in places]
    laid = lay_notes(notes, end_ms=10_000, char_ms=char)
    for lane in (0, 1):
        end = float("-inf")
        for note in laid:
            if note.lane != lane:
                continue
            size = width(note.label) * char
            start = note.at_ms - size if note.leftward else note.at_ms
            assert start >= end
            end = start + size


def test_the_envelope_has_the_extremes_of_every_column() -> None:
    pcm = np.zeros(16_000, np.float32)
    pcm[100], pcm[15_900] = 0.5, -0.25
    low, high = envelope(pcm, Strip(0, 1000), 10, 16_000)
    assert high.tolist() == [0.5] + [0.0] * 9
    assert low.tolist() == [0.0] * 9 + [-0.25]


def test_a_strip_beyond_the_sound_is_flat() -> None:
    assert envelope(np.zeros(0, np.float32), Strip(0, 1000), 10, 16_000).tolist() == [[0.0], [0.0]]
