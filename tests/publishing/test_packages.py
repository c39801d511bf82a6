"""`zimu export --for`: what a platform would take, whole, with what to click; or nothing, and why."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pysubs2
import pytest
import srt
import webvtt
from pycaption import DFXPReader

from pipeline.alignment import Alignment
from pipeline.errors import UsageError
from pipeline.files import config_file
from pipeline.languages import load_languages
from pipeline.publishing.packages import examine, load_pages, same_names
from pipeline.stages.package import checklist_language
from pipeline.store import Store
from pipeline.track import Cue, Track
from tests.cli import Result
from tests.exchange.test_cli import ENGLISH, fill
from tests.stages.aligned import aligned_episode, job

Zimu = Callable[..., Result]

LANGUAGES = load_languages(config_file("languages.toml"))
PAGES = load_pages(config_file("platforms.toml")).pages
ARABIC = ["مرحبا بكم في البرنامج.", "اليوم نتحدث عن RISC-V, وكيف أصبح مهما.", "القصة تبدأ عام 2010!"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an episode in Chinese, English and Arabic; made once."""
    workspace = tmp_path_factory.mktemp("made")
    (workspace / "zimu.toml").write_text("[episode]\nto = ['en', 'ar']\n", "utf-8")
    folder = aligned_episode(workspace / "one")
    fill(folder, "ar", ARABIC)
    fill(folder, "en", ENGLISH)
    return workspace


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    return shutil.copytree(made, tmp_path / "workspace")


@pytest.fixture
def episode(workspace: Path) -> Path:
    return workspace / "one"


def cues_of(folder: Path, language: str) -> list[Cue]:
    work = job(folder)
    try:
        return list(work.track(LANGUAGES[language]).cues)
    finally:
        work.bench.close()


def read(path: Path) -> list[tuple[int, int, str]]:
    """A file's cues, by a library that did not write it."""
    text = path.read_text(encoding="utf-8")
    if path.name.endswith(".bcc.json"):
        return [(round(e["from"] * 1000), round(e["to"] * 1000), e["content"]) for e in json.loads(text)["body"]]
    if path.suffix == ".ttml":
        (language,) = (document := DFXPReader().read(text)).get_languages()
        return [(e.start // 1000, e.end // 1000, e.get_text()) for e in document.get_captions(language)]
    if path.suffix == ".srt":
        return [(e.start, e.end, e.plaintext) for e in pysubs2.SSAFile.from_string(text, "srt")]
    captions = webvtt.from_sbv(str(path)) if path.suffix == ".sbv" else webvtt.read(str(path))
    return [(ms(e.start_time), ms(e.end_time), html.unescape(e.raw_text)) for e in captions]


def ms(time: webvtt.models.Timestamp) -> int:
    hours, minutes, seconds, milli = time.to_tuple()
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milli


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


HOSTILE_TITLE = "</title><script>alert(1)</script>\n# x | `y` [a](javascript:b) \u202e&amp; \x07"


@pytest.mark.parametrize("name", ["../x'; rm -rf $(x) \"#", "字幕 第1集.final.v2", "-.-", "مرحبا", "n" * 200])
def test_hostile_names_and_titles_stay_text(zimu: Zimu, episode: Path, name: str) -> None:
    folder = episode.rename(episode.parent / name.replace("/", "∕"))
    (folder / "episode.toml").write_text(f"[episode]\ntitle = {json.dumps(HOSTILE_TITLE)}\n", "utf-8")
    assert zimu("export", folder, "--for", "facebook", "--out", episode.parent / "out").code == 0
    package = episode.parent / "out" / "facebook"
    names = sorted(path.name for path in package.glob("*.srt"))
    assert len(names) == 3
    assert all(re.fullmatch(r"[\w-]{1,60}\.(zh_CN|en_US|ar_AR)\.srt", each) for each in names), names
    page = _Page((package / "checklist.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.tags.count("a") == 1
    assert "<script>alert(1)</script>" in page.words
    (row,) = [each for each in (package / "checklist.md").read_text("utf-8").split("\n") if "alert" in each]
    assert row.startswith("\u2068\\</title\\>")
    assert not re.search(r"(?<!\\)[<`\[|]", row)


def test_a_cue_past_the_end_of_the_video_is_refused_and_nothing_is_written(zimu: Zimu, episode: Path) -> None:
    assert zimu("export", episode, "--for", "bilibili").code == 0
    folder = episode / "zimu" / "packages" / "bilibili"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    path = episode / "zimu" / "alignment.json"
    late = Alignment.load(path)
    replace(late, duration_ms=20_000, lines=(*late.lines[:-1], replace(late.lines[-1], end_ms=15_500))).save(path)
    out = zimu("export", episode, "--for", "bilibili")
    assert (out.code, out.out) == (3, "")
    assert re.search("Bilibili would refuse the subtitles, in . places; nothing was written", out.err)
    assert re.search(
        r"zh-Hans, cue 6: past-end, ends at 15\d\d\d ms \(limit: the media ends at 14000 ms\)\. End it", out.err
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [each.name for each in folder.parent.iterdir()] == ["bilibili"]


@pytest.mark.parametrize(
    ("cues", "rule", "where"),
    [
        ((), "no-cues", "en, the track"),
        ((Cue(0, 900, "a"), Cue(1000, 1900, " \n ")), "empty", "en, cue 2"),
        ((Cue(0, 1900, "a"), Cue(1000, 2900, "b")), "overlap", "en, cue 2"),
        ((Cue(0, 900, "a"), Cue(1500, 1500, "b")), "no-time", "en, cue 2"),
        ((Cue(-5, 900, "a"),), "no-time", "en, cue 1"),
        ((Cue(0, 900, "a"), Cue(9_000, 10_001, "b")), "past-end", "en, cue 2"),
    ],
)
@pytest.mark.parametrize("platform", PAGES)
def test_what_every_platform_refuses_is_found(platform: str, cues: tuple[Cue, ...], rule: str, where: str) -> None:
    found = examine(PAGES[platform], Track("en", cues), LANGUAGES["en"], files={}, media_ms=10_000)
    assert [(each.rule, each.where) for each in found if each.severity == "error"] == [(rule, where)]
    assert found[0].remedy


def test_where_lengths_are_whole_seconds_no_cue_is_shown_after_the_last_one() -> None:
    track = Track("en", (Cue(0, 900, "a"), Cue(9_000, 10_400, "b"), Cue(10_100, 10_500, "c")))
    assert [cue.end_ms for cue in PAGES["bilibili"].fit(track, 10_600).cues] == [900, 10_000, 10_500]
    fitted = PAGES["bilibili"].fit(track, 10_600)
    (found,) = examine(PAGES["bilibili"], fitted, LANGUAGES["en"], files={}, media_ms=10_600)[-1:]
    assert (found.rule, found.where, found.limit) == ("past-end", "en, cue 3", "the media ends at 10000 ms")
    assert PAGES["facebook"].fit(track, 10_600) == track
    assert PAGES["bilibili"].fit(track, 10_200).cues[1].end_ms == 10_400  # past the end: a finding, not a correction


def test_what_only_reads_badly_is_no_reason_to_refuse() -> None:
    track = Track("en", (Cue(0, 300, "x" * 300), Cue(300, 10_000, "y")))
    assert examine(PAGES["bilibili"], track, LANGUAGES["en"], files={"en.srt": b"x" * 10**7}, media_ms=10_000) == ()


def test_facebook_takes_no_file_above_its_limit() -> None:
    track, name = Track("en", (Cue(0, 900, "a"),)), "x.en_US.srt"
    assert not examine(PAGES["facebook"], track, LANGUAGES["en"], files={name: b"x" * 200_000}, media_ms=None)
    (found,) = examine(PAGES["facebook"], track, LANGUAGES["en"], files={name: b"x" * 200_001}, media_ms=None)
    assert (found.rule, found.where, found.limit) == ("file-size", f"en, {name}", "at most 200,000 bytes")


def test_a_workspace_may_have_platforms_of_its_own(zimu: Zimu, workspace: Path, episode: Path) -> None:
    (workspace / "config").mkdir()
    own = config_file("platforms.toml").read_text(encoding="utf-8").replace("max_bytes = 200_000", "max_bytes = 300")
    (workspace / "config" / "platforms.toml").write_text(own.replace("[generic", "[peertube"), encoding="utf-8")
    out = zimu("export", episode, "--for", "facebook")
    assert (out.code, "one.en_US.srt: file-size" in out.err) == (3, True)
    assert not (episode / "zimu" / "packages").exists()
    assert zimu("export", episode, "--for", "peertube").code == 0
    (workspace / "config" / "platforms.toml").write_text(own.replace("\nmax_bytes", "\nbytes", 1), encoding="utf-8")
    assert "bilibili.max_bytes: Field required" in zimu("export", episode, "--for", "x").err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('files = ["{code}.srt"]', 'files = ["../{code}.srt"]', "is no name of a file"),
        ('files = ["{code}.srt"]', 'files = ["/etc/{code}"]', "is no name of a file"),
        ('files = ["{code}.srt"]', 'files = ["{id}.srt"]', "unknown field"),
        ('language = "x"', 'language = "twitter"', "there is no column twitter"),
        ('state = "State"\n', "", "words.en.state is missing"),
        ('heading = "Upload subtitles to {platform}"', 'heading = "{who}"', "words.en.heading"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(
    zimu: Zimu, workspace: Path, episode: Path, old: str, new: str, said: str
) -> None:
    (workspace / "config").mkdir()
    own = config_file("platforms.toml").read_text(encoding="utf-8")
    assert old in own
    (workspace / "config" / "platforms.toml").write_text(own.replace(old, new), encoding="utf-8")
    out = zimu("export", episode, "--for", "x")
    assert (out.code, said in out.err, "platforms.toml" in out.err) == (2, True, True), out.err
    assert not (episode / "zimu" / "packages").exists()


def test_a_platform_or_language_that_is_not_known_is_refused_with_the_nearest(zimu: Zimu, episode: Path) -> None:
    out = zimu("export", episode, "--for", "bilbili")
    assert (out.code, "Did you mean bilibili?" in out.err) == (2, True)
    out = zimu("export", episode, "--for", "x", "--languages", "en,jp")
    assert (out.code, "write “ja” for Japanese" in out.err) == (2, True)
    assert "no subtitles in Japanese yet" in zimu("export", episode, "--for", "x", "--languages", "ja").err
    assert zimu("export", episode, "--for", "x", "--to", "srt").code == 2
    assert not (episode / "zimu" / "packages").exists()


def test_a_language_that_the_platform_lacks_is_refused_with_the_nearest_it_has() -> None:
    known = {**LANGUAGES, "zh-Hant": replace(LANGUAGES["zh-Hant"], wistia="")}
    with pytest.raises(UsageError, match=r"Chinese \(Traditional\)") as caught:
        PAGES["wistia"].spell(known["zh-Hant"], known)
    assert "nearest that it has is Chinese (Traditional, " in caught.value.remedy
    assert PAGES["wistia"].spell(LANGUAGES["zh-Hant-HK"], LANGUAGES) == "zh-Hant"


def test_two_languages_that_a_platform_spells_alike_are_not_both_written() -> None:
    assert same_names({"zh-Hant": ("zh_TW.srt",), "en": ("en_US.srt",)}) == ()
    (found,) = same_names({"zh-Hant": ("zh_TW.srt",), "en": ("en_US.srt",), "zh-Hant-TW": ("zh_TW.srt",)})
    assert (found.rule, found.where) == ("same-language", "zh-Hant-TW")
    assert "--languages zh-Hant,en" in found.remedy


def test_a_package_is_made_anew_but_nobodys_own_files_are_touched(zimu: Zimu, episode: Path) -> None:
    folder = episode / "zimu" / "packages" / "x"
    assert zimu("export", episode, "--for", "x").code == 0
    assert zimu("export", episode, "--for", "x", "--languages", "en").code == 0
    assert {path.suffix for path in folder.iterdir()} == {".srt", ".html", ".md", ".json"}
    assert [path.name for path in folder.glob("*.srt")] == ["en.srt"]
    (folder / "en.srt").write_text("corrected", "utf-8")
    out = zimu("export", episode, "--for", "x")
    assert (out.code, "Somebody changed en.srt" in out.err) == (2, True)
    assert zimu("export", episode, "--for", "x", "--force").code == 0
    (folder / "my notes.txt").write_text("mine", "utf-8")
    out = zimu("export", episode, "--for", "x", "--force")
    assert (out.code, "my notes.txt" in out.err) == (2, True)
    assert (folder / "my notes.txt").read_text("utf-8") == "mine"
    elsewhere = episode.parent / "desk" / "x"
    elsewhere.mkdir(parents=True)
    (elsewhere / "en.srt").write_text("another's", "utf-8")
    assert zimu("export", episode, "--for", "x", "--out", elsewhere.parent, "--force").code == 2
    assert (elsewhere / "en.srt").read_text("utf-8") == "another's"


def test_the_checklist_says_what_nobody_approved_in_the_users_language(zimu: Zimu, episode: Path) -> None:
    with Store.open(episode.parent / "zimu.db") as store:
        work = job(episode)
        for unit in store.units(work.episode_id, "en"):
            store.approve(unit.id, "li", unit.revision)
        work.bench.close()
    zimu("export", episode, "--for", "bilibili")
    text = (episode / "zimu" / "packages" / "bilibili" / "checklist.md").read_text("utf-8")
    assert "Upload subtitles to Bilibili" in text
    assert "| `en` | `en.bcc.json`, `en.srt` | 3 | all approved |" in re.sub(r"\| \d+ \|", "| 3 |", text)
    assert "3 of 3 sentences not approved" in text
    (episode / "episode.toml").write_text('[package]\nlanguage = "zh-Hans"\n', "utf-8")
    zimu("export", episode, "--for", "bilibili")
    text = (episode / "zimu" / "packages" / "bilibili" / "checklist.html").read_text("utf-8")
    assert '<html lang="zh-Hans">' in text
    assert "上传字幕到哔哩哔哩" in text
    assert '<bdi lang="ar">العربية</bdi>' in text
    (episode / "episode.toml").write_text('[package]\nlanguage = "fr"\n', "utf-8")
    out = zimu("export", episode, "--for", "bilibili")
    assert (out.code, "en or zh-Hans" in out.err) == (2, True)


@pytest.mark.parametrize(
    ("wanted", "environ", "language"),
    [
        ("auto", {}, "en"),
        ("auto", {"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ("auto", {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ("zh-Hans", {"LANG": "C"}, "zh-Hans"),
    ],
)
def test_the_checklists_language(wanted: str, environ: dict[str, str], language: str) -> None:
    assert checklist_language(wanted, environ) == language


@pytest.mark.parametrize("name", PAGES)
def test_every_platform_has_its_steps_in_both_languages(name: str) -> None:
    page = PAGES[name]
    assert set(page.steps) == set(page.title) == {"en", "zh-Hans"}
    assert len(page.steps["en"]) == len(page.steps["zh-Hans"])
    assert all(page.spell(language, LANGUAGES) for language in LANGUAGES.values())


def test_one_episode_that_is_refused_does_not_stop_the_others(zimu: Zimu, workspace: Path, episode: Path) -> None:
    new = aligned_episode(workspace / "a-new-one")
    (new / "zimu" / "alignment.json").unlink()
    out = zimu("export", new, episode, "--for", "x", "--out", workspace / "out")
    assert out.code == 1
    assert "no subtitles in Chinese (Simplified) yet" in out.err
    assert (workspace / "out" / "one" / "x" / "zh-CN.srt").is_file()
    assert srt.parse((workspace / "out" / "one" / "x" / "en.srt").read_text("utf-8"))
