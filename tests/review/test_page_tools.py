"""The windows of the editor in a real browser, by keyboard: another translation, lines, terms, replace, import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pipeline.progress import SilentReporter
from pipeline.underway import told
from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.serving import SPOKEN, Server
from tests.translation.chat_server import ChatServer


@pytest.fixture(scope="module")
def ada(chrome: Browser, page_server: Server) -> Iterator[Reviewer]:
    """Ada, with the episode open all the time."""
    with browsing.reviewer(chrome, page_server.url, "Ada") as person:
        person.open("tools")
        yield person
        assert not person.complaints


@pytest.fixture
def page(ada: Reviewer) -> Page:
    """The editor, at its first sentence."""
    assert ada.page.locator("dialog[open]").count() == 0
    ada.page.locator(".unit.active").focus()
    ada.press("Home")
    return ada.page


def folder(server: Server) -> Path:
    return server.workspace / "tools"


def test_another_translation_is_asked_for_with_a_wish_and_taken(ada: Reviewer, page: Page, engine: ChatServer) -> None:
    engine.translate = lambda text: "RISC-V International released one standard for all in September 2022, it says."
    ada.press("t")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("say it in one breath")
    ada.press("Control+Enter")
    page.wait_for_selector(".proposal-box")
    assert "say it in one breath" in str(engine.calls[-1]["messages"])
    assert ada.stored("tools")[0]["text"] != engine.translate("")
    ada.press("Alt+a")
    ada.wait_saved()
    page.wait_for_selector(".proposal-box", state="detached")
    first = ada.stored("tools")[0]
    assert (first["text"], first["status"], first["proposal"]) == (engine.translate(""), "edited", None)


def test_a_replacement_over_the_episode_is_shown_before_it_is_made(ada: Reviewer, page: Page) -> None:
    before = [unit["text"] for unit in ada.stored("tools")]
    ada.press("Alt+h")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("third")
    ada.press("Tab")
    page.keyboard.type("last")
    ada.press("Control+Enter")  # what is not shown yet is only shown
    page.wait_for_selector(".found-row ins")
    assert page.inner_text(".found-row ins").strip() == "last"
    assert [unit["text"] for unit in ada.stored("tools")] == before
    ada.press("Control+Enter")
    page.wait_for_selector("dialog", state="detached")
    assert ada.stored("tools")[2]["text"] == before[2].replace("third", "last")
    page.wait_for_function("() => document.querySelectorAll('.unit')[2].textContent.includes('the last sentence')")


def test_a_term_of_the_episode_is_added_and_put_where_it_occurs(ada: Reviewer, page: Page, page_server: Server) -> None:
    unit = next(unit for unit in ada.stored("tools") if "暑期项目" in unit["source"])
    place = [each["id"] for each in ada.stored("tools")].index(unit["id"])
    for _ in range(place):
        ada.press("ArrowDown")
    ada.press("Enter")
    ada.type("It came from a holiday job.")
    ada.press("Control+s")
    ada.wait_saved()
    page.evaluate("() => document.activeElement.setSelectionRange(15, 26)")
    ada.press("Alt+b")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("暑期项目")
    ada.press("Tab")
    ada.type("summer project")
    page.get_by_label("In this episode only").check()
    page.wait_for_selector(".found-row")
    box = page.locator(".found-row input")
    if box.is_enabled():
        box.check()
    ada.press("Control+Enter")
    page.wait_for_selector("dialog", state="detached")
    rows = list(csv.DictReader(io.StringIO((folder(page_server) / "terms.en.tsv").read_text("utf-8")), delimiter="\t"))
    assert [(row["approved"], row["term"], row["translation"]) for row in rows] == [
        ("yes", "暑期项目", "summer project")
    ]
    page.wait_for_function("() => document.querySelector('.unit.active .term')")
    assert not (folder(page_server).parent / "config").exists()
    found = ada.stored("tools")[place]
    assert [term["term"] for term in found["terms"]].count("暑期项目") == 1
    ada.press("Escape")


def test_a_corrected_file_is_looked_at_and_brought_in(ada: Reviewer, page: Page, tmp_path: Path) -> None:
    before = ada.stored("tools")
    exported = (
        ada.context.request.get(f"{ada.url}/api/export?id=tools&language=en&format=csv").body().decode("utf-8-sig")
    )
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(exported.replace(before[2]["text"], "Corrected elsewhere."), encoding="utf-8-sig")
    ada.press("Alt+Shift+I")
    page.wait_for_selector('dialog[open] input[type="file"]')
    page.set_input_files('dialog input[type="file"]', corrected)
    page.wait_for_selector(".found-row ins")
    assert [unit["text"] for unit in ada.stored("tools")] == [unit["text"] for unit in before]
    page.get_by_role("button", name="Make these changes").focus()
    ada.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    page.wait_for_function("() => document.querySelectorAll('.unit')[2].textContent.includes('Corrected elsewhere.')")
    assert ada.stored("tools")[2]["text"] == "Corrected elsewhere."


def test_a_line_of_the_transcript_is_corrected_and_nothing_else_is_lost(
    ada: Reviewer, page: Page, page_server: Server
) -> None:
    before = ada.stored("tools")
    ada.press("Alt+l")
    field = page.get_by_label("Text of line 1")
    field.focus()
    ada.type(SPOKEN[0].replace("节目", "栏目"))
    ada.press("Control+Enter")
    page.wait_for_selector("dialog", state="detached")
    page.wait_for_selector(".unit.stale")
    assert "栏目" in (folder(page_server) / "transcript.txt").read_text(encoding="utf-8")
    after = ada.stored("tools")
    assert [unit["text"] for unit in after] == [unit["text"] for unit in before]
    assert after[0]["stale_because"]["transcript"]["after"] == after[0]["source"]
    assert not after[1]["stale"]


def when_no_run_works(ada: Reviewer) -> None:
    """Until the stretch that was changed has been aligned again: files stay as they are meanwhile."""
    for _ in range(600):
        runs = ada.context.request.get(f"{ada.url}/api/runs").json()["runs"]
        if all(run["state"] in ("done", "failed") for run in runs):
            return
        ada.page.wait_for_timeout(100)
    raise AssertionError("a run does not end")


def test_a_lines_time_is_set_and_given_back_by_keyboard(ada: Reviewer, page: Page) -> None:
    when_no_run_works(ada)
    before = lines(ada)[1]
    ada.press("Alt+l")
    page.get_by_label("Start of line 2").focus()
    ada.type("0:02.900")
    ada.press("Control+Enter")
    page.wait_for_selector("dialog", state="detached")
    pinned = lines(ada)[1]
    assert (pinned["start_ms"], pinned["end_ms"], pinned["confidence"]) == (2900, before["end_ms"], 1.0)
    assert pinned["pin"]["who"] == "Ada"
    when_no_run_works(ada)
    page.locator(".unit.active").focus()
    ada.press("Alt+l")
    page.get_by_role("button", name="Find its time again").focus()
    ada.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert lines(ada)[1]["pin"] is None


def test_a_line_is_added_and_removed_by_keyboard(ada: Reviewer, page: Page, page_server: Server) -> None:
    transcript = folder(page_server) / "transcript.txt"
    rows = transcript.read_text(encoding="utf-8").splitlines()
    texts = [unit["text"] for unit in ada.stored("tools")]
    when_no_run_works(ada)
    ada.press("Alt+l")
    page.get_by_role("button", name="Add a line before: line 1").focus()
    ada.press("Enter")
    page.wait_for_selector("dialog:nth-of-type(2)[open] input:focus")
    page.keyboard.type("这一行是后来加的")
    ada.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert transcript.read_text(encoding="utf-8").splitlines() == ["这一行是后来加的", *rows]
    when_no_run_works(ada)
    # Nobody says it: it is of no sentence, and stands with the lines of the one beside it.
    page.wait_for_function("() => document.querySelector('.unit .line-no').textContent === '2–3'")
    assert lines(ada)[0]["status"] == "unspoken"
    page.locator(".unit.active").focus()
    ada.press("Home", "Alt+l")
    page.get_by_role("button", name="Remove: line 1").focus()
    assert "not spoken" in page.inner_text("dialog .line-row")
    ada.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert transcript.read_text(encoding="utf-8").splitlines() == rows
    assert [unit["text"] for unit in ada.stored("tools")] == texts
    when_no_run_works(ada)


def lines(ada: Reviewer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ada.context.request.get(f"{ada.url}/api/episode?id=tools&language=en").json()["lines"]
    return found


def test_a_run_on_the_command_line_is_seen_while_it_lasts(ada: Reviewer, page: Page, page_server: Server) -> None:
    place = page.locator(".run-state")
    with (
        told(SilentReporter(), folder(page_server) / "zimu") as reporter,
        reporter.task("align", 100, "seconds") as task,
    ):
        task.update(0)
        page.wait_for_function("() => document.querySelector('.run-state').textContent.includes('command line')")
        assert "align" in place.inner_text()
        listed = ada.context.request.get(f"{ada.url}/list").text()
        assert "On the command line" in listed
    page.wait_for_function("() => document.querySelector('.run-state').textContent.includes('done')")


def test_an_episode_without_a_translation_says_so_and_offers_one(chrome: Browser, page_server: Server) -> None:
    with browsing.reviewer(chrome, page_server.url, "Ada") as bea:
        page = bea.open("fresh")
        assert "Nothing is translated into" in page.inner_text(".units > .empty")
        assert page.get_by_role("button", name="Align and translate").is_enabled()
        assert not bea.accessibility()


def test_one_signs_in_at_the_page_and_gets_to_where_one_was_going(chrome: Browser, page_server: Server) -> None:
    context = chrome.new_context()
    page = context.new_page()
    page.goto(f"{page_server.url}/signin?to=%2Fhelp")
    page.fill('input[name="name"]', "Cy")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{page_server.url}/help")
    assert "Cy" in page.inner_text("header")
    context.close()
