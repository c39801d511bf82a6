"""Lines find their windows through what was heard; the rest is named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.alignment.normalise import normalise
from pipeline.alignment.placing import Extra, Heard, Place, place_lines

LINES = ["从一个暑期项目", "变成全球芯片行业都绕不开的话题", "故事要从2010年说起", "当时加州大学伯克利分校的几位研究者"]


def heard(*texts: str) -> list[Heard]:
    """Windows of 10 s, a symbol every 100 ms."""
    windows = []
    for place, text in enumerate(texts):
        normalised = normalise(text, "zh-Hans")
        begin = place * 10_000
        times = tuple((begin + 100 * k, begin + 100 * k + 100) for k in range(len(normalised.symbols)))
        windows.append(Heard(place, text, normalised, times))
    return windows


def place(lines: Sequence[str], *texts: str) -> tuple[list[Place], list[Extra]]:
    symbols = [normalise(line, "zh-Hans") for line in lines]
    return place_lines(lines, symbols, heard(*texts), first_line=0, borders=(0, 99_000), extra_weight=3.0)


def parts(place: Place) -> list[tuple[int, str]]:
    return [(piece.window, piece.text) for piece in place.pieces]


def test_a_line_belongs_to_the_window_that_says_it() -> None:
    places, extras = place(
        LINES,
        "從一個數七項目變成全球新片行業都要不開的話題",
        "故事要從二零一零年說起當時加州大學博克利芬秀的幾位研究者",
    )
    assert [parts(one) for one in places] == [[(0, LINES[0])], [(0, LINES[1])], [(1, LINES[2])], [(1, LINES[3])]]
    assert all(one.coverage > 0.6 for one in places)
    assert extras == []


def test_a_line_over_two_windows_is_cut_at_the_character_where_the_second_begins() -> None:
    places, _ = place(
        LINES, "从一个暑期项目变成全球芯片行业", "都绕不开的话题故事要从2010年说起当时加州大学伯克利分校的几位研究者"
    )
    assert parts(places[1]) == [(0, "变成全球芯片行业"), (1, "都绕不开的话题")]


def test_a_line_that_was_not_said_has_no_coverage_and_no_room() -> None:
    places, extras = place(LINES, LINES[0] + LINES[2] + LINES[3])
    assert [one.coverage > 0.9 for one in places] == [True, False, True, True]
    assert places[1].room[1] - places[1].room[0] == 0
    assert extras == []


def test_words_that_nobody_wrote_are_named_with_their_place() -> None:
    _, extras = place(LINES, LINES[0] + LINES[1] + "等一下我先喝口水" + LINES[2] + LINES[3])
    (extra,) = extras
    assert extra.piece.text == "等一下我先喝口水"
    assert (extra.line, extra.at) == (2, 0)
    assert (extra.start_ms, extra.end_ms) == (2200, 3000)


def test_words_inside_a_line_keep_their_place_in_it() -> None:
    _, (extra,) = place(LINES, LINES[0] + "变成全球芯片行业呃那个怎么说来着都绕不开的话题" + LINES[2] + LINES[3])
    assert (extra.line, extra.at) == (1, LINES[1].index("都"))


def test_words_inside_the_last_line_keep_their_place_too() -> None:
    _, (extra,) = place(LINES, "".join(LINES[:3]) + "当时加州大学呃那个怎么说来着伯克利分校的几位研究者")
    assert (extra.line, extra.at) == (3, LINES[3].index("伯"))


def test_words_before_the_first_and_after_the_last_line_are_named() -> None:
    _, extras = place(LINES, "欢迎收看本期节目" + "".join(LINES) + "谢谢大家我们下期再见")
    assert [(extra.line, extra.at, extra.piece.text) for extra in extras] == [
        (0, 0, "欢迎收看本期节目"),
        (4, 0, "谢谢大家我们下期再见"),
    ]


def test_a_slip_of_the_recogniser_is_no_speech_of_its_own() -> None:
    _, extras = place(LINES, LINES[0] + "啊" + "变成全球芯片的行业都绕不太开的话题" + LINES[2] + LINES[3])
    assert extras == []


def test_single_symbols_that_agree_by_chance_prove_nothing() -> None:
    places, _ = place(["他在想大的事"], "他说今天在外面下了很多雨所以想家大概没有人的了事")
    assert places[0].coverage <= 1 / 3


@pytest.mark.parametrize("text", ["", "……", "♪"])
def test_a_line_with_nothing_to_say_was_not_heard(text: str) -> None:
    places, _ = place([LINES[0], text, LINES[2]], LINES[0] + LINES[2])
    assert places[1].coverage == 0
    assert places[1].weight == 0


def test_nothing_heard_at_all_leaves_every_line_unheard() -> None:
    places, extras = place(LINES, "")
    assert [one.coverage for one in places] == [0, 0, 0, 0]
    assert extras == []
