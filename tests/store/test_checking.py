"""What `zimu store check` finds."""

from __future__ import annotations

import pytest


def execute(store, statement):
    with store.connection(write=True) as connection:
        connection.exec_driver_sql(statement)


def kinds(store):
    return [(problem.kind, problem.where) for problem in store.check()]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM revisions WHERE revision = 1", "history"),
        ("UPDATE units SET text = 'other'", "history"),
        ("UPDATE units SET findings = 'nonsense'", "contents"),
        ("UPDATE units SET status = 'new'", "history"),
        ("UPDATE tallies SET edited = 7", "numbers"),
        ("DELETE FROM tallies", "numbers"),
        ("DELETE FROM video_text_revisions WHERE revision = 1", "history"),
        ("UPDATE video_texts SET text = 'other'", "history"),
    ],
)
def test_work_that_does_not_fit_together_is_found(store, translated, statement, kind):
    (unit,) = translated("a")
    store.edit(unit, "b", "li", 1)
    for text in ("A title", "The title"):
        store.save_text("ep", "en", "title", source="题", text=text, who="li", approved=True)
    assert store.check() == ()
    execute(store, statement)
    assert kind in [found for found, _ in kinds(store)]


def test_rows_that_belong_to_nothing_are_found(tmp_path):
    import sqlite3

    from pipeline.store import Store
    from tests.store.conftest import units

    path = tmp_path / "zimu.db"
    with Store.open(path) as store:
        store.sync("ep", "en", units("一"))
        with sqlite3.connect(path) as other:
            other.execute("INSERT INTO comments (unit_id) VALUES (99)")
        assert {kind for kind, _ in kinds(store)} == {"reference", "orphan"}
