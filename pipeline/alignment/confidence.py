"""How far an alignment can be trusted: what speaks for a line, and the status that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alignment.result import LineStatus

# Core log probability of a line: spoken ones have 0 to -0.6, down to -1.6 where they are mostly names in another
# language; lines that are not in the sound mostly have -2 to -5.
_SURELY_SPOKEN = -0.6
_SURELY_NOT = -2.4
# How many times the episode's own time for a syllable a line may take: faster or slower than that is doubtful, and at
# the outer numbers impossible. English names among Han make honest lines spread this far.
_RATES = (0.25, 0.5, 2.0, 4.0)
# A line's cue should be mostly voice.
_LEAST_VOICE, _ENOUGH_VOICE = 0.2, 0.6
# With this share of it squeezed into no time, nothing is known of where it is.
_MOST_TIMELESS = 0.4
# A word that takes as long as so many syllables has other words in it: from where doubt begins to where it is sure.
_LOOSE, _TOO_LOOSE = 5.0, 9.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a line.

    Attributes:
        coverage: 0 to 1, how much of it was heard when nobody told the model what to hear.
        log_prob: how well it fitted when it was forced, as `core_log_prob`.
        pace: its time for a syllable, over the episode's.
        voice: 0 to 1, how much of its cue is voice.
        timeless: 0 to 1, how much of it was squeezed into no time.
        loose: syllables that could be said in the longest stretch of speech in it that one word takes.
    """

    coverage: float
    log_prob: float
    pace: float
    voice: float
    timeless: float = 0.0
    loose: float = 0.0


def confidence(evidence: Evidence) -> float:
    """0 to 1. Either proof of the words is enough, hearing them or forcing them; pace and voice must not deny it."""
    forced = _ramp(evidence.log_prob, _SURELY_NOT, _SURELY_SPOKEN)
    words = 1 - (1 - min(1.0, evidence.coverage)) * (1 - forced)
    slowest, slow, fast, fastest = 1 / _RATES[3], 1 / _RATES[2], 1 / _RATES[1], 1 / _RATES[0]
    speed = 1 / evidence.pace if evidence.pace > 0 else float("inf")
    pace = min(_ramp(speed, slowest, slow), 1 - _ramp(speed, fast, fastest))
    voice = _ramp(evidence.voice, _LEAST_VOICE, _ENOUGH_VOICE)
    room = 1 - max(_ramp(evidence.timeless, 0.0, _MOST_TIMELESS), _ramp(evidence.loose, _LOOSE, _TOO_LOOSE))
    return words * pace * voice * room


def status(value: float, *, check_below: float) -> LineStatus:
    """The status of a line that has a cue."""
    return "ok" if value >= check_below else "check"


def heard_share(parts: Sequence[tuple[float, float]]) -> float:
    """0 to 1: how much of a text, by the weights of its lines (weight, coverage), is in lines heard for half or more.

    Lines of another text match here and there by chance, but hardly ever for half their length.
    """
    total = sum(weight for weight, _ in parts)
    return sum(weight for weight, coverage in parts if coverage >= 0.5) / total if total else 0.0


def _ramp(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low)))
