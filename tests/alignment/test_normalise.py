"""Two spellings of the same speech become the same symbols, and every symbol knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.normalise import in_script, is_syllable, normalise


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("故事要从2010年说起", "故事要從二零一零年說起"),
        ("超过了100亿颗", "超過了一百億顆"),
        ("10到40个", "十到四十个"),
        ("覆盖率推到了100%", "覆蓋率推到了百分之一百"),
        ("3.11版", "三点一一版"),
        ("1,500美元", "一千五百美元"),
        ("比如RVA23", "比如rva二三"),
        ("x86太复杂", "X八六太複雜"),
        ("两年", "2年"),
        ("RISC-V International", "risc v，international"),
        ("ＡＲＭ　架构", "arm架構"),
        ("她管这种做法叫做自由", "他管這種做法，叫做自由。"),
        ("007", "零零七"),
        ("Café", "cafe"),
    ],
)
def test_spellings_of_the_same_speech_agree(written: str, heard: str) -> None:
    assert normalise(written, "zh-Hans").symbols == normalise(heard, "zh-Hans").symbols


def test_the_symbols_of_a_number_stand_for_the_whole_number() -> None:
    read = normalise("约100亿", "zh-Hans")
    assert read.symbols == "约一百亿"
    assert read.spans == ((0, 1), (1, 4), (1, 4), (4, 5))


def test_digits_stay_digits_where_the_language_is_not_chinese() -> None:
    assert normalise("In 2010, it began.", "en").symbols == "in2010itbegan"


def test_letters_are_not_syllables_but_han_kana_and_hangul_are() -> None:
    assert [is_syllable(symbol) for symbol in "字かカ한aя9"] == [True, True, True, True, False, False, False]


@given(st.text(max_size=60))
def test_every_symbol_stands_for_a_part_of_the_text_in_order(text: str) -> None:
    read = normalise(text, "zh-Hans")
    assert len(read.symbols) == len(read.spans)
    assert all(0 <= start < end <= len(text) for start, end in read.spans)
    assert list(read.spans) == sorted(read.spans)
    assert all(symbol.isalnum() for symbol in read.symbols)


@given(st.text(alphabet="0123456789.,%年a万", max_size=40))
def test_any_row_of_digits_can_be_read(text: str) -> None:
    assert not any(symbol.isascii() and symbol.isdigit() for symbol in normalise(text, "zh-Hans").symbols)


def test_heard_chinese_is_written_in_the_transcripts_characters() -> None:
    assert in_script("這裡插播一個小知識, SQLite", "zh-Hans") == "这里插播一个小知识, SQLite"
    assert in_script("这里", "zh-Hant-TW") == "這裏"
    assert in_script("ここ 漢字", "ja") == "ここ 漢字"
