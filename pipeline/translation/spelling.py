"""Names in Latin letters that a translation spells in another way: Hip for Hipp, RVa23 for RVA23. Pure."""

from __future__ import annotations

import regex
from rapidfuzz import fuzz

_WORD = regex.compile(r"\p{Script=Latin}[\p{Script=Latin}\p{M}\p{N}]*(?:[.\-]?[\p{Script=Latin}\p{N}]+)*")
_SHORTEST = 3  # letters; two are too like other words
_NEAR = 74.0  # percent: semi-analytic and SemiAnalysis have 77, Hipp and ship 50
_HEAD = 2  # letters that must be the same: Oracle and miracle have 77 percent too


def misspelt(source: str, target: str) -> tuple[str, str] | None:
    """(the translation's word, the source's name) of the first name that stands there in another spelling only.

    A name that the translation leaves out is no misspelling: "he" may be enough. All capitals may become a capital at
    the head, as Arm for ARM.
    """
    said = list(dict.fromkeys(_WORD.findall(target)))
    names = dict.fromkeys(_WORD.findall(source))
    for name in names:
        if len(name) < _SHORTEST or name.islower() or any(_is(name, word) for word in said):
            continue
        others = [word for word in said if word not in names and _is_near(name, word)]
        if others:
            return others[0], name
    return None


def _is(name: str, word: str) -> bool:
    """The name, or the name with an ending; or in small capitals."""
    return word.startswith(name) or (name.isupper() and name.isalpha() and word == name.capitalize())


def _is_near(name: str, word: str) -> bool:
    bare = regex.sub(r"[.\-]", "", word).casefold()
    folded = regex.sub(r"[.\-]", "", name).casefold()
    return bare[:_HEAD] == folded[:_HEAD] and fuzz.ratio(bare, folded) >= _NEAR
