"""A real browser on a real server: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.review.serving import PATIENCE_S

PATIENCE_MS = PATIENCE_S * 1000
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"


def chromium() -> str:
    """Where the browser is; only outside CI may it be missing."""
    if found := shutil.which("chromium"):
        return found
    if os.environ.get("CI"):
        pytest.fail("CI must have Debian's chromium: apt-get install chromium")
    pytest.skip("Debian's chromium is not installed: apt-get install chromium")


def launch(playwright: Playwright) -> Browser:
    """The browser, with the font that comes with Zimu: a bare machine has no Chinese one, and shows boxes."""
    env = {**os.environ, "FONTCONFIG_FILE": str(_fonts())}
    return playwright.chromium.launch(executable_path=chromium(), headless=True, args=list(_FLAGS), env=env)  # type: ignore[arg-type]


@functools.cache
def _fonts() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="zimu-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = folder / "fonts.conf"
    config.write_text(
        f"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{resources.files("noto_cjk_sans_otc")}</dir>
  <cachedir>{folder / "cache"}</cachedir>
</fontconfig>
""",
        encoding="utf-8",
    )
    return config


@dataclass
class Reviewer:
    """Somebody at the page, in a browser profile of their own; `complaints` is what the browser's console says."""

    url: str
    name: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, episode: str = "talk", language: str = "en") -> Page:
        """Open the editor, ready to type."""
        self.page.goto(f"{self.url}/episode?id={quote(episode, safe='')}&language={language}", wait_until="commit")
        self.page.wait_for_selector("#editor[data-ready]")
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Write a text over the one in the field under the focus."""
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def wait_saved(self) -> None:
        self.page.wait_for_selector('#save-state[data-state="saved"]')

    @property
    def state(self) -> str:
        return self.page.get_attribute("#save-state", "data-state") or ""

    def unit(self, number: int) -> Any:
        """The row of the unit at a place in the list, from 0."""
        return self.page.locator(".units > .unit").nth(number)

    def stored(self, episode: str = "talk", language: str = "en") -> list[dict[str, Any]]:
        """The units as the server has them now."""
        query = f"id={quote(episode, safe='')}&language={language}"
        answer = self.context.request.get(f"{self.url}/api/episode?{query}")
        units: list[dict[str, Any]] = answer.json()["units"]
        return units

    def accessibility(self) -> list[str]:
        """What axe-core has against the page as it is, in short."""
        before = list(self.complaints)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        found = self.page.evaluate("rules => axe.run(document, rules)", rules)
        self.complaints[:] = before  # axe tries styles of its own, which the page's policy forbids
        return [
            f"{each['id']}: {json.dumps(node['target'], ensure_ascii=False)} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@contextmanager
def reviewer(
    browser: Browser, url: str, name: str, *, theme: str = "light", ui: str = "en", size: tuple[int, int] = (1280, 800)
) -> Iterator[Reviewer]:
    """Somebody who has signed in under a name."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", accept_downloads=True
    )
    context.set_default_timeout(PATIENCE_MS)
    cookies = {"zimu-theme": theme, "zimu-ui": ui}
    context.add_cookies([{"name": key, "value": value, "url": url} for key, value in cookies.items()])
    page = context.new_page()
    person = Reviewer(url, name, context, page)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: person.complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    try:
        # The page of the sign-in has a test of its own: here its request is enough.
        signed = context.request.post(
            f"{url}/signin", form={"name": name, "token": "", "to": "/help"}, headers={"Origin": url}
        )
        assert signed.ok, signed.text()
        yield person
    finally:
        context.close()
