"""Shorter by leaving words out: of all that is left of a translation then, what the model finds likeliest.

Small models can't shorten a sentence when they are asked to: they give it back, or make a telegram of it. But they
know how likely a sentence goes on, and with that the best words to leave out can be searched for. Nothing is reworded,
so nothing can be invented, and the history says which words went.

What a shorter text loses is counted in nats:
- every word that is left and follows other words than before loses what it is less likely there, as the translation
  of its sentence;
- every word that is left out loses a share of what the sentence speaks for it: how much likelier it is as the
  translation of this sentence than of none. So "who maintain it" is cheap where the sentence says "core programmers"
  anyway, and "enemy" is dear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import regex

from pipeline.translation.engines.base import NextToken

VERSION = 2  # raised when the same texts and model would give others

# A text that loses more is not good enough: measured on 16 sentences of chips and alphafold (tests/benchmarks).
_MOST_LOST = 5.0
# What a word that is left out loses of what speaks for it.
_SHARE = 0.3
# A longer sentence would take minutes; twelve seconds of speech have half as many words.
_MOST_WORDS = 80
# Words that may be left out one after the other, and how much shorter than necessary the text may become.
_RUN = 8
_SLACK, _LEAST_SLACK = 0.3, 12
# Of the ways to reach a word, so many lengths are told apart on the way to what has to go.
_LENGTHS = 4
# What is not among a model's likeliest tokens is taken to be a little less likely than the last of them. A token that
# begins a word counts for it if it is so much of it: " a" says nothing of "approximately". Figures are tokens each.
_UNSEEN, _LEAST_OF_WORD = 1.0, 0.5

_TURN = (
    "<|im_start|>system\nYou are a professional subtitle translator. You translate subtitles of a video into short,"
    " natural, spoken English.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
)
_NO_SENTENCE = "…"
# Words that bind what follows them to what stands before: they go with it or stay with it. "The enemy of Oracle" is no
# Oracle. ("To" is not among them: "will be able to solve" is "will solve".)
_BINDING = frozenset(
    """
    of in on at for by with from into onto as than about over under after before until till since between among against
    through during without within per like because if unless although though while when where whether
    """.split()  # noqa: SIM905  # nobody reads fifty quoted words
)
_MARK = regex.compile(r"[.!?…]*$")
_SENTENCE_ENDS = regex.compile(r"[.!?…][\"”’)\]]*$")
_PAUSES = ",;:—–-"
# A number, or a capital: at the begin of any word but I, or within it; and words without which it is not true any more.
_STAYS = regex.compile(
    r"\p{Nd}|^\P{L}*(?!I(?:['’]\p{L}+)?\P{L}*$)\p{Lu}|\p{L}\p{Lu}|n['’]t\b|"
    r"\b(?i:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|without|hardly|barely|scarcely|rarely|seldom|"
    r"few|little|unless|only|almost|nearly|half|double|twice)\b"
)


@dataclass(frozen=True, slots=True)
class Condensed:
    """A text with words left out.

    Attributes:
        left_out: the words, as they stood one after the other.
        lost: nats; less is better.
    """

    text: str
    left_out: tuple[str, ...]
    lost: float


@dataclass(frozen=True, slots=True)
class _Draft:
    """The beginning of a condensed text."""

    text: str
    left_out: tuple[str, ...] = ()
    lost: float = 0.0


def condense(
    source: str, text: str, *, most: int, count: Callable[[str], float], next_token: NextToken
) -> list[Condensed]:
    """An English sentence with words left out so that it fits, the best first; empty where none is good enough.

    Numbers, words that deny or limit, and words with a capital in a sentence's middle stay, and the last word of every
    sentence but the last.

    Arguments:
        source: what it translates.
        most: how long it may be, in what `count` counts.
        next_token: of a model that speaks ChatML, as Qwen does.

    Raises:
        EngineUnavailableError: the model failed.
    """
    return sorted(_Search(source, text, most, count, next_token).run(), key=lambda one: (one.lost, one.text))


class _Search:
    """By one dynamic programme: for every word, and about every length, the best text that ends with it."""

    def __init__(self, source: str, text: str, most: int, count: Callable[[str], float], next_token: NextToken) -> None:
        found = _MARK.search(text)
        self._mark = found[0] if found else ""
        self._words = text.removesuffix(self._mark).split()
        self._most, self._count, self._next_token = most, count, next_token
        self._need = max(1, round(count(text) - most))
        self._slack = max(_LEAST_SLACK, round(_SLACK * most))
        self._prompt = _prompt(source)
        self._drafts: list[dict[int, _Draft]] = [{} for _ in self._words]
        self._as_it_is: list[float] = []
        self._dear: list[float] = []

    def run(self) -> Iterator[Condensed]:
        """All that fits and does not lose too much, in any order."""
        words = self._words
        if not 2 <= len(words) <= _MOST_WORDS:
            return
        begins = [" ".join(words[:at]) for at in range(len(words) + 1)]
        steps = [*(" " * (at > 0) + word for at, word in enumerate(words)), self._mark]
        whole = [self._next_token(self._prompt + begin) for begin in begins]
        bare = [self._next_token(_prompt(_NO_SENTENCE) + begin) for begin in begins[:-1]]
        self._as_it_is = [_log_prob(tokens, step) for tokens, step in zip(whole, steps, strict=True)]
        self._dear = [
            math.inf if self._stays(at) else _SHARE * max(0.0, self._as_it_is[at] - _log_prob(tokens, steps[at]))
            for at, tokens in enumerate(bare)
        ]
        self._extend(_Draft(""), -1, whole[0])
        for at in range(len(words)):
            for _, draft in sorted(self._drafts[at].items()):
                tokens = self._next_token(self._prompt + draft.text) if draft.left_out else whole[at + 1]
                self._extend(draft, at, tokens)
                yield from self._ended(draft, at, tokens)

    def _extend(self, draft: _Draft, at: int, tokens: Mapping[str, float]) -> None:
        """Go on with each of the next words, those before it left out."""
        lost = draft.lost
        for to in range(at + 1, min(at + 2 + _RUN, len(self._words))):
            word, skipped = self._words[to], self._words[at + 1 : to]
            if any(map(_SENTENCE_ENDS.search, skipped)):
                break
            if skipped and skipped[-1].casefold() in _BINDING:
                lost += self._dear[to]
                continue
            if skipped and (not draft.text or _SENTENCE_ENDS.search(draft.text)):
                word = word[0].upper() + word[1:]
            step = f" {word}" if draft.text else word
            left_out = (*draft.left_out, " ".join(skipped)) if skipped else draft.left_out
            less_likely = max(0.0, self._as_it_is[to] - _log_prob(tokens, step)) if left_out else 0.0
            self._keep(_Draft(draft.text + step, left_out, lost + less_likely), to)
            lost += self._dear[to]

    def _keep(self, draft: _Draft, at: int) -> None:
        gone = len(" ".join(self._words[: at + 1])) - len(draft.text)
        if draft.lost > _MOST_LOST or gone > self._need + self._slack:
            return
        length = gone * _LENGTHS // self._need
        known = self._drafts[at].get(length)
        if known is None or draft.lost < known.lost:
            self._drafts[at][length] = draft

    def _ended(self, draft: _Draft, at: int, tokens: Mapping[str, float]) -> Iterator[Condensed]:
        """The draft as a whole text, what follows left out."""
        rest = self._words[at + 1 :]
        left_out = (*draft.left_out, " ".join(rest)) if rest else draft.left_out
        lost = draft.lost + sum(self._dear[at + 1 :])
        if rest:
            if not self._mark or draft.text[-1] in _PAUSES or any(map(_SENTENCE_ENDS.search, self._words[at:])):
                return
            lost += max(0.0, self._as_it_is[-1] - _log_prob(tokens, self._mark))
        text = draft.text + self._mark
        if left_out and lost <= _MOST_LOST and self._most - self._slack <= self._count(text) <= self._most:
            yield Condensed(text, left_out, lost)

    def _stays(self, at: int) -> bool:
        """Whether a word may not be left out: numbers, names by their capitals, and what denies or limits."""
        word = self._words[at]
        if at == 0 or _SENTENCE_ENDS.search(self._words[at - 1]):
            word = word[0].lower() + word[1:]
        return _STAYS.search(word) is not None


def _log_prob(tokens: Mapping[str, float], text: str) -> float:
    """How likely a text comes next, by the longest token that it begins with."""
    word = text.strip() or "…"
    known = [
        (len(token), value)
        for token, value in tokens.items()
        if token and text.startswith(token) and (word[0].isdigit() or len(token.strip()) >= _LEAST_OF_WORD * len(word))
    ]
    return max(known)[1] if known else min(tokens.values(), default=0.0) - _UNSEEN


def _prompt(source: str) -> str:
    return _TURN.format(source.replace("<|", "< |"))  # no sentence ends the turn
