"""What is forced in a window is what is said there, in order."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.alignment.laying import lay_lines, plan_windows
from pipeline.alignment.placing import Extra, Piece
from pipeline.alignment.whisper import Token


def piece(line: int, text: str, window: int, start: int = 0) -> Piece:
    return Piece(line, start, start + len(text), text, window)


def test_words_that_nobody_wrote_stand_between_the_lines_they_were_said_between() -> None:
    extra = Extra(1, 0, piece(-1, "等一下", 0), 500, 900)
    plan = plan_windows([piece(0, "甲乙", 0), piece(1, "丙丁", 0), piece(2, "戊", 1)], [extra])
    assert {window: [part.text for part in parts] for window, parts in plan.items()} == {
        0: ["甲乙", "等一下", "丙丁"],
        1: ["戊"],
    }


def test_words_inside_a_line_cut_it() -> None:
    extra = Extra(0, 2, piece(-1, "呃那个", 0), 500, 900)
    plan = plan_windows([piece(0, "甲乙丙丁", 0)], [extra])
    assert [(part.line, part.start, part.text) for part in plan[0]] == [
        (0, 0, "甲乙"),
        (-1, 0, "呃那个"),
        (0, 2, "丙丁"),
    ]


def test_a_line_of_two_windows_is_laid_on_one_clock() -> None:
    def force(window: int, texts: Sequence[str]) -> list[list[Token]]:
        return [[Token(k, k + 1, 100 * k, 100 * k + 100, -1.0 - window) for k in range(len(text))] for text in texts]

    plan = plan_windows([piece(0, "甲乙", 0), piece(0, "丙", 1, start=2)], [])
    (line,) = lay_lines(plan, [1000, 5000], force)
    assert line.onset == (1000, 1100)
    assert line.offset == (5000, 5100)
    assert [(token.start, token.end) for token in line.tokens] == [(0, 1), (1, 2), (2, 3)]
    assert line.log_prob == -1.0  # the better two thirds of -1, -1 and -2
