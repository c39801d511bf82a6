"""How far an alignment can be trusted: what speaks for a line, and the status that follows."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.alignment.result import LineStatus

# Core log probability of words that nobody wrote, as they were heard: doubtful at the first number, sure at the second.
_MISHEARD, _WELL_HEARD = -2.4, -0.6
# How many times the episode's own time for a syllable a line may take: faster or slower than that is doubtful, and at
# the outer numbers impossible. English names among Han make honest lines spread this far.
_RATES = (0.25, 0.5, 2.0, 4.0)
# A line's cue should be mostly voice.
_LEAST_VOICE, _ENOUGH_VOICE = 0.2, 0.6
# With this share of it squeezed into no time, nothing is known of where it is.
_MOST_TIMELESS = 0.4
# A word that takes as long as so many syllables has other words in it: from where doubt begins to where it is sure.
_LOOSE, _TOO_LOOSE = 5.0, 9.0
# The same for a line's first few words together, beyond their own length: a line that begins too early swallows what
# was said before it. Of 3,546 lines that begin where they should none has more than 4.02, those that swallow words have
# 5.2 and more (given episodes, spoilt in 11 ways: tests/benchmarks/spoil.py).
_SWALLOWS, _SWALLOWED = 4.2, 6.0
# And a line that begins too late has no time for its first words, which something else took: of the same lines one
# lacks more than 1.6 syllables there; those that begin half a second late lack 1.9 and more.
_LACKS, _LACKING = 1.6, 2.6
# Words nobody wrote that are so much like a line may be that line: no more than half sure which is which.
_ALIKE, _THE_SAME, _EITHER = 0.6, 0.75, 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a line.

    Attributes:
        said: 0 to 1, the probability that its words are said there (`saying.Said`).
        pace: its time for a syllable, over the episode's.
        voice: 0 to 1, how much of its cue is voice.
        timeless: 0 to 1, how much of it was squeezed into no time.
        loose: syllables that could be said in the longest stretch of speech in it that one word takes.
        swallowed: syllables that could be said while its first words are, beyond their own; less than 0 where they
            have less time than they need.
        elsewhere: 0 to 1, how much words near by that nobody wrote are like it.
    """

    said: float
    pace: float
    voice: float
    timeless: float = 0.0
    loose: float = 0.0
    swallowed: float = 0.0
    elsewhere: float = 0.0


def confidence(evidence: Evidence) -> float:
    """0 to 1: the words, unless pace, voice, the time between them or the same words near by deny it."""
    slowest, slow, fast, fastest = 1 / _RATES[3], 1 / _RATES[2], 1 / _RATES[1], 1 / _RATES[0]
    speed = 1 / evidence.pace if evidence.pace > 0 else float("inf")
    pace = min(_ramp(speed, slowest, slow), 1 - _ramp(speed, fast, fastest))
    voice = _ramp(evidence.voice, _LEAST_VOICE, _ENOUGH_VOICE)
    room = 1 - max(
        _ramp(evidence.timeless, 0.0, _MOST_TIMELESS),
        _ramp(evidence.loose, _LOOSE, _TOO_LOOSE),
        _ramp(evidence.swallowed, _SWALLOWS, _SWALLOWED),
        _ramp(-evidence.swallowed, _LACKS, _LACKING),
    )
    alone = 1 - _EITHER * _ramp(evidence.elsewhere, _ALIKE, _THE_SAME)
    return evidence.said * pace * voice * room * alone


def heard_well(log_prob: float) -> float:
    """0 to 1, from the core log probability of words that nobody wrote."""
    return _ramp(log_prob, _MISHEARD, _WELL_HEARD)


def status(value: float, *, check_below: float) -> LineStatus:
    """The status of a line that has a cue."""
    return "ok" if value >= check_below else "check"


def _ramp(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low)))
