"""Backups can be opened, and restored into either kind of database; nothing is overwritten unasked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pipeline.errors import InputError, UsageError
from pipeline.store import Store, restore
from tests.store.conftest import units

DATA = Path(__file__).parent / "data"


def everything(store):
    from pipeline.store import tables

    with store.connection() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(table.select()))
            for table in tables.metadata.sorted_tables
        }


@pytest.fixture
def filled(store, translated):
    a, b = translated("a", "b")
    store.edit(a, "A", "li", 1, save_id="x")
    store.comment(b, "🀄?", "李")
    store.dismiss(b, "rule", "so", "li", 1)
    store.pin("ep", ["一", "二"], 0, 1, 2, "li")
    store.add_person("li")
    return store


def test_a_backup_has_everything_and_is_a_database_itself(filled, tmp_path):
    filled.backup(tmp_path / "backup.db")
    with Store.open(tmp_path / "backup.db") as copy:
        assert everything(copy) == everything(filled)
        assert copy.check() == ()


def test_a_backup_restores_into_either_kind_and_work_goes_on(filled, tmp_path, another_postgresql_url):
    filled.backup(tmp_path / "backup.db")
    for target in (tmp_path / "new.db", another_postgresql_url):
        assert restore(target, tmp_path / "backup.db", force=False) is None
        with Store.open(target) as store:
            assert everything(store) == everything(filled)
            (unit, _) = store.units("ep", "en")
            store.edit(unit.id, "on", "li", unit.revision)
            store.sync("new", "en", units("一"))
            store.comment(unit.id, "more", "li")
            store.add_person("wang")
            assert store.check() == ()


def test_what_is_there_is_overwritten_only_by_force_and_kept_beside(filled, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    backup = tmp_path / "backup.db"
    filled.backup(backup)
    unit = filled.units("ep", "en")[0]
    filled.edit(unit.id, "later", "li", unit.revision)
    later = everything(filled)
    with pytest.raises(UsageError, match="something in it"):
        restore(url, backup, force=False)
    assert everything(filled) == later
    before = restore(url, backup, force=True)
    assert filled.unit(unit.id).text == "A"
    with Store.open(before) as kept:
        assert everything(kept) == later


def test_a_backup_of_an_older_zimu_is_upgraded_on_the_way(store, url):
    restore(url, DATA / "schema1.db", force=False)
    assert [each.text for each in store.units("season 1/第二集", "en")] == ["Hello."]


def test_a_damaged_database_is_moved_aside(tmp_path):
    target, backup = tmp_path / "zimu.db", tmp_path / "backup.db"
    with Store.open(target) as store:
        store.sync("ep", "en", units(*[f"句子{n}" * 50 for n in range(200)]))
        store.backup(backup)
    content = bytearray(target.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    target.write_bytes(content)
    with pytest.raises(UsageError, match="damaged"):
        restore(target, backup, force=False)
    aside = restore(target, backup, force=True)
    assert aside.read_bytes() == bytes(content)
    with Store.open(target) as store:
        assert len(store.units("ep", "en")) == 200


def test_what_is_no_backup_is_refused_and_changes_nothing(filled, url, tmp_path):
    state = everything(filled)
    text, other = tmp_path / "text.db", tmp_path / "other.db"
    text.write_text("no database")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE zimu_meta (x)")
    for file in (text, other, tmp_path / "none.db"):
        with pytest.raises(InputError):
            restore(url, file, force=True)
    newer = tmp_path / "newer.db"
    filled.backup(newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE zimu_meta SET value = '99'")
    with pytest.raises(UsageError, match="newer Zimu"):
        restore(url, newer, force=True)
    assert everything(filled) == state


def test_a_database_is_not_restored_from_or_backed_up_to_itself(tmp_path):
    path = tmp_path / "zimu.db"
    with Store.open(path) as store:
        store.sync("ep", "en", units("一"))
        with pytest.raises(UsageError, match="itself"):
            store.backup(path)
        with pytest.raises(UsageError, match="itself"):
            restore(path, path, force=True)
        assert len(store.units("ep", "en")) == 1
