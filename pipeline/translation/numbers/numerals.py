"""The value of a numeral in Chinese characters, digits, or both: `三千五百万`, `3.5亿`, `1亿5000万`, `两万五`."""

from __future__ import annotations

import re
from decimal import Decimal

# A run of digits is taken whole, so that repeating this in a pattern can't split it in many ways.
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?!\d)(?:\.\d+(?!\d))?"
HAN_DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8, "兆": 10**12}
MULTIPLIERS = {**SMALL, **LARGE}

_TOKEN = re.compile(rf"{DIGITS}|.", re.DOTALL)
_LONGEST = 18  # digits; longer rows are telephone numbers and codes
_COLLOQUIAL_FROM = 100  # 一百二 is 120, 两万五 is 25 000; but 二十五 is 25


def numeral(text: str) -> Decimal | None:
    """The value, or None if the text is no numeral.

    A row of Chinese digits is read digit by digit (`二零一四` is 2014); a last digit without its multiplier counts
    the next lower place, as in speech (`两万五` is 25 000).
    """
    if len(text) > 1 and all(letter in HAN_DIGITS for letter in text):
        return (
            Decimal("".join(str(HAN_DIGITS[letter]) for letter in text[:_LONGEST])) if len(text) <= _LONGEST else None
        )
    total, section, pending = Decimal(0), Decimal(0), None
    last, spoken = 1, False
    for token in _TOKEN.findall(text):
        if token[0].isdecimal():
            if len(token) > _LONGEST or pending is not None:
                return None
            pending, spoken = Decimal(token.replace(",", "")), len(token) == 1
        elif token in HAN_DIGITS:
            if pending:
                return None
            pending, spoken = Decimal(HAN_DIGITS[token]), True
            last = last if HAN_DIGITS[token] else 1
        elif token in SMALL:
            section += (1 if pending is None or not pending else pending) * SMALL[token]
            pending, last = None, SMALL[token]
        elif token in LARGE:
            section += pending or 0
            whole = (section or 1) * LARGE[token]
            total = (total + section) * LARGE[token] if 0 < total < LARGE[token] else total + whole
            section, pending, last = Decimal(0), None, LARGE[token]
        else:
            return None
    if pending is not None and spoken and last >= _COLLOQUIAL_FROM and pending:
        pending *= Decimal(last) / 10
    return total + section + (pending or 0)
