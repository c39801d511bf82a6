"""What is different between a machine's text and a person's, in words, or in characters where words have no blanks."""

from __future__ import annotations

from collections.abc import Sequence

import regex
from rapidfuzz.distance import Indel, Levenshtein

from pipeline.report.facts import Edit

# A word, or one character of a script that writes none apart; a mark or a blank is a piece of its own.
_PIECE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*|[\p{L}\p{M}\p{N}’'\-]+|\s+|."
)
_SOUND = regex.compile(r"[\p{L}\p{N}]")
_KINDS = {"equal": "same", "delete": "gone", "insert": "new"}


def pieces(text: str) -> list[str]:
    """A text cut into words, marks and blanks, which together are the text."""
    return _PIECE.findall(text)


def edits(machine: str, person: str) -> tuple[Edit, ...]:
    """Both texts as one: what stayed, what went and what came, in reading order."""
    old, new = pieces(machine), pieces(person)
    found: list[Edit] = []
    for step in Indel.opcodes(old, new):
        part = new[step.dest_start : step.dest_end] if step.tag == "insert" else old[step.src_start : step.src_end]
        found.append(Edit(_KINDS[step.tag], "".join(part)))
    return tuple(found)


def distance(machine: str, person: str) -> float:
    """Words inserted, removed or replaced, out of those of the longer text: 0, as it was, to 1.

    Levenshtein (1966) over words, as the word error rate and HTER (Snover et al. 2006) count, without shifts, and
    bounded by the longer text; marks and blanks do not count.
    """
    old, new = (_words(text) for text in (machine, person))
    return float(Levenshtein.normalized_distance(old, new))


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def _words(text: str) -> list[str]:
    return [piece.casefold() for piece in pieces(text) if _SOUND.search(piece)]
