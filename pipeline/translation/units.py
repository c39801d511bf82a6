"""Sentences over several caption lines: what is translated at once.

Chinese captions carry almost no sentence punctuation, so the ends of sentences are found from what there is:
punctuation, pauses, the words that open, bind or continue a clause, length, and a language model's opinion where
one has been asked. Every border between two lines gets a score (positive: a sentence ends here), and one dynamic
programme picks the borders with the highest sum under the limits on lines and duration.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alignment.result import AlignedLine
from pipeline.track import Cue
from pipeline.translation.borders import SentenceRules, default_rules

# A spoken sentence takes two to five caption lines and under ten seconds; more is two sentences, or a list.
MAX_LINES = 6
MAX_MS = 12_000

_CJK = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
# Punctuation, or a word that belongs to the next one.
_NO_COMMA = re.compile(r"[^\w%℃°]$|[的地得和与跟或在是把被对向从比]$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence over one or more consecutive lines.

    Attributes:
        id: `u` and the index of its first line: `u5`. Short, since an answer repeats it.
        first: index of its first line, from 0.
        last: index of its last line, inclusive. An unspoken line in between belongs to no text.
        text: the spoken lines, joined as `join_lines` does it.
        start_ms: when it is first heard.
        end_ms: when it ends.
    """

    id: str
    first: int
    last: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TranslatedUnit:
    """A unit's translation: `first` and `last` are line indexes, both inclusive; `cues`: those that a person made."""

    first: int
    last: int
    text: str
    cues: tuple[Cue, ...] = ()


def join_lines(texts: Sequence[str]) -> str:
    """One text of several lines: a blank between Latin words, else a comma, unless there is punctuation already.

    Captions leave the comma out where the line breaks. Without it an engine reads 采用这套架构的核心 and
    出货量 as one word, "core shipments".
    """
    joined = ""
    for text in texts:
        joined += (_glue(joined, text) if joined else "") + text
    return joined


def _glue(before: str, after: str) -> str:
    if not (_CJK.search(before[-1]) or _CJK.search(after[0])):
        return " "
    return "" if _NO_COMMA.search(before) or not (after[0].isalnum()) else "，"


def group_sentences(
    lines: Sequence[AlignedLine],
    *,
    max_lines: int = MAX_LINES,
    max_ms: int = MAX_MS,
    rules: SentenceRules | None = None,
    model_scores: Mapping[int, float] | None = None,
    kept: Mapping[int, bool] | None = None,
) -> tuple[Unit, ...]:
    """The units of an episode, in order; every spoken line is in exactly one, unspoken lines are in none.

    A unit has at most `max_lines` lines and `max_ms` milliseconds, unless one line alone is longer, or people want
    more of them together.

    Arguments:
        rules: the clues and weights to go by; None: those that come with Zimu.
        model_scores: what `pipeline.translation.punctuation.model_scores` says, by the index of the line before
            the border; None, or a border left out: the rules alone decide.
        kept: what people decided, by the index of the line before the border: whether a unit ends there.
    """
    rules = rules or default_rules()
    asked = model_scores or {}
    spoken = spoken_lines(lines)
    borders = [
        rules.border_score(a.text, b.text, (b.start_ms or 0) - (a.end_ms or 0), asked.get(a.index))
        for a, b in itertools.pairwise(spoken)
    ]
    fixed = [_decided(kept or {}, a.index, b.index) for a, b in itertools.pairwise(spoken)]
    return tuple(_unit(spoken[a:b]) for a, b in _best_cuts(spoken, borders, fixed, rules, max_lines, max_ms))


def borders_of(lines: Sequence[AlignedLine], sentences: Iterable[tuple[int, str]]) -> dict[int, bool]:
    """Where units end, so that sentences that stand on consecutive spoken lines are units: for `group_sentences`.

    Arguments:
        sentences: each with the line that it began at; one that stands in several places is taken from the nearest.
    """
    spoken = spoken_lines(lines)
    starts: dict[str, list[int]] = {}
    for place, line in enumerate(spoken):
        starts.setdefault(line.text, []).append(place)
    found: dict[int, bool] = {}
    taken: set[int] = set()
    for first, text in sentences:
        begins = [place for end in range(1, len(text) + 1) for place in starts.get(text[:end], ())]
        for start in sorted(begins, key=lambda place: abs(spoken[place].index - first)):
            past = _end_of(spoken, start, text)
            if past and taken.isdisjoint(range(start, past)):
                taken.update(range(start, past))
                found |= {line.index: False for line in spoken[start : past - 1]}
                found |= {line.index: True for line in (*spoken[max(0, start - 1) : start], spoken[past - 1])}
                break
    return found


def _end_of(lines: Sequence[AlignedLine], start: int, text: str) -> int:
    """The place after the lines from `start` that are this sentence; 0: they are not."""
    joined = ""
    for place in range(start, len(lines)):
        joined = join_lines([joined, lines[place].text]) if joined else lines[place].text
        if joined == text:
            return place + 1
        if not text.startswith(joined):
            return 0
    return 0


def _decided(kept: Mapping[int, bool], before: int, after: int) -> bool | None:
    """What people said of the border between two spoken lines; lines between them are not spoken."""
    said = {kept[index] for index in range(before, after) if index in kept}
    return None if not said else True in said


def spoken_lines(lines: Sequence[AlignedLine]) -> list[AlignedLine]:
    """The lines that units are made of: those with a time and a text."""
    return [line for line in lines if line.start_ms is not None and line.end_ms is not None and line.text]


def _best_cuts(
    lines: Sequence[AlignedLine],
    borders: Sequence[float],
    fixed: Sequence[bool | None],
    rules: SentenceRules,
    max_lines: int,
    max_ms: int,
) -> list[tuple[int, int]]:
    """Half-open spans of lines with the highest sum of border and length scores."""
    blocks = _blocks(len(lines), fixed)
    best = [0.0] + [float("-inf")] * len(blocks)
    back = [0] * (len(blocks) + 1)
    for end in range(1, len(blocks) + 1):
        past = blocks[end - 1][1]
        border = borders[past - 1] if past < len(lines) else 0.0
        for start in range(end - 1, -1, -1):
            first = blocks[start][0]
            over = past - first > max_lines or (lines[past - 1].end_ms or 0) - (lines[first].start_ms or 0) > max_ms
            if start < end - 1 and (over or fixed[blocks[start][1] - 1]):
                break
            score = best[start] + rules.length_score(past - first) + border
            if score > best[end]:
                best[end], back[end] = score, start
    spans: list[tuple[int, int]] = []
    end = len(blocks)
    while end:
        spans.append((blocks[back[end]][0], blocks[end - 1][1]))
        end = back[end]
    return spans[::-1]


def _blocks(lines: int, fixed: Sequence[bool | None]) -> list[tuple[int, int]]:
    """Half-open spans of lines that people want together; mostly single lines."""
    cuts = [place for place in range(1, lines) if fixed[place - 1] is not False]
    return list(itertools.pairwise([0, *cuts, lines])) if lines else []


def _unit(lines: Sequence[AlignedLine]) -> Unit:
    first, last = lines[0], lines[-1]
    return Unit(
        id=f"u{first.index}",
        first=first.index,
        last=last.index,
        text=join_lines([line.text for line in lines]),
        start_ms=first.start_ms or 0,
        end_ms=last.end_ms or 0,
    )
