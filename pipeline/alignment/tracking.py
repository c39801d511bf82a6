"""Follow the transcript through the windows, each from where the one before it left off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.alignment.activity import Speech
from pipeline.alignment.explaining import Explained, Explainer
from pipeline.alignment.laying import LaidLine, moved
from pipeline.alignment.listening import Listener
from pipeline.alignment.pipelining import Pace, Pipeline, Place
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.whisper import Token


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a line, or of a part of one, in a window.

    Attributes:
        weight: its length in syllables.
        odds: natural logarithm of the odds that it is said there, from how it fitted.
        coverage: 0 to 1, how much of it was heard; None where nobody listened.
    """

    weight: float
    odds: float
    coverage: float | None


@dataclass
class Tracked:
    """What was found on the way.

    Attributes:
        tokens: of every line that was laid (negative numbers: words nobody wrote), on the player's clock.
        proofs: of every line that was laid.
        left_out: of every line, or part of one, that was not: the probability that it is said after all.
        words: those nobody wrote, by their number.
        pace_ms: milliseconds a syllable.
        forced: how many windows followed the transcript at once.
    """

    tokens: dict[int, list[Token]] = field(default_factory=lambda: defaultdict(list))
    proofs: dict[int, list[Proof]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[int, float] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    pace_ms: float = 0.0
    forced: int = 0

    def laid(self) -> list[LaidLine]:
        """Lines and words nobody wrote in the order they are said."""
        lines = [LaidLine.of(line, tokens) for line, tokens in self.tokens.items() if tokens]
        return sorted(lines, key=lambda line: (line.onset[0], line.offset[1], line.line))


class Tracker:
    """Goes through an episode's windows once."""

    def __init__(self, script: Script, listener: Listener, speech: Speech, *, extra_weight: float) -> None:
        self._windows, self._speech_ms, self._workers = listener.windows, speech.between_ms, listener.workers
        self._explainer = Explainer(script, listener, speech.between_ms, extra_weight=extra_weight)
        self._pace = Pace(float(sum(span.duration_ms for span in speech.spans)), script.weight)
        self._found = Tracked()

    def run(self, progress: Callable[[int], None]) -> Tracked:
        """Follow the whole script; `progress` is told the windows done."""
        place, learnt = Place(0, Cursor(0), self._pace), self._pace
        with Pipeline(self._explainer, self._windows, self._speech_ms, workers=self._workers) as pipeline:
            for window in range(len(self._windows)):
                explained, place, learnt = pipeline.explain(place, learnt)
                self._keep(window, explained)
                progress(window + 1)
        self._found.pace_ms = learnt.syllable_ms
        return self._found

    def _keep(self, window: int, explained: Explained) -> None:
        found, span = self._found, self._windows[window]
        for part, probability in explained.left_out:
            found.left_out[part.line] = max(probability, found.left_out.get(part.line, 0.0))
        for said in explained.said:
            part = said.part
            found.tokens[part.line] += [moved(token, part.start, span.start_ms) for token in said.tokens]
            found.proofs[part.line].append(Proof(part.weight, said.odds, said.coverage))
            if part.line < 0:
                found.words[part.line] = part.text
        if explained.said and not explained.heard:
            found.forced += 1
