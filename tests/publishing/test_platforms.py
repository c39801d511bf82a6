"""The interface for platforms: somebody else's is found by its entry point, and published to by the same rules."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_file
from pipeline.languages import load_languages
from pipeline.publishing.base import ExistsError, GoneError, LocalTrack, RemoteTrack, find_adapter, known_platforms
from pipeline.publishing.youtube.languages import spell
from tests.publishing.conftest import Desk
from tests.publishing.toy import Shelf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shelf(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that somebody installed, with the toy platform's entry point."""
    info = tmp_path / "site" / "zimu_shelf-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zimu-shelf\nVersion: 1.0\n", "utf-8")
    toy = "tests.publishing.toy:Shelf"
    points = f"[zimu.platforms]\nshelf = {toy}\nyoutube = {toy}\nbad = no.such:One\n"
    (info / "entry_points.txt").write_text(points, "utf-8")
    monkeypatch.setattr(sys, "path", [str(info.parent), *sys.path])
    folder = tmp_path / "shelf"
    (folder / "talk").mkdir(parents=True)
    own = '[publish]\nvideos = { shelf = "talk" }\n' + f"endpoints = {{ shelf = '{folder}' }}\n"
    desk.episode.joinpath("episode.toml").write_text(own, "utf-8")
    return folder / "talk"


def test_a_platform_of_somebody_elses_is_published_to(desk: Desk, shelf: Path) -> None:
    done = desk.publish()
    assert (done.code, done.err.count("uploaded")) == (0, 3), done
    assert sorted(file.name for file in shelf.iterdir()) == ["en.vtt", "ja.vtt", "zh-Hans.vtt"]
    assert "3 unchanged" in desk.publish().out
    assert "quota" not in desk.publish("--dry-run").out
    (shelf / "en.vtt").write_text((shelf / "en.vtt").read_text("utf-8").replace("the show", "it all"), "utf-8")
    held = desk.publish()
    assert (held.code, "somebody changed it there" in held.err) == (1, True), held
    fetched = desk.zimu("publish", "fetch", desk.episode, "--languages", "en")
    assert "would change 1 text" in fetched.out
    (shelf / "ja.vtt").unlink()
    assert desk.publish("--overwrite").code == 0
    assert "the show" in (shelf / "en.vtt").read_text("utf-8")
    assert (shelf / "ja.vtt").is_file()
    assert {each.platform for each in desk.receipts()} == {"shelf"}


def test_what_one_platform_refuses_keeps_no_other_from_being_fetched(desk: Desk, shelf: Path) -> None:
    desk.publish()
    toml = desk.episode / "episode.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('{ shelf = "talk" }', '{ vimeo = "76979871", shelf = "talk" }'), "utf-8"
    )
    fetched = desk.zimu("publish", "fetch", desk.episode, "--languages", "en", "--to", "vimeo,shelf")
    assert "shelf en: the same as here" in fetched.out
    assert (fetched.code, "zimu auth vimeo" in fetched.err) == (5, True), fetched


def test_an_entry_point_can_not_take_the_place_of_zimus_own(desk: Desk, shelf: Path) -> None:
    assert known_platforms()["youtube"].startswith("pipeline.publishing.youtube")
    failed = desk.publish("--to", "bad")
    assert (failed.code, "can't be loaded" in failed.err) == (2, True), failed
    assert "needs no sign-in" in desk.zimu("auth", "shelf").err


def test_the_manual_shows_the_toy_as_it_is() -> None:
    manual = (ROOT / "docs" / "publishing.md").read_text("utf-8")
    shown = re.search(r"```python\n(.*?)```", manual, re.DOTALL)
    assert shown
    code = (ROOT / "tests" / "publishing" / "toy.py").read_text("utf-8")
    assert shown[1].strip() in code


def test_an_unknown_platform_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="youtub") as refused:
        find_adapter("youtub")
    assert "Did you mean youtube?" in refused.value.remedy


def test_youtube_knows_every_language_of_the_table_by_a_spelling_of_its_own() -> None:
    spelt = {tag: spell(language) for tag, language in load_languages(config_file("languages.toml")).items()}
    assert (spelt["zh-Hans"], spelt["zh-Hant-TW"], spelt["en"], spelt["ja"]) == ("zh-Hans", "zh-TW", "en", "ja")
    assert len(set(spelt.values())) == len(spelt)


@pytest.mark.parametrize(
    ("code", "spelt"), [("nb", "no"), ("he", "iw"), ("en-AU", "en-AU"), ("ZH-hant", "zh-Hant"), ("es-419", "es-419")]
)
def test_youtubes_older_and_wider_codes_are_used(code: str, spelt: str) -> None:
    english = load_languages(config_file("languages.toml"))["en"]
    assert spell(replace(english, youtube=code)) == spelt


def test_a_language_that_youtube_does_not_know_is_refused_with_the_nearest() -> None:
    english = load_languages(config_file("languages.toml"))["en"]
    with pytest.raises(UsageError, match="does not know the language enx") as refused:
        spell(replace(english, youtube="enx"))
    assert "The nearest that it knows is en." in refused.value.remedy


def test_a_track_that_comes_and_goes_is_given_up_in_the_end(
    desk: Desk, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserted = []

    def insert(self: Shelf, video: str, track: LocalTrack) -> RemoteTrack:
        inserted.append(track.code)
        raise ExistsError("It is there.")

    def update(self: Shelf, video: str, remote: RemoteTrack, track: LocalTrack) -> RemoteTrack:
        raise GoneError("It is gone.", remedy="Somebody else is at work.")

    def tracks(self: Shelf, video: str) -> tuple[RemoteTrack, ...]:
        return tuple(RemoteTrack(code, code, "", "serving", live=True) for code in set(inserted))

    monkeypatch.setattr(Shelf, "insert", insert)
    monkeypatch.setattr(Shelf, "update", update)
    monkeypatch.setattr(Shelf, "tracks", tracks)
    monkeypatch.setattr(Shelf, "download", lambda *_: None)
    failed = desk.publish("--languages", "en")
    assert (failed.code, "It is gone." in failed.err) == (5, True), failed
    assert 1 < len(inserted) < 5
