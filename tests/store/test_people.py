"""Who may review: names, tokens of which only a hash is kept, and tokens that hold no more."""

from __future__ import annotations

import sqlite3

import pytest

from pipeline.errors import UsageError
from pipeline.store import Store


def test_a_person_signs_in_with_name_and_token(store):
    person, token = store.add_person(" 李雷 ")
    assert (person.name, person.active, len(token) >= 43) == ("李雷", True, True)
    assert store.sign_in("李雷", token) == person == store.person_of(token)
    for name, word in (("李雷", token[:-1]), ("李雷", ""), ("韩梅梅", token), ("", token), ("李雷\x00", "\ud800")):
        assert store.sign_in(name, word) is None or name == "李雷\x00"
    assert store.sign_in("李雷\x00", "x") is None
    assert store.person_of("") is None


def test_a_revoked_token_holds_no_more_and_a_new_one_replaces_the_old(store):
    _, old = store.add_person("li")
    _, new = store.renew("LI")
    assert (store.sign_in("li", old), store.sign_in("li", new).name) == (None, "li")
    assert not store.revoke("li").active
    assert (store.sign_in("li", new), store.person_of(new)) == (None, None)
    _, again = store.renew("li")
    assert store.sign_in("li", again).active
    with pytest.raises(UsageError, match="no nobody"):
        store.revoke("nobody")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "a\u202eb", "machine", "Machine:argos", "\x00"])
def test_names_that_could_deceive_are_refused(store, name):
    with pytest.raises(UsageError, match="no name"):
        store.add_person(name)


def test_two_people_can_not_have_names_that_look_alike(store):
    store.add_person("Li")
    for name in ("li", "ＬＩ", "Li "):
        with pytest.raises(UsageError, match="already"):
            store.add_person(name)
    assert [person.name for person in store.people()] == ["Li"]


def test_the_token_is_nowhere_in_the_database(tmp_path):
    with Store.open(tmp_path / "zimu.db") as store:
        _, token = store.add_person("li")
    with sqlite3.connect(tmp_path / "zimu.db") as connection:
        assert token not in "\n".join(connection.iterdump())
