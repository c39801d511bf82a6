"""What goes to an engine for each unit, and what its translation is known by; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.files import sha256_json
from pipeline.translation import glossary as terms
from pipeline.translation.engines.base import Context, Engine, PivotText, Request
from pipeline.translation.engines.through import NO_PIVOT, Pivot
from pipeline.translation.glossary import Glossary
from pipeline.translation.memory import Memory
from pipeline.translation.numbers import with_sizes
from pipeline.translation.terms import Candidate
from pipeline.translation.units import Unit

FINGERPRINT_VERSION = 3
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known before the first sentence is translated.

    Attributes:
        glossary: terms whose translation is fixed.
        memory: sentences that people have approved.
        near_percent: how alike a sentence of the memory must be to be shown to the engine.
        near_limit: how many of them at most.
        candidates: names that nobody has fixed: the first rendering of each is told to the engine later on.
        pivot: the episode in another language, for engines that start from it.
    """

    glossary: Glossary = Glossary()  # noqa: RUF009  # frozen
    memory: Memory = Memory()  # noqa: RUF009  # empty, and does not change
    near_percent: float = 100.0
    near_limit: int = 0
    candidates: tuple[Candidate, ...] = ()
    pivot: Pivot = NO_PIVOT


def build_requests(units: Sequence[Unit], known: Knowledge, *, before: int, after: int) -> list[Request]:
    """Each unit with its neighbours, the glossary's terms in it, the memory's sentences like it, and the pivot."""
    texts = [unit.text for unit in units]
    return [
        Request(
            id=unit.id,
            text=unit.text,
            before=tuple(texts[max(0, place - before) : place]),
            after=tuple(texts[place + 1 : place + 1 + after]),
            terms=(found := known.glossary.hits(unit.text)),
            similar=_similar(known, unit.text, *_beside(texts, place)),
            pivot=known.pivot.of(units, place, found, before, after),
        )
        for place, unit in enumerate(units)
    ]


def remembered(units: Sequence[Unit], memory: Memory) -> dict[str, str]:
    """The translations of units that the memory has exactly, by the unit's id."""
    texts = [unit.text for unit in units]
    found: dict[str, str] = {}
    for place, unit in enumerate(units):
        before, after = _beside(texts, place)
        if hit := memory.exact(unit.text, before=before, after=after):
            found[unit.id] = hit.entry.target
    return found


def fingerprint(request: Request, context: Context, engine: Engine) -> str:
    """Hash of all that a unit's translation by an engine depends on.

    What is advice is no part of it: the names as they were translated so far, the sentences translated before it, and
    the memory's sentences like it. They grow with every sentence that is approved, and none of that makes a translation
    wrong that has passed the checks.
    """
    return sha256_json(
        [
            FINGERPRINT_VERSION,
            request.text,
            request.before,
            request.after,
            [terms.fingerprint(term) for term in request.terms],
            [context.source, context.target, context.target_name, context.title],
            engine.identity,
            *([_pivot_parts(request.pivot)] if engine.through else []),
            # Only where the engine is told so: no other translation is made again for it.
            *([sized] if (sized := with_sizes(request.text, context.target.split("-")[0])) != request.text else []),
        ]
    )


def inputs_of(request: Request, made_by: Mapping[str, str]) -> dict[str, str]:
    """What a unit's translation is made from besides its sentence, by name, in words that people can compare."""
    terms_told = sorted(
        f"{term.source} = {'|'.join(term.forms)}" + "".join(f", not {form}" for form in term.forbidden)
        for term in request.terms
    )
    return {"glossary": "; ".join(terms_told), **made_by}


def memory_fingerprint(request: Request, context: Context, text: str) -> str:
    """Hash of all that a translation out of the memory depends on."""
    return sha256_json([FINGERPRINT_VERSION, MEMORY, request.text, context.source, context.target, text])


def _pivot_parts(pivot: PivotText | None) -> list[object]:
    """Its sentence and terms; its neighbours are advice, or one corrected sentence would redo those after it too."""
    return [] if pivot is None else [pivot.text, [terms.fingerprint(term) for term in pivot.terms]]


def _beside(texts: Sequence[str], place: int) -> tuple[str, str]:
    before = texts[place - 1] if place else ""
    after = texts[place + 1] if place + 1 < len(texts) else ""
    return before, after


def _similar(known: Knowledge, text: str, before: str, after: str) -> tuple[tuple[str, str], ...]:
    if not known.near_limit:
        return ()
    hits = known.memory.near(text, least=known.near_percent, limit=known.near_limit, before=before, after=after)
    return tuple((hit.entry.source, hit.entry.target) for hit in hits)
