"""What was heard beside what is written: how much of each line, and the words that nobody wrote."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.alignment.comparing import HEARD, Comparison, Heard, Unwritten, compare
from pipeline.alignment.normalise import normalise

LINES = ["从一个暑期项目", "变成全球芯片行业都绕不开的话题", "故事要从2010年说起", "当时加州大学伯克利分校的几位研究者"]


def heard(text: str) -> Heard:
    return Heard(text, normalise(text, "zh-Hans"))


def found(lines: Sequence[str], text: str, *settled: int, least_weight: float = 3.0) -> Comparison:
    symbols = [normalise(line, "zh-Hans") for line in lines]
    return compare(symbols, heard(text), least_weight=least_weight, settled=frozenset(settled))


def test_lines_that_are_heard_are_covered_whatever_their_spelling() -> None:
    result = found(
        LINES, "從一個暑期項目變成全球芯片行業都繞不開的話題故事要從二零一零年說起當時加州大學伯克利分校的幾位研究者"
    )
    assert result == Comparison((1, 1, 1, 1), ())


def test_what_sounds_the_same_was_heard_and_what_sounds_alike_half() -> None:
    result = found(LINES[:2], "從一個數七項目變成全球新片行業都要不開的話題")
    assert all(share > 0.7 for share in result.coverage)
    assert result.unwritten == ()
    assert found(["他们的意见"], "他们的一件").coverage == (1,)


def test_the_letters_of_a_name_count_though_others_were_heard() -> None:
    (share,) = found(["Berkeley"], "Burklley").coverage
    assert share >= HEARD
    (other,) = found(["Berkeley"], "今天天气").coverage
    assert other < HEARD


def test_a_line_that_was_not_said_has_no_coverage() -> None:
    result = found(LINES, LINES[0] + LINES[2] + LINES[3])
    assert result.coverage == (1, 0, 1, 1)
    assert result.unwritten == ()


def test_words_that_nobody_wrote_are_named_with_their_place() -> None:
    result = found(LINES, LINES[0] + LINES[1] + "等一下，我先喝口水" + LINES[2] + LINES[3])
    assert result.coverage == (1, 1, 1, 1)
    assert result.unwritten == (Unwritten(2, 0, "等一下，我先喝口水"),)


@pytest.mark.parametrize(
    ("line", "text", "before"),
    [
        (1, "变成全球芯片行业呃那个怎么说来着都绕不开的话题", "都"),
        (3, "当时加州大学呃那个怎么说来着伯克利分校的几位研究者", "伯"),
    ],
)
def test_words_inside_a_line_keep_their_place_in_it(line: int, text: str, before: str) -> None:
    said = [*LINES[:line], text, *LINES[line + 1 :]]
    (words,) = found(LINES, "".join(said)).unwritten
    assert words == Unwritten(line, LINES[line].index(before), "呃那个怎么说来着")


def test_words_before_the_first_and_after_the_last_line_are_named() -> None:
    result = found(LINES, "欢迎收看本期节目" + "".join(LINES) + "谢谢大家我们下期再见")
    assert result.unwritten == (Unwritten(0, 0, "欢迎收看本期节目"), Unwritten(4, 0, "谢谢大家我们下期再见"))


def test_words_count_from_the_length_that_is_asked_for() -> None:
    text = LINES[0] + "对不对呀" + LINES[1]
    assert [one.text for one in found(LINES[:2], text, least_weight=4.0).unwritten] == ["对不对呀"]
    assert found(LINES[:2], text, least_weight=5.0).unwritten == ()


def test_a_slip_of_the_recogniser_is_no_speech_of_its_own() -> None:
    result = found(LINES, LINES[0] + "啊" + "变成全球芯片的行业都绕不太开的话题" + LINES[2] + LINES[3])
    assert result.unwritten == ()


def test_single_symbols_that_agree_by_chance_prove_nothing() -> None:
    (share,) = found(["他在想大的事"], "他说今天在外面下了很多雨所以想家大概没有人的了事").coverage
    assert share <= HEARD


def test_the_lines_beside_are_heard_only_where_they_touch_what_was_heard() -> None:
    beside = ["暑期项目", LINES[1], "故事要从"]
    touching = found(beside, "项目" + LINES[1] + "故事", 0, 2)
    assert touching.coverage == (0.5, 1, 0.5)
    assert touching.unwritten == ()
    apart = found(beside, "哎你们看窗边项目那只猫" + LINES[1], 0, 2)
    assert [one.text for one in apart.unwritten] == ["哎你们看窗边项目那只猫"]


@pytest.mark.parametrize("text", ["", "……", "♪"])
def test_a_line_with_nothing_to_say_was_not_heard(text: str) -> None:
    assert found([LINES[0], text, LINES[2]], LINES[0] + LINES[2]).coverage == (1, 0, 1)


def test_nothing_heard_leaves_every_line_unheard() -> None:
    assert found(LINES, "") == Comparison((0, 0, 0, 0), ())


def test_with_nothing_written_all_that_is_heard_is_unwritten() -> None:
    assert found([], "谢谢大家") == Comparison((), (Unwritten(0, 0, "谢谢大家"),))
