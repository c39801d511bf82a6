"""Publishing from the page, to a server that behaves like Vimeo's: shown first, confirmed by keyboard, done once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from pipeline.store import Store
from tests.publishing.vimeo_server import TOKEN, Fault, VimeoServer, vimeo_server
from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.serving import Browser, Server, make_workspace, start

VIDEO = "900100200"
HOSTILE = "<img src=x onerror=\"window.hacked=1\">第12集"
SETTINGS = """[publish]
endpoints = {{ vimeo = "{url}" }}
backoff_s = 0.05
poll_s = 0.05
"""


@pytest.fixture
def vimeo() -> Iterator[VimeoServer]:
    with vimeo_server() as running:
        running.add_video(VIDEO, HOSTILE)
        yield running


@pytest.fixture
def workspace(tmp_path: Path, vimeo: VimeoServer) -> Path:
    made = make_workspace(tmp_path / "workspace", settings=SETTINGS.format(url=vimeo.url))
    (made / "talk" / "episode.toml").write_text(f'[publish.videos]\nvimeo = "{VIDEO}"\n', "utf-8")
    return made


@pytest.fixture
def server(workspace: Path) -> Iterator[Server]:
    served = start(workspace, env={"ZIMU_VIMEO_TOKEN": TOKEN})
    yield served
    served.process.terminate()
    served.process.wait(browsing.PATIENCE_S)


@pytest.fixture
def ada(server: Server) -> Browser:
    return server.browser("Ada")


def approve(workspace: Path, count: int = 3) -> None:
    with Store.open(workspace / "zimu.db") as store:
        episode = store.episode_at("talk")
        assert episode is not None
        for unit in store.units(episode.id, "en")[:count]:
            store.approve(unit.id, "Ada", unit.revision)


def rows(answer: Any) -> dict[str, tuple[str, str]]:
    (video,) = answer["videos"]
    return {each["language"]: (each["kind"], each["reason"]) for each in video["actions"]}


def ended(browser: Browser) -> dict[str, Any]:
    """The publishing run, when it is over."""
    for _ in range(600):
        run = next(each for each in browser.get("/api/runs").json()["runs"] if each["stage"] == "publish")
        if run["state"] in ("done", "failed"):
            return dict(run)
        time.sleep(0.1)
    raise AssertionError(run)


def state(browser: Browser) -> dict[str, tuple[str, bool]]:
    (platform,) = browser.get("/api/publish", id="talk").json()["platforms"]
    return {each["language"]: (each["state"], each["changed"]) for each in platform["languages"]}


def test_what_would_be_done_is_shown_and_nothing_is_changed_before_a_word(
    ada: Browser, vimeo: VimeoServer, workspace: Path
) -> None:
    assert state(ada) == {"zh-Hans": ("none", False), "en": ("none", False)}
    shown = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    assert rows(shown) == {"zh-Hans": ("insert", "new"), "en": ("leave", "unapproved")}
    assert shown["videos"][0]["actions"][1]["values"] == {"n": "3", "total": "3"}
    assert (shown["changes"], shown["videos"][0]["video_title"]) == (1, HOSTILE)
    assert not vimeo.requests("POST", "PUT", "PATCH", "DELETE")
    ada.send("POST", "/api/publish/apply", {"token": shown["token"]})
    assert ended(ada)["state"] == "done"
    assert [(code, name, active) for code, name, active, _ in vimeo.of(VIDEO)] == [("zh-CN", "简体中文", True)]
    assert state(ada) == {"zh-Hans": ("live", False), "en": ("none", False)}
    assert ada.get("/api/publish", id="talk").json()["platforms"][0]["languages"][0]["who"] == "Ada"
    again = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    assert (again["changes"], again["token"], rows(again)["zh-Hans"]) == (0, "", ("skip", "live"))


def test_what_changed_since_it_was_shown_is_not_sent(ada: Browser, vimeo: VimeoServer, workspace: Path) -> None:
    shown = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    approve(workspace)
    ada.send("POST", "/api/publish/apply", {"token": shown["token"]})
    run = ended(ada)
    assert (run["state"], "changed since the list was shown" in run["message"]) == ("failed", True)
    assert vimeo.of(VIDEO) == []
    assert not vimeo.requests("POST", "PUT", "PATCH", "DELETE")


def test_a_later_correction_is_seen_and_replaces_what_is_there(
    ada: Browser, vimeo: VimeoServer, workspace: Path
) -> None:
    approve(workspace)
    ada.send("POST", "/api/publish/apply", {"token": ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()["token"]})
    ended(ada)
    with Store.open(workspace / "zimu.db") as store:
        episode = store.episode_at("talk")
        assert episode is not None
        unit = store.units(episode.id, "en")[1]
        saved = store.edit(unit.id, "It is called RVA23, they say.", "Bob", unit.revision)
        store.approve(unit.id, "Bob", saved.revision)
    assert state(ada)["en"] == ("live", True)
    shown = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    assert rows(shown) == {"zh-Hans": ("skip", "live"), "en": ("update", "changed")}


def test_a_list_is_one_persons_and_is_agreed_to_once(ada: Browser, server: Server, vimeo: VimeoServer) -> None:
    shown = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    assert server.browser("Bob").send("POST", "/api/publish/apply", {"token": shown["token"]}).status_code == 404
    assert ada.send("POST", "/api/publish/apply", {"token": "guessed"}).status_code == 404
    assert ada.send("POST", "/api/publish/apply", {"token": shown["token"]}).status_code == 202
    assert ada.send("POST", "/api/publish/apply", {"token": shown["token"]}).status_code == 404
    ended(ada)
    assert len(vimeo.of(VIDEO)) == 1


def test_another_origin_or_a_page_without_the_token_of_writes_is_refused(ada: Browser, vimeo: VimeoServer) -> None:
    body = {"id": "talk"}
    foreign = {"Origin": "http://evil.example", "X-CSRF-Token": ada.csrf, "X-Zimu": "1"}
    for path in ("/api/publish/plan", "/api/publish/apply"):
        assert ada.http.post(path, json=body, headers=foreign).status_code == 403
        assert ada.http.post(path, json=body, headers={"Origin": ada.url, "X-Zimu": "1"}).status_code == 403
    assert Browser(ada.url).get("/api/publish", id="talk").status_code in (200, 401)
    assert vimeo.seen == []


def test_refusals_reach_the_page_without_a_secret_or_a_folder(
    ada: Browser, vimeo: VimeoServer, workspace: Path
) -> None:
    vimeo.faults.append(Fault("GET", "/videos/", 401, body={"error": f"Token {TOKEN} has expired."}))
    refused = ada.send("POST", "/api/publish/plan", {"id": "talk"})
    assert refused.status_code == 200
    (error,) = refused.json()["errors"]
    assert "does not accept the token" in error["error"]
    assert "zimu auth vimeo" in error["remedy"]
    vimeo.faults.append(Fault("GET", "/texttracks", 503, times=9))
    busy = ada.send("POST", "/api/publish/plan", {"id": "talk"})
    assert "could not do it now (503)" in busy.json()["errors"][0]["error"]
    for answer in (refused, busy):
        assert TOKEN not in answer.text
        assert str(workspace) not in answer.text
    vimeo.faults.clear()
    shown = ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()
    vimeo.faults.append(Fault("POST", "/texttracks", 403, body={"error": f"Forbidden for {TOKEN}."}))
    ada.send("POST", "/api/publish/apply", {"token": shown["token"]})
    run = ended(ada)
    assert (run["state"], "does not allow it" in run["message"]) == ("failed", True)
    assert TOKEN not in str(run)


def test_an_episode_without_a_video_and_a_workspace_that_forbids_it(
    ada: Browser, vimeo: VimeoServer, workspace: Path
) -> None:
    (workspace / "talk" / "episode.toml").unlink()
    assert ada.get("/api/publish", id="talk").json()["platforms"] == []
    assert "which video it is" in ada.send("POST", "/api/publish/plan", {"id": "talk"}).json()["errors"][0]["error"]
    assert vimeo.seen == []


def test_publishing_can_be_switched_off(workspace: Path, vimeo: VimeoServer) -> None:
    settings = workspace / "zimu.toml"
    settings.write_text(settings.read_text("utf-8") + "[review]\npublish = false\n", "utf-8")
    served = start(workspace, env={"ZIMU_VIMEO_TOKEN": TOKEN})
    try:
        browser = served.browser("Ada")
        assert browser.get("/api/publish", id="talk").json()["allowed"] is False
        refused = browser.send("POST", "/api/publish/plan", {"id": "talk"})
        assert (refused.status_code, "Nobody may publish" in refused.json()["error"]) == (400, True)
        assert vimeo.seen == []
    finally:
        served.process.terminate()
        served.process.wait(browsing.PATIENCE_S)


def picture(person: Reviewer, name: str) -> None:
    if folder := os.environ.get("REVIEW_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        person.page.screenshot(path=str(Path(folder) / f"publish-{name}.png"))


@pytest.mark.parametrize(("theme", "ui"), [("light", "en"), ("dark", "zh-Hans")])
def test_publishing_by_keyboard_alone(
    chrome: Chromium, server: Server, vimeo: VimeoServer, workspace: Path, theme: str, ui: str
) -> None:
    approve(workspace, 1)
    words = {"en": ("Publish these (1)", "2 of 3 sentences are not approved.", "live"),
             "zh-Hans": ("发布这 1 项", "3 句中有 2 句未批准。", "已公开")}[ui]  # fmt: skip
    with browsing.reviewer(chrome, server.url, "Ada", theme=theme, ui=ui) as person:
        page = person.open("talk")
        person.press("Alt+Shift+P")
        page.wait_for_selector("dialog .publish table")
        picture(person, f"state-{theme}")
        found = person.accessibility()
        person.press("Enter")
        page.wait_for_selector(f'dialog button:text-is("{words[0]}")')
        assert words[1] in page.inner_text("dialog .publish")
        assert HOSTILE in page.inner_text("dialog .publish h3")
        assert page.evaluate("window.hacked") is None
        picture(person, f"plan-{theme}")
        found += person.accessibility()
        assert not vimeo.requests("POST", "PUT", "PATCH", "DELETE")
        person.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        page.wait_for_selector("#languages .published, .toasts .toast")
        page.wait_for_function("() => document.querySelector('.run-state').textContent.length > 0")
        assert ended(server.browser("Ada"))["state"] == "done"
        assert [(code, active) for code, _, active, _ in vimeo.of(VIDEO)] == [("zh-CN", True)]
        person.press("Alt+Shift+P")
        page.wait_for_selector(f'dialog .publish .badge:has-text("{words[2]}")')
        picture(person, f"done-{theme}")
        found += person.accessibility()
        person.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        assert not person.complaints
        assert not found, "\n".join(found)
