"""Subtitles of the spoken language."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.result import Alignment
from pipeline.languages import find
from pipeline.subtitles.checks import check
from pipeline.subtitles.display import displayed, width
from pipeline.subtitles.source import source_track
from tests.subtitles.episodes import alignment, coffee, riscv, spoken, unspoken

CHINESE = find("zh-Hans")
PROFILE = CHINESE.profile


def _texts(made: Alignment) -> list[str]:
    return [cue.text for cue in source_track(made, CHINESE).cues]


def _shown(text: str) -> str:
    return "".join("".join(displayed(text, PROFILE.punctuation)).split())


def test_a_line_is_a_cue_on_its_times() -> None:
    track = source_track(alignment(spoken(0, "从一个暑期项目", 1000, 2500), spoken(1, "变成话题", 4000, 5500)), CHINESE)
    assert track.language == "zh-Hans"
    assert [(c.start_ms, c.end_ms, c.text) for c in track.cues] == [
        (1000, 2500, "从一个暑期项目"),
        (4000, 5500, "变成话题"),
    ]


def test_a_line_that_was_never_spoken_has_no_cue() -> None:
    assert _texts(alignment(unspoken(0, "没说过"), spoken(1, "说过", 0, 900))) == ["说过"]


def test_marks_are_shown_by_the_profile_and_the_line_is_left_alone() -> None:
    made = alignment(spoken(0, "大家好，欢迎。", 0, 2000))
    assert _texts(made) == ["大家好 欢迎"]
    assert made.lines[0].text == "大家好，欢迎。"


@pytest.mark.parametrize(
    ("line", "cues"),
    [
        ("万科得出结论住宅行业未来十年总体来看是安全的", ["万科得出结论住宅行业", "未来十年总体来看是安全的"]),
        ("RISC-V International推出了统一的配置标准", ["RISC-V International", "推出了统一的配置标准"]),
        (
            "截至2022年，采用这套架构的核心出货量已经超过100亿颗",
            ["截至2022年", "采用这套架构的核心", "出货量已经超过100亿颗"],
        ),
    ],
)
def test_a_line_too_long_for_a_row_becomes_cues_at_phrases(line: str, cues: list[str]) -> None:
    shown = _texts(alignment(spoken(0, line, 0, 5000)))
    assert all(width(text, PROFILE) <= PROFILE.max_chars for text in shown)
    if len(shown) == len(cues):
        assert shown == cues
    else:
        assert "".join(shown).replace(" ", "") == "".join(cues).replace(" ", "")


def test_parts_of_a_line_come_when_their_characters_are_spoken() -> None:
    line = "RISC-V International推出了统一的配置标准"
    made = spoken(0, line, 1000, 6000)
    second = source_track(alignment(made), CHINESE).cues[1]
    assert second.start_ms == made.chars[line.index("推")][0]


def test_a_pause_inside_a_long_line_is_where_it_is_cut() -> None:
    text = "这个指标没有上一个指标那么好但是还不错"
    chars = [(place * 200, place * 200 + 200) for place in range(len(text))]
    pause_at = text.index("没有")
    chars = [(a + (900 if i >= pause_at else 0), b + (900 if i >= pause_at else 0)) for i, (a, b) in enumerate(chars)]
    made = spoken(0, text, 0, chars[-1][1])
    made = type(made)(0, text, 0, chars[-1][1], "ok", 1.0, tuple(chars))
    assert _texts(alignment(made))[0] == "这个指标"


def test_a_line_spoken_longer_than_a_cue_may_last_is_divided() -> None:
    track = source_track(alignment(spoken(0, "一点五倍以上是安全的", 0, 9000)), CHINESE)
    assert len(track.cues) == 2
    assert all(cue.duration_ms <= PROFILE.max_ms for cue in track.cues)


def test_the_sample_reads_well() -> None:
    made = riscv()
    track = source_track(made, CHINESE)
    found = check(track, PROFILE, media_ms=made.duration_ms)
    assert not [finding for finding in found if finding.severity == "error"]
    starts = {cue.start_ms for cue in track.cues}
    assert sum(line.start_ms in starts for line in made.lines) == len(made.lines)
    assert len(track.cues) <= len(made.lines) + 3


def test_the_same_alignment_gives_the_same_track() -> None:
    assert source_track(coffee(), CHINESE) == source_track(coffee(), CHINESE)


text = st.text(alphabet='我们的推出了一二三，。？!.," RISC-V12.5%“”…\u0301\t😀', min_size=1, max_size=40)
lines = st.lists(st.tuples(text, st.integers(0, 1500), st.integers(50, 9000), st.booleans()), max_size=12)


@given(lines)
@settings(max_examples=200, deadline=None)
def test_whatever_is_spoken_cues_are_in_order_apart_and_lose_no_text(
    rows: list[tuple[str, int, int, bool]],
) -> None:
    made, clock = [], 0
    for index, (row, pause, length, heard) in enumerate(rows):
        if heard:
            made.append(spoken(index, row, clock + pause, clock + pause + length))
            clock += pause + length
        else:
            made.append(unspoken(index, row))
    whole = alignment(*made, duration_ms=clock + 1000 + 200 * len(rows))
    cues = source_track(whole, CHINESE).cues
    assert all(0 <= cue.start_ms < cue.end_ms <= whole.duration_ms for cue in cues)
    assert all(b.start_ms > a.end_ms for a, b in itertools.pairwise(cues))
    shown = "".join("".join(cue.text.split()) for cue in cues)
    assert shown == "".join(_shown(line.text) for line in made if line.start_ms is not None)
    assert all(width(cue.text, PROFILE) <= PROFILE.max_chars for cue in cues)
