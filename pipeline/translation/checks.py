"""What can be wrong with a translation, each a rule with a name; pure, and run on every answer of every engine.

To add a rule, write a function from an `Answer` to (severity, value, limit, remedy), or None where it holds, and
enter it in `RULES`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from pipeline.track import Finding, Severity
from pipeline.translation.echoes import other_sentence, prompt_echo, taken_words
from pipeline.translation.glossary import Term, forbidden_terms, missing_terms
from pipeline.translation.negation import lost_negation
from pipeline.translation.numbers import (
    added_currency,
    compare_currencies,
    compare_numbers,
    compare_units,
    missing_date,
    wrong_side,
)
from pipeline.translation.opposites import opposite
from pipeline.translation.spelling import left_out, misspelt


@dataclass(frozen=True, slots=True)
class Answer:
    """A translation to judge.

    Attributes:
        language: the target's primary subtag.
        terms: those that the source contains.
        nearby: the sentences around it with their translations.
    """

    source: str
    target: str
    language: str
    terms: tuple[Term, ...]
    nearby: tuple[tuple[str, str], ...] = ()


Verdict = tuple[Severity, str, str, str] | None
Rule = Callable[[Answer], Verdict]

_HAN = regex.compile(r"\p{Script=Han}")
_HAN_PAIR = regex.compile(r"\p{Script=Han}{2}")
_LETTER = regex.compile(r"\p{L}")
_HAN_LANGUAGES = ("zh", "ja", "yue")
_SCRIPTS = {
    "ja": r"[\p{Script=Hiragana}\p{Script=Katakana}]",
    "ko": r"\p{Script=Hangul}",
    "ru": r"\p{Script=Cyrillic}", "uk": r"\p{Script=Cyrillic}",
    "ar": r"\p{Script=Arabic}", "fa": r"\p{Script=Arabic}",
    "th": r"\p{Script=Thai}",
    "he": r"\p{Script=Hebrew}",
    "hi": r"\p{Script=Devanagari}",
    "el": r"\p{Script=Greek}",
    "zh": r"\p{Script=Han}", "yue": r"\p{Script=Han}",
}  # fmt: skip
_LATIN = r"\p{Script=Latin}"
_SCRIPT_SHARE = 0.2

# Characters that a Chinese character becomes; Latin in the source counts one for one. Measured on the sample's
# reference: 3.0 for English. Scripts that write syllables or words in a character are nearer to one.
_EXPANSION = {"ja": 1.6, "ko": 1.5, "zh": 1.0, "yue": 1.0}
_DEFAULT_EXPANSION = 3.0
_SHORT = 8  # expected characters below which a ratio says nothing
_RATIO_WARNING = (0.4, 1.9)
_RATIO_ERROR = (0.2, 3.0)

_NOTE = regex.compile(
    r"^\s*[(（\[【]?\s*(?:translation|translated(?: text)?|note|notes|answer|output|result|subtitle|sure|certainly|"
    r"of course|english|japanese"
    r"|korean|spanish|chinese|original|traducción|nota|respuesta|traduction|übersetzung|anmerkung|tradução|перевод|"
    r"примечание"
    r"|译文|翻译|翻譯|譯文|注释?|原文|訳文?|翻訳|注意?記?|日本語訳?|번역문?|참고|주석|한국어)\s*[])）】]?\s*[:：]"
    r"|^\s*(?:sure|certainly|of course)[,!，！]\s*here\b"
    r"|^\s*here(?:['’]s| is| are)\b[^.:]{0,40}:"
    r"|[(（\[【]\s*(?:translat|note\b|literal|t/?n\b|nota\b|lit\.|訳注|訳者注|译注|译者注|注[:：]|역주|참고[:：]|n\. "
    r"del t)[^)）\]】]*[)）\]】]"
    r"|\b(?:translator['’]s note|nota del traductor)\b"
    r"|[\r\n]\s*(?:note|notes|translation|explanation|nota|注|译注|訳注|참고)\s*[:：]"
    r"|^\s*u\d+\s*[:：]",
    regex.IGNORECASE,
)
# Questions that a caption asks; a clause that only contains a question word may be no question.
_QUESTION = regex.compile(
    r"[?？]|吗\s*[”」』’]?\s*(?:$|[,，。!！])|(?:谁|什么|怎么|怎样|为何|哪|多少|多久|多长|多大|几|如何|何时|是不是|有没有|能不能|会不会|要不要|还是|(\p{Han})不\1)"
    r"\p{Han}{0,14}呢\s*[”」』’]?\s*(?:$|[,，。])"
)
_INDIRECT = regex.compile(r"(?:不知道|想知道|问|看看|告诉|研究|了解|取决于|无论|不管|说清|讨论)[^,，。?？]*$")
_ASKS: dict[str, str] = {
    "en": r"\b(?:whether|wonder\w*|ask\w*|question\w*|if|tell me|let me know|guess)\b",
    "ja": r"か(?:$|[。、」』な]|と|は|も|に|を|が)|かい|だい|かしら|の(?:$|[。」])",
    "ko": r"까|나요|은가|는가|인가|[느으]?냐|니(?:$|[.,”\"])|는지|은지|인지|을지|죠|지요|가요|어요\.?$|궁금",
    "es": r"¿|\bsi\b|pregunt\w*|duda",
    "th": r"ไหม|มั้ย|หรือ|อะไร|ทำไม|อย่างไร|ใคร|เท่าไร",
    "zh": r"嗎|呢|[？?]",
    "vi": r"không|gì|sao|hỏi", "id": r"apakah|tanya", "ar": r"هل|ماذا|كيف|لماذا", "ru": r"\bли\b|спрос|вопрос",
    "fr": r"\bsi\b|demand\w*|question", "de": r"\bob\b|frag\w*", "pt": r"\bse\b|pergunt\w*",
}  # fmt: skip
# What may ask, anywhere in the source; a question without any of these words ends in a mark or a particle.
_INTERROGATIVE = regex.compile(
    r"[?？吗呢谁哪几吧嘛]|什么|怎么?|为何|何(?!况)|如何|多[少久长大远高]|啥|是否|难道|能否|可否|岂|(\p{Han})[不没](?:\1)|还是|没有?$|问(?!题)"
)
_ANYBODY = regex.compile(
    r"(?:谁|什么|哪\p{Han}{0,2}|怎么|多少)\p{Han}{0,3}[也都](?=\p{Han}{0,3}[不没])|好?几(?=\p{Han})|第几"
)
_ASKING_MARKS = regex.compile(r"[?？؟;]")
_PAIRS = (("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("‹", "›"), ("《", "》"))
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "«": "»", "„": "“"}
_MARKUP = regex.compile(r"[\r\n\v\f\u2028\u2029]|</?[A-Za-z][^<>]*>|\{\\[^{}]*\}|\*\*|`|[\x00-\x08\x0e-\x1f\x7f]")
_WORD_RUN = regex.compile(r"\b(\w+)(?:\W+\1\b){3,}", regex.IGNORECASE)
_PHRASE_RUN = regex.compile(r"(.{8,80}?)(?:[\s,.、。]*\1){2,}", regex.DOTALL)
_RUN_LIMIT = 2000  # characters looked at for repetition: its search is quadratic


def check_unit(
    source: str,
    target: str,
    *,
    language: str,
    terms: Sequence[Term],
    where: str,
    nearby: Sequence[tuple[str, str]] = (),
) -> tuple[Finding, ...]:
    """The findings of one translation, errors first; empty means nothing is known against it.

    Arguments:
        language: BCP-47 of the translation.
        terms: the glossary's terms in the source.
        where: what the findings are about, as `lines 4-6`.
        nearby: the sentences around it with their translations; an answer that is one of these is another sentence's.
    """
    answer = Answer(
        unicodedata.normalize("NFC", source),
        unicodedata.normalize("NFC", target),
        language.split("-")[0].casefold(),
        tuple(terms),
        tuple(nearby),
    )
    if not answer.target.strip():
        return (Finding("empty", "error", where, "no text", "a translation", "Translate it by hand."),)
    findings = [
        Finding(name, verdict[0], where, verdict[1], verdict[2], verdict[3])
        for name, rule in RULES.items()
        if (verdict := rule(answer))
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity != "error"))


def _untranslated(answer: Answer) -> Verdict:
    left = _HAN.findall(answer.target) if answer.language not in _HAN_LANGUAGES else []
    if not left:
        return None
    return "error", "".join(left[:20]), "no Chinese characters", "Translate the words left in Chinese."


def _simplified(answer: Answer) -> Verdict:
    """Chinese words left in Japanese show by characters that Japanese does not write (not in JIS X 0208), or that it
    hardly writes (its second level) and that stand beside the same one in the sentence: 几位.

    So may those of 完璧, which both languages write: those of the second level are a warning.
    """
    if answer.language != "ja":
        return None
    left = [letter for letter in _HAN.findall(answer.target) if not _jis_level(letter)]
    if left:
        return "error", "".join(left[:20]), "characters that Japanese writes", "Put the Chinese words into Japanese."
    copied = [
        pair
        for pair in _HAN_PAIR.findall(answer.target, overlapped=True)
        if pair in answer.source and any(_jis_level(letter) == 2 for letter in pair)
    ]
    if not copied:
        return None
    return "warning", copied[0], "characters that Japanese writes", "Put the Chinese words into Japanese."


def _jis_level(letter: str) -> int:
    """1 or 2: the level of JIS X 0208 that has a character; 0: neither."""
    try:
        return 1 if letter.encode("shift_jis") < b"\x98\x9f" else 2
    except UnicodeEncodeError:
        return 0


def _same(answer: Answer) -> Verdict:
    if answer.language == "zh" or not _HAN.search(answer.source) or _plain(answer.source) != _plain(answer.target):
        return None
    return "error", answer.target[:60], "a translation", "The source was given back: translate it."


def _wrong_script(answer: Answer) -> Verdict:
    """A translation in another language's script; names in Latin letters are normal everywhere."""
    letters = len(_LETTER.findall(answer.target))
    own = len(regex.findall(_SCRIPTS.get(answer.language, _LATIN), answer.target))
    if answer.language in _SCRIPTS:
        wrong = own < _SCRIPT_SHARE * letters and _mostly_han(answer.source)
    else:
        wrong = own < letters / 2 and bool(_HAN.search(answer.source))
    if letters < _SHORT or not wrong:
        return None
    return "error", answer.target[:60], f"text in {answer.language}", "It is in another language: translate it."


def _mostly_han(text: str) -> bool:
    return 2 * len(_HAN.findall(text)) > len(_LETTER.findall(text))


def _repetition(answer: Answer) -> Verdict:
    text = answer.target[:_RUN_LIMIT]
    for pattern in (_WORD_RUN, _PHRASE_RUN):
        match = pattern.search(text)
        if match and match[1].strip(" .-=_") and not pattern.search(answer.source[:_RUN_LIMIT]):
            return "error", match[0][:60], "nothing said over and over", "Delete what is repeated."
    return None


def _length(answer: Answer) -> Verdict:
    han = len(_HAN.findall(answer.source))
    rest = len(answer.source) - han
    expected = han * _EXPANSION.get(answer.language, _DEFAULT_EXPANSION) + rest
    ratio = len(answer.target) / max(expected, _SHORT)
    low, high = _RATIO_WARNING
    if expected < _SHORT or low <= ratio <= high:
        return None
    severity: Severity = "warning" if _RATIO_ERROR[0] <= ratio <= _RATIO_ERROR[1] else "error"
    kind = "short" if ratio < low else "long"
    remedy = "See whether something was left out." if kind == "short" else "See whether something was added."
    return severity, f"{len(answer.target)} characters", f"{low * expected:.0f} to {high * expected:.0f}", remedy


def _terms(answer: Answer) -> Verdict:
    missing = missing_terms(answer.terms, answer.target, answer.language)
    if not missing:
        return None
    said = ", ".join(term.source for term in missing)
    wanted = ", ".join(f"{term.source} = {' or '.join(term.forms)}" for term in missing)
    return "error", said, wanted, "Use the glossary's translation, or add this form to the glossary."


def _forbidden(answer: Answer) -> Verdict:
    found = forbidden_terms(answer.terms, answer.target, answer.language)
    if not found:
        return None
    said = ", ".join(form for _, forms in found for form in forms)
    wanted = ", ".join(f"{term.source} = {' or '.join(term.forms)}" for term, _ in found)
    return "error", said, wanted, "The glossary forbids this translation: use the one that it gives."


def _spelling(answer: Answer) -> Verdict:
    found = misspelt(answer.source[:_RUN_LIMIT], answer.target[:_RUN_LIMIT])
    return None if found is None else ("error", found[0], found[1], "Spell the name as the source does.")


def _lost_name(answer: Answer) -> Verdict:
    if answer.language in _SCRIPTS or not _HAN.search(answer.source):
        return None
    known = [term.source for term in answer.terms]
    lost = left_out(answer.source[:_RUN_LIMIT], answer.target[:_RUN_LIMIT], known)
    return ("warning", "nothing of it", ", ".join(lost), "See whether the name is missing.") if lost else None


def _numbers(answer: Answer) -> Verdict:
    missing = compare_numbers(answer.source, answer.target, answer.language).missing
    if not missing:
        return None
    certain = [each for each in missing if each.certain]
    shown = certain or missing
    wanted = ", ".join(f"{each.written} = {each.wanted}" for each in shown)
    severity: Severity = "error" if certain else "warning"
    return severity, ", ".join(each.written for each in shown), wanted, "Correct the number in the translation."


def _added_numbers(answer: Answer) -> Verdict:
    report = compare_numbers(answer.source, answer.target, answer.language)
    if not report.added:
        return None
    severity: Severity = "error" if report.invented else "warning"
    return severity, ", ".join(report.added), "only numbers that the source has", "Delete what the source does not say."


def _currency(answer: Answer) -> Verdict:
    mismatch = compare_currencies(answer.source, answer.target, answer.language)
    if mismatch is None:
        return None
    return "error", mismatch[0], mismatch[1], "Name the currency of the source."


def _added_currency(answer: Answer) -> Verdict:
    added = added_currency(answer.source, answer.target, answer.language)
    return (
        None
        if added is None
        else ("warning", added, "no money", "Delete the currency: the source counts something else.")
    )


def _measures(answer: Answer) -> Verdict:
    mismatch = compare_units(answer.source, answer.target, answer.language)
    if mismatch is None:
        return None
    return "error", mismatch[0], mismatch[1], "Use the unit of the source, or convert the number too."


def _relative_date(answer: Answer) -> Verdict:
    missing = missing_date(answer.source, answer.target, answer.language)
    if missing is None:
        return None
    return "warning", missing[0], f"{missing[0]} = {missing[1]}", "Correct the date in the translation."


def _wrong_side(answer: Answer) -> Verdict:
    side = wrong_side(answer.source, answer.target, answer.language)
    return None if side is None else ("warning", side[0], side[1], "Say which side of the number it is.")


def _negation(answer: Answer) -> Verdict:
    denied = lost_negation(answer.source, answer.target, answer.language)
    if denied is None:
        return None
    return "warning", denied, "a negation", "See whether it says the opposite."


def _opposite(answer: Answer) -> Verdict:
    said = opposite(answer.source, answer.target, answer.language)
    return None if said is None else ("warning", said[0], said[1], "See whether it says the opposite.")


def _question(answer: Answer) -> Verdict:
    asked = _QUESTION.search(answer.source)
    if not asked or _ASKING_MARKS.search(answer.target):
        return None
    indirect = asked[0] not in "?？" and _INDIRECT.search(answer.source)
    if indirect or regex.search(_ASKS.get(answer.language, r"(?!)"), answer.target, regex.IGNORECASE):
        return None
    return "warning", answer.target[-30:], "a question", "Make it a question, as the source is one."


def _added_question(answer: Answer) -> Verdict:
    """`谁也不敢停` asks nothing: nobody dares to stop."""
    asked = _ASKING_MARKS.search(answer.target.replace(";", ""))
    if not asked or _INTERROGATIVE.search(_ANYBODY.sub("", answer.source)):
        return None
    return (
        "warning",
        answer.target[max(0, asked.end() - 30) : asked.end()],
        "a statement",
        "Make it a statement, as the source is one.",
    )


def _prompt_echo(answer: Answer) -> Verdict:
    echo = prompt_echo(answer.source, answer.target)
    return (
        None
        if echo is None
        else ("error", echo[:60], "the translation alone", "Translate the sentence, not the instructions.")
    )


def _other_sentence(answer: Answer) -> Verdict:
    limit, remedy = "the translation of this sentence", "It is another sentence's: translate this one."
    if other_sentence(answer.source, answer.target, answer.nearby) is not None:
        return "error", answer.target[:60], limit, remedy
    taken = taken_words(answer.source, answer.target, answer.nearby)
    return None if taken is None else ("warning", taken, limit, remedy)


def _unbalanced(answer: Answer) -> Verdict:
    """A quotation may run over several sentences; then the source is unbalanced too."""
    left = _lone_quotes(answer.target)
    if not left or _lone_quotes(answer.source):
        return None
    return "warning", left, "quotation marks in pairs", "Add the other mark, or delete this one."


def _lone_quotes(text: str) -> str:
    """The kind of mark that has no partner, or nothing; inches and apostrophes are no quotation marks."""
    if "„" in text:  # German and others: „ “
        text = text.replace("“", "”")
    if regex.sub(r"(?<=\d)\"(?!$)", "", text).count('"') % 2:
        return '"'
    text = text.replace("„", "“")
    for opening, closing in _PAIRS:
        if text.count(opening) != text.count(closing):
            return opening if text.count(opening) > text.count(closing) else closing
    return ""


def _notes(answer: Answer) -> Verdict:
    text = answer.target.strip()
    if (match := _NOTE.search(text)) and not _NOTE.search(answer.source):
        return "error", match[0].strip()[:60], "the translation alone", "Delete the note."
    closed = len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[1:-1].count(text[0]) == 0
    if closed and answer.source.strip()[:1] not in {*_QUOTES, "《"}:
        return "error", text[:60], "no quotation marks around it all", "Delete the quotation marks."
    return None


def _markup(answer: Answer) -> Verdict:
    for match in _MARKUP.finditer(answer.target):
        if match[0] not in answer.source:
            return "error", repr(match[0])[1:-1][:60], "plain text on one row", "Delete it."
    return None


RULES: dict[str, Rule] = {
    "untranslated": _untranslated,
    "simplified": _simplified,
    "source-equals-target": _same,
    "wrong-script": _wrong_script,
    "repetition": _repetition,
    "length-ratio": _length,
    "glossary-term": _terms,
    "glossary-forbidden": _forbidden,
    "name-spelling": _spelling,
    "lost-name": _lost_name,
    "number": _numbers,
    "number-added": _added_numbers,
    "currency": _currency,
    "currency-added": _added_currency,
    "unit-of-measure": _measures,
    "relative-date": _relative_date,
    "number-side": _wrong_side,
    "lost-negation": _negation,
    "opposite": _opposite,
    "lost-question": _question,
    "added-question": _added_question,
    "unbalanced-quotes": _unbalanced,
    "added-note": _notes,
    "markup": _markup,
    "prompt-echo": _prompt_echo,
    "other-sentence": _other_sentence,
}


def _plain(text: str) -> str:
    return regex.sub(r"[\s\p{P}]+", "", unicodedata.normalize("NFKC", text)).casefold()
