"""What a corrected subtitle file would change."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.exchange.base import Past
from pipeline.exchange.cues import Shown, plan_cues, recognise
from pipeline.exchange.mapping import map_cues
from pipeline.exchange.transplant import transplant
from pipeline.track import Cue
from tests.exchange.made import history, unit

TEXTS = [
    "Hello everyone, and welcome to the show.",
    "Today we talk about open chips.",
    "Why did a summer project change an industry?",
    "The story begins in the year 2010.",
]
CUES = [
    [Cue(0, 1400, "Hello everyone,"), Cue(1500, 2900, "and welcome\nto the show.")],
    [Cue(3000, 5800, "Today we talk about open chips.")],
    [Cue(6000, 7400, "Why did a summer project"), Cue(7500, 8900, "change an industry?")],
    [Cue(9000, 11500, "The story begins\nin the year 2010.")],
]


def shown():
    return [Shown(unit(n, text), tuple(CUES[n])) for n, text in enumerate(TEXTS)]


def flat():
    return [cue for cues in CUES for cue in cues]


def plan(file, now=None, past=None):
    now = now or shown()
    return plan_cues(now, file, past or history(*(each.unit for each in now)), joiner=" ", show=str)


def told(changes):
    return [(change.unit.id if change.unit else None, change.kind, change.conflict) for change in changes]


def test_a_file_that_nobody_changed_changes_nothing():
    assert plan(flat()) == []


def test_a_corrected_text_keeps_the_editors_cues():
    file = flat()
    file[1] = Cue(1500, 2900, "welcome\nto our show.")
    (change,) = plan(file)
    assert (change.unit.id, change.kind, change.conflict) == ("10", "text", False)
    assert change.after == "Hello everyone, welcome to our show."
    assert change.cues == (file[0], file[1])
    assert change.where == "cues 1-2, 00:00:00.000"


def test_a_text_written_anew_is_known_by_its_time():
    file = flat()
    file[2] = Cue(3000, 5800, "This episode covers RISC-V.")
    (change,) = plan(file)
    assert (change.unit.id, change.kind, change.after) == ("11", "text", "This episode covers RISC-V.")


def test_moved_times_change_cues_only():
    file = [Cue(cue.start_ms + 60_000, cue.end_ms + 60_000, cue.text) for cue in flat()]
    changes = plan(file)
    assert told(changes) == [(str(n + 10), "cues", False) for n in range(4)]
    assert changes[0].cues == (file[0], file[1])


def test_a_cue_split_in_two_and_two_joined_change_no_text():
    file = flat()
    file[2:3] = [Cue(3000, 4000, "Today we talk"), Cue(4100, 5800, "about open chips.")]
    file[4:6] = [Cue(6000, 8900, "Why did a summer project\nchange an industry?")]
    changes = plan(file)
    assert told(changes) == [("11", "cues", False), ("12", "cues", False)]
    assert [len(change.cues) for change in changes] == [2, 1]


def test_rows_broken_elsewhere_change_cues_only():
    file = flat()
    file[-1] = Cue(9000, 11500, "The story begins in\nthe year 2010.")
    assert told(plan(file)) == [("13", "cues", False)]


def test_a_blank_that_was_put_in_is_a_correction():
    now = [Shown(unit(0, "everyday things"), (Cue(0, 900, "everyday things"),))]
    (change,) = plan([Cue(0, 900, "every day things")], now)
    assert (change.kind, change.after) == ("text", "every day things")


def test_a_removed_cue_of_several_corrects_the_text_and_a_unit_without_cues_is_a_conflict():
    file = flat()
    del file[2], file[0]
    changes = plan(file)
    assert told(changes) == [("10", "text", False), ("11", "removed", True)]
    assert changes[0].after == "and welcome to the show."


def test_an_added_cue_belongs_to_what_is_said_then_or_is_shown_as_no_units():
    file = [*flat(), Cue(60_000, 62_000, "Thanks for watching!")]
    (lost,) = plan(file)
    assert (lost.unit, lost.kind, lost.after, lost.applies) == (None, "added", "Thanks for watching!", False)
    now = shown()
    now[1] = Shown(unit(1, TEXTS[1]), (Cue(3000, 4000, TEXTS[1]),))
    file = [*flat()[:2], Cue(3000, 4000, TEXTS[1]), Cue(4100, 5400, "Really open ones."), *flat()[3:]]
    (said,) = plan(file, now)
    assert (said.unit.id, said.kind) == ("11", "text")
    assert said.after == f"{TEXTS[1]} Really open ones."


def test_a_cue_joined_across_two_units_is_divided_and_said():
    file = flat()
    file[1:3] = [Cue(1500, 5800, "and welcome to the show. Today we talk about open chips.")]
    changes = plan(file)
    assert told(changes) == [("10", "cues", False), ("11", "cues", False)]
    assert all("divided" in change.reason for change in changes)
    first, second = changes[0].cues[-1], changes[1].cues[0]
    assert (first.text, second.text) == ("and welcome to the show.", "Today we talk about open chips.")
    assert (first.start_ms, first.end_ms, second.end_ms) == (1500, second.start_ms, 5800)


def test_an_older_text_that_nobody_corrected_does_not_come_back():
    past = history(*(each.unit for each in shown()))
    now = shown()
    now[1] = Shown(unit(1, "Open chips today.", status="edited", revision=2), (Cue(3000, 5800, "Open chips today."),))
    past["11"].append(Past(2, unit(1).source, "Open chips today.", "edited"))
    assert told(plan(flat(), now, past)) == [("11", "older", False)]


def test_a_correction_of_an_older_text_is_a_conflict_with_a_persons_newer_one():
    past = history(*(each.unit for each in shown()))
    now = shown()
    now[1] = Shown(unit(1, "Open hardware, again!", status="edited", revision=2), (Cue(3000, 5800, "Open hardware!"),))
    past["11"].append(Past(2, unit(1).source, "Open hardware, again!", "edited"))
    file = flat()
    file[2] = Cue(3000, 5800, "Today we talk about closed chips.")
    (change,) = plan(file, now, past)
    assert (change.kind, change.conflict) == ("text", True)
    assert (change.before, change.after) == ("Open hardware, again!", "Today we talk about closed chips.")


def test_what_a_format_can_not_hold_is_not_lost_by_a_correction():
    now = [Shown(unit(0, "if a < b {then} …"), (Cue(0, 900, "if a ‹ b\n｛then｝ ..."),))]
    (change,) = plan([Cue(0, 900, "if a ‹ c\n｛then｝ ...")], now)
    assert change.after == "if a < c {then} …"
    assert change.cues == (Cue(0, 900, "if a < c\n{then} ..."),)


def test_a_language_without_blanks():
    now = [Shown(unit(0, "RISC-V Internationalが基準を発表"), (Cue(0, 900, "RISC-V International\nが基準を発表"),))]

    def plan_ja(*cues):
        return plan_cues(now, cues, history(now[0].unit), joiner="", show=str)

    assert plan_ja(Cue(0, 900, "RISC-V International\nが基準を発表")) == []
    assert plan_ja(Cue(0, 900, "RISC-V\nInternationalが基準を発表"))[0].kind == "cues"
    assert plan_ja(Cue(0, 900, "RISC-V International\nが規格を発表"))[0].after == "RISC-V Internationalが規格を発表"


@pytest.mark.parametrize(
    ("cues", "said", "where"),
    [
        ([Cue(0, 500, "a"), Cue(900, 900, "b")], "not after its start", "cue 2"),
        ([Cue(0, 500, "a"), Cue(400, 900, "b")], "before the one before it ends", "cue 2"),
    ],
)
def test_impossible_times_are_refused_with_the_cue(cues, said, where):
    with pytest.raises(InputError, match=said) as caught:
        plan(cues)
    assert caught.value.where == where


def many(count, seed=1):
    rng = random.Random(seed)
    words = re.findall(
        "[a-z]+", "the open chip market grew as people built small fast cores for phones with less power"
    )
    made, at = [], 0
    for number in range(count):
        cues = []
        for _ in range(rng.randint(1, 3)):
            text = " ".join(rng.choice(words) for _ in range(rng.randint(3, 8)))
            cues.append(Cue(at, at + 1500, text))
            at += 1600
        made.append(Shown(unit(number, " ".join(cue.text for cue in cues)), tuple(cues)))
    return made


def test_every_unit_and_every_cue_is_in_exactly_one_group():
    now = many(60)
    rng = random.Random(2)
    for _ in range(20):
        file = [cue for each in now for cue in each.cues if rng.random() > 0.1]
        file = [Cue(c.start_ms, c.end_ms, c.text[::-1]) if rng.random() < 0.2 else c for c in file]
        groups = map_cues([each.cues for each in now], file)
        assert [n for group in groups for n in group.units] == list(range(60))
        assert [n for group in groups for n in group.cues] == list(range(len(file)))


def test_an_episode_with_no_text_as_it_was_is_still_mapped_by_time():
    now = many(200)
    file = [Cue(c.start_ms, c.end_ms, " ".join(reversed(c.text.split())) + "!") for each in now for c in each.cues]
    groups = map_cues([each.cues for each in now], file)
    right = sum(len(group.units) == 1 and len(group.cues) == len(now[group.units[0]].cues) for group in groups)
    assert right > 195


@settings(max_examples=200, deadline=None)
@given(st.text("ab <‹…", max_size=12), st.text("ab <‹…", max_size=12), st.text("ab <‹…", max_size=12))
def test_a_correction_is_carried_over_whole(text, shown_text, corrected):
    assert transplant(text, shown_text, shown_text) == text
    assert transplant(text, text, corrected) == corrected


def test_only_what_was_corrected_changes():
    assert transplant("if a < b  then...", "if a ‹ b then…", "if a ‹ c then…") == "if a < c  then..."
    assert transplant("a < b", "a ‹ b", "a b") == "a b"
    assert transplant("a < b", "a ‹ b", "Now a ‹ b!") == "Now a < b!"


def test_files_of_other_languages_and_episodes_are_known():
    tracks = {"en": flat(), "de": [Cue(c.start_ms, c.end_ms, c.text.swapcase()) for c in flat()]}
    assert recognise(flat(), tracks, "en") == "en"
    assert recognise(tracks["de"], tracks, "en") == "de"
    anew = [Cue(c.start_ms, c.end_ms, "Ganz anders hier") for c in flat()]
    assert recognise(anew, tracks, "en") == "en"  # the times are its own
    moved = [Cue(c.start_ms + 777, c.end_ms + 777, c.text + "!") for c in flat()]
    assert recognise(moved, tracks, "en") == "en"  # the texts are
    other = [Cue(c.start_ms + 777, c.end_ms + 777, "Ganz anders hier") for c in flat()]
    assert recognise(other, tracks, "en") is None
