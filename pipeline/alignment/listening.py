"""The sound of an episode, window by window: encoded once where memory allows, heard and forced from that encoding."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.alignment.activity import Span, Speech
from pipeline.alignment.characters import Times, character_times, fill_gaps
from pipeline.alignment.comparing import Heard
from pipeline.alignment.normalise import normalise, weigh
from pipeline.alignment.whisper import SAMPLE_RATE, Encoding, Token, Whisper

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# So many windows more than there are workers are encoded ahead, so that none waits while a long one is in work.
_MORE_AHEAD = 3
# More speech than this without a word means that the decoder stopped too early or passed over it.
_UNHEARD_MS = 2_500
# A part of a window is encoded by itself to be heard, with this much around it; most of a window is heard as a whole.
_MARGIN_MS, _MOST_OF_WINDOW = 150, 0.8
# Nobody says a syllable in less: text with more of them was made up by a decoder that went round in circles.
_FASTEST_MS = 80
# A hole of nearly the whole is heard in two halves, cut in a pause, if they are not too short.
_LARGEST_HOLE = 0.9
# A token that seems longer follows speech that the decoder passed over; that time is not its own.
_LONGEST_TOKEN_MS = 800


class Listener:
    """The windows of one episode and what the speech model makes of them.

    As many windows as there are `workers` may be in work at once, in threads of their own, if they follow one another.
    """

    def __init__(
        self,
        whisper: Whisper,
        pcm: npt.NDArray[np.float32],
        windows: Sequence[Span],
        speech: Speech,
        language: str,
    ) -> None:
        self.windows = windows
        self._whisper, self._pcm, self._speech, self._language = whisper, pcm, speech, language
        self.workers = whisper.workers
        self._kept: dict[int, Future[Encoding]] = {}
        self._keeping = threading.Lock()
        self._ahead = whisper.workers + _MORE_AHEAD
        self._pool = ThreadPoolExecutor(whisper.workers, thread_name_prefix="encode")
        self._hearing = ThreadPoolExecutor(whisper.workers, thread_name_prefix="hear")

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._hearing.shutdown(cancel_futures=True)

    def hear(self, window: int, parts: Sequence[Times]) -> list[Heard]:
        """Decode parts of a window freely, several at once, and once more by itself any speech that is passed over.

        Arguments:
            window: the window's place.
            parts: (from, to) of each, milliseconds on the player's clock.
        """
        whole, encoding = self.windows[window], self._encoding(window)
        spans = [Span(max(whole.start_ms, a - _MARGIN_MS), min(whole.end_ms, b + _MARGIN_MS)) for a, b in parts]

        def words(span: Span) -> str:
            if span.duration_ms >= _MOST_OF_WINDOW * whole.duration_ms:
                return self._listen(whole, encoding)[0]
            return self._listen(span, self._encode(span))[0]

        return [self._heard(text, span) for text, span in zip(self._hearing.map(words, spans), spans, strict=True)]

    def _heard(self, text: str, span: Span) -> Heard:
        normalised = normalise(text, self._language)
        if weigh(normalised.symbols) * _FASTEST_MS > span.duration_ms:
            return Heard("", normalise("", self._language))
        return Heard(text, normalised)

    def force(self, window: int, texts: Sequence[str]) -> list[list[Token]]:
        """Lay texts over a window, one after the other; the tokens' times begin with the window."""
        return self._whisper.force(self._encoding(window), texts)

    def _listen(self, span: Span, encoding: Encoding) -> tuple[str, list[Times]]:
        """The words of a span and a time for each of their characters."""
        text = self._whisper.decode(encoding)
        tokens = self._whisper.force(encoding, [text])[0] if text else []
        tokens = [replace(token, from_ms=max(token.from_ms, token.to_ms - _LONGEST_TOKEN_MS)) for token in tokens]
        times = fill_gaps(character_times(len(text), tokens, span.start_ms), span.start_ms, span.end_ms)
        for at, hole in reversed(self._holes(span, times)):
            for part in [hole] if hole.duration_ms < _LARGEST_HOLE * span.duration_ms else reversed(self._halves(hole)):
                more, more_times = self._listen(part, self._encode(part))
                text, times = text[:at] + more + text[at:], times[:at] + more_times + times[at:]
        return text, times

    def _holes(self, span: Span, times: Sequence[Times]) -> list[tuple[int, Span]]:
        """Where more than a word or two is said between two characters: the second one's place, and the span."""
        borders = [span.start_ms, *(end for _, end in times)], [*(start for start, _ in times), span.end_ms]
        return [
            (at, Span(start, end))
            for at, (start, end) in enumerate(zip(*borders, strict=True))
            if end - start >= _UNHEARD_MS and self._speech.between_ms(start, end) >= _UNHEARD_MS
        ]

    def _halves(self, span: Span) -> list[Span]:
        """A span in two, cut in the pause nearest to its middle; nothing if there is none far enough from its ends."""
        middle = (span.start_ms + span.end_ms) // 2
        pauses = [
            (before.end_ms + after.start_ms) // 2
            for before, after in itertools.pairwise(self._speech.within(span.start_ms, span.end_ms))
            if span.start_ms + _UNHEARD_MS // 2 <= before.end_ms and after.start_ms <= span.end_ms - _UNHEARD_MS // 2
        ]
        if not pauses:
            return []
        cut = min(pauses, key=lambda pause: abs(pause - middle))
        return [Span(span.start_ms, cut), Span(cut, span.end_ms)]

    def _encoding(self, window: int) -> Encoding:
        """A window's encoding; those of the next windows are begun, so that no processor waits."""
        with self._keeping:
            for ahead in range(window, min(window + 1 + self._ahead, len(self.windows))):
                if ahead not in self._kept:
                    self._kept[ahead] = self._pool.submit(self._encode, self.windows[ahead])
            # Encodings of windows that are done with: 3 MB each with the base model, 8 MB with the large ones.
            for done in [kept for kept in self._kept if kept < window - self.workers]:
                self._kept.pop(done).cancel()
            encoding = self._kept[window]
        return encoding.result()

    def _encode(self, span: Span) -> Encoding:
        start, end = (ms * SAMPLE_RATE // 1000 for ms in (span.start_ms, span.end_ms))
        return self._whisper.encode(self._pcm[start:end])
