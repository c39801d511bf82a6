"""The transcript can be read on from any place in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.script import Cursor, Script

TEXTS = ["从一个暑期项目", "", "变成全球芯片行业都绕不开的话题", "故事要从2010年说起"]
SCRIPT = Script(TEXTS, "zh-Hans")


def read(start: Cursor, end: Cursor) -> list[tuple[int, int, str]]:
    return [(part.line, part.start, part.text) for part in SCRIPT.between(start, end)]


def test_between_two_cursors_lie_whole_lines_and_the_ends_of_cut_ones() -> None:
    assert read(Cursor(0, 3), Cursor(2, 6)) == [(0, 3, "暑期项目"), (1, 0, ""), (2, 0, "变成全球芯片")]
    assert read(Cursor(2, 2), Cursor(2, 6)) == [(2, 2, "全球芯片")]
    assert read(Cursor(2, 2), Cursor(2, 2)) == [(2, 2, "")]
    assert read(Cursor(4), Cursor(4)) == []


def test_what_comes_next_is_as_long_as_asked_or_the_rest() -> None:
    assert [part.line for part in SCRIPT.ahead(Cursor(0), 8)] == [0, 1, 2]
    assert [part.line for part in SCRIPT.ahead(Cursor(2, 4), 500)] == [2, 3]
    assert SCRIPT.ahead(SCRIPT.end, 10) == []


def test_a_cursor_near_a_lines_border_is_the_border() -> None:
    assert SCRIPT.cursor(2, 1, 2.0) == Cursor(2)
    assert SCRIPT.cursor(2, 6, 2.0) == Cursor(2, 6)
    assert SCRIPT.cursor(2, 14, 2.0) == Cursor(3)


@given(st.integers(0, 3), st.integers(0, 14), st.integers(0, 3), st.integers(0, 14))
def test_two_halves_are_the_whole(line: int, at: int, other: int, other_at: int) -> None:
    first = Cursor(line, min(at, max(0, len(TEXTS[line]) - 1)))
    second = Cursor(other, min(other_at, max(0, len(TEXTS[other]) - 1)))
    first, second = min(first, second), max(first, second)

    def text(start: Cursor, end: Cursor) -> str:
        return "".join(part.text for part in SCRIPT.between(start, end))

    assert text(Cursor(0), first) + text(first, second) + text(second, SCRIPT.end) == "".join(TEXTS)


def test_a_line_is_weighed_up_to_a_character() -> None:
    script = Script(["RISC-V推出了"], "zh-Hans")
    assert script.weight_until(0, 0) == 0
    assert script.weight_until(0, 6) == pytest.approx(5 * 0.35)
    assert script.weight_until(0, 9) == script.weights[0]
