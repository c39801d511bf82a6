"""Translating from another translation, mostly the English one, instead of from what is spoken.

A small model knows English and the target better than Chinese and the target, and a reviewer's English is right. The
answer is judged by the spoken sentence all the same: a number that got lost on the way round is found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.files import sha256_json
from pipeline.translation.engines.base import Context, Engine, OnDone, PivotText, Request, no_hints
from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.units import Unit

if TYPE_CHECKING:  # The store knows units, so it imports this package.
    from pipeline.store import StoredUnit

VIA = " via "
ALL = "*"


@dataclass(frozen=True, slots=True)
class Pivot:
    """An episode's translation that others may start from.

    Attributes:
        language: BCP-47; empty: there is none.
        texts: the translation of the sentence that stands on the lines from first to last.
        glossary: the terms of that language.
    """

    language: str
    texts: Mapping[tuple[int, int, str], str]
    glossary: Glossary

    @property
    def digest(self) -> str:
        """SHA-256 of the texts."""
        return sha256_json(sorted([*key, text] for key, text in self.texts.items()))

    def of(
        self, units: Sequence[Unit], place: int, glossary_terms: Sequence[Term], before: int, after: int
    ) -> PivotText | None:
        """What an engine is told of a unit in the pivot's language; None where that translation can't be used."""
        text = self._text(units[place])
        if not text:
            return None
        earlier = (self._text(unit) for unit in units[max(0, place - before) : place])
        later = (self._text(unit) for unit in units[place + 1 : place + 1 + after])
        return PivotText(
            text,
            tuple(each for each in earlier if each),
            tuple(each for each in later if each),
            tuple(self._bridged(term, text) for term in glossary_terms),
        )

    def _text(self, unit: Unit) -> str:
        return self.texts.get((unit.first, unit.last, unit.text), "")

    def _bridged(self, term: Term, text: str) -> Term:
        """The term as the pivot's text spells it: 英伟达 = エヌビディア becomes NVIDIA = エヌビディア."""
        forms = [form for known in self.glossary.hits(term.source) for form in known.forms]
        spelled = next((form for form in forms if form.casefold() in text.casefold()), "")
        return replace(term, source=spelled, aliases=()) if spelled else term


NO_PIVOT = Pivot("", {}, Glossary())


def usable_texts(stored: Sequence[StoredUnit]) -> dict[tuple[int, int, str], str]:
    """The texts of units that another translation may start from: people's for the sentence as it is, and
    machines' that the checks have nothing serious against."""
    return {
        (unit.first, unit.last, unit.source): unit.text
        for unit in stored
        if unit.text
        and not unit.stale
        and (unit.by_person or not any(finding.severity == "error" for finding in unit.findings))
    }


def routes(
    order: Sequence[str], target: str, pivot: Pivot | None, preferred: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The ways to try, in order: each engine as it does better, then each the other way round.

    Arguments:
        target: BCP-47.
        pivot: the translation to start from; None: every engine starts from what is spoken.
        preferred: engine → the languages that it translates better from the pivot; `*` is all.
    """
    if pivot is None:
        return tuple(order)
    better = {name: target in preferred.get(name, ()) or ALL in preferred.get(name, ()) for name in order}
    first = [f"{name}{VIA}{pivot.language}" if better[name] else name for name in order]
    second = [name if better[name] else f"{name}{VIA}{pivot.language}" for name in order]
    return (*first, *second)


def engine_of(way: str) -> str:
    """The engine of a way: `argos` of `argos via en`."""
    return way.partition(VIA)[0]


class ThroughEngine:
    """An engine that is given the pivot's sentences; a unit without one is left to the next way."""

    def __init__(self, inner: Engine, language: str) -> None:
        self._inner = inner
        self._spoken: dict[str, str] = {}
        self.through = language
        self.name = f"{inner.name}{VIA}{language}"
        self.follows_instructions = inner.follows_instructions
        self.next_token = inner.next_token
        self.identity = sha256_json([inner.identity, language])

    @property
    def refused(self) -> Collection[str]:
        return self._inner.refused

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        there = [_there(request, request.pivot) for request in requests if request.pivot is not None]
        self._spoken.update((request.pivot.text, request.text) for request in requests if request.pivot is not None)

        def said(text: str) -> str:
            return context.said(self._spoken.get(text, ""))

        if there:
            # Names are decided for their Chinese spelling, which is not in the text any more.
            self._inner.translate(there, replace(context, source=self.through, hints=no_hints, said=said), on_done)

    def close(self) -> None:
        self._inner.close()


def _there(request: Request, pivot: PivotText) -> Request:
    return replace(
        request,
        text=pivot.text,
        before=pivot.before if request.before else (),
        after=pivot.after if request.after else (),
        terms=pivot.terms,
        similar=(),
        pivot=None,
    )
