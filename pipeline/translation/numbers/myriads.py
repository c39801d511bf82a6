"""The numbers of a Japanese, Korean or Traditional Chinese text, which count in myriads: 10億, 3억 5천만, 三萬."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from pipeline.translation.numbers.alphabetic import PERCENT
from pipeline.translation.numbers.chinese import read_quantities
from pipeline.translation.numbers.numerals import DIGITS, HAN_DIGITS, numeral
from pipeline.translation.numbers.values import Range, Said, about, between, exactly

_TRADITIONAL = str.maketrans("億萬兩幾數點半個餘來參壹貳", "亿万两几数点半个余来三一二")
_HANGUL = str.maketrans("영공일이삼사오육륙칠팔구십백천만억조", "零零一二三四五六六七八九十百千万亿兆")

_H = "零〇一二两三四五六七八九十百千万亿兆"
_S = "零〇一二三四五六七八九"
_HAN = rf"(?:{DIGITS}|[{_H}])(?:\s?{DIGITS}(?=\s?[万亿兆千百])|{DIGITS}|[{_H}])*"

# Japanese counters: a numeral in characters before one is a number beyond doubt.
_COUNTERS = (
    "年|[かカヶケ箇ヵ个]月|月|日|週|時間|分(?!野|析|類|解|散|離|か|け|の|に|な|だ)|秒|歳|才|人(?!間|工|気)|個|台|つ(?!の間)|社|回|本|枚|行|件|倍|種|章|"
    "点|冊|杯|匹|頭|隻|機|基|校|店|ドル|円|ユーロ|元|キロ|メートル|トン|グラム|名|世紀|つ目|番目|位|度|章|巻|層|段|カ国|か国|ヶ国"
)
_NATIVE_JAPANESE = {
    "半分": "0.5", "半数": "0.5", "半減": "0.5", "半ば": "0.5", "半年": "0.5,6", "半世紀": "50", "ふたつ": "2",
    "みっつ": "3", "よっつ": "4",
    "いつつ": "5", "ふたり": "2", "両方": "2", "両者": "2", "双方": "2", "両": "2", "倍": "2", "ダブル": "2",
    "ツイン": "2", "ペア": "2",
    "トリプル": "3", "ダース": "12", "元年": "1", "ゼロ": "0", "初": "1", "ミリオン": "1000000",
    "ビリオン": "1000000000", "半": "0.5",
}  # fmt: skip
_NATIVE_KOREAN_TENS = {
    "열": 10,
    "스물": 20,
    "스무": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_NATIVE_KOREAN_ONES = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4, "다섯": 5,
    "여섯": 6, "일곱": 7,
    "여덟": 8, "아홉": 9,
}  # fmt: skip
_KOREAN_COUNTERS = (
    "개|명|번|배|달|살|시간|시(?!작|장|스|도|절)|대(?!부분|학|표|한|신)|줄|권|마리|장|가지|사람|곳|종류|차례|그루|잔|"
    "병|쪽|해|분(?!야|석|위)|쌍|군데|단계|편|건|켤레|행|년|월|일|세|회|"
    "주|층|호|위|달러|원|위안|엔|유로|킬로|미터|톤|배나|여"
)
_KOREAN_WORDS = {"절반": "0.5", "반년": "0.5,6", "반": "0.5", "갑절": "2", "배로": "2", "배가": "2", "더블": "2",
    "트리플": "3", "양쪽": "2", "모두": "2", "둘다": "2",
                 "두세": "2,3", "서너": "3,4", "너댓": "4,5", "대여섯": "5,6", "예닐곱": "6,7", "일고여덟": "7,8",
                 "여덟아홉": "8,9",
                 "이삼": "2,3", "삼사": "3,4", "사오": "4,5", "오륙": "5,6", "칠팔": "7,8", "팔구": "8,9"}  # fmt: skip


def read_japanese(text: str) -> list[Said]:
    """Every number of a Japanese text, in its order."""
    return _read(text.translate(_TRADITIONAL), _JAPANESE)


def read_chinese(text: str) -> list[Said]:
    """Every number of a Chinese text in traditional characters, read as the source is."""
    return [
        Said(each.written, each.accepts, each.weight != "soft")
        for each in read_quantities(text.translate(_TRADITIONAL))
    ]


def read_korean(text: str) -> list[Said]:
    """Every number of a Korean text, in its order."""
    return _read(text, _KOREAN)


Builder = Callable[["re.Match[str]"], "Said | None"]
Forms = tuple[tuple[re.Pattern[str], Builder], ...]


def _read(text: str, forms: Forms) -> list[Said]:
    found: list[tuple[int, Said]] = []
    for pattern, build in forms:
        taken = []
        for match in pattern.finditer(text):
            if (said := build(match)) is not None:
                found.append((match.start(), said))
                taken.append(match.span())
        for start, end in taken:
            text = text[:start] + "\x00" * (end - start) + text[end:]
    return [said for _, said in sorted(found, key=lambda pair: pair[0])]


def _numeral(text: str) -> Decimal | None:
    return numeral(re.sub(r"\s", "", text.translate(_HANGUL)))


def _fraction(match: re.Match[str]) -> Said | None:
    below, above = _numeral(match[1]), _numeral(match[2])
    return Said(match[0], about(above / below), False) if below and above else None


def _tenths(match: re.Match[str]) -> Said | None:
    value = _numeral(match[1])
    return Said(match[0], exactly(value / 10), True) if value is not None and value <= 10 else None


def _some(match: re.Match[str]) -> Said | None:
    one = _numeral(match[1])
    return Said(match[0], between(one, one * Decimal("9.99")), one >= 100) if one else None


def _ten_and_more(match: re.Match[str]) -> Said | None:
    scale = (_numeral(match[1]) or Decimal(1)) if match[1] else Decimal(1)
    return Said(match[0], between(10 * scale, 20 * scale), scale > 1)


def _and_half(match: re.Match[str]) -> Said | None:
    value = _numeral(match[1])
    if value is None:
        return None
    return Said(match[0], exactly(value + Decimal("0.5"), value, (value + Decimal("0.5")) * 12), False)


def _digits(match: re.Match[str]) -> Said | None:
    value = _numeral(match[1])
    if value is None:
        return None
    readings = _percent(match, exactly(value))
    if re.match(r"[KMB]", match.string[match.end() : match.end() + 1]):
        factor = {"K": 10**3, "M": 10**6, "B": 10**9}[match.string[match.end()]]
        readings += exactly(value * factor)
    before = match.string[max(0, match.start() - 1) : match.start()]
    named = bool(re.search(r"[A-Za-z][A-Za-z0-9.\-]*$", match.string[max(0, match.start() - 30) : match.start()]))
    short = len(match[1]) == 2 and (before in ("'", "’") or match.string[match.end() : match.end() + 1] in ("年", "년"))
    if short:
        readings += exactly(1900 + value, 2000 + value)
    return Said(match[0], readings, sure=not named)


def _percent(match: re.Match[str], readings: tuple[Range, ...]) -> tuple[Range, ...]:
    if PERCENT.match(match.string, match.end()):
        return tuple(reading.times(Decimal("0.01")) for reading in readings)
    return readings


def _han(match: re.Match[str]) -> Said | None:
    """A numeral in characters; it may be a part of a word (`千葉`, `百貨店`), unless a counter follows."""
    value = _numeral(match[1])
    if value is None:
        return None
    counted = re.compile(_COUNTERS).match(match.string, match.end()) is not None
    large = len(match[1]) > 1 and value >= 100
    counted = counted and not match.string.startswith("十分", match.start())  # "enough", or ten minutes
    return Said(match[0], _percent(match, exactly(value)), sure=(counted or large) and value > 1)


def _hangul(match: re.Match[str]) -> Said | None:
    value = _numeral(match[1])
    if value is None:
        return None
    counted = re.compile(r"\s?(?:" + _KOREAN_COUNTERS + ")").match(match.string, match.end()) is not None
    return Said(match[0], _percent(match, exactly(value)), sure=counted and len(match[1]) > 1)


def _native(match: re.Match[str]) -> Said | None:
    value = _NATIVE_KOREAN_TENS.get(match[1] or "", 0) + _NATIVE_KOREAN_ONES.get(match[2] or "", 0)
    if not value:
        return None
    counted = re.compile(rf"\s?(?:{_KOREAN_COUNTERS})").match(match.string, match.end()) is not None
    return Said(match[0], exactly(value), sure=counted and value > 1)


def _native_and_half(match: re.Match[str]) -> Said:
    half = _NATIVE_KOREAN_ONES[match[1]] + Decimal("0.5")
    return Said(match[0], exactly(half, half * 12), False)


def _listed(table: dict[str, str]) -> Builder:
    def build(match: re.Match[str]) -> Said:
        return Said(match[0], exactly(*table[match[0]].split(",")), False)

    return build


def _form(pattern: str, build: Builder) -> tuple[re.Pattern[str], Builder]:
    return re.compile(pattern), build


def _alternatives(table: dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_SCALE = "[十百千万亿兆]"
_SPOKEN = rf"([{_S}])(?:[、,・]\s?)([{_S}])(?={_SCALE}|{_COUNTERS})"


def _either(match: re.Match[str]) -> Said:
    return Said(match[0], between(HAN_DIGITS[match[1]], HAN_DIGITS[match[2]]), False)


_JAPANESE: Forms = (
    _form(rf"({_HAN})分の({_HAN})", _fraction),
    _form(rf"({_HAN})分之({_HAN})", _fraction),
    _form(rf"({DIGITS}|[{_S}])割(?!り|合|当|れ|る|く|け|込)", _tenths),
    _form(
        r"(?:二|2)(?:、|,)?(?:三|3)(?=年|人|個|日|カ月|か月|回|社)", lambda match: Said(match[0], between(2, 3), False)
    ),
    _form(rf"(?<!十)(?:数|何|几)({_SCALE}+)", _some),
    _form(rf"(?:十|10)(?:数|几|余)(?:年|个)?({_SCALE}*)", _ten_and_more),
    _form(rf"({_HAN})(?:年|[かカヶヵ个]月|時間|倍|時|点|年間)半", _and_half),
    _form(_SPOKEN, _either),
    _form(rf"((?=[{_H}]*\d)(?<![\d.])(?:{_HAN}))", _digits),
    _form(rf"((?:[{_H}])[{_H}]*)", _han),
    _form(_alternatives(_NATIVE_JAPANESE), _listed(_NATIVE_JAPANESE)),
)

_K = "영공일이삼사오육륙칠팔구"
_KSCALE = "[십백천만억조]"
_KALL = f"{_K}십백천만억조"
_KOREAN_PART = rf"\s?{DIGITS}\s?{_KSCALE}+|\s?[{_K}]*{_KSCALE}+(?![가-힣])|\s?{DIGITS}(?!\s?{_KSCALE})"
_KOREAN_NUMBER = rf"{DIGITS}(?:\s?{_KSCALE}+)(?:{_KOREAN_PART})*|{DIGITS}"
_KOREAN: Forms = (
    _form(rf"({DIGITS}|[{_K}십백천만]+)\s?분의\s?({DIGITS}|[{_K}]십?)", _fraction),
    _form(rf"({DIGITS})\s?할(?=[\s이은을의,.]|$)", _tenths),
    _form(rf"(?<!십)(?:수|몇\s?)({_KSCALE}+)", _some),
    _form(rf"십\s?(?:여|몇|수)\s?({_KSCALE}*)", _ten_and_more),
    _form(rf"({DIGITS})\s?(?:년|개월|시간|배|시)\s?반", _and_half),
    _form(rf"(?<![가-힣])({'|'.join(_NATIVE_KOREAN_ONES)})\s?(?:해|달|시간|배|시)\s?반", _native_and_half),
    _form(rf"(?<![\d.])({_KOREAN_NUMBER})", _digits),
    _form(
        rf"(?<![가-힣])((?=[{_KALL}\s]*{_KSCALE})[{_KALL}]+(?:\s[{_KALL}]*{_KSCALE}(?=\s|[가-힣]{{1,3}}))*)",
        _hangul,
    ),
    _form(rf"(?<![가-힣])(?:{_alternatives(_KOREAN_WORDS)})", _listed(_KOREAN_WORDS)),
    _form(
        rf"(?<![가-힣])(열|스물|스무|서른|마흔|쉰|예순|일흔|여든|아흔)?(하나|다섯|여섯|일곱|여덟|아홉|한|둘|두|셋|세|석|넷|네|넉)?"
        rf"(?=\s?(?:{_KOREAN_COUNTERS})|[\s,.이가은는을를의]|$)(?<=[가-힣])",
        _native,
    ),
    _form(rf"(?<![가-힣])([{_K}])(?=\s?(?:{_KOREAN_COUNTERS}))", _hangul),
)  # fmt: skip
