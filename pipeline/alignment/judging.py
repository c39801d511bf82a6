"""Whether a window says the text that was forced into it: the numbers of the forced tokens, and what follows from them.

Forced text has a likelihood and a time, token by token. Tokens that are said mostly have log probabilities of -0.1 to
-2 and take about as long as their syllables do; tokens that are not said have -2 to -5 and share next to no time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.alignment.whisper import Token, core_log_prob

# Weights of the probability that a line is said: constant, core log probability, logarithm of its share of the
# expected time up to 1, the same above 1. Logistic regression on 4,164 lines (3,784 of them said) forced into windows
# that say all, some or none of them: a synthetic and a human voice, clean, over music, in noise, in a room, over a
# telephone, fast, with lines cut out of the sound or the transcript (tests/benchmarks/spoil.py); 20 are misjudged,
# most of them lines that begin in the window and end in the next.
_WEIGHTS = (8.1, 2.5, 3.5, -0.46)
_FLOOR, _LEAST_SHARE = -6.0, 0.02
# Half way between a token that was said and one that was not.
_MIDDLE = -2.5
# A line is cut inside only where that is better than at its border by this much (natural logarithm): most lines end
# with their window, and a few tokens that fit badly are no reason to cut.
_SPLIT_GAIN = 6.0
# A line counts so much at most for and against what comes before it, as the logarithm of its odds.
_MOST_AGAINST, _MOST_FOR = -3.0, 5.0
# Text with less than this share of its time has none.
_NO_TIME = 0.25
# So many tokens in a row never go by in no time.
_RUN = 8
# Speech that no token accounts for, in syllables: within the text, before it, after it.
_LOOSE_INSIDE, _LOOSE_BEFORE, _LOOSE_AFTER = 5.0, 4.0, 3.5

SpeechMs = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line, or a part of one, forced into a window to see whether it is said there.

    Attributes:
        weight: its length in syllables.
        tokens: times from the window's start; empty for what did not fit the decoder.
    """

    weight: float
    tokens: tuple[Token, ...]

    @property
    def log_prob(self) -> float:
        return core_log_prob(self.tokens)

    def share_of_time(self, pace_ms: float) -> float:
        """Its duration over the expected one, at `pace_ms` a syllable.

        The first token begins where the last one ended, whatever lies between, and counts as two syllables at most.
        """
        start = max(self.tokens[0].from_ms, self.tokens[0].to_ms - 2 * pace_ms)
        return (self.tokens[-1].to_ms - start) / max(1.0, self.weight * pace_ms)

    def odds(self, pace_ms: float) -> float:
        """Natural logarithm of the odds that it is said."""
        if not self.tokens:
            return _WEIGHTS[0] + _WEIGHTS[1] * _FLOOR
        share = max(_LEAST_SHARE, self.share_of_time(pace_ms))
        features = 1.0, max(_FLOOR, self.log_prob), math.log(min(1.0, share)), math.log(max(1.0, share))
        return sum(weight * feature for weight, feature in zip(_WEIGHTS, features, strict=True))


def probability(odds: float) -> float:
    """0 to 1, from the logarithm of odds."""
    return 1 / (1 + math.exp(-odds))


def change_point(odds: Sequence[float]) -> int:
    """How many of a row of lines belong to a window: up to the one where the evidence for all before it is best."""
    total = best = 0.0
    count = 0
    for place, one in enumerate(odds):
        total += max(_MOST_AGAINST, min(_MOST_FOR, one))
        if total > best:
            best, count = total, place + 1
    return count


def tokens_said(candidate: Candidate, pace_ms: float) -> int:
    """How many tokens of a line that may go on in the next window belong to this one: all, none, or as far as the
    likelihood is good, if what follows is left without time as what is not said always is."""
    total = best = 0.0
    count = 0
    for at, token in enumerate(candidate.tokens):
        total += max(_FLOOR, token.log_prob) - _MIDDLE
        if total > best and _rest_has_no_time(candidate, at + 1, pace_ms):
            best, count = total, at + 1
    whole = max(0.0, total)
    if best >= whole + _SPLIT_GAIN:
        return count
    return len(candidate.tokens) if total > 0 else 0


def _rest_has_no_time(candidate: Candidate, at: int, pace_ms: float) -> bool:
    rest = candidate.tokens[at:]
    if not rest:
        return False
    weight = candidate.weight * len(rest) / len(candidate.tokens)
    return rest[-1].to_ms - rest[0].from_ms < _NO_TIME * weight * pace_ms


def timeless_share(lines: Sequence[Candidate], pace_ms: float) -> float:
    """0 to 1: how much of a row of lines, in tokens, stands where so many words have no time to be said.

    Text that is not in the sound is squeezed into next to nothing, be it a line or the half of one.
    """
    ends = [token.to_ms for line in lines for token in line.tokens]
    weights = [line.weight / len(line.tokens) for line in lines for _ in line.tokens]
    timeless: set[int] = set()
    for first in range(len(ends) - _RUN):
        after = first + _RUN
        if ends[after] - ends[first] < _NO_TIME * pace_ms * sum(weights[first + 1 : after + 1]):
            timeless.update(range(first + 1, after + 1))
    return len(timeless) / len(ends) if ends else 0.0


def loose_speech(
    lines: Sequence[Candidate], pace_ms: float, speech: SpeechMs, length_ms: int
) -> list[tuple[int, int, int, int]]:
    """Speech that no token accounts for: (line, token, from, to), milliseconds from the window's start.

    It lies before that token of that line; after the last line it is (number of lines, 0, ...).

    Arguments:
        lines: what was forced, each with tokens.
        speech: milliseconds of speech between two times of the window.
        length_ms: the window's length.
    """
    found: list[tuple[int, int, int, int]] = []
    last = 0
    for place, line in enumerate(lines):
        for at, token in enumerate(line.tokens):
            limit = _LOOSE_BEFORE if last == 0 else _LOOSE_INSIDE
            if speech(last, token.to_ms) > limit * pace_ms:
                found.append((place, at, last, max(last, round(token.to_ms - pace_ms))))
            last = max(last, token.to_ms)
    if speech(last, length_ms) > _LOOSE_AFTER * pace_ms:
        found.append((len(lines), 0, last, length_ms))
    return found
