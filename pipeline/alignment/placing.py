"""Where each line belongs, from what was heard: which window says which part of which line, and what nobody wrote."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alignment.matching import match
from pipeline.alignment.normalise import Normalised, is_syllable
from pipeline.alignment.sounds import LIKE_SOUND, OTHER_LETTER, SAME_SOUND, costs_for

# A letter is said in about a third of a syllable's time.
_LETTER_WEIGHT = 0.35
# How much of a proof a pair is that the symbol was said. The letters of a name are often heard as other ones.
_CREDIT = {0: 1.0, SAME_SOUND: 1.0, LIKE_SOUND: 0.5, OTHER_LETTER: 0.3}
_NEIGHBOUR_CREDIT = 0.5
# A syllable that was not clearly heard takes back so much of the credit of those that were.
_UNHEARD_COST = 0.5


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one window, symbol by symbol.

    Attributes:
        window: the window's place.
        text: the words as the model wrote them.
        normalised: their symbols.
        times: (from, to) of each symbol, milliseconds on the player's clock.
    """

    window: int
    text: str
    normalised: Normalised
    times: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, or words nobody wrote, that belongs to one window.

    Attributes:
        line: the line's place in the transcript; negative, each with its own number, for words nobody wrote.
        start, end: which of the line's characters.
        text: the words.
        window: the window's place.
    """

    line: int
    start: int
    end: int
    text: str
    window: int


@dataclass(frozen=True, slots=True)
class Place:
    """What the match says of a line.

    Attributes:
        weight: the line's length in syllables.
        coverage: 0 to 1, how much of it was heard.
        room: (from, to) milliseconds, from the last match before the line to the first one after it.
        pieces: the line's parts by window, in order; of a line not heard at all, where it would be.
    """

    line: int
    weight: float
    coverage: float
    room: tuple[int, int]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """Words heard that match nothing written, said before character `at` of line `line`."""

    line: int
    at: int
    piece: Piece
    start_ms: int
    end_ms: int


def weight(symbols: str) -> float:
    """How long a row of symbols is, in syllables."""
    return sum(1.0 if is_syllable(symbol) else _LETTER_WEIGHT for symbol in symbols)


def place_lines(
    texts: Sequence[str],
    lines: Sequence[Normalised],
    heard: Sequence[Heard],
    *,
    first_line: int,
    borders: tuple[int, int],
    extra_weight: float,
) -> tuple[list[Place], list[Extra]]:
    """Match lines with what was heard.

    Arguments:
        texts: the lines as they are written, the first of them being line `first_line` of the transcript.
        lines: their symbols.
        heard: what was heard, window by window, at least one.
        borders: from when until when anything could be said, milliseconds.
        extra_weight: words nobody wrote count from so many syllables.
    """
    return _Stretch(texts, lines, heard, first_line, borders).result(extra_weight)


def furthest_heard(
    texts: Sequence[str], lines: Sequence[Normalised], heard: Sequence[Heard], *, first_line: int
) -> tuple[int, int] | None:
    """The line, and the end of its character, until which the lines were heard; None if they were not.

    It is the change point between text that was mostly heard and text that matches here and there by chance.
    """
    return _Stretch(texts, lines, heard, first_line, (0, 0)).furthest()


class _Stretch:
    """The two rows of symbols and their match, with the ways back to lines and windows."""

    def __init__(
        self,
        texts: Sequence[str],
        lines: Sequence[Normalised],
        heard: Sequence[Heard],
        first_line: int,
        borders: tuple[int, int],
    ) -> None:
        self.texts, self.lines, self.heard = texts, lines, heard
        self.first_line, self.borders = first_line, borders
        self.written = "".join(line.symbols for line in lines)
        self.begins = [0]
        for line in lines:
            self.begins.append(self.begins[-1] + len(line.symbols))
        self.said = "".join(part.normalised.symbols for part in heard)
        self.origin = [(place, at) for place, part in enumerate(heard) for at in range(len(part.normalised.symbols))]
        costs = costs_for([self.written, self.said])
        written, said = costs.encode(self.written), costs.encode(self.said)
        self.pairs = match(written, said, costs).pairs
        self.partner = dict(self.pairs)
        credit = {i: _CREDIT.get(int(costs.pair[written[i], said[j]]), 0.0) for i, j in self.pairs}
        # Single symbols agree by chance anywhere in a long enough text; neighbours that agree are words.
        self.credit = {i: credit[i] if self._has_neighbour(i, credit) else 0.0 for i in credit}
        self.sure = [(i, j) for i, j in self.pairs if self.credit[i] >= 1.0]

    def result(self, extra_weight: float) -> tuple[list[Place], list[Extra]]:
        places = [self._place(at) for at in range(len(self.lines))]
        return places, self._extras(extra_weight)

    def furthest(self) -> tuple[int, int] | None:
        score = best = 0.0
        last = -1
        for i, symbol in enumerate(self.written):
            credit = self.credit.get(i, 0.0)
            score += weight(symbol) * (credit if credit >= 1 else -_UNHEARD_COST)
            if credit >= 1 and score > best:
                best, last = score, i
        if last < 0:
            return None
        line = bisect_right(self.begins, last) - 1
        return self.first_line + line, self.lines[line].spans[last - self.begins[line]][1]

    def _has_neighbour(self, i: int, credit: dict[int, float]) -> bool:
        j = self.partner[i]
        return any(self.partner.get(i + step) == j + step and credit[i + step] >= _NEIGHBOUR_CREDIT for step in (-1, 1))

    def _time(self, said: int) -> tuple[int, int]:
        place, at = self.origin[said]
        return self.heard[place].times[at]

    def _place(self, at: int) -> Place:
        begin, end = self.begins[at], self.begins[at + 1]
        symbols = self.written[begin:end]
        whole = weight(symbols)
        proven = sum(self.credit.get(begin + k, 0.0) * weight(symbol) for k, symbol in enumerate(symbols))
        coverage = proven / whole if whole else 0.0
        return Place(self.first_line + at, whole, coverage, self._room(begin, end), self._pieces(at))

    def _room(self, begin: int, end: int) -> tuple[int, int]:
        before = bisect_left(self.sure, (begin, -1))
        after = bisect_left(self.sure, (end, -1))
        start = self._time(self.sure[before - 1][1])[1] if before else self.borders[0]
        finish = self._time(self.sure[after][1])[0] if after < len(self.sure) else self.borders[1]
        return start, max(start, finish)

    def _pieces(self, at: int) -> tuple[Piece, ...]:
        """Cut the line where its windows change: at the first symbol that the next window says."""
        begin, end = self.begins[at], self.begins[at + 1]
        index, text = self.first_line + at, self.texts[at]
        cuts: list[tuple[int, int]] = []  # (first character, place among the windows)
        for symbol in range(begin, end):
            if symbol in self.partner:
                place = self.origin[self.partner[symbol]][0]
                if not cuts or place > cuts[-1][1]:
                    cuts.append((self.lines[at].spans[symbol - begin][0] if cuts else 0, place))
        if not cuts:
            cuts = [(0, self._nearest(begin))]
        ends = [start for start, _ in cuts[1:]] + [len(text)]
        return tuple(
            Piece(index, start, stop, text[start:stop], self.heard[place].window)
            for (start, place), stop in zip(cuts, ends, strict=True)
        )

    def _nearest(self, symbol: int) -> int:
        """The place of the window where an unheard line would be: that of the match before it, or of the next."""
        at = bisect_left(self.pairs, (symbol, -1))
        if at:
            return self.origin[self.pairs[at - 1][1]][0]
        return self.origin[self.pairs[0][1]][0] if self.pairs else 0

    def _extras(self, extra_weight: float) -> list[Extra]:
        borders = [(-1, -1), *self.pairs, (len(self.written), len(self.said))]
        extras: list[Extra] = []
        for (i, j), (next_i, next_j) in itertools.pairwise(borders):
            line, at = self._border(i, next_i)
            for run in self._runs(j + 1, next_j):
                if weight(self.said[run[0] : run[1]]) >= extra_weight:
                    extras.append(self._extra(~len(extras), run, line, at))
        return extras

    def _border(self, i: int, next_i: int) -> tuple[int, int]:
        """The line and its character before which words between two matched symbols belong: a line's begin if any."""
        line = bisect_left(self.begins, i + 1)
        if self.begins[line] > next_i:
            line -= 1
            return self.first_line + line, self.lines[line].spans[next_i - self.begins[line]][0]
        return self.first_line + min(line, len(self.lines)), 0

    def _runs(self, start: int, end: int) -> list[tuple[int, int]]:
        """The row of heard symbols from `start` to `end`, cut where the window changes."""
        runs: list[tuple[int, int]] = []
        for at in range(start, end):
            if runs and self.origin[at][0] == self.origin[runs[-1][0]][0]:
                runs[-1] = (runs[-1][0], at + 1)
            else:
                runs.append((at, at + 1))
        return runs

    def _extra(self, number: int, run: tuple[int, int], line: int, at: int) -> Extra:
        place, first = self.origin[run[0]]
        _, last = self.origin[run[1] - 1]
        part = self.heard[place]
        start, end = part.normalised.spans[first][0], part.normalised.spans[last][1]
        text = part.text[start:end]
        piece = Piece(number, 0, len(text), text, part.window)
        return Extra(line, at, piece, part.times[first][0], part.times[last][1])
