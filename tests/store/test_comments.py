"""Comments and dismissals: who, when, why, and for how long."""

from __future__ import annotations

import pytest

from pipeline.errors import EpisodeError, UsageError
from pipeline.store import ConflictError
from pipeline.track import Finding

NUMBER = Finding("number", "error", "lines 1-2", "100亿", "by value", "Correct it.")
OTHER = Finding("number", "error", "lines 1-2", "5", "by value", "Correct it.")
LENGTH = Finding("length", "warning", "lines 1-2", "90", "84", "Say it shorter.")


def test_comments_are_told_resolved_and_counted(store, translated):
    a, b = translated("a", "b")
    first = store.comment(a, "<b>why?</b>", "李", save_id="x")
    assert store.comment(a, "<b>why?</b>", "李", save_id="x").id == first.id
    store.comment(a, "because", "wang")
    assert [each.text for each in store.comments(a)] == ["<b>why?</b>", "because"]
    assert store.unit(a).open_comments == 2
    done = store.resolve_comment(first.id, "wang")
    assert (done.resolved, done.resolved_by) == (True, "wang")
    assert store.tallies("ep")[0].open_comments == 1
    assert not store.reopen_comment(first.id).resolved
    assert set(store.episode_comments("ep", "en")) == {a}
    assert store.comments(b) == ()
    assert store.unit(a).revision == 1


def test_what_is_nothing_is_not_said(store, translated):
    (unit,) = translated("a")
    with pytest.raises(UsageError):
        store.comment(unit, " ", "li")
    with pytest.raises(EpisodeError, match="no unit"):
        store.comment(999, "a", "li")
    with pytest.raises(EpisodeError, match="no such comment"):
        store.resolve_comment(999, "li")


def test_a_dismissal_holds_until_the_text_changes(store, translated):
    (unit,) = translated("a")
    store.save_machine(unit, "a", engine="e", fingerprint="f", findings=[NUMBER, OTHER, LENGTH])
    assert (store.unit(unit).errors, store.unit(unit).warnings) == (2, 1)
    one = store.dismiss(unit, "number", "it is a name", "li", 2, value="5")
    assert (one.errors, one.warnings, one.revision) == (1, 1, 2)
    assert store.dismiss(unit, "number", "all right", "li", 2).errors == 0
    assert store.tallies("ep")[0].errors == 0
    edited = store.edit(unit, "b", "li", 2, findings=[NUMBER])
    assert edited.errors == 1
    assert [(each.reason, each.void) for each in store.dismissals(unit)] == [
        ("it is a name", True),
        ("all right", True),
    ]
    undone = store.undo(unit, "li", 3)
    assert (undone.errors, undone.warnings) == (0, 1)
    kept = store.episode_dismissals("ep", "en")[unit]
    assert not any(each.void for each in kept)
    assert store.undismiss(kept[1].id).errors == 1


def test_only_what_was_seen_is_dismissed(store, translated):
    (unit,) = translated("a")
    store.edit(unit, "b", "li", 1)
    with pytest.raises(ConflictError):
        store.dismiss(unit, "number", "", "wang", 1)
    with pytest.raises(EpisodeError, match="taken back"):
        store.undismiss(99)
