"""Money: which currencies a Chinese text names, and which its translation."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from pipeline.translation.numbers.alphabetic import digits_as_ascii
from pipeline.translation.numbers.numerals import numeral

_AMOUNT = r"(?:[\d十百千万亿两几多]|一|二|三|四|五|六|七|八|九)"
# ISO 4217. The order counts: what a row has matched is closed to the next (港元 is no 元).
_SOURCE: dict[str, str] = {
    "HKD": r"港[元币]|HK\$|HKD",
    "TWD": r"新?台币|NT\$",
    "SGD": r"新加坡元|新元",
    "AUD": r"澳元|澳币",
    "CAD": r"加元|加币",
    "KRW": r"韩元|韩币|韩圆|₩",
    "JPY": r"日元|日圆|円|JPY",
    "EUR": r"欧元|€|EUR",
    "GBP": r"英镑|£",
    "RUB": r"卢布|₽",
    "INR": r"印度卢比|₹",
    "VND": r"越南盾|₫",
    "THB": r"泰铢|฿",
    "IDR": r"印尼盾|印尼卢比",
    "USD": r"美元|美金|美刀|US\$|USD|\$",
    "CNY": rf"人民币|RMB|CNY|¥|(?<={_AMOUNT})块(?:钱|多钱)|(?<={_AMOUNT})元(?!素|宇宙|件|器|年|月|旦|老|首|组)",
}

_NUMBER_BEFORE = r"(?:[\d\]]|hundred|thousand|million|billion|trillion|mil|millones|[万億兆千百十만억조천백십])\s?"
# By symbol, in every language; then by word. A currency named by a word that another one's name contains
# ("Hong Kong dollars") is looked for first.
_SYMBOLS = {
    "USD": r"(?:US)?\$|"
    r"\bUSD\b",
    "EUR": r"€|\bEUR\b",
    "GBP": r"£",
    "KRW": r"₩",
    "RUB": r"₽",
    "VND": r"₫",
    "THB": r"฿",
    "INR": r"₹",
    "CNY": r"\bRMB\b|\bCNY\b",
}
_DOLLARS = {
    "HKD": r"hong kong|hk\$|hkd|香港|港|홍콩",
    "TWD": r"taiwan|nt\$|台湾|臺|대만",
    "SGD": r"singap|シンガポール|싱가포르|s\$",
    "AUD": r"austral|オーストラリア|豪|호주|a\$",
    "CAD": r"canad|カナダ|캐나다|c\$",
}
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "USD": r"\bdollars?\b|\bbucks?\b|"
        r"greenbacks?",
        "EUR": r"\beuros?\b",
        "JPY": r"\byen\b|"
        r"¥(?=.*\byen)",
        "CNY": r"\byuan\b|renminbi|\bkuai\b",
        "GBP": r"pounds? "
        r"sterling|£",
        "KRW": rf"{_NUMBER_BEFORE}won\b|"
        rf"korean won",
        "RUB": r"\brubles?\b|"
        r"roubles?",
        "THB": r"\bbaht\b",
        "VND": r"\bdong\b",
        "INR": r"\brupees?\b",
    },
    "ja": {
        "USD": r"ドル",
        "EUR": r"ユーロ",
        "JPY": rf"{_NUMBER_BEFORE}円|日本円",
        "CNY": rf"人民元|{_NUMBER_BEFORE}元(?!年|素|号)|中国元",
        "GBP": r"ポンド",
        "KRW": r"ウォン",
        "RUB": r"ルーブル",
        "THB": r"バーツ",
    },
    "ko": {
        "USD": r"달러|불(?=[\s.,])",
        "EUR": r"유로",
        "JPY": rf"{_NUMBER_BEFORE}엔|엔화",
        "CNY": r"위안|인민폐|런민비",
        "GBP": r"파운드",
        "KRW": rf"{_NUMBER_BEFORE}원(?![가-힣]{{2}})|한국 원",
        "RUB": r"루블",
        "THB": r"바트",
    },
    "es": {
        "USD": r"d[óo]lar(?:es)?",
        "EUR": r"\beuros?\b",
        "JPY": r"\byen(?:es)?\b",
        "CNY": r"\byuan(?:es)?\b|"
        r"renminbi",
        "GBP": r"libras? "
        r"esterlinas?",
        "KRW": r"\bwones\b|wones? (?:sur)?coreanos?",
        "RUB": r"rublos?",
        "THB": r"\bbaht",
    },
    "fr": {
        "USD": r"dollars?",
        "EUR": r"\beuros?\b",
        "JPY": r"\byens?\b",
        "CNY": r"\byuans?\b|"
        r"renminbi",
        "GBP": r"livres? "
        r"sterling",
        "RUB": r"roubles?",
    },
    "de": {
        "USD": r"dollar",
        "EUR": r"\beuro\b",
        "JPY": r"\byen\b",
        "CNY": r"\byuan\b|"
        r"renminbi",
        "GBP": r"pfund sterling",
        "RUB": r"rubel",
    },
    "pt": {
        "USD": r"d[óo]lar(?:es)?",
        "EUR": r"\beuros?\b",
        "JPY": r"\bienes?\b",
        "CNY": r"\byuans?\b|"
        r"renminbi",
        "GBP": r"libras? esterlinas?",
        "RUB": r"rublos?",
    },
    "ru": {
        "USD": r"доллар",
        "EUR": r"\bевро\b",
        "JPY": r"\bиен",
        "CNY": r"юан",
        "GBP": r"фунт\w* "
        r"стерлинг",
        "RUB": r"рубл",
    },
    "ar": {"USD": r"دولار", "EUR": r"يورو", "JPY": r"\bين\b", "CNY": r"يوان", "RUB": r"روبل"},
    "th": {"USD": r"ดอลลาร์", "EUR": r"ยูโร", "JPY": r"เยน", "CNY": r"หยวน", "THB": r"บาท", "RUB": r"รูเบิล"},
    "vi": {
        "USD": r"đô la|đô-la|"
        r"\bđô\b",
        "EUR": r"\beuro\b",
        "JPY": r"yên nhật",
        "CNY": r"nhân dân tệ|"
        r"\btệ\b",
        "VND": r"\d đồng|việt nam đồng",
    },
    "id": {"USD": r"dolar", "EUR": r"\beuro\b", "JPY": r"\byen\b", "CNY": r"yuan|renminbi", "IDR": r"rupiah|\brp"},
    "zh": {
        "USD": r"美元|美金",
        "EUR": r"歐元|欧元",
        "JPY": r"日圓|日元|日幣",
        "CNY": r"人民幣|人民币",
        "TWD": r"臺幣|台幣",
        "HKD": r"港元|港幣",
        "KRW": r"韓元|韓圓",
    },
}
_NAMES = {
    "USD": "US dollars",
    "EUR": "euros",
    "JPY": "yen",
    "CNY": "yuan",
    "GBP": "pounds",
    "KRW": "won",
    "HKD": "Hong Kong dollars",
    "TWD": "New Taiwan dollars",
    "SGD": "Singapore dollars",
    "AUD": "Australian dollars",
    "CAD": "Canadian dollars",
    "RUB": "roubles",
    "INR": "rupees",
    "VND": "dong",
    "THB": "baht",
    "IDR": "rupiah",
}
_LONGEST = 1500
_MONEY = re.compile(
    r"[元钱价费款薪资金账币贝刀富赚亏赔欠付捐买卖贵估税债股汇收]|市值|营[收业]|利润|预算|成本|融|花[了掉费]|烧[了掉]|投入|"
    r"块(?=[，。,.、]|$|左右|一|多)|万块(?![卡板芯])|(?i:dollar|euro|bitcoin)"
)

# 块 counts these, whatever else the sentence says of prices.
_PIECES = re.compile(r"(\d+(?:\.\d+)?[百千万亿]?)(?:多|来|余)?块(?=[卡板芯]|显卡|主板|硬盘|电池|屏|GPU|CPU|SSD)")
_SUM = re.compile(
    r"[$€£¥]\s?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)"
    r"(?:\s?(?:dollars?|yuan|euros?|pounds|美元|ドル|元|円|달러|원)|\s[a-z]+ of (?:currency|money|cash|dollars))"
)


def compare_currencies(source: str, target: str, language: str) -> tuple[str, str] | None:
    """(currencies in the translation, currencies in the source), by name, if another one has taken a one's place.

    A currency that the translation leaves out, or adds to the right one ("about 11 million dollars"), is none.
    """
    wanted = _source(unicodedata.normalize("NFKC", source[:_LONGEST]))
    if not wanted:
        return None
    named = _target(_folded(target), language)
    wrong = {code for code in named if code not in wanted}
    if not wrong or wanted <= named:
        return None
    return ", ".join(sorted(_NAMES[code] for code in wrong)), ", ".join(sorted(_NAMES[code] for code in wanted - named))


def added_currency(source: str, target: str, language: str) -> str | None:
    """The currency that a translation names where the source speaks of no money at all, or None.

    `10万块卡` are a hundred thousand cards; the translation of a sentence about money may add what the one before said.
    """
    said = unicodedata.normalize("NFKC", source[:_LONGEST])
    if _source(said):
        return None
    text = _folded(target)
    as_money = _pieces_as_money(said, text)
    if _MONEY.search(source) and not as_money:
        return None
    named = _target(text, language)
    return ", ".join(sorted(_NAMES[code] for code in named)) or ("money" if as_money else None)


def _pieces_as_money(source: str, target: str) -> bool:
    """Whether a number of things that 块 counts is a sum of money in the translation."""
    pieces = {numeral(number) for number in _PIECES.findall(source)}
    sums = {Decimal((before or after).replace(",", "")) for before, after in _SUM.findall(target)}
    return not pieces.isdisjoint(sums)


def _folded(target: str) -> str:
    """A translation as its currencies are looked for in it."""
    return digits_as_ascii(unicodedata.normalize("NFKC", target[:_LONGEST])).casefold()


def _source(text: str) -> set[str]:
    found = set()
    for code, pattern in _SOURCE.items():
        text, count = re.subn(pattern, "　", text)
        if count:
            found.add(code)
    return found


def _target(text: str, language: str) -> set[str]:
    found = {code for code, pattern in _SYMBOLS.items() if re.search(pattern, text, re.IGNORECASE)}
    for code, pattern in _WORDS.get(language, {}).items():
        if re.search(pattern, text, re.IGNORECASE):
            found.add(code)
    if "¥" in text and not found & {"JPY", "CNY"}:
        found |= {"JPY", "CNY"}
    others = {code for code, pattern in _DOLLARS.items() if re.search(pattern, text)} if "USD" in found else set()
    return (found - {"USD"}) | others if others else found
