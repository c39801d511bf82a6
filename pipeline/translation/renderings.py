"""How an episode's translations render its names: learnt from names that come together, decided once, followed later.

A name in the sentence and a name in its translation belong together where they sound alike, or where they come
together again and neither comes without the other. Whatever is not sure is not decided: a wrong decision would
be repeated through the whole episode.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations, dropwhile

import regex

from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.terms import Candidate

# Share of common letters from which a name sounds like its pinyin: 马斯克 masike and Musk have 0.60, 奥特曼 aoteman
# and Altman 0.77; names that do not belong together stay below: 阿姆斯特丹 amusitedan and American have 0.56.
_ALIKE = 0.6
_CONFIRMED = 2  # sentences that must have both, where the sound says nothing
# Twice the sentences with both, by the sentences with each: from here a word is a term's translation.
_TOGETHER = 0.6
_LINKED_KINDS = ("name", "title", "quoted")

# A name: capitalised words with their small words between them, but "and" mostly stands between two names; or a run
# of katakana.
_NAME = regex.compile(
    r"(?P<word>\p{Lu}[\p{L}\p{M}\p{N}'’.&+#/-]*)(?:(?: (?:of|the|for|de|la|von|van|der|du))* (?&word))*"
    r"|[\p{Script=Katakana}ー][\p{Script=Katakana}ー・=]+"
)
_QUOTED = regex.compile(r"[“\"「『《]([^“”\"「」『』《》]{2,60})[”\"」』》]")
_SENTENCE_START = regex.compile(r"(?:^|[.!?:…]\s+|[“\"(\[]\s*)$")
_POSSESSIVE = regex.compile(r"['’]s?$")
_MARKS = ".,;:!?'’/-"
_ARTICLES = ("the", "a", "an")
# Words that begin English sentences; elsewhere a word is known as one by its small spelling in the middle.
_OPENER = regex.compile(
    r"an?|the|this|that|these|those|its?|s?he|his|her|they|their|them|we|our|us|your?|i|my|me|if|[io]n|at|by|to|for"
    r"|from|with|without|of|as|and|but|n?or|so|yet|not?|yes|because|although|though|while|when|where|who|what|why|how"
    r"|which|then|t?here|now|today|later|after|before|since|until|during|over|under|about|some|many|most|all|any|each"
    r"|every|one|two|three|first|second|finally|also|even|just|only|such|than|however|therefore|thus|instead|is|are"
    r"|was|were|do|does|did|can|could|will|would|may|might|must|should|let|please|thanks?|hello|hi|welcome|well|okay"
)


class Renderings:
    """The names of an episode and of its translations, counted together. Sentences are added in any order."""

    def __init__(self, candidates: Iterable[Candidate], glossary: Glossary) -> None:
        """`glossary` has the terms that are fixed already: no candidate is found inside one."""
        self._candidates = {candidate.source: candidate for candidate in candidates}
        self._finder = Glossary(tuple(Term(source, (source,)) for source in self._candidates)).overridden_by(glossary)
        self._glossary = glossary
        self._together: Counter[tuple[str, str]] = Counter()
        self._sources: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._small: set[str] = set()
        self._inside: set[str] = set()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return tuple(self._candidates.values())

    def names_in(self, source: str) -> tuple[str, ...]:
        """The candidates that a sentence has; none inside a term of the glossary."""
        return tuple(term.source for term in self._finder.hits(source) if term.source in self._candidates)

    def hear(self, targets: Iterable[str]) -> None:
        """Learn which words are written small or big inside a sentence: at its head one can't see it."""
        for target in targets:
            self._inside.update(name for name, certain in _names(target, self._small).items() if certain)
            self._small.update(regex.findall(r"\b\p{Ll}[\p{L}'’]*", target))

    def see(self, source: str, target: str) -> None:
        """Count a sentence and its translation."""
        self.hear([target])
        sources, names = self.names_in(source), self._open_names(source, target)
        self._sources.update(sources)
        self._names.update(names)
        self._together.update((one, other) for one in sources for other in names)

    def links(self, source: str, target: str) -> dict[str, tuple[str, bool]]:
        """Which name of the translation renders which candidate of the sentence, and whether that is sure."""
        found: dict[str, tuple[str, bool]] = {}
        names = self._open_names(source, target)
        for candidate in self.names_in(source):
            if self._candidates[candidate].kind == "latin" and (same := _as_written(candidate, target)):
                found[candidate] = (same, True)
        pairs = sorted(
            (
                (-self._evidence(candidate, name), place, candidate, name)
                for candidate in self.names_in(source)
                if candidate not in found and self._candidates[candidate].kind != "latin"
                for place, name in enumerate(names)
            )
        )
        taken: set[str] = set()
        for evidence, _, candidate, name in pairs:
            if evidence < 0 and candidate not in found and name not in taken:
                found[candidate] = (name, self._is_sure(candidate, name))
                taken.add(name)
        return found

    def _evidence(self, candidate: str, name: str) -> float:
        """How much speaks for a pair; 0 is too little."""
        together = self._together[candidate, name]
        alike = sounds_alike(candidate, name)
        share = 2 * together / max(1, self._sources[candidate] + self._names[name])
        if alike >= _ALIKE or (share > 0.5 and (together >= _CONFIRMED or self._is_titled(candidate))):
            return alike + share
        return 0.0

    def _is_sure(self, candidate: str, name: str) -> bool:
        if sounds_alike(candidate, name) >= _ALIKE:
            return True
        alone = self._names[name] == self._together[candidate, name]
        return alone and self._together[candidate, name] >= _CONFIRMED

    def _is_titled(self, candidate: str) -> bool:
        return self._candidates[candidate].kind in _LINKED_KINDS

    def _open_names(self, source: str, target: str) -> tuple[str, ...]:
        """The names of a translation that neither the glossary nor the sentence's own Latin names account for."""
        fixed = [form for term in self._glossary.hits(source) for form in term.forms]
        known = {form.casefold() for form in fixed}
        folded = source.casefold()
        spoken = self.names_in(source)
        return tuple(
            name
            for name, certain in _names(target, self._small).items()
            if (certain or name in self._inside or any(sounds_alike(one, name) >= _ALIKE for one in spoken))
            and name.casefold() not in known
            and name.casefold() not in folded
        )


class Decided:
    """The renderings of one run, each decided once: what is accepted is learnt, later sentences get hints."""

    def __init__(self, candidates: Iterable[Candidate], glossary: Glossary) -> None:
        self._renderings = Renderings(candidates, glossary)
        self._decided: dict[str, str] = {}
        self._said: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._peoples: set[str] = set()

    def learn(self, source: str, target: str, *, by_person: bool = False) -> None:
        """Learn from an accepted translation. What a person wrote decides over what a machine did before."""
        self._renderings.see(source, target)
        for candidate, (name, sure) in self._renderings.links(source, target).items():
            self._said[candidate][name] += 1
            if by_person and sure:
                self._decided[candidate] = name
                self._peoples.add(candidate)
            elif sure and candidate not in self._peoples:
                self._decided.setdefault(candidate, name)

    def hints(self, source: str) -> tuple[Term, ...]:
        """The decided renderings of the names in a sentence, in its order: for the prompt, not to be enforced."""
        names = self._renderings.names_in(source)
        return tuple(Term(name, (self._decided[name],)) for name in names if name in self._decided)

    def drifted(self) -> dict[str, Mapping[str, int]]:
        """The names that were rendered in more than one way, with how often each; for a warning.

        A full name and a part of it, Dylan Patel and Patel, are one way.
        """
        return {name: dict(said) for name, said in self._said.items() if _differ(said)}


def _differ(forms: Iterable[str]) -> bool:
    words = [set(form.split()) for form in forms]
    return any(not one <= other and not other <= one for one, other in combinations(words, 2))


def collect_renderings(
    pairs: Sequence[tuple[str, str]], candidates: Iterable[Candidate], glossary: Glossary
) -> dict[str, dict[str, int]]:
    """For each candidate its renderings in an episode's (sentence, translation) pairs, with how often."""
    known = Renderings(candidates, glossary)
    known.hear(target for _, target in pairs)
    for source, target in pairs:
        known.see(source, target)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for source, target in pairs:
        for candidate, (name, _) in known.links(source, target).items():
            found[candidate][name] += 1
    named = {candidate: dict(counts) for candidate, counts in found.items()}
    return _words_for(pairs, [each for each in known.candidates if each.kind == "repeated"]) | named


def _words_for(pairs: Sequence[tuple[str, str]], candidates: Sequence[Candidate]) -> dict[str, dict[str, int]]:
    """For each repeated term the one word that mostly comes with it and seldom without it."""
    words = [{_singular(word) for word in regex.findall(r"[\p{L}\p{M}-]{4,}", target)} for _, target in pairs]
    totals = Counter(word for each in words for word in each)
    found: dict[str, dict[str, int]] = {}
    for candidate in candidates:
        places = [place for place, (source, _) in enumerate(pairs) if candidate.source in source]
        together = Counter(word for place in places for word in words[place])
        shares = {word: 2 * count / (len(places) + totals[word]) for word, count in together.items()}
        best = max(shares, key=lambda word: (shares[word], word), default="")
        if best and together[best] >= _CONFIRMED and shares[best] >= _TOGETHER:
            found[candidate.source] = {best: together[best]}
    return found


def _singular(word: str) -> str:
    return word.casefold().removesuffix("s")


@lru_cache(maxsize=1 << 14)
def sounds_alike(han: str, name: str) -> float:
    """How alike the pinyin of a Chinese name and a Latin name are, 0 to 1; for the best of the name's words."""
    from pypinyin import lazy_pinyin  # its dictionary takes a second to load

    spoken = "".join(lazy_pinyin(han))
    words = [word for word in regex.split(r"[^\p{L}]+", name.casefold()) if len(word) > 2]
    ratios = [SequenceMatcher(None, spoken, word, autojunk=False).ratio() for word in [*words, "".join(words)] if word]
    return max(ratios, default=0.0)


def _names(target: str, small: set[str]) -> dict[str, bool]:
    """The names in a translation, and what stands in quotation marks; with whether it is certain that they are names.

    A single word at the head of a sentence is not certain, and no name if it is written small elsewhere.
    """
    found = {match[1].strip(): True for match in _QUOTED.finditer(target)}
    for match in _NAME.finditer(target):
        words = _POSSESSIVE.sub("", match[0].rstrip(_MARKS)).split(" ")
        first = words[0].casefold()
        heads = words[0][0].isupper() and _SENTENCE_START.search(target[: match.start()]) is not None
        if first in _ARTICLES or (heads and (first in small or _OPENER.fullmatch(first))):
            words, heads = list(dropwhile(str.islower, words[1:])), False
        if name := " ".join(words):
            found[name] = found.get(name, False) or not heads or len(words) > 1
    return {name: certain for name, certain in found.items() if len(name) > 1}


def _as_written(name: str, target: str) -> str:
    """A Latin name as the translation writes it, whatever its case; empty where it is not there."""
    match = regex.search(rf"(?<!\w){regex.escape(name)}(?!\w)", target, regex.IGNORECASE)
    return match[0] if match else ""
