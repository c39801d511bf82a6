"""The language table: every language complete, found by any usual spelling, mistakes explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_file
from pipeline.languages import find, load_languages

ALL = load_languages(config_file("languages.toml"))


def test_knows_the_languages_of_the_channel() -> None:
    assert list(ALL) == [
        "zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK",
        "en", "ja", "ko", "es", "fr", "de", "pt", "ru", "ar", "th", "vi", "id",
    ]  # fmt: skip


@pytest.mark.parametrize("tag", ALL)
def test_every_language_is_complete(tag: str) -> None:
    language = ALL[tag]
    assert language.tag == tag
    assert language.name
    assert language.own_name
    assert re.fullmatch(r"[a-z]{3}", language.iso639_2)
    assert re.fullmatch(r"[a-z]{3}", language.iso639_2b)
    assert language.youtube
    assert language.vimeo
    assert language.bilibili
    assert "Netflix" in language.profile.source
    assert 0 < language.profile.min_ms < language.profile.max_ms
    assert language.joiner == ("" if tag[:2] in ("zh", "ja", "th") else " ")
    assert language.direction == ("rtl" if tag == "ar" else "ltr")


def test_chinese_has_codes_that_mp4_and_matroska_keep() -> None:
    assert (ALL["zh-Hans"].iso639_2, ALL["zh-Hans"].iso639_2b) == ("zho", "chi")


@pytest.mark.parametrize(
    ("spelling", "tag"),
    [
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh_CN", "zh-Hans"), ("ZH-hans", "zh-Hans"), (" en ", "en"),
        ("zh-TW", "zh-Hant-TW"), ("zh_HK", "zh-Hant-HK"), ("cht", "zh-Hant"),
        ("en-US", "en"), ("pt_BR", "pt"), ("es-419", "es"),
    ],
)  # fmt: skip
def test_finds_a_language_by_any_usual_spelling(spelling: str, tag: str) -> None:
    assert find(spelling).tag == tag


def test_no_spelling_means_two_languages() -> None:
    spellings = [name.casefold() for language in ALL.values() for name in {language.tag, *language.aliases}]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(
    ("mistake", "hint"), [("jp", "“ja” for Japanese"), ("englsh", "“en”"), ("es-AR", "“es”"), ("Japanese", "“ja”")]
)
def test_an_unknown_language_is_refused_with_the_nearest(mistake: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(mistake)
    assert mistake in str(caught.value)
    assert hint in str(caught.value)


def test_nothing_near_lists_what_is_known() -> None:
    with pytest.raises(UsageError, match="Known are: zh-Hans"):
        find("tlh-xyzzy")


# Netflix Timed Text Style Guides: characters a row, characters a second for adults; Japanese for complete text.
GUIDE = {
    "zh": (16, 9), "en": (42, 20), "ja": (13, 7), "ko": (16, 12), "es": (42, 17), "fr": (42, 17), "de": (42, 17),
    "pt": (42, 17), "ru": (42, 17), "ar": (42, 20), "th": (35, 17), "vi": (42, 17), "id": (42, 17),
}  # fmt: skip


@pytest.mark.parametrize("tag", ALL)
def test_every_profile_has_its_guides_numbers_and_says_them(tag: str) -> None:
    profile = ALL[tag].profile
    row, second = GUIDE[tag.split("-")[0]]
    assert (profile.max_chars, profile.cps, profile.max_lines) == (row, second, 2)
    assert (profile.min_ms, profile.max_ms, profile.gap_ms) == (500 if tag == "ja" else 833, 7000, 83)
    assert f"{row} a row" in profile.source
    assert f"{second} a second" in profile.source


def test_a_region_has_its_own_spellings_and_conversion_and_the_rest_of_its_language() -> None:
    taiwan, general = ALL["zh-Hant-TW"], ALL["zh-Hant"]
    assert (taiwan.youtube, taiwan.vimeo, taiwan.bilibili) == ("zh-TW", "zh-TW", "zh-TW")
    assert (taiwan.profile, taiwan.breaks, taiwan.iso639_2b) == (general.profile, general.breaks, "chi")
    assert [ALL[tag].convert["zh-Hans"] for tag in ("zh-Hant", "zh-Hant-TW", "zh-Hant-HK")] == [
        "s2tw", "s2twp", "s2hk",
    ]  # fmt: skip
    assert not ALL["en"].convert


def _edited(tmp_path: Path, old: str, new: str) -> Path:
    text = config_file("languages.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "languages.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_workspace_changes_one_number_and_keeps_the_rest(tmp_path: Path) -> None:
    mine = load_languages(_edited(tmp_path, "cps = 20\n", "cps = 25\n"))
    assert mine["en"].profile.cps == 25
    assert mine["ja"] == ALL["ja"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max_chars = 13", "max_char = 13", "max_chars"),
        ("max_chars = 13", 'max_chars = "many"', "ja.profile.max_chars"),
        ('script = "Jpan"', "", "ja.script"),
        ('segmenter = "ja"', 'segmenter = "jp"', "ja.segmenter"),
        ('like = "zh-Hant"', 'like = "zh-Hand"', "zh-Hand"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_languages(_edited(tmp_path, old, new))
    assert says in str(caught.value)
    assert "languages.toml" in str(caught.value)
