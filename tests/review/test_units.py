"""What people do to units, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.review.serving import Browser


def unit_of(browser: Browser, place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = browser.episode()["units"][place]
    return found


def test_the_episode_has_all_that_its_page_shows(ada: Browser) -> None:
    found = ada.episode()
    assert found["episode"]["media"]["kind"] == "video"
    assert (found["episode"]["media"]["width"], found["episode"]["media"]["height"]) == (1280, 720)
    assert [line["index"] for line in found["lines"]] == list(range(6))
    assert [(unit["first"], unit["last"]) for unit in found["units"]] == [(0, 1), (2, 3), (4, 5)]
    assert found["language"]["max_line"] == 42
    assert found["engines"][-1] == "embedded"


def test_cues_are_those_of_the_subtitle_files(ada: Browser) -> None:
    cues = [cue for unit in ada.get("/api/cues", id="talk", language="en").json()["units"] for cue in unit["cues"]]
    srt = ada.get("/api/export", id="talk", language="en", format="srt").text
    assert srt.count("-->") == len(cues)
    assert all("\n".join(cue["lines"]) in srt.replace("\r\n", "\n") for cue in cues)


def test_a_save_is_a_revision_by_its_author(ada: Browser) -> None:
    unit = unit_of(ada)
    answer = ada.save(unit, "Hello everyone, welcome. Today we talk about RISC-V.")
    saved = answer.json()["unit"]
    assert answer.status_code == 200
    assert (saved["revision"], saved["status"], saved["changed_by"]) == (unit["revision"] + 1, "edited", "Ada")
    assert saved["cues"]
    newest = ada.get(f"/api/units/{unit['id']}/history").json()["revisions"][0]
    assert (newest["who"], newest["kind"], newest["text"]) == ("Ada", "edit", saved["text"])


def test_a_save_that_is_sent_twice_is_done_once(ada: Browser) -> None:
    unit = unit_of(ada)
    again = str(uuid.uuid4())
    first = ada.save(unit, "Once.", save_id=again).json()["unit"]
    second = ada.save(unit, "Once.", save_id=again)
    assert second.status_code == 200
    assert second.json()["unit"]["revision"] == first["revision"]


def test_a_stale_save_is_refused_with_both_texts_and_a_merge(ada: Browser, bob: Browser) -> None:
    base = ada.save(unit_of(ada), "The red cat sat down today.").json()["unit"]
    assert ada.save(base, "The blue cat sat down today.").status_code == 200
    answer = bob.save(base, "The red cat sat down tomorrow.")
    told = answer.json()
    assert answer.status_code == 409
    assert told["base"] == "The red cat sat down today."
    assert told["yours"] == "The red cat sat down tomorrow."
    assert told["theirs"]["text"] == "The blue cat sat down today."
    assert told["merged"] == "The blue cat sat down tomorrow."
    assert told["text_changed"] is True
    clash = bob.save(base, "The green cat sat down today.").json()
    assert clash["merged"] is None


def test_a_finding_is_found_live_and_dismissed_with_a_reason(ada: Browser) -> None:
    unit = unit_of(ada, 0)
    tried = ada.send("POST", "/api/check", {"unit": unit["id"], "text": "It took 42 years."}).json()
    assert "number-added" in {each["rule"] for each in tried["findings"]}
    saved = ada.save(unit, "It took 42 years.").json()["unit"]
    finding = next(each for each in saved["findings"] if each["rule"] == "number-added")
    done = ada.act(saved, "dismiss", rule=finding["rule"], value=finding["value"], reason="he says so")
    dismissed = next(each for each in done.json()["unit"]["findings"] if each["rule"] == "number-added")["dismissed"]
    assert (dismissed["who"], dismissed["reason"]) == ("Ada", "he says so")
    back = ada.act(saved, "undismiss", dismissal=dismissed["id"]).json()["unit"]
    assert all(each["dismissed"] is None for each in back["findings"])


def test_lines_that_are_too_long_are_found_in_cues(ada: Browser) -> None:
    unit = unit_of(ada, 1)
    long = "word " * 60
    found = ada.send("POST", "/api/check", {"unit": unit["id"], "text": long}).json()
    assert {each["rule"] for cue in found["cues"] for each in cue["findings"]} & {"reading-speed", "line-count"}


def test_approve_reopen_flag_comment_undo_redo_revert(ada: Browser) -> None:
    unit = unit_of(ada, 2)
    unit = ada.save(unit, "First text.").json()["unit"]
    unit = ada.act(unit, "approve").json()["unit"]
    assert (unit["status"], unit["approved_by"]) == ("approved", "Ada")
    unit = ada.act(unit, "reopen").json()["unit"]
    unit = ada.act(unit, "flag", reason="Is it so?").json()["unit"]
    assert (unit["flagged"], unit["flag_reason"]) == (True, "Is it so?")
    unit = ada.act(unit, "unflag").json()["unit"]
    unit = ada.act(unit, "comment", text="Look at 0:10.").json()["unit"]
    assert unit["comments"] == 1
    comment = ada.get(f"/api/units/{unit['id']}/comments").json()["comments"][0]
    resolved = ada.send("POST", f"/api/comments/{comment['id']}/resolve").json()
    assert (resolved["comment"]["resolved_by"], resolved["unit"]["comments"]) == ("Ada", 0)
    unit = ada.save(resolved["unit"], "Second text.").json()["unit"]
    unit = ada.act(unit, "undo").json()["unit"]
    assert (unit["text"], unit["can_redo"]) == ("First text.", True)
    unit = ada.act(unit, "redo").json()["unit"]
    assert unit["text"] == "Second text."
    first = ada.get(f"/api/units/{unit['id']}/history").json()["revisions"][-1]
    assert ada.act(unit, "revert", to=first["revision"]).json()["unit"]["text"] == first["text"]


def test_cues_of_a_persons_own_stand_until_they_are_given_back(ada: Browser) -> None:
    unit = unit_of(ada, 2)
    unit = ada.save(unit, "One half and the other half.").json()["unit"]
    cues = [
        {"start_ms": 9400, "end_ms": 11000, "lines": ["One half"]},
        {"start_ms": 11100, "end_ms": 14000, "lines": ["and the", "other half."]},
    ]
    body = {"cues": cues, "revision": unit["revision"], "save_id": str(uuid.uuid4())}
    fixed = ada.send("PUT", f"/api/units/{unit['id']}/cues", body).json()["unit"]
    assert fixed["cues_fixed"] is True
    assert [(cue["start_ms"], cue["lines"]) for cue in fixed["cues"]] == [
        (9400, ["One half"]), (11100, ["and the", "other half."]),
    ]  # fmt: skip
    srt = ada.get("/api/export", id="talk", language="en", format="srt").text
    assert "00:00:09,400 --> 00:00:11,000" in srt
    body = {"cues": [], "revision": fixed["revision"], "save_id": str(uuid.uuid4())}
    assert ada.send("PUT", f"/api/units/{unit['id']}/cues", body).json()["unit"]["cues_fixed"] is False


def test_units_are_split_and_merged(ada: Browser) -> None:
    unit = unit_of(ada, 1)
    parts = [{"first": 2, "last": 2, "text": "And why."}, {"first": 3, "last": 3, "text": "From a project."}]
    body = {"revision": unit["revision"], "parts": parts}
    split = ada.send("POST", f"/api/units/{unit['id']}/split", body)
    assert split.status_code == 200, split.text
    first, second = split.json()["units"]
    assert (first["text"], second["text"], first["id"]) == ("And why.", "From a project.", unit["id"])
    body = {"units": [{"id": each["id"], "revision": each["revision"]} for each in (first, second)], "text": "Both."}
    merged = ada.send("POST", "/api/units/merge", body).json()
    assert merged["gone"] == [second["id"]]
    assert (merged["units"][0]["first"], merged["units"][0]["last"], merged["units"][0]["text"]) == (2, 3, "Both.")
    assert len(ada.episode()["units"]) == 3


def test_many_are_approved_that_have_nothing_against_them(ada: Browser) -> None:
    unit = ada.save(unit_of(ada, 0), "Hello everyone, welcome to the show, where we talk about RISC-V.").json()["unit"]
    bad = ada.save(unit_of(ada, 1), "And why it took 99 years, from a summer project on.").json()["unit"]
    asked = [{"id": each["id"], "revision": each["revision"]} for each in (unit, bad)]
    outcomes = ada.send("POST", "/api/approve", {"units": asked}).json()["outcomes"]
    assert [(each["done"], each["why"]) for each in outcomes] == [(True, ""), (False, "findings")]


def test_search_and_replace_with_a_preview(ada: Browser) -> None:
    ada.save(unit_of(ada, 0), "A kitten and a kitten.")
    hits = ada.get("/api/search", q="KITTEN").json()["hits"]
    assert [(hit["path"], hit["field"], hit["spans"]) for hit in hits] == [("talk", "text", [[2, 8], [15, 21]])]
    body = {"q": "kitten", "replacement": "cat", "word": True, "id": "talk", "language": "en"}
    preview = ada.send("POST", "/api/replace/preview", body).json()["replacements"]
    assert preview[0]["after"] == "A cat and a cat."
    assert unit_of(ada)["text"] == "A kitten and a kitten."
    applied = ada.send("POST", "/api/replace/apply", {"replacements": preview}).json()
    assert applied["outcomes"][0]["done"] is True
    assert applied["units"][0]["text"] == "A cat and a cat."
    again = ada.send("POST", "/api/replace/apply", {"replacements": preview}).json()
    assert (again["outcomes"][0]["done"], again["outcomes"][0]["why"]) == (False, "conflict")


@pytest.mark.parametrize(
    "path", ["/api/units/999999/history", "/api/units/999999/comments", "/api/units/999999/memory"]
)
def test_what_is_not_there_is_404(ada: Browser, path: str) -> None:
    answer = ada.get(path)
    assert answer.status_code == 404
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x"},
        {"text": 1, "revision": 1},
        {"text": "x", "revision": -1},
        {"text": "x" * 30_000, "revision": 1},
        [],
    ],
)
def test_a_malformed_write_is_refused(ada: Browser, body: Any) -> None:
    unit = unit_of(ada)
    assert ada.send("PUT", f"/api/units/{unit['id']}/text", body).status_code == 422
    assert ada.send("POST", f"/api/units/{unit['id']}/explode", {"revision": 1}).status_code == 404


def test_what_was_approved_is_found_in_the_memory(ada: Browser) -> None:
    unit = ada.save(unit_of(ada, 0), "Hello everyone, and welcome: RISC-V.").json()["unit"]
    assert ada.act(unit, "approve").status_code == 200
    # Its own unit is no match for itself.
    assert ada.get(f"/api/units/{unit['id']}/memory").json()["matches"] == []
