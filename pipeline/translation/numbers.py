"""Numbers by value: what a Chinese text says, and which of it a translation lacks.

`1000万`, `10 million` and `1,000만` are one value. Only numbers that are written exactly are looked for: digits
with or without 万 or 亿, and Chinese numerals from a hundred up. `几百万`, `上亿` and `八九年` are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import cn2an

_HAN_MULTIPLIERS = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "百万": 10**6, "千万": 10**7, "万亿": 10**12}
_SOURCE_NUMBER = re.compile(r"(?<![A-Za-z0-9.\-])(\d[\d,]*(?:\.\d+)?)(万亿|千万|百万|亿|万|千|百)?")
_HAN_NUMERAL = re.compile(
    r"(?<![几数上成多第\d半])[一二两三四五六七八九][零一二两三四五六七八九十百千万亿]*[百千万亿][零一二三四五六七八九十百千万亿]*(?![几多来数余])"
)
# A designation such as x86, RVA23, DO-178B or GPT-4.5: its digits are part of a name.
_DESIGNATION = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9.\-]*[A-Za-z])(?=[A-Za-z0-9.\-]*\d)[A-Za-z][A-Za-z0-9.\-]*[A-Za-z0-9]"
)

_TARGET_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")

# Multipliers that follow digits or a number word, by language; longest first in the pattern below.
_MULTIPLIERS: dict[str, dict[str, int]] = {
    "en": {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
           "k": 10**3, "m": 10**6, "bn": 10**9, "b": 10**9},
    "ja": {"百": 100, "千": 1000, "万": 10**4, "億": 10**8, "兆": 10**12, "百万": 10**6, "千万": 10**7},
    "ko": {"백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12, "백만": 10**6, "천만": 10**7},
    "zh": {"百": 100, "千": 1000, "萬": 10**4, "億": 10**8, "兆": 10**12, "百萬": 10**6, "千萬": 10**7,
           "万": 10**4, "亿": 10**8},
    "es": {"mil": 10**3, "millón": 10**6, "millones": 10**6, "mil millones": 10**9, "billones": 10**12},
    "fr": {"cents": 100, "mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    "de": {"tausend": 10**3, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    "pt": {"mil": 10**3, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9,
           "mil milhões": 10**9},
    "ru": {"тысяч": 10**3, "тысячи": 10**3, "тысяча": 10**3, "миллион": 10**6, "миллиона": 10**6,
           "миллионов": 10**6, "миллиард": 10**9, "миллиарда": 10**9, "миллиардов": 10**9},
    "vi": {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9},
    "id": {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12},
}  # fmt: skip


def _counted(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: start + step * place for place, word in enumerate(words.split())}


_WORDS: dict[str, dict[str, int]] = {
    "en": {
        **_counted("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"),
        **_counted("sixteen seventeen eighteen nineteen", 16),
        **_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
        **_counted("first second third fourth fifth sixth seventh eighth ninth tenth", 1),
        "once": 1,
        "twice": 2,
        "a": 1,
        "dozen": 12,
    },
    "es": {
        **_counted("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
        "un": 1,
        "una": 1,
        "cien": 100,
    },
}


def missing_numbers(source: str, target: str, language: str) -> tuple[str, ...]:
    """The numbers and designations of `source`, as it writes them, that `target` does not say.

    Arguments:
        language: the target's primary language subtag. Values with 万 or 亿 are looked for only in languages
            whose words for large numbers are known; digits are looked for in all.
    """
    source, target = unicodedata.normalize("NFKC", source), unicodedata.normalize("NFKC", target)
    designations = _DESIGNATION.findall(source)
    plain = _DESIGNATION.sub(" ", source)
    said = _target_values(target, language)
    missing = [word for word in designations if _bare(word) not in _bare(target)]
    for written, value, scaled in _source_values(plain):
        if scaled and language not in _MULTIPLIERS:
            continue
        if value not in said:
            missing.append(written)
    return tuple(missing)


def with_values(source: str, language: str) -> str:
    """The text with its numbers in 万 and 亿 as the target language writes them: `100亿颗` → `10 billion颗`.

    Small models get these wrong by a factor of ten, even when they are told the value beside the text; a value
    in the text they copy. Languages whose words for large numbers are unknown get digits.
    """
    for written, value, scaled in sorted(_source_values(_DESIGNATION.sub(" ", source)), key=lambda each: -len(each[0])):
        if scaled and re.search("[万亿]", written):
            source = source.replace(written, _written(value, language))
    return source


def _written(value: Decimal, language: str) -> str:
    if language in _MYRIADS:
        for word, factor in _MYRIADS[language]:
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


def _source_values(text: str) -> list[tuple[str, Decimal, bool]]:
    """(as written, value, whether a Chinese multiplier is in it) of every exact number."""
    found = [
        (match[0], Decimal(match[1].replace(",", "")) * _HAN_MULTIPLIERS.get(match[2] or "", 1), bool(match[2]))
        for match in _SOURCE_NUMBER.finditer(text)
    ]
    for match in _HAN_NUMERAL.finditer(text):
        try:
            found.append((match[0], Decimal(str(cn2an.cn2an(match[0], "normal"))), True))
        except ValueError:  # not a well-formed numeral after all, as 百分之百
            continue
    return found


def _target_values(text: str, language: str) -> set[Decimal]:
    """Every value that the text can be read to say."""
    values: set[Decimal] = set()
    multipliers = _MULTIPLIERS.get(language, {})
    for match in _TARGET_NUMBER.finditer(text):
        readings = _readings(match[0])
        values |= readings
        values |= {each * factor for each in readings for factor in _factors(text[match.end() :], multipliers)}
        values |= _east_asian(text, match, multipliers)
    words = _WORDS.get(language, {})
    lowered = text.casefold()
    for word in re.finditer(r"[^\W\d_]+", lowered):
        if (value := words.get(word[0])) is None:
            continue
        tens_and_ones = re.match(r"[\s\-]+([^\W\d_]+)", lowered[word.end() :])
        options = {Decimal(value)}
        if tens_and_ones and value >= 20 and words.get(tens_and_ones[1], 99) < 10:
            options.add(Decimal(value + words[tens_and_ones[1]]))
        values |= options
        values |= {each * factor for each in options for factor in _factors(lowered[word.end() :], multipliers)}
    if language in ("ja", "zh"):
        values |= {value for _, value, _ in _source_values(text.translate(_TO_SIMPLIFIED))}
    return values


_TO_SIMPLIFIED = str.maketrans("億萬兩", "亿万两")


def _readings(token: str) -> set[Decimal]:
    """A number as it may be meant: `150.000` is 150 in one language and 150 000 in another."""
    grouped = re.sub(r"[.,\u00a0\u202f' ](?=\d{3}(?!\d))", "", token)
    candidates = {grouped, token.replace(",", ""), token.replace(".", "").replace(",", "."), token.replace(",", ".")}
    values: set[Decimal] = set()
    for candidate in candidates:
        try:
            values.add(Decimal(re.sub(r"[\s']", "", candidate)))
        except InvalidOperation:
            continue
    return values


def _factors(rest: str, multipliers: dict[str, int]) -> set[Decimal]:
    """What the words right after a number multiply it by; `mil millones` and `hundred million` chain."""
    factors: set[Decimal] = set()
    total = Decimal(1)
    rest = rest[:60].casefold()
    while match := re.match(r"[\s\-\u00a0]*([^\W\d_]+)", rest):
        found = max(
            (word for word in multipliers if match[1].startswith(word) and _ends(match[1], word)), key=len, default=""
        )
        if not found:
            break
        total *= multipliers[found]
        factors.add(total)
        rest = rest[match.start(1) + len(found) :]
    return factors


def _ends(word: str, multiplier: str) -> bool:
    """Latin and Cyrillic multipliers are whole words; Japanese and Korean ones are followed by anything."""
    return word == multiplier or (not multiplier.isascii() and ord(multiplier[0]) > 0x2E80)


def _east_asian(text: str, match: re.Match[str], multipliers: dict[str, int]) -> set[Decimal]:
    """`1億5000万`: the sum of two scaled numbers."""
    pair = re.match(r"(\d[\d,]*)\s*([億억])\s*(\d[\d,]*)\s*([万만])", text[match.start() :])
    if not pair or pair[2] not in multipliers:
        return set()
    return {Decimal(pair[1].replace(",", "")) * 10**8 + Decimal(pair[3].replace(",", "")) * 10**4}


def _bare(text: str) -> str:
    return re.sub(r"[\s.\-‐‑–]", "", text).casefold()
