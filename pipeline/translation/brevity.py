"""Whether a text may take the place of a longer one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import regex

from pipeline.languages import Language
from pipeline.subtitles.budget import Excess
from pipeline.subtitles.display import count
from pipeline.translation.checks import check_unit
from pipeline.translation.glossary import Glossary

# Below this share of the budget something that is said was left out, as a subordinate clause: measured on answers of
# a small model, where whole sentences had 0.65 and more, fragments such as "fopen function" 0.2 to 0.5.
_LEAST = 0.6
# An answer must take away at least this share of what is too much: less is another wording, not a shorter one.
_GAIN = 0.5
# English that leaves its small words out is a telegram, not a subtitle. Of 96 sentences translated by hand (those of
# six words and more of tests/benchmarks/translations) none has a smaller share of them than this.
_SMALL_WORDS = frozenset(
    """
    a an the this that these those my your his her its our their some any no every each all i you he she
    it we they me him us them who which what where when how why there here is are was were be been being
    am 's 're 'm 've 'll 'd has have had do does did will would can could should must may might let's to
    of in on at for by with from into as than and or but so if because not n't only just up out about
    over after before
    """.split()  # noqa: SIM905  # nobody reads a hundred quoted words
)
_LEAST_SMALL = 0.25
_WORD = regex.compile(r"n't|'(?:s|re|m|ve|ll|d)\b|[\p{L}\p{N}]+?(?=n't)|[\p{L}\p{N}-]+", regex.IGNORECASE)

_NAME = regex.compile(r"[\p{Latin}\p{Nd}]+(?:[-.+/_][\p{Latin}\p{Nd}]+)*")
_SENTENCE_MARK = regex.compile(r"[.!?…。！？؟]$")

Renderings = Mapping[str, Mapping[str, int]]


def is_shorter(
    source: str, before: str, after: str, *, excess: Excess, language: Language, glossary: Glossary, names: Renderings
) -> bool:
    """Whether `after` may take the place of `before`: really shorter, still whole, and with nothing new against it.

    Names that the sentence writes in Latin letters, and those that `names` has for it, must stay; numbers and terms
    are among the checks.
    """
    profile = language.profile
    long, short = count(before, profile), count(after, profile)
    if short > long - _GAIN * max(1, long - excess.budget) or short < _LEAST * excess.budget:
        return False
    if language.tag.split("-")[0] == "en" and _is_telegram(after) and not _is_telegram(before):
        return False
    return faults(source, after, language, glossary) <= faults(source, before, language, glossary) and all(
        name in after.casefold() for name in kept_names(source, before, names)
    )


def _is_telegram(text: str) -> bool:
    """Whether English text leaves out the small words that make it a sentence, as headlines do."""
    words = _WORD.findall(text.replace("’", "'").casefold())
    return ";" in text or sum(word in _SMALL_WORDS for word in words) < _LEAST_SMALL * len(words)


def faults(source: str, target: str, language: Language, glossary: Glossary) -> frozenset[tuple[str, str]]:
    """What the checks have against a translation: rules, each with its severity."""
    found = check_unit(source, target, language=language.tag, terms=glossary.hits(source), where="")
    return frozenset((finding.rule, finding.severity) for finding in found)


def kept_names(source: str, target: str, names: Renderings) -> Iterator[str]:
    """The names of a sentence that its translation has, as it writes them, in lower case."""
    folded = target.casefold()
    for match in _NAME.finditer(source):
        if regex.search(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(match[0].casefold())}(?![\p{{L}}\p{{N}}])", folded):
            yield match[0].casefold()
    for name, forms in names.items():
        if name in source:
            yield from (form.casefold() for form in forms if form.casefold() in folded)


def with_its_mark(before: str, after: str) -> str:
    """The answer with the mark that the sentence ended with, which small models drop."""
    mark = _SENTENCE_MARK.search(before)
    return after + mark[0] if mark and after and after[-1].isalnum() else after
