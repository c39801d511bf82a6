"""How text is shown: punctuation by the profile, characters counted as the guides count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import find
from pipeline.subtitles.display import count, displayed, needed_ms, reading_speed, visible, width


def _shown(text: str, tag: str) -> str:
    return "".join(displayed(text, find(tag).profile.punctuation)).strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("大家好，欢迎来到今天的节目。", "大家好 欢迎来到今天的节目"),
        ("大家好,欢迎.", "大家好 欢迎"),
        ("为什么呢?真的!", "为什么呢？真的！"),
        ('他说"你好"，走了', "他说“你好” 走了"),
        ('屏幕是6"的', '屏幕是6"的'),
        ("等等......后来……", "等等…后来…"),
        ("价格是3.5亿,1,000个,www.a.com", "价格是3.5亿 1,000个 www.a.com"),
        ("硬盘、耳机；充电器：都有", "硬盘、耳机；充电器：都有"),
        ("威廉·莎士比亚", "威廉·莎士比亚"),
    ],
)
def test_simplified_chinese_drops_stops_and_commas_and_widens_marks(text: str, shown: str) -> None:
    assert _shown(text, "zh-Hans") == shown


def test_traditional_chinese_has_corner_quotes() -> None:
    assert _shown("他說“好”。", "zh-Hant") == "他說「好」"


def test_japanese_has_a_blank_for_a_comma_and_a_wide_one_for_a_full_stop() -> None:
    assert _shown("はい、そうです。次です。", "ja") == "はい そうです\u3000次です"


def test_english_is_shown_as_it_is() -> None:
    text = 'He said, "1,000... maybe?"'
    assert _shown(text, "en") == text


@given(st.text(), st.sampled_from(["zh-Hans", "ja", "en", "ar", "th"]))
def test_every_character_keeps_its_place(text: str, tag: str) -> None:
    assert len(displayed(text, find(tag).profile.punctuation)) == len(text)


@given(st.text())
def test_what_is_shown_has_no_control_characters_and_can_be_written(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable() or not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "tag", "characters"),
    [
        ("推出RISC-V", "zh-Hans", 2 + 3),
        ("大家好 欢迎", "zh-Hans", 5.5),
        ("“对”…", "zh-Hans", 4),
        ("1万キロ", "ja", 3.5),
        ("한국어 자막", "ko", 5.5),
        ("Hello there", "en", 11),
        ("ที่นี่", "th", 2),
        ("Vie\u0323\u0302t", "vi", 4),
        ("", "zh-Hans", 0),
    ],
)
def test_characters_are_counted_as_the_guide_counts(text: str, tag: str, characters: float) -> None:
    assert width(text, find(tag).profile) == characters


def test_a_row_break_counts_nothing() -> None:
    assert count("ab\ncd", find("en").profile) == 4


def test_reading_speed_is_characters_a_second() -> None:
    english = find("en").profile
    assert reading_speed("a" * 40, 2000, english) == 20
    assert needed_ms(40, english) == 2000
    assert needed_ms(41, english) == 2050
