"""Two people's changes of one text made into one, word by word, where they do not touch the same place; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

# A word with the blanks after it; characters of scripts without blanks stand alone.
_WORD = re.compile(r"[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]\s*|[\w'’-]+\s*|[^\w\s]\s*|\s+")
_MOST = 4000  # words: comparing is quadratic


def merge(base: str, mine: str, theirs: str) -> str | None:
    """The base with both changes in it; None where both changed the same words, or words side by side."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    words = _WORD.findall(base)
    if len(words) > _MOST:
        return None
    changes = sorted([*_changes(words, _WORD.findall(mine)), *_changes(words, _WORD.findall(theirs))])
    merged: list[str] = []
    at = 0
    previous: tuple[int, int, tuple[str, ...]] | None = None
    for start, end, new in changes:
        if previous == (start, end, new):  # Both made the same change.
            continue
        if previous is not None and start <= previous[1]:
            return None
        merged += [*words[at:start], *new]
        at = end
        previous = (start, end, new)
    return "".join([*merged, *words[at:]])


def _changes(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """(start, end, the words instead) in the base."""
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(a, b, tuple(after[c:d])) for kind, a, b, c, d in codes if kind != "equal"]
