"""What people say about lines stays with the line, whatever comes, goes or moves around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.store import ConflictError
from pipeline.store.lines import find_lines, key_of

LINES = ["大家好", "今天讲芯片", "谢谢", "芯片很贵", "谢谢", "再见"]


def test_a_pinned_time_stays_with_its_line(store):
    store.pin("ep", LINES, 3, 5000, 6000, "li")
    for changed in (["新的", *LINES], LINES[2:], [*reversed(LINES)], [*LINES[:3], "芯片很贵", "新的"]):
        (pin,) = store.pins("ep", changed)
        assert (changed[pin.index], pin.start_ms, pin.end_ms, pin.who) == ("芯片很贵", 5000, 6000, "li")


def test_of_equal_lines_the_one_with_the_same_neighbours_is_it(store):
    store.pin("ep", LINES, 4, 1, 2, "li")
    assert store.pins("ep", LINES)[0].index == 4
    assert store.pins("ep", ["新的", *LINES])[0].index == 5
    assert store.pins("ep", [*LINES[3:], *LINES[:3]])[0].index == 1


def test_a_line_that_was_corrected_between_the_same_neighbours_is_followed(store):
    store.pin("ep", LINES, 3, 1, 2, "li")
    assert store.pins("ep", [*LINES[:3], "芯片非常贵", *LINES[4:]])[0].index == 3
    (gone,) = store.pins("ep", [*LINES[:3], "完全不同的话", *LINES[4:]])
    assert (gone.index, gone.text) == (None, "芯片很贵")
    assert store.pins("ep", LINES)[0].index == 3


def test_a_correction_through_the_store_takes_pins_and_borders_along_however_different(store):
    store.pin("ep", LINES, 3, 1, 2, "li")
    store.set_border("ep", LINES, 3, True, "li")
    edit = store.edit_line("ep", LINES, 3, "完全不同的话", "wang")
    assert (edit.old, edit.new, edit.who) == ("芯片很贵", "完全不同的话", "wang")
    changed = [*LINES[:3], "完全不同的话", *LINES[4:]]
    assert store.pins("ep", changed)[0].index == 3
    assert store.borders("ep", changed, "en") == {3: True}
    store.insert_line("ep", changed, 1, "多一行", "wang")
    more = [changed[0], "多一行", *changed[1:]]
    assert store.pins("ep", more)[0].index == 4
    store.edit_line("ep", more, 0, "", "li")
    assert store.pins("ep", more[1:])[0].index == 3
    assert [(each.index, each.old, each.new) for each in store.line_edits("ep")] == [
        (3, "芯片很贵", "完全不同的话"), (1, "", "多一行"), (0, "大家好", ""),
    ]  # fmt: skip


def test_two_who_pin_one_line_do_not_overwrite_each_other(store):
    first = store.pin("ep", LINES, 0, 1, 2, "li")
    with pytest.raises(ConflictError):
        store.pin("ep", LINES, 0, 3, 4, "wang")
    second = store.pin("ep", LINES, 0, 3, 4, "wang", expected_revision=first.revision)
    assert (second.id, second.revision) == (first.id, 2)
    with pytest.raises(ConflictError):
        store.unpin(first.id, 1)
    store.unpin(first.id, 2)
    assert store.pins("ep", LINES) == ()


def test_wrong_times_and_places_are_refused(store):
    for wrong in ((0, 5, 5), (0, -1, 5), (99, 1, 2)):
        with pytest.raises(UsageError):
            store.pin("ep", LINES, *wrong, "li")
    with pytest.raises(UsageError):
        store.set_border("ep", LINES, 5, True, "li")
    with pytest.raises(UsageError):
        store.insert_line("ep", LINES, 2, " ", "li")


def test_a_languages_own_border_comes_before_everybodys(store):
    store.set_border("ep", LINES, 1, True, "li")
    own = store.set_border("ep", LINES, 1, False, "li", language="ja")
    assert (store.borders("ep", LINES, "en"), store.borders("ep", LINES, "ja")) == ({1: True}, {1: False})
    store.set_border("ep", LINES, 1, False, "wang")
    assert len(store.all_borders("ep", LINES)) == 2
    store.remove_border(own.id)
    assert store.borders("ep", LINES, "ja") == {1: False}


def test_lines_that_belong_together_do_so_only_while_they_follow_one_another(store):
    store.set_border("ep", LINES, 0, False, "li")
    assert store.borders("ep", ["大家好", "新的", *LINES[1:]], "en") == {}
    assert store.borders("ep", ["新的", *LINES], "en") == {1: False}


@given(st.lists(st.text("甲乙丙丁", min_size=1, max_size=2), min_size=1, max_size=12), st.data())
def test_lines_are_found_where_they_are_and_no_line_twice(lines, data):
    keys = [key_of(lines, index) for index in range(len(lines))]
    assert find_lines(keys, lines) == list(range(len(lines)))
    kept = data.draw(st.lists(st.sampled_from(range(len(lines))), unique=True))
    found = [place for place in find_lines(keys, [lines[index] for index in kept]) if place is not None]
    assert len(found) == len(set(found))


@given(st.lists(st.sampled_from([f"句子{n}" for n in range(20)]), unique=True, min_size=1), st.randoms())
def test_lines_that_differ_are_found_in_any_order(lines, random):
    shuffled = [*lines, "新的一行"]
    random.shuffle(shuffled)
    places = find_lines([key_of(lines, index) for index in range(len(lines))], shuffled)
    assert [shuffled[place] for place in places] == lines
