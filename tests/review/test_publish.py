"""Publishing from the page, to a server that behaves like Vimeo's: shown first, confirmed by keyboard, done once."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser as Chromium

from pipeline.review.app import create_app
from pipeline.review.security import Access
from pipeline.review.workspace import Workspace
from pipeline.store import Store
from tests.publishing.vimeo_server import TOKEN, Fault, VimeoServer, vimeo_server
from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.serving import Browser, Server, make_workspace, serving, translate
from tests.translation.chat_server import ChatServer

HOSTILE = '<img src=x onerror="window.hacked=1">第12集'
SETTINGS = """[publish]
endpoints = {{ vimeo = "{url}" }}
backoff_s = 0.05
poll_s = 0.05
[server]
base_url = "{engine}"
model = "scripted"
[translate]
order = ["server"]
"""
TITLE = '[episode]\ntitle = "RISC-V 的故事"\n'
EPISODES = (
    "shown",
    "changed",
    "corrected",
    "once",
    "origin",
    "refused",
    "nowhere",
    "light",
    "dark",
    "edited",
    "titled",
    "typed",
)
VIDEOS = {name: str(9001 + number) for number, name in enumerate(EPISODES)}


@pytest.fixture(scope="module")
def vimeo() -> Iterator[VimeoServer]:
    with vimeo_server() as running:
        running.remaining = 10**6
        for video in VIDEOS.values():
            running.add_video(video, HOSTILE)
        yield running


@pytest.fixture(scope="module")
def engine() -> Iterator[ChatServer]:
    with ChatServer(translate=lambda text: f"About {text.strip('。')}.") as running:
        yield running


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, vimeo: VimeoServer, engine: ChatServer) -> Path:
    """A workspace with an episode, and so a video, for each test."""
    folder = tmp_path_factory.mktemp("publish") / "workspace"
    made = make_workspace(folder, settings=SETTINGS.format(url=vimeo.url, engine=engine.url))
    with Store.open(made / "zimu.db") as store:
        for name, video in VIDEOS.items():
            shutil.copytree(made / "talk", made / name, ignore=shutil.ignore_patterns("episode-id"))
            if name != "nowhere":
                (made / name / "episode.toml").write_text(f'[publish]\nvideos.vimeo = "{video}"\n', "utf-8")
            translate(store, made, made / name)
            if name in ("titled", "typed"):
                with (made / name / "episode.toml").open("a", encoding="utf-8") as own:
                    own.write('videos.youtube = "yt1"\ndescription = "第一行\\n第二行"\n' + TITLE)
    return made


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[Server]:
    with serving(workspace, env={"ZIMU_VIMEO_TOKEN": TOKEN}) as running:
        yield running


@pytest.fixture(scope="module")
def ada(server: Server) -> Browser:
    return server.browser("Ada")


def approve(workspace: Path, name: str, count: int = 3) -> None:
    with Store.open(workspace / "zimu.db") as store:
        episode = store.episode_at(name)
        assert episode is not None
        for unit in store.units(episode.id, "en")[:count]:
            store.approve(unit.id, "Ada", unit.revision)


def rows(answer: Any) -> dict[str, tuple[str, str]]:
    (video,) = answer["videos"]
    return {
        each["language"]: (each["kind"], " ".join(why["code"] for why in each["reasons"])) for each in video["actions"]
    }


def plan(browser: Browser, name: str) -> Any:
    return browser.send("POST", "/api/publish/plan", {"id": name}).json()


def apply(browser: Browser, token: str) -> int:
    return browser.send("POST", "/api/publish/apply", {"token": token}).status_code


def ended(browser: Browser, name: str, stage: str = "publish") -> dict[str, Any]:
    """The episode's last run, when it is over."""
    for _ in range(1200):
        run = next(each for each in browser.get("/api/runs").json()["runs"] if each["path"] == name)
        assert run["stage"] == stage
        if run["state"] in ("done", "failed"):
            return dict(run)
        time.sleep(0.1)
    raise AssertionError(run)


def writes(vimeo: VimeoServer, name: str) -> list[str]:
    """What changed anything about the episode's video."""
    return [each for each in vimeo.requests("POST", "PUT", "PATCH", "DELETE") if f"/{VIDEOS[name]}/" in each]


def state(browser: Browser, name: str) -> dict[str, tuple[str, bool]]:
    (platform,) = browser.get("/api/publish", id=name).json()["platforms"]
    return {each["language"]: (each["state"], each["changed"]) for each in platform["languages"]}


def test_what_would_be_done_is_shown_and_nothing_is_changed_before_a_word(ada: Browser, vimeo: VimeoServer) -> None:
    assert state(ada, "shown") == {"zh-Hans": ("none", False), "en": ("none", False)}
    shown = plan(ada, "shown")
    assert rows(shown) == {"zh-Hans": ("insert", "new"), "en": ("leave", "unapproved")}
    assert shown["videos"][0]["actions"][1]["reasons"][0]["values"] == {"n": 3, "total": 3}
    assert (shown["changes"], shown["videos"][0]["video_title"]) == (1, HOSTILE)
    assert not writes(vimeo, "shown")
    assert apply(ada, shown["token"]) == 202
    assert ended(ada, "shown")["state"] == "done"
    there = [(code, name, active) for code, name, active, _ in vimeo.of(VIDEOS["shown"])]
    assert there == [("zh-CN", "简体中文", True)]
    assert state(ada, "shown") == {"zh-Hans": ("live", False), "en": ("none", False)}
    assert ada.get("/api/publish", id="shown").json()["platforms"][0]["languages"][0]["who"] == "Ada"
    row = ada.get("/list", q="shown").text
    assert '<span class="badge ok">zh-Hans live</span>' in row
    again = plan(ada, "shown")
    assert (again["changes"], again["token"], rows(again)["zh-Hans"]) == (0, "", ("skip", "live"))


def test_what_changed_since_it_was_shown_is_not_sent(ada: Browser, vimeo: VimeoServer, workspace: Path) -> None:
    shown = plan(ada, "changed")
    approve(workspace, "changed")
    apply(ada, shown["token"])
    run = ended(ada, "changed")
    assert (run["state"], "changed since the list was shown" in run["message"]) == ("failed", True)
    assert not writes(vimeo, "changed")


def test_a_later_correction_is_seen_and_would_replace_what_is_there(ada: Browser, workspace: Path) -> None:
    approve(workspace, "corrected")
    apply(ada, plan(ada, "corrected")["token"])
    assert ended(ada, "corrected")["state"] == "done"
    with Store.open(workspace / "zimu.db") as store:
        episode = store.episode_at("corrected")
        assert episode is not None
        unit = store.units(episode.id, "en")[1]
        saved = store.edit(unit.id, "It is called RVA23, they say.", "Bob", unit.revision)
        store.approve(unit.id, "Bob", saved.revision)
    assert state(ada, "corrected") == {"zh-Hans": ("live", False), "en": ("live", True)}
    assert rows(plan(ada, "corrected")) == {"zh-Hans": ("skip", "live"), "en": ("update", "changed-here")}


def test_a_list_is_one_persons_and_is_agreed_to_once(ada: Browser, server: Server, vimeo: VimeoServer) -> None:
    token = plan(ada, "once")["token"]
    assert apply(server.browser("Bob"), token) == 404
    assert apply(ada, "guessed") == 404
    assert apply(ada, token) == 202
    assert apply(ada, token) == 404
    ended(ada, "once")
    assert len(vimeo.of(VIDEOS["once"])) == 1


def test_another_origin_or_a_page_without_the_token_of_writes_is_refused(ada: Browser, vimeo: VimeoServer) -> None:
    body = {"id": "origin"}
    foreign = {"Origin": "http://evil.example", "X-CSRF-Token": ada.csrf, "X-Zimu": "1"}
    before = len(vimeo.seen)
    for path in ("/api/publish/plan", "/api/publish/apply"):
        assert ada.http.post(path, json=body, headers=foreign).status_code == 403
        assert ada.http.post(path, json=body, headers={"Origin": ada.url, "X-Zimu": "1"}).status_code == 403
    assert len(vimeo.seen) == before


def test_refusals_reach_the_page_without_a_secret_or_a_folder(
    ada: Browser, server: Server, vimeo: VimeoServer, workspace: Path
) -> None:
    video = VIDEOS["refused"]
    vimeo.faults.append(Fault("GET", f"/videos/{video}", 401, body={"error": f"Token {TOKEN} has expired."}))
    refused = plan(ada, "refused")
    (error,) = refused["errors"]
    assert "does not accept the token" in error["error"]
    assert "zimu auth vimeo" in error["remedy"]
    vimeo.faults.append(Fault("GET", f"/videos/{video}/texttracks", 503, times=9))
    busy = plan(ada, "refused")
    assert "could not do it now (503)" in busy["errors"][0]["error"]
    vimeo.faults.append(Fault("GET", f"/videos/{video}", 401, body={"error": "Nobody."}))
    chen = server.browser("Chen")
    chen.http.cookies.set("zimu-ui", "zh-Hans")
    (error,) = plan(chen, "refused")["errors"]
    assert error["error"] == "Vimeo 不再接受这个令牌: Nobody。"
    assert error["remedy"] == "请重新登录：zimu auth vimeo。"
    vimeo.faults.clear()
    token = plan(ada, "refused")["token"]
    vimeo.faults.append(Fault("POST", f"/videos/{video}/texttracks", 403, body={"error": f"Not for {TOKEN}."}))
    apply(ada, token)
    run = ended(ada, "refused")
    assert (run["state"], "does not allow it" in run["message"]) == ("failed", True)
    assert "Vimeo 不允许" in ended(chen, "refused")["message"]
    for told in (str(refused), str(busy), str(run)):
        assert TOKEN not in told
        assert str(workspace) not in told


def test_what_somebody_changed_there_is_replaced_only_if_a_person_says_so(ada: Browser, vimeo: VimeoServer) -> None:
    apply(ada, plan(ada, "edited")["token"])
    assert ended(ada, "edited")["state"] == "done"
    (identity,) = [each for each, track in vimeo.tracks.items() if track["video"] == VIDEOS["edited"]]
    vimeo.files[identity] = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nEdited there.\n"
    held = plan(ada, "edited")
    assert (rows(held)["zh-Hans"], held["changes"]) == (("hold", "changed-there"), 0)
    shown = ada.send("POST", "/api/publish/plan", {"id": "edited", "overwrite": True}).json()
    assert (rows(shown)["zh-Hans"][0], shown["changes"]) == ("update", 1)
    apply(ada, shown["token"])
    assert ended(ada, "edited")["state"] == "done"
    ((_, _, active, data),) = vimeo.of(VIDEOS["edited"])
    assert (active, data is not None and b"Edited there." not in data) == (True, True)


def test_an_episode_without_a_video_says_so(ada: Browser) -> None:
    assert ada.get("/api/publish", id="nowhere").json() == {"allowed": True, "platforms": []}
    assert "which video it is" in plan(ada, "nowhere")["errors"][0]["error"]


def test_publishing_can_be_switched_off(
    workspace: Path, vimeo: VimeoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    served = Workspace(workspace, {"review": {"publish": False}})
    browser = Browser("http://127.0.0.1")
    before = len(vimeo.seen)
    with TestClient(create_app(served, Access()), base_url=browser.url, follow_redirects=False) as browser.http:
        browser.sign_in("Ada")
        assert browser.get("/api/publish", id="shown").json()["allowed"] is False
        refused = browser.send("POST", "/api/publish/plan", {"id": "shown"})
        assert (refused.status_code, "Nobody may publish" in refused.json()["error"]) == (400, True)
        assert len(vimeo.seen) == before
    served.close()


def title(browser: Browser, text: str, revision: int, **more: Any) -> Any:
    body = {"id": "titled", "language": "en", "field": "title", "text": text, "revision": revision, **more}
    return browser.send("PUT", "/api/titles", body)


def test_titles_are_edited_and_approved_by_the_rules_of_units(ada: Browser, server: Server) -> None:
    found = ada.get("/api/titles", id="titled").json()
    assert found["sources"] == {"title": "RISC-V 的故事", "description": "第一行\n第二行"}
    assert [(row["field"], row["state"]) for row in found["languages"][0]["rows"]] == [
        ("title", "missing"), ("description", "missing"),
    ]  # fmt: skip
    first = title(ada, "The  story\nof RISC-V", 0).json()["row"]
    assert (first["text"], first["state"], first["who"], first["revision"]) == (
        "The story of RISC-V",
        "edited",
        "Ada",
        1,
    )
    bob = server.browser("Bob")
    assert title(bob, "The story of RISC-V", 1, approve=True).json()["row"]["state"] == "approved"
    late = title(ada, "The long story of RISC-V", 1)
    assert late.status_code == 409
    assert (late.json()["theirs"]["who"], late.json()["merged"]) == ("Bob", "The long story of RISC-V")
    assert title(ada, "The story of RISC-V", 2).json()["row"]["state"] == "edited", "opened again"
    (problem,) = title(ada, "x" * 101, 3).json()["row"]["problems"]
    assert (problem["code"], problem["values"]["n"], problem["values"]["platform"]) == ("refused-title", 101, "YouTube")
    back = title(bob, "The story of RISC-V", 4, to=1).json()["row"]
    assert (back["revision"], back["problems"]) == (5, [])
    told = ada.get("/api/titles/history", id="titled", language="en", field="title").json()["revisions"]
    assert [(each["kind"], each["who"]) for each in told] == [
        ("revert", "Bob"), ("edit", "Ada"), ("reopen", "Ada"), ("approve", "Bob"), ("edit", "Ada"),
    ]  # fmt: skip
    assert title(ada, " ", 5).status_code == 400
    assert title(ada, "x", 0, field="tags").status_code == 404
    assert title(ada, "x", 0, language="fr").status_code == 404


def test_an_engine_proposes_what_is_missing_and_leaves_what_people_wrote(ada: Browser) -> None:
    before = ada.get("/api/titles", id="titled").json()["languages"][0]["rows"]
    assert ada.send("POST", "/api/titles/propose", {"id": "titled"}).status_code == 202
    assert ended(ada, "titled", "titles")["state"] == "done"
    title, description = ada.get("/api/titles", id="titled").json()["languages"][0]["rows"]
    assert title == before[0]
    assert (description["state"], description["text"]) == ("machine", "About 第一行\nAbout 第二行")


def test_titles_by_keyboard_and_what_somebody_else_wrote_meanwhile(chrome: Chromium, server: Server) -> None:
    bob = server.browser("Bob")
    with browsing.reviewer(chrome, server.url, "Ada", theme="dark", ui="zh-Hans") as person:
        page = person.open("typed")
        person.press("Alt+Shift+D")
        page.wait_for_selector("dialog .titles textarea")
        page.keyboard.type("The story of RISC-V")
        person.press("Control+Enter")
        page.wait_for_selector('.title-row .badge:text-is("已批准")')
        body = {"id": "typed", "language": "en", "field": "title", "text": "A history of RISC-V", "revision": 2}
        assert bob.send("PUT", "/api/titles", body).status_code == 200
        page.keyboard.press("End")
        page.keyboard.type(", in short")
        person.press("Enter")
        page.wait_for_selector('dialog .titles :text("Bob 同时改过它")')
        found = person.accessibility()
        picture(person, "titles-conflict")
        page.click('dialog button:text-is("合并两者")')
        person.press("Control+Enter")
        page.wait_for_selector('.title-row .badge:text-is("已批准")')
        assert page.input_value(".title-row textarea") == "A history of RISC-V, in short"
        page.click('.title-row button:text-is("历史")')
        page.wait_for_selector(".title-row .revision >> nth=4")
        page.focus(".title-row[data-field=description] textarea")
        page.keyboard.type("First row")
        picture(person, "titles")
        found += person.accessibility()
        person.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        person.press("Alt+Shift+D")
        page.wait_for_selector('dialog .title-row .badge:text-is("已改")')
        assert page.input_value(".title-row[data-field=description] textarea") == "First row"
        assert not [each for each in person.complaints if "409" not in each]  # the conflict
        assert not found, "\n".join(found)


def picture(person: Reviewer, name: str) -> None:
    if folder := os.environ.get("REVIEW_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        person.page.screenshot(path=str(Path(folder) / f"publish-{name}.png"))


@pytest.mark.parametrize(("theme", "ui"), [("light", "en"), ("dark", "zh-Hans")])
def test_publishing_by_keyboard_alone(
    chrome: Chromium, server: Server, ada: Browser, vimeo: VimeoServer, workspace: Path, theme: str, ui: str
) -> None:
    approve(workspace, theme, 1)
    words = {"en": ("Publish these (1)", "2 of 3 sentences are not approved.", "live"),
             "zh-Hans": ("发布这 1 项", "3 句中有 2 句未批准。", "已公开")}[ui]  # fmt: skip
    with browsing.reviewer(chrome, server.url, "Ada", theme=theme, ui=ui) as person:
        page = person.open(theme)
        person.press("Alt+Shift+P")
        page.wait_for_selector("dialog .publish table")
        picture(person, f"state-{theme}")
        found = person.accessibility()
        person.press("Enter")
        page.wait_for_selector(f'dialog button:text-is("{words[0]}")')
        assert words[1] in page.inner_text("dialog .publish")
        assert HOSTILE in page.inner_text("dialog .publish h3")
        assert page.evaluate("window.hacked === undefined")
        picture(person, f"plan-{theme}")
        found += person.accessibility()
        assert not writes(vimeo, theme)
        person.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        page.wait_for_function("() => document.querySelector('.run-state').textContent.length > 0")
        assert ended(ada, theme)["state"] == "done"
        assert [(code, active) for code, _, active, _ in vimeo.of(VIDEOS[theme])] == [("zh-CN", True)]
        person.press("Alt+Shift+P")
        page.wait_for_selector(f'dialog .publish .badge:has-text("{words[2]}")')
        picture(person, f"done-{theme}")
        found += person.accessibility()
        person.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        assert not person.complaints
        assert not found, "\n".join(found)
