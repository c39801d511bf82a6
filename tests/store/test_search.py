"""Search and replace: what is previewed is what happens, unit by unit."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.store import Search


def found(store, needle, **how):
    return [hit.unit.text for hit in store.search(Search(needle, **how))]


def test_words_are_found_whatever_their_case_unless_it_matters(store, translated):
    translated("The Chip", "the chips", "Microchip", "no")
    assert found(store, "chip") == ["The Chip", "the chips", "Microchip"]
    assert found(store, "chip", whole_word=True) == ["The Chip"]
    assert found(store, "Chip", match_case=True) == ["The Chip"]
    (hit,) = store.search(Search("CHIP", whole_word=True))
    assert (hit.text_spans, hit.source_spans, hit.title) == (((4, 8),), (), "标题")


@pytest.mark.parametrize("text", ["100%", "a_b", "C:\\x", "[a-z]+", "Straße", "ÉCOLE", "'; --", "İstanbul", "\u212bx"])
def test_every_character_means_itself(store, translated, text):
    translated(f"before {text} after", "other 1000 axb C:x")
    assert len(found(store, text)) == 1
    assert len(found(store, text.lower())) == 1 or text == "İstanbul"


def test_sentences_are_searched_too_in_one_episode_or_all(store, translated):
    translated("one", "two")
    translated("three", episode="other", language="ja")
    assert found(store, "大家", where="source") == ["one", "three"]
    assert found(store, "大家", where="both", episode="other") == ["three"]
    assert found(store, "大家", where="source", language="en") == ["one"]
    assert found(store, "大家") == []
    assert found(store, "节目", where="source", whole_word=True) == ["one", "three"]
    assert found(store, "大家", where="source", limit=1) == ["one"]
    with pytest.raises(UsageError):
        found(store, "")


def test_a_replacement_is_seen_before_it_is_made_and_refused_unit_by_unit(store, translated):
    a, b, c = translated("a chip, a chip", "Chip", "chip here")
    preview = store.preview_replace(Search("chip"), r"die \1")
    assert [(each.before, each.after) for each in preview] == [
        ("a chip, a chip", r"a die \1, a die \1"),
        ("Chip", r"die \1"),
        ("chip here", r"die \1 here"),
    ]
    assert store.unit(a).text == "a chip, a chip"
    store.edit(b, "Chips", "wang", 1)
    store.approve(c, "wang", 1)
    again = [*preview[:2], *store.preview_replace(Search("chip here"), "die here")]
    outcomes = store.apply_replace(again, "li")
    assert [(each.id, each.why) for each in outcomes] == [(a, ""), (b, "conflict"), (c, "")]
    assert [unit.text for unit in store.units("ep", "en")] == [r"a die \1, a die \1", "Chips", "die here"]
    assert store.unit(c).status == "edited"
    assert store.history(a)[-1].kind == "replace"
    assert store.undo(a, "li", 2).text == "a chip, a chip"
