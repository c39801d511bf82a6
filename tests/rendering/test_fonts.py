"""Fonts: which face writes a language, and that no character is drawn as a box."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from pipeline.errors import MissingError
from pipeline.rendering.fonts import assign_glyphs, characters, load_fonts, subset_font
from tests.rendering.frames import fonts, layer, styles, track


def tiny_font(path: Path, family: str, char: str) -> Path:
    """A real font file with one character: a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(point)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(char): "square"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "square": (1000, 100)})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
    builder.setupOS2(usWinAscent=900, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.mark.parametrize(
    ("language", "postscript"),
    [
        ("zh-Hans", "NotoSansCJKsc-Regular"),
        ("zh-Hant", "NotoSansCJKtc-Regular"),
        ("ja", "NotoSansCJKjp-Regular"),
        ("ko", "NotoSansCJKkr-Regular"),
    ],
)
def test_each_language_is_written_by_its_own_face(language: str, postscript: str) -> None:
    assert fonts().face(styles().for_language(language).font).postscript == postscript


@pytest.mark.parametrize("text", ["繁體字與简体字", "ひらがなカタカナ", "한국어", "Ünïcödé Việt Русский", "“”…—·⋯℃①"])
def test_the_fonts_that_come_with_zimu_write_this(text: str) -> None:
    assert assign_glyphs([layer(text)], fonts()) == {}


def test_a_missing_character_is_named_with_its_cue() -> None:
    cues = track("zh-Hans", (0, 1000, "大家好"), (65_000, 66_000, "太好了😀"))
    with pytest.raises(MissingError, match=r"U\+1F600, GRINNING FACE") as error:
        assign_glyphs([(cues, styles().for_language("zh-Hans"))], fonts())
    assert error.value.where == "zh-Hans, cue 2 at 0:01:05"
    assert "fonts_folder" in error.value.remedy


def test_a_named_fallback_writes_what_the_font_lacks(tmp_path: Path) -> None:
    tiny_font(tmp_path / "tiny.ttf", "Tiny Emoji", "😀")
    book = load_fonts(tmp_path)
    assert assign_glyphs([layer("好😀")], book, ["Tiny Emoji"]) == {"😀": "Tiny Emoji"}


def test_a_fallback_that_is_not_there_is_said() -> None:
    with pytest.raises(MissingError, match="no font 'Noto Emoji'") as error:
        assign_glyphs([layer("好")], fonts(), ["Noto Emoji"])
    assert "Noto Sans CJK SC" in error.value.what


def test_joiners_and_variation_selectors_need_no_glyph() -> None:
    assert assign_glyphs([layer("a\u200bb\u2060c葛\U000e0100d\ufe0f\ne")], fonts()) == {}


def test_a_folder_of_ones_own_wins(tmp_path: Path) -> None:
    tiny_font(tmp_path / "tiny.ttf", "Noto Sans CJK SC", "好")
    book = load_fonts(tmp_path)
    assert book.face("noto sans cjk sc").path == tmp_path / "tiny.ttf"
    with pytest.raises(MissingError):
        assign_glyphs([layer("大")], book)


def test_a_broken_font_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="not there"):
        load_fonts(tmp_path / "none")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(MissingError, match="can't be read"):
        load_fonts(tmp_path)


def test_an_attached_font_has_its_name_and_only_the_letters_in_use() -> None:
    face = fonts().face("Noto Sans CJK JP")
    data, suffix = subset_font(face, "皆さん")
    font = TTFont(io.BytesIO(data))
    assert suffix == "otf"
    assert set(font.getBestCmap()) == {ord(char) for char in "皆さん "}
    assert font["name"].getDebugName(1) == "Noto Sans CJK JP"
    assert len(data) < 20_000
    assert len(characters(face)) > 40_000
