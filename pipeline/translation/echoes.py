"""Answers that are not of this sentence: parts of the prompt, or the translation of a sentence near by. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import regex
from rapidfuzz import fuzz, process

# What the prompts say around the sentences, and the arrows and equations of glossaries and complaints.
_PROMPT = regex.compile(
    r"\(do not translate\)|^\s*(?:what (?:was|is) said (?:before|after)|said before|translated before|"
    r"the last translation was refused|translate into \p{L}+)\b.*|→|\b(\w[\w ]{2,30}) = \1\b|^\s*u\d+\s*[:：=]",
    regex.IGNORECASE,
)
# From this likeness, in percent, two translations are one; of sentences that are not alike themselves. Translations of
# different sentences of the measured texts stay below 70.
_SAME = 85.0
_DIFFERENT = 60.0
# A stretch of so many letters, so alike in percent, is taken from the sentence near by; of sentences that have no four
# characters in common. Of 126 sentences of a small model and the 96 by hand, those are the two that took something.
_STRETCH, _TAKEN, _COMMON = 40, 80.0, 4
_BLANK_BETWEEN_WORDS = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}]\s+\p{L}")
_LONGEST = 1000  # characters looked at
_SHORTEST = 12  # characters; "Of course." may come again


def prompt_echo(source: str, target: str) -> str | None:
    """The words of the prompt that stand in the translation, or None."""
    match = _PROMPT.search(target[:_LONGEST])
    return match[0].strip() if match and match[0] not in source else None


def other_sentence(source: str, target: str, nearby: Sequence[tuple[str, str]]) -> str | None:
    """The sentence near by whose translation this is, or None.

    Arguments:
        nearby: sentences with their translations.
    """
    if len(target) < _SHORTEST:
        return None
    for other, said in nearby:
        if fuzz.ratio(target.casefold(), said.casefold()) >= _SAME and fuzz.ratio(source, other) < _DIFFERENT:
            return other
    return None


def taken_words(source: str, target: str, nearby: Sequence[tuple[str, str]]) -> str | None:
    """The words of a neighbour's translation that this one goes on with, or None: small models tell things again.

    Only in scripts with blanks between their words.

    Arguments:
        nearby: sentences with their translations.
    """
    text = target[:_LONGEST].casefold()
    if len(text) < _STRETCH or not _BLANK_BETWEEN_WORDS.search(text):
        return None
    for other, said in nearby:
        said = said[:_LONGEST]
        starts = range(0, len(said) - _STRETCH + 1, _STRETCH // 10)
        stretches = [said[start : start + _STRETCH] for start in starts]
        best = process.extractOne(
            text, stretches, scorer=fuzz.partial_ratio, processor=str.casefold, score_cutoff=_TAKEN
        )
        if best and not any(source[at : at + _COMMON] in other for at in range(max(1, len(source) - _COMMON + 1))):
            return best[0].strip()
    return None
