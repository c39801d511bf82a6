"""The transcript as a script to follow: a cursor in it, and the text that comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.alignment.normalise import Normalised, normalise, weigh


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the transcript: before character `at` of line `line`."""

    line: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A line, or what is left of one.

    Attributes:
        line: its place in the transcript.
        start: the line's character that it begins with.
        text: its characters.
        normalised: its symbols, with places in `text`.
        weight: its length in syllables.
    """

    line: int
    start: int
    text: str
    normalised: Normalised
    weight: float

    @property
    def end(self) -> int:
        """The line's character behind its last one."""
        return self.start + len(self.text)


class Script:
    """The lines of a transcript, with their symbols."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self.texts, self._language = texts, language
        self._symbols = [normalise(text, language) for text in texts]
        self.weights = [weigh(symbols.symbols) for symbols in self._symbols]
        self._before = [0.0, *accumulate(self.weights)]

    @property
    def end(self) -> Cursor:
        return Cursor(len(self.texts))

    @property
    def weight(self) -> float:
        """The length of all lines in syllables."""
        return self._before[-1]

    def between(self, start: Cursor, end: Cursor) -> list[Part]:
        """All lines from one cursor to the other, the first and the last perhaps in part."""
        parts = [self._part(line, start.at if line == start.line else 0, None) for line in range(start.line, end.line)]
        if end.at:
            parts.append(self._part(end.line, start.at if start.line == end.line else 0, end.at))
        return parts

    def ahead(self, start: Cursor, least_weight: float) -> list[Part]:
        """Lines from a cursor on until they are `least_weight` syllables long, or the transcript ends."""
        line, total = start.line, -self._weigh(self.texts[start.line][: start.at]) if start.at else 0.0
        while line < len(self.texts) and total < least_weight:
            total += self.weights[line]
            line += 1
        return self.between(start, Cursor(line)) if line > start.line else []

    def cursor(self, line: int, at: int, least: float) -> Cursor:
        """The cursor at character `at` of a line; at its begin or end if fewer than `least` syllables lie between."""
        text = self.texts[line]
        if self._weigh(text[at:]) < least:
            return Cursor(line + 1)
        return Cursor(line, at) if self._weigh(text[:at]) >= least else Cursor(line)

    def cut(self, part: Part, at: int) -> tuple[Part, Part]:
        """A part in two, before its character `at`."""
        return self._part(part.line, part.start, part.start + at), self._part(part.line, part.start + at, part.end)

    def weight_until(self, line: int, at: int) -> float:
        """The length of a line before its character `at`, in syllables."""
        return weigh("".join(symbol for symbol, (_, end) in self._paired(line) if end <= at))

    def symbols(self, line: int) -> str:
        """A line as it is said."""
        return self._symbols[line].symbols

    def words(self, number: int, text: str) -> Part:
        """Words that are not in the transcript, as a line with a negative number."""
        symbols = normalise(text, self._language)
        return Part(number, 0, text, symbols, weigh(symbols.symbols))

    def _paired(self, line: int) -> Iterator[tuple[str, tuple[int, int]]]:
        return zip(self._symbols[line].symbols, self._symbols[line].spans, strict=True)

    def _weigh(self, text: str) -> float:
        return weigh(normalise(text, self._language).symbols)

    def _part(self, line: int, start: int, end: int | None) -> Part:
        if start == 0 and end is None:
            return Part(line, 0, self.texts[line], self._symbols[line], self.weights[line])
        text = self.texts[line][start:end]
        symbols = normalise(text, self._language)
        return Part(line, start, text, symbols, weigh(symbols.symbols))
