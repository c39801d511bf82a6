"""A value as a language writes it: `10 billion`, `100億`, `10 Milliarden`, `150.000`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from pipeline.translation.numbers.chinese import designations, read_quantities, without

_LONGEST = 1500  # characters; a sentence has a hundred
# What stands between thousands where it is not a comma.
_GROUPING = {"es": ".", "de": ".", "pt": ".", "id": ".", "vi": ".", "fr": " ", "ru": " ", "uk": " "}
_MYRIADS = {
    "ja": (("億", 10**8), ("万", 10**4)),
    "ko": (("억", 10**8), ("만", 10**4)),
}
_LARGE = {
    "en": (("trillion", 10**12), ("billion", 10**9), ("million", 10**6)),
    "es": (("millones", 10**6),),
    "fr": (("milliards", 10**9), ("millions", 10**6)),
    "de": (("Milliarden", 10**9), ("Millionen", 10**6)),
    "id": (("miliar", 10**9), ("juta", 10**6)),
    "vi": (("tỷ", 10**9), ("triệu", 10**6)),
}
# 几十亿, 上亿: how many nobody says, and small models take the words apart. 十几亿 and 人数万 are none of them.
_VAGUE = re.compile(
    r"(?<![\d一二两三四五六七八九十百千万亿第])(?:好?几|(?<![函参人分次总小少多指系代岁])数|(?<![以之])上)"
    r"(?:(?P<tens>[十百千]?)(?P<unit>[万亿])|(?P<small>十(?!年)|[百千]))(?![\d一分万亿多来余])"
    r"(?P<measure>[台家个颗块名位条部辆架只张枚款行](?=[\u4e00-\u9fff]))?"
)
_TENS = {"": 1, "十": 10, "百": 100, "千": 1000}
_UNITS = {"万": 10**4, "亿": 10**8}
_VAGUE_WORDS = {
    "en": (
        "dozens of", "hundreds of", "thousands of",
        "tens of thousands of", "hundreds of thousands of", "millions of", "tens of millions of",
        "hundreds of millions of", "billions of", "tens of billions of", "hundreds of billions of",
    ),
    "es": (
        "decenas de", "cientos de", "miles de",
        "decenas de miles de", "cientos de miles de", "millones de", "decenas de millones de",
        "cientos de millones de", "miles de millones de", "decenas de miles de millones de",
        "cientos de miles de millones de",
    ),
}  # fmt: skip
_ENGLISH_WORDS = {
    word: str(value)
    for value, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_ENGLISH_LARGE = re.compile(
    rf"(?<![\w.,\-])(?:(?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}(?:\.\d{{1,3}})?)|(?P<word>{'|'.join(_ENGLISH_WORDS)}))"
    r"[ -](?P<unit>million|billion|trillion)\b",
    re.IGNORECASE,
)


def with_values(source: str, language: str) -> str:
    """The text with its numbers in 万 and 亿 as the target language writes them: `100亿颗` → `10 billion颗`,
    and in English and Spanish `几十亿台设备` → `billions of 设备`.

    Small models get these wrong by a factor of ten, even when they are told the value beside the text; a value
    in the text they copy. Languages whose words for large numbers are unknown get digits.
    """
    text = unicodedata.normalize("NFKC", source)
    if len(text) > _LONGEST:
        return source
    if len(text) != len(source):  # the places would be wrong
        source = text
    for quantity in reversed(read_quantities(without(text, designations(text)))):
        numeral = quantity.written.rstrip(_not_numeral(quantity.written))
        if quantity.exact is not None and numeral[-1:] in ("万", "亿"):
            end = quantity.start + len(numeral)
            source = source[: quantity.start] + written(quantity.exact, language) + source[end:]
    return with_sizes(source, language)


def with_sizes(source: str, language: str) -> str:
    """The text with sizes that nobody counts in words of English or Spanish: `几十亿台设备` → `billions of 设备`."""
    words = _VAGUE_WORDS.get(language)
    return source if words is None else _VAGUE.sub(lambda match: _vague(match, words), source)


def _vague(match: re.Match[str], words: Sequence[str]) -> str:
    """The words for tens and all above, by their power of ten."""
    value = _TENS[match["small"] or match["tens"]] * _UNITS.get(match["unit"], 1)
    said = words[len(str(value)) - len("10")]
    follows = match.string[match.end() :][:1].isalpha()
    return f"{said} " if follows else said.rsplit(" ", 1)[0]


def with_english_values(source: str, language: str) -> str:
    """English with its large numbers as the target language writes them: `10 billion chips` → `100億 chips`.

    Where a language has no word between a thousand and a thousand million of its own, models take the English word
    for theirs: 10 billion becomes 10億, `10 billones`. Languages whose words are unknown here get the text as it is.
    """
    language = language.split("-")[0]
    if language == "en" or language not in {**_MYRIADS, **_LARGE} or len(source) > _LONGEST:
        return source
    return _ENGLISH_LARGE.sub(lambda match: _rewritten(match, language), source)


def _rewritten(match: re.Match[str], language: str) -> str:
    number = match["digits"].replace(",", "") if match["digits"] else _ENGLISH_WORDS[match["word"].casefold()]
    return written(Decimal(number) * dict(_LARGE["en"])[match["unit"].casefold()], language)


def _not_numeral(text: str) -> str:
    return "".join(
        {letter for letter in text if not letter.isdecimal() and letter not in "零〇一二两三四五六七八九十百千万亿"}
    )


def written(value: Decimal, language: str) -> str:
    """The value as the language (primary subtag) writes it, the words for large numbers included."""
    for word, factor in _MYRIADS.get(language, ()):
        if value >= factor:
            return f"{_digits(value / factor)}{word}"
    for word, factor in _LARGE.get(language, ()):
        if value >= factor and len(_digits(value / factor)) <= 5:
            return f"{_digits(value / factor)} {word}"
    if value != value.to_integral():
        return _digits(value)
    return f"{value:,.0f}".replace(",", _GROUPING.get(language, ","))


def _digits(value: Decimal) -> str:
    return format(value.normalize(), "f")
