"""The translation memory: sentences that people have approved, found again exactly or nearly.

Pure; `pipeline.translation.memory_store` fills it from the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

# Marks and blanks that carry no sense. A question mark does; a full stop or a hyphen may, inside a number or a name.
_SILENT = re.compile(r"[\s，。、；：…—·“”‘’「」『』《》〈〉（）【】!！\"'()\[\],.;:~\-‐‑–]+")
_INNER = re.compile(r"[0-9a-z]")
_SIGN = re.compile(r"(?<![0-9a-z])-(?=[0-9])")
_MINUS = "−"
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence and the translation that a person approved.

    Attributes:
        source: the sentence.
        target: its translation.
        before: the sentence before it in its episode; empty if unknown.
        after: the sentence after it.
        origin: the episode's id, or the name of the TMX file that it came with.
        who: who approved it; empty if unknown.
        at: when, ISO 8601 in UTC; empty if unknown.
        unit: the store's number of the unit; None where it came with a TMX file.
    """

    source: str
    target: str
    before: str = ""
    after: str = ""
    origin: str = ""
    who: str = ""
    at: str = ""
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found.

    Attributes:
        entry: what was found.
        score: how alike the sentences are, in percent; 100 means equal after normalisation.
        context: how many neighbours are the same too: 0, 1 or 2.
    """

    entry: Entry
    score: float
    context: int

    @property
    def rank(self) -> tuple[float, int, bool, str]:
        """Better hits have a higher rank: alike, then in context, then approved here, then new."""
        return self.score, self.context, self.entry.unit is not None, self.entry.at


class Memory:
    """Entries of one language pair, indexed. It does not change; load it again to see what was approved since."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._by_source: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if (key := normalise(entry.source)) and entry.target.strip():
                self._by_source[key].append(entry)

    def __len__(self) -> int:
        return sum(map(len, self._by_source.values()))

    def exact(self, source: str, *, before: str = "", after: str = "") -> Hit | None:
        """The best entry with this sentence, to be used as it is.

        Where the sentence was translated in several ways, only one whose neighbours are the same is returned:
        a short sentence may mean something else elsewhere.
        """
        found = self._by_source.get(normalise(source), ())
        if not found:
            return None
        best = max((_hit(entry, _PERCENT, before, after) for entry in found), key=lambda hit: hit.rank)
        unanimous = len({entry.target for entry in found}) == 1
        return best if unanimous or best.context else None

    def near(self, source: str, *, least: float, limit: int, before: str = "", after: str = "") -> tuple[Hit, ...]:
        """The entries that are most alike, best first, each translation once; equal sentences are among them.

        The score is the share of characters in a longest common subsequence, 2·LCS / (length + length), of the
        normalised sentences; rapidfuzz calls it `ratio`.

        Arguments:
            least: lowest score, in percent.
            limit: how many at most.
        """
        hits = sorted(
            (
                _hit(entry, score, before, after)
                for key, score in self._index.search(normalise(source), least)
                for entry in self._by_source[key]
            ),
            key=lambda hit: hit.rank,
            reverse=True,
        )
        different = {(hit.entry.source, hit.entry.target): hit for hit in reversed(hits)}
        return tuple(sorted(different.values(), key=lambda hit: hit.rank, reverse=True)[:limit])

    @cached_property
    def _index(self) -> _NearIndex:
        return _NearIndex(tuple(self._by_source))


def normalise(text: str) -> str:
    """A sentence without what does not change its translation: width, case, blanks, most punctuation.

    Kept are question marks, and between Latin letters and digits one mark or blank: 3.5 is not 35.
    """
    folded = _SIGN.sub(_MINUS, unicodedata.normalize("NFKC", text).casefold())
    return _SILENT.sub(_kept, folded)


def _kept(match: re.Match[str]) -> str:
    text, (start, end) = match.string, match.span()
    inside = start > 0 and end < len(text) and _INNER.match(text[start - 1]) and _INNER.match(text[end])
    return (match[0].strip() or " ")[0] if inside else ""


def _hit(entry: Entry, score: float, before: str, after: str) -> Hit:
    neighbours = ((before, entry.before), (after, entry.after))
    return Hit(entry, score, sum(bool(here) and normalise(here) == normalise(there) for here, there in neighbours))


class _NearIndex:
    """Which sentences have which characters: only those with enough in common are compared.

    No more characters can be in a common subsequence than both sentences have, so nothing is missed.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._lengths = np.array([len(key) for key in keys], dtype=np.int32)
        postings: defaultdict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for place, key in enumerate(keys):
            for char, count in Counter(key).items():
                places, counts = postings[char]
                places.append(place)
                counts.append(count)
        self._postings: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]] = {
            char: (np.array(places, dtype=np.int32), np.array(counts, dtype=np.int32))
            for char, (places, counts) in postings.items()
        }

    def search(self, query: str, least: float) -> list[tuple[str, float]]:
        """The sentences that are at least `least` percent alike, with their scores, in no order."""
        if not query or not self._keys:
            return []
        common = np.zeros(len(self._keys), dtype=np.int32)
        for char, count in Counter(query).items():
            if (posting := self._postings.get(char)) is not None:
                common[posting[0]] += np.minimum(posting[1], count)
        possible = np.flatnonzero(2 * _PERCENT * common >= least * (self._lengths + len(query)))
        masks = _masks(query)
        scored = [(self._keys[place], _ratio(masks, len(query), self._keys[place])) for place in possible.tolist()]
        return [(key, score) for key, score in scored if score >= least]


def _masks(text: str) -> dict[str, int]:
    """For each character the places where it stands, as bits."""
    masks: dict[str, int] = defaultdict(int)
    for place, char in enumerate(text):
        masks[char] |= 1 << place
    return masks


def _ratio(masks: dict[str, int], length: int, other: str) -> float:
    """Likeness in percent, by the bit-parallel longest common subsequence of Hyyrö (2004)."""
    everything = (1 << length) - 1
    rows = everything
    for char in other:
        matched = rows & masks.get(char, 0)
        rows = ((rows + matched) | (rows - matched)) & everything
    return 2 * _PERCENT * (length - rows.bit_count()) / (length + len(other))
