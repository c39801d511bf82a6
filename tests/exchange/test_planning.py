"""What a corrected file of units would change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.exchange import plan_import
from pipeline.exchange.base import Past
from tests.exchange.made import UNITS, document, history, unit, units


def kinds(changes):
    return [(change.unit.id if change.unit else None, change.kind, change.conflict) for change in changes]


def plan(now, file, past=None):
    return plan_import(now, document(*file), past or history(*now))


def test_a_file_that_nobody_changed_changes_nothing():
    assert plan(units(), units()) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(UNITS, max_size=5, unique_by=lambda each: each.id))
def test_any_export_of_what_is_there_changes_nothing(now):
    assert plan(now, now) == []


def test_a_corrected_text_comes_in_with_its_place():
    file = [unit(0), unit(1, "The story starts in 2010."), unit(2), unit(3)]
    (change,) = plan_import(units(), document(*file, places=("row 2", "row 3", "row 4", "row 5")), history(*units()))
    assert (change.kind, change.before, change.after) == (
        "text",
        "The story begins in 2010.",
        "The story starts in 2010.",
    )
    assert (change.conflict, change.applies, change.where) == (False, True, "row 3")


def test_a_persons_change_after_the_export_is_a_conflict_with_both_texts():
    now = [unit(0, "Hi all.", status="edited", revision=2)]
    past = {"10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(2, now[0].source, "Hi all.", "edited")]}
    (change,) = plan(now, [unit(0, "Good day.")], past)
    assert (change.kind, change.conflict, change.before, change.after) == ("text", True, "Hi all.", "Good day.")
    assert change.can_apply
    assert not change.applies
    assert "after the export" in change.reason


def test_what_only_the_store_changed_since_stays_and_is_told():
    now = [unit(0, "Hi all.", status="approved", revision=3)]
    past = {"10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(3, now[0].source, "Hi all.", "approved")]}
    (change,) = plan(now, [unit(0)], past)
    assert (change.kind, change.conflict, change.applies, change.can_apply) == ("older", False, False, True)


def test_both_came_to_the_same_text():
    now = [unit(0, "Hi all.", status="edited", revision=2)]
    past = {"10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(2, now[0].source, "Hi all.", "edited")]}
    assert plan(now, [unit(0, "Hi all.")], past) == []


def test_an_approval_without_another_text_since_is_no_conflict():
    now = [unit(0, status="approved", revision=2)]
    past = {"10": [Past(1, now[0].source, now[0].text, "machine"), Past(2, now[0].source, now[0].text, "approved")]}
    (change,) = plan(now, [unit(0, "Hi.")], past)
    assert (change.kind, change.conflict, change.reason) == ("text", False, "It is approved here.")


def test_the_machines_newer_text_gives_way_to_a_person():
    now = [unit(0, "Hello, everyone.", revision=2)]
    past = {
        "10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(2, now[0].source, now[0].text, "machine")]
    }
    (change,) = plan(now, [unit(0, "Hi all.")], past)
    assert (change.conflict, change.applies) == (False, True)
    assert "machine" in change.reason


def test_a_text_for_a_sentence_that_changed_since_is_a_conflict():
    now = [unit(0, source="大家早上好")]
    past = {"10": [Past(1, "大家好", "Hello everyone.", "machine")]}
    changes = plan(now, [unit(0, "Hi all.")], past)
    assert kinds(changes) == [("10", "text", True)]
    assert "sentence" in changes[0].reason


def test_a_file_without_revisions_is_compared_with_the_text_it_is_most_like():
    now = [unit(0, "Welcome, dear friends of the show!", status="edited", revision=2)]
    past = {"10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(2, now[0].source, now[0].text, "edited")]}
    (old,) = plan(now, [unit(0, "Hello everyone!", revision=0)], past)
    assert (old.kind, old.conflict) == ("text", True)
    (new,) = plan(now, [unit(0, "Welcome, friends of the show!", revision=0)], past)
    assert (new.kind, new.conflict) == ("text", False)


def test_an_empty_text_is_never_brought_in_unasked():
    (change,) = plan(units(1), [unit(0, "")])
    assert (change.kind, change.conflict, change.applies, change.can_apply) == ("removed", True, False, True)


def test_a_missing_unit_stays_and_a_foreign_one_is_shown():
    changes = plan(units(2), [unit(0), unit(1, id="999", source="另一句", first=50, last=50, text="Other")])
    assert kinds(changes) == [("11", "absent", False), (None, "added", False)]
    assert changes[1].after == "Other"
    assert not any(change.can_apply for change in changes)


def test_units_of_a_database_made_anew_are_found_by_their_sentence():
    file = [replace(unit(n), id=str(n + 500), revision=7) for n in range(4)]
    file[2] = replace(file[2], text="He gave no answer.")
    assert kinds(plan(units(), file)) == [("12", "text", False)]


def test_of_two_equal_sentences_the_nearer_one_is_meant():
    now = [unit(0), unit(1, source=unit(0).source), unit(2)]
    (change,) = plan(now, [unit(0), replace(now[1], id="900", text="Hi again."), unit(2)])
    assert change.unit == now[1]


def test_a_unit_that_is_there_twice_with_two_texts_is_a_conflict():
    changes = plan(units(1), [unit(0, "Hi."), unit(0, "Hey.")])
    assert [(change.after, change.conflict) for change in changes] == [("Hi.", True), ("Hey.", True)]
    assert plan(units(1), [unit(0), unit(0)]) == []


def test_statuses_that_people_give_come_in():
    now = [unit(0), unit(1, status="approved"), unit(2), unit(3, "", status="new")]
    file = [unit(0, status="approved"), unit(1, status="edited"), unit(2, "No answer.", status="approved"),
            unit(3, "", status="approved")]  # fmt: skip
    found = [(change.kind, change.status, change.applies) for change in plan(now, file)]
    assert found == [
        ("status", "approved", True), ("status", "edited", True), ("text", "approved", True), ("ignored", "", False),
    ]  # fmt: skip


def test_an_approved_unit_that_was_corrected_is_not_approved_by_that():
    (change,) = plan([unit(0, status="approved")], [unit(0, "Hi.", status="approved")])
    assert (change.kind, change.status) == ("text", "")


def test_approving_a_text_that_changed_since_is_a_conflict():
    now = [unit(0, "Hi all.", status="edited", revision=2)]
    past = {"10": [Past(1, now[0].source, "Hello everyone.", "machine"), Past(2, now[0].source, "Hi all.", "edited")]}
    (change,) = plan(now, [unit(0, status="approved")], past)
    assert (change.kind, change.conflict) == ("status", True)


def test_going_back_to_a_machines_status_is_told_and_left():
    (change,) = plan([unit(0, status="edited")], [unit(0, status="machine")])
    assert (change.kind, change.applies) == ("ignored", False)


def test_new_rows_of_a_note_are_comments_and_old_ones_stay():
    now = [unit(0, note="li: why?\nwang: because")]
    (change,) = plan(now, [unit(0, note="li: why?\nand now?")])
    assert (change.kind, change.after) == ("note", "and now?")
    said = [replace(now[0], note="li: why?\nwang: because\nme: and now?")]
    assert plan(said, [unit(0, note="li: why?\nand now?")]) == []


def test_columns_that_are_only_to_be_read_are_told():
    changes = plan(units(2), [unit(0, source="大家都好"), unit(1, start_ms=1)])
    assert [(change.kind, change.applies) for change in changes] == [("ignored", False)] * 2
    assert "transcript" in changes[0].reason
    assert "Times" in changes[1].reason
