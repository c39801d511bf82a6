"""Text as it is said: what remains of a line when its spelling no longer matters, with the way back kept.

The transcript and the recogniser spell the same speech in different ways: 2010年 or 二零一零年, 資料 or 资料, RISC-V or
risc v. Both are brought to one spelling before they are compared, and every symbol remembers its place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")
_YEAR = re.compile(r"(?:1[5-9]|2[01])\d\d(?=年|到|至|-|–|—|~|、)")
# Spellings of one sound and sense that only differ by habit.
_ALIKE = {"两": "二", "〇": "零", "幺": "一", "妳": "你", "她": "他", "它": "他"}
# A letter is said in about a third of a syllable's time.
_LETTER_WEIGHT = 0.35
# cn2an reads numbers below 10^16; longer rows of digits are read one by one anyway.
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class Normalised:
    """Symbols of a text, and for each the (start, end) of the part of the text that it stands for."""

    symbols: str
    spans: tuple[tuple[int, int], ...]


def normalise(text: str, language: str) -> Normalised:
    """The sounds of `text` as symbols: letters in lower case, simplified Han, digits as they are read.

    Arguments:
        text: any text; punctuation and blanks leave no symbol.
        language: BCP-47; digits are turned into words for Chinese only.
    """
    chars: list[str] = []
    spans: list[tuple[int, int]] = []
    for offset, char in enumerate(text):
        for folded in _fold(char):
            chars.append(folded)
            spans.append((offset, offset + 1))
    if language.split("-")[0].lower() in ("zh", "cmn"):
        chars, spans = _read_numbers("".join(chars), spans)
    kept = [(char, span) for char, span in zip(chars, spans, strict=True) if char.isalnum()]
    return Normalised("".join(char for char, _ in kept), tuple(span for _, span in kept))


def is_syllable(symbol: str) -> bool:
    """Whether one symbol is about one spoken syllable (Han, kana, Hangul), not one letter of an alphabet."""
    code = ord(symbol)
    return 0x2E80 <= code <= 0xD7FF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF


def weigh(symbols: str) -> float:
    """How long a row of symbols is, in syllables."""
    return sum(1.0 if is_syllable(symbol) else _LETTER_WEIGHT for symbol in symbols)


@lru_cache(maxsize=1 << 16)
def _fold(char: str) -> str:
    composed = unicodedata.normalize("NFKC", char).casefold()
    if any(is_syllable(part) for part in composed):
        return "".join(_ALIKE.get(part, part) for part in (_simplify(part) for part in composed))
    decomposed = unicodedata.normalize("NFKD", composed)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


@lru_cache(maxsize=1 << 16)
def _simplify(char: str) -> str:
    simple: str = _converter().convert(char)
    return simple if len(simple) == 1 else char


@cache
def _converter(conversion: str = "t2s") -> Any:
    from opencc import OpenCC

    return OpenCC(conversion)


def in_script(text: str, language: str) -> str:
    """Chinese in the characters of its BCP-47 tag: the speech model writes either, as it likes."""
    primary, _, rest = language.partition("-")
    if primary != "zh":
        return text
    traditional = rest.split("-")[0] in ("Hant", "TW", "HK", "MO")
    converted: str = _converter("s2t" if traditional else "t2s").convert(text)
    return converted


def _read_numbers(text: str, spans: list[tuple[int, int]]) -> tuple[list[str], list[tuple[int, int]]]:
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    done = 0
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        chars += text[done:start]
        places += spans[done:start]
        if _is_digit_by_digit(text, start, end):
            for at in range(start, end):
                if text[at].isdecimal():
                    chars.append(_DIGITS[int(text[at])])
                    places.append(spans[at])
        else:
            reading = _read_number(found.group())
            chars += reading
            places += [(spans[start][0], spans[end - 1][1])] * len(reading)
        done = end
    return chars + list(text[done:]), places + spans[done:]


def _is_digit_by_digit(text: str, start: int, end: int) -> bool:
    """Years, parts of a name (x86, RVA23), numbers that begin with 0, and numbers too long to be said as one."""
    digits = text[start:end]
    if not digits.isdecimal():
        return False
    glued = start > 0 and text[start - 1].isascii() and text[start - 1].isalpha()
    leading_zero = len(digits) > 1 and digits[0] == "0"
    return glued or leading_zero or len(digits) > _LONGEST_NUMBER or bool(_YEAR.match(text, start))


def _read_number(number: str) -> str:
    import cn2an

    percent = number.endswith("%")
    plain = number.rstrip("%").replace(",", "")
    whole, _, fraction = plain.partition(".")
    if len(whole) > _LONGEST_NUMBER:
        reading = "".join(_DIGITS[int(digit)] for digit in whole)
    else:
        reading = str(cn2an.an2cn(str(int(whole)), "low"))
        reading = re.sub("^一十", "十", reading)
    if fraction:
        reading += "点" + "".join(_DIGITS[int(digit)] for digit in fraction)
    return ("百分之" if percent else "") + reading
