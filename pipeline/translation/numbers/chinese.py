"""The quantities of a Chinese text.

The rule that keeps names and idioms out: a numeral in characters counts only if it is a hundred or more, or if a
measure word follows it. 三星, 五粮液, 统一, 万科, 四川 and 二线 have none. Digits always count. What breaks the rule
(`十分`, `千万别`, `三天两头`) is listed in `_IDIOMS`.

Each form is a pattern and a function from its match to a `Quantity`, in `_FORMS`; a stretch of text that one form has
taken is closed to the later ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from pipeline.translation.numbers.numerals import DIGITS, HAN_DIGITS, MULTIPLIERS, numeral
from pipeline.translation.numbers.values import Quantity, Range, Weight, about, between, exactly

# Words with a numeral and perhaps a measure word that are no quantity.
_IDIOMS = re.compile(
    "十分(?![之钟])|千万(?=别|不[要能可该]|要|得|记|小心|注意|请)|百分之?百|百分比|百分点|万一|万分(?!之)|万能|万物|万万|千千万万|"
    "一[百千万]个(?=放心|不|愿意|理由|为什么)|三天两头|三天打鱼|[一三]两[下天]|三言两语|三三两两|三番[两五]次|接二连三|七七八八|乱七八糟|七上八下|五花八门|四面八方|"
    "四通八达|五颜六色|九牛一毛|九死一生|十全十美|十有八九|十之八九|八九不离十|千方百计|千变万化|千篇一律|千军万马|千辛万苦|"
    "千奇百怪|百年老店|百年大计|百花|百姓|百货|百科|百度|百事|百家|万家|千家万户|万事|万岁|万里长城|万圣|万达|万科|千禧|"
    "一清二楚|一五一十|一石二鸟|一分为二|一心二用|一干二净|独一无二|数一数二|三心二意|三位一体|三个代表|两全其美|两码事|"
    "四大发明|二话不说|说一不二|合二为一|不三不四|丢三落四|朝三暮四|举一反三|低三下四|半斤八两|七零八落|横七竖八|"
    "三角|三明治|四季(?!度)|五官|五月天|六神|七夕|九寨沟|双十一|双十二|二手|二维|三维|二次元|二进制|十六进制|八进制|十进制|"
    "三分钟热度|五分钟热度|二十四小时不间断|二百五|[7七][×xX*]24小?时?|24[×xX*/]7|九九六|一点(?!零*[一二三四五六七八九零])"
)
# A designation such as x86, RVA23, DO-178B or GPT-4.5: its digits are part of a name.
_DESIGNATION = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:RMB|USD|CNY|EUR|JPY|HKD|US|NT)\$?\d)"
    r"(?=[A-Za-z0-9.\-]*[A-Za-z])(?=[A-Za-z0-9.\-]*\d)[A-Za-z][A-Za-z0-9.\-]*[A-Za-z0-9]"
)

_H = "零〇一二两三四五六七八九十百千万亿"
_N = rf"(?:{DIGITS}|[零〇一二两三四五六七八九十])(?:{DIGITS}|[{_H}])*"
_SCALE = "[十百千万亿]"
_NOT_AFTER = r"(?<![\d.])(?<![\d],)"

# Measure words that make a fact of a small number; a translation that leaves it out loses something.
_HARD_UNITS = (
    "年|个?月|周|个?星期|天|日|个?小时|个?钟头|分钟|秒钟?|毫秒|微秒|纳秒|岁|个?世纪|个?季度|元|块钱|美元|美金|欧元|日元|英镑|"
    "韩元|港[元币]|公斤|千克|克|吨|斤|公里|千米|厘米|毫米|微米|纳米|米|英里|英寸|寸|尺|平方米|平方公里|平米|亩|升|毫升|度|"
    "瓦|千瓦|兆|赫兹|字节|比特"
)
_SOFT_UNITS = (
    "个(?![体性别])|人(?![工为类])|位(?!置)|台(?!湾)|家|次(?!元|要|序)|条|行|块|种|款|部(?!分)|本(?!来|身)|页|层|步|章|集|期(?!待)|座|所(?!以|有)|"
    "名|辆|架|艘|颗|粒|只|头|张|片|支|枚|件|套|项|倍|遍|回|场|届|轮|代|篇|句|字|点(?![子儿击赞评])|份|批|组|对|双|门|股|把|根|滴|杯|"
    "瓶|盒|箱|包|桶|楼|室|号|票|户|口|队|班|节|段|道|笔|桩|栋|间|幅|首|届|档|星级|大类"
)
_UNITS = f"{_HARD_UNITS}|{_SOFT_UNITS}"

# 1 of the unit in others that a translation may use.
_CONVERSIONS: dict[str, tuple[str, ...]] = {
    "公里": ("0.6214", "1000"), "千米": ("0.6214",), "米": ("3.2808", "1.0936"), "厘米": ("0.3937",),
    "公斤": ("2.2046",),
    "千克": ("2.2046",), "斤": ("0.5", "1.1023"), "亩": ("0.0667", "0.1647", "666.67"), "平方米": ("10.764",),
    "平米": ("10.764",), "周": ("7",), "小时": ("60",), "个小时": ("60",), "年": ("12",),
}  # fmt: skip

_BELOW_TEN = Decimal("9.99")

Builder = Callable[["re.Match[str]"], "Quantity | None"]


def designations(text: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, name) of every name with digits in it."""
    return tuple((match.start(), match.end(), match[0]) for match in _DESIGNATION.finditer(text))


def without(text: str, spans: tuple[tuple[int, int, str], ...]) -> str:
    """The text with blanks in place of the spans."""
    for start, end, _ in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def numerals_in(text: str) -> list[Decimal]:
    """The values of all numerals in characters, those in idioms and names included."""
    values = (numeral(row) for row in re.findall(rf"[{_H}]+", text))
    return [value for value in values if value is not None]


def read_quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities in a Chinese text (NFKC, names with digits taken out), in its order."""
    text = _IDIOMS.sub(lambda match: "　" * len(match[0]), text)
    found: list[Quantity] = []
    for pattern, build in _FORMS:
        spans = []
        for match in pattern.finditer(text):
            quantity = build(match)
            if quantity is not None:
                found.append(quantity)
                spans.append((quantity.start, quantity.end, ""))
        text = without(text, tuple(spans)).replace(" ", "　") if spans else text
    return tuple(sorted(found, key=lambda each: each.start))


def _quantity(match: re.Match[str], accepts: tuple[Range, ...], weight: Weight, **more: object) -> Quantity:
    return Quantity(match.start(), match.end(), match[0], accepts, weight, **more)  # type: ignore[arg-type]


def _per_cent(match: re.Match[str]) -> Quantity | None:
    whole = {"百": 100, "千": 1000, "万": 10_000}.get(match[1] or "", 1000 if match[0][-1] == "‰" else 100)
    value = _decimal(match[2] or match[3])
    if value is None:
        return None
    ratio = value / whole
    accepts = (*about(ratio, "0.002"), *(exactly(2) if ratio == 1 else ()))
    weight: Weight = "firm" if ratio == 1 else "strict"  # "100 percent" is also "all of it"
    if whole == 100:
        return _quantity(match, accepts, weight, percent=value)
    return _quantity(match, accepts, weight, parts=(value, Decimal(whole)))


def _decimal(text: str) -> Decimal | None:
    whole, point, rest = text.partition("点")
    value = numeral(whole)
    if value is None or not point:
        return value
    return Decimal(f"{value.to_integral()}.{''.join(str(HAN_DIGITS[digit]) for digit in rest)}")


def _fraction(match: re.Match[str]) -> Quantity | None:
    below, above = numeral(match[1]), numeral(match[2])
    return _ratio(match, above, below)


def _slash(match: re.Match[str]) -> Quantity | None:
    return _ratio(match, Decimal(match[1]), Decimal(match[2]))


def _ratio(match: re.Match[str], above: Decimal | None, below: Decimal | None) -> Quantity | None:
    if not above or not below:
        return None
    return _quantity(match, about(above / below), "strict", parts=(above, below))


def _tenths(match: re.Match[str]) -> Quantity | None:
    values = [HAN_DIGITS.get(digit) or int(digit) for digit in match[1]]
    low, high = Decimal(values[0]) / 10, Decimal(values[-1]) / 10
    return _quantity(match, (*between(low, high), *between(low * 100, high * 100)), "firm")


def _off(match: re.Match[str]) -> Quantity | None:
    value = _decimal(match[1])
    if value is None:
        return None
    share = value / (100 if value > 10 else 10)
    return _quantity(match, exactly(share, 1 - share, share * 100, 100 - share * 100), "soft")


def _year(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None:
        return None
    short = match[1][-2:]
    weight: Weight = "strict"
    accepts = exactly(value, value % 100 or value, value + 543)  # '89; the Thai calendar
    if len(match[1]) == 2:
        accepts = exactly(value, value + 1900, value + 2000)
        first, second = (HAN_DIGITS.get(digit) for digit in short)
        if (first is not None and second == first + 1) or (
            first is not None and first + 1 == second
        ):  # 八九年: 1989, or eight or nine years
            accepts += between(first, second)
        weight = "strict" if short.isdecimal() else "firm"
    return _quantity(match, accepts, weight)


def _decade(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if match[1] in ("零零", "00"):
        return _quantity(match, exactly(0, 2000), "soft")
    if value is None:
        return None
    value = value * 10 if value < 10 else value
    return _quantity(match, exactly(value, value % 100, value % 100 + 1900, value % 100 + 2000), "firm")


def _century(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None:
        return None
    return _quantity(match, exactly(value, (value - 1) * 100), "strict" if value > 10 else "firm")


def _month(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None or not 1 <= value <= 12:
        return None
    return _quantity(match, exactly(value), "strict", month=int(value))


def _hour(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None or value > 24:
        return None
    return _quantity(match, exactly(value, (value + 12) % 24, value + Decimal("0.5"), value % 12 + 12), "soft")


def _spoken_decimal(match: re.Match[str]) -> Quantity | None:
    value = _decimal(match[1])
    if value is None:
        return None
    value *= _scale(match[2])
    grown = bool(match[3]) and "倍" in match[3]
    return _quantity(match, exactly(*([value, value - 1] if grown else [value])), "strict")


def _times(match: re.Match[str]) -> Quantity | None:
    value = _decimal(match[1])
    if value is None:
        return None
    grown = [value + 1] if value < 10 else []
    weight: Weight = "firm" if value < 10 and not match[1][0].isdecimal() else "strict"
    return _quantity(match, exactly(value, value - 1 or value, *grown), weight)


def _doubled(match: re.Match[str]) -> Quantity | None:
    number = match[1] or "一"
    value = numeral(number)
    if value is None or value > 10:
        return None
    accepts = exactly(2**value) if match[2] == "番" else exactly(value, value + 1)
    return _quantity(match, accepts + (exactly(1) if value == 1 else ()), "firm")


def _some(match: re.Match[str]) -> Quantity | None:
    """几十, 数百万: 2 to 9 of them, never "a million"; 几十微秒 is no "few microseconds"."""
    one = numeral(match[1])
    if one is None:
        return None
    return _quantity(match, between(one * 2, one * _BELOW_TEN), "firm" if one >= 100 or match[2] else "soft")


def _more(match: re.Match[str]) -> Quantity | None:
    """三十多万, 十几年, 100多个: up to one more of the lowest place."""
    base = numeral(match[1])
    if base is None:
        return None
    places = re.sub(rf"[{_H}]", "", match[1])
    if places:  # digits: 20多, 3000多, 100余万
        step = Decimal(10) ** (len(places) - len(places.rstrip("0"))) if "." not in places else Decimal(1)
        step *= _scale(match[1][len(places) :])
    else:
        step = Decimal(MULTIPLIERS.get(match[1][-1], 1))
    scale = _scale(match[3])
    weight: Weight = "firm" if base * scale >= 100 or match[4] else "soft"
    low = base - step / 5 if match[2] == "来" else base
    return _quantity(match, between(low * scale, (base + step * Decimal("0.99")) * scale), weight)


def _over(match: re.Match[str]) -> Quantity | None:
    """上亿, 过百万, 近千: the order of magnitude, from the word on or just below it."""
    one = numeral(match[2])
    if one is None:
        return None
    low, high = ("0.6", "1") if match[1] in ("近", "小") else ("1", _BELOW_TEN)
    return _quantity(match, between(one * Decimal(low), one * Decimal(high)), "firm")


def _bare_scale(match: re.Match[str]) -> Quantity | None:
    """百万用户, 千亿级: a magnitude without a number before it."""
    one = numeral(match[1])
    return None if one is None else _quantity(match, between(one, one * _BELOW_TEN), "firm")


def _either(match: re.Match[str]) -> Quantity | None:
    """两三个, 七八十, 三五百万, 十七八岁: one or the other."""
    tens = numeral(match[1]) if match[1] else Decimal(0)
    low, high = HAN_DIGITS[match[2]], HAN_DIGITS[match[3]]
    if tens is None or not (match[4] or match[5]) or not (high == low + 1 or (low, high) == (3, 5)):
        return None
    scale = _scale(match[4])
    return _quantity(match, between((tens + low) * scale, (tens + high) * scale), "firm" if scale >= 100 else "soft")


def _and_half(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None:
        return None
    half = value + Decimal("0.5")
    smaller = {"年": 12, "小时": 60}.get(match[2])
    accepts = exactly(half, *([half * smaller] if smaller else []), *(["0.5"] if value == 1 else []))  # "hora y media"
    return _quantity(match, accepts, "strict" if value > 1 else "firm")


def _loose_scale(match: re.Match[str]) -> Quantity | None:
    """两个亿: 200 million, as people say it."""
    value = numeral(match[1])
    return None if value is None else _quantity(match, exactly(value * _scale(match[2])), "strict")


def _half(match: re.Match[str]) -> Quantity | None:
    return _quantity(match, about(Decimal("0.5")), "firm", percent=Decimal(50))


def _ordinal(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    if value is None or value <= 1:
        return None
    return _quantity(match, exactly(value), "strict" if match[1][0].isdecimal() else "soft")


def _thousandfold(match: re.Match[str]) -> Quantity | None:
    return _quantity(match, between(1000, 999_999), "soft")


def _web_myriads(match: re.Match[str]) -> Quantity | None:
    value = Decimal(match[1].replace(",", ""))
    return _quantity(match, exactly(value, value * 10_000), "strict")


def _plain(match: re.Match[str]) -> Quantity | None:
    value = numeral(match[1])
    unit = match[2] or ""
    digits = match[1][0].isdecimal()
    row = len(match[1]) > 1 and all(letter in HAN_DIGITS for letter in match[1])
    if value is None or value in (0, 1) or (row and not unit) or (value < 100 and not digits and not unit):
        return None
    hard = bool(re.fullmatch(_HARD_UNITS, unit))
    weight: Weight = "strict" if digits or value >= 100 else "firm" if hard else "soft"
    if (unit in ("小时", "个小时") and value == 24) or (
        unit == "天" and value == 365
    ):  # "around the clock", "all year"
        weight = "firm"
    accepts = exactly(value)
    for factor in _CONVERSIONS.get(unit, ()):
        accepts += about(value * Decimal(factor), "0.06" if "." in factor else "0")
    if unit == "度":
        accepts += about(value * Decimal("1.8") + 32, "0.01")
    if row and weight == "strict":
        weight = "firm"
    return _quantity(match, accepts, weight, exact=value)


def _scale(text: str | None) -> Decimal:
    return (numeral(text) or Decimal(1)) if text else Decimal(1)


def _form(pattern: str, build: Builder) -> tuple[re.Pattern[str], Builder]:
    return re.compile(pattern), build


_S = "[零〇一二两三四五六七八九]"
_BECOMING = "为立功长本都员果熟绩分交语品了千天型份色就见家效名"  # what follows 成 where it is no tenth
_TEN = "[一二三四五六七八九]?十"
_FORMS: tuple[tuple[re.Pattern[str], Builder], ...] = (
    _form(rf"([百千万])分之({_N}(?:点{_S}+)?)|{_NOT_AFTER}({DIGITS})\s?(?:[%‰]|(?=[-~到至—–]{DIGITS}\s?%))", _per_cent),
    _form(rf"({_N})分之({_N})", _fraction),
    _form(rf"{_NOT_AFTER}(?<!/)(\d{{1,2}})/(\d{{1,2}})(?![\d/])", _slash),
    _form(rf"(?<![几\d])([五六七八]?[二三四五六七八九1-9])成(?![{_BECOMING}])", _tenths),
    _form(rf"打({_N}(?:点{_S})?)折|({_N})折(?=优惠|后|的?价)", lambda match: _off(match) if match[1] else None),
    _form(rf"{_NOT_AFTER}(\d{{4}}|{_S}{{4}})(?=年)年(?![代多])", _year),
    _form(rf"{_NOT_AFTER}(?<!{_SCALE})(?<!{_S})([56789零〇五六七八九]{_S}|[0-9]\d)年(?![代多级])", _year),
    _form(rf"(\d?\d?\d0|[二三四五六七八九]十|零零|{_S})(?:年代|后(?=[^来面果期]|"
          rf"$))(?<!\d[1-9]后)", lambda match: _decade(match) if _is_decade(match) else None),
    _form(rf"({_N})世纪", _century),
    _form(rf"{_NOT_AFTER}({_N})月(?!球|亮|饼)", _month),
    _form(rf"{_NOT_AFTER}((?:\d+|[{_H}]+)点{_S}+)({_SCALE}*)({_UNITS})?(?!分|十)", _spoken_decimal),
    _form(rf"{_NOT_AFTER}(\d{{1,2}}|二?十[一二三]?|[两三四五六七八九])点(?=半|钟|整|\d|$|[的,。,、到左多])", _hour),
    _form(rf"{_NOT_AFTER}({_N})倍", _times),
    _form(rf"翻了?({_N})?([番倍])", _doubled),
    _form(r"成[百千]上[千万]|成千[上成]万|千千万万|亿万", _thousandfold),
    _form(rf"(?<![{_H}])[几数]({_SCALE}+)({_HARD_UNITS})?", _some),
    _form(rf"(?<![{_H}\d])(十)([几多余来])({_SCALE}*)({_HARD_UNITS})?", _more),
    _form(rf"{_NOT_AFTER}({_N})([多余来几])({_SCALE}*)({_HARD_UNITS})?(?!种语)",
        lambda match: _more(match) if _is_more(match) else None),
    _form(rf"(?<!以)(?<!网)([上过破超逾近小])({_SCALE}*[百千万亿])(?![{_H}分])", _over),
    _form(rf"(?<![{_H}\d第])([十百千万亿]*[百千万亿][万亿])(?=[用美欧日人元个级条台量次行资身参]|规模|粉丝|像素)",
        _bare_scale),
    _form(
        rf"(?<!{_S})({_TEN})?([一二两三四五六七八九])([二三四五六七八九])({_SCALE}*)(?![{_H}])({_UNITS})?",
        _either,
    ),
    _form(rf"{_NOT_AFTER}({_N})个({_SCALE}*[万亿])(?!人)", _loose_scale),
    _form(rf"{_NOT_AFTER}({_N})个半(小时|钟头|月|星期|世纪)", _and_half),
    _form(rf"{_NOT_AFTER}({_N})个?(年|月|天|小时|倍|米|块|周|公里|公斤|岁)半", _and_half),
    _form(r"(?<!另)(?<!上)(?<!下)一(?:多|大|小)?半(?!会|导)", _half),
    _form(rf"第({_N})", _ordinal),
    _form(r"(?<![\d.])(\d+(?:\.\d+)?)[wW](?![A-Za-z])", _web_myriads),
    _form(rf"{_NOT_AFTER}({_N})({_UNITS})?", _plain),
)  # fmt: skip


def _is_decade(match: re.Match[str]) -> bool:
    """`九十年代`, `90后`, `零零后`; `三年后` and `10后` of something else are not."""
    if match[0].endswith("代"):
        return True
    return bool(re.fullmatch(r"(?:[5-9]0|00|零零)后", match[0]))


def _is_more(match: re.Match[str]) -> bool:
    """`二十多`, `100余`; in `3个多月` and `两几` no number takes the word."""
    return match[1][-1] in "十百千万亿" or match[1][-1].isdecimal()
