"""Texts that would do harm are only texts: on pages, in JSON, in events and in every export."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from defusedxml import ElementTree

from tests.review.serving import Browser, make_workspace, serving

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    '=HYPERLINK("http://evil.example","x")',
    "{\\an8}{\\p1}m 0 0 l 1 1",
    "\u202eevil\u202c \u2066x\u2069 \ufeff \u200b",
    "' OR 1=1; DROP TABLE units; --",
    "data: x\n\nevent: reload\ndata: {}",
    "\U0001f469\u200d\U0001f4bb " * 20,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_as_it_was_written(ada: Browser, text: str) -> None:
    unit = ada.episode()["units"][0]
    saved = ada.save(unit, text)
    assert saved.status_code == 200, saved.text
    assert ada.episode()["units"][0]["text"] == text
    unit = saved.json()["unit"]
    unit = ada.act(unit, "flag", reason=text).json()["unit"]
    assert unit["flag_reason"] == text
    assert ada.act(unit, "comment", text=text).status_code == 200
    assert ada.get(f"/api/units/{unit['id']}/comments").json()["comments"][-1]["text"] == text
    assert ada.act(unit, "dismiss", rule=text[:90], value=text, reason=text).status_code == 200
    assert ada.get("/api/search", q=text[:40]).json()["hits"]
    for path in ("/", "/list?q=" + "%3Cscript%3E", "/search?q=%22%3E%3Cimg%20src%3Dx%3E", "/episode?id=talk"):
        page = ada.http.get(path)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert page.headers["content-type"].startswith("text/html")
    assert ada.get("/api/episode", id="talk").headers["content-type"] == "application/json"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("format", ["csv", "xlsx", "xliff", "tmx", "srt", "vtt", "ass", "ttml", "sbv"])
def test_every_export_holds_it_as_text(ada: Browser, text: str, format: str) -> None:
    unit = ada.episode()["units"][0]
    ada.save(unit, text)
    answer = ada.get("/api/export", id="talk", language="en", format=format)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    if format == "csv":
        cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    elif format == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    elif format in ("xliff", "tmx"):
        ElementTree.fromstring(answer.content)
    elif format == "vtt":
        assert "<script>" not in answer.text


def test_hostile_names_of_folders_and_people_are_only_names(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>&amp;'\""
    workspace = make_workspace(tmp_path / "workspace")
    (workspace / "talk").rename(workspace / name)
    (workspace / name / "episode.toml").write_text('[episode]\ntitle = "<script>alert(2)</script>"\n', encoding="utf-8")
    with serving(workspace) as server:
        eve = server.browser("<b>Eve</b>\"'")
        assert eve.episode(name)["me"] == "<b>Eve</b>\"'"
        for page in (eve.get("/"), eve.get("/episode", id=name)):
            assert page.status_code == 200
            html = page.text
            assert "<img src=x" not in html
            assert "<script>alert" not in html
            assert "<b>Eve" not in html
        found = eve.get("/api/export", id=name, format="srt")
        assert "\n" not in found.headers["content-disposition"]


def test_a_corrected_file_is_previewed_and_brought_in(ada: Browser) -> None:
    unit = ada.save(ada.episode()["units"][2], "Before.").json()["unit"]
    exported = ada.get("/api/export", id="talk", language="en", format="csv").content.decode("utf-8-sig")
    corrected = exported.replace("Before.", "After.")
    answer = ada.http.post(
        "/api/import?id=talk&language=en",
        files={"file": ("../../x.csv", corrected.encode("utf-8-sig"))},
        headers=ada.headers,
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(change["unit"], change["before"], change["after"]) for change in told["changes"]] == [
        (unit["id"], "Before.", "After.")
    ]
    assert ada.episode()["units"][2]["text"] == "Before."
    done = ada.send("POST", "/api/import/apply", {"token": told["token"]})
    assert len(done.json()["done"]) == 1, done.text
    assert ada.episode()["units"][2]["text"] == "After."
    assert ada.send("POST", "/api/import/apply", {"token": told["token"]}).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ"),
        ("x", b""),
        ("x.xlsx", b"not a zip"),
        ("x.xliff", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("x.srt", b"\x00\x01"),
    ],
)
def test_a_file_that_is_none_is_refused(ada: Browser, name: str, content: bytes) -> None:
    answer = ada.http.post("/api/import?id=talk&language=en", files={"file": (name, content)}, headers=ada.headers)
    assert answer.status_code in (400, 422)
    assert json.loads(answer.text)["error"]
    assert "/tmp" not in answer.text
