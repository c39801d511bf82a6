"""The translation memory: sentences that people have approved, found again exactly or nearly.

Pure; `pipeline.translation.memory_store` fills it from the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

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

        The score is rapidfuzz's `ratio` of the normalised sentences: the share of their characters that is in a
        longest common subsequence.

        Arguments:
            least: lowest score, in percent.
            limit: how many at most.
        """
        key = normalise(source)
        alike = process.extract(key, list(self._by_source), scorer=fuzz.ratio, score_cutoff=least, limit=None)
        hits = sorted(
            (
                _hit(entry, score, before, after)
                for found, score, _ in (alike if key else ())
                for entry in self._by_source[found]
            ),
            key=lambda hit: hit.rank,
            reverse=True,
        )
        different = {(hit.entry.source, hit.entry.target): hit for hit in reversed(hits)}
        return tuple(sorted(different.values(), key=lambda hit: hit.rank, reverse=True)[:limit])


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
