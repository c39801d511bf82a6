"""People's changes: one revision each, refused where somebody was quicker, done once however often they are sent."""

from __future__ import annotations

import pickle

import pytest

from pipeline.errors import UsageError
from pipeline.store import ConflictError
from pipeline.track import Cue, Finding
from tests.store.conftest import TEXTS, units

NUMBER = Finding("number", "error", "lines 1-2", "100亿", "by value", "Correct it.")
LENGTH = Finding("length", "warning", "lines 1-2", "90", "84", "Say it shorter.")


def test_a_stale_save_is_refused_with_both_texts_and_the_base(store, translated):
    (unit,) = translated("base")
    store.edit(unit, "theirs", "li", 1)
    with pytest.raises(ConflictError) as caught:
        store.edit(unit, "yours", "wang", 1)
    error = caught.value
    assert (error.base, error.unit.text, error.yours, error.unit.revision) == ("base", "theirs", "yours", 2)
    assert error.text_changed
    again = pickle.loads(pickle.dumps(error))
    assert (again.base, again.unit, again.yours, str(again)) == ("base", error.unit, "yours", str(error))


def test_a_conflict_that_is_not_about_the_text_says_so(store, translated):
    (unit,) = translated("base")
    store.flag(unit, "hm", "li", 1)
    with pytest.raises(ConflictError) as caught:
        store.edit(unit, "yours", "wang", 1)
    assert not caught.value.text_changed


def test_a_save_that_is_sent_twice_is_done_once(store, translated):
    (unit,) = translated("base")
    first = store.edit(unit, "yours", "li", 1, save_id="browser-1")
    again = store.edit(unit, "yours", "li", 1, save_id="browser-1")
    assert first == again
    assert len(store.history(unit)) == 2


def test_a_persons_work_goes_through_all_states_and_the_history_tells_it(store, translated):
    (unit,) = translated("a")
    store.edit(unit, "b", "li", 1, findings=[NUMBER])
    store.approve(unit, "wang", 2)
    store.reopen(unit, "wang", 3)
    store.flag(unit, "which year?", "wang", 4)
    now = store.unflag(unit, "li", 5)
    assert (now.status, now.text, now.flagged, now.changed_by, now.errors) == ("edited", "b", False, "li", 1)
    told = [(r.kind, r.who, r.before, r.text, r.note) for r in store.history(unit)]
    assert told == [
        ("machine", "machine:argos", "", "a", ""),
        ("edit", "li", "a", "b", ""),
        ("approve", "wang", "b", "b", ""),
        ("reopen", "wang", "b", "b", ""),
        ("flag", "wang", "b", "b", "which year?"),
        ("unflag", "li", "b", "b", ""),
    ]


def test_an_approval_tells_who_and_when_until_it_is_taken_back(store, translated):
    (unit,) = translated("a")
    approved = store.approve(unit, "wang", 1)
    assert (approved.approved_by, approved.approved_at) == ("wang", approved.updated_at)
    flagged = store.flag(unit, "?", "li", 2)
    assert (flagged.status, flagged.approved_by) == ("approved", "wang")
    assert store.reopen(unit, "li", 3).approved_by == ""
    with pytest.raises(ConflictError, match="not approved"):
        store.reopen(unit, "li", 4)


def test_a_proposal_is_accepted_or_rejected(store, translated):
    a, b = translated("a", "b")
    for unit in (a, b):
        store.edit(unit, "mine", "li", 1)
        store.save_machine(unit, "newer", engine="llm", fingerprint="g", findings=[LENGTH])
    accepted = store.accept(a, "li", 2)
    assert (accepted.text, accepted.status, accepted.proposal, accepted.warnings) == ("newer", "edited", "", 1)
    rejected = store.reject(b, "li", 2)
    # What was rejected is remembered, so that the same inputs do not propose it again.
    assert (rejected.text, rejected.proposal, rejected.proposal_fingerprint) == ("mine", "", "g")
    for change in (store.accept, store.reject):
        with pytest.raises(ConflictError, match="no proposal"):
            change(b, "li", 3)


def test_a_retranslation_is_proposed_beside_any_text(store, translated):
    (unit,) = translated("a")
    proposed = store.propose(unit, "shorter", engine="llm", fingerprint="s")
    assert (proposed.text, proposed.proposal, proposed.proposal_engine, proposed.revision) == ("a", "shorter", "llm", 1)
    assert store.propose(unit, "a", engine="llm").proposal == ""


def test_many_are_approved_but_none_that_has_something_against_it(store, translated):
    ids = translated(*"abcdef", sources=[*TEXTS, "第五句话", "第六句话"])
    store.set_findings({ids[1]: (1, [LENGTH]), ids[2]: (0, [NUMBER])})
    store.flag(ids[2], "", "li", 1)
    store.edit(ids[3], "changed", "li", 1)
    store.edit(ids[4], "", "li", 1)
    wanted = [(unit, 1) for unit in ids[:4]] + [(ids[4], 2), (ids[5], 1), (999, 1)]
    wanted[2] = (ids[2], 2)
    outcomes = store.approve_many(wanted, "wang")
    assert [each.why for each in outcomes] == ["", "findings", "flagged", "conflict", "no-text", "", "gone"]
    assert [unit.status for unit in store.units("ep", "en")].count("approved") == 2
    assert store.history(ids[0])[-1].kind == "approve"
    assert store.approve_many([(ids[0], 2)], "wang")[0].why == "approved"


def test_what_a_persons_text_depends_on_makes_it_stale_and_says_what_changed(store, translated):
    (unit,) = translated("a")
    store.save_machine(unit, "b", engine="argos", fingerprint="g", inputs={"glossary": "1", "engine": "argos"})
    edited = store.edit(unit, "mine", "li", 2)
    assert not edited.stale
    (stale,) = store.note_inputs({unit: {"glossary": "2", "engine": "argos"}})
    assert {name: (each.before, each.after) for name, each in stale.stale_because.items()} == {"glossary": ("1", "2")}
    assert (stale.stale, stale.text, stale.status) == (True, "mine", "edited")
    assert store.note_inputs({unit: {"glossary": "2", "engine": "argos"}})[0:] == ()
    assert store.history(unit)[-1].kind == "stale"
    approved = store.approve(unit, "wang", stale.revision)
    assert not approved.stale
    (again,) = store.note_inputs({unit: {"glossary": "1", "engine": "argos"}})
    assert again.stale
    assert store.note_inputs({unit: {"glossary": "2", "engine": "argos"}}) == ()
    assert not store.unit(unit).stale


def test_a_corrected_sentence_makes_a_unit_stale_by_its_transcript_until_it_is_put_back(store):
    before, after = "它在2010年由几位研究者开始", "它在2011年由几位研究者开始"
    (unit,) = store.sync("ep", "en", units(before))
    store.edit(unit.id, "It began in 2010.", "li", 0)
    (stale,) = store.sync("ep", "en", units(after))
    assert (stale.stale_because["transcript"].before, stale.stale_because["transcript"].after) == (before, after)
    with pytest.raises(ConflictError):  # Nobody confirms a sentence that they have not seen.
        store.approve(unit.id, "wang", 1)
    (back,) = store.sync("ep", "en", units(before))
    assert (back.stale, back.text) == (False, "It began in 2010.")


def test_peoples_cues_hold_until_the_text_or_the_times_change_and_are_never_lost(store):
    times = [(0, 400), (500, 900)]
    (unit,) = store.sync("ep", "en", units("一"), line_times=times)
    store.save_machine(unit.id, "one two", engine="e", fingerprint="f")
    seen = store.digest("ep", "en")
    cues = (Cue(0, 450, "one"), Cue(500, 1200, "two"))
    placed = store.set_cues(unit.id, cues, "li", 1)
    assert (placed.fixed_cues, placed.status) == (cues, "edited")
    assert store.digest("ep", "en") != seen
    assert store.sync("ep", "en", units("一"), line_times=times)[0].fixed_cues == cues
    (moved,) = store.sync("ep", "en", units("一"), line_times=[(0, 400), (600, 900)])
    assert (moved.fixed_cues, moved.cues, moved.cues_stale) == ((), cues, True)
    (back,) = store.sync("ep", "en", units("一"), line_times=times)
    assert back.fixed_cues == cues
    edited = store.edit(unit.id, "one three", "li", 2)
    assert (edited.fixed_cues, edited.cues) == ((), cues)
    assert store.undo(unit.id, "li", 3).fixed_cues == cues
    assert store.set_cues(unit.id, (), "li", 4).cue_set is None
    assert store.undo(unit.id, "li", 5).fixed_cues == cues


def test_a_text_and_its_cues_are_saved_together(store, translated):
    (unit,) = translated("a")
    cues = [Cue(0, 500, "b\nc"), Cue(500, 900, "d")]
    assert store.edit(unit, "b c d", "li", 1, cues=cues).fixed_cues == tuple(cues)


@pytest.mark.parametrize(
    "cues",
    [
        [Cue(100, 100, "a")],
        [Cue(-5, 100, "a")],
        [Cue(0, 100, " \n")],
        [Cue(0, 100, "a"), Cue(50, 200, "b")],
        [Cue(n, n + 1, "a") for n in range(500)],
    ],
)
def test_cues_that_can_not_be_shown_are_refused(store, translated, cues):
    (unit,) = translated("a")
    with pytest.raises(UsageError, match="Cue"):
        store.set_cues(unit, cues, "li", 1)
    assert store.unit(unit).revision == 1


def test_many_machine_translations_are_stored_at_once(store, translated):
    from pipeline.store import MachineText

    a, b = translated("a", "b")
    store.edit(b, "mine", "li", 1)
    done = store.save_machine_many([MachineText(unit, f"new {unit}", "e", "g", (LENGTH,)) for unit in (b, a, 999)])
    assert [unit.id for unit in done] == [b, a]
    assert (done[0].text, done[0].proposal) == ("mine", f"new {b}")
    assert (done[1].text, done[1].revision, done[1].warnings) == (f"new {a}", 2, 1)
