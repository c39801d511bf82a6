"""Which line of a changed transcript is which: pure, by a line's text, its neighbours and its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Between the same neighbours a line that is half the same was corrected; less, and it was written anew.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class LineKey:
    """How a line is known again: where it was, its text, and the texts before and after it."""

    index: int
    text: str
    before: str
    after: str


def key_of(lines: Sequence[str], index: int) -> LineKey:
    """The key of a line; beyond the first and the last line the text is empty."""
    before = lines[index - 1] if index else ""
    after = lines[index + 1] if index + 1 < len(lines) else ""
    return LineKey(index, lines[index], before, after)


def find_lines(keys: Sequence[LineKey], lines: Sequence[str]) -> list[int | None]:
    """Where each key's line is now; None where it is gone. Different keys get different lines.

    Equal lines come first: of several, the one with the same neighbours, then the nearest. What is left is a line
    between the same neighbours as ever that is still alike: its author corrected it.
    """
    here = [key_of(lines, index) for index in range(len(lines))]
    by_text: dict[str, list[int]] = {}
    by_place: dict[tuple[str, str], list[int]] = {}
    for each in here:
        by_text.setdefault(each.text, []).append(each.index)
        by_place.setdefault((each.before, each.after), []).append(each.index)
    # The same line may be asked for twice, by a cut for one language and one for all.
    asked = list(dict.fromkeys(keys))
    found: dict[LineKey, int] = {}
    taken: set[int] = set()
    exact = [
        (-(here[i].before == key.before) - (here[i].after == key.after), abs(i - key.index), number, i)
        for number, key in enumerate(asked)
        for i in by_text.get(key.text, ())
    ]
    alike = [
        (-_ratio(key.text, lines[i]), abs(i - key.index), number, i)
        for number, key in enumerate(asked)
        for i in by_place.get((key.before, key.after), ())
        if _ratio(key.text, lines[i]) >= _ALIKE
    ]
    for pairs in (exact, alike):
        for _, _, number, index in sorted(pairs):
            if asked[number] not in found and index not in taken:
                found[asked[number]] = index
                taken.add(index)
    return [found.get(key) for key in keys]


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
