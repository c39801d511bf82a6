"""How the pages look: without barriers (axe-core) in both themes, and as pictures where a folder is named for them.

REVIEW_SCREENSHOTS=folder keeps the pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.review import browsing
from tests.review.browsing import Reviewer
from tests.review.serving import Server

SIZES = {"wide": (1440, 900), "tablet": (1024, 768)}


def look(person: Reviewer, name: str, found: list[str]) -> None:
    """Take a picture, and note what stands in somebody's way."""
    if folder := os.environ.get("REVIEW_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        person.page.screenshot(path=str(Path(folder) / f"{name}.png"))
    found += [f"{name}: {each}" for each in person.accessibility()]


@pytest.mark.parametrize(("theme", "ui"), [("light", "en"), ("dark", "zh-Hans")])
def test_every_page_is_without_barriers_in_both_themes(
    chrome: Browser, page_server: Server, theme: str, ui: str
) -> None:
    found: list[str] = []
    with browsing.reviewer(chrome, page_server.url, "Ada", theme=theme, ui=ui, size=SIZES["wide"]) as ada:
        page = ada.page
        for path in ("", "signin", "search", "help"):
            page.goto(f"{page_server.url}/{path}", wait_until="load")
            look(ada, f"{path or 'workspace'}-{theme}", found)
        ada.open("looks")
        page.wait_for_selector('#editor[data-wave="ready"]')
        ada.press("Enter")
        ada.type(
            "In 2031, a text that is much too long to be read in the short time that there is for it: 三 rows and more."
        )
        page.wait_for_selector(".unit.active .note")
        look(ada, f"editor-{theme}", found)
        ada.press("Alt+c")
        page.wait_for_selector(".cue-row")
        look(ada, f"cues-{theme}", found)
        ada.press("Escape", "F1")
        page.wait_for_selector("dialog[open]")
        look(ada, f"keys-{theme}", found)
        ada.press("Escape")
        page.set_viewport_size({"width": SIZES["tablet"][0], "height": SIZES["tablet"][1]})
        look(ada, f"tablet-{theme}", found)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not ada.complaints
    assert not found, "\n".join(found)
