"""Machines at work for the page: stages in the background, and another translation of one unit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.review.listing import Asked, Row, chosen
from pipeline.review.retranslate import complaint
from pipeline.store import Store, Tally
from tests.review.serving import PATIENCE_S, Browser, make_workspace, serving


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 4 * PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError("it does not come")


def ended(browser: Browser, number: int) -> Any:
    """A run once it is done."""
    runs = browser.get("/api/runs").json()["runs"]
    return next((each for each in runs if each["id"] == number and each["state"] == "done"), None)


def tally(path: str, **numbers: int) -> Tally:
    counts = dict.fromkeys(
        (
            "new",
            "machine",
            "edited",
            "approved",
            "stale",
            "flagged",
            "errors",
            "warnings",
            "open_comments",
            "proposals",
        ),
        0,
    )
    return Tally(
        path, path, path, "en", 10, **{**counts, **numbers}, updated_at=f"2026-01-0{numbers.get('machine', 1)}"
    )


ROWS = [
    Row("b", "b", "Zebra", (tally("b", machine=3, approved=7),)),
    Row("a", "a", "苹果", (tally("a", approved=10),)),
    Row("c", "c", "new", ()),
    Row("d", "d", "bad", (tally("d", machine=9, errors=2, stale=1),)),
]


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        (Asked(), "abcd"),
        (Asked(sort="title"), "dcba"),
        (Asked(sort="todo", down=True), "dbac"),
        (Asked(show="approved"), "a"),
        (Asked(show="findings"), "d"),
        (Asked(show="new"), "c"),
        (Asked(show="stale"), "d"),
        (Asked(q="ZEB"), "b"),
        (Asked(q="苹"), "a"),
        (Asked(language="ja"), "abcd"),
    ],
)
def test_the_list_is_filtered_searched_and_sorted(asked: Asked, paths: str) -> None:
    found = [row.path for row in chosen(ROWS, asked)]
    assert sorted(found) == sorted(paths)
    if asked.show == "all" and not asked.q and not asked.language and asked.sort != "todo":
        assert "".join(found) == paths
    if asked.sort == "todo":
        assert found[:2] == ["d", "b"]


def test_the_list_has_every_episode_and_links_into_it(ada: Browser) -> None:
    html = ada.get("/").text
    assert ada.episode()["episode"]["id"] in html
    assert "1 lines" not in html
    assert ada.get("/list", q="nothing is called so").text.count("<tr") == 1


def test_an_episode_that_was_moved_keeps_its_work(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace", settings="[review]\nrescan_s = 0.0\n")
    with serving(workspace) as server:
        ada = server.browser("Ada")
        found = ada.episode()
        unit = ada.save(found["units"][0], "Before the move.").json()["unit"]
        (workspace / "2026").mkdir()
        (workspace / "talk").rename(workspace / "2026" / "renamed")
        assert ada.get("/").status_code == 200
        again = ada.episode(found["episode"]["id"])
        assert again["episode"]["path"] == "2026/renamed"
        assert again["units"][0]["text"] == unit["text"]


def test_the_wish_tells_the_engine_what_is_wrong() -> None:
    assert complaint("", "", shorter=True) == ""
    assert complaint("A long text, which is much too long.", "", shorter=True).endswith("at most 25 characters.")
    assert complaint("Text.", "use\n\nplain words", shorter=False) == "“Text.”: use plain words"


@pytest.mark.model
def test_stages_run_and_units_are_translated_again(tmp_path: Path, whisper_base: Path, small_llm: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    models = {"ZIMU_MODELS__FOLDER": str(small_llm.parent), "ZIMU_MODELS__LLM": small_llm.name}
    with serving(workspace, env={**models, "ZIMU_COMPUTE__THREADS": "2"}) as server:
        ada = server.browser("Ada")
        before = ada.episode()
        started = ada.send("POST", "/api/run", {"id": "talk", "stage": "align"})
        assert started.status_code == 202
        number = started.json()["run"]
        unit = before["units"][1]
        asked = ada.send("POST", f"/api/units/{unit['id']}/retranslate", {"engine": "embedded", "hint": "plain words"})
        assert asked.status_code == 202

        def proposed() -> Any:
            return ada.episode()["units"][1]["proposal"]

        proposal = until(proposed)
        assert proposal["engine"] == "embedded"
        now = ada.episode()["units"][1]
        assert (now["text"], now["revision"]) == (unit["text"], unit["revision"])
        accepted = ada.act(now, "accept").json()["unit"]
        assert (accepted["text"], accepted["status"], accepted["proposal"]) == (proposal["text"], "edited", None)

        run = until(
            lambda: next((each for each in ada.get("/api/runs").json()["runs"] if each["state"] == "done"), None)
        )
        assert (run["id"], run["stage"], run["who"]) == (number, "align", "Ada")
        manifest = json.loads((workspace / "talk" / "zimu" / "manifest.json").read_text(encoding="utf-8"))
        assert "align" in manifest["steps"]
        # A pin after a run leaves nothing to do for the next one.
        line = ada.episode()["lines"][1]
        pin = {"index": 1, "start_ms": line["start_ms"] + 50, "end_ms": line["end_ms"], "revision": 0}
        assert ada.send("PUT", "/api/pins?id=talk", pin).status_code == 200
        again = ada.send("POST", "/api/run", {"id": "talk", "stage": "align"}).json()["run"]
        until(
            lambda: any(each["id"] == again and each["state"] == "done" for each in ada.get("/api/runs").json()["runs"])
        )
        assert ada.episode()["lines"][1]["start_ms"] == line["start_ms"] + 50
        assert ada.send("POST", "/api/run", {"id": "talk", "stage": "explode"}).status_code == 400
        assert ada.send("POST", f"/api/units/{unit['id']}/retranslate", {"engine": "none"}).status_code == 400
    with Store.open(workspace / "zimu.db") as store:
        assert store.check() == ()
