"""Re-cutting a translation onto the times of the lines that it translates."""

from __future__ import annotations

import itertools
import statistics
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.result import Alignment
from pipeline.errors import InputError
from pipeline.languages import find
from pipeline.subtitles.checks import check
from pipeline.subtitles.display import displayed, reading_speed, width
from pipeline.subtitles.recut import translated_cues, translated_track
from pipeline.track import Track
from pipeline.translation.units import TranslatedUnit
from tests.subtitles.episodes import (
    COFFEE_EN,
    COFFEE_JA,
    alignment,
    coffee,
    riscv,
    riscv_in_english,
    spoken,
    units,
    unspoken,
)

ENGLISH = find("en")


def _errors(track: Track, made: Alignment) -> list[str]:
    findings = check(track, find(track.language).profile, media_ms=made.duration_ms)
    return [f"{finding.rule} {finding.where}" for finding in findings if finding.severity == "error"]


def _share_readable(track: Track) -> float:
    profile = find(track.language).profile
    good = sum(reading_speed(cue.text, cue.duration_ms, profile) <= profile.cps * 1.001 for cue in track.cues)
    return good / len(track.cues)


def _mean_distance(track: Track, made: Alignment) -> float:
    starts = [line.start_ms for line in made.lines if line.start_ms is not None]
    return statistics.mean(min(abs(cue.start_ms - start) for start in starts) for cue in track.cues)


@pytest.mark.parametrize(
    ("made", "translation"),
    [(riscv(), riscv_in_english()), (coffee(), units(COFFEE_EN))],
    ids=["riscv", "coffee"],
)
def test_english_can_be_read_and_keeps_close_to_the_speech(made: Alignment, translation: list[TranslatedUnit]) -> None:
    track = translated_track(made, translation, ENGLISH)
    assert _errors(track, made) == []
    assert _share_readable(track) >= 0.97
    assert _mean_distance(track, made) < 400


def test_japanese_is_cut_by_phrases() -> None:
    made = coffee()
    track = translated_track(made, units(COFFEE_JA), find("ja"))
    assert _errors(track, made) == []
    assert _mean_distance(track, made) < 400
    rows = [row for cue in track.cues for row in cue.text.split("\n")]
    assert not [row for row in rows if row[0] in "をにはがのでと、。ーょっ"]
    assert "Fairbeanという会社は" in [cue.text.replace("\n", "") for cue in track.cues]


def test_clauses_come_with_the_lines_that_say_them() -> None:
    made = riscv()
    cues = translated_track(made, riscv_in_english(), ENGLISH).cues
    said = {line.text: line.start_ms for line in made.lines}
    shown = {cue.text.replace("\n", " "): cue.start_ms for cue in cues}
    assert shown["In this episode we'll talk about RISC-V,"] == said["这一期我们来聊聊RISC-V"]
    assert (
        shown["such as RVA23, which makes the vector extension mandatory."] == said["比如RVA23，就把向量扩展列为必选项"]
    )
    assert shown["and that is fragmentation."] == said["那就是碎片化"]


def test_lines_join_in_one_cue_where_the_translation_is_short() -> None:
    made = alignment(spoken(0, "好了", 0, 700), spoken(1, "今天的内容", 750, 1600), spoken(2, "就到这里", 1650, 2400))
    cues = translated_track(made, [TranslatedUnit(0, 2, "That's all for today.")], ENGLISH).cues
    assert [(cue.start_ms, cue.text) for cue in cues] == [(0, "That's all for today.")]


def test_a_line_is_divided_where_its_translation_is_long() -> None:
    made = alignment(spoken(0, "长话", 0, 9000))
    words = "one two three four five six seven eight nine ten, " * 3
    cues = translated_track(made, [TranslatedUnit(0, 0, words)], ENGLISH).cues
    assert len(cues) >= 2
    assert all(cue.text.endswith("ten,") for cue in cues)


def test_a_cue_never_holds_two_units() -> None:
    made = alignment(spoken(0, "你好", 0, 600), spoken(1, "再见", 650, 1200))
    cues = translated_track(made, [TranslatedUnit(0, 0, "Hello."), TranslatedUnit(1, 1, "Bye.")], ENGLISH).cues
    assert [cue.text for cue in cues] == ["Hello.", "Bye."]


def test_a_cue_stays_into_silence_where_reading_needs_it() -> None:
    made = alignment(spoken(0, "我们下期再见", 1000, 1600), spoken(1, "好", 4000, 5000))
    first = translated_track(
        made, [TranslatedUnit(0, 0, "See you again next time."), TranslatedUnit(1, 1, "Good.")], ENGLISH
    ).cues[0]
    assert 1000 - ENGLISH.profile.slip_ms <= first.start_ms <= 1000
    assert first.end_ms <= 1600 + ENGLISH.profile.linger_ms
    assert reading_speed(first.text, first.duration_ms, ENGLISH.profile) <= 20


def test_a_long_silence_inside_a_sentence_is_not_covered() -> None:
    made = alignment(spoken(0, "听起来很好", 0, 2000), spoken(1, "但是不便宜", 4500, 6500))
    cues = translated_track(made, [TranslatedUnit(0, 1, "That sounds good, but it is not cheap.")], ENGLISH).cues
    assert [(cue.start_ms, cue.text) for cue in cues] == [(0, "That sounds good,"), (4500, "but it is not cheap.")]


def test_a_long_cue_is_divided_where_the_voice_pauses_or_a_line_ends() -> None:
    made = alignment(
        spoken(0, "英伟达透露，自家的每块GPU里面", 0, 3400), spoken(1, "都有10到40个RISC-V小核", 4100, 6500)
    )
    text = "NVIDIA also revealed that each of its GPUs contains 10 to 40 small RISC-V cores."
    cues = translated_track(made, [TranslatedUnit(0, 1, text)], ENGLISH).cues
    assert [(cue.start_ms, cue.text) for cue in cues] == [
        (0, "NVIDIA also revealed that each of its GPUs"),
        (4100, "contains 10 to 40 small RISC-V cores."),
    ]


def test_a_cue_does_not_take_the_tail_of_a_clause_and_more() -> None:
    made = alignment(
        spoken(0, "不过其中绝大多数", 0, 1430), spoken(1, "都藏在你看不见的地方", 1930, 3610),
        spoken(2, "比如硬盘控制器、耳机和充电器", 3740, 6250),
    )  # fmt: skip
    text = "However, most of them are hidden from view, such as hard disk controllers, headphones, and chargers."
    cues = translated_track(made, [TranslatedUnit(0, 2, text)], ENGLISH).cues
    assert any(cue.text.replace("\n", " ").endswith("hidden from view,") for cue in cues)


def test_a_row_does_not_end_with_a_preposition_where_cues_can_part() -> None:
    made = alignment(spoken(0, "听起来像是天上掉馅饼", 0, 1900), spoken(1, "但是代价也很明显", 2000, 4200))
    text = "It sounds like a piece of cake from the sky, but the price is also very clear."
    cues = translated_track(made, [TranslatedUnit(0, 1, text)], ENGLISH).cues
    rows = [row for cue in cues for row in cue.text.split("\n")]
    assert not [row for row in rows if row.split()[-1] in ("from", "the", "of", "a", "also", "very")]


def test_the_cues_of_each_unit_are_known() -> None:
    made = riscv()
    found = translated_cues(made, riscv_in_english(), ENGLISH)
    assert tuple(itertools.chain.from_iterable(found)) == translated_track(made, riscv_in_english(), ENGLISH).cues
    for unit, cues in zip(riscv_in_english(), found, strict=True):
        assert " ".join(cue.text.replace("\n", " ") for cue in cues) == unit.text


def test_unspoken_lines_and_empty_translations_have_no_cues() -> None:
    made = alignment(unspoken(0, "没说"), spoken(1, "说了", 0, 1000), spoken(2, "又说了", 1500, 2500))
    rows = units([(0, 0, "Never said."), (1, 1, " \n"), (2, 2, "Said.")])
    assert [cue.text for cue in translated_track(made, rows, ENGLISH).cues] == ["Said."]


def test_what_cannot_be_read_in_its_time_is_shown_whole_and_found() -> None:
    made = alignment(spoken(0, "快", 0, 400), spoken(1, "慢", 450, 3000))
    text = "This is far more text than anybody could ever read in the time that it takes to say so. " * 3
    track = translated_track(made, units([(0, 0, text), (1, 1, "Slow.")]), ENGLISH)
    assert "".join(cue.text for cue in track.cues).replace("\n", "").replace(" ", "") == (text + "Slow.").replace(
        " ", ""
    )
    assert "reading-speed" in {finding.rule for finding in check(track, ENGLISH.profile)}
    assert _errors(track, made) == []


@pytest.mark.parametrize("rows", [[(0, 2, "x")], [(1, 1, "b"), (0, 0, "a")], [(0, 1, "a"), (1, 1, "b")]])
def test_units_that_do_not_fit_the_lines_are_refused(rows: list[tuple[int, int, str]]) -> None:
    made = alignment(spoken(0, "一", 0, 500), spoken(1, "二", 600, 1000))
    with pytest.raises(InputError, match="does not fit"):
        translated_track(made, units(rows), ENGLISH)


def test_an_hour_of_six_hundred_units_takes_seconds() -> None:
    one, rows = riscv(), riscv_in_english()
    lines, translation = [], []
    for part in range(36):
        shift = part * one.duration_ms
        lines += [
            replace(line, index=line.index + part * 42, start_ms=(line.start_ms or 0) + shift,
                    end_ms=(line.end_ms or 0) + shift, chars=())
            for line in one.lines
        ]  # fmt: skip
        translation += [replace(row, first=row.first + part * 42, last=row.last + part * 42) for row in rows]
    made = alignment(*lines)
    began = time.process_time()
    track = translated_track(made, translation, ENGLISH)
    assert time.process_time() - began < 20  # 2.5 s on an idle core: this only guards against worse than linear
    assert len(track.cues) > 600


words = st.lists(
    st.sampled_from(
        [
            "the",
            "a",
            "RISC-V",
            "of",
            "10",
            "billion",
            "cores,",
            "end.",
            "Richard",
            "Hipp",
            "and",
            "x" * 60,
            "推出了",
            "を",
        ]
    ),
    max_size=40,
)
unit_rows = st.lists(
    st.tuples(words, st.lists(st.tuples(st.integers(0, 900), st.integers(1, 4000)), min_size=1, max_size=4)), max_size=6
)


@given(unit_rows, st.sampled_from(["en", "ja", "ko", "th", "zh-Hant", "ar"]))
@settings(max_examples=120, deadline=None)
def test_whatever_is_translated_cues_are_in_order_apart_within_rows_and_lose_no_text(
    rows: list[tuple[list[str], list[tuple[int, int]]]], tag: str
) -> None:
    language, lines, translation, clock = find(tag), [], [], 0
    for texts, spans in rows:
        first = len(lines)
        for pause, length in spans:
            lines.append(spoken(len(lines), "某一行文字", clock + pause, clock + pause + length))
            clock += pause + length
        translation.append(TranslatedUnit(first, len(lines) - 1, " ".join(texts)))
    made = alignment(*lines, duration_ms=clock + 30_000)
    cues = translated_track(made, translation, language).cues
    assert all(0 <= cue.start_ms < cue.end_ms <= made.duration_ms for cue in cues)
    assert all(b.start_ms >= a.end_ms for a, b in itertools.pairwise(cues))
    shown = "".join("".join(displayed(unit.text, language.profile.punctuation)) for unit in translation)
    assert "".join("".join(cue.text.split()) for cue in cues) == "".join(shown.split())
    for cue in cues:
        cue_rows = cue.text.split("\n")
        assert len(cue_rows) <= language.profile.max_lines
        assert all(width(row, language.profile) <= language.profile.max_chars for row in cue_rows)


said = st.lists(
    st.tuples(words, st.lists(st.tuples(st.integers(0, 900), st.integers(700, 4000)), min_size=1, max_size=4)),
    min_size=1, max_size=6,
)  # fmt: skip


@given(said, st.sampled_from(["en", "ja", "th", "es"]))
@settings(max_examples=80, deadline=None)
def test_each_unit_keeps_its_words_in_order_and_near_its_own_speech(
    rows: list[tuple[list[str], list[tuple[int, int]]]], tag: str
) -> None:
    language, lines, translation, clock = find(tag), [], [], 1000
    for texts, spans in rows:
        first = len(lines)
        for pause, length in spans:
            lines.append(spoken(len(lines), "某一行文字", clock + pause, clock + pause + length))
            clock += pause + length
        translation.append(TranslatedUnit(first, len(lines) - 1, " ".join(texts)[:60]))
    made, profile = alignment(*lines, duration_ms=clock + 30_000), language.profile
    found = translated_cues(made, translation, language)
    every = [cue for cues in found for cue in cues]
    for unit, cues in zip(translation, found, strict=True):
        shown = "".join(displayed(unit.text, profile.punctuation))
        assert "".join("".join(cue.text.split()) for cue in cues) == "".join(shown.split())
        begins, ends = made.lines[unit.first].start_ms or 0, made.lines[unit.last].end_ms or 0
        for cue in cues:
            assert cue.start_ms >= begins - profile.slip_ms - profile.min_ms
            after = every.index(cue) + 1
            chained = after < len(every) and every[after].start_ms - cue.end_ms == profile.gap_ms
            late = max(0, cue.start_ms - ends)
            assert cue.end_ms <= ends + late + profile.linger_ms + (profile.chain_ms if chained else 0)
