"""A window is explained by the lines that it says, those that it leaves out, and the words that nobody wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.alignment.activity import Span
from pipeline.alignment.explaining import Explained, Explainer
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.whisper import Token
from tests.alignment.simulated import CLASSIC, LANGUAGE, SYLLABLE_MS, SimulatedListener, Sound, as_listener

LINES = CLASSIC[:40]
BEGIN = Cursor(0)
REMARK = "哎你们看窗边那只猫"
OTHER_TEXT = "跑过来趴着睡着了真是太可爱啦哈哈我给买点吃吧晚上做鱼汤怎么样再加一勺辣椒酱"


class Window:
    """One window over a whole sound, or a part of it, explained."""

    def __init__(
        self, *said: str | int, written: Sequence[str] = LINES, cursor: Cursor = BEGIN, until: str | None = None
    ) -> None:
        self.sound = Sound(*said)
        end = self.sound.speech.spans[-1].end_ms if until is None else self.sound.span(until).start_ms + 5 * SYLLABLE_MS
        self.span = Span(self.sound.speech.spans[0].start_ms, end)
        self.listener = SimulatedListener(self.sound, [self.span])
        explainer = Explainer(
            Script(written, LANGUAGE), as_listener(self.listener), self.sound.speech.between_ms, extra_weight=3.0
        )
        self.result: Explained = explainer.explain(0, cursor, float(SYLLABLE_MS))

    @property
    def lines(self) -> list[int]:
        return [one.part.line for one in self.result.said if one.part.line >= 0]

    @property
    def left_out(self) -> list[int]:
        return sorted(part.line for part, _ in self.result.left_out)

    @property
    def words(self) -> list[str]:
        return [one.part.text for one in self.result.said if one.part.line < 0]

    @property
    def order(self) -> list[str]:
        return [one.part.text for one in self.result.said]

    def check_times(self) -> None:
        """Every text's last token ends with it, and its first one's end is that of its first syllable."""
        truth = dict(self.sound.texts)
        for one in self.result.said:
            if one.part.text in truth:
                span = truth[one.part.text]
                assert one.tokens[0].to_ms + self.span.start_ms == span.start_ms + SYLLABLE_MS
                assert one.tokens[-1].to_ms + self.span.start_ms == span.end_ms


def test_a_window_that_says_its_lines_is_explained_without_listening() -> None:
    window = Window(*LINES[:7])
    assert window.lines == [*range(7)]
    assert (window.left_out, window.words) == ([], [])
    assert window.result.cursor == Cursor(7)
    assert not window.result.heard
    assert window.listener.heard == []
    window.check_times()


def test_the_script_goes_on_where_it_was_left() -> None:
    window = Window(LINES[4][3:], *LINES[5:9], cursor=Cursor(4, 3))
    assert [(one.part.line, one.part.start) for one in window.result.said] == [(4, 3), (5, 0), (6, 0), (7, 0), (8, 0)]
    assert window.result.cursor == Cursor(9)


@pytest.mark.parametrize("gone", [[0], [3], [2, 3], [0, 1, 2], [1, 4], [3, 4, 6]], ids=str)
def test_lines_that_are_not_said_are_left_out(gone: list[int]) -> None:
    window = Window(*(line for place, line in enumerate(LINES[:8]) if place not in gone))
    assert window.lines == [place for place in range(8) if place not in gone]
    assert window.left_out == gone
    assert all(probability < 0.1 for _, probability in window.result.left_out)
    assert window.words == []
    assert window.result.cursor == Cursor(8)
    window.check_times()


@pytest.mark.parametrize("place", [0, 1, 4, 7], ids=["before", "after the first", "in the middle", "after"])
def test_words_nobody_wrote_are_found_in_their_place(place: int) -> None:
    window = Window(*LINES[:place], REMARK, *LINES[place:7])
    assert window.order == [*LINES[:place], REMARK, *LINES[place:7]]
    assert window.left_out == []
    assert window.result.heard
    window.check_times()


def test_only_what_is_in_doubt_is_heard() -> None:
    window = Window(*LINES[:4], REMARK, *LINES[4:8])
    remark = window.sound.span(REMARK)
    assert window.listener.heard
    for start, end in window.listener.heard:
        assert remark.start_ms - 500 <= start <= end <= remark.end_ms + 500


def test_words_inside_a_line_cut_it_in_two() -> None:
    head, rest = LINES[3], LINES[4]
    written = [*LINES[:3], head + rest, *LINES[5:]]
    window = Window(*LINES[:3], head + REMARK + rest, *LINES[5:7], written=written)
    assert window.order == [*LINES[:3], head, REMARK, rest, *LINES[5:7]]
    assert [one.part.start for one in window.result.said if one.part.line == 3] == [0, len(head)]
    begin = window.sound.texts[3][1].start_ms - window.span.start_ms
    ends = {one.part.text: one.tokens[-1].to_ms - begin for one in window.result.said}
    assert ends[head] == len(head) * SYLLABLE_MS
    assert ends[REMARK] == len(head + REMARK) * SYLLABLE_MS


def test_a_line_may_be_left_out_where_words_nobody_wrote_are_said() -> None:
    window = Window(*LINES[:3], REMARK, *LINES[4:8])
    assert window.order == [*LINES[:3], REMARK, *LINES[4:8]]
    assert window.left_out == [3]


@pytest.mark.parametrize("before", [0, 3])
def test_a_section_of_twenty_lines_may_be_left_out(before: int) -> None:
    window = Window(*LINES[:before], *LINES[before + 20 : before + 26])
    assert window.lines == [*range(before), *range(before + 20, before + 26)]
    assert window.left_out == [*range(before, before + 20)]
    assert window.words == []
    assert window.result.cursor == Cursor(before + 26)
    window.check_times()


def test_a_line_that_was_heard_is_said_whatever_was_left_out_before_it() -> None:
    """The lines between are forced with it and speak against it, all of them together more than one line can."""
    window = Window(*LINES[1:5], LINES[7], LINES[10])
    assert window.lines == [1, 2, 3, 4, 7, 10]
    assert window.left_out == [0, 5, 6, 8, 9]
    window.check_times()


def test_a_line_that_the_windows_end_cuts_goes_on_from_there() -> None:
    written = [*LINES[:5], LINES[5] + LINES[6], *LINES[7:]]
    window = Window(*written[:7], written=written, until=written[5])
    assert window.lines == [*range(6)]
    assert window.result.said[-1].part.text == LINES[5][:5]
    assert window.result.cursor == Cursor(5, 5)


def test_lines_that_are_said_again_are_not_in_the_script_again() -> None:
    window = Window(*LINES[:4], *LINES[2:4], *LINES[4:7])
    assert window.lines == [*range(7)]
    assert "".join(window.words) == "".join(LINES[2:4])


def test_of_a_refrain_each_one_is_its_own_line() -> None:
    refrain = "下一页"
    written = [LINES[0], refrain, LINES[1], refrain, LINES[2], refrain, LINES[3]]
    assert Window(*written, written=written).lines == [*range(7)]
    once_less = [LINES[0], refrain, LINES[1], LINES[2], refrain, LINES[3]]
    window = Window(*once_less, written=written)
    assert window.lines == [0, 1, 2, 4, 5, 6]
    assert window.left_out == [3]


def test_where_nothing_of_the_script_is_said_it_stays_where_it_is() -> None:
    window = Window(OTHER_TEXT, cursor=Cursor(5))
    assert window.lines == []
    assert window.left_out == []
    assert window.result.cursor == Cursor(5)
    assert "".join(window.words) == OTHER_TEXT


def test_behind_the_scripts_end_all_is_words_nobody_wrote() -> None:
    window = Window(OTHER_TEXT, cursor=Cursor(len(LINES)))
    assert window.order == [OTHER_TEXT]
    assert window.result.cursor == Cursor(len(LINES))


def test_the_last_lines_end_the_script() -> None:
    window = Window(*LINES[-3:], cursor=Cursor(len(LINES) - 3))
    assert window.lines == [37, 38, 39]
    assert window.result.cursor == Cursor(len(LINES))
    assert not window.result.heard


class Hesitant(SimulatedListener):
    """It is not sure of one line, and counts how often it is asked to force."""

    forced = 0

    def force(self, window: int, texts: Sequence[str]) -> list[list[Token]]:
        self.forced += 1
        found = super().force(window, texts)
        return [
            [replace(token, log_prob=-2.2) for token in tokens] if text == LINES[2] else tokens
            for text, tokens in zip(texts, found, strict=True)
        ]


def settled_at(
    *said: str, written: Sequence[str] = LINES, stale: bool = False
) -> tuple[Hesitant, Explained, list[tuple[Cursor, float | None]]]:
    """What is told while a window over all of a sound is explained."""
    sound = Sound(*said)
    listener = Hesitant(sound, [Span(sound.speech.spans[0].start_ms, sound.speech.spans[-1].end_ms)])
    explainer = Explainer(Script(written, LANGUAGE), as_listener(listener), sound.speech.between_ms, extra_weight=3.0)
    told: list[tuple[Cursor, float | None]] = []
    result = explainer.explain(
        0,
        BEGIN,
        float(SYLLABLE_MS),
        settled=lambda cursor, weight: told.append((cursor, weight)),
        is_stale=lambda: stale,
    )
    return listener, result, told


def test_what_is_heard_and_confirms_the_plan_costs_no_second_forcing() -> None:
    listener, result, told = settled_at(*LINES[:5], written=LINES[:5])
    assert len(listener.heard) == 1
    assert listener.forced == 1
    assert [one.part.line for one in result.said] == [*range(5)]
    assert told == [(result.cursor, None)]


def test_a_window_without_doubts_is_settled_with_its_weight() -> None:
    listener, result, told = settled_at(*LINES[:2])
    assert (listener.heard, listener.forced) == ([], 1)
    assert told == [(Cursor(2), result.weight)]


def test_a_window_whose_end_is_in_doubt_is_settled_once_that_is_heard() -> None:
    listener, result, told = settled_at(*LINES[:2], *LINES[22:25])
    assert listener.heard
    assert result.cursor == Cursor(25)
    assert told == [(Cursor(25), None)]


def test_what_is_stale_hears_nothing_more() -> None:
    listener, _, _ = settled_at(*LINES[:5], stale=True)
    assert listener.heard == []
