"""The translate stage: an episode's sentences in, checked translations in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.progress import Reporter
from pipeline.track import Finding
from pipeline.translation.engines.base import Context
from pipeline.translation.renderings import Decided
from pipeline.translation.requests import Knowledge, build_requests, inputs_of, remembered
from pipeline.translation.run import OpenEngine, Run, where
from pipeline.translation.units import Unit

if TYPE_CHECKING:  # The store knows units, so it imports this package.
    from pipeline.store import Store, StoredUnit


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """What a run of the stage did.

    Attributes:
        language: BCP-47 of the translation.
        units: all units of the episode.
        translated: done by a machine in this run.
        kept: machine translations that were still good.
        by_people: edited or approved, and left as they are.
        engines: the engines that translated something in this run; `memory` where it was known.
        findings: what the checks have against the stored machine translations, people's that are stale, and names
            that are rendered in more than one way.
    """

    language: str
    units: int
    translated: int
    kept: int
    by_people: int
    engines: tuple[str, ...]
    findings: tuple[Finding, ...]


def translate_episode(
    units: Sequence[Unit],
    *,
    context: Context,
    episode_id: str,
    store: Store,
    order: Sequence[str],
    open_engine: OpenEngine,
    known: Knowledge,
    reporter: Reporter,
    context_before: int,
    context_after: int,
    line_times: Sequence[tuple[int, int] | None] | None = None,
    made_by: Mapping[str, str] | None = None,
) -> TranslationResult:
    """Translate an episode's sentences, committing each as soon as it passes the checks.

    A unit that a person edited or approved is left alone; if its sentence or anything else that it depends on changed,
    it is marked stale, and the machine's version is put beside it. A unit whose fingerprint is the stored one is not
    translated again. What the memory has exactly is taken from there.

    Arguments:
        units: the sentences, as `group_sentences` makes them.
        order: names of engines; the first that can be had does the work, the others what it can't.
        open_engine: gives an engine by its name; `pipeline.translation.engines.open_engine` with its tools.
        context_before, context_after: neighbouring sentences that go to the engine with each.
        line_times: when every line of the transcript is spoken, None where it is not: what people's cues go by.
        made_by: what all translations depend on besides the sentence and its terms, by name, as people are told of it
            when it changes: engine, model, prompt.

    Raises:
        MissingError: no engine can be used.
        PlatformError: the only server refused.
        EpisodeError: the store can't be written.
    """
    stored = store.sync(episode_id, context.target, units, title=context.title, line_times=line_times)
    requests = build_requests(units, known, before=context_before, after=context_after)
    inputs = {request.id: inputs_of(request, made_by or {}) for request in requests}
    if store.note_inputs({unit.id: inputs[each.id] for each, unit in zip(units, stored, strict=True)}):
        stored = store.units(episode_id, context.target)
    by_id = dict(zip([unit.id for unit in units], stored, strict=True))
    decided = Decided(known.candidates, known.glossary)
    run = Run(store, context, by_id, inputs, decided, reporter)
    with reporter.task(f"translate {context.target}", len(units), "units") as task:
        run.follow(task)
        run.work(requests, remembered(units, known.memory), tuple(order), open_engine)
    after = store.units(episode_id, context.target)
    return TranslationResult(
        language=context.target,
        units=len(after),
        translated=run.translated,
        kept=run.kept,
        by_people=sum(unit.by_person for unit in after),
        engines=tuple(run.engines),
        findings=tuple(_findings(after, decided)),
    )


def _findings(units: Sequence[StoredUnit], decided: Decided) -> Iterator[Finding]:
    for unit in units:
        if not unit.by_person:
            yield from unit.findings
    yield from (_stale(unit) for unit in units if unit.stale)
    for name, said in decided.drifted().items():
        forms = ", ".join(f"{form} ({count})" for form, count in sorted(said.items(), key=lambda each: -each[1]))
        yield Finding(
            "term-drift", "warning", name, forms, "one translation of a name",
            "Fix it: `zimu terms` proposes the episode's names for approval.",
        )  # fmt: skip


def _stale(unit: StoredUnit) -> Finding:
    what = ", ".join("the sentence" if name == "transcript" else f"the {name}" for name in unit.stale_because)
    return Finding(
        "stale", "warning", where(unit), f"{what} changed after its translation was edited",
        "a translation from all as it is now", "Edit or approve it again, or take the proposal.",
    )  # fmt: skip
