"""What machines wrote beside what people made of it."""

from __future__ import annotations

from tests.store.conftest import TEXTS, units


def test_a_persons_text_stands_beside_the_machines_last_one(store, translated) -> None:
    edited, approved, untouched = translated("Hello there", "It began in 2010", "Too complex")
    unit = store.unit(edited)
    store.edit(edited, "Hello everyone", "li", unit.revision)
    store.approve(approved, "wang", store.unit(approved).revision)
    found = store.corrections()
    assert [(each.unit, each.machine, each.person, each.status) for each in found] == [
        (edited, "Hello there", "Hello everyone", "edited"),
        (approved, "It began in 2010", "It began in 2010", "approved"),
    ]
    assert {each.engine for each in found} == {"argos"}
    assert (found[0].language, found[0].source, found[0].who) == ("en", TEXTS[0], "li")
    assert untouched not in [each.unit for each in found]


def test_later_edits_do_not_hide_the_machines_text_and_a_second_translation_does(store, translated) -> None:
    (one,) = translated("First")
    store.save_machine(one, "Second", engine="server", fingerprint="g")
    for text in ("A", "B"):
        store.edit(one, text, "li", store.unit(one).revision)
    (found,) = store.corrections()
    assert (found.machine, found.engine, found.person) == ("Second", "server", "B")


def test_what_no_machine_wrote_or_people_regrouped_is_left_out(store, translated) -> None:
    one, two = translated("Hello there", "It began in 2010")
    own = store.sync("other", "en", units(TEXTS[2]), title="t")[0]
    store.edit(own.id, "By hand", "li", own.revision)
    lines = [f"line {number}" for number in range(4)]
    seen = [(each, store.unit(each).revision) for each in (one, two)]
    merged = units("both")[0]
    whole = type(merged)("u0", 0, 3, "both", 0, 1900)
    store.merge(seen, whole, "Both.", "li", lines=lines)
    assert store.corrections() == ()


def test_an_episode_is_told_alone(store, translated) -> None:
    (one,) = translated("Hello", episode="a")
    (other,) = translated("Hello", episode="b")
    for each in (one, other):
        store.approve(each, "li", store.unit(each).revision)
    assert [each.unit for each in store.corrections("b")] == [other]
    assert len(store.corrections()) == 2
