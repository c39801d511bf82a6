"""Cues that lend each other time: a cue comes a little early or late where its neighbour could not be read else."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from pipeline.languages import Profile
from pipeline.subtitles.timing import Wanted

_STEP_MS = 100
# A cue that can't be read costs as much as moving one by a second; how much too fast it is weighs as well.
_FAST = 30.0
_FASTER = 120.0
_SHORT = 40.0
_PER_STEP = 1.0
_PER_STEP_SQUARED = 0.3
_EARLY = 1.25  # words before they are spoken are noticed more than words that stay


def slip(wanted: Sequence[Wanted], profile: Profile, media_ms: int) -> list[Wanted]:
    """The cues with their starts moved by at most `slip_ms`, as little as lets each be read.

    A dynamic programme over (cue, shift of its start). Where every cue can be read, nothing moves.
    """
    steps = profile.slip_ms // _STEP_MS
    shifts = sorted((step * _STEP_MS for step in range(-steps, steps + 1)), key=abs)
    if not wanted or not steps:
        return list(wanted)
    best: dict[int, float] = {shift: _moved(shift) for shift in shifts if shift + wanted[0].start_ms >= 0}
    trails: list[dict[int, int]] = []
    for cue, follower in itertools.pairwise(wanted):
        best, trail = _extend(best, cue, follower.start_ms, shifts, profile)
        trails.append(trail)
    last = wanted[-1]
    shift = min(best, key=lambda s: best[s] + _unread(last, s, media_ms + profile.gap_ms, profile))
    chosen = [shift]
    for trail in reversed(trails):
        chosen.append(trail[chosen[-1]])
    return [replace(cue, start_ms=cue.start_ms + shift) for cue, shift in zip(wanted, reversed(chosen), strict=True)]


def _extend(
    best: dict[int, float], cue: Wanted, next_start: int, shifts: Sequence[int], profile: Profile
) -> tuple[dict[int, float], dict[int, int]]:
    """For each shift of the next cue: the lowest cost so far, and the shift of this cue that gives it."""
    costs: dict[int, float] = {}
    trail: dict[int, int] = {}
    # Starts and ends differ by whole steps: few durations come up, each many times.
    hurries: dict[int, float] = {}
    rows = [(shift, cost, cue.start_ms + shift, _latest(cue, shift, profile)) for shift, cost in best.items()]
    for after in shifts:
        until = next_start + after - profile.gap_ms
        lowest, chosen = float("inf"), 0
        for shift, cost, start, latest in rows:
            if cost >= lowest:
                continue
            lasting = (latest if latest < until else until) - start
            if lasting not in hurries:
                hurries[lasting] = _hurry(cue, lasting, profile)
            total = cost + hurries[lasting]
            if total < lowest:
                lowest, chosen = total, shift
        costs[after], trail[after] = lowest + _moved(after), chosen
    return costs, trail


def _moved(shift: int) -> float:
    steps = abs(shift) / _STEP_MS
    return (_PER_STEP * steps + _PER_STEP_SQUARED * steps**2) * (_EARLY if shift < 0 else 1.0)


def _unread(cue: Wanted, shift: int, until: int, profile: Profile) -> float:
    """What it costs to show a cue from its shifted start until the next one starts."""
    end = min(_latest(cue, shift, profile), until - profile.gap_ms)
    return _hurry(cue, end - cue.start_ms - shift, profile)


def _latest(cue: Wanted, shift: int, profile: Profile) -> int:
    """When a cue ends that nothing follows."""
    asked = cue.start_ms + shift + max(profile.min_ms, cue.read_ms)
    return max(cue.end_ms, min(asked, cue.end_ms + profile.linger_ms))


def _hurry(cue: Wanted, lasting: int, profile: Profile) -> float:
    """What it costs to show a cue for so long."""
    shown = max(1, min(lasting, profile.max_ms))
    cost = 0.0
    if shown < cue.read_ms:
        cost += _FAST + _FASTER * (min(cue.read_ms / shown, 20.0) - 1)
    if shown < profile.min_ms:
        cost += _SHORT * (1 - shown / profile.min_ms)
    return cost
