"""A line on the player's clock begins with its first token and ends with its last."""

from __future__ import annotations

from pipeline.alignment.laying import LaidLine, moved
from pipeline.alignment.whisper import Token


def token(at: int, log_prob: float = -1.0) -> Token:
    return Token(at, at + 1, 100 * at, 100 * at + 100, log_prob)


def test_a_line_begins_within_its_first_token_and_ends_within_its_last() -> None:
    line = LaidLine.of(4, [token(0), token(1), token(2)])
    assert (line.line, line.onset, line.offset) == (4, (0, 100), (200, 300))


def test_a_line_of_one_token_begins_and_ends_in_it() -> None:
    line = LaidLine.of(0, [token(3)])
    assert line.onset == line.offset == (300, 400)


def test_a_line_fits_as_well_as_the_better_two_thirds_of_it() -> None:
    assert LaidLine.of(0, [token(0, -1.0), token(1, -9.0), token(2, -2.0)]).log_prob == -1.5


def test_a_line_of_two_windows_is_one_on_the_players_clock() -> None:
    first = [moved(one, 0, 1000) for one in (token(0), token(1))]
    second = [moved(one, 2, 5000) for one in (token(0),)]
    line = LaidLine.of(0, [*first, *second])
    assert [(one.start, one.end) for one in line.tokens] == [(0, 1), (1, 2), (2, 3)]
    assert (line.onset, line.offset) == ((1000, 1100), (5000, 5100))


def test_a_moved_token_is_as_likely_as_it_was() -> None:
    assert moved(token(1, -0.7), 3, 50) == Token(4, 5, 150, 250, -0.7)
