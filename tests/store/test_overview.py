"""The numbers of the workspace's page are those of the units, whatever was done to them."""

from __future__ import annotations

import random
import threading
from contextlib import suppress

from pipeline.store import ConflictError
from pipeline.track import Finding
from tests.store.conftest import TEXTS, units

NUMBER = Finding("number", "error", "lines 1-2", "100亿", "by value", "Correct it.")


def test_episodes_are_counted_by_language(store, translated):
    a, b, _ = translated("a", "b", "c")
    translated("x", language="ja")
    translated("y", episode="another")
    store.sync("empty", "en", [])
    store.approve(a, "li", 1)
    store.edit(b, "B", "li", 1, findings=[NUMBER])
    store.flag(b, "?", "li", 2)
    store.comment(b, "hm", "li")
    store.save_machine(b, "other", engine="e", fingerprint="g")
    told = store.overview()
    assert [(each.path, each.language, each.units) for each in told] == [
        ("another", "en", 1), ("ep", "en", 3), ("ep", "ja", 1),
    ]  # fmt: skip
    row = told[1]
    assert (row.new, row.machine, row.edited, row.approved, row.stale, row.flagged) == (0, 1, 1, 1, 0, 1)
    assert (row.errors, row.warnings, row.open_comments, row.proposals) == (1, 0, 1, 1)
    assert row.updated_at == max(unit.updated_at for unit in store.units("ep", "en"))
    assert store.tallies("ep") == told[1:]


def test_detached_units_do_not_count(store, translated):
    translated("a", "b")
    store.sync("ep", "en", units(TEXTS[0]))
    assert store.tallies("ep")[0].units == 1
    store.sync("ep", "en", [])
    assert store.tallies("ep") == ()
    assert store.check() == ()


def test_the_pulse_beats_with_every_change_and_only_then(store, translated):
    (unit,) = translated("a")
    translated("b", episode="other")
    lines = ["一", "二"]
    beats = [store.pulse("ep")]
    for change in (
        lambda: store.edit(unit, "b", "li", 1),
        lambda: store.comment(unit, "hm", "li"),
        lambda: store.dismiss(unit, "rule", "", "li", 2),
        lambda: store.propose(unit, "c", engine="e"),
        lambda: store.pin("ep", lines, 0, 1, 2, "li"),
        lambda: store.set_border("ep", lines, 0, True, "li"),
        lambda: store.edit_line("ep", lines, 0, "三", "li"),
        lambda: store.set_findings({unit: (2, [NUMBER])}),
    ):
        change()
        beats.append(store.pulse("ep"))
    assert len(set(beats)) == len(beats)
    other, everything = store.pulse("other"), store.pulse()
    store.units("ep", "en"), store.overview(), store.history(unit)
    assert (store.pulse("ep"), store.pulse("other"), store.pulse()) == (beats[-1], other, everything)


def test_the_numbers_stay_true_through_any_changes(store, translated):
    """A change moves the numbers by its difference: `check` counts them from the units."""
    chance = random.Random(7)
    ids = translated("a", "b", "c")
    found = ((), (NUMBER,))
    actions = (
        lambda unit: store.edit(unit.id, chance.choice("xyz"), "li", unit.revision, findings=chance.choice(found)),
        lambda unit: store.approve(unit.id, "li", unit.revision),
        lambda unit: store.reopen(unit.id, "li", unit.revision),
        lambda unit: store.flag(unit.id, "?", "li", unit.revision),
        lambda unit: store.unflag(unit.id, "li", unit.revision),
        lambda unit: store.accept(unit.id, "li", unit.revision),
        lambda unit: store.reject(unit.id, "li", unit.revision),
        lambda unit: store.undo(unit.id, "li", unit.revision),
        lambda unit: store.redo(unit.id, "li", unit.revision),
        lambda unit: store.propose(unit.id, chance.choice("pq"), engine="e"),
        lambda unit: store.dismiss(unit.id, NUMBER.rule, "", "li", unit.revision),
        lambda unit: store.sync("ep", "en", units(*TEXTS[: chance.choice([2, 3])])),
    )  # fmt: skip
    for _ in range(60):
        with suppress(ConflictError):
            chance.choice(actions)(store.unit(chance.choice(ids)))
    assert store.check() == ()


def test_what_is_read_together_is_of_one_moment(store, translated):
    (unit,) = translated("before")
    with store.reading():
        assert store.unit(unit).text == "before"
        writer = threading.Thread(target=store.edit, args=(unit, "after", "li", 1))
        writer.start()
        writer.join()
        if store.is_sqlite:  # PostgreSQL shows each question what is committed by then
            assert store.unit(unit).text == "before"
    assert store.unit(unit).text == "after"
