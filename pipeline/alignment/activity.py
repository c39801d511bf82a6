"""Where somebody speaks, and how loud it is: voice activity (Silero) and short-time energy, on the player's clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    Energy = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000
#: Silero judges 512 samples at a time.
VOICE_STEP_MS = 32
#: Step and width of the energy's windows.
ENERGY_STEP_MS = 5
ENERGY_WIDTH_MS = 20
_SILENCE_DB = -100.0
_BLOCK_SECONDS = 45
_OVERLAP_STEPS = 64


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in milliseconds."""

    start_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


class Speech:
    """Where somebody speaks: spans in order of time, none overlapping."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self._ends = [span.end_ms for span in spans]

    def between_ms(self, start_ms: int, end_ms: int) -> int:
        """How much speech there is between two times, milliseconds."""
        return sum(min(end_ms, span.end_ms) - max(start_ms, span.start_ms) for span in self.within(start_ms, end_ms))

    def within(self, start_ms: int, end_ms: int) -> Iterator[Span]:
        """The spans that are, at least in part, between two times."""
        at = bisect_right(self._ends, start_ms)
        while at < len(self.spans) and self.spans[at].start_ms < end_ms:
            yield self.spans[at]
            at += 1


def voice_probabilities(pcm: Samples, *, threads: int) -> npt.NDArray[np.float32]:
    """The probability of speech in every step of 32 ms, float32 (steps,).

    Blocks are judged apart, each with two seconds of what comes before it, so memory does not grow with the length.
    """
    import numpy as np
    from faster_whisper.vad import get_vad_model

    model = get_vad_model()
    step = VOICE_STEP_MS * SAMPLE_RATE // 1000
    block = _BLOCK_SECONDS * SAMPLE_RATE // step * step
    overlap = _OVERLAP_STEPS * step

    def judge(start: int) -> npt.NDArray[np.float32]:
        lead = min(start, overlap)
        part = pcm[start - lead : start + block]
        padded = np.pad(part, (0, -len(part) % step))
        return np.asarray(model(padded), np.float32).reshape(-1)[lead // step :]

    with ThreadPoolExecutor(max(1, threads)) as pool:
        return np.concatenate([np.zeros(0, np.float32), *pool.map(judge, range(0, len(pcm), block))])


def speech_spans(
    voice: npt.NDArray[np.float32], *, threshold: float, min_silence_ms: int, min_speech_ms: int, pad_ms: int
) -> list[Span]:
    """Stretches of speech: begun above `threshold`, ended when it stays 0.15 below for `min_silence_ms`.

    Each is widened by `pad_ms` on both sides, or to the middle of the silence between two.
    """
    quiet = max(threshold - 0.15, 0.01)
    raw: list[Span] = []
    start: int | None = None
    silent_since: int | None = None
    for step, probability in enumerate([*voice.tolist(), *[0.0] * (min_silence_ms // VOICE_STEP_MS + 2)]):
        at = step * VOICE_STEP_MS
        if probability >= threshold:
            start = at if start is None else start
            silent_since = None
        elif start is not None and probability < quiet:
            silent_since = at if silent_since is None else silent_since
            if at - silent_since >= min_silence_ms:
                raw.append(Span(start, silent_since))
                start = silent_since = None
    kept = [span for span in raw if span.duration_ms >= min_speech_ms]
    total = len(voice) * VOICE_STEP_MS
    return _padded(kept, pad_ms, total)


def energy_db(pcm: Samples) -> npt.NDArray[np.float32]:
    """Level in dB of full scale in windows of 20 ms around every 5 ms, float32 (steps,)."""
    import numpy as np

    step = ENERGY_STEP_MS * SAMPLE_RATE // 1000
    per_window = ENERGY_WIDTH_MS // ENERGY_STEP_MS
    steps = len(pcm) // step
    power = np.empty(steps, np.float32)
    for start in range(0, steps, 1 << 16):
        part = pcm[start * step : min(steps, start + (1 << 16)) * step].reshape(-1, step)
        # Without its offset: a constant shift of a cheap sound card is no sound.
        power[start : start + len(part)] = part.var(axis=1)
    smooth = np.convolve(power, np.full(per_window, 1 / per_window, np.float32), mode="same")
    return (10 * np.log10(np.maximum(smooth, 10 ** (_SILENCE_DB / 10)))).astype(np.float32)


def voice_by_energy_steps(voice: npt.NDArray[np.float32], steps: int) -> npt.NDArray[np.float32]:
    """The probability of speech, given every 32 ms, every 5 ms instead: float32 (steps,)."""
    import numpy as np

    if not len(voice):
        return np.zeros(steps, np.float32)
    at = (np.arange(steps) + 0.5) * ENERGY_STEP_MS
    known = (np.arange(len(voice)) + 0.5) * VOICE_STEP_MS
    return np.asarray(np.interp(at, known, voice), np.float32)


def _padded(spans: list[Span], pad_ms: int, total_ms: int) -> list[Span]:
    padded: list[Span] = []
    for place, span in enumerate(spans):
        before = spans[place - 1].end_ms if place else -pad_ms * 2
        after = spans[place + 1].start_ms if place + 1 < len(spans) else total_ms + pad_ms * 2
        padded.append(
            Span(
                max(0, span.start_ms - min(pad_ms, (span.start_ms - before) // 2)),
                min(total_ms, span.end_ms + min(pad_ms, (after - span.end_ms) // 2)),
            )
        )
    return padded
