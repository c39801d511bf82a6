"""A lock holds what subtitles were made from and with; a run from it makes the same, or says exactly why it can't."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.options import load
from pipeline.files import read_toml
from pipeline.layers import load_settings
from pipeline.lock import Lock, differences, observe, read_lock, write_lock
from tests.cli import Result
from tests.episodes import make_episode
from tests.translation.chat_server import ChatServer

Zimu = Callable[..., Result]
SETTINGS = """
[episode]
title = "锁"
to = ["en"]
[align]
check_below = 0.97
[subtitle]
formats = ["srt", "ass"]
[translate]
engine = "server"
max_lines = 2
[server]
base_url = "{url}"
model = "m"
[glossary.en]
"芯片" = "microchip"
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[ChatServer]:
    with ChatServer(translate=lambda text: "It says here that " + "word " * (len(text) // 3) + "microchip.") as server:
        yield server


@pytest.fixture
def episode(tmp_path: Path, engine: ChatServer) -> Path:
    return make_episode(tmp_path / "one" / "锁", settings=SETTINGS.format(url=engine.url))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Lock:
    folder = tmp_path_factory.mktemp("here")
    return observe(load_settings(workspace=folder), folder, scope="workspace")


def subtitles(folder: Path) -> dict[str, bytes]:
    output = folder / "zimu"
    return {path.name: path.read_bytes() for path in (output / "alignment.json", *(output / "subtitles").iterdir())}


@pytest.mark.model
@pytest.mark.usefixtures("whisper_base")
def test_a_run_from_the_lock_in_a_fresh_folder_gives_the_same_bytes(zimu: Zimu, episode: Path, tmp_path: Path) -> None:
    done = zimu("run", "--until", "subtitle", episode)
    assert done.code == 0, done.err
    assert zimu("lock", episode).code == 0
    fresh = tmp_path / "elsewhere" / "other name"
    fresh.mkdir(parents=True)
    for name in ("video.mp4", "transcript.txt", "zimu.lock"):  # no settings go along
        shutil.copy(episode / name, fresh)
    again = zimu("run", "--locked", "--until", "subtitle", fresh)
    assert again.code == 0, again.err
    assert subtitles(fresh) == subtitles(episode)
    assert sorted(subtitles(fresh)) == ["alignment.json", "en.ass", "en.srt", "zh-Hans.ass", "zh-Hans.srt"]
    # And where it was made nothing is to be done again.
    assert "nothing to do" in zimu("run", "--locked", "--until", "subtitle", episode).out


def test_the_file_holds_all_that_was_observed(here: Lock, tmp_path: Path) -> None:
    write_lock(here, tmp_path / "zimu.lock")
    assert read_lock(tmp_path / "zimu.lock") == here
    assert all(re.fullmatch("[0-9a-f]{64}", model["sha256"]) for model in here.models.values())
    assert {"glossary/zh-en.tsv", "languages.toml", "prompts/translate.system.md"} <= set(here.tables)
    assert here.packages["ctranslate2"]
    assert "sentence_model" in here.settings["translate"]


def test_it_has_no_secret_and_no_place_of_this_machine(zimu: Zimu, tmp_path: Path) -> None:
    (tmp_path / "zimu.toml").write_text(
        '[store]\nurl = "postgresql://u:secret@host/z"\n[models]\nfolder = "/somewhere/models"\n', encoding="utf-8"
    )
    assert zimu("lock", tmp_path).code == 0
    text = (tmp_path / "zimu.lock").read_text(encoding="utf-8")
    assert "secret" not in text
    assert "somewhere" not in text
    assert str(tmp_path) not in text


def test_nothing_is_different_from_itself(here: Lock) -> None:
    assert differences(here, here) == ()


@pytest.mark.parametrize(
    ("part", "key", "weight"),
    [
        ("packages", "ctranslate2", "refuse"),
        ("machine", "kernels", "refuse"),
        ("machine", "device", "refuse"),
        ("tables", "sentences.toml", "refuse"),
        ("programs", "ffmpeg", "warn"),
    ],
)
def test_what_differs_is_named_with_both_values(here: Lock, part: str, key: str, weight: str) -> None:
    other = replace(here, **{part: {**getattr(here, part), key: "another"}})
    (found,) = differences(other, here)
    assert (found.locked, found.here, found.weight) == ("another", getattr(here, part)[key], weight)
    assert key in str(found)


def test_a_table_that_is_new_or_gone_is_a_difference_too(here: Lock) -> None:
    more = replace(here, tables={**here.tables, "workspace: glossary/zh-en.tsv": "1"})
    assert [each.here for each in differences(more, here)] == [""]
    assert [each.locked for each in differences(here, more)] == [""]


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_machine_that_can_not_make_the_same_is_refused_or_told(zimu: Zimu, episode: Path) -> None:
    assert zimu("lock", episode).code == 0
    version = read_toml(episode / "zimu.lock")["packages"]["ctranslate2"]
    spoil(episode / "zimu.lock", f'ctranslate2 = "{version}"', 'ctranslate2 = "4.0.0"')
    refused = zimu("run", "--locked", episode)
    assert refused.code == 2
    assert f"package ctranslate2: locked 4.0.0, here {version}" in refused.err
    assert not (episode / "zimu").exists()
    # The one who insists is told the same, and gets the lock's settings.
    (episode / "video.mp4").write_bytes(b"")  # so that it ends early
    told = zimu("run", "--set", "run.lock=warn", episode)
    assert f"ctranslate2: locked 4.0.0, here {version}" in told.err


def test_another_model_of_that_name_is_refused(zimu: Zimu, episode: Path) -> None:
    assert zimu("lock", episode).code == 0
    sha256 = read_toml(episode / "zimu.lock")["models"]["whisper"]["sha256"]
    spoil(episode / "zimu.lock", sha256, "0" * 64)
    refused = zimu("run", "--locked", episode)
    assert refused.code == 2
    assert f"model whisper sha256: locked {'0' * 64}, here {sha256}" in refused.err


def test_the_command_line_may_not_say_otherwise(zimu: Zimu, episode: Path) -> None:
    assert zimu("lock", episode).code == 0
    refused = zimu("run", "--locked", "--to", "ja", episode)
    assert refused.code == 2
    assert "episode.to is locked to ['en']" in refused.err


def test_a_workspaces_lock_leaves_episodes_their_own_titles_and_languages(zimu: Zimu, episode: Path) -> None:
    workspace = episode.parent
    (workspace / "zimu.toml").write_text("[align]\ncheck_below = 0.5\n", encoding="utf-8")
    assert zimu("lock", workspace).code == 0
    (workspace / "zimu.toml").write_text("[run]\nlock = 'strict'\n", encoding="utf-8")
    shown = read_lock(workspace / "zimu.lock")
    assert "title" not in shown.settings["episode"]
    from pipeline.episode import open_episode

    settings = open_episode(episode).loaded.settings
    assert settings.align.check_below == 0.5
    assert (settings.episode.title, settings.episode.to) == ("锁", ("en",))
    assert load(workspace).settings.run.lock == "strict"


def test_without_a_lock_it_says_how_to_make_one(zimu: Zimu, episode: Path) -> None:
    refused = zimu("run", "--locked", episode)
    assert refused.code == 2
    assert "zimu lock" in refused.err
    (episode / "zimu.lock").write_text("format = 9\n", encoding="utf-8")
    assert "no lock that this Zimu knows" in zimu("run", "--locked", episode).err
