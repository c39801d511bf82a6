"""How much text fits a unit's time."""

from __future__ import annotations

from dataclasses import replace

from pipeline.languages import find
from pipeline.subtitles.budget import excesses
from pipeline.subtitles.recut import translated_track
from pipeline.translation.units import TranslatedUnit
from tests.subtitles.episodes import alignment, spoken

ENGLISH = find("en")
LONG = "This is much more than anybody can read in the time that it takes to say so little, or nearly nothing."
HURRIED = alignment(spoken(0, "快", 0, 1500), spoken(1, "慢慢来", 1600, 5000))


def test_only_what_can_not_be_read_is_over() -> None:
    units = [TranslatedUnit(0, 0, LONG), TranslatedUnit(1, 1, "Slowly, and at ease.")]
    (place,) = excesses(HURRIED, units, ENGLISH)
    assert place == 0
    assert excesses(HURRIED, [replace(units[0], text="Fast."), units[1]], ENGLISH) == {}


def test_the_budget_is_what_the_profile_reads_in_the_time_there_is() -> None:
    units = [TranslatedUnit(0, 0, LONG), TranslatedUnit(1, 1, "Slowly, and at ease.")]
    excess = excesses(HURRIED, units, ENGLISH)[0]
    cues = [cue for cue in translated_track(HURRIED, units, ENGLISH).cues if cue.text != "Slowly, and at ease."]
    blanks = len(LONG) - sum(len(cue.text.replace("\n", "")) for cue in cues)
    readable = sum(min(20 * cue.duration_ms / 1000, len(cue.text.replace("\n", ""))) for cue in cues)
    assert excess.characters == len(LONG)
    assert abs(excess.budget - blanks - readable) <= 1


def test_a_text_of_the_budgets_length_can_be_read() -> None:
    budget = excesses(HURRIED, [TranslatedUnit(0, 0, LONG)], ENGLISH)[0].budget
    text = ("a bc " * 60)[: budget - 2].strip() + "."
    assert excesses(HURRIED, [TranslatedUnit(0, 0, text)], ENGLISH) == {}


def test_nothing_said_needs_no_budget() -> None:
    assert excesses(HURRIED, [], ENGLISH) == {}
    assert excesses(HURRIED, [TranslatedUnit(0, 0, "  ")], ENGLISH) == {}
