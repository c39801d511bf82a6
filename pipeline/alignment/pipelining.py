"""Windows explained before their turn: while one is listened to, the next one goes on from where it seems to end.

What a window says decides where the script stands in the next one, so windows come one after the other. But where a
window's end is not in doubt, what is heard in its middle hardly ever changes from where the next one goes on, and a
first pass takes a third of the time. Where it does, the start is thrown away: the answers are those of one window at a
time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.alignment.activity import Span
from pipeline.alignment.explaining import Explained, Explainer
from pipeline.alignment.judging import SpeechMs
from pipeline.alignment.script import Cursor

# Milliseconds for a syllable that any speaker stays within.
_SLOWEST_MS, _FASTEST_MS = 500.0, 100.0
# The pace is learnt from windows that say at least so many syllables.
_ENOUGH = 15.0
# The window whose turn it is, the next one, and one that is stale and has not noticed yet.
_THREADS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast somebody speaks: of all speech and all text until something is settled, then of what is.

    Attributes:
        said_ms, said_weight: speech, and the syllables said in it.
        settled: whether they are of windows that were explained.
    """

    said_ms: float
    said_weight: float
    settled: bool = False

    @property
    def syllable_ms(self) -> float:
        """Milliseconds a syllable."""
        return min(_SLOWEST_MS, max(_FASTEST_MS, self.said_ms / max(1.0, self.said_weight)))

    def after(self, speech_ms: float, weight: float) -> Pace:
        """The pace once a window with so much speech says so many syllables."""
        if weight < _ENOUGH:
            return self
        known = self if self.settled else Pace(0.0, 0.0)
        return Pace(known.said_ms + speech_ms, known.said_weight + weight, settled=True)


@dataclass(frozen=True, slots=True)
class Place:
    """All that decides what a window says: which one it is, where the script stands, and the speaker's pace."""

    window: int
    cursor: Cursor
    pace: Pace


@dataclass
class _Work:
    """A window in work.

    Attributes:
        learnt: the pace of all windows before it; None while it is not its turn.
        settled: where the script goes on, and the syllables said if nothing is in doubt, once that is known.
        stale: whether it started from where the one before it did not end.
    """

    place: Place
    learnt: Pace | None = None
    settled: tuple[Cursor, float | None] | None = None
    stale: bool = False
    answer: Future[Explained] = field(init=False)


class Pipeline:
    """Explains the windows of an episode in their order, and the next one meanwhile.

    Arguments:
        windows: of the episode.
        speech_ms: milliseconds of speech between two times of the episode.
        workers: with one there is nobody to go ahead.
    """

    def __init__(self, explainer: Explainer, windows: Sequence[Span], speech_ms: SpeechMs, *, workers: int) -> None:
        self._explainer, self._windows, self._speech_ms = explainer, windows, speech_ms
        self._goes_ahead = workers > 1
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="explain")
        self._changing = threading.Lock()
        self._turn: _Work | None = None
        self._ahead: _Work | None = None

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        for work in (self._turn, self._ahead):
            if work is not None:
                work.stale = True
        self._pool.shutdown(cancel_futures=True)

    def explain(self, place: Place, learnt: Pace) -> tuple[Explained, Place, Pace]:
        """What a window says, the place after it, and what is learnt then of the pace.

        What a window says of the pace counts for the next one only if nothing of it was in doubt.

        Arguments:
            learnt: the pace of all windows before this one.
        """
        with self._changing:
            work = self._ahead
            if work is None or work.place != place:
                if work is not None:
                    work.stale = True
                work = self._begin(place)
            self._turn, self._ahead = work, None
            work.learnt = learnt
            self._begin_next(work)
        explained = work.answer.result()
        after = self._after(place, learnt, explained.weight)
        return explained, Place(place.window + 1, explained.cursor, learnt if explained.heard else after), after

    def _after(self, place: Place, learnt: Pace, weight: float) -> Pace:
        span = self._windows[place.window]
        return learnt.after(self._speech_ms(span.start_ms, span.end_ms), weight)

    def _begin(self, place: Place) -> _Work:
        work = _Work(place)

        def settled(cursor: Cursor, weight: float | None) -> None:
            with self._changing:
                work.settled = cursor, weight
                self._begin_next(work)

        work.answer = self._pool.submit(
            self._explainer.explain,
            place.window,
            place.cursor,
            place.pace.syllable_ms,
            settled=settled,
            is_stale=lambda: work.stale,
        )
        return work

    def _begin_next(self, work: _Work) -> None:
        """Go on behind the window whose turn it is, as soon as it says from where."""
        window = work.place.window + 1
        if not self._goes_ahead or work is not self._turn or work.settled is None or window == len(self._windows):
            return
        (cursor, weight), learnt = work.settled, work.learnt
        assert learnt is not None
        self._ahead = self._begin(
            Place(window, cursor, learnt if weight is None else self._after(work.place, learnt, weight))
        )
