"""Where the script goes on, after words that were heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.alignment.comparing import HEARD, Comparison, Heard, compare
from pipeline.alignment.normalise import Normalised
from pipeline.alignment.script import Cursor, Part, Script

# How far ahead the words are looked for, in syllables over their own number; the last one is a quarter of an hour. A
# place where so large a share of them matches ends the search; a farther one must match more of them by a share.
_REACH = (20.0, 150.0, 3000.0)
_CONVINCING, _FARTHER = 0.6, 0.15
# The least that must match, as a share and in syllables; more, up to the second ones, the more text is passed over,
# and most of the line where it is more than a line or two.
_LEAST_SHARE, _LEAST_PROOF = 0.25, 3.0
_NEAR, _FAR = 20.0, 150.0
_FAR_SHARE, _FAR_PROOF, _FAR_COVERAGE = 0.6, 6.0, 0.5
# Lines count as proof as far as they can be said in the time of what was heard, and a little more.
_ROOM = 1.15


@dataclass(frozen=True, slots=True)
class Found:
    """Where the script may go on.

    Attributes:
        parts: the lines that were compared.
        comparison: all of it; its first line is what was said before.
        place: the first of `parts` that is said.
        proof: how much of them was heard, in syllables.
    """

    parts: list[Part]
    comparison: Comparison
    place: int
    proof: float

    @property
    def coverage(self) -> tuple[float, ...]:
        return self.comparison.coverage[1:]


def search(script: Script, start: Cursor, before: Normalised, heard: Heard, *, least_weight: float) -> Found | None:
    """Where the script goes on with what was heard: as near as it is convincing, or where most of it matches.

    Arguments:
        script: the transcript.
        start: where it stands.
        before: the end of what was said just before; a word of it may be heard again.
        heard: what was heard.
        least_weight: words nobody wrote count from so many syllables.
    """

    def compared(parts: Sequence[Part]) -> Comparison:
        lines = [before, *(part.normalised for part in parts)]
        return compare(lines, heard, least_weight=least_weight, settled=frozenset((0,)))

    best: Found | None = None
    for reach in _REACH:
        parts = [part for part in script.ahead(start, heard.weight + reach) if part.weight]
        if best and len(parts) == len(best.parts):
            break
        comparison = compared(parts)
        shares = comparison.coverage[1:]
        for place, share in enumerate(shares):
            proof = _proof(parts[place:], shares[place:], heard.weight) if share >= HEARD else 0.0
            if _enough(proof / max(1.0, heard.weight), proof, share, sum(part.weight for part in parts[:place])):
                found = _to_the_end(Found(parts, comparison, place, proof), script, start, heard, compared)
                if best is None or found.proof > best.proof + _FARTHER * heard.weight:
                    best = found
                break
        if best and best.proof >= _CONVINCING * heard.weight:
            break
    return best


def _to_the_end(
    found: Found, script: Script, start: Cursor, heard: Heard, compared: Callable[[Sequence[Part]], Comparison]
) -> Found:
    """The same with lines enough for all that was heard, or what is said of the others would count as unwritten."""
    last = max(at for at, share in enumerate(found.coverage) if share >= HEARD)
    pairs = zip(found.parts[: last + 1], found.coverage, strict=False)
    skipped = sum(part.weight for part, share in pairs if share < HEARD)
    parts = [part for part in script.ahead(start, skipped + heard.weight + _REACH[0]) if part.weight]
    if len(parts) <= len(found.parts):
        return found
    comparison = compared(parts)
    shares = comparison.coverage[1 + found.place :]
    return Found(parts, comparison, found.place, _proof(parts[found.place :], shares, heard.weight))


def _enough(share: float, proof: float, coverage: float, skipped: float) -> bool:
    """Whether enough was heard to take the script up at a line.

    Arguments:
        share: 0 to 1, how much of what was heard is in the script from that line on.
        proof: the same in syllables.
        coverage: 0 to 1, how much of the line was heard.
        skipped: how much of the script is passed over, in syllables.
    """
    far = min(1.0, skipped / _FAR)
    needed = _LEAST_SHARE + (_FAR_SHARE - _LEAST_SHARE) * far
    if skipped > _NEAR:
        return coverage >= _FAR_COVERAGE and share >= needed and proof >= _LEAST_PROOF + far * _FAR_PROOF
    return proof >= _LEAST_PROOF and (share >= needed or coverage >= _FAR_COVERAGE)


def _proof(parts: Sequence[Part], coverage: Sequence[float], room: float) -> float:
    """How many syllables were heard of the lines that can be said in the time of `room` syllables, and some more."""
    proof = total = 0.0
    for part, share in zip(parts, coverage, strict=True):
        if total > room * _ROOM:
            break
        total += part.weight
        proof += part.weight * share
    return proof
