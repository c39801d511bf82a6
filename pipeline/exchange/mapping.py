"""Cues of a corrected subtitle file mapped back onto the units that they were made from.

Cues whose text is there once, before and after, are fixed points. Between them one dynamic programme finds which
stretch of the file's cues belongs to which unit, by text and by time: texts may be new where times are kept, times
may have moved where texts are kept, cues may be split, joined, removed or added, even across two units.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from pipeline.track import Cue

# A stretch belongs to a unit if likeness of the texts and overlap of the times, each from 0 to 1, are together more
# than this. Texts of one language that have nothing to do with each other are alike by 0.3 to 0.4.
_THRESHOLD = 0.55
# Several units at once, for a cue that was joined across their border, only if that explains the file better.
_TOGETHER = 0.3
_MAX_UNITS = 3
_MORE_CUES = 6  # than the unit has now
_BAND = 40  # cues around where a unit should be, where no fixed point is near
# What `pipeline.subtitles.formats` writes for what a format can't hold.
LOOK_ALIKES: dict[int, str] = str.maketrans({"‹": "<", "›": ">", "｛": "{", "｝": "}", "\u2060": ""})


@dataclass(frozen=True, slots=True)
class Group:
    """Indexes: units, and the file's cues that show them. Without units the cues were added; without cues, removed."""

    units: tuple[int, ...]
    cues: tuple[int, ...]


def folded(text: str) -> str:
    """A text as it is compared: without white space, look-alikes as what they stand for."""
    return "".join(text.translate(LOOK_ALIKES).split())


def map_cues(shown: Sequence[Sequence[Cue]], file: Sequence[Cue]) -> list[Group]:
    """Every unit and every cue of the file in exactly one group, in order.

    Arguments:
        shown: the cues of each unit as they are now, at least one each.
        file: the cues of the corrected file, by time.
    """
    before = [[folded(cue.text) for cue in cues] for cues in shown]
    after = [folded(cue.text) for cue in file]
    groups: list[Group] = []
    unit = cue = 0
    for fixed, start, end in [*_fixed_points(before, after), (len(shown), len(file), len(file))]:
        if fixed > unit or start > cue:
            gap = _Gap(shown[unit:fixed], before[unit:fixed], file[cue:start], after[cue:start])
            groups += [
                Group(tuple(unit + each for each in group.units), tuple(cue + each for each in group.cues))
                for group in gap.solve()
            ]
        if fixed < len(shown):
            groups.append(Group((fixed,), tuple(range(start, end))))
        unit, cue = fixed + 1, end
    return groups


def _fixed_points(before: Sequence[Sequence[str]], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """(unit, first cue, past the last) of units all of whose cues stand, once each, in the file side by side."""
    counts = Counter(itertools.chain.from_iterable(before))
    places = {text: place for place, text in enumerate(after)}
    again = Counter(after)
    found: list[tuple[int, int, int]] = []
    for unit, texts in enumerate(before):
        if any(counts[text] != 1 or again[text] != 1 for text in texts):
            continue
        start = places[texts[0]]
        if list(after[start : start + len(texts)]) == list(texts):
            found.append((unit, start, start + len(texts)))
    yield from _longest_rising(found)


def _longest_rising(points: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The most points whose cues come in the order of their units."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for number, (_, start, _) in enumerate(points):
        at = bisect_left(tails, start)
        back.append(ends[at - 1] if at else -1)
        tails[at:], ends[at:] = [start, *tails[at + 1 :]], [number, *ends[at + 1 :]]
    chain: list[tuple[int, int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(points[number])
        number = back[number]
    return chain[::-1]


@dataclass(frozen=True, slots=True)
class _Gap:
    """Units and cues between two fixed points."""

    shown: Sequence[Sequence[Cue]]
    before: Sequence[Sequence[str]]
    file: Sequence[Cue]
    after: Sequence[str]

    def solve(self) -> list[Group]:
        """The groups with the highest sum of gains.

        A dynamic programme over (units so far, cues so far); a step leaves out a unit or a cue, or puts one to
        three units and a stretch of cues together.
        """
        units, cues = len(self.shown), len(self.file)
        best: list[dict[int, tuple[float, int, int]]] = [{} for _ in range(units + 1)]
        best[0][0] = (0.0, 0, 0)
        centres = self._centres()
        for unit in range(units + 1):
            states = best[unit]
            for cue in range(cues + 1):
                if cue not in states:
                    continue
                gain = states[cue][0]
                if cue < cues:
                    _keep(states, cue + 1, gain, unit, cue)
                if unit < units:
                    _keep(best[unit + 1], cue, gain, unit, cue)
                    if abs(cue - centres[unit]) <= _BAND or units * cues <= _BAND * _BAND:
                        self._together(best, unit, cue, gain)
        return self._walk_back(best)

    def _centres(self) -> list[float]:
        """About which cue each unit would begin with, if all had been split or joined alike."""
        total = sum(map(len, self.shown)) or 1
        sums = itertools.accumulate(map(len, self.shown), initial=0)
        return [before * len(self.file) / total for before in sums]

    def _together(self, best: list[dict[int, tuple[float, int, int]]], unit: int, cue: int, gain: float) -> None:
        for past in range(unit + 1, min(unit + _MAX_UNITS, len(self.shown)) + 1):
            old = [each for cues in self.shown[unit:past] for each in cues]
            text = "".join(itertools.chain.from_iterable(self.before[unit:past]))
            new = ""
            for end in range(cue + 1, min(cue + len(old) + _MORE_CUES, len(self.file)) + 1):
                new += self.after[end - 1]
                # Texts that are not as alike as they must be here are given up early, and count as not alike at all.
                lacking = _THRESHOLD + _TOGETHER * (past - unit - 1) / (past - unit) - _overlap(old, self.file[cue:end])
                alike = Indel.normalized_similarity(text, new, score_cutoff=max(0.0, lacking))
                more = (past - unit) * (alike - lacking)
                if more > 0:
                    _keep(best[past], end, gain + more, unit, cue)

    def _walk_back(self, best: list[dict[int, tuple[float, int, int]]]) -> list[Group]:
        groups: list[Group] = []
        unit, cue = len(self.shown), len(self.file)
        while unit or cue:
            _, first, start = best[unit][cue]
            groups.append(Group(tuple(range(first, unit)), tuple(range(start, cue))))
            unit, cue = first, start
        return groups[::-1]


def _keep(states: dict[int, tuple[float, int, int]], cue: int, gain: float, unit: int, start: int) -> None:
    if cue not in states or gain > states[cue][0]:
        states[cue] = (gain, unit, start)


def _overlap(old: Sequence[Cue], new: Sequence[Cue]) -> float:
    """The time that both are shown, from the first cue to the last, as part of the time that either is."""
    both = min(old[-1].end_ms, new[-1].end_ms) - max(old[0].start_ms, new[0].start_ms)
    either = max(old[-1].end_ms, new[-1].end_ms) - min(old[0].start_ms, new[0].start_ms)
    return max(0, both) / max(either, 1)
