"""The measure finds what is wrong with a track, and nothing where all is well."""

from __future__ import annotations

import json

from pipeline.languages import find
from pipeline.subtitles.recut import translated_track
from pipeline.track import Cue, Track
from tests.benchmarks.readability import measure
from tests.subtitles.episodes import alignment, riscv, riscv_in_english, spoken

ENGLISH = find("en")
MADE = alignment(spoken(0, "一二三四五六七八九十", 1000, 3000), spoken(1, "再来一行", 3000, 6000))


def _measured(*cues: tuple[int, int, str]) -> dict[str, object]:
    return measure(Track("en", tuple(Cue(*cue) for cue in cues)), MADE, ENGLISH)


def test_a_good_track_has_no_faults() -> None:
    found = measure(translated_track(riscv(), riscv_in_english(), ENGLISH), riscv(), ENGLISH)
    faults = ("overlaps", "over_rows", "over_length", "too_short", "too_long", "crowded", "unannounced", "bad_ends")
    assert {name: found[name] for name in faults} == dict.fromkeys(faults, 0)
    assert found["readable"] == 1.0
    assert json.loads(json.dumps(found)) == found


def test_each_fault_is_counted() -> None:
    found = _measured(
        (1000, 3000, "This row is far too long to be on the screen of anybody at all."),
        (2900, 3200, "x\ny\nz"),
        (3210, 12_000, "It is the\nprice of"),
        (12_100, 14_000, "the bread."),
    )
    assert (found["overlaps"], found["over_rows"], found["over_length"]) == (1, 1, 1)
    assert (found["too_short"], found["too_long"], found["crowded"]) == (1, 1, 1)
    assert (found["bad_rows"], found["bad_ends"]) == (1, 1)
    assert (found["readable"], found["unannounced"]) == (0.75, 0)


def test_the_distance_is_to_the_nearest_line_or_to_the_one_being_said() -> None:
    found = _measured((1000, 1900, "Right on time."), (2500, 4000, "Early or late?"))
    assert found["start_distance_ms"] == 250
    assert found["start_distance_in_line_ms"] == 250
    late = _measured((2100, 2900, "Nearer to the next."))
    assert late["start_distance_ms"] == 900
    assert late["start_distance_in_line_ms"] == 1100


def test_nothing_is_measured_of_nothing() -> None:
    assert _measured() == {"cues": 0}
