"""Sentences over caption lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment import AlignedLine
from pipeline.translation.units import Unit, group_sentences, join_lines
from tests.benchmarks.marked import Counts, Marked, marked_texts

LIMITS = {"max_lines": 6, "max_ms": 12_000}

# F1 of sentence ends: what the rules alone had of the texts of tests/benchmarks/sentences/measured when they were last
# fitted (docs/benchmarks.md), less a margin of two or three borders; and what a model's scores must make of it.
FLOORS = {"riscv": 0.84, "sqlite": 0.79, "bluetooth": 0.83, "alphafold": 0.78}
WITH_A_MODEL = 0.90


def timed(*texts: str, pause_ms: int = 150, length_ms: int = 1500) -> list[AlignedLine]:
    step = length_ms + pause_ms
    return [AlignedLine(i, text, i * step, i * step + length_ms, "ok", 1.0) for i, text in enumerate(texts)]


def spans(units: tuple[Unit, ...]) -> list[tuple[int, int]]:
    return [(unit.first, unit.last) for unit in units]


def counts(text: Marked, scores: dict[int, float] | None = None) -> Counts:
    return Counts.of({unit.last for unit in group_sentences(text.timed(), **LIMITS, model_scores=scores)}, text)


@pytest.mark.parametrize("text", marked_texts("measured"), ids=lambda text: text.name)
def test_most_sentence_ends_are_found_without_any_pause_to_go_by(text):
    assert counts(text).f1 >= FLOORS[text.name]


@pytest.mark.parametrize("text", marked_texts("measured"), ids=lambda text: text.name)
def test_a_language_model_finds_more_of_them(text):
    with_model = counts(text, text.model_scores())
    assert with_model.f1 >= WITH_A_MODEL
    assert with_model.f1 >= counts(text).f1


@pytest.mark.parametrize("text", marked_texts("measured") + marked_texts("fitted"), ids=lambda text: text.name)
def test_no_sentence_of_any_text_has_more_lines_or_time_than_allowed(text):
    for scores in (None, text.model_scores()):
        for unit in group_sentences(text.timed(), **LIMITS, model_scores=scores):
            assert unit.last - unit.first < 6
            assert unit.last == unit.first or unit.end_ms - unit.start_ms <= 12_000


def test_every_text_ends_a_sentence_with_its_last_line_and_has_a_score_for_every_border():
    for text in marked_texts("measured") + marked_texts("fitted"):
        assert len(text.lines) - 1 in text.ends
        assert len(text.model_scores()) == len(text.lines) - 1


@pytest.mark.parametrize(
    "texts",
    [
        ("RISC-V最大的特点", "就是完全开放"),
        ("因为真正的护城河", "从来都不是指令集本身", "而是几百万开发者写下的软件"),
        ("如果你有成千上万的用户", "那还是应该选择服务器"),
        ("为了解决这个问题", "他们推出了统一的标准"),
        ("Hipp后来回忆说", "这是他第一次意识到", "原来开源也能养活自己"),
        ("自家的每块GPU里面", "都有10到40个小核"),
        ("他说，", "这很难。"),
    ],
)
def test_clauses_that_need_each_other_stay_in_one_unit(texts):
    assert spans(group_sentences(timed(*texts), **LIMITS)) == [(0, len(texts) - 1)]


@pytest.mark.parametrize(
    "texts",
    [
        ("大家好，欢迎来到今天的节目", "这一期我们来聊聊芯片"),
        ("它能不能取代ARM呢", "我的看法是，短期之内很难"),
        ("他来了。", "并且走了"),
        ("今天的内容就到这里", "我们下期再见"),
    ],
)
def test_a_new_sentence_opens_a_new_unit(texts):
    assert spans(group_sentences(timed(*texts), **LIMITS))[0] == (0, 0)


def test_a_turn_opens_a_new_unit():
    texts = ("采用这套架构的核心", "出货量已经超过了100亿颗", "不过其中绝大多数", "都藏在你看不见的地方")
    assert spans(group_sentences(timed(*texts), **LIMITS)) == [(0, 1), (2, 3)]


def test_a_long_pause_ends_a_sentence():
    texts = ("他没有别的事情可做", "动手写了一个函数库")
    close, apart = timed(*texts), timed(*texts, pause_ms=2500)
    assert len(group_sentences(close, **LIMITS)) <= len(group_sentences(apart, **LIMITS)) == 2


def test_an_unspoken_line_is_in_no_text_and_makes_no_unit():
    lines = timed("大家好", "这一行没有说", "欢迎来到今天的节目")
    lines[1] = replace(lines[1], start_ms=None, end_ms=None, status="unspoken")
    units = group_sentences(lines, **LIMITS)
    assert "这一行没有说" not in "".join(unit.text for unit in units)
    assert group_sentences([lines[1]], **LIMITS) == ()


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("用的是RISC-V", "International的标准"), "用的是RISC-V International的标准"),
        (("采用这套架构的核心", "出货量超过了"), "采用这套架构的核心，出货量超过了"),
        (("已经超过了", "100亿"), "已经超过了，100亿"),
        (("全世界最大的", "芯片公司"), "全世界最大的芯片公司"),
        (("他说：", "“很难”"), "他说：“很难”"),
        (("很难，", "因为"), "很难，因为"),
        (("达到100%", "很难"), "达到100%，很难"),
    ],
)
def test_lines_are_joined_with_the_comma_or_blank_that_the_break_stands_for(lines, text):
    assert join_lines(lines) == text


def test_a_model_decides_where_the_rules_do_not_know():
    lines = timed("他没有别的事情可做", "团队写了一个函数库")
    assert len(group_sentences(lines, **LIMITS, model_scores={0: 6.0})) == 2
    assert len(group_sentences(lines, **LIMITS, model_scores={0: -6.0})) == 1


def test_a_model_does_not_outweigh_written_punctuation():
    assert len(group_sentences(timed("他来了。", "并且走了"), **LIMITS, model_scores={0: -50.0})) == 2
    assert len(group_sentences(timed("他来了，", "我们走了"), **LIMITS, model_scores={0: 50.0})) == 1


def test_ids_are_stable_while_the_first_line_is():
    texts = ("大家好，欢迎来到今天的节目。", "出货量已经超过了100亿颗。")
    before = group_sentences(timed(*texts), **LIMITS)
    after = group_sentences(timed(*texts, "我们下期再见"), **LIMITS)
    assert [unit.id for unit in after][:2] == [unit.id for unit in before] == ["u0", "u1"]


@given(
    st.lists(st.text(alphabet='我们就是因为abc12，。？ "', min_size=1, max_size=12).filter(str.strip), max_size=40),
    st.integers(0, 3000),
    st.integers(200, 15_000),
)
def test_every_spoken_line_is_in_one_unit_within_the_limits(texts, pause_ms, length_ms):
    lines = timed(*texts, pause_ms=pause_ms, length_ms=length_ms)
    units = group_sentences(lines, **LIMITS)
    assert [index for unit in units for index in range(unit.first, unit.last + 1)] == list(range(len(texts)))
    for unit in units:
        count = unit.last - unit.first + 1
        assert count <= 6
        assert count == 1 or unit.end_ms - unit.start_ms <= 12_000
