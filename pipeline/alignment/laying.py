"""A line after it was laid over its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alignment.characters import Times
from pipeline.alignment.whisper import Token, core_log_prob


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


def words_inside(laid: Sequence[LaidLine]) -> frozenset[int]:
    """Words nobody wrote (their numbers) that are said in the middle of a line.

    Arguments:
        laid: lines and words in the order they begin.
    """
    inside: set[int] = set()
    until = -1
    for line in laid:
        if line.line >= 0:
            until = max(until, line.offset[1])
        elif line.offset[1] < until:
            inside.add(line.line)
    return frozenset(inside)


def moved(token: Token, chars: int, ms: int) -> Token:
    """The same token so many characters and milliseconds later."""
    return Token(token.start + chars, token.end + chars, token.from_ms + ms, token.to_ms + ms, token.log_prob)
