"""The next window is explained before its turn, and what comes out is what one window at a time would give."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import pytest

from pipeline.alignment.activity import Span
from pipeline.alignment.explaining import Explained, Explainer, Settled
from pipeline.alignment.pipelining import Pace, Pipeline, Place
from pipeline.alignment.script import Cursor

WINDOWS = [Span(0, 10_000), Span(10_000, 20_000), Span(20_000, 30_000)]
START = Pace(60_000.0, 300.0)
# Nobody waits so long for a thread that is there.
LONG_S = 20.0

Call = tuple[int, Cursor, float]


class ScriptedExplainer:
    """Every window says five lines, and may say something else of itself before it is done.

    Arguments:
        guesses: by window, the cursor that it tells while the rest is in doubt; others are sure at once.
        while_heard: called while the window is still in doubt.
    """

    def __init__(self, guesses: dict[int, Cursor] | None = None, while_heard: Callable[[int], None] = print) -> None:
        self.calls: list[Call] = []
        self.stale: list[int] = []
        self._guesses, self._while_heard = guesses or {}, while_heard
        self._lock = threading.Lock()

    def explain(
        self, window: int, cursor: Cursor, pace_ms: float, settled: Settled, is_stale: Callable[[], bool]
    ) -> Explained:
        with self._lock:
            self.calls.append((window, cursor, round(pace_ms)))
        after = Cursor(cursor.line + 5)
        heard = window in self._guesses
        settled(self._guesses.get(window, after), None if heard else 0.0)
        if heard:
            self._while_heard(window)
        if is_stale():
            self.stale.append(window)
        return Explained((), (), after, heard)


def run(explainer: ScriptedExplainer, workers: int = 2) -> list[Cursor]:
    """All windows in their order; where the script stood after each."""
    place, learnt, cursors = Place(0, Cursor(0), START), START, []
    speech = lambda start, end: float(end - start)  # noqa: E731  # as short as it is
    with Pipeline(cast("Explainer", explainer), WINDOWS, speech, workers=workers) as pipeline:
        for _ in WINDOWS:
            explained, place, learnt = pipeline.explain(place, learnt)
            cursors.append(explained.cursor)
    return cursors


def test_the_next_window_is_begun_while_one_is_listened_to() -> None:
    begun = threading.Event()
    waited: list[bool] = []

    class Watched(ScriptedExplainer):
        def explain(
            self, window: int, cursor: Cursor, pace_ms: float, settled: Settled, is_stale: Callable[[], bool]
        ) -> Explained:
            if window == 1:
                begun.set()
            return super().explain(window, cursor, pace_ms, settled, is_stale)

    explainer = Watched({0: Cursor(5)}, lambda _: waited.append(begun.wait(LONG_S)))
    assert run(explainer) == [Cursor(5), Cursor(10), Cursor(15)]
    assert waited == [True]
    assert [window for window, *_ in explainer.calls] == [0, 1, 2]


def test_a_start_from_the_wrong_place_is_thrown_away() -> None:
    explainer = ScriptedExplainer({0: Cursor(3)}, lambda _: None)
    assert run(explainer) == [Cursor(5), Cursor(10), Cursor(15)]
    cursors = [cursor for window, cursor, _ in explainer.calls if window == 1]
    assert cursors[-1] == Cursor(5)
    assert set(cursors) <= {Cursor(3), Cursor(5)}
    assert [cursor for window, cursor, _ in explainer.calls if window == 2] == [Cursor(10)]


def test_an_explanation_that_nobody_wants_is_told_so() -> None:
    gone, wrong_is_in_work = threading.Event(), threading.Event()

    class Slow(ScriptedExplainer):
        def explain(
            self, window: int, cursor: Cursor, pace_ms: float, settled: Settled, is_stale: Callable[[], bool]
        ) -> Explained:
            if cursor == Cursor(3):
                wrong_is_in_work.set()
                assert gone.wait(LONG_S)
            if window == 2:
                gone.set()
            return super().explain(window, cursor, pace_ms, settled, is_stale)

    explainer = Slow({0: Cursor(3)}, lambda _: wrong_is_in_work.wait(LONG_S) or None)
    assert run(explainer) == [Cursor(5), Cursor(10), Cursor(15)]
    assert explainer.stale == [1]


def test_with_one_worker_nothing_goes_ahead() -> None:
    in_work = threading.Semaphore(1)

    class Alone(ScriptedExplainer):
        def explain(
            self, window: int, cursor: Cursor, pace_ms: float, settled: Settled, is_stale: Callable[[], bool]
        ) -> Explained:
            assert in_work.acquire(blocking=False)
            try:
                return super().explain(window, cursor, pace_ms, settled, is_stale)
            finally:
                in_work.release()

    explainer = Alone({0: Cursor(3), 1: Cursor(4)}, lambda _: None)
    assert run(explainer, workers=1) == [Cursor(5), Cursor(10), Cursor(15)]
    assert [window for window, *_ in explainer.calls] == [0, 1, 2]


def test_what_goes_wrong_in_a_window_is_raised_at_its_turn() -> None:
    class Broken(ScriptedExplainer):
        def explain(
            self, window: int, cursor: Cursor, pace_ms: float, settled: Settled, is_stale: Callable[[], bool]
        ) -> Explained:
            if window == 1:
                raise RuntimeError("out of memory")
            return super().explain(window, cursor, pace_ms, settled, is_stale)

    with pytest.raises(RuntimeError, match="out of memory"):
        run(Broken())


def test_the_pace_is_that_of_all_text_until_something_is_settled() -> None:
    assert START.syllable_ms == 200
    assert START.after(9_000.0, 3.0) == START
    settled = START.after(9_000.0, 30.0)
    assert settled.syllable_ms == 300
    assert settled.after(3_000.0, 30.0).syllable_ms == 200


def test_nobody_is_taken_to_speak_faster_or_slower_than_people_do() -> None:
    assert Pace(1_000.0, 300.0).syllable_ms == 100
    assert Pace(600_000.0, 300.0).syllable_ms == 500
    assert Pace(0.0, 0.0).syllable_ms == 100
