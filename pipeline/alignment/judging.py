"""How much of the expected text belongs to a window, and whether the window's own numbers say so convincingly.

Forced text has a likelihood token by token. Tokens that are said in the window mostly have log probabilities of -0.1 to
-2, tokens that are not have -3 to -7, and all that are not share next to no time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.alignment.whisper import Token, core_log_prob

# Half way between a token that was said and one that was not. Below the floor nothing more is learnt.
_MIDDLE = -2.5
_FLOOR = -6.0
# A split inside a line must be better than one at its border by this much (natural logarithm): most lines end with
# their window, and a few tokens that fit badly are no reason to cut.
_SPLIT_GAIN = 6.0
# Shares of the expected duration: text that has no time was not said; a line with far too much has other words in it.
_NO_TIME, _LITTLE_TIME, _MUCH_TIME = 0.25, 0.4, 2.6
_MUCH_TIME_MS = 2_000
# So many tokens in a row never go by in no time.
_RUN = 8
# The core log probability of lines that were said was never seen below -1.6, not even for lines that are mostly
# names; a line beyond the end that is above the second number should perhaps have been taken in.
_DOUBTED, _PERHAPS = -1.7, -0.9
# Speech that no token accounts for, in syllables: within the text, before it, after it.
_LOOSE_INSIDE, _LOOSE_BEFORE, _LOOSE_AFTER = 5.0, 4.0, 3.5

SpeechMs = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line, or a part of one, forced into a window to see whether it belongs there.

    Attributes:
        weight: its length in syllables.
        tokens: times from the window's start; empty for what did not fit the decoder.
    """

    weight: float
    tokens: tuple[Token, ...]

    @property
    def log_prob(self) -> float:
        return core_log_prob(self.tokens)

    @property
    def from_ms(self) -> int:
        return self.tokens[0].from_ms

    @property
    def to_ms(self) -> int:
        return self.tokens[-1].to_ms

    def share_of_time(self, pace_ms: float) -> float:
        """Its duration over the expected one, at `pace_ms` a syllable.

        The first token begins where the last one ended, whatever lies between, and counts as two syllables at most.
        """
        start = max(self.from_ms, self.tokens[0].to_ms - 2 * pace_ms)
        return (self.to_ms - start) / max(1.0, self.weight * pace_ms)


@dataclass(frozen=True, slots=True)
class Split:
    """So many candidates belong to the window, and so many tokens of the next one."""

    lines: int
    tokens: int


def split(candidates: Sequence[Candidate], pace_ms: float) -> Split:
    """The change point: where the text stops being what the window says."""
    total, best, place = 0.0, 0.0, Split(0, 0)
    inside, inside_place = 0.0, Split(0, 0)
    for index, candidate in enumerate(candidates):
        if not candidate.tokens:
            break
        squeezed = candidate.share_of_time(pace_ms) < _NO_TIME
        for at, token in enumerate(candidate.tokens):
            total += (_FLOOR if squeezed else max(_FLOOR, token.log_prob)) - _MIDDLE
            if total > inside and _rest_has_no_time(candidate, at + 1, pace_ms):
                inside, inside_place = total, Split(index, at + 1)
        if total > best:
            best, place = total, Split(index + 1, 0)
    return inside_place if inside >= best + _SPLIT_GAIN else place


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


def _rest_has_no_time(candidate: Candidate, at: int, pace_ms: float) -> bool:
    """Whether what follows token `at` of a line is left without time, as what is not said always is."""
    rest = candidate.tokens[at:]
    if not rest:
        return False
    weight = candidate.weight * len(rest) / len(candidate.tokens)
    return rest[-1].to_ms - rest[0].from_ms < _NO_TIME * weight * pace_ms


def doubts(
    taken: Sequence[Candidate], beyond: Sequence[Candidate], pace_ms: float, speech: SpeechMs, length_ms: int
) -> list[str]:
    """Why a window's split can't be trusted; nothing if it can.

    Arguments:
        taken: the candidates (or parts) that belong to the window.
        beyond: those after them.
        pace_ms: what a syllable takes in this episode.
        speech: milliseconds of speech between two times of the window.
        length_ms: the window's length.
    """
    if not taken:
        return ["nothing fits"]
    reasons = [reason for candidate in taken for reason in _line_doubts(candidate, pace_ms)]
    if timeless_share(taken, pace_ms) > 0:
        reasons.append("words without time")
    if any(one.tokens and one.log_prob > _PERHAPS and one.share_of_time(pace_ms) > _LITTLE_TIME for one in beyond[:1]):
        reasons.append("the next line fits too")
    if speech(0, taken[0].tokens[0].to_ms) > _LOOSE_BEFORE * pace_ms:
        reasons.append("speech before the first line")
    if speech(taken[-1].to_ms, length_ms) > _LOOSE_AFTER * pace_ms:
        reasons.append("speech after the last line")
    last = taken[0].tokens[0].to_ms
    for token in (token for candidate in taken for token in candidate.tokens):
        if speech(last, token.to_ms) > _LOOSE_INSIDE * pace_ms:
            reasons.append("speech between two words")
        last = token.to_ms
    return reasons


def _line_doubts(candidate: Candidate, pace_ms: float) -> list[str]:
    share = candidate.share_of_time(pace_ms)
    if candidate.log_prob < _DOUBTED or share < _LITTLE_TIME:
        return ["a line does not fit"]
    if share > _MUCH_TIME and candidate.to_ms - candidate.from_ms > _MUCH_TIME_MS:
        return ["a line takes too long"]
    return []
