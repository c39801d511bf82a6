"""Which side of a number: 将近六百行 are fewer than 600, so "over 600" says the opposite."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = r"\d零〇一二两三四五六七八九十百千万亿"
_BELOW = re.compile(rf"(?:将近|接近|不到|不足|快要?)\s?(?=[{_NUMBER}])")
_ABOVE = re.compile(rf"(?:超过|不止|多达|高达|至少|不少于)了?\s?(?=[{_NUMBER}])|(?<=[{_NUMBER}])(?:多(?!达)|余)|以上")
_THEN = r"\s+(?:\$|€|£)?"
# (above, below) by language, for text in lower case.
_SAID = {
    "en": (
        rf"(?:over|more than|at least|exceed\w*|above|upwards of){_THEN}(?:a |\d|[a-z]+ hundred|[a-z]+ thousand)",
        r"(?:nearly|almost|close to|less than|fewer than|under|not quite|up to|approaching|short of)"
        rf"{_THEN}(?:a |\d|[a-z]+ )",
    ),
    "ja": (r"\d[\d,]*[万億]?\S{0,4}(?:以上|を超|あまり|を上回)", r"ほぼ|近く|未満|足らず|弱|に満たない|以下"),
    "ko": (r"\d[\d,]*[만억]?\S{0,4}\s?(?:이상|넘)|적어도", r"거의|가까이|미만|못 미치|안 되는|이하"),
    "es": (
        r"(?:más de|al menos|supera\w*)\s+(?:\d|[a-z]+)",
        r"(?:casi|cerca de|menos de|no llega\w*)\s+(?:a )?(?:\d|[a-z]+)",
    ),
}


def wrong_side(source: str, target: str, language: str) -> tuple[str, str] | None:
    """(what the translation says, what the source says) where the one is above a number and the other below it.

    Only where the source says one of the two and the translation only the other; None otherwise, and for languages
    other than English, Japanese, Korean and Spanish.
    """
    known = _SAID.get(language.split("-")[0])
    if known is None:
        return None
    text = unicodedata.normalize("NFKC", target).casefold()
    above, below = (re.search(pattern, text) for pattern in known)
    said_below, said_above = _BELOW.search(source), _ABOVE.search(source)
    if above and not below and said_below and not said_above:
        return above[0].strip(), f"{said_below[0].strip()}: less than the number"
    if below and not above and said_above and not said_below:
        return below[0].strip(), f"{said_above[0].strip()}: more than the number"
    return None
