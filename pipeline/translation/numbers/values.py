"""What a number in a text may mean: a range of values, on the side of the source and of the translation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

# `strict`: the translation must say it. `firm`: it should, or says it in words that no table knows.
# `soft`: it may go ("two of them" → "both"), but not become another number.
Weight = Literal["strict", "firm", "soft"]


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high`, both included; an exact value is a range of one."""

    low: Decimal
    high: Decimal

    def meets(self, other: Range) -> bool:
        return self.low <= other.high and other.low <= self.high

    def times(self, factor: Decimal) -> Range:
        return Range(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the Chinese source.

    Attributes:
        start, end: where it stands in the text that was read.
        written: as the text has it, with its unit.
        accepts: what a translation may say for it.
        weight: how surely a translation says it in numbers.
        exact: its value if it is one plain number, which has a usual form in every language.
        percent: the number before the percent sign, else None.
        parts: numerator and denominator of a fraction: both in a translation, as "one in three", say it too.
        month: 1 to 12 if it is a month, which most languages give a name.
    """

    start: int
    end: int
    written: str
    accepts: tuple[Range, ...]
    weight: Weight
    exact: Decimal | None = None
    percent: Decimal | None = None
    parts: tuple[Decimal, ...] = ()
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A number of a translation: what it can be read as, and whether it is a number beyond doubt.

    "first", "both", "a second" and the digits of a name are readings that may answer a number of the source, but
    are no evidence of a wrong one: `sure` is false.
    """

    written: str
    readings: tuple[Range, ...]
    sure: bool


def exactly(*values: Decimal | int | str) -> tuple[Range, ...]:
    """A range of one for each of several alternatives."""
    return tuple(Range(Decimal(value), Decimal(value)) for value in values)


def between(low: Decimal | int | str, high: Decimal | int | str) -> tuple[Range, ...]:
    """One range."""
    return (Range(Decimal(low), Decimal(high)),)


def about(value: Decimal, share: str = "0.02") -> tuple[Range, ...]:
    """A value with so much room on either side, for fractions (a third is 33 %) and other units (miles)."""
    room = abs(value) * Decimal(share)
    return (Range(value - room, value + room),)
