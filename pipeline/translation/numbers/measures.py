"""Units of measure: 42公里 is 26 miles, and not 42 miles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pipeline.translation.numbers.chinese import read_quantities

_LONGEST = 1500  # characters; a sentence has a hundred
# Every unit as (dimension, Chinese, English, Japanese, Korean, Spanish). The order counts: what a row has matched is
# closed to the next (毫米 is no 米).
_TABLE: Mapping[str, tuple[str, ...]] = {
    "km": ("length", "公里|千米", r"kilomet(?:er|re)s?|km", "キロメートル|キロ(?!グラム|バイト)|km",
           "킬로미터|km", r"kil[óo]metros?|km"),
    "mm": ("length", "毫米", r"millimet(?:er|re)s?|mm", "ミリメートル|ミリ(?!秒|リットル)|mm",
           "밀리미터|mm", r"mil[íi]metros?|mm"),
    "µm": ("length", "微米", r"micromet(?:er|re)s?|microns?|[µμ]m", "マイクロメートル|ミクロン|[µμ]m",
           "마이크로미터|미크론|[µμ]m",
           r"micr[óo]metros?|micras?|[µμ]m"),
    "nm": ("length", "纳米", r"nanomet(?:er|re)s?|nm", "ナノメートル|ナノ|nm",
           "나노미터|나노|nm", r"nan[óo]metros?|nm"),
    "cm": ("length", "厘米", r"centimet(?:er|re)s?|cm", "センチメートル|センチ|cm",
           "센티미터|센티|cm", r"cent[íi]metros?|cm"),
    "mile": ("length", "英里", r"miles?", "マイル", "마일", "millas?"),
    "inch": ("length", "英寸", r"inch(?:es)?|in\b", "インチ", "인치", "pulgadas?"),
    "foot": ("length", "英尺", r"f(?:oo|ee)t|ft", "フィート", "피트", r"pies?"),
    "m": ("length", "米(?![饭粉])", r"met(?:er|re)s?|m\b", "メートル", "미터", r"metros?|m\b"),
    "kg": ("mass", "公斤|千克", r"kilograms?|kilos?|kg", "キログラム|キロ(?!メートル)|kg",
           "킬로그램|킬로|kg", r"kilogramos?|kilos?|kg"),
    "mg": ("mass", "毫克", r"milligrams?|mg", "ミリグラム|mg", "밀리그램|mg", r"miligramos?|mg"),
    "g": ("mass", "克(?![服隆拉里])", r"grams?|g\b", "グラム", "그램", r"gramos?|g\b"),
    "ton": ("mass", "吨", r"(?:metric )?ton(?:ne)?s?", "トン", "톤", "toneladas?"),
    "pound": ("mass", "英磅|磅", r"pounds?|lbs?", "ポンド", "파운드", "libras?"),
    "ns": ("time", "纳秒", r"nanoseconds?|ns", "ナノ秒", "나노초", "nanosegundos?"),
    "µs": ("time", "微秒", r"microseconds?|[µμ]s", "マイクロ秒", "마이크로초", "microsegundos?"),
    "ms": ("time", "毫秒", r"milliseconds?|ms", "ミリ秒", "밀리초", "milisegundos?"),
    "s": ("time", "秒钟?", r"seconds?", "秒", "(?<![가-힣])초", "segundos?"),
    "min": ("time", "分钟", r"minutes?|mins?", "分(?!野|析|類|解|散|離|か|け|の|に|な)", "분(?!야|석|위)", "minutos?"),
    "h": ("time", "个?小时|个?钟头", r"hours?|hrs?", "時間", "시간", "horas?"),
    "day": ("time", "天(?![才气空然线上下])", r"days?", "日(?!本)", "일(?![반상])|날", r"d[íi]as?"),
    "week": ("time", "周(?![围边末])|个?星期(?![一二三四五六日天])", r"weeks?", "週間?", "주일?", "semanas?"),
    "month": ("time", "个月", r"months?", "[かカヶケ]月", "개월|달", "mes(?:es)?"),
    "year": ("time", "年(?![代级轻底初末前])", r"years?", "年", "년", "años?"),
    "W": ("power", "瓦特?(?!解)", r"watts?|W\b", "ワット", "와트", "vatios?|W"),
    "kW": ("power", "千瓦(?!时)", r"kilowatts?|kW\b", "キロワット(?!時)", "킬로와트(?!시)", r"kilovatios?|kW"),
    "MW": ("power", "兆瓦", r"megawatts?|MW\b", "メガワット", "메가와트", r"megavatios?|MW"),
    "GW": ("power", "吉瓦", r"gigawatts?|GW\b", "ギガワット", "기가와트", r"gigavatios?|GW"),
}  # fmt: skip
_LANGUAGES = {"en": 2, "ja": 3, "ko": 4, "es": 5}
# Longer words first: 千瓦 before 瓦, milliseconds before seconds.
_ORDER = sorted(_TABLE, key=lambda unit: -len(_TABLE[unit][1]))
# "Thirty-six months" are three years: where neither side has a figure, the next smaller unit may be a conversion.
_CONVERTED = {
    ("year", "month"),
    ("month", "day"),
    ("month", "week"),
    ("week", "day"),
    ("day", "h"),
    ("h", "min"),
    ("min", "s"),
}
_FIGURE = re.compile(r"\d[\d,.]*")


def compare_units(source: str, target: str, language: str) -> tuple[str, str] | None:
    """(the unit in the translation, the unit in the source) where one has taken another's place, or None.

    A quantity that is converted is right (`compare_numbers` judges its value), so is one whose unit is said in another
    way. Wrong is the source's own figure, or no figure, with only other units of the same dimension.

    Arguments:
        language: the target's primary subtag; English, Japanese, Korean and Spanish are judged.
    """
    if language not in _LANGUAGES:
        return None
    source, target = (unicodedata.normalize("NFKC", text[:_LONGEST]) for text in (source, target))
    measured = _measured(source)
    said = _said(target, _LANGUAGES[language]) if measured else []
    for unit, figure in measured:
        dimension = _TABLE[unit][0]
        others = [(other, value) for other, value in said if _TABLE[other][0] == dimension]
        if not others or any(other == unit for other, _ in others):
            continue
        for other, value in others:
            if value == figure and (value or (_vague(target) and (unit, other) not in _CONVERTED)):
                return other, unit
    return None


def _measured(source: str) -> list[tuple[str, str]]:
    """The units of the source's quantities, each with its figure; empty where it is in words, or vague."""
    found = []
    for quantity in read_quantities(source):
        tail = source[quantity.start : quantity.end + 4]
        for unit in _ORDER:
            if match := re.search(rf"(?:[\d零〇一二两三四五六七八九十百千万亿几多余]|个)({_TABLE[unit][1]})", tail):
                if re.fullmatch(r"\d{4}", _plain(tail)) and unit == "year":
                    break  # a date
                if match.start() <= quantity.end - quantity.start:
                    found.append((unit, _plain(tail)))
                break
    return found


def _said(target: str, column: int) -> list[tuple[str, str]]:
    """The units that a translation names, each with the figure right before it, if it has one."""
    found = []
    for unit in sorted(_TABLE, key=lambda each: -len(_TABLE[each][column])):
        pattern = re.compile(
            rf"(?:(?<![\d,.])(\d[\d,.]{{0,20}})[\s-]{{0,2}})?(?<![A-Za-zÀ-ÿ])(?:{_TABLE[unit][column]})(?![A-Za-zÀ-ÿ])"
        )
        found += [(unit, (match[1] or "").strip(".,").replace(",", "")) for match in pattern.finditer(target)]
        target = pattern.sub("\x00", target)
    return found


def _plain(text: str) -> str:
    match = _FIGURE.match(text)
    return match[0].strip(".,").replace(",", "") if match else ""


def _vague(target: str) -> bool:
    """Whether the translation has no figure at all: "tens of milliseconds"."""
    return _FIGURE.search(target) is None
