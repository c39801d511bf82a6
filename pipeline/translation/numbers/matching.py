"""Which numbers of a Chinese text its translation gets wrong, leaves out, or adds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.translation.numbers.alphabetic import digits_as_ascii, read_said
from pipeline.translation.numbers.chinese import designations, numerals_in, read_quantities, without
from pipeline.translation.numbers.lexicon import LEXICONS, Lexicon
from pipeline.translation.numbers.myriads import read_chinese, read_japanese, read_korean
from pipeline.translation.numbers.numerals import HAN_DIGITS
from pipeline.translation.numbers.values import Quantity, Range, Said, exactly
from pipeline.translation.numbers.writing import written

_LONGEST = 1500  # characters looked at; a sentence has a hundred
_READERS = {"ja": read_japanese, "ko": read_korean, "zh": read_chinese, "yue": read_chinese}
_COMPLETE = {"ja", "ko", *(language for language, lexicon in LEXICONS.items() if lexicon.complete)}
_PERCENT_SIGN = re.compile(
    r"[%٪‰割]|per\s?cent|\bpct|por\s?ciento|por\s?cento|pour\s?cent|prozent|процент|بالمئة|بالمائة|المئة|المائة|"
    r"เปอร์เซ็นต์|ร้อยละ|"
    r"phần trăm|persen|パーセント|퍼센트|프로|百分|成",
    re.IGNORECASE,
)
# Longer than any number: codes, and texts made to be slow to read.
_ENDLESS = re.compile(r"[\d,.零〇一二两三四五六七八九十百千万亿兆億萬일이삼사오육칠팔구십백천만억조]{40,}")
_FIRST_ADDED = 10  # smaller numbers come and go with idiom: "one of them", "two sides"
_FIRST_INVENTED = 1000
_NAMED_PERIOD = re.compile(r"[QqHh]([1-4])(?:\D|$)")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A number of the source that the translation does not say.

    Attributes:
        written: as the source has it.
        wanted: a value that a translation may say, as its language writes it.
        certain: another number stands in its place, or it cannot be there in words: an error. Else the translation
            may say it in words that are not known: a warning.
    """

    written: str
    wanted: str
    certain: bool


@dataclass(frozen=True, slots=True)
class NumberReport:
    """Numbers of the source that are missing, and numbers of the translation that the source does not have.

    Of the latter `invented` are thousands and more, and no years, which may come from the sentences before: such a
    translation is another sentence's.
    """

    missing: tuple[Mismatch, ...]
    added: tuple[str, ...]
    invented: tuple[str, ...]


def compare_numbers(source: str, target: str, language: str) -> NumberReport:
    """Compare by value the numbers of a Chinese text and of its translation.

    Arguments:
        language: the target's primary language subtag. English, Japanese, Korean and Spanish are read with all
            their number words; others with those of their `Lexicon`, or digits alone, and judged more mildly.
    """
    source = _ENDLESS.sub(" ", unicodedata.normalize("NFKC", source[:_LONGEST]))
    target = _ENDLESS.sub(" ", digits_as_ascii(unicodedata.normalize("NFKC", target[:_LONGEST])))
    names = designations(source)
    quantities = read_quantities(without(source, names))
    said = _read(target, language)
    percent = _PERCENT_SIGN.search(target) is not None
    claimed = [any(_says(each, quantity, percent) for quantity in quantities) for each in said]
    beside = _beside(source, without(source, tuple((each.start, each.end, "") for each in quantities)))
    loose = [
        each
        for each, known in zip(said, claimed, strict=True)
        if each.sure
        and not known
        and not _meets(each.readings, beside)
        and not any(each.written in name for *_, name in names)
    ]
    missing = [
        Mismatch(name, name, True) for *_, name in names if _bare(name) not in _bare(target) and not _period(name, said)
    ]
    for quantity in quantities:
        if not _is_said(quantity, said, target, language, percent=percent):
            certainty = _certainty(quantity, language, loose)
            if certainty is not None:
                missing.append(Mismatch(quantity.written, _wanted(quantity, language), certainty))
    added = loose if language in _COMPLETE and not any(each.certain for each in missing) else []
    return NumberReport(
        tuple(sorted(missing, key=lambda each: not each.certain)),
        tuple(each.written for each in added if each.readings[0].low >= _FIRST_ADDED),
        tuple(each.written for each in added if each.readings[0].low >= _FIRST_INVENTED and not _may_be_year(each)),
    )


def count_numbers(source: str) -> int:
    """How many numbers and designations of a Chinese text its translation should say; "two of them" may go."""
    source = _ENDLESS.sub(" ", unicodedata.normalize("NFKC", source[:_LONGEST]))
    names = designations(source)
    return len(names) + sum(each.weight != "soft" for each in read_quantities(without(source, names)))


def _may_be_year(said: Said) -> bool:
    return re.fullmatch(r"(?:1\d|20)\d\d", said.written) is not None


def _read(target: str, language: str) -> Sequence[Said]:
    reader = _READERS.get(language)
    return reader(target) if reader else read_said(target, LEXICONS.get(language, Lexicon()))


def _beside(source: str, rest: str) -> tuple[Range, ...]:
    """What any digit of the source may say, and any numeral that was not read, in idioms and names: no evidence."""
    small = [Decimal(HAN_DIGITS[letter]) for letter in source if letter in HAN_DIGITS]
    small += numerals_in(rest)
    small += [Decimal(2) for letter in source if letter in "双对俩倍另二两"]
    small += [Decimal("0.5") for letter in source if letter == "半"] + [
        Decimal(10) for letter in source if letter == "十"
    ]
    rows = [Decimal(row[:18]) for row in re.findall(r"\d+", source)]
    percents = [Decimal(value) / 100 for value in (*small, *rows)]
    periods = [24, 7, 12, 365] if re.search("天|小时|周|年", source) else []
    minutes = [15, 30, 45] if "点" in source else []
    return exactly(*small, *rows, *percents, 1, *periods, *minutes)


def _is_said(quantity: Quantity, said: Sequence[Said], target: str, language: str, *, percent: bool) -> bool:
    if any(_says(each, quantity, percent) for each in said):
        return True
    if quantity.parts and all(any(_meets(each.readings, exactly(part)) for each in said) for part in quantity.parts):
        return True
    # Months have names that are not known in every language.
    return quantity.month is not None and not LEXICONS.get(language, Lexicon()).months and language not in _READERS


def _says(each: Said, quantity: Quantity, percent: bool) -> bool:
    if _meets(each.readings, quantity.accepts):
        return True
    # "20 to 30 percent" says percent once; "ร้อยละ 20" before the number.
    return quantity.percent is not None and percent and _meets(each.readings, exactly(quantity.percent))


def _meets(some: Sequence[Range], others: Sequence[Range]) -> bool:
    return any(one.meets(other) for one in some for other in others)


def _certainty(quantity: Quantity, language: str, loose: Sequence[Said]) -> bool | None:
    """Whether a number that was not found is an error; None if it needs no word at all."""
    if language in _COMPLETE or language in _READERS:
        if quantity.weight == "strict" or loose:
            return True
        return False if quantity.weight == "firm" else None
    if quantity.weight == "soft":
        return None
    return quantity.weight == "strict" and language in LEXICONS and bool(loose)


def _wanted(quantity: Quantity, language: str) -> str:
    if quantity.percent is not None:
        return f"{quantity.percent.normalize():f}%"
    if quantity.parts:
        return f"{quantity.parts[0]}/{quantity.parts[1]}"
    first = quantity.accepts[0]
    if first.low == first.high:
        return written(first.low, language)
    # 19.99 is short of 20: a person and a model are told whole numbers.
    low, high = (each.quantize(Decimal(1)) if each >= _FIRST_ADDED else each for each in (first.low, first.high))
    return f"{written(low, language)}–{written(high, language)}"


def _period(name: str, said: Sequence[Said]) -> bool:
    """Q3 may be "the third quarter"."""
    match = _NAMED_PERIOD.match(name)
    return match is not None and any(_meets(each.readings, exactly(match[1])) for each in said)


def _bare(text: str) -> str:
    return re.sub(r"[\s.\-‐‑–]", "", text).casefold()
