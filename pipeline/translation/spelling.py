"""Names in Latin letters that a translation spells in another way, as Hip for Hipp, or leaves out. Pure."""

from __future__ import annotations

from collections.abc import Collection

import regex
from rapidfuzz import fuzz

_WORD = regex.compile(r"\p{Script=Latin}[\p{Script=Latin}\p{M}\p{N}]*(?:[.\-]?[\p{Script=Latin}\p{N}]+)*")
_SHORTEST = 3  # letters; two are too like other words
_NEAR = 74.0  # percent: semi-analytic and SemiAnalysis have 77, Hipp and ship 50
_HEAD = 2  # letters that must be the same: Oracle and miracle have 77 percent too
# Words of one name: Demis Hassabis, RISC-V International.
_NAME = regex.compile(rf"{_WORD.pattern}(?:[ ·]{_WORD.pattern})*")
# Latin words that Chinese speakers use as words of their own: translations say them in another way.
_WORDS = frozenset(
    """
    ai app apps aa bgm bug bye ceo cfo coo cto cpu demo diy dna emo gpu hello hi hr ip it kol kpi ktv logo offer ok okay
    pc pk plus ppt pro sorry tv up ups vip vlog vs wifi
    """.split()  # noqa: SIM905  # nobody reads fifty quoted words
)


def misspelt(source: str, target: str) -> tuple[str, str] | None:
    """(the translation's word, the source's name) of the first name that stands there in another spelling only.

    A name that the translation leaves out is no misspelling: "he" may be enough. All capitals may become a capital at
    the head, as Arm for ARM.
    """
    said = list(dict.fromkeys(_WORD.findall(target)))
    names = dict.fromkeys(_WORD.findall(source))
    for name in names:
        if len(name) < _SHORTEST or name.islower() or any(_is(name, word) for word in said):
            continue
        others = [word for word in said if word not in names and _is_near(name, word)]
        if others:
            return others[0], name
    return None


def left_out(source: str, target: str, known: Collection[str]) -> list[str]:
    """The names of which the translation has no word at all, as the source writes them.

    Arguments:
        known: what others look after: the glossary's terms in the source.
    """
    looked_after = " ".join(known).casefold()
    folded, bare = target.casefold(), _bare(target)
    said = _WORD.findall(target)
    return [
        name
        for name in dict.fromkeys(_NAME.findall(source))
        if not name.islower()
        and name.casefold() not in _WORDS
        and not any(
            word.casefold() in folded
            or word.casefold() in looked_after
            or any(_is_near(word, other) for other in said if len(word) >= _SHORTEST)
            for word in name.replace("·", " ").split()
        )
        and _bare(name) not in bare
    ]


def _bare(text: str) -> str:
    return regex.sub(r"[\W_]+", "", text).casefold()


def _is(name: str, word: str) -> bool:
    """The name, or the name with an ending; or in small capitals."""
    return word.startswith(name) or (name.isupper() and name.isalpha() and word == name.capitalize())


def _is_near(name: str, word: str) -> bool:
    bare, folded = _bare(word), _bare(name)
    return bare[:_HEAD] == folded[:_HEAD] and fuzz.ratio(bare, folded) >= _NEAR
