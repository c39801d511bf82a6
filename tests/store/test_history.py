"""Undo, redo and going back are new revisions: nothing that was ever there goes away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store import ConflictError
from pipeline.store.history import stacks


def test_undo_and_redo_walk_through_what_a_person_did(store, translated):
    (unit,) = translated("machine's")
    store.edit(unit, "one", "li", 1)
    store.edit(unit, "two", "li", 2)
    store.approve(unit, "wang", 3)
    assert store.can_undo(unit) == (True, False)
    states = []
    for revision in (4, 5, 6):
        now = store.undo(unit, "li", revision)
        states.append((now.status, now.text))
    assert states == [("edited", "two"), ("edited", "one"), ("machine", "machine's")]
    assert store.unit(unit).engine == "argos"
    assert store.can_undo(unit) == (False, True)
    with pytest.raises(ConflictError, match="nothing to undo"):
        store.undo(unit, "li", 7)
    again = [(now.status, now.text) for revision in (7, 8, 9) for now in [store.redo(unit, "wang", revision)]]
    assert again == [("edited", "one"), ("edited", "two"), ("approved", "two")]
    assert [each.kind for each in store.history(unit)][4:] == ["undo"] * 3 + ["redo"] * 3
    assert store.check() == ()


def test_after_an_undo_a_new_edit_ends_what_could_be_redone(store, translated):
    (unit,) = translated("a")
    store.edit(unit, "b", "li", 1)
    store.undo(unit, "li", 2)
    store.edit(unit, "c", "li", 3)
    assert store.can_undo(unit) == (True, False)
    assert store.undo(unit, "li", 4).text == "a"


def test_what_a_machine_wrote_first_is_not_undone(store, translated):
    (unit,) = translated("a")
    assert store.can_undo(unit) == (False, False)


def test_an_undone_acceptance_or_rejection_brings_the_proposal_back(store, translated):
    (unit,) = translated("a")
    store.edit(unit, "mine", "li", 1)
    store.save_machine(unit, "newer", engine="llm", fingerprint="g")
    store.accept(unit, "li", 2)
    undone = store.undo(unit, "li", 3)
    assert (undone.text, undone.proposal, undone.proposal_engine) == ("mine", "newer", "llm")
    redone = store.redo(unit, "li", 4)
    assert (redone.text, redone.proposal) == ("newer", "")
    store.undo(unit, "li", 5)
    store.reject(unit, "li", 6)
    assert store.undo(unit, "li", 7).proposal == "newer"


def test_any_revision_can_be_gone_back_to(store, translated):
    (unit,) = translated("a")
    store.edit(unit, "b", "li", 1)
    store.flag(unit, "why", "li", 2)
    store.edit(unit, "c", "wang", 3)
    now = store.revert(unit, 3, "li", 4)
    assert (now.text, now.flagged, now.flag_reason) == ("b", True, "why")
    assert store.history(unit)[-1].note == "revision 3"
    assert store.undo(unit, "li", 5).text == "c"
    with pytest.raises(ConflictError, match="no revision 99"):
        store.revert(unit, 99, "li", 6)


def test_the_feed_of_changes_tells_all_of_them_in_order(store, translated):
    (a,) = translated("a")
    seen = store.last_change()
    (b,) = translated("b", episode="other", language="ja")
    store.edit(a, "mine", "li", 1)
    told = store.changes(seen)
    assert [(each.unit, each.episode, each.language, each.kind) for each in told] == [
        (b, "other", "ja", "machine"),
        (a, "ep", "en", "edit"),
    ]
    assert [each.unit for each in store.changes(seen, episode="ep")] == [a]
    assert store.changes(told[-1].number) == ()
    assert store.changes(seen, limit=1) == told[:1]


@given(st.lists(st.sampled_from(["edit", "undo", "redo", "stale", "machine"]), max_size=30))
def test_undo_and_redo_are_each_others_opposite(wanted):
    kinds, states, state, number = [], [], 0, 0
    expected: list[int] = []
    for kind in wanted:
        undo, redo = stacks(enumerate(kinds, start=1))
        if (kind == "undo" and not undo) or (kind == "redo" and not redo):
            continue
        if kind == "undo":
            at = undo[-1] - 1
            state = states[at - 1] if at else 0
        elif kind == "redo":
            state = states[redo[-1] - 1]
        elif kind in ("edit", "machine"):
            number += 1
            state = number
        kinds.append(kind)
        states.append(state)
        expected = _model(kinds, expected)
        assert state == expected[-1]


def _model(kinds, _):
    """The states by a plain editor's two stacks."""
    done, undone, number, seen = [0], [], 0, []
    for kind in kinds:
        if kind == "undo":
            undone.append(done.pop())
        elif kind == "redo":
            done.append(undone.pop())
        elif kind in ("edit", "machine"):
            number += 1
            done, undone = ([number], []) if kind == "machine" else ([*done, number], [])
        seen.append(done[-1])
    return seen
