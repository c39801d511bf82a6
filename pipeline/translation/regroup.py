"""Which stored unit goes on as which unit of a changed transcript: pure, by the sentences' text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Below this a sentence is another one, above it the author corrected it.
_SIMILAR = 0.6
# A machine's text is only kept to be shown until the next run: it is not looked for all over a long episode.
_NEAR_LINES = 60


@dataclass(frozen=True, slots=True)
class Matched:
    """A stored unit: its number, first line, sentence, and whether a person wrote it, it is attached, it has text."""

    id: int
    first: int
    source: str
    by_person: bool
    attached: bool
    translated: bool


Matches = list["int | None"]
"""The stored unit's number for each unit of the transcript, in order; None where there is none."""


def match_units(units: Sequence[tuple[int, str]], stored: Sequence[Matched]) -> Matches:
    """Pair (first line, sentence) of the transcript with stored units, each used once.

    Equal sentences come first; of several the one in its place, then people's, attached and translated ones, then
    the nearest. What has a translation and is left is paired with a similar sentence nearby that has nothing, what
    people wrote before what machines did.
    """
    matches: Matches = [None] * len(units)
    free = {each.id: each for each in stored}
    _pair_equal(units, free, matches)
    _pair_similar(units, free, matches)
    return matches


def _pair_equal(units: Sequence[tuple[int, str]], free: dict[int, Matched], matches: Matches) -> None:
    candidates: dict[str, list[Matched]] = {}
    for each in free.values():
        candidates.setdefault(each.source, []).append(each)
    pairs = sorted(
        (
            (each.first != first, not each.by_person, not each.attached, not each.translated, abs(each.first - first)),
            number,
            each.id,
        )
        for number, (first, text) in enumerate(units)
        for each in candidates.get(text, ())
    )
    _take(pairs, free, matches)


def _pair_similar(units: Sequence[tuple[int, str]], free: dict[int, Matched], matches: Matches) -> None:
    left = [each for each in free.values() if (each.by_person or each.translated) and each.attached]
    if not left:
        return
    pairs = []
    for number, (first, text) in enumerate(units):
        if matches[number] is not None:
            continue
        matcher = SequenceMatcher(None, "", text, autojunk=False)
        for each in left:
            if not each.by_person and abs(each.first - first) > _NEAR_LINES:
                continue
            matcher.set_seq1(each.source)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _SIMILAR:
                continue
            if (ratio := matcher.ratio()) >= _SIMILAR:
                pairs.append(((not each.by_person, -ratio, abs(each.first - first)), number, each.id))
    _take(sorted(pairs), free, matches)


def _take(pairs: Sequence[tuple[tuple[float, ...], int, int]], free: dict[int, Matched], matches: Matches) -> None:
    for _, number, found in pairs:
        if matches[number] is None and found in free:
            matches[number] = found
            del free[found]
