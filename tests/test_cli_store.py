"""`zimu store`: backup, restore, check, and the people who may review."""

from __future__ import annotations

import sqlite3

import pytest

from pipeline.store import Store
from pipeline.translation.units import Unit


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "zimu.toml").write_text("")
    with Store.open(folder / "zimu.db") as store:
        (unit,) = store.sync("ep", "en", [Unit("u0", 0, 0, "一", 0, 1)])
        store.edit(unit.id, "one", "li", 0)
    return folder


def texts(workspace):
    with Store.open(workspace / "zimu.db") as store:
        return [unit.text for unit in store.units("ep", "en")]


def test_a_backup_is_made_and_restored(zimu, workspace, tmp_path):
    backup = tmp_path / "backup.db"
    assert zimu("store", "backup", backup, "--in", workspace).code == 0
    with Store.open(workspace / "zimu.db") as store:
        store.edit(1, "two", "li", 1)
    refused = zimu("store", "restore", backup, "--in", workspace)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert texts(workspace) == ["two"]
    done = zimu("store", "restore", backup, "--in", workspace, "--force")
    assert (done.code, "before-restore" in done.out) == (0, True)
    assert texts(workspace) == ["one"]


def test_a_check_says_what_is_wrong_and_fails_then(zimu, workspace):
    assert "nothing is wrong" in zimu("store", "check", "--in", workspace).out
    with sqlite3.connect(workspace / "zimu.db") as connection:
        connection.execute("UPDATE units SET revision = 7")
    found = zimu("store", "check", "--in", workspace)
    assert (found.code, "revision 7" in found.out) == (1, True)
    assert zimu("store", "check", "--in", workspace, "--json").json[0]["kind"] == "history"


def test_people_are_let_in_and_out(zimu, workspace):
    token = zimu("store", "add", "李雷", "--in", workspace).out.split()[-1]
    assert [person["name"] for person in zimu("store", "people", "--in", workspace, "--json").json] == ["李雷"]
    with Store.open(workspace / "zimu.db") as store:
        assert store.sign_in("李雷", token)
    new = zimu("store", "renew", "李雷", "--in", workspace).out.split()[-1]
    assert new != token
    assert zimu("store", "revoke", "李雷", "--in", workspace).code == 0
    assert "李雷" in zimu("store", "people", "--in", workspace).out
    assert zimu("store", "revoke", "nobody", "--in", workspace).code == 2


def test_where_there_is_no_database_none_is_made(zimu, tmp_path):
    for command in (["backup", tmp_path / "b"], ["check"], ["people"], ["add", "li"]):
        assert zimu("store", *command, "--in", tmp_path).code == 2
    assert list(tmp_path.iterdir()) == []
