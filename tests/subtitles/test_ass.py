"""ASS scripts, and what libass makes of them on real frames."""

from __future__ import annotations

import numpy as np
import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.subtitles.ass import ass_text, estimated_rows, script_size, to_ass
from pipeline.track import Cue, Track
from tests.rendering.frames import draw, layer, rows_of_ink, styles, track


def test_cues_keep_their_times_and_their_rows() -> None:
    cues = track("zh-Hans", (500, 2400, "大家好"), (2500, 5000, "第一行\n第二行"))
    script = pysubs2.SSAFile.from_string(
        to_ass([(cues, styles().for_language("zh-Hans"))], width=1280, height=720, title="节目")
    )
    assert [(event.start, event.end, event.text) for event in script] == [
        (500, 2400, "大家好"),
        (2500, 5000, "第一行\\N第二行"),
    ]
    assert script.info["Title"] == "节目"
    assert (script.info["PlayResX"], script.info["PlayResY"]) == ("1920", "1080")
    assert script.styles["1-han"].fontname == "Noto Sans CJK SC"


@pytest.mark.parametrize(
    ("picture", "grid"), [((1280, 720), (1920, 1080)), ((1080, 1920), (1080, 1920)), ((640, 480), (1440, 1080))]
)
def test_the_grid_has_the_pictures_shape(picture: tuple[int, int], grid: tuple[int, int]) -> None:
    assert script_size(*picture) == grid


def test_a_colour_with_opacity_becomes_transparency() -> None:
    script = pysubs2.SSAFile.from_string(to_ass([layer("字")], width=1920, height=1080))
    assert script.styles["1-han"].backcolor == pysubs2.Color(0, 0, 0, 127)
    assert script.styles["1-han"].primarycolor == pysubs2.Color(255, 255, 255, 0)


@given(st.text())
def test_no_text_can_write_lines_of_its_own(text: str) -> None:
    cues = Track("en", (Cue(0, 1000, text), Cue(1000, 2000, "next")))
    written = to_ass([(cues, styles().for_language("en"))], width=1920, height=1080, title=text)
    script = pysubs2.SSAFile.from_string(written)
    assert len(script) == 2
    assert script[1].text == "next"
    assert len(script.styles) == 1


@pytest.mark.parametrize("command", [r"{\an8}", r"{\fs400}", r"{\p1}m 0 0 l 900 0 900 900{\p0}", "{x}"])
def test_commands_in_the_text_are_shown_and_not_obeyed(command: str) -> None:
    plain, shown = draw(layer("字")), draw(layer(command + "字"))
    assert rows_of_ink(shown)[0][0] > 250  # at the bottom, in one row
    assert len(rows_of_ink(shown)) == 1
    assert (shown > 150).any(axis=0).sum() > (plain > 150).any(axis=0).sum() * 1.5  # the letters of the command


@pytest.mark.parametrize("letters", [r"a\Nb", r"a\nb", r"a\hb", "a\\"])
def test_a_backslash_is_a_backslash(letters: str) -> None:
    assert len(rows_of_ink(draw(layer(letters)))) == 1
    # as wide as the same letters with a slash, which is as wide as a backslash
    ink = [np.flatnonzero((draw(layer(text)) > 150).any(axis=0)) for text in (letters, letters.replace("\\", "/"))]
    assert abs((ink[0][-1] - ink[0][0]) - (ink[1][-1] - ink[1][0])) <= 3


def test_fallback_fonts_are_named_only_around_their_characters() -> None:
    assert ass_text("好😀吗", {"😀": "Noto Emoji"}) == r"好{\fnNoto Emoji}😀{\fn}吗"
    assert ass_text("好吗", {"😀": "Noto Emoji"}) == "好吗"


def test_two_languages_have_slots_of_their_own() -> None:
    chinese = layer("大家好欢迎来到", role="upper")
    alone = rows_of_ink(draw(chinese, layer("One row", "en", "lower")))
    upper = track("zh-Hans", (0, 5000, "大家好欢迎来到")), chinese[1]
    lower = (
        track("en", (0, 2000, "Two rows here\nand here"), (2000, 4000, "One row")),
        styles().for_language("en", "lower"),
    )
    two, one, none = (rows_of_ink(draw(upper, lower, at=at)) for at in (1.0, 3.0, 4.5))
    assert [len(bands) for bands in (alone, two, one, none)] == [2, 3, 2, 1]
    assert two[0] == one[0] == none[0]  # Chinese never moves
    assert two[1][1] == one[1][1]  # the first row below it stays as well
    assert two[0][1] < two[1][0]
    assert two[2][1] < 360 - 8  # inside the picture


def test_portrait_pictures_hold_the_same_letters() -> None:
    wide, tall = draw(layer("大家好")), draw(layer("大家好"), width=360, height=640)
    height = [band[0][1] - band[0][0] for band in (rows_of_ink(wide), rows_of_ink(tall))]
    assert abs(height[0] - height[1]) <= 1
    sixteen = draw(layer("一二三四五六七八九十一二三四五六"), width=360, height=640)
    assert len(rows_of_ink(sixteen)) <= 2
    assert not (sixteen[:, :8] > 150).any()


def test_an_overlong_row_wraps_inside_the_picture() -> None:
    shown = draw(layer("没有空格的很长一行" * 6))
    assert len(rows_of_ink(shown)) == estimated_rows(
        "没有空格的很长一行" * 6, styles().for_language("zh-Hans"), 1920 - 2 * 96
    )
    assert not (shown[:, :16] > 150).any()


def test_japanese_and_chinese_have_their_own_shapes() -> None:
    assert (draw(layer("直骨角", "zh-Hans")) != draw(layer("直骨角", "ja"))).any()
    assert (draw(layer("大家好", "zh-Hans")) == draw(layer("大家好", "zh-Hans"))).all()
