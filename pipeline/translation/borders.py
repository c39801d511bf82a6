"""How likely a sentence ends between two caption lines: clues of spoken Chinese, each with its weight.

A score above 0 says that a sentence ends at the border, one below 0 that it goes on; scores are logarithms of odds,
so those of clues, pauses and a language model add up. The clues stand in `config/sentences.toml`, which explains
them; `python -m tests.benchmarks.units --fit` fits their weights to texts with marked sentence ends.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline.errors import UsageError
from pipeline.files import config_file, read_toml

Place = Literal["end", "start", "before", "after", "both"]
# Beyond this a language model only repeats that it is sure, and would outweigh punctuation.
_SURE = 6.0


@dataclass(frozen=True, slots=True)
class Clue:
    """Words beside a border that speak for or against the end of a sentence.

    Attributes:
        at: where they stand: the `end` of the line before, the `start` of the line after, anywhere in the line
            `before` or `after`, or in `both` lines with | between them.
        group: of the clues of one group, the first that matches counts; empty: none.
        weight: what they add to the border's score.
        prior: the weight that grammar suggests, from which fitting starts; None where the weight is not fitted.
    """

    name: str
    at: Place
    pattern: re.Pattern[str]
    group: str
    weight: float
    prior: float | None

    def matches(self, before: str, after: str) -> bool:
        """Whether the clue is there, at the border of these two lines."""
        if self.at == "both":
            return self.pattern.search(f"{before}|{after}") is not None
        return self.pattern.search(before if self.at in ("end", "before") else after) is not None


@dataclass(frozen=True, slots=True)
class ModelWeights:
    """How a language model's score joins the clues' score: `clues` · theirs + `model` · its own + `base`."""

    clues: float
    model: float
    base: float


@dataclass(frozen=True, slots=True)
class SentenceRules:
    """All that the grouping of lines into sentences goes by.

    Attributes:
        base: score of a border without any clue.
        lengths: what a sentence of one line, two lines … adds; the last one counts for all above.
        pauses: (milliseconds, score), longest first: what a pause of at least so long adds.
        model: the weights where a language model has been asked.
    """

    base: float
    lengths: tuple[float, ...]
    pauses: tuple[tuple[int, float], ...]
    model: ModelWeights
    clues: tuple[Clue, ...]

    def border_score(self, before: str, after: str, pause_ms: int, model_score: float | None = None) -> float:
        """The score of the border between two lines that are `pause_ms` apart; above 0 a sentence ends there.

        `model_score` is a language model's logarithm of the odds that a sentence ends there; None: not asked.
        """
        found = matching(self.clues, before, after)
        fixed = sum(clue.weight for clue in found if clue.prior is None)
        score = sum(clue.weight for clue in found if clue.prior is not None)
        if model_score is not None:
            sure = max(-_SURE, min(_SURE, model_score))
            score = self.model.clues * score + self.model.model * sure + self.model.base
        else:
            score += self.base
        return fixed + score + next((value for least, value in self.pauses if pause_ms >= least), 0.0)

    def length_score(self, lines: int) -> float:
        """How likely a spoken sentence is to take so many caption lines."""
        return self.lengths[min(lines, len(self.lengths)) - 1]


def matching(clues: tuple[Clue, ...], before: str, after: str) -> list[Clue]:
    """The clues at the border of two lines, at most one of each group."""
    found: list[Clue] = []
    groups: set[str] = set()
    for clue in clues:
        if clue.group not in groups and clue.matches(before, after):
            found.append(clue)
            if clue.group:
                groups.add(clue.group)
    return found


def load_sentence_rules(path: Path) -> SentenceRules:
    """The rules of a `sentences.toml`.

    Raises:
        UsageError: it is not TOML, or not of that form.
    """
    table = read_toml(path)
    try:
        return SentenceRules(
            base=float(table["base"]),
            lengths=_numbers(table["lines"]),
            pauses=tuple((int(least), float(score)) for least, score in table["pauses"]),
            model=ModelWeights(**{key: float(value) for key, value in table["model"].items()}),
            clues=tuple(_clue(entry) for entry in table["clue"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise UsageError(
            f"The rules for sentences can't be used: {error!r}.",
            where=path,
            remedy="Compare it with the config/sentences.toml that comes with Zimu.",
        ) from error


@functools.lru_cache(maxsize=1)
def default_rules() -> SentenceRules:
    """The rules that come with Zimu."""
    return load_sentence_rules(config_file("sentences.toml"))


def _numbers(values: list[Any]) -> tuple[float, ...]:
    if not values:
        raise ValueError("lines is empty")
    return tuple(float(value) for value in values)


def _clue(entry: Mapping[str, Any]) -> Clue:
    at = entry["at"]
    if at not in get_args(Place):
        raise ValueError(f"at = {at!r}")
    words = "|".join(entry["words"].split())
    return Clue(
        name=entry["name"],
        at=at,
        pattern=re.compile(_anchored(at, words)),
        group=entry.get("group", ""),
        weight=float(entry["weight"]),
        prior=None if entry.get("fixed", False) else float(entry["prior"]),
    )


def _anchored(at: Place, words: str) -> str:
    return {"end": f"(?:{words})$", "start": f"^(?:{words})"}.get(at, words)
