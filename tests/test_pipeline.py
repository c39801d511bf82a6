"""The whole way, on real models: a folder in, subtitles and videos out; then nothing to do; then only what changed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import srt

from pipeline.alignment import Alignment
from pipeline.media import probe
from pipeline.store import Store
from tests import cli
from tests.episodes import LINES, make_episode, stored_units

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("whisper_base", "small_llm")]

SETTINGS = """
[episode]
title = "RISC-V 的故事"
to = ["en"]
[models]
llm = "qwen2.5-coder-0.5b"
[translate]
engine = "embedded"
sentence_model = "auto"
[render]
burn = ["source", "source+first"]
[render.encoder_options]
libx264 = { preset = "ultrafast", crf = "30" }
"""


def run(*args: str | Path) -> cli.Result:
    process = cli.start(*args)
    out, err = process.communicate(timeout=600)
    return cli.Result(process.returncode, out, err)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = make_episode(tmp_path_factory.mktemp("channel") / "第一集", settings=SETTINGS)
    source = (folder / "video.mp4").read_bytes(), (folder / "transcript.txt").read_bytes()
    done = run("run", folder, "--json")
    assert done.code == 0, done.err
    assert all(step["seconds"] > 0 and not step["skipped"] for step in done.json[0]["steps"])
    yield folder
    assert ((folder / "video.mp4").read_bytes(), (folder / "transcript.txt").read_bytes()) == source


@pytest.fixture
def episode(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished episode, to change."""
    return Path(shutil.copytree(finished, tmp_path / finished.name))


def made(folder: Path) -> list[str]:
    output = folder / "zimu"
    return sorted(path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())


def test_everything_is_made_and_nothing_else(finished: Path) -> None:
    assert [name for name in made(finished) if name != ".lock"] == [
        "alignment.json",
        "episode-id",
        "manifest.json",
        "report.html",
        "sentences.json",
        "subtitles/en.ass",
        "subtitles/en.srt",
        "subtitles/en.vtt",
        "subtitles/zh-Hans.ass",
        "subtitles/zh-Hans.srt",
        "subtitles/zh-Hans.vtt",
        "video/burned.zh-Hans+en.mp4",
        "video/burned.zh-Hans.mp4",
        "video/soft.mkv",
        "video/soft.mp4",
    ]
    assert (finished / "zimu.db").is_file()


def test_every_line_is_timed_as_it_is_spoken(finished: Path) -> None:
    alignment = Alignment.load(finished / "zimu" / "alignment.json")
    assert [line.text for line in alignment.lines] == LINES[:6]
    spoken = [(463, 2614), (2752, 4886), (5447, 7711), (7855, 9233), (9361, 11886), (12073, 14048)]
    for line, (start, end) in zip(alignment.lines, spoken, strict=True):
        assert line.status == "ok"
        assert line.start_ms is not None
        assert line.end_ms is not None
        assert abs(line.start_ms - start) <= 120
        assert abs(line.end_ms - end) <= 200


def test_the_translation_becomes_cues_and_what_is_wrong_with_it_is_noted(finished: Path) -> None:
    """The smallest model's English is not judged here; that nothing wrong passes in silence is."""
    cues = list(srt.parse((finished / "zimu" / "subtitles" / "en.srt").read_text(encoding="utf-8")))
    assert "RISC-V" in " ".join(cue.content for cue in cues)
    assert cues[0].start.total_seconds() < 1
    assert all(row <= 42 for cue in cues for row in map(len, cue.content.splitlines()))
    assert all(one.end <= two.start for one, two in pairwise(cues))
    with Store.open(finished / "zimu.db") as store:
        units = stored_units(store, finished, "en")
    assert (units[0].first, units[-1].last) == (0, 5)
    for unit in units:
        assert unit.text
        if any("\u4e00" <= character <= "\u9fff" for character in unit.text):
            assert "untranslated" in {finding.rule for finding in unit.findings}


def test_the_videos_have_their_tracks(finished: Path) -> None:
    soft = probe(finished / "zimu" / "video" / "soft.mp4")
    assert [stream.codec for stream in soft.subtitles] == ["mov_text", "mov_text"]
    assert [stream.language for stream in soft.subtitles] == ["zho", "eng"]
    matroska = probe(finished / "zimu" / "video" / "soft.mkv")
    assert [stream.codec for stream in matroska.subtitles] == ["subrip", "ass", "subrip", "ass"]
    burned = probe(finished / "zimu" / "video" / "burned.zh-Hans+en.mp4")
    assert burned.video is not None
    assert (burned.video.width, burned.video.height) == (1280, 720)
    assert abs(burned.duration_ms - soft.duration_ms) < 250  # the sample has 12 frames a second


def test_a_finished_episode_has_nothing_to_do(episode: Path) -> None:
    again = run("run", episode)
    assert again.code == 0
    assert "nothing to do" in again.out
    states = run("status", episode.parent, "--json").json
    done = dict.fromkeys(("align", "translate", "subtitle", "render", "report"), "done")
    assert states[0]["stages"] == done | {"publish": "off"}


def test_a_persons_text_goes_into_the_subtitles_and_no_run_changes_it(episode: Path) -> None:
    with Store.open(episode / "zimu.db") as store:
        first = stored_units(store, episode, "en")[0]
        store.edit(first.id, "Hi all, welcome to the show!", "an editor", first.revision)
    assert run("status", episode, "--json").json[0]["stages"]["subtitle"] == "stale"
    again = run("run", episode, "--until", "subtitle", "--force", "translate")
    assert again.code == 0, again.err
    assert "1 by people" in again.err
    assert "Hi all, welcome to the show!" in (episode / "zimu" / "subtitles" / "en.srt").read_text(encoding="utf-8")
    # Even where the transcript's line itself changes, the person's text stands.
    transcript = episode / "transcript.txt"
    transcript.write_text(transcript.read_text(encoding="utf-8").replace("今天的节目", "本期节目"), encoding="utf-8")
    assert run("run", episode, "--until", "subtitle").code == 0
    with Store.open(episode / "zimu.db") as store:
        assert stored_units(store, episode, "en")[0].text == "Hi all, welcome to the show!"


def test_a_changed_style_makes_only_what_shows_it(episode: Path) -> None:
    config = episode / "config"
    config.mkdir()
    (episode / "zimu.toml").write_text("")
    shutil.copy(Path(__file__).parent.parent / "config" / "styles.toml", config)
    styles = (config / "styles.toml").read_text(encoding="utf-8")
    (config / "styles.toml").write_text(styles.replace("outline = 3.5", "outline = 5.0"), encoding="utf-8")
    again = run("run", episode, "--json")
    assert again.code == 0, again.err
    skipped = {step["name"]: step["skipped"] for step in again.json[0]["steps"]}
    assert skipped["align"]
    assert skipped["translate en"]
    assert not skipped["subtitle en"]
    assert not skipped["render burned.zh-Hans.mp4"]


def test_a_run_killed_while_translating_goes_on_at_the_next_sentence(episode: Path) -> None:
    database = episode / "zimu.db"
    database.unlink()
    for extra in ("-wal", "-shm"):
        episode.joinpath(f"zimu.db{extra}").unlink(missing_ok=True)
    process = cli.start("run", episode, "--until", "translate")
    try:
        while process.poll() is None and not texts(database):
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    before = texts(database)
    assert len(before) >= 1
    assert run("run", episode, "--until", "translate").code == 0
    after = texts(database)
    assert len(after) >= len(before)
    for unit, (text, updated) in before.items():
        assert after[unit] == (text, updated)


def texts(database: Path) -> dict[int, tuple[str, str]]:
    """Committed translations: unit → text and time."""
    if not database.is_file():
        return {}
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT id, text, updated_at FROM units WHERE text <> ''").fetchall()
    except sqlite3.OperationalError:  # the tables are not there yet
        return {}
    finally:
        connection.close()
    return {unit: (text, updated) for unit, text, updated in rows}


def test_a_run_killed_while_encoding_leaves_no_half_video(episode: Path) -> None:
    video = episode / "zimu" / "video"
    shutil.rmtree(video)
    process = cli.start("run", episode, "--set", "render.encoder_options={libx264={preset='veryslow',crf='20'}}")
    try:
        while process.poll() is None and not list(video.glob(".*part*")):
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    whole = {path.name for path in video.iterdir() if not path.name.startswith(".")}
    for name in whole:
        probe(video / name)
    assert run("run", episode).code == 0
    names = {path.name for path in video.iterdir()}
    assert names == {"soft.mp4", "soft.mkv", "burned.zh-Hans.mp4", "burned.zh-Hans+en.mp4"}


def test_sound_without_pictures_gets_subtitles_and_on_request_a_video(tmp_path: Path) -> None:
    from tests.episodes import ffmpeg

    folder = make_episode(tmp_path / "e", settings='[episode]\nto = []\n[render]\nburn = ["source"]\n')
    ffmpeg("-i", folder / "video.mp4", "-vn", "-c", "copy", folder / "sound.m4a")
    (folder / "video.mp4").unlink()
    assert run("run", folder).code == 0
    assert not (folder / "zimu" / "video").exists()
    assert (folder / "zimu" / "subtitles" / "zh-Hans.srt").is_file()
    done = run("run", folder, "--set", "render.background=#203040", "--set", "render.resolution=[640, 360]")
    assert done.code == 0, done.err
    burned = probe(folder / "zimu" / "video" / "burned.zh-Hans.mp4")
    assert burned.video is not None
    assert (burned.video.width, burned.video.height) == (640, 360)


def test_late_sound_is_late_in_the_subtitles_too(tmp_path: Path) -> None:
    from tests.episodes import ffmpeg

    folder = make_episode(tmp_path / "e", settings="[episode]\nto = []\n[render]\nsoft = []\nburn = []\n")
    plain, late = folder / "video.mp4", folder / "late.mp4"
    ffmpeg("-i", plain, "-itsoffset", "1.5", "-i", plain, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    plain.unlink()
    assert run("align", folder).code == 0
    starts = [line.start_ms or 0 for line in Alignment.load(folder / "zimu" / "alignment.json").lines]
    for start, spoken in zip(starts, (463, 2752, 5447, 7855, 9361, 12073), strict=True):
        assert abs(start - (spoken + 1500)) <= 120


def test_a_rerun_tells_machines_what_it_did(episode: Path) -> None:
    result = run("run", episode, "--json")
    (one,) = result.json
    assert one["ok"]
    align = next(step for step in one["steps"] if step["name"] == "align")
    assert align["summary"]["lines"] == 6
    assert json.dumps(result.json)
