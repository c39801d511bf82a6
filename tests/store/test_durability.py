"""What was acknowledged is there, whoever is killed, and however many write at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from pipeline.store import ConflictError, Store
from tests.store.conftest import units

# Edits its own units for ever, and says each save that was acknowledged, as (unit, revision, text).
STORM = """
import json, sys
from pipeline.store import Store
url, name, ids = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with Store.open(url) as store:
    print("ready", flush=True)
    revisions = dict.fromkeys(ids, 0)
    for number in range(1_000_000):
        unit = ids[number % len(ids)]
        text = f"{name} {number}"
        revisions[unit] = store.edit(unit, text, name, revisions[unit], save_id=f"{name}-{number}").revision
        print(json.dumps([unit, revisions[unit], text]), flush=True)
"""


def storm(url, name, ids):
    command = [sys.executable, "-c", STORM, url, name, json.dumps(ids)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def acknowledged(processes):
    """Everything that killed processes said they had saved."""
    for process in processes:
        out, _ = process.communicate(timeout=60)
        for line in out.splitlines():
            if line.startswith("[") and line.endswith("]"):  # The last one may be cut off.
                yield json.loads(line)


def wait_until_saving(store, least):
    deadline = time.monotonic() + 120
    while store.last_change() < least:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check(url, told):
    assert len(told) > 50
    with Store.open(url) as store:
        assert store.check() == ()
        histories = {unit: {r.revision: r.text for r in store.history(unit)} for unit, _, _ in told}
        assert [each for each in told if histories[each[0]].get(each[1]) != each[2]] == []
        for unit, history in histories.items():
            now = store.unit(unit)
            assert (now.revision, now.text) == (max(history), history[max(history)])


def test_processes_killed_in_a_storm_of_saves_lose_nothing_that_was_acknowledged(url):
    with Store.open(url) as store:
        ids = [unit.id for unit in store.sync("ep", "en", units(*[f"句子{n}" for n in range(9)]))]
        processes = [storm(url, f"writer{n}", ids[3 * n : 3 * n + 3]) for n in range(3)]
        try:
            for number in range(3):
                wait_until_saving(store, 60 * (number + 1))
                processes[number].send_signal(signal.SIGKILL)
        finally:
            for process in processes:
                process.kill()
    told = list(acknowledged(processes))
    check(url, told)


def test_a_killed_database_server_loses_nothing_that_was_acknowledged(postgresql, postgresql_url):
    with Store.open(postgresql_url) as store:
        ids = [unit.id for unit in store.sync("ep", "en", units(*[f"句子{n}" for n in range(6)]))]
        processes = [storm(postgresql_url, f"writer{n}", ids[3 * n : 3 * n + 3]) for n in range(2)]
        wait_until_saving(store, 80)
        postmaster = int((postgresql.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        told = list(acknowledged(processes))  # They end: their server is gone.
        # Its children notice, and leave.
        deadline = time.monotonic() + 60
        while True:
            try:
                postgresql.start()
                break
            except AssertionError:
                assert time.monotonic() < deadline
                time.sleep(0.5)
        # The same store goes on with the new server.
        assert len(store.units("ep", "en")) == 6
    check(postgresql_url, told)


def test_twenty_who_write_into_one_unit_lose_nothing(store, translated):
    (unit,) = translated("")

    def add(number: int) -> int:
        tries = 0
        now = store.unit(unit)
        while True:
            tries += 1
            try:
                store.edit(unit, f"{now.text}{number},", f"writer{number}", now.revision, save_id=f"s{number}")
            except ConflictError as conflict:
                now = conflict.unit
            else:
                return tries

    with ThreadPoolExecutor(20) as pool:
        tries = list(pool.map(add, range(60)))
    assert sorted(map(int, store.unit(unit).text.strip(",").split(","))) == list(range(60))
    assert len(store.history(unit)) == 61
    assert sum(tries) >= 60
    assert store.check() == ()


def test_whoever_follows_the_changes_of_twenty_writers_misses_none(store, translated):
    ids = translated(*"abcd")
    start = store.last_change()
    done = False

    def follow() -> list[int]:
        seen, last = [], start
        while True:
            ended = done
            for change in store.changes(last):
                seen.append(change.number)
                last = change.number
            if ended:
                return seen

    def write(number: int) -> None:
        unit = ids[number % 4]
        for _ in range(5):
            while True:
                try:
                    store.edit(unit, f"{number}", "li", store.unit(unit).revision)
                    break
                except ConflictError:
                    continue

    with ThreadPoolExecutor(21) as pool:
        following = pool.submit(follow)
        list(pool.map(write, range(20)))
        done = True
        seen = following.result(timeout=60)
    assert seen == [change.number for change in store.changes(start)]
    assert len(seen) == 100


def test_a_server_that_went_away_is_found_again(postgresql, postgresql_url):
    with Store.open(postgresql_url) as store:
        store.sync("ep", "en", units("一"))
        postgresql.control("-m", "fast", "stop")
        postgresql.start()
        assert len(store.units("ep", "en")) == 1
