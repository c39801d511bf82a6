"""Parts of the page that need no server: the count of characters, the tables of words, the code of others."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

import pipeline.publishing
import pipeline.review
import pipeline.store
from pipeline.languages import find
from pipeline.publishing.vimeo.client import SIGN_IN
from pipeline.publishing.youtube.client import AGAIN, SEVEN_DAYS
from pipeline.review.saying import said
from pipeline.review.view import finding_json, revision_json
from pipeline.store import Store
from pipeline.subtitles import checks as cue_checks
from pipeline.subtitles.display import reading_speed, width
from pipeline.translation import checks
from pipeline.translation.shortening import NOTE
from pipeline.translation.units import Unit
from tests.review.found import everything

HERE = Path(__file__).parent
STATIC = Path(pipeline.review.__file__).parent / "static"
VECTORS: list[dict[str, Any]] = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))


def counted(vector: dict[str, Any]) -> float:
    """What the pipeline counts."""
    profile = replace(find("en").profile, half_width=vector["half_width"])
    if cue := vector.get("cue"):
        return reading_speed(cue["text"], cue["end_ms"] - cue["start_ms"], profile)
    return width(vector["text"], profile)


def expected(vector: dict[str, Any]) -> float:
    return float(vector.get("cps", vector.get("width")))


def test_the_pipeline_counts_as_the_vectors_say() -> None:
    assert [counted(vector) for vector in VECTORS] == pytest.approx([expected(vector) for vector in VECTORS])


def test_the_page_counts_as_the_vectors_say(chrome: Browser) -> None:
    with modules(chrome) as page:
        found = _counted_in(page)
    assert found == pytest.approx([expected(vector) for vector in VECTORS])


@contextmanager
def modules(chrome: Browser) -> Iterator[Page]:
    """A page that may import the editor's modules, with no server behind it."""
    page = chrome.new_page()
    page.route("http://page.test/**", _file)
    page.goto("http://page.test/")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("It is a single one.", "It is one unified one.", ["It is ", "-a single", "+one unified", " one."]),
        ("全球芯片产业", "全球处理器产业", ["全球", "-芯片", "+处理器", "产业"]),
        ("Same.", "Same.", ["Same."]),
        ("", "New.", ["+New."]),
    ],
)
def test_a_diff_reads_as_a_person_would_say_it(chrome: Browser, before: str, after: str, shown: list[str]) -> None:
    with modules(chrome) as page:
        parts = page.evaluate(
            """async (texts) => (await import("/js/editor/diff.js")).diff(...texts)""", [before, after]
        )
    assert "".join(text for kind, text in parts if kind != "ins") == before
    assert "".join(text for kind, text in parts if kind != "del") == after
    assert [{"same": "", "del": "-", "ins": "+"}[kind] + text for kind, text in parts] == shown


def test_what_is_approved_unseen_has_nothing_against_its_cues_either(chrome: Browser) -> None:
    with modules(chrome) as page:
        told = page.evaluate(
            """async () => {
                const { approveAll } = await import("/js/editor/tools.js");
                const finding = { rule: "reading-speed", value: "30", dismissed: null };
                const unit = { id: 1, text: "Fast.", status: "machine", findings: [], cues: [{ findings: [finding] }] };
                await approveAll({ visible: [1], shown: () => unit });
                return [document.querySelector(".toast").textContent, document.querySelectorAll("dialog").length];
            }"""
        )
    assert told == ["approve_all.none", 0]


RULES_SHOWN = {*checks.RULES, *cue_checks.RULES, "empty", "reading-time", "no-answer"}


@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
def test_every_finding_is_said_in_the_words_of_the_interface(chrome: Browser, tag: str) -> None:
    findings = list(everything())
    assert {finding.rule for finding in findings} == RULES_SHOWN
    page = chrome.new_page()
    page.route("http://page.test/**", _file)
    page.goto("http://page.test/")
    said = page.evaluate(
        """async ([tag, findings]) => {
            const { loadTexts } = await import("/js/editor/text.js");
            const { findingWords } = await import("/js/editor/findings.js");
            await loadTexts(tag);
            return findings.map(findingWords);
        }""",
        [tag, [finding_json(finding) for finding in findings]],
    )
    page.close()
    for finding, words in zip(findings, said, strict=True):
        assert "{" not in words["message"], finding.rule
        assert words["message"] != finding_json(finding)["message"], finding.rule
        if tag == "zh-Hans":
            quoted = sorted([finding.value, *finding.limit.split(" or ")], key=len, reverse=True)
            left = functools.reduce(lambda text, each: text.replace(each, ""), quoted, words["message"])
            assert not re.search("[A-Za-z]", words["name"] + left + words["remedy"]), (finding.rule, words)


def test_the_history_says_what_made_a_text_shorter(chrome: Browser, tmp_path: Path) -> None:
    with Store.open(tmp_path / "zimu.db") as store:
        (unit,) = store.sync("episode", "en", [Unit("u0", 0, 0, "它是开源的", 0, 900)])
        store.save_machine(unit.id, "It is open.", engine="argos", fingerprint="f")
        store.save_machine(unit.id, "It's open.", engine="argos", fingerprint="f", note=f"{NOTE}It is → It's")
        revisions = [revision_json(revision) for revision in store.history(unit.id)]
    page = chrome.new_page()
    page.route("http://page.test/**", _file)
    page.route("**/api/units/1/history", lambda route: route.fulfill(json={"revisions": revisions}))
    page.goto("http://page.test/")
    said = page.evaluate(
        """async () => {
            const { loadTexts } = await import("/js/editor/text.js");
            const { Panel } = await import("/js/editor/panel.js");
            document.documentElement.lang = "en";
            await loadTexts("en");
            return (await Panel.prototype._history.call({}, 1)).map((node) => node.textContent);
        }"""
    )
    page.close()
    assert [("Made shorter to be read in time: It is → It's" in text) for text in said].count(True) == 1


def _file(route: Route) -> None:
    path = STATIC / route.request.url.removeprefix("http://page.test/").removeprefix("static/")
    if path.is_file():
        route.fulfill(path=path, content_type="application/json" if path.suffix == ".json" else "text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


def _counted_in(page: Page) -> list[float]:
    found: list[float] = page.evaluate(
        """async (vectors) => {
            const { width, readingSpeed } = await import("/js/editor/measure.js");
            return vectors.map(({ text, cue, half_width }) => cue
                ? readingSpeed(cue.text, cue.end_ms - cue.start_ms, half_width) : width(text, half_width));
        }""",
        VECTORS,
    )
    return found


@pytest.mark.parametrize("folder", [STATIC / "vendor", HERE / "vendor"], ids=["page", "tests"])
def test_the_code_of_others_is_unchanged_and_has_its_licence(folder: Path) -> None:
    sums = dict(row.split()[::-1] for row in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    files = {path.relative_to(folder).as_posix(): path for path in folder.glob("*/*")}
    assert set(files) == set(sums)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[name], name
    assert all((place / "LICENSE").is_file() for place in folder.iterdir() if place.is_dir())


def test_both_tables_have_every_word_that_the_page_asks_for() -> None:
    tables = [json.loads((STATIC / "texts" / f"{tag}.json").read_text(encoding="utf-8")) for tag in ("en", "zh-Hans")]
    english, chinese = tables
    assert set(english) == set(chinese)
    places = re.compile(r"\{\w+\}")
    for key in english:
        assert set(places.findall(english[key])) == set(places.findall(chinese[key])), key
    asked = {
        key
        for path in (STATIC / "js" / "editor").glob("*.js")
        for key in re.findall(r'\bt\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked <= set(english)


def test_no_module_parses_data_as_html() -> None:
    for path in (STATIC / "js").rglob("*.js"):
        code = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        ), path


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in [*(STATIC / "js").rglob("*.js"), *(STATIC / "css").rglob("*.css")]:
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text(encoding="utf-8")), path


def errors_of(folder: Path, names: Sequence[str]) -> Iterator[str]:
    """What the modules say when something is refused, with a number in each place that is filled in."""
    for name in names:
        for call in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith(("Error", "refuse")):
                continue
            for part in [*call.args, *(each.value for each in call.keywords if each.arg == "remedy")]:
                if isinstance(part, ast.JoinedStr):
                    yield "".join(str(each.value) if isinstance(each, ast.Constant) else "7" for each in part.values)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


PUBLISHING = ("publish", "publish_fetch", "publish_looking", "publish_titles", "publish_tracks")


def test_every_error_of_the_page_is_said_in_chinese() -> None:
    review, store = Path(pipeline.review.__file__).parent, Path(pipeline.store.__file__).parent
    modules = [path.stem for path in review.glob("*.py") if path.stem not in ("security", "running")]
    rooms = ("comments", "editing", "pins", "regrouping", "search", "units", "writing")
    told = [*errors_of(review, modules), *errors_of(store, (*rooms, "video_texts"))]
    publishing = Path(pipeline.publishing.__file__).parent
    known = ("base", "confirming", "credentials", "endpoints", "executing", "ledger")
    told += [*errors_of(publishing, known), *errors_of(review.parent / "stages", PUBLISHING)]
    told += [each for name in ("youtube", "vimeo") for each in errors_of(publishing / name, ("client", "platform"))]
    told += [AGAIN, SEVEN_DAYS, SIGN_IN]
    sentences = [each for each in told if each.endswith(".") and " " in each]
    assert len(sentences) > 60
    english = [each for each in sentences if not re.search("[\u4e00-\u9fff]", said(each, "zh-Hans"))]
    assert english == []
    assert said("There is no line 4 any more.", "zh-Hans") == "第 4 行已经不在了。"
    assert said("There is no line 4 any more.", "en") == "There is no line 4 any more."
    assert said("Line 3 is “{x}” by now.", "zh-Hans") == "第 3 行现在是“{x}”。"
