"""Dates by their distance from today: 后年 is not next year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# 三年前年轻人 and 十年后年轻人 have neither 前年 nor 后年 in them.
_NO_WORD = r"(?<![年月天周日期届])"
_NO_AGE = r"(?![轻龄纪限])"
_YEAR = r"\b(?:19|20)\d\d\b"


@dataclass(frozen=True, slots=True)
class _Date:
    """A word, what it says, and how languages say it: regular expressions for text in lower case."""

    word: str
    meaning: str
    said: dict[str, str]


_DATES = (
    _Date(
        rf"大前年{_NO_AGE}",
        "three years ago",
        {
            "en": rf"(?:three|3) years (?:ago|before|earlier)|{_YEAR}",
            "ja": rf"(?:三|3)年前|一昨昨年|さきおととし|{_YEAR}",
            "ko": rf"(?:삼|3)\s?년 전|재재작년|{_YEAR}",
            "es": rf"hace (?:tres|3) años|(?:tres|3) años (?:antes|atrás)|{_YEAR}",
        },
    ),
    _Date(
        rf"{_NO_WORD}(?<!大)前年{_NO_AGE}",
        "the year before last",
        {
            "en": rf"year before last|(?:two|2) years (?:ago|before|earlier|back)|{_YEAR}",
            "ja": rf"一昨年|おととし|(?:二|2)年前|{_YEAR}",
            "ko": rf"재작년|그러께|(?:이|2)\s?년 전|{_YEAR}",
            "es": rf"hace (?:dos|2) años|antepasado|(?:dos|2) años (?:antes|atrás)|{_YEAR}",
        },
    ),
    _Date(
        rf"{_NO_WORD}后年{_NO_AGE}",
        "the year after next",
        {
            "en": rf"year after next|(?:two|2) years|{_YEAR}",
            "ja": rf"再来年|さらいねん|(?:二|2)年後|{_YEAR}",
            "ko": rf"내후년|후년|(?:이|2)\s?년 (?:뒤|후)|{_YEAR}",
            "es": rf"(?:dos|2) años|después del próximo|{_YEAR}",
        },
    ),
    _Date(
        r"上上个?(?:周|星期|月)",
        "two weeks or months ago",
        {
            "en": r"before last|(?:two|2) (?:weeks|months) (?:ago|before|earlier|back)",
            "ja": r"先々|先先|(?:二|2)(?:週間|か月|ヶ月|カ月)前",
            "ko": r"지지난|저저번|(?:이|두|2)\s?(?:주|달|개월) 전",
            "es": r"antepasad|hace (?:dos|2) (?:semanas|meses)|(?:dos|2) (?:semanas|meses) (?:antes|atrás)",
        },
    ),
    _Date(
        r"下下个?(?:周|星期|月)",
        "in two weeks or months",
        {
            "en": r"after next|(?:two|2) (?:weeks|months)",
            "ja": r"再来|(?:二|2)(?:週間|か月|ヶ月|カ月)後",
            "ko": r"다다음|(?:이|두|2)\s?(?:주|달|개월) (?:뒤|후)",
            "es": r"(?:dos|2) (?:semanas|meses)|subsiguiente|después de la próxima|después del próximo",
        },
    ),
)


def missing_date(source: str, target: str, language: str) -> tuple[str, str] | None:
    """(the word, what it says) of a date in the source that the translation does not say; None if there is none.

    Languages that are not known (all but English, Japanese, Korean, Spanish) are not judged.
    """
    language = language.split("-")[0]
    text = unicodedata.normalize("NFKC", target).casefold()
    for date in _DATES:
        match = re.search(date.word, source)
        pattern = date.said.get(language)
        if match and pattern and not re.search(pattern, text):
            return match[0], date.meaning
    return None
