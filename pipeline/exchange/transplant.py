"""A correction made in what was shown, carried back into the text that it was shown from.

What is shown is not the text: rows are broken, white space is set, marks are written in the language's way, and a
subtitle file writes look-alikes of what it can't hold. Only what a person changed may change in the text.
"""

from __future__ import annotations

from bisect import bisect_right

from rapidfuzz.distance import Indel


def transplant(text: str, shown: str, corrected: str) -> str:
    """`text` with what differs between `shown`, made from it, and `corrected`.

    Equal to `text` where nothing was corrected, and to `corrected` where `shown` is `text`.
    """
    if shown == corrected:
        return text
    if shown == text:
        return corrected
    origin = _Origin(shown, text)
    parts: list[str] = []
    for code in Indel.opcodes(shown, corrected):
        if code.tag == "equal":
            first = 0 if code.src_start == 0 else origin.of(code.src_start)
            parts.append(text[first : len(text) if code.src_end == len(shown) else origin.of(code.src_end)])
        elif code.tag == "insert":
            parts.append(corrected[code.dest_start : code.dest_end])
    return "".join(parts)


class _Origin:
    """Where in the text a place of what was shown comes from: the equal stretches, and one stretch between each two."""

    def __init__(self, shown: str, text: str) -> None:
        self._blocks: list[tuple[int, int, bool]] = []
        for code in Indel.opcodes(shown, text):
            equal = code.tag == "equal"
            if equal or not self._blocks or self._blocks[-1][2]:
                self._blocks.append((code.src_start, code.dest_start, equal))
        self._starts = [start for start, _, _ in self._blocks]
        self._ends = [text_start for _, text_start, _ in self._blocks[1:]] + [len(text)]

    def of(self, place: int) -> int:
        """The place in the text; what was shown otherwise goes as a whole with its first character."""
        number = max(0, bisect_right(self._starts, place) - 1)
        start, text_start, equal = self._blocks[number]
        if equal:
            return text_start + place - start
        return text_start if place == start else self._ends[number]
