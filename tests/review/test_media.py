"""The player gets the episode's media in ranges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.serving import Browser


@pytest.fixture
def content(workspace: Path) -> bytes:
    return (workspace / "talk" / "video.mp4").read_bytes()


def test_the_whole_file_comes_without_a_range(ada: Browser, content: bytes) -> None:
    answer = ada.get("/media", id="talk")
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    ("asked", "first", "past"), [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-500", -500, None)]
)
def test_a_range_comes_as_a_part(ada: Browser, content: bytes, asked: str, first: int, past: int | None) -> None:
    answer = ada.http.get("/media?id=talk", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == content[first:past]
    start = first % len(content)
    end = (past or len(content)) - 1
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(content)}"


def test_a_range_past_the_end_is_cut(ada: Browser, content: bytes) -> None:
    answer = ada.http.get("/media?id=talk", headers={"Range": f"bytes=10-{len(content) * 9}"})
    assert answer.status_code == 206
    assert answer.content == content[10:]


def test_a_range_that_is_not_there_is_refused(ada: Browser, content: bytes) -> None:
    answer = ada.http.get("/media?id=talk", headers={"Range": f"bytes={len(content)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


def test_head_tells_the_length(ada: Browser, content: bytes) -> None:
    answer = ada.http.head("/media?id=talk")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(content))


def test_a_changed_file_is_not_continued(ada: Browser, content: bytes) -> None:
    headers = {"Range": "bytes=5-9", "If-Range": '"another"'}
    answer = ada.http.get("/media?id=talk", headers=headers)
    assert answer.status_code == 200
    assert answer.content == content


def test_peaks_and_voice_are_those_of_the_sound(ada: Browser) -> None:
    answer = ada.get("/peaks", id="talk").json()
    assert answer["per_second"] == 50
    assert abs(len(answer["peaks"]) / 2 / 50 - 14.1) < 0.3
    assert all(-127 <= each <= 127 for each in answer["peaks"])
    assert max(answer["peaks"]) > 50
    # The sample's first line is spoken from 463 to 2614 ms.
    assert any(start < 700 and end > 2300 for start, end in answer["voice"])
    assert ada.episode()["voice"] == answer["voice"]
