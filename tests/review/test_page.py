"""The editor in a real browser: a review from opening to export by keyboard alone, and all that must not go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.conftest import HOSTILE
from tests.review.serving import ENGLISH, Server, start


@contextmanager
def at_page(chrome: Browser, server: Server, name: str = "Ada", **options: object) -> Iterator[Reviewer]:
    with browsing.reviewer(chrome, server.url, name, **options) as person:  # type: ignore[arg-type]
        yield person


def test_a_whole_review_is_done_from_opening_to_export_by_keyboard_alone(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("talk")
        ada.press("Enter")  # into the first sentence's text
        ada.type("In September 2022 RISC-V International unified its profiles.")
        ada.press("Control+Enter")  # approve, next
        ada.press("Escape", "g")  # flag the second
        page.keyboard.type("Is this the right name?")
        ada.press("Enter")
        ada.press("c")  # and comment on it
        page.keyboard.type("It is, says the author.")
        ada.press("Control+Enter", "Escape")
        page.wait_for_selector(".comment")
        ada.wait_saved()
        page.locator(".unit.active").focus()
        ada.press("g")  # the flag goes again
        ada.press("Control+Enter", "Control+Enter")
        ada.wait_saved()
        page.wait_for_function("() => document.querySelectorAll('.unit.approved').length === 3")
        ada.press("Alt+Shift+E")
        page.wait_for_selector("dialog[open] a:focus")
        with page.expect_download() as download:
            ada.press("Enter")
        text = Path(download.value.path()).read_text(encoding="utf-8")
        assert "RISC-V International unified" in text.replace("\n", " ")
        assert [unit["status"] for unit in ada.stored("talk")] == ["approved"] * 3
        assert ada.stored("talk")[1]["comments"] == 1
        assert not ada.complaints


def test_two_people_in_conflict_see_both_texts_and_lose_neither(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server, "Ada") as ada, at_page(chrome, page_server, "Ben") as ben:
        ben.context.route("**/api/events*", lambda route: route.abort())  # Ben hears nothing of what Ada does
        ada.open("clash")
        page = ben.open("clash")
        ada.press("Enter")
        ada.type("In September 2022, RISC-V International published a unified configuration standard.")
        ada.press("Control+s")
        ada.wait_saved()
        ben.press("Enter")
        ben.type("In September 2022, RISC-V International released a unified configuration standard at last.")
        ben.press("Control+s")
        page.wait_for_selector(".conflict")
        assert ben.state == "conflict"
        box = page.locator(".conflict")
        assert "published" in box.inner_text()
        assert "at last" in box.inner_text()
        assert "Ada" in box.inner_text()
        box.get_by_role("button", name="Take both").focus()
        ben.press("Enter")
        ben.wait_saved()
        merged = "In September 2022, RISC-V International published a unified configuration standard at last."
        assert ben.stored("clash")[0]["text"] == merged
        # Ada hears of it, and sees it without doing anything.
        ada.page.wait_for_function("text => document.querySelector('.unit textarea').value === text", arg=merged)


def test_cues_made_by_hand_stay_with_the_text_that_one_keeps_in_a_conflict(
    chrome: Browser, page_server: Server
) -> None:
    with at_page(chrome, page_server, "Ben") as ben:
        ben.context.route("**/api/events*", lambda route: route.abort())
        page = ben.open("clash")
        ben.press("ArrowDown", "Enter")
        ben.context.set_offline(True)
        ben.type("It is called RVA23, they say.")
        ben.press("Alt+c")
        page.wait_for_selector(".cue-row textarea:focus")
        ben.press("Control+Home", "Control+ArrowRight", "Control+ArrowRight", "Alt+Enter", "Alt+c")
        with browsing.reviewer(chrome, page_server.url, "Ada") as ada:
            unit = ada.stored("clash")[1]
            body = {"text": "Its name is RVA23.", "revision": unit["revision"], "save_id": "", "cues": None}
            csrf = ada.context.request.get(f"{ada.url}/api/episode?id=clash&language=en").json()["csrf"]
            headers = {"Origin": ada.url, "X-Zimu": "1", "X-CSRF-Token": csrf}
            address = f"{ada.url}/api/units/{unit['id']}/text"
            assert ada.context.request.put(address, data=body, headers=headers).ok
        ben.context.set_offline(False)
        page.wait_for_selector(".conflict")
        page.locator(".conflict").get_by_role("button", name="Keep mine").focus()
        ben.press("Enter")
        ben.wait_saved()
        mine = ben.stored("clash")[1]
        assert mine["text"] == "It is called RVA23, they say."
        assert mine["cues_fixed"]
        assert not mine["cues_stale"]
        assert len(mine["cues"]) == 2


def test_saves_outlive_a_lost_connection_a_reload_and_a_killed_server(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("cut")
        ada.press("Enter")
        ada.context.set_offline(True)
        ada.type("Written without a connection.")
        ada.press("Alt+ArrowDown")
        ada.type("This too.")
        ada.press("Control+s")
        page.wait_for_selector('#save-state[data-state="offline"]')
        assert "2" in page.inner_text("#save-state")
        ada.context.set_offline(False)
        ada.wait_saved()
        assert [unit["text"] for unit in ada.stored("cut")[:2]] == ["Written without a connection.", "This too."]

        ada.type("Typed just before a reload.")
        page.reload(wait_until="commit")
        page.wait_for_selector("#editor[data-ready]")
        ada.wait_saved()
        assert ada.stored("cut")[1]["text"] == "Typed just before a reload."

        port = int(page_server.url.rsplit(":", 1)[1])
        page_server.kill()
        ada.press("Enter")
        ada.type("Written while the server was dead.")
        ada.press("Control+s")
        page.wait_for_selector('#save-state[data-state="offline"]')
        page_server.process = start(page_server.workspace, port=port).process
        ada.wait_saved()
        assert ada.stored("cut")[0]["text"] == "Written while the server was dead."


def test_the_video_goes_in_step_with_the_cues(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("film")
        page.wait_for_function("() => document.querySelector('video').readyState >= 2")
        cue = page.locator(".units > .unit").nth(1).locator(".cue").first
        start_s = int(cue.get_attribute("data-start") or 0) / 1000
        page.evaluate("() => document.querySelector('video').addEventListener('play', () => { window.played = true; })")
        cue.click()  # it plays from its start, is lit, and its text stands over the picture
        page.wait_for_function("() => window.played")
        page.wait_for_function("start => document.querySelector('video').currentTime >= start", arg=start_s)
        page.wait_for_function(
            "() => document.querySelector('.cue.playing')?.closest('.unit').ariaLabel.startsWith('Line 3')"
        )
        words = page.inner_text(".overlay").split()
        assert words
        assert set(words) <= set(ENGLISH[1].split())
        page.wait_for_function("() => document.querySelector('video').paused")  # at the cue's end
        page.locator(".unit.active").focus()
        ada.press("End", "Space")  # play on: the third sentence's cue is lit as its time comes
        page.wait_for_function(
            "() => document.querySelector('.cue.playing')?.closest('.unit').ariaLabel.startsWith('Line 5')"
        )
        ada.press("Space")
        page.wait_for_function("() => document.querySelector('video').paused")


def test_a_click_into_a_text_writes_there(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("film")
        text = page.locator(".units > .unit").nth(2).locator(".unit-target")
        box = page.locator(".units > .unit").nth(2).locator(".unit-target .text").bounding_box()
        assert box is not None
        text.click(position={"x": 2, "y": box["height"] / 2})
        page.keyboard.type("Here: ")
        ada.press("Control+s")
        ada.wait_saved()
        assert ada.stored("film")[2]["text"] == f"Here: {ENGLISH[2]}"


def test_a_subtitle_stands_in_the_picture_as_it_will_look(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("looks")
        page.wait_for_selector(".overlay span")
        widths = page.evaluate(
            """() => [document.querySelector('.screen').clientWidth,
                ...[...document.querySelectorAll('.overlay span')].map((row) => row.getBoundingClientRect().width)]"""
        )
        # config/styles.toml: 42 letters fill half of the width; here letters may be somewhat larger, to be legible.
        assert max(widths[1:]) < 0.8 * widths[0]


def test_cues_are_timed_split_and_broken_by_keyboard(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("cues")
        ada.press("Alt+c")
        page.wait_for_selector(".cue-row textarea:focus")
        before = ada.stored("cues")[0]["cues"]
        ada.press("Control+Home", "Control+ArrowRight", "Control+ArrowRight", "Alt+Enter")  # split after two words
        assert page.locator(".cue-row").count() == len(before) + 1
        page.locator(".cue-row input").first.focus()
        ada.press("Shift+ArrowUp", "Tab", "Tab", "Tab", "Tab")
        ada.press("Alt+c")
        ada.wait_saved()
        unit = ada.stored("cues")[0]
        assert unit["cues_fixed"]
        assert not unit["cues_stale"]
        assert len(unit["cues"]) == len(before) + 1
        assert unit["cues"][0]["start_ms"] == before[0]["start_ms"] + 10
        assert unit["text"] == ENGLISH[0]
        ada.press("Escape", "Alt+Shift+c")  # back to automatic ones
        ada.wait_saved()
        assert not ada.stored("cues")[0]["cues_fixed"]


def test_an_edge_is_dragged_on_the_wave(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("film")
        page.wait_for_selector('#editor[data-wave="ready"]')
        end = ada.stored("film")[0]["cues"][0]["end_ms"]
        # The sound ends before the picture: all the same each cue lies at its time, here 160 px a second.
        ada.press("Alt+=")
        page.wait_for_function(
            """start => {
                const wave = document.querySelector(".wave-box > div").shadowRoot.querySelector(".wrapper");
                const from = wave.getBoundingClientRect().left;
                return [...wave.querySelectorAll('[part^="region "]')]
                    .map((region) => (region.getBoundingClientRect().left - from) / 160)
                    .some((seconds) => Math.abs(seconds - start / 1000) < 0.02);
            }""",
            arg=ada.stored("film")[1]["cues"][0]["start_ms"],
        )
        ada.press("Alt+-")
        handle = page.locator('.wave-box [part*="region-handle-right"]').first
        box = handle.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 2, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] - 14, box["y"] + 40, steps=4)
        page.mouse.up()
        page.wait_for_selector(".unit .badge.pin")
        ada.wait_saved()
        cue = ada.stored("film")[0]["cues"][0]
        assert ada.stored("film")[0]["cues_fixed"]
        assert -400 < cue["end_ms"] - end < -80


def test_what_others_wrote_is_only_ever_shown_as_text(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server, "Eve <b>") as eve:
        page = eve.open("hostile")
        assert page.input_value(".unit textarea") == HOSTILE
        assert HOSTILE in page.inner_text(".unit-cues, .overlay") or HOSTILE in page.inner_text("h1")
        eve.press("g")
        page.keyboard.type(HOSTILE)
        eve.press("Enter")
        eve.press("c")
        page.keyboard.type(HOSTILE)
        eve.press("Control+Enter")
        page.wait_for_selector(".comment")
        eve.press("Escape")
        page.locator(".unit.active").focus()
        eve.press("h")
        page.wait_for_selector(".revision")
        eve.press("Alt+h")
        page.keyboard.type("<img")
        page.wait_for_selector(".found-row")
        assert page.evaluate("window.hacked") is None
        assert page.locator("img, main script").count() == 0
        eve.press("Escape")
        # Arabic goes from right to left, in the field and in the list.
        page = eve.open("hostile", "ar")
        directions = (
            "[...document.querySelectorAll('.unit-target .text')].map(each => getComputedStyle(each).direction)"
        )
        assert page.evaluate(directions) == ["rtl"] * 3
        assert not eve.complaints


def test_keys_of_an_input_method_do_nothing_but_write(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("keys")
        ada.press("Enter")
        compose = """(init) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...init}))"""
        assert page.evaluate(compose, {"key": "Enter", "code": "Enter", "ctrlKey": True, "isComposing": True})
        assert page.evaluate(compose, {"key": "Enter", "code": "Enter", "isComposing": True})
        assert page.evaluate(compose, {"key": "Process", "code": "KeyN", "altKey": True, "keyCode": 229})
        assert ada.stored("keys")[0]["status"] == "machine"
        assert page.locator(".unit.active").get_attribute("aria-posinset") == "1"


def test_keys_are_listed_and_can_be_changed(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("keys")
        ada.press("?")
        page.wait_for_selector("dialog[open] .keys")
        page.locator('[data-key-name="next"]').focus()
        ada.press("Enter", "Alt+q", "Escape")
        page.locator(".unit.active").focus()
        ada.press("Alt+q")
        assert page.locator(".unit.active").get_attribute("aria-posinset") == "2"
        page.reload(wait_until="commit")
        page.wait_for_selector("#editor[data-ready]")
        ada.press("Alt+q")
        assert page.locator(".unit.active").get_attribute("aria-posinset") == "2"


def test_sentences_are_split_merged_and_undone_by_keyboard(chrome: Browser, page_server: Server) -> None:
    with at_page(chrome, page_server) as ada:
        page = ada.open("keys")
        ada.press("s")
        page.wait_for_selector("dialog[open]")
        ada.press("Control+Enter")
        page.wait_for_function("() => document.querySelectorAll('.units > .unit').length === 4")
        ada.press("w")
        page.wait_for_selector("dialog[open] textarea")
        ada.press("Control+Enter")
        page.wait_for_function("() => document.querySelectorAll('.units > .unit').length === 3")
        ada.press("Enter")
        ada.type("Something else.")
        ada.press("Escape")
        ada.wait_saved()
        ada.press("Alt+z")
        ada.wait_saved()
        assert ada.stored("keys")[0]["text"].replace("  ", " ") == ENGLISH[0]
