"""Follow the transcript through the windows, each from where the one before it left off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.alignment.activity import Speech
from pipeline.alignment.explaining import Explained, Explainer
from pipeline.alignment.laying import LaidLine, moved
from pipeline.alignment.listening import Listener
from pipeline.alignment.script import Cursor, Script
from pipeline.alignment.whisper import Token

# Milliseconds for a syllable that any speaker stays within.
_SLOWEST_MS, _FASTEST_MS = 500.0, 100.0
# The pace is learnt from windows that say at least so many syllables.
_ENOUGH = 15.0


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
        self._speech, self._windows = speech, listener.windows
        self._explainer = Explainer(script, listener, speech.between_ms, extra_weight=extra_weight)
        self._said_ms = float(sum(span.duration_ms for span in speech.spans))
        self._said_weight = max(1.0, script.weight)
        self._settled = False
        self._found = Tracked()

    def run(self, progress: Callable[[int], None]) -> Tracked:
        """Follow the whole script; `progress` is told the windows done."""
        cursor = Cursor(0)
        for window in range(len(self._windows)):
            explained = self._explainer.explain(window, cursor, self._pace)
            self._keep(window, explained)
            cursor = explained.cursor
            progress(window + 1)
        self._found.pace_ms = self._pace
        return self._found

    @property
    def _pace(self) -> float:
        """Milliseconds a syllable: of all speech and all text until something is settled, then of what is."""
        return min(_SLOWEST_MS, max(_FASTEST_MS, self._said_ms / self._said_weight))

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
        weight = sum(said.part.weight for said in explained.said)
        if explained.said and not explained.heard:
            found.forced += 1
        if weight >= _ENOUGH:
            if not self._settled:
                self._said_ms = self._said_weight = 0.0
                self._settled = True
            self._said_ms += self._speech.between_ms(span.start_ms, span.end_ms)
            self._said_weight += weight
