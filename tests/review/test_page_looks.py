"""How the pages look: without barriers (axe-core) in both themes and languages, from a tablet to a wide screen.

REVIEW_SCREENSHOTS=folder keeps a picture of each; CI keeps them in build/screenshots.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.serving import Browser as Client
from tests.review.serving import Server, make_workspace, serving

DESK, WIDE, TABLET, UPRIGHT = (1280, 800), (1600, 1000), (1024, 768), (820, 1180)
LONG = "In 2031, a text that is much too long to be read in the short time that there is for it: 三 rows and more."
THEMES = [("light", "en"), ("dark", "zh-Hans")]
WINDOWS = {
    "F1": "keys", "s": "split", "w": "merge", "Alt+l": "lines", "t": "retranslate", "Alt+h": "replace",
    "Alt+b": "term", "Alt+Shift+E": "export", "Alt+Shift+I": "import",
}  # fmt: skip


class Look:
    """Takes pictures, and notes what stands in somebody's way."""

    def __init__(self, person: Reviewer, theme: str, size: tuple[int, int] = DESK) -> None:
        self.person, self.theme = person, theme
        self.found: list[str] = []
        self.at(size)

    def at(self, size: tuple[int, int]) -> None:
        self.person.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.size = size

    def __call__(self, name: str) -> None:
        page, name = self.person.page, f"{name}-{self.theme}-{self.size[0]}"
        if folder := os.environ.get("REVIEW_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))
        self.found += [f"{name}: {each}" for each in self.person.accessibility()]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.found.append(f"{name}: the page is wider than the window")


@contextmanager
def looking(chrome: Browser, server: Server, theme: str, ui: str) -> Iterator[tuple[Look, Reviewer, Page]]:
    with browsing.reviewer(chrome, server.url, "Ada", theme=theme, ui=ui, size=DESK) as ada:
        look = Look(ada, theme)
        yield look, ada, ada.page
        assert not look.found, "\n".join(look.found)
        expected = ("404", "409", "ERR_FAILED")  # pages that are not there, the conflict, events that a test keeps back
        assert not [each for each in ada.complaints if not any(word in each for word in expected)]


@pytest.mark.parametrize(("theme", "ui"), THEMES)
def test_the_pages_are_without_barriers(chrome: Browser, page_server: Server, theme: str, ui: str) -> None:
    with looking(chrome, page_server, theme, ui) as (look, _, page):
        for path in ("", "signin", "help", "nowhere", "episode?id=nowhere"):
            page.goto(f"{page_server.url}/{path}", wait_until="load")
            look(path.replace("?id=", "-") or "list")
        page.goto(f"{page_server.url}/", wait_until="load")
        page.locator("summary").first.click()
        for size in (DESK, UPRIGHT):
            look.at(size)
            look("list-run")
        look.at(DESK)
        page.goto(f"{page_server.url}/search")
        page.fill("#search-q", "the")
        page.fill('[name="replacement"]', "a")
        page.keyboard.press("Enter")
        page.wait_for_selector("#results tbody input")
        look("search")


@pytest.mark.parametrize(("theme", "ui"), THEMES)
def test_signing_in_with_a_token_is_without_barriers(chrome: Browser, tmp_path: Path, theme: str, ui: str) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    with serving(workspace, "--token", "a-shared-token-for-all") as server:
        context = chrome.new_context()
        cookies = {"zimu-theme": theme, "zimu-ui": ui}
        context.add_cookies([{"name": key, "value": value, "url": server.url} for key, value in cookies.items()])
        page = context.new_page()
        eve = Reviewer(server.url, "Eve", context, page)
        look = Look(eve, theme)
        page.goto(f"{server.url}/episode?id=talk")
        look("signin-token")
        page.keyboard.type("Eve")
        eve.press("Tab")
        page.keyboard.type("not the token of all")
        eve.press("Enter")
        page.wait_for_selector('[role="alert"]')
        assert page.input_value('[name="name"]') == "Eve"
        look("signin-wrong")
        page.keyboard.type("a-shared-token-for-all")  # the field of the token has the focus
        eve.press("Enter")
        page.wait_for_selector("#editor[data-ready]")
        assert "id=talk" in page.url
        context.close()
        assert not look.found, "\n".join(look.found)


@pytest.mark.parametrize(("theme", "ui"), THEMES)
def test_the_editor_is_without_barriers(chrome: Browser, page_server: Server, theme: str, ui: str) -> None:
    with looking(chrome, page_server, theme, ui) as (look, ada, page):
        ada.open("looks")
        page.wait_for_selector('#editor[data-wave="ready"]')
        ada.press("Home", "Enter")
        ada.type(LONG)
        page.wait_for_selector(".unit.active .note")
        for size in (DESK, WIDE, TABLET, UPRIGHT):
            look.at(size)
            look("editor")
        look.at(DESK)
        ada.press("Alt+c")
        page.wait_for_selector(".cue-row")
        look("cues")
        ada.press("Escape")
        page.locator(".unit.active").focus()
        ada.press("h")
        page.wait_for_selector(".revision")
        look("history")
        ada.open("hostile", "ar")
        page.wait_for_selector('#editor[data-wave="ready"]')
        ada.press("Enter")
        look("arabic")


@pytest.mark.parametrize(("theme", "ui"), THEMES)
def test_the_windows_are_without_barriers(chrome: Browser, page_server: Server, theme: str, ui: str) -> None:
    with looking(chrome, page_server, theme, ui) as (look, ada, page):
        ada.open("looks")
        page.wait_for_selector('#editor[data-wave="ready"]')
        for key, name in WINDOWS.items():
            page.locator(".unit.active").focus()
            ada.press("Home", key)
            page.wait_for_selector("dialog[open]")
            if name == "replace":
                page.keyboard.type("the")
                page.wait_for_selector(".found-row")
            look(f"window-{name}")
            ada.press("Escape")
            assert page.locator("dialog").count() == 0


@pytest.mark.parametrize(("theme", "ui"), THEMES)
def test_a_conflict_is_without_barriers(chrome: Browser, page_server: Server, theme: str, ui: str) -> None:
    ben = Client(page_server.url)
    ben.sign_in("Ben")
    with looking(chrome, page_server, theme, ui) as (look, ada, page):
        ada.context.route("**/api/events*", lambda route: route.abort())  # Ada hears nothing of what Ben does
        ada.open("clash")
        before = ada.stored("clash")[2]["text"]
        ben.save(ben.episode("clash")["units"][2], f"{before} Says Ben.")
        ada.press("End", "Enter", "Home")
        page.keyboard.type("Then: ")
        ada.press("Control+s")
        page.wait_for_selector(".conflict")
        for size in (DESK, TABLET):
            look.at(size)
            look("conflict")
        # Its buttons come after the text and the findings.
        for _ in range(12):
            ada.press("Tab")
            if page.evaluate("() => Boolean(document.activeElement.closest('.conflict .choice:nth-child(3)'))"):
                break
        ada.press("Enter")
        ada.wait_saved()
        assert ada.stored("clash")[2]["text"] == f"Then: {before} Says Ben."
