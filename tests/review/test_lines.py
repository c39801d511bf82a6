"""The Chinese side: a typo, a time, a line too many; what did not change keeps its times and its translations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.alignment.carrying import carry, pinned
from pipeline.alignment.result import Alignment
from pipeline.errors import UsageError
from pipeline.files import read_toml
from pipeline.review.lines import ChangedError, check_line, rewrite
from pipeline.transcript import read_transcript
from tests.review.serving import PATIENCE_S, Browser, make_workspace, serving
from tests.subtitles.episodes import alignment, spoken

THREE = alignment(spoken(0, "第一行", 1000, 2000), spoken(1, "第二行", 2100, 3000), spoken(2, "第三行", 3500, 5000))


def texts(found: Alignment) -> list[str]:
    return [line.text for line in found.lines]


def spans(found: Alignment) -> list[tuple[int | None, int | None]]:
    return [(line.start_ms, line.end_ms) for line in found.lines]


def test_a_corrected_line_stays_where_it_was() -> None:
    carried = carry(THREE, ["第一行", "第二句", "第三行"])
    assert spans(carried.alignment) == spans(THREE)
    assert texts(carried.alignment) == ["第一行", "第二句", "第三行"]
    assert (carried.changed, carried.places) == (((1, 2),), (0, 1, 2))


def test_a_removed_line_is_speech_that_nobody_wrote() -> None:
    carried = carry(THREE, ["第一行", "第三行"])
    assert spans(carried.alignment) == [(1000, 2000), (3500, 5000)]
    assert [(each.start_ms, each.text) for each in carried.alignment.extra] == [(2100, "第二行")]
    assert carried.places == (0, None, 1)
    assert carried.changed == ()


def test_an_added_line_lies_between_its_neighbours_until_it_is_aligned() -> None:
    carried = carry(THREE, ["第一行", "第二行", "新的", "第三行"])
    assert carried.changed == ((2, 3),)
    new = carried.alignment.lines[2]
    assert (new.start_ms, new.end_ms, new.status) == (3000, 3500, "check")
    assert [line.index for line in carried.alignment.lines] == [0, 1, 2, 3]


def test_reordered_lines_leave_the_others_alone() -> None:
    carried = carry(THREE, ["第三行", "第一行", "第二行"])
    assert carried.alignment.lines[1].start_ms == 1000
    assert carried.places[:2] == (1, 2)


def test_a_pinned_line_is_sure_and_its_neighbours_make_room() -> None:
    found = pinned(THREE, {1: (1500, 4000)})
    assert spans(found) == [(1000, 1500), (1500, 4000), (4000, 5000)]
    assert (found.lines[1].status, found.lines[1].confidence) == ("ok", 1.0)
    for line in found.lines:
        assert all((line.start_ms or 0) <= start <= end <= (line.end_ms or 0) for start, end in line.chars)


def test_a_pin_over_whole_lines_leaves_none_without_time() -> None:
    found = pinned(THREE, {1: (500, 6000)})
    ordered = [each for span in spans(found) for each in span]
    assert ordered == sorted(ordered, key=lambda each: each or 0)
    assert all((end or 0) > (start or 0) for start, end in spans(found))
    assert found.lines[0].status == "check"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_corrected_row_of_the_file_changes(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "transcript.txt"
    rows = ["大家好，欢迎来到今天的节目", "", "  这一期我们来聊聊  ", "以及它为什么能"]
    path.write_bytes(end.join([*rows, ""]).encode(encoding))
    before = read_transcript(path, max_line_chars=500, max_bytes=10_000)
    rewrite(before, 1, "这一期我们来聊聊", "这一集我们来聊聊", insert=False)
    rows[2] = "  这一集我们来聊聊  "
    assert path.read_bytes() == end.join([*rows, ""]).encode(encoding)
    rewrite(before, 3, "", "新的一行", insert=True)
    rewrite(before, 0, rows[0], "", insert=False)
    assert path.read_bytes() == end.join([*rows[1:], "新的一行", ""]).encode(encoding)
    rewrite(before, 1, "以及它为什么能", "新的一行", insert=False, swap=True)
    assert path.read_bytes() == end.join([*rows[1:3], "新的一行", rows[3], ""]).encode(encoding)


def test_a_line_that_somebody_changed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "transcript.txt"
    path.write_text("一\n二\n", encoding="utf-8")
    before = read_transcript(path, max_line_chars=500, max_bytes=1000)
    with pytest.raises(ChangedError):
        rewrite(before, 1, "三", "四", insert=False)
    with pytest.raises(ChangedError):
        rewrite(before, 7, "三", "四", insert=False)
    for index, lines in ((0, ("一", "三")), (1, ("二", ""))):
        with pytest.raises(ChangedError):
            rewrite(before, index, *lines, insert=False, swap=True)
    assert path.read_text(encoding="utf-8") == "一\n二\n"


@pytest.mark.parametrize("bad", ["a\nb", "a\u2028b", "\x00", "x" * 501])
def test_a_line_is_one_row(bad: str) -> None:
    with pytest.raises(UsageError):
        check_line(bad, 500)


def test_subtitle_files_are_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "transcript.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\n一\n", encoding="utf-8")
    with pytest.raises(UsageError, match="SRT"):
        rewrite(read_transcript(path, max_line_chars=500, max_bytes=1000), 0, "一", "二", insert=False)


def until_run_ends(ada: Browser, number: int) -> dict[str, Any]:
    deadline = time.monotonic() + 4 * PATIENCE_S
    while time.monotonic() < deadline:
        run = next(each for each in ada.get("/api/runs").json()["runs"] if each["id"] == number)
        if run["state"] in ("done", "failed"):
            return dict(run)
        time.sleep(0.3)
    raise AssertionError("the run does not end")


@pytest.mark.model
def test_a_typo_is_fixed_and_that_part_aligned_again(tmp_path: Path, whisper_base: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    transcript = workspace / "talk" / "transcript.txt"
    with serving(workspace) as server:
        ada = server.browser("Ada")
        before = ada.episode()
        unit = ada.save(before["units"][2], "Ada's own words.").json()["unit"]
        answer = ada.send(
            "PUT",
            "/api/lines?id=talk",
            {"index": 2, "old": before["lines"][2]["text"], "new": "以及它为何能在短短十几年里"},
        )
        assert answer.status_code == 200, answer.text
        assert "以及它为何能在短短十几年里" in transcript.read_text(encoding="utf-8")
        run = until_run_ends(ada, answer.json()["run"])
        assert run["state"] == "done", run
        after = ada.episode()
        assert after["lines"][2]["text"] == "以及它为何能在短短十几年里"
        assert abs(after["lines"][2]["start_ms"] - before["lines"][2]["start_ms"]) < 500
        assert [after["lines"][i] for i in (0, 1, 3, 4, 5)] == [before["lines"][i] for i in (0, 1, 3, 4, 5)]
        assert after["units"][2]["text"] == unit["text"]
        assert after["units"][0]["text"] == before["units"][0]["text"]
        assert after["units"][1]["source"].startswith("以及它为何能")
        stale = ada.send("PUT", "/api/lines?id=talk", {"index": 2, "old": "别的", "new": "x"})
        assert stale.status_code == 409
        # The last sentence's two lines change places: no text is lost by it, and the other sentences are as they were.
        old, new = (line["text"] for line in after["lines"][4:6])
        moved = ada.send("PUT", "/api/lines?id=talk", {"index": 4, "old": old, "new": new, "swap": True})
        assert moved.status_code == 200, moved.text
        now = ada.episode()
        assert [line["text"] for line in now["lines"][4:6]] == [new, old]
        kept = {each["text"] for each in (*now["units"], *now["detached"])}
        assert {each["text"] for each in after["units"]} <= kept
        assert [each["text"] for each in now["units"][:2]] == [each["text"] for each in after["units"][:2]]


def test_a_time_is_pinned_and_neighbours_clipped(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    with serving(workspace) as server:
        ada = server.browser("Ada")
        body = {"index": 1, "start_ms": 2700, "end_ms": 5600, "revision": 0}
        answer = ada.send("PUT", "/api/pins?id=talk", body)
        lines = answer.json()["lines"]
        assert (lines[1]["start_ms"], lines[1]["end_ms"], lines[1]["confidence"]) == (2700, 5600, 1.0)
        assert lines[2]["start_ms"] == 5600
        assert lines[1]["pin"]["who"] == "Ada"
        assert ada.episode()["units"][0]["end_ms"] == 5600
        conflict = ada.send("PUT", "/api/pins?id=talk", body)
        assert conflict.status_code == 409
        assert conflict.json()["theirs"]["revision"] == 1
        saved = Alignment.load(workspace / "talk" / "zimu" / "alignment.json")
        assert (saved.lines[1].start_ms, saved.lines[1].end_ms) == (2700, 5600)
    assert read_toml(workspace / "zimu.toml") == {}


def test_while_a_run_works_on_the_episode_its_files_stay(tmp_path: Path) -> None:
    from pipeline.episode import open_episode
    from pipeline.runner import episode_lock

    workspace = make_workspace(tmp_path / "workspace")
    with serving(workspace) as server:
        ada = server.browser("Ada")
        line = ada.episode()["lines"][0]["text"]
        with episode_lock(open_episode(workspace / "talk")):
            answer = ada.send("PUT", "/api/lines?id=talk", {"index": 0, "old": line, "new": "别的"})
        assert answer.status_code == 423
        assert line in (workspace / "talk" / "transcript.txt").read_text(encoding="utf-8")
