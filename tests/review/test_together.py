"""Many people at once, lost answers, and a server that dies: nobody's acknowledged work is lost."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.store import Store
from tests.review.serving import PATIENCE_S, Browser, Server, make_workspace, serving, start

PEOPLE, SAVES = 20, 3


def test_twenty_reviewers_lose_nothing(tmp_path: Path) -> None:
    """All edit the same three units; who is refused merges by writing after the others' words, and saves again."""
    workspace = make_workspace(tmp_path / "workspace")
    with serving(workspace) as server:
        said: list[str] = []
        failed: list[str] = []
        lock = threading.Lock()

        def review(number: int) -> None:
            browser = server.browser(f"person {number}")
            for turn in range(SAVES):
                word = f"p{number}t{turn}"
                unit = browser.episode()["units"][(number + turn) % 3]
                for _ in range(400):
                    answer = browser.save(unit, f"{unit['text']} {word}")
                    if answer.status_code == 200:
                        with lock:
                            said.append(word)
                        break
                    if answer.status_code != 409:
                        failed.append(answer.text)
                        return
                    unit = answer.json()["theirs"]

        threads = [threading.Thread(target=review, args=(number,)) for number in range(PEOPLE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert len(said) == PEOPLE * SAVES
        units = server.browser("Ada").episode()["units"]
        words = " ".join(unit["text"] for unit in units).split()
        assert all(words.count(word) == 1 for word in said)
        assert sum(unit["revision"] - 1 for unit in units) == PEOPLE * SAVES
    with Store.open(workspace / "zimu.db") as store:
        assert store.check() == ()


def test_a_killed_server_keeps_every_acknowledged_save(tmp_path: Path) -> None:
    """kill -9 in a storm of saves; the browsers send what was not acknowledged again, under the same ids."""
    workspace = make_workspace(tmp_path / "workspace")
    first = start(workspace)
    port = int(first.url.rpartition(":")[2])
    browsers = [first.browser(f"person {number}") for number in range(6)]
    acknowledged: list[tuple[int, str]] = []
    pending: list[tuple[Browser, int, dict[str, Any]]] = []
    lock = threading.Lock()
    enough = threading.Event()

    def review(browser: Browser, unit: dict[str, Any]) -> None:
        for turn in range(10_000):
            text = f"{browser.headers['X-CSRF-Token'][:6]} {turn}"
            body = {"text": text, "revision": unit["revision"], "save_id": str(uuid.uuid4())}
            try:
                answer = browser.send("PUT", f"/api/units/{unit['id']}/text", body)
            except httpx.HTTPError:
                with lock:
                    pending.append((browser, unit["id"], body))
                return
            unit = answer.json()["unit"] if answer.status_code == 200 else answer.json()["theirs"]
            if answer.status_code == 200:
                with lock:
                    acknowledged.append((unit["id"], text))
                    if len(acknowledged) >= 24:
                        enough.set()

    units = browsers[0].episode()["units"]
    threads = [
        threading.Thread(target=review, args=(browser, units[number % 3])) for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    assert enough.wait(PATIENCE_S * 3)
    first.kill()
    for thread in threads:
        thread.join()
    assert pending
    with serving(workspace, port=port) as second:
        assert second.url == first.url
        for browser, unit, body in pending:  # The session and the token of writes hold over the restart.
            answer = browser.send("PUT", f"/api/units/{unit}/text", body)
            assert answer.status_code in (200, 409), answer.text
            again = browser.send("PUT", f"/api/units/{unit}/text", body)
            assert again.status_code == answer.status_code
            if answer.status_code == 200:
                acknowledged.append((unit, body["text"]))
    with Store.open(workspace / "zimu.db") as store:
        for unit, text in acknowledged:
            assert [each.text for each in store.history(unit)].count(text) == 1
        assert store.check() == ()


def events_until(
    browser: Browser, query: dict[str, str], wanted: set[str], act: threading.Event
) -> dict[str, list[Any]]:
    """The events of a stream until all wanted ones have come; `act` is set once it is open."""
    found: dict[str, list[Any]] = {}
    with browser.http.stream("GET", "/api/events", params=query, timeout=PATIENCE_S) as stream:
        name = ""
        for row in stream.iter_lines():
            if row.startswith("event:"):
                name = row.partition(":")[2].strip()
            elif row.startswith("data:"):
                found.setdefault(name, []).append(json.loads(row.partition(":")[2]))
                if name == "hello":
                    act.set()
                if wanted <= set(found):
                    break
    return found


@pytest.fixture
def follow(server: Server) -> Any:
    def following(query: dict[str, str], wanted: set[str], act: Any) -> dict[str, list[Any]]:
        browser = server.browser("Eve")
        opened = threading.Event()
        result: dict[str, list[Any]] = {}

        def listen() -> None:
            result.update(events_until(browser, query, wanted, opened))

        thread = threading.Thread(target=listen)
        thread.start()
        assert opened.wait(PATIENCE_S)
        act()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        return result

    return following


def test_others_hear_of_changes_and_of_where_one_is(ada: Browser, follow: Any) -> None:
    unit = ada.episode()["units"][0]

    def act() -> None:
        ada.send("POST", "/api/presence", {"id": "talk", "language": "en", "unit": unit["id"], "client": "a"})
        ada.save(unit, "Heard by others.")

    told = follow({"id": "talk", "language": "en", "client": "e"}, {"unit", "presence"}, act)
    assert told["unit"][0]["id"] == unit["id"]
    assert (told["unit"][0]["revision"], told["unit"][0]["who"]) == (unit["revision"] + 1, "Ada")
    assert {"who": "Ada", "language": "en", "unit": unit["id"]} in told["presence"][-1]


def test_changes_by_other_programs_are_heard_of(workspace: Path, ada: Browser, follow: Any) -> None:
    unit = ada.episode()["units"][1]

    def act() -> None:
        with Store.open(workspace / "zimu.db") as store:
            store.edit(unit["id"], "From the command line.", "Zoe", unit["revision"])

    told = follow({"id": "talk", "language": "en"}, {"unit"}, act)
    assert told["unit"][0]["who"] == "Zoe"


def test_a_comment_is_heard_of_though_it_is_no_revision(ada: Browser, follow: Any) -> None:
    unit = ada.episode()["units"][2]
    told = follow({"id": "talk", "language": "en"}, {"unit"}, lambda: ada.act(unit, "comment", text="Look."))
    assert (told["unit"][0]["id"], told["unit"][0]["kind"]) == (unit["id"], "remark")


def test_the_list_hears_which_episode_changed(ada: Browser, follow: Any) -> None:
    unit = ada.episode()["units"][2]
    told = follow({}, {"tally"}, lambda: ada.save(unit, "For the list."))
    assert told["tally"][0]["episode"] == ada.episode()["episode"]["id"]


def test_the_pages_hear_of_neighbours_whose_cues_had_to_move(ada: Browser, follow: Any) -> None:
    first, second = ada.episode()["units"][:2]
    ada.get("/api/cues", id="talk", language="en")
    long = "This sentence has become a great deal longer than it was before, " * 3
    told = follow({"id": "talk", "language": "en"}, {"cues"}, lambda: ada.save(first, long))
    moved = {unit["id"]: unit["cues"] for unit in told["cues"][-1]["units"]}
    now = ada.episode()["units"]
    assert moved[second["id"]] == now[1]["cues"]
    assert now[0]["cues"][-1]["end_ms"] <= now[1]["cues"][0]["start_ms"] != second["cues"][0]["start_ms"]
