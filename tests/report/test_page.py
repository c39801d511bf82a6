"""Reports as a person opens them: in a real browser, from the file alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from pipeline.alignment import AlignedLine, Alignment
from pipeline.alignment.result import ExtraSpeech
from pipeline.report.page import UI_LANGUAGES, texts
from pipeline.store import Store
from tests.cli import Result
from tests.review.serving import make_workspace

Zimu = Callable[..., Result]
HOSTILE = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an episode that has a doubtful, an unspoken line and a remark, and people's work on it."""
    workspace = make_workspace(tmp_path_factory.mktemp("report") / "workspace")
    episode = workspace / "talk"
    path = episode / "zimu" / "alignment.json"
    aligned = Alignment.load(path)
    lines = list(aligned.lines)
    doubtful, silent = lines[1], lines[4]
    lines[1] = AlignedLine(1, doubtful.text, doubtful.start_ms, doubtful.end_ms, "check", 0.41)
    lines[4] = AlignedLine(4, silent.text, None, None, "unspoken", 0.1)
    extra = (ExtraSpeech(13_000, 13_900, HOSTILE, 0.8),)
    Alignment(aligned.language, aligned.duration_ms, aligned.model, tuple(lines), extra).save(path)
    (episode / "episode.toml").write_text(f"[episode]\ntitle = '''{HOSTILE}'''\nto = ['en']\n", encoding="utf-8")
    (workspace / "broken").mkdir()
    (workspace / "broken" / "transcript.txt").write_text("一行\n", encoding="utf-8")
    with Store.open(workspace / "zimu.db") as store:
        (known,) = store.episodes()
        first, second, _ = store.units(known.id, "en")
        store.edit(first.id, first.text.replace("unified", HOSTILE), "Ada", first.revision)
        store.approve(second.id, "Ada", second.revision)
    return workspace


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def opened(chrome: Chromium, path: Path, *, width: int, theme: str) -> tuple[Page, list[str]]:
    """The file in a browser, and everything that the browser complains of or asks a network for."""
    context = chrome.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda ask: None if ask.url.startswith(("file:", "data:")) else said.append(ask.url))
    page.goto(path.as_uri())
    return page, said


def test_an_episodes_report_shows_all_and_asks_nothing_of_a_network(
    workspace: Path, zimu: Zimu, chrome: Chromium
) -> None:
    done = zimu("report", workspace / "talk")
    assert done.code == 0, done.err
    path = workspace / "talk" / "zimu" / "report.html"
    assert done.out.strip() == str(path)
    for width, theme in ((1280, "light"), (390, "dark")):
        page, said = opened(chrome, path, width=width, theme=theme)
        assert said == []
        assert "hacked" not in page.title().split(" · ")[-1]
        assert page.evaluate("document.title").startswith("<img")
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".look").count() == 3
        assert page.locator(".look .tag.unspoken").count() == 1
        assert page.locator("svg.strip").count() >= 1
        assert page.locator("svg.histogram").count() == 4
        assert HOSTILE in page.locator(".change .what ins").all_inner_texts()[0]
        smallest = page.evaluate("Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBBox().height))")
        assert smallest >= 10  # words stay as large as they are, however narrow the page
        page.context.close()


def test_a_doubtful_line_can_be_heard_and_is_found_from_the_timeline(
    workspace: Path, zimu: Zimu, chrome: Chromium
) -> None:
    assert zimu("report", workspace / "talk").code == 0
    page, said = opened(chrome, workspace / "talk" / "zimu" / "report.html", width=1280, theme="light")
    buttons = page.locator("button.play")
    assert buttons.count() == 2  # the line never spoken has no sound
    length = page.evaluate(
        "src => new Promise(told => { const a = new Audio(src); a.onloadedmetadata = () => told(a.duration);"
        " a.onerror = () => told(-1); })",
        buttons.first.get_attribute("data-clip"),
    )
    assert 2.0 < length < 3.5  # the line's 2.1 s with what is around it
    buttons.first.click()
    page.wait_for_function("document.querySelector('button.play').getAttribute('aria-pressed') === 'true'")
    buttons.first.click()
    assert buttons.first.get_attribute("aria-pressed") == "false"
    page.locator("svg.strip a").first.click()
    assert page.evaluate("location.hash").startswith("#look-")
    assert said == []
    page.context.close()


def test_colours_follow_the_theme_and_can_be_read(workspace: Path, zimu: Zimu, chrome: Chromium) -> None:
    assert zimu("report", workspace / "talk").code == 0
    backgrounds = set()
    for theme in ("light", "dark"):
        page, _ = opened(chrome, workspace / "talk" / "zimu" / "report.html", width=390, theme=theme)
        backgrounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        for kind in ("text.tick", ".tag.check", ".why", "ins"):
            assert page.evaluate(CONTRAST, kind) >= 4.5, (theme, kind)
        page.context.close()
    assert len(backgrounds) == 2


# WCAG 2.2, 1.4.3: the contrast of a text with what is painted behind it.
CONTRAST = """kind => {
  const found = document.querySelector(kind);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  let behind = found, colour = null;
  for (; behind; behind = behind.parentElement) {
    const c = rgb(getComputedStyle(behind).backgroundColor);
    if (c.length < 4 || c[3] > 0) { colour = c; break; }
  }
  const style = getComputedStyle(found);
  const [a, b] = [light(rgb(found.tagName === "text" ? style.fill : style.color)), light(colour)].sort((x, y) => y - x);
  return (a + .05) / (b + .05);
}"""


def test_a_workspaces_report_has_its_episodes_failures_and_distances(
    workspace: Path, zimu: Zimu, chrome: Chromium
) -> None:
    done = zimu("report", workspace, "--language", "zh-Hans")
    assert done.code == 0, done.err
    path = workspace / "report.html"
    page, said = opened(chrome, path, width=390, theme="dark")
    assert said == []
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    words = page.inner_text("body")
    assert "翻译记忆有用吗" in words
    assert "no media file" in words
    assert str(workspace.parent) not in path.read_text(encoding="utf-8")  # no place on this machine
    row = page.locator("section[aria-labelledby=h-memory] tbody tr").first
    assert "Argos" in row.inner_text()
    assert "50 %" in row.inner_text()  # one of the two was left as it was
    page.context.close()


def test_an_episode_that_is_not_aligned_and_a_folder_without_episodes_are_refused(workspace: Path, zimu: Zimu) -> None:
    shutil.rmtree(workspace / "talk" / "zimu")
    done = zimu("report", workspace / "talk")
    assert done.code == 1
    assert "zimu run" in done.err
    assert not (workspace / "talk" / "zimu").exists()
    (workspace / "empty").mkdir()
    assert zimu("report", workspace / "empty").code == 2


def test_out_writes_elsewhere_and_leaves_the_episode_alone(workspace: Path, zimu: Zimu, tmp_path: Path) -> None:
    before = sorted(path.name for path in (workspace / "talk" / "zimu").iterdir())
    one, two = tmp_path / "a" / "r.html", tmp_path / "b.html"
    assert zimu("report", workspace / "talk", "--out", one, "--set", "report.clips=0").code == 0
    assert zimu("report", workspace / "talk", "--out", two, "--set", "report.clips=0").code == 0
    assert sorted(path.name for path in (workspace / "talk" / "zimu").iterdir()) == before
    assert one.read_bytes() == two.read_bytes()
    assert b"data:audio" not in one.read_bytes()


def test_a_report_is_made_again_only_when_something_changed(workspace: Path, zimu: Zimu) -> None:
    assert zimu("report", workspace / "talk").code == 0
    path = workspace / "talk" / "zimu" / "report.html"
    first = path.stat().st_mtime_ns
    assert zimu("report", workspace / "talk").code == 0
    assert path.stat().st_mtime_ns == first
    with Store.open(workspace / "zimu.db") as store:
        (known,) = store.episodes()
        unit = store.units(known.id, "en")[2]
        store.approve(unit.id, "Bob", unit.revision)
    assert zimu("report", workspace / "talk").code == 0
    assert path.stat().st_mtime_ns > first


def test_both_languages_have_all_words() -> None:
    one, other = (texts.__wrapped__(language) for language in UI_LANGUAGES)
    assert one.keys() == other.keys()
    assert sum(one[key] == other[key] for key in one) < len(one) / 10
