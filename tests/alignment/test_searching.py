"""The script goes on where what was heard says so: the nearest place that convinces, and a far one only with proof."""

from __future__ import annotations

from pipeline.alignment.comparing import Heard
from pipeline.alignment.normalise import Normalised, normalise
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.searching import Found, search
from tests.alignment.simulated import CLASSIC, LANGUAGE

SCRIPT = Script(CLASSIC, LANGUAGE)
NOTHING = Normalised("", ())
FIFTH = Cursor(4)


def find(text: str, script: Script = SCRIPT, start: Cursor = FIFTH) -> Found | None:
    return search(script, start, NOTHING, Heard(text, normalise(text, LANGUAGE)), least_weight=3.0)


def line(found: Found | None) -> int:
    assert found is not None
    return found.parts[found.place].line


def test_the_script_goes_on_at_once_where_the_next_lines_are_heard() -> None:
    found = find(CLASSIC[4] + CLASSIC[5])
    assert found is not None
    assert line(found) == 4
    assert found.coverage[:2] == (1, 1)
    assert found.comparison.unwritten == ()


def test_a_line_or_two_may_be_left_out_on_little_proof() -> None:
    assert line(find(CLASSIC[6])) == 6
    assert line(find(CLASSIC[6][:4])) == 6


def test_the_rest_of_a_line_that_was_begun_is_where_it_goes_on() -> None:
    found = find(CLASSIC[4][3:] + CLASSIC[5], start=Cursor(4, 3))
    assert found is not None
    assert (line(found), found.parts[0].start) == (4, 3)


def test_a_section_may_be_left_out_where_whole_lines_of_what_follows_are_heard() -> None:
    for skipped in (10, 24, 40):
        assert line(find(CLASSIC[4 + skipped] + CLASSIC[5 + skipped])) == 4 + skipped


def test_all_that_was_heard_is_compared_however_much_was_left_out() -> None:
    """Not only the lines that the search had to reach."""
    for skipped in range(5, 40, 8):
        found = find("".join(CLASSIC[4 + skipped : 8 + skipped]))
        assert found is not None
        assert line(found) == 4 + skipped
        assert found.coverage[found.place : found.place + 4] == (1, 1, 1, 1)
        assert found.comparison.unwritten == ()


def test_what_is_enough_for_a_near_place_is_not_for_a_far_one() -> None:
    assert line(find(CLASSIC[5][:4])) == 5
    assert find(CLASSIC[34][:4]) is None
    other = "哎你们看窗边那只猫"
    assert line(find(other + CLASSIC[5])) == 5
    assert find(other * 2 + CLASSIC[34]) is None


def test_of_a_refrain_the_nearest_is_taken() -> None:
    verses = [*CLASSIC[:3], *CLASSIC[30:32], *CLASSIC[3:6], *CLASSIC[30:32], *CLASSIC[6:9], *CLASSIC[30:32]]
    refrain = CLASSIC[30] + CLASSIC[31]
    script = Script(verses, LANGUAGE)
    assert [line(find(refrain, script, Cursor(at))) for at in (0, 5, 10)] == [3, 8, 13]


def test_a_near_word_in_common_does_not_hold_up_a_far_place_that_all_of_it_matches() -> None:
    script = Script([*CLASSIC[:6], CLASSIC[40][:4], *CLASSIC[6:30], *CLASSIC[40:44]], LANGUAGE)
    assert line(find("".join(CLASSIC[40:44]), script, Cursor(4))) == 31


def test_another_text_is_nowhere_in_the_script() -> None:
    assert find("哎你们看窗边那只猫跑过来趴着睡着了真是太可爱啦") is None
    assert find("") is None


def test_nothing_is_found_behind_the_end() -> None:
    assert find(CLASSIC[5], start=SCRIPT.end) is None
