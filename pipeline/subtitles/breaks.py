"""Where a cue or a row may end, and how good each place is.

A text is cut into pieces, the smallest stretches that stay together: words where blanks part them, phrases found
by BudouX in Japanese and Chinese, words of a dictionary in Thai. Every piece has the cost of ending a cue or a row
after it. The order of the costs is that of the style guides (Netflix, general requirements, "Line treatment"): after
punctuation, before a conjunction, before a preposition; never between article and noun, first and last name, number
and unit.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import budoux
import regex

from pipeline.languages import BreakWords, Language, Segmenter
from pipeline.subtitles.display import clusters, displayed, is_wide, width

SENTENCE, CLAUSE, LISTED, BEFORE, LEAD, PLAIN, WEAK, NEVER, FORCED = 0.0, 2.0, 5.0, 4.0, 7.0, 11.0, 26.0, 70.0, 120.0

Parse = Callable[[str], list[str]]
# How a text without blanks is cut into words or phrases. Thai goes by a dictionary: BudouX, which goes by what stands
# beside each letter, cuts its words in two.
_PARSERS: dict[Segmenter, Callable[[], Parse]] = {
    "ja": lambda: budoux.load_default_japanese_parser().parse,
    "zh-hans": lambda: budoux.load_default_simplified_chinese_parser().parse,
    "zh-hant": lambda: budoux.load_default_traditional_chinese_parser().parse,
    "th": lambda: _thai_words,
}
_CLOSING = "\"'”’」』》】）)]}〉〕»›"
_OPENING = "“‘「『《【（([{〈〔«‹¿¡"
_SENTENCE_END = "。！？!?…⋯؟۔"
_CLAUSE_END = "，,；;：:—–،؛"
# Japanese line-start prohibitions (JIS X 4051): small kana, marks of length and repetition, middle dots.
_NO_START = frozenset(
    _CLOSING + "。，、．；：！？!?,.;:…⋯・·%％℃°〜～ーァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ々〻ゝゞๆฯ،؛؟" + "—"
)
_NO_END = frozenset(_OPENING + "·・$€£¥￥＄#@")
# What is one word among Han or kana: RISC-V, DO-178B, macOS, 3.5, 50%, C++, MC/DC.
_LATIN = regex.compile(
    r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Nd}]+(?:[-.+/_&'’#@:,·]+[\p{Latin}\p{Greek}\p{Cyrillic}\p{Nd}]+)*[%+#℃°]*"
)
_NUMBER = regex.compile(r"[$€£¥￥]?[\p{Nd}][\p{Nd}.,:/%-]*|[〇零一二三四五六七八九十百千万亿萬億两兩几幾数數]+")
_NAME_LINKS = frozenset(["of", "de", "del", "della", "des", "di", "da", "do", "dos", "du", "der", "von", "van", "y"])
_THAI_RUN = regex.compile(r"(\p{Script=Thai}{1,400})")
_THAI = regex.compile(r"\p{Script=Thai}")
_KATAKANA = regex.compile(r"[\u30a1-\u30fa\u30fc]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stays together.

    Attributes:
        start: its first character in the text.
        end: one past its last.
        text: as shown, without blanks around it.
        blank: shown between it and the next piece on the same row.
        width: of `text`, as the profile counts.
        blank_width: of `blank`.
        cost: of ending a cue or a row after it.
    """

    start: int
    end: int
    text: str
    blank: str
    width: float
    blank_width: float
    cost: float


def pieces(text: str, language: Language) -> tuple[Piece, ...]:
    """The pieces of `text` in order. Together they show all of it; none is empty, none wider than a row."""
    profile = language.profile
    shown = displayed(text, profile.punctuation)
    found: list[tuple[int, int, float]] = []
    ends = [*_boundaries(text, language), len(text)]
    for start, end in itertools.pairwise([0, *sorted(set(ends))]):
        if not "".join(shown[start:end]).strip():
            if found:  # blanks and marks that are not shown belong to the piece before
                found[-1] = (found[-1][0], end, found[-1][2])
            continue
        found.extend(_cut_to_row(text, shown, start if found else 0, end, language))
    costs = _costs(text, found, language)
    return tuple(_piece(shown, start, end, cost, language) for (start, end, _), cost in zip(found, costs, strict=True))


def _piece(shown: list[str], start: int, end: int, cost: float, language: Language) -> Piece:
    whole = "".join(shown[start:end]).lstrip()
    text = whole.rstrip()
    blank = whole[len(text) :][:1]
    profile = language.profile
    return Piece(start, end, text, blank, width(text, profile), width(blank, profile), cost)


def _cut_to_row(
    text: str, shown: list[str], start: int, end: int, language: Language
) -> Iterable[tuple[int, int, float]]:
    """(start, end, lowest cost) of the piece, or of its parts where it is wider than a row (a compound, an address)."""
    profile = language.profile
    if width("".join(shown[start:end]).strip(), profile) <= profile.max_chars:
        return [(start, end, 0.0)]
    ends = [start + stop for _, stop in clusters(text[start:end])]
    # How wide all is up to each end: what follows is linear in the text, however long somebody's word is.
    reach = [
        0.0,
        *itertools.accumulate(width("".join(shown[a:b]), profile) for a, b in itertools.pairwise([start, *ends])),
    ]
    parts: list[tuple[int, int, float]] = []
    first = 0
    while (left := reach[-1] - reach[first]) > profile.max_chars and first + 1 < len(ends):
        rows = math.ceil(left / profile.max_chars)
        last = max(first + 1, bisect.bisect_right(reach, reach[first] + profile.max_chars) - 1)
        # No nearer than what leaves the rest room in as few rows as there must be.
        least = bisect.bisect_left(reach, reach[-1] - profile.max_chars * (rows - 1), first + 1, last)
        ideal = reach[first] + left / rows
        cut = max(range(least, last + 1), key=lambda n: (_seam(text, ends[n - 1]), -abs(reach[n] - ideal)))
        parts.append((start, ends[cut - 1], FORCED))
        start, first = ends[cut - 1], cut
    return [*parts, (start, end, 0.0)]


def _seam(text: str, place: int) -> int:
    """How good a place inside a word is to cut it, where it must be cut: 0 where no row may begin, 1 anywhere else,
    2 where the script changes or an address has a mark, 3 where katakana begin: カリフォルニア大学 | バークレー校."""
    before, after = text[place - 1], text[place]
    if before in _NO_END or after in _NO_START:
        return 0
    if before in "/-_.?&=":
        return 2
    scripts = [_script(before), _script(after)]
    if scripts[0] == scripts[1]:
        return 1
    return 3 if scripts[1] == "katakana" else 2


def _script(character: str) -> str:
    if _KATAKANA.match(character):
        return "katakana"
    return "latin" if _LATIN.match(character) else "hiragana" if regex.match(r"\p{Hiragana}", character) else "other"


def _boundaries(text: str, language: Language) -> list[int]:
    """Places in `text`, in order, where a piece may end."""
    if language.segmenter == "spaces":
        return [match.end() for match in regex.finditer(r"\s+|(?<=\p{L})—(?=\p{L})", text)]
    phrases = itertools.accumulate(len(phrase) for phrase in _parser(language.segmenter)(text))
    latin = {place for match in _LATIN.finditer(text) for place in range(match.start() + 1, match.end())}
    blanks = {match.end() for match in regex.finditer(r"\s+", text)}
    marks = {match.end() for match in regex.finditer(r"[。！？…，；：、!?;]+[”’」』》】）]*", text)}
    inside = {match.start() for match in regex.finditer(r"\s", text)}
    return sorted(
        place
        for place in {*phrases, *blanks, *marks} - latin - inside
        if 0 < place < len(text) and not _joined(text[place - 1], text[place])
    )


def _joined(before: str, after: str) -> bool:
    both_katakana = _KATAKANA.match(before) and _KATAKANA.match(after)
    return bool(both_katakana) or before in _NO_END or after in _NO_START


@functools.cache
def _parser(segmenter: Segmenter) -> Parse:
    return _PARSERS[segmenter]()


def _thai_words(text: str) -> list[str]:
    """The words of each stretch of Thai; what is between them is one piece. 400 letters without a blank are no text."""
    from newmm_tokenizer.tokenizer import word_tokenize  # its dictionary takes two seconds to load

    words: list[str] = []
    for part in _THAI_RUN.split(text):
        words += word_tokenize(part) if _THAI.match(part) else [part]
    return [word for word in words if word]


def _costs(text: str, spans: list[tuple[int, int, float]], language: Language) -> list[float]:
    words = [text[start:end].strip() for start, end, _ in spans]
    costs = []
    for place, (_, end, lowest) in enumerate(spans[:-1]):
        parted = text[end - 1].isspace()
        cost = _cost(words[place], words[place + 1], language, parted)
        if _in_long_name(*words[place : place + 3]):
            cost = NEVER
        costs.append(max(lowest, cost))
    return [*costs, SENTENCE] if spans else []


def _cost(before: str, after: str, language: Language, parted: bool) -> float:
    """The cost of a break between two pieces; `parted` says that a blank stands between them in the text."""
    marked = _after_mark(before, _Words.of(language.breaks))
    if marked is not None:
        return marked
    words = _Words.of(language.breaks)
    last, first = _bare(before), _bare(after)
    spaced = language.segmenter == "spaces"
    if parted and _THAI.match(before[-1]) and _THAI.match(after[0]):
        return CLAUSE  # Thai puts a blank where others have a comma or a full stop
    if words.cling(first) or words.bind(last):
        return NEVER
    if not spaced and parted and (is_wide(before[-1]) or is_wide(after[0])):
        return CLAUSE  # captions part clauses with a blank
    if _is_name(before, after):
        return NEVER
    if words.before(first):
        return WEAK if words.weak(last) else BEFORE
    if _NUMBER.fullmatch(last):
        return WEAK if words.lead(first) else NEVER
    if words.weak(last):
        return WEAK
    if words.after(last):
        return LISTED
    return LEAD if words.lead(first) else PLAIN


def _after_mark(before: str, words: _Words) -> float | None:
    """The cost after punctuation, or None where there is none."""
    bare = before.rstrip(_CLOSING)
    if not bare or words.bind(bare.casefold()):
        return None
    if bare[-1] in _SENTENCE_END or (bare[-1] == "." and not regex.fullmatch(r"(?:\p{Lu}\.)+", bare)):
        return SENTENCE
    if bare[-1] in _CLAUSE_END:
        return CLAUSE
    return LISTED if bare[-1] == "、" else None


def _is_name(before: str, after: str) -> bool:
    """Two capitalised Latin words side by side: Richard Hipp, RISC-V International, Windows 11."""
    if not (_LATIN.match(before) and _LATIN.match(after)):
        return False
    return before[0].isupper() and (after[0].isupper() or after[0].isdigit())


def _in_long_name(before: str, link: str, after: str = "") -> bool:
    """The first of three words as in University of California."""
    return link in _NAME_LINKS and before[0].isupper() and after[:1].isupper()


def _bare(word: str) -> str:
    """The word in lower case, without the quotation marks and brackets around it."""
    return word.strip(_CLOSING.replace("'", "") + _OPENING + ",.").casefold() or word


@dataclass(frozen=True, slots=True)
class _Words:
    """The tests for the kinds of `BreakWords`."""

    bind: Callable[[str], bool]
    weak: Callable[[str], bool]
    before: Callable[[str], bool]
    lead: Callable[[str], bool]
    after: Callable[[str], bool]
    cling: Callable[[str], bool]

    @staticmethod
    @functools.cache
    def of(breaks: BreakWords) -> _Words:
        kinds = (breaks.bind, breaks.weak, breaks.before, breaks.lead, breaks.after, breaks.cling)
        return _Words(*(_matcher(patterns) for patterns in kinds))


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    whole = frozenset(p for p in patterns if not p.startswith("-") and not p.endswith("-"))
    starts = tuple(p[:-1] for p in patterns if p.endswith("-"))
    ends = tuple(p[1:] for p in patterns if p.startswith("-"))
    return lambda word: word in whole or word.startswith(starts) or word.endswith(ends)
