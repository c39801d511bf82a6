"""The numbers of a text in a language that writes them in digits and in words of an alphabet (and of Thai)."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.translation.numbers.lexicon import Lexicon
from pipeline.translation.numbers.values import Range, Said, about, between, exactly

PERCENT = re.compile(
    r"[\s\-]*(?:[%٪]|per\s?cent|pct\b|por\s?ciento|por\s?cento|pour\s?cent|prozent|процент|بالمئة|بالمائة|في المئة|"
    r"في المائة|"
    r"เปอร์เซ็นต์|phần trăm|persen|パーセント|ポイント|퍼센트|프로(?!그|젝|세|토|필|덕|모|듀)|percentage)",
    re.IGNORECASE,
)
_LONGEST = 18  # digits; longer rows are telephone numbers and codes
_SPACED_GROUPS = r"\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?"
_NUMBER = r"\d{1,3}(?:[.,'’٬]\d{3})+(?!\d)(?:[.,٫]\d+)?|\d+(?:[.,٫]\d+)?"
_TOKEN = r"(?P<number>{number})(?P<suffix>(?:st|nd|rd|th|º|ª|er|e)(?![^\W\d_]))?|(?P<word>{word})"
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.\-]*$")
_GLUE = re.compile(r"[\s\-‐‑–·]*")


@dataclass(frozen=True, slots=True)
class _Token:
    """A number or a word; `joined` if only blanks and hyphens stand between it and the token before."""

    start: int
    end: int
    text: str
    values: tuple[Decimal, ...]
    ordinal: bool
    joined: bool
    in_name: bool

    @property
    def rounding(self) -> Decimal:
        """Half of the last place of a decimal fraction: 1.2 million may be 1.23 million."""
        decimals = re.search(r"[.,٫](\d{1,2})$", self.text)
        return Decimal(5) / 10 ** (len(decimals[1]) + 1) if decimals else Decimal(0)


def read_said(text: str, lexicon: Lexicon) -> list[Said]:
    """Every number of the text (NFKC), in its order, each with all that it can mean."""
    tokens = _tokens(text, lexicon)
    found: list[Said] = []
    place = 0
    while place < len(tokens):
        group = _Group(text, tokens, place, lexicon)
        if (said := group.read()) is not None:
            found.append(said)
        place = max(group.place, place + 1)
    return found


def digits_as_ascii(text: str) -> str:
    """Digits of any script as 0 to 9: Arabic-Indic, Thai, Devanagari."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def literal_values(text: str, *, decimal_comma: bool) -> tuple[Decimal, ...]:
    """What digits with separators mean; `1.500` is 1.5 in one country and 1500 in another that shares its language."""
    text = text.replace("٬", ",").replace("٫", ".").replace("’", "'")
    bare = re.sub(r"[' ]", "", text)
    if sum(letter.isdecimal() for letter in bare) > _LONGEST:
        return ()
    marks = re.findall(r"[.,]", bare)
    if len(set(marks)) == 2:
        return (Decimal(bare.replace(marks[0], "").replace(marks[-1], ".")),)
    if len(marks) > 1:
        return (Decimal(re.sub(r"[.,]", "", bare)),)
    if not marks:
        return (Decimal(bare),)
    whole = Decimal(bare.replace(marks[0], ""))
    fraction = Decimal(bare.replace(marks[0], "."))
    if not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare):
        return (fraction,)
    if decimal_comma:
        return (whole, fraction)
    return (whole,) if marks[0] == "," else (fraction,)


@functools.cache
def _pattern(lexicon: Lexicon) -> re.Pattern[str]:
    number = f"{_SPACED_GROUPS}|{_NUMBER}" if lexicon.decimal_comma else _NUMBER
    word = r"[^\W\d_]+"
    if lexicon.glued:
        words = sorted({*lexicon.cardinals, *lexicon.scales, *lexicon.loose, *lexicon.months}, key=len, reverse=True)
        word = "|".join([*words, "[A-Za-z]+"])
    return re.compile(_TOKEN.format(number=number, word=word), re.IGNORECASE)


def _tokens(text: str, lexicon: Lexicon) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _pattern(lexicon).finditer(text):
        end = tokens[-1].end if tokens else -1
        joined = bool(tokens) and _GLUE.fullmatch(text, end, match.start()) is not None
        number = match["number"]
        tokens.append(
            _Token(
                match.start(),
                match.end(),
                number or _known(match["word"].casefold(), lexicon),
                literal_values(number, decimal_comma=lexicon.decimal_comma) if number else (),
                bool(match["suffix"]),
                joined,
                bool(number) and _in_name(text, match.start()),
            )
        )
    return tokens


def _known(word: str, lexicon: Lexicon) -> str:
    """The word without particles that are joined to its front."""
    while lexicon.prefixes and len(word) > 3 and word[0] in lexicon.prefixes:
        if word in lexicon.cardinals or word in lexicon.scales or word in lexicon.loose:
            break
        word = word[1:]
    return word


def _in_name(text: str, start: int) -> bool:
    """Whether letters stand right before the digits, as in RVA23 and GPT-4; those of a currency do not count."""
    before = _LATIN_NAME.search(text[max(0, start - 30) : start])
    return before is not None and before[0] not in ("RMB", "USD", "CNY", "EUR", "JPY", "HKD", "US", "NT", "R", "Rp")


class _Group:
    """One number, from the token at `start` on; once it is read, `place` is after it."""

    def __init__(self, text: str, tokens: Sequence[_Token], start: int, lexicon: Lexicon) -> None:
        self.text, self.tokens, self.start, self.place, self.lexicon = text, tokens, start, start, lexicon

    def read(self) -> Said | None:
        token = self.tokens[self.start]
        if token.values:
            return self._digits(token)
        word = token.text
        lexicon = self.lexicon
        if word in lexicon.halves and (said := self._half_of()):
            return said
        if word in lexicon.ones and (said := self._after_article()):
            return said
        if word in lexicon.vague or word in lexicon.plurals:
            return self._magnitude(word)
        if word in lexicon.cardinals or word in lexicon.hundreds:
            return self._words()
        if word in lexicon.scales and len(word) > 2:
            return self._said((self._amount(Decimal(1)),), sure=False)
        return self._word(word)

    def _digits(self, token: _Token) -> Said:
        self.place += 1
        if token.ordinal:
            return self._said(exactly(*token.values), sure=False)
        after = self.place
        ranges: tuple[Range, ...] = ()
        for value in token.values:
            self.place = after
            ranges += (self._amount(value, token.rounding),)
        if len(token.values) == 1 and self.place == after and (fraction := self._denominator(token.values[0])):
            return fraction
        ranges += self._short_year(token) + self._later_half(ranges)
        if self.text[token.end : token.end + 1].isalpha():  # 4K may be 4000, or a picture's size
            ranges += exactly(*token.values)
        return self._said(ranges, sure=not token.in_name)

    def _short_year(self, token: _Token) -> tuple[Range, ...]:
        """'89 and 80s are 1989 and the 1980s as well."""
        before, after = self.text[max(0, token.start - 1) : token.start], self.text[token.end : token.end + 1]
        if len(token.text) == 2 and (before in ("'", "’", "‘") or after in ("s", "'", "’")):
            return exactly(1900 + token.values[0], 2000 + token.values[0])
        return ()

    def _amount(self, value: Decimal, rounding: Decimal = Decimal(0)) -> Range:
        """What `value`, read already, becomes with the words after it: `10 mil millones`, `two million five`."""
        total, current, scale = Decimal(0), value, Decimal(1)
        if self.place == self.start:  # The scale itself is the first word: `mil quinientos`.
            current = Decimal(1)
        while self.place < len(self.tokens) and (self.place == self.start or self._joined(self.place)):
            if (step := self._step(self.place)) is not None:
                total = (total + current) * step if total < step else total + (current or 1) * step
                current, scale = Decimal(0), Decimal(step)
                self.place += 1
            elif length := self._half_after(self.place):
                total += scale / 2
                self.place += length
            elif self._word_at(self.place) in ("de", "d") and self._step(self.place + 1) is not None:
                self.place += 1
            elif not current and total and (more := self._more()) is not None:
                current = more
            else:
                break
        result = total + current
        room = rounding * result / value if rounding and value and result != value else Decimal(0)
        return Range(result - room, result + room)

    def _step(self, place: int) -> int | None:
        """What the word multiplies by. Single letters stand right after their number: 150K, $3M."""
        word = self._word_at(place)
        step = self.lexicon.scales.get(word) or self.lexicon.hundreds.get(word)
        if step is None or (len(word) == 1 and self.tokens[place].start > self.tokens[place - 1].end):
            return None
        return step

    def _half_after(self, place: int) -> int:
        """How many words `and a half` and `y medio` are; 0 if they are not there."""
        first, second, third = (self._word_at(place + ahead) for ahead in range(3))
        if first not in self.lexicon.joiners:
            return 0
        if second in self.lexicon.halves:
            return 2
        return 3 if second in self.lexicon.ones and third in self.lexicon.halves else 0

    def _later_half(self, readings: tuple[Range, ...]) -> tuple[Range, ...]:
        """`dos años y medio`: the half comes after the unit."""
        if not self._joined(self.place) or not self._joined(self.place + 1) or not self._half_after(self.place + 1):
            return ()
        return tuple(Range(each.low + Decimal("0.5"), each.high + Decimal("0.5")) for each in readings)

    def _more(self) -> Decimal | None:
        """What is added after a scale: `two million three hundred thousand`, `a thousand and one`."""
        kept = self.place
        if self._word_at(self.place) in self.lexicon.joiners:
            self.place += 1
        token = self.tokens[self.place] if self.place < len(self.tokens) else None
        scaled = self._joined(self.place + 1) and self._step(self.place + 1) is not None
        if token is not None and token.joined and token.values and scaled:
            self.place += 1
            return token.values[0]
        if token is not None and token.joined and token.text not in self.lexicon.ones:
            value, ordinal = self._cardinal()
            if value and not ordinal:
                return value
        self.place = kept
        return None

    def _words(self) -> Said:
        value, ordinal = self._cardinal()
        if ordinal:
            return self._said(exactly(value), sure=False)
        if fraction := self._denominator(value):
            return fraction
        reading = self._amount(value)
        readings: tuple[Range, ...] = (reading,)
        if reading.high == value and 10 < value <= 20 and (year := self._spoken_year(value)):
            readings += exactly(year)
        readings += self._later_half(readings)
        return self._said(readings, sure=self.lexicon.complete and reading.low >= 2)

    def _cardinal(self) -> tuple[Decimal, bool]:
        """Below a thousand: `twenty-one`, `treinta y uno`, `doscientos cinco`; and whether it ends in an ordinal."""
        total, lowest = Decimal(0), 1000
        begin = self.place
        while self.place < len(self.tokens) and (self.place == begin or self._joined(self.place)):
            word, skipped = self._word_at(self.place), 0
            if total and word in self.lexicon.joiners and self._joins_cardinals(word, total, lowest):
                word, skipped = self._word_at(self.place + 1), 1
            value = self.lexicon.cardinals.get(word)
            if word in self.lexicon.hundreds and lowest in (1, 1000) and total < 100:
                total, lowest = max(total, Decimal(1)) * 100, 100
            elif value is not None and value < lowest and (self.place == begin or value):
                total += value
                lowest = _lowest_place(value)
            elif lowest == 10 and (place := self.lexicon.ordinals.get(word, 10)) < 10:
                self.place += 1 + skipped
                return total + place, True
            else:
                break
            self.place += 1 + skipped
        return total, False

    def _joins_cardinals(self, word: str, total: Decimal, lowest: int) -> bool:
        """`treinta y uno`, `a hundred and twenty`; but not `twenty and five`, nor `doscientos de cinco`."""
        if word in ("de", "of", "a", "an", "or", "un") or not self._joined(self.place + 1):
            return False
        value = self.lexicon.cardinals.get(self._word_at(self.place + 1), 0)
        return 0 < value < lowest and (total >= 100 or word != "and")

    def _spoken_year(self, value: Decimal) -> Decimal | None:
        """`nineteen eighty-nine`."""
        if not self._joined(self.place) or self.lexicon.cardinals.get(self._word_at(self.place), 0) < 10:
            return None
        tail, _ = self._cardinal()
        return value * 100 + tail

    def _denominator(self, above: Decimal) -> Said | None:
        """`two-thirds`, `tres cuartas partes`, `a third`; the last may be a place as well."""
        word = self._word_at(self.place)
        below = self.lexicon.fractions.get(word)
        if below is None or not self._joined(self.place) or not 0 < above <= 20:
            return None
        self.place += 1
        readings = about(above / below)
        if above == 1 and word in self.lexicon.ordinals:
            readings += exactly(self.lexicon.ordinals[word])
        return self._said(readings, sure=False)

    def _after_article(self) -> Said | None:
        """`a third`, `a million`, `un millón`; None if no number follows the article."""
        self.place += 1
        if self._joined(self.place):
            if fraction := self._denominator(Decimal(1)):
                return fraction
            if self._word_at(self.place) in self.lexicon.hundreds:
                value, _ = self._cardinal()
                return self._said((self._amount(value),), sure=False)
            if self._step(self.place) is not None or self._half_after(self.place):
                return self._said((self._amount(Decimal(1)),), sure=False)
        self.place = self.start
        return None

    def _half_of(self) -> Said | None:
        """`half a million`, `medio siglo`."""
        place = self.start + 1
        while self._joined(place) and self._word_at(place) in (self.lexicon.ones | self.lexicon.joiners):
            place += 1
        if not self._joined(place) or (step := self._step(place)) is None:
            return None
        self.place = place + 1
        return self._said(exactly(Decimal(step) / 2), sure=False)

    def _magnitude(self, word: str) -> Said:
        """`hundreds of millions`, `several thousand`, `decenas de miles`."""
        lexicon = self.lexicon
        low, high = lexicon.plurals[word][:2] if word in lexicon.plurals else lexicon.vague[word]
        factor = 1
        self.place += 1
        while True:
            place = self.place
            while self._joined(place) and self._word_at(place) in lexicon.joiners:
                place += 1
            following = self._word_at(place)
            step = lexicon.plurals[following][2] if following in lexicon.plurals else self._step(place)
            if step is None or not self._joined(place):
                break
            factor *= step
            self.place = place + 1
        sure = lexicon.complete and low * factor >= 100
        return self._said(between(low * factor, high * factor), sure=sure)

    def _word(self, word: str) -> Said | None:
        readings = exactly(*self.lexicon.loose.get(word, ()))
        if word in self.lexicon.ordinals:
            readings += exactly(self.lexicon.ordinals[word])
        readings += exactly(*(month for month, names in enumerate(self.lexicon.months, 1) if word in names.split()))
        self.place += 1
        return self._said(readings, sure=False) if readings else None

    def _said(self, readings: tuple[Range, ...], *, sure: bool) -> Said:
        start, end = self.tokens[self.start].start, self.tokens[self.place - 1].end
        if percent := PERCENT.match(self.text, end):
            readings = tuple(reading.times(Decimal("0.01")) for reading in readings)
            end = percent.end()
            while self.place < len(self.tokens) and self.tokens[self.place].start < end:
                self.place += 1
        return Said(self.text[start:end], readings, sure)

    def _joined(self, place: int) -> bool:
        return place < len(self.tokens) and self.tokens[place].joined

    def _word_at(self, place: int) -> str:
        return self.tokens[place].text if place < len(self.tokens) and not self.tokens[place].values else ""


def _lowest_place(value: int) -> int:
    """What may be added to a cardinal is less than this: ones to tens, tens to hundreds."""
    if value >= 100:
        return 100
    return 10 if value >= 20 and value % 10 == 0 else 1
