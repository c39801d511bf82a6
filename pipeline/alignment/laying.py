"""The lines laid over their windows: what to force in each window, and what that says of every line."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.alignment.characters import Times
from pipeline.alignment.placing import Extra, Piece
from pipeline.alignment.whisper import Token, core_log_prob

Force = Callable[[int, Sequence[str]], list[list[Token]]]


@dataclass(frozen=True, slots=True)
class LaidLine:
    """A line after it was forced; at least one token.

    Attributes:
        line: its place in the transcript; negative for words nobody wrote.
        tokens: its tokens, with places in the line and times on the player's clock.
        onset: (from, to) of its first token: the line begins between the two.
        offset: (from, to) of its last token.
    """

    line: int
    tokens: tuple[Token, ...]
    onset: Times
    offset: Times

    @classmethod
    def of(cls, line: int, tokens: Sequence[Token]) -> LaidLine:
        """A line of at least one token."""
        first, last = tokens[0], tokens[-1]
        return cls(line, tuple(tokens), (first.from_ms, first.to_ms), (last.from_ms, last.to_ms))

    @property
    def log_prob(self) -> float:
        """How well it fits the sound, as `core_log_prob`."""
        return core_log_prob(self.tokens)


def plan_windows(pieces: Iterable[Piece], extras: Iterable[Extra]) -> dict[int, list[Piece]]:
    """For every window what is said in it, in order: parts of lines, and words nobody wrote between them."""
    extras = sorted(extras, key=lambda extra: (extra.line, extra.at, extra.start_ms))
    keyed: dict[int, list[tuple[int, int, int, Piece]]] = defaultdict(list)
    for rank, extra in enumerate(extras):
        keyed[extra.piece.window].append((extra.line, extra.at, rank - len(extras), extra.piece))
    for piece in pieces:
        inside = [
            extra.at
            for extra in extras
            if extra.line == piece.line and piece.start < extra.at < piece.end and extra.piece.window == piece.window
        ]
        for part in _cut(piece, inside):
            keyed[piece.window].append((part.line, part.start, 0, part))
    return {window: [row[3] for row in sorted(rows, key=lambda row: row[:3])] for window, rows in keyed.items()}


def lay_lines(plan: dict[int, list[Piece]], starts_ms: Sequence[int], force: Force) -> list[LaidLine]:
    """Force what was planned, window by window; lines and extra words in the order they are said.

    Arguments:
        plan: what is said in each window.
        starts_ms: every window's start.
        force: lays texts over a window.
    """
    tokens: dict[int, list[Token]] = defaultdict(list)
    for window in sorted(plan):
        for piece, found in zip(plan[window], force(window, [piece.text for piece in plan[window]]), strict=True):
            tokens[piece.line] += [moved(token, piece.start, starts_ms[window]) for token in found]
    return [LaidLine.of(line, found) for line, found in tokens.items() if found]


def moved(token: Token, chars: int, ms: int) -> Token:
    """The same token so many characters and milliseconds later."""
    return Token(token.start + chars, token.end + chars, token.from_ms + ms, token.to_ms + ms, token.log_prob)


def _cut(piece: Piece, places: Sequence[int]) -> list[Piece]:
    borders = [piece.start, *sorted(set(places)), piece.end]
    return [
        Piece(piece.line, start, end, piece.text[start - piece.start : end - piece.start], piece.window)
        for start, end in itertools.pairwise(borders)
    ]
