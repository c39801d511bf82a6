"""Where a row may end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.languages import find
from pipeline.subtitles.breaks import NEVER, pieces
from pipeline.subtitles.display import displayed


def _costs(text: str, tag: str) -> dict[str, float]:
    """Cost of the break after the text so far, by what stands before it."""
    found = pieces(text, find(tag))
    return {text[: piece.end].strip(): piece.cost for piece in found[:-1]}


def _cost(text: str, tag: str) -> float:
    """Cost of the break marked with a bar; more than any other where none is possible."""
    before, after = text.split("|")
    return _costs(before + after, tag).get(before.strip(), 1000.0)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("It is the |price", "en"),
        ("written by Richard |Hipp himself", "en"),
        ("the University |of California", "en"),
        ("more than 10 |billion cores", "en"),
        ("in 15 |countries now", "en"),
        ("profiles, such |as this", "en"),
        ("ask Dr. |Smith about it", "en"),
        ("we can |not do it", "en"),
        ("by slowing |down a little", "en"),
        ("two years |ago they met", "en"),
        ("la |casa grande", "es"),
        ("cuesta 3 |millones", "es"),
        ("mit der |Firma", "de"),
        ("fast |alle Bauern", "de"),
        ("rund 10 |Millionen Tonnen", "de"),
        ("มากกว่า |10 ล้านตัน", "th"),
        ("ปลูกกา|แฟบนเนินเขา", "th"),
        ("เกษตรกรที่|นั่นปลูก", "th"),
        ("toutes les |petites maisons", "fr"),
        ("RISC-V |International推出了", "zh-Hans"),
        ("推出|了统一的标准", "zh-Hans"),
        ("有15|万行代码", "zh-Hans"),
        ("この|問題を解決する", "ja"),
        ("問題を解決する|ために考える", "ja"),
        ("사용할 |수 있다", "ko"),
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(text: str, tag: str) -> None:
    assert _cost(text, tag) >= NEVER


@pytest.mark.parametrize(
    ("better", "worse", "tag"),
    [
        ("It was late, |and we went home", "It was late, and we |went home", "en"),
        ("he is done. |She left", "he is done, |she left", "en"),
        ("we went home |because it rained", "we went home because |it rained", "en"),
        ("we looked |for a way", "we looked for |a way", "en"),
        ("the price |of bread", "the price of |bread", "en"),
        ("the chip industry |can't go on", "the chip |industry can't go on", "en"),
        ("they spent |a whole year", "they spent a whole |year", "en"),
        ("at the end |of it", "get out |of it", "en"),
        ("quienes lo cultivan |suelen recibir", "quienes lo cultivan suelen |recibir", "es"),
        ("die Hälfte |verschwindet bis 2050", "die Hälfte verschwindet bis |2050", "de"),
        ("ตอนนี้จบเพียงเท่านี้ |แล้วพบกัน", "ตอนนี้จบเพียง|เท่านี้ แล้วพบกัน", "th"),
        ("彼は強いので、|負けない", "彼は強いので、負け|ない", "ja"),
        ("今日は|学校に行く", "学校の|先生", "ja"),
    ],
)
def test_breaks_are_ranked_as_the_guides_rank_them(better: str, worse: str, tag: str) -> None:
    assert _cost(better, tag) < _cost(worse, tag)


@pytest.mark.parametrize("word", ["RISC-V", "DO-178B", "macOS", "3.5", "50%", "MC/DC", "International"])
@pytest.mark.parametrize("tag", ["zh-Hans", "zh-Hant", "ja", "th"])
def test_a_latin_word_or_number_is_never_cut(word: str, tag: str) -> None:
    text = f"推出{word}的标准配置"
    start = text.index(word)
    assert not [p.end for p in pieces(text, find(tag)) if start < p.end < start + len(word)]


def test_no_row_starts_with_a_closing_mark_or_small_kana() -> None:
    for text in ("「はい」、と言った。", "ちょっとカフェーへ行きますか？", "“好”，他说（真的）。"):
        for tag in ("ja", "zh-Hans"):
            assert not [p for p in pieces(text, find(tag)) if p.text[:1] in "」、。ょっー？”，）"]


@pytest.mark.parametrize("tag", ["en", "ja", "th", "zh-Hans"])
def test_a_word_wider_than_a_row_is_cut_to_rows(tag: str) -> None:
    language = find(tag)
    found = pieces("https://example.com/" + "a" * 200, language)
    assert len(found) > 1
    assert all(piece.width <= language.profile.max_chars for piece in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("カリフォルニア大学バークレー校の", ["カリフォルニア大学", "バークレー校の"]),
        ("ハードディスクコントローラー", ["ハードディスク", "コントローラー"]),
        ("アイスクリームメーカーを", ["アイスクリームメーカーを"]),
    ],
)
def test_a_compound_wider_than_a_row_is_cut_where_a_word_begins(text: str, expected: list[str]) -> None:
    assert [piece.text for piece in pieces(text, find("ja"))][: len(expected)] == expected


def test_thai_is_cut_between_the_words_of_a_dictionary() -> None:
    shown = [piece.text for piece in pieces("เรื่องราวเริ่มต้นที่เอธิโอเปีย เกษตรกรที่นั่นปลูกกาแฟ", find("th"))]
    assert shown == ["เรื่องราว", "เริ่มต้น", "ที่", "เอธิโอเปีย", "เกษตรกร", "ที่นั่น", "ปลูก", "กาแฟ"]


def test_a_thousand_letters_of_thai_are_cut_at_once() -> None:
    assert len(pieces("ตากลม" * 200, find("th"))) >= 200


@given(
    st.text(alphabet="ab1. ,\u3000RISC-V推出了，。「」のをはカー\n\u0301ที่นี่😀", max_size=60),
    st.sampled_from(["zh-Hans", "zh-Hant", "ja", "th", "en", "ko", "ar"]),
)
@settings(max_examples=300, deadline=None)
def test_pieces_show_all_of_the_text_in_order(text: str, tag: str) -> None:
    language = find(tag)
    found = pieces(text, language)
    shown = "".join(displayed(text, language.profile.punctuation))
    assert "".join("".join(p.text.split()) for p in found) == "".join(shown.split())
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    assert all(piece.text for piece in found)
