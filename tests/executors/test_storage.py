"""Episodes on shared storage, in a folder and in a real S3 server's bucket: whole or as before, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError, UsageError
from pipeline.executors.storage import Storage

pytest_plugins = ["tests.executors.s3"]


@pytest.fixture(params=["folder", "s3"])
def url(request, tmp_path) -> str:
    if request.param == "folder":
        return str(tmp_path / "shared")
    found: str = request.getfixturevalue("bucket")
    return found


@pytest.fixture
def episode(tmp_path) -> Path:
    folder = tmp_path / "episode"
    (folder / "zimu" / "subtitles").mkdir(parents=True)
    (folder / "video.mp4").write_bytes(b"v" * 100_000)
    (folder / "transcript.txt").write_text("字\n", encoding="utf-8")
    (folder / "zimu" / "subtitles" / "en.srt").write_text("1\n", encoding="utf-8")
    for name in (".lock", "underway.json"):
        (folder / "zimu" / name).write_text("not kept")
    (folder / "zimu.db").write_text("not kept")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_put_there_comes_back_and_nothing_travels_twice(url, episode, tmp_path) -> None:
    storage = Storage(url)
    assert storage.push("一", episode) == 3
    assert storage.push("一", episode) == 0
    other = tmp_path / "node" / "一"
    assert storage.pull("一", other) == 3
    assert sorted(contents(other)) == ["transcript.txt", "video.mp4", "zimu/subtitles/en.srt"]
    assert (other / "video.mp4").read_bytes() == (episode / "video.mp4").read_bytes()
    assert storage.pull("一", other) == 0
    # What a node made comes back to where the episode came from.
    (other / "zimu" / "subtitles" / "ja.srt").write_text("2\n", encoding="utf-8")
    assert storage.push("一", other) == 1
    assert storage.pull("一", episode) == 1
    assert (episode / "zimu" / "subtitles" / "ja.srt").read_text(encoding="utf-8") == "2\n"
    assert Storage(url).pull("二", tmp_path / "nothing") == 0


def test_a_damaged_file_is_never_taken(url, episode, tmp_path) -> None:
    storage = Storage(url)
    storage.push("e", episode)
    digest = storage._index("e")["video.mp4"].sha256
    storage._fs.pipe_file(storage._path("e", "files", digest), b"w" * 100_000)
    with pytest.raises(EpisodeError, match="damaged"):
        storage.pull("e", tmp_path / "node")
    assert "video.mp4" not in contents(tmp_path / "node")


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd", "a/../../out.txt"])
def test_no_name_leads_out_of_the_episode(episode, tmp_path, name) -> None:
    storage = Storage(str(tmp_path / "shared"))
    storage.push("e", episode)
    index = tmp_path / "shared" / "e" / "index.json"
    rows = json.loads(index.read_text())
    index.write_text(json.dumps({name: rows["transcript.txt"]}))
    with pytest.raises(EpisodeError, match="leads out"):
        storage.pull("e", tmp_path / "node" / "e")
    assert not (tmp_path / "node" / "out.txt").exists()


def test_what_can_not_be_reached_is_said(episode, bucket) -> None:
    with pytest.raises(EpisodeError, match="storage can't be used"):
        Storage(bucket.replace("zimu-", "none-")).push("e", episode)
    with pytest.raises(UsageError, match="storage can't be used"):
        Storage("moon://bucket")
