"""The database: people's work is never overwritten, nothing committed is lost, and history only grows."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError, UsageError, ZimuError
from pipeline.store import SCHEMA_VERSION, ConflictError, Store
from pipeline.track import Finding
from pipeline.translation.units import Unit
from tests.store.conftest import units


def machine(store, unit, text="text", fingerprint="f", engine="argos", findings=()):
    return store.save_machine(unit.id, text, engine=engine, fingerprint=fingerprint, findings=findings)


def test_a_machine_translation_comes_back_as_it_was_stored(store):
    unit, _ = store.sync("ep", "en", units("一", "二"), title="标题")
    finding = Finding("number", "error", "lines 1-2", "100亿", "by value", "Correct it.")
    machine(store, unit, "one", findings=[finding])
    first, second = store.units("ep", "en")
    assert (first.first, first.last, first.source, first.text, first.status) == (0, 1, "一", "one", "machine")
    assert (first.engine, first.fingerprint, first.findings, first.revision) == ("argos", "f", (finding,), 1)
    assert (second.status, second.text, second.revision) == ("new", "", 0)
    assert store.languages("ep") == ("en",)


def test_languages_and_episodes_do_not_mix(store):
    store.sync("a", "en", units("一"))
    (japanese,) = store.sync("a", "ja", units("一"))
    machine(store, japanese, "いち")
    assert [unit.text for unit in store.units("a", "en")] == [""]
    assert store.units("b", "en") == ()


def test_what_a_person_edited_is_never_overwritten_and_the_machine_proposes_beside(store):
    (unit,) = store.sync("ep", "en", units("一"))
    machine(store, unit, "machine's")
    edited = store.edit(unit.id, "Li's", "li", expected_revision=1)
    after = machine(store, unit, "machine's again", fingerprint="g")
    assert (after.text, after.status, after.revision) == ("Li's", "edited", edited.revision)
    assert (after.proposal, after.proposal_fingerprint) == ("machine's again", "g")
    approved = store.approve(unit.id, "wang", after.revision)
    assert machine(store, unit, "and again").text == approved.text == "Li's"
    assert store.units("ep", "en")[0].status == "approved"


def test_history_holds_every_text_with_who_and_when(store):
    (unit,) = store.sync("ep", "en", units("一"))
    machine(store, unit, "a")
    machine(store, unit, "b", engine="embedded")
    store.edit(unit.id, "c", "li", 2)
    store.approve(unit.id, "wang", 3)
    history = store.history(unit.id)
    assert [(r.revision, r.text, r.status, r.who) for r in history] == [
        (1, "a", "machine", "machine:argos"),
        (2, "b", "machine", "machine:embedded"),
        (3, "c", "edited", "li"),
        (4, "c", "approved", "wang"),
    ]
    assert [r.at for r in history] == sorted(r.at for r in history)


def test_an_edit_of_a_unit_that_changed_meanwhile_is_refused_and_changes_nothing(store):
    (unit,) = store.sync("ep", "en", units("一"))
    store.edit(unit.id, "first", "li", 0)
    with pytest.raises(ConflictError, match="in the meantime"):
        store.edit(unit.id, "second", "wang", 0)
    assert store.units("ep", "en")[0].text == "first"
    assert len(store.history(unit.id)) == 1


def test_a_unit_without_text_can_not_be_approved(store):
    (unit,) = store.sync("ep", "en", units("一"))
    with pytest.raises(ConflictError, match="without a translation"):
        store.approve(unit.id, "li", 0)
    with pytest.raises(EpisodeError, match="no unit 99"):
        store.approve(99, "li", 0)


def test_a_sentence_that_moved_keeps_its_translation_whoever_wrote_it(store):
    a, b = store.sync("ep", "en", units("一", "二"))
    machine(store, a, "one")
    store.edit(b.id, "two", "li", 0)
    store.sync("ep", "en", units("新的一句", "一", "二"))
    now = store.units("ep", "en")
    assert [(unit.first, unit.source, unit.text, unit.status, unit.stale) for unit in now] == [
        (0, "新的一句", "", "new", False),
        (2, "一", "one", "machine", False),
        (4, "二", "two", "edited", False),
    ]
    assert [unit.id for unit in now][1:] == [a.id, b.id]


def test_an_edited_sentence_that_its_author_corrected_goes_on_as_stale(store):
    (unit,) = store.sync("ep", "en", units("它在2010年由几位研究者开始"))
    store.edit(unit.id, "It began in 2010.", "li", 0)
    (after,) = store.sync("ep", "en", units("它在2011年由几位研究者开始"))
    assert (after.id, after.text, after.status, after.stale) == (unit.id, "It began in 2010.", "edited", True)
    assert not store.edit(unit.id, "It began in 2011.", "li", after.revision).stale


def test_a_machine_translation_of_a_corrected_sentence_is_shown_as_stale_until_it_is_replaced(store):
    (unit,) = store.sync("ep", "en", units("它在2010年由几位研究者开始"))
    machine(store, unit, "It began in 2010.")
    (after,) = store.sync("ep", "en", units("它在2011年由几位研究者开始"))
    assert (after.id, after.text, after.status, after.stale) == (unit.id, "It began in 2010.", "machine", True)
    assert store.approve_many([(after.id, after.revision)], "li")[0].why == "stale"
    newer = machine(store, after, "It began in 2011.", fingerprint="g")
    assert (newer.text, newer.status, newer.stale) == ("It began in 2011.", "machine", False)


def test_a_machine_translation_does_not_go_on_as_that_of_another_sentence(store):
    (unit,) = store.sync("ep", "en", units("它在2010年由几位研究者开始"))
    machine(store, unit, "It began in 2010.")
    (after,) = store.sync("ep", "en", units("大家好，欢迎收看"))
    assert (after.text, after.status, after.stale) == ("", "new", False)


def test_peoples_work_survives_a_regrouping_and_comes_back_with_its_sentence(store):
    (unit,) = store.sync("ep", "en", units("可是太复杂于是他们自己写了一套"))
    store.edit(unit.id, "So they wrote one.", "li", 0)
    store.sync("ep", "en", units("完全不同的另一句话", "还有一句"))
    assert [unit.text for unit in store.units("ep", "en")] == ["", ""]
    (kept,) = store.detached("ep", "en")
    assert (kept.text, kept.attached) == ("So they wrote one.", False)
    (back,) = store.sync("ep", "en", units("可是太复杂于是他们自己写了一套"))
    assert (back.id, back.text, back.status, back.stale) == (unit.id, "So they wrote one.", "edited", False)
    assert store.detached("ep", "en") == ()


def test_of_two_equal_sentences_each_keeps_its_own_translation(store):
    a, b = store.sync("ep", "en", units("谢谢", "谢谢"))
    store.edit(a.id, "Thanks.", "li", 0)
    store.edit(b.id, "Thank you.", "li", 0)
    store.sync("ep", "en", units("谢谢", "谢谢"))
    assert [unit.text for unit in store.units("ep", "en")] == ["Thanks.", "Thank you."]
    store.sync("ep", "en", units("谢谢", first=2))
    assert [unit.text for unit in store.units("ep", "en")] == ["Thank you."]


def test_syncing_the_same_units_changes_nothing(store):
    (unit,) = store.sync("ep", "en", units("一"))
    machine(store, unit, "one")
    before = store.units("ep", "en"), store.digest("ep", "en")
    store.sync("ep", "en", units("一"))
    assert (store.units("ep", "en"), store.digest("ep", "en")) == before


def test_the_digest_follows_what_a_viewer_would_see(store):
    (unit,) = store.sync("ep", "en", units("一"))
    seen = [store.digest("ep", "en")]
    machine(store, unit, "one", fingerprint="f")
    seen.append(store.digest("ep", "en"))
    machine(store, unit, "one", fingerprint="g", engine="embedded")
    assert store.digest("ep", "en") == seen[-1]
    store.edit(unit.id, "One.", "li", 2)
    seen.append(store.digest("ep", "en"))
    store.approve(unit.id, "li", 3)
    assert store.digest("ep", "en") == seen[-1]
    assert len(set(seen)) == 3


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE units; --", "\x1b[31m", "𠮷野家 🀄", "{id}%s", "a" * 100_000, "\u202e"]
)
def test_hostile_text_is_stored_as_it_is(store, text):
    (unit,) = store.sync("ep'; --", "en", [Unit("u0", 0, 0, text, 0, 1)])
    assert machine(store, unit, text).text == text
    assert store.units("ep'; --", "en")[0].source == text


def test_what_no_database_can_hold_is_taken_out_of_a_text(store):
    (unit,) = store.sync("ep", "en", [Unit("u0", 0, 0, "一\x00二", 0, 1)])
    assert machine(store, unit, "a\x00b\ud800").text == "ab\ufffd"
    assert store.sync("ep", "en", [Unit("u0", 0, 0, "一\x00二", 0, 1)])[0].text == "ab\ufffd"


WRITER = """
import sys
from pipeline.store import Store
from pipeline.translation.units import Unit
from tests.store.conftest import units
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store.open(path) as store:
    stored = store.sync(name, "en", [Unit(f"u{n}", n, n, f"{name} {n}", 0, 1) for n in range(count)])
    for number, unit in enumerate(stored):
        store.save_machine(unit.id, f"text {number}", engine="e", fingerprint="f")
        print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_open_a_new_database_and_write_at_once(tmp_path):
    path = tmp_path / "zimu.db"
    running = [writer(path, name, 60) for name in ("a", "b")]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with Store.open(path) as store:
        assert [len([u for u in store.units(name, "en") if u.text]) for name in ("a", "b")] == [60, 60]


def test_many_threads_editing_one_unit_lose_nothing(store):
    (unit,) = store.sync("ep", "en", units("一"))

    def edit(number: int) -> None:
        while True:
            now = store.units("ep", "en")[0]
            try:
                store.edit(unit.id, now.text + f"{number},", "li", now.revision)
            except ConflictError:
                continue
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(edit, range(12)))
    text = store.units("ep", "en")[0].text
    assert sorted(map(int, text.strip(",").split(","))) == list(range(12))


def test_a_process_killed_while_writing_loses_nothing_it_committed(tmp_path):
    path = tmp_path / "zimu.db"
    process = writer(path, "ep", 100_000 // 100)
    assert process.stdout is not None
    seen = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Store.open(path) as store:
        done = [unit for unit in store.units("ep", "en") if unit.text]
        assert len(done) >= len(seen)
        assert all(len(store.history(unit.id)) == 1 for unit in done)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "zimu.db"
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(EpisodeError, match="damaged"):
        Store.open(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_database_with_a_page_overwritten_is_said_to_be_damaged(tmp_path):
    path = tmp_path / "zimu.db"
    with Store.open(path) as store:
        stored = store.sync("ep", "en", units(*[f"句子{n}" * 50 for n in range(200)]))
        assert stored
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(EpisodeError, match="damaged"), Store.open(path) as store:
        store.units("ep", "en")


def test_a_database_of_a_newer_zimu_is_refused(tmp_path):
    path = tmp_path / "zimu.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE zimu_meta SET value = ?", (str(SCHEMA_VERSION + 1),))
    with pytest.raises(UsageError, match="newer Zimu"):
        Store.open(path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(EpisodeError, match="can't be used"):
        Store.open(tmp_path / "none" / "zimu.db")


@pytest.mark.parametrize("url", ["nonsense://x", "postgresql+nonsense://u@h/d"])
def test_a_wrong_url_is_a_usage_error(url):
    with pytest.raises(ZimuError) as caught:
        Store.open(url)
    assert isinstance(caught.value, UsageError)


def test_a_password_is_not_in_an_error():
    with pytest.raises(ZimuError) as caught:
        Store.open("postgresql+psycopg://zimu:secret-word@127.0.0.1:9/zimu")
    assert "secret-word" not in str(caught.value)


def test_a_database_in_use_by_another_program_is_waited_for(tmp_path):
    path = tmp_path / "zimu.db"
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(store.sync, "ep", "en", units("一"))
            time.sleep(0.3)
            assert not waiting.done()
            other.execute("COMMIT")
            assert len(waiting.result(timeout=20)) == 1
        other.close()
