"""Units that people split and merge, and the borders that are remembered of it."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.store import ConflictError
from pipeline.track import Cue
from pipeline.translation.units import Unit
from tests.store.conftest import units

LINES = ["可是太复杂", "于是他们", "自己写了", "一套架构", "我们下期", "再见"]
TIMES = [(1000 * n, 1000 * n + 900) for n in range(6)]


def unit(first, last):
    return Unit(f"u{first}", first, last, "，".join(LINES[first : last + 1]), TIMES[first][0], TIMES[last][1])


@pytest.fixture
def two(store):
    stored = store.sync("ep", "en", [unit(0, 3), unit(4, 5)], line_times=TIMES)
    store.save_machine(stored[0].id, "Too complex, so they wrote one.", engine="e", fingerprint="f")
    store.save_machine(stored[1].id, "See you.", engine="e", fingerprint="f")
    return [each.id for each in stored]


def test_a_split_gives_each_part_its_text_and_is_remembered(store, two):
    parts = [(unit(0, 0), "Too complex."), (unit(1, 3), "They wrote one.")]
    first, second = store.split(two[0], parts, "li", 1, lines=LINES)
    assert (first.id, first.text, first.status, first.last) == (two[0], "Too complex.", "edited", 0)
    assert (second.text, second.first, second.last, second.created_by) == ("They wrote one.", 1, 3, "li")
    assert [each.kind for each in store.history(first.id)] == ["machine", "split"]
    assert store.borders("ep", LINES, "en") == {0: True}
    assert store.borders("ep", LINES, "ja") == {}
    # The next run groups so too: nothing is lost by it.
    after = store.sync("ep", "en", [unit(0, 0), unit(1, 3), unit(4, 5)], line_times=TIMES)
    assert [(each.text, each.stale) for each in after] == [
        ("Too complex.", False), ("They wrote one.", False), ("See you.", False),
    ]  # fmt: skip
    assert store.check() == ()


def test_cues_of_a_part_last_beyond_the_next_run(store, two):
    first, _ = store.split(two[0], [(unit(0, 1), "A."), (unit(2, 3), "B.")], "li", 1, lines=LINES)
    store.set_cues(first.id, [Cue(0, 900, "A.")], "li", first.revision)
    after = store.sync("ep", "en", [unit(0, 1), unit(2, 3), unit(4, 5)], line_times=TIMES)
    assert after[0].fixed_cues == (Cue(0, 900, "A."),)


def test_a_part_without_a_text_waits_for_the_machine(store, two):
    _, second = store.split(two[0], [(unit(0, 1), "A."), (unit(2, 3), "")], "li", 1, lines=LINES)
    assert (second.status, second.text) == ("new", "")
    assert store.save_machine(second.id, "B.", engine="e", fingerprint="f").text == "B."


def test_a_merge_keeps_comments_and_history_and_is_taken_back_by_a_split(store, two):
    store.comment(two[1], "bye?", "wang")
    merged = store.merge(
        [(two[0], 1), (two[1], 1)], unit(0, 5), "All in one.", "li", everywhere=True, lines=LINES
    )  # fmt: skip
    assert (merged.id, merged.text, merged.last, merged.open_comments) == (two[0], "All in one.", 5, 1)
    assert [each.id for each in store.units("ep", "en")] == [two[0]]
    assert store.borders("ep", LINES, "ja") == dict.fromkeys(range(5), False)
    assert store.check() == ()
    parts = [(unit(0, 3), "First."), (unit(4, 5), "Second.")]
    back = store.split(two[0], parts, "li", merged.revision, everywhere=True, lines=LINES)
    assert [each.id for each in back] == two
    assert store.borders("ep", LINES, "en")[3] is True
    assert store.can_undo(two[0]) == (False, False)


def test_what_changed_meanwhile_is_not_split_or_merged(store, two):
    store.edit(two[0], "mine", "wang", 1)
    with pytest.raises(ConflictError):
        store.split(two[0], [(unit(0, 0), "A"), (unit(1, 3), "B")], "li", 1, lines=LINES)
    with pytest.raises(ConflictError):
        store.merge([(two[0], 1), (two[1], 1)], unit(0, 5), "x", "li", lines=LINES)
    assert store.all_borders("ep", LINES) == ()


def test_parts_must_be_those_of_the_unit(store, two):
    for parts in ([(unit(0, 3), "A")], [(unit(0, 1), "A"), (unit(1, 3), "B")], [(unit(0, 1), "A"), (unit(2, 4), "B")]):
        with pytest.raises(UsageError, match="can't be split"):
            store.split(two[0], parts, "li", 1, lines=LINES)
    others = store.sync("ep", "ja", units("一"))
    for found in ([(two[0], 1)], [(two[1], 1), (two[0], 1)], [(two[0], 1), (others[0].id, 0)], []):
        with pytest.raises(UsageError, match="can't be merged"):
            store.merge(found, unit(0, 5), "x", "li", lines=LINES)
