"""A database of an older Zimu becomes one of this, with all its work; what it was is kept beside it."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.errors import UsageError
from pipeline.store import SCHEMA_VERSION, Store, migrate, tables
from pipeline.translation.memory_store import load_memory

FIRST = Path(__file__).parent / "data" / "schema1.db"


@pytest.fixture
def old(tmp_path):
    return Path(shutil.copy(FIRST, tmp_path / "zimu.db"))


def test_the_migrations_make_the_tables_that_the_code_knows(store):
    with store.connection() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "zimu_migration"})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == f"{SCHEMA_VERSION:04}"
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head() == f"{SCHEMA_VERSION:04}"


def test_all_work_of_the_first_schema_is_kept(old):
    with sqlite3.connect(old) as connection:
        texts = connection.execute(
            "SELECT id, text, status, revision, stale, proposal FROM units ORDER BY id"
        ).fetchall()
        history = connection.execute("SELECT unit_id, revision, text, who, at FROM revisions ORDER BY id").fetchall()
    with Store.open(old) as store:
        assert store.check() == ()
        found = store.units_by_id([row[0] for row in texts])
        assert [(u.id, u.text, u.status, u.revision, u.stale, u.proposal) for u in found] == texts
        told = [(u.id, r.revision, r.text, r.who, r.at) for u in found for r in store.history(u.id)]
        assert sorted(told) == sorted(history)
        hello, stale, *_ = store.units("riscv", "en")
        assert (hello.approved_by, hello.created_by, hello.changed_by) == ("wang", "machine:argos", "wang")
        assert [each.kind for each in store.history(hello.id)] == ["machine", "edit", "approve"]
        assert "2010" in stale.stale_because["transcript"].before
        assert [unit.source for unit in store.detached("riscv", "en")] == ["可是太复杂于是他们自己写了一套"]
        assert [(tally.path, tally.language, tally.errors) for tally in store.overview()] == [
            ("riscv", "en", 1), ("riscv", "ja", 0), ("season 1/第二集", "en", 0),
        ]  # fmt: skip
        memory = load_memory(store, source="zh-Hans", target="en")
        assert memory.exact("大家好，欢迎来到今天的节目", after=stale.source).entry.who == "wang"
        assert memory.exact("你好").entry.origin == "a.tmx"
        assert store.undo(hello.id, "li", 3).status == "edited"


def test_what_it_was_is_kept_beside_it_and_no_earlier_copy_overwritten(old):
    before = old.with_name("zimu.db.schema-1.bak")
    before.write_text("an earlier one")
    Store.open(old).close()
    assert before.read_text() == "an earlier one"
    (copy,) = old.parent.glob("zimu.db.schema-1.2*.bak")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT value FROM zimu_meta").fetchall() == [("1",)]
        assert connection.execute("SELECT count(*) FROM units").fetchone() == (9,)
    Store.open(old).close()
    assert len(list(old.parent.glob("*.bak"))) == 2


def test_a_migration_that_fails_leaves_the_database_as_it_was(old, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("a full disk")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", fail)
        with pytest.raises(RuntimeError):
            Store.open(old)
    with sqlite3.connect(old) as connection:
        assert connection.execute("SELECT value FROM zimu_meta").fetchall() == [("1",)]
        assert "path" not in [row[1] for row in connection.execute("PRAGMA table_info(episodes)")]
    with Store.open(old) as store:
        assert store.check() == ()


def test_many_who_open_an_old_database_at_once_upgrade_it_once(old):
    with ThreadPoolExecutor(6) as pool:
        for store in pool.map(Store.open, [old] * 6):
            store.close()
    assert len(list(old.parent.glob("*.bak"))) == 1


def test_a_database_of_a_newer_zimu_is_refused_and_left_alone(store, url):
    with store.connection(write=True) as connection:
        connection.execute(tables.meta.update().values(value=str(SCHEMA_VERSION + 1)))
    with pytest.raises(UsageError, match="newer Zimu"):
        Store.open(url)


def test_a_folder_with_a_percent_sign_is_a_folder(tmp_path):
    (tmp_path / "100%s").mkdir()
    Store.open(tmp_path / "100%s" / "zimu.db").close()


def test_titles_of_the_fourth_schema_become_the_first_revision_of_each(url):
    with Store.open(url) as store:
        store.sync("ep", "en", [], title="标题")
        store.save_machine_text("ep", "ja", "title", source="题", text="題", engine="argos")
        store.save_text("ep", "en", "title", source="题", text="Title", who="li", approved=True)
        with store.connection(write=True) as connection:
            for statement in (
                "DROP TABLE video_text_revisions", "ALTER TABLE video_texts DROP COLUMN revision",
                "UPDATE zimu_meta SET value = '4' WHERE key = 'schema'",
                "UPDATE zimu_migration SET version_num = '0004'",
            ):  # fmt: skip
                connection.exec_driver_sql(statement)
    with Store.open(url) as store:
        assert [(each.text, each.status, each.revision) for each in store.video_texts("ep")] == [
            ("Title", "approved", 1), ("題", "machine", 1),
        ]  # fmt: skip
        assert [(each.kind, each.text, each.who) for each in store.text_history("ep", "en", "title")] == [
            ("approve", "Title", "li")
        ]
        saved = store.save_text("ep", "en", "title", source="题", text="A title", who="li", approved=False)
        assert saved.revision == 2
