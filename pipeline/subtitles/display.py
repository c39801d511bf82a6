"""How text is shown and how wide it is: punctuation by the profile, blanks, characters counted."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator

import regex

from pipeline.languages import Profile, Punctuation

_WIDE = frozenset("WF")
# Quotation marks, ellipses, dashes and the interpunct have no width of their own; in Chinese they fill a square.
_AMBIGUOUS = "A"
_ELLIPSIS = regex.compile(r"…+|⋯+|\.{3,}|。{3,}|・{3,}")
_GRAPHEME = regex.compile(r"\X")
# Never shown and never meant: a byte order mark and the fillers of broken decoding.
_DROPPED = frozenset("\ufeff\ufffe\uffff\u00ad")


def displayed(text: str, punctuation: Punctuation) -> list[str]:
    """What is shown of each character of `text`: as many strings as `text` has characters, some empty.

    Keeping the places means that whatever is shown can be traced to the character, and so to the time, that it
    came from. White space of any kind becomes a blank; control characters are dropped.
    """
    shown = [_plain(char) for char in text]
    _widen(shown, punctuation)
    _pair_quotes(shown, punctuation.quotes)
    if punctuation.ellipsis:
        for match in _ELLIPSIS.finditer(text):
            shown[match.start() : match.end()] = [punctuation.ellipsis] + [""] * (len(match[0]) - 1)
    return [punctuation.replace.get(char, char) for char in shown]


def visible(text: str) -> str:
    """A row without what is never shown: control characters, byte order marks, blanks around it."""
    return "".join(_plain(char) for char in text).strip()


def width(text: str, profile: Profile) -> float:
    """The characters of a row as the profile counts them.

    Combining marks count nothing. Where the profile counts half widths, a full-width character is 1 and any
    other 0.5 (Netflix, "How to count characters in CJK").
    """
    if text.isascii():
        return len(text) * (0.5 if profile.half_width else 1.0)
    return sum(_cell(cluster, profile.half_width) for cluster in _GRAPHEME.findall(text))


def reading_speed(text: str, duration_ms: int, profile: Profile) -> float:
    """Characters a second of a cue's text over all its rows; a row break counts nothing."""
    return count(text, profile) * 1000 / max(duration_ms, 1)


def count(text: str, profile: Profile) -> float:
    """The characters of all rows of a cue's text, as the profile counts them."""
    return sum(width(row, profile) for row in text.split("\n"))


def needed_ms(characters: float, profile: Profile) -> int:
    """How long so many characters must stay to be read at the profile's speed."""
    return -int(-characters * 1000 // profile.cps)


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each grapheme cluster of `text`: what a reader takes for one character."""
    return (match.span() for match in _GRAPHEME.finditer(text))


def is_wide(char: str) -> bool:
    """Whether a character fills a square: Han, kana, Hangul, full-width forms."""
    return bool(char) and unicodedata.east_asian_width(char[0]) in _WIDE


@functools.lru_cache(maxsize=8192)
def _cell(cluster: str, half_width: bool) -> float:
    base = cluster[0]
    if unicodedata.category(base) in ("Mn", "Me", "Cf", "Cc"):
        return 0.0
    if not half_width:
        return 1.0
    kind = unicodedata.east_asian_width(base)
    return 1.0 if kind in _WIDE or (kind == _AMBIGUOUS and not base.isalnum()) else 0.5


def _plain(char: str) -> str:
    if char == "\u3000":
        return char
    if char.isspace() or char in "\u200b\u2028\u2029":
        return " "
    if char in _DROPPED or unicodedata.category(char) in ("Cc", "Cs"):
        return ""
    return char


def _widen(shown: list[str], punctuation: Punctuation) -> None:
    """Turn ASCII marks beside full-width text into their full-width forms; `3.5`, `1,000` and `x.com` stay."""
    if not punctuation.widen:
        return
    for place, char in enumerate(shown):
        if (wide := punctuation.widen.get(char)) is None:
            continue
        before = shown[place - 1] if place else ""
        after = shown[place + 1] if place + 1 < len(shown) else ""
        if is_wide(before) or (is_wide(after) and char != "."):
            shown[place] = wide


def _pair_quotes(shown: list[str], quotes: str) -> None:
    places = [place for place, char in enumerate(shown) if char == '"']
    if not quotes or len(places) % 2:  # an odd one may be an inch; guessing would turn the rest inside out
        return
    for turn, place in enumerate(places):
        shown[place] = quotes[turn % 2]
