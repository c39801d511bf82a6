"""Bad input: one clear message with the remedy, the right exit code, nothing left half done."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.alignment import Alignment
from pipeline.models import default_folder
from pipeline.underway import read_underway
from tests.cli import Result, start
from tests.episodes import LINES, ffmpeg, make_episode, read_only, small_disk

Zimu = Callable[..., Result]
ROOT = os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    return make_episode(tmp_path / "第一集")


def refused(result: Result, code: int, *said: str) -> None:
    """One message, with a remedy in a row of its own, the code, and no traceback."""
    assert result.code == code, result.err
    assert "Traceback" not in result.err
    for words in said:
        assert re.search(words, result.err), result.err
    rows = [row for row in result.err.splitlines() if row.startswith("  ")]
    assert rows, f"no remedy: {result.err}"


def leftovers(folder: Path) -> list[str]:
    """What a refused run has left: nothing, or its lock and the note that it failed."""
    output = folder / "zimu"
    found = (path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())
    return sorted(set(found) - {".lock", "manifest.json"})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda e: (e / "video.mp4").unlink(), "no media file"),
        (lambda e: shutil.copy(e / "video.mp4", e / "other.mkv"), "2 media files"),
        (lambda e: (e / "transcript.txt").unlink(), "no transcript"),
        (lambda e: (e / "transcript.txt").write_bytes(b""), "transcript is empty"),
        (
            lambda e: (e / "transcript.txt").write_bytes("測試編碼能不能被認出來".encode("big5")),
            "encoding is not known",
        ),
        (lambda e: (e / "transcript.txt").write_bytes("第一行\n第\x00行".encode()), "Row 2, character 2"),
        (lambda e: (e / "transcript.txt").write_bytes(b"a" * 10_000_000), "10,000,000 bytes"),
        (lambda e: (e / "transcript.txt").write_bytes("字".encode() * 1_600_000), "1,600,000 characters"),
    ],
    ids=["no media", "two media", "no transcript", "empty", "encoding", "control", "10 MB", "one long line"],
)
def test_refuses_what_is_not_an_episode(
    zimu: Zimu, episode: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(episode)
    refused(zimu("run", episode), 3, message)
    assert not (episode / "zimu").exists()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_text("这不是视频\n"), "not a media file|no media|text"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nother.ts\n"), "playlist"),
        (lambda path: path.write_text("ffconcat version 1.0\nfile /etc/passwd\n"), "concat"),
        (lambda path: ffmpeg("-f", "lavfi", "-i", "testsrc=d=3:s=64x64", path), "no sound|no audio"),
        (lambda path: ffmpeg("-f", "lavfi", "-i", "anullsrc", "-t", "3", path), "silent"),
    ],
    ids=["text", "empty", "m3u8", "concat", "no audio", "silent"],
)
def test_refuses_what_is_not_media(zimu: Zimu, episode: Path, make: Callable[[Path], object], message: str) -> None:
    media = episode / "video.mp4"
    media.unlink()
    make(media)
    refused(zimu("run", episode), 3, f"(?i){message}", "video.mp4")
    assert leftovers(episode) == []


def test_refuses_truncated_media(zimu: Zimu, episode: Path) -> None:
    media = episode / "video.mp4"
    ffmpeg("-i", media, "-c", "copy", "-movflags", "+faststart", episode / "fast.mp4")
    data = (episode / "fast.mp4").read_bytes()
    (episode / "fast.mp4").unlink()
    media.write_bytes(data[: len(data) // 2])
    refused(zimu("run", episode), 3, "(?i)truncated|ends|incomplete|broken off")
    assert leftovers(episode) == []


@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
def test_says_that_the_transcript_is_another_videos(zimu: Zimu, tmp_path: Path) -> None:
    other = [
        "番茄炒蛋是很多人学会的第一道菜",
        "先把鸡蛋打散加一点盐",
        "锅里放油烧热以后倒进去",
        "炒到七成熟就盛出来",
        "接着下番茄煸出汁水",
        "最后倒回鸡蛋翻炒均匀",
    ]
    episode = make_episode(tmp_path / "e", lines=other)
    refused(zimu("align", episode), 3, "(?i)transcript")
    assert leftovers(episode) == []


@pytest.mark.skipif(not ROOT, reason="only root may mount a small disk; CI is root")
@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
@pytest.mark.parametrize("kilobytes", [4, 200])
def test_a_full_disk_is_said_and_the_same_command_goes_on(zimu: Zimu, tmp_path: Path, kilobytes: int) -> None:
    episode = make_episode(tmp_path / "e", settings='[episode]\nto = []\n[render]\nburn = []\nsoft = ["mkv"]\n')
    with small_disk(episode / "zimu", kilobytes) as disk:
        refused(zimu("run", episode), 1, "(?i)disk|space", "(?i)free")
        assert not list(disk.rglob("*.part"))
        assert not list(disk.rglob("*.mkv"))
        for path in disk.glob("alignment.json"):
            assert len(Alignment.load(path).lines) == 6
    assert zimu("run", episode).code == 0


@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
def test_a_folder_that_cannot_be_written_is_said(zimu: Zimu, episode: Path) -> None:
    with read_only(episode):
        refused(zimu("run", episode), 1, "can't be written", "permission")
    assert not (episode / "zimu").exists()


@pytest.mark.model
def test_a_model_with_a_flipped_byte_is_never_used(
    zimu: Zimu, episode: Path, tmp_path: Path, whisper_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "models" / whisper_base.name
    shutil.copytree(whisper_base, copy)
    with (copy / "model.bin").open("r+b") as file:
        file.seek(70_000_000)
        byte = file.read(1)[0]
        file.seek(70_000_000)
        file.write(bytes([byte ^ 1]))
    monkeypatch.setenv("ZIMU_MODELS__FOLDER", str(copy.parent))
    refused(zimu("align", episode, "--offline"), 4, "whisper-base", "model.bin.*damaged")
    assert leftovers(episode) == []
    # With a source at hand the file is fetched again, and the work is done.
    good = zimu("align", episode, "--set", f'models.local_folders=["{whisper_base.parent}"]')
    assert good.code == 0, good.err
    assert (copy / "model.bin").read_bytes() == (whisper_base / "model.bin").read_bytes()


@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
def test_of_two_runs_at_once_one_is_refused_and_a_killed_one_can_be_repeated(zimu: Zimu, episode: Path) -> None:
    first = start("align", episode)
    lock = episode / "zimu" / ".lock"
    wait_until(lock.exists)
    time.sleep(0.3)
    refused(zimu("align", episode), 1, "Another run is working on this episode")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert leftovers(episode) == ["underway.json"]
    assert read_underway(episode / "zimu") is None  # its process is gone
    assert zimu("align", episode).code == 0
    assert not (episode / "zimu" / "underway.json").exists()
    assert len(Alignment.load(episode / "zimu" / "alignment.json").lines) == 6


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
def test_any_file_name_will_do(zimu: Zimu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = '[episode]\nto = []\n[render]\nsoft = ["mp4"]\nburn = ["source"]\n'
    folder = '-第 1 集: it\'s "50%" [a], {b}; c\\d'
    media = "-影片 'a' \"b\": [c], 100%d.mp4"
    make_episode(tmp_path / folder, media=media, settings=settings)
    done = zimu("run", "--", folder)
    assert done.code == 0, done.err
    made = sorted(path.name for path in (tmp_path / folder / "zimu" / "video").iterdir())
    assert made == ["burned.zh-Hans.mp4", "soft.mp4"]


def test_one_bad_episode_does_not_stop_the_others(zimu: Zimu, tmp_path: Path) -> None:
    bad = tmp_path / "a"
    bad.mkdir()
    worse = tmp_path / "b"
    result = zimu("run", bad, worse, "--json")
    assert result.code == 3
    assert [one["ok"] for one in result.json] == [False, False]
    assert all(one["error"]["remedy"] for one in result.json)


def test_models_come_from_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMU_MODELS__FOLDER", str(tmp_path))
    assert default_folder() == tmp_path


def test_the_sample_is_what_these_tests_think(sample: Path) -> None:
    assert len(LINES) == 42
    assert (sample / "video.mp4").is_file()
