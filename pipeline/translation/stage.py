"""The translate stage: an alignment in, checked translations in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.alignment.result import Alignment
from pipeline.errors import MissingError, PlatformError, ZimuError
from pipeline.files import sha256_json
from pipeline.progress import Reporter, Task
from pipeline.track import Finding
from pipeline.translation.checks import check_unit
from pipeline.translation.engines.base import Context, Engine, EngineUnavailableError, Request
from pipeline.translation.glossary import Glossary
from pipeline.translation.units import Unit, group_sentences

if TYPE_CHECKING:  # The store knows units, so it imports this package.
    from pipeline.store import Store, StoredUnit

FINGERPRINT_VERSION = 1

OpenEngine = Callable[[str, Context], Engine]


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """What a run of the stage did.

    Attributes:
        language: BCP-47 of the translation.
        units: all units of the episode.
        translated: done by a machine in this run.
        kept: machine translations that were still good.
        by_people: edited or approved, and left as they are.
        engines: the engines that translated something in this run.
        findings: what the checks have against the stored machine translations, and people's that are stale.
    """

    language: str
    units: int
    translated: int
    kept: int
    by_people: int
    engines: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    engine: str
    findings: tuple[Finding, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return sum(finding.severity == "error" for finding in self.findings), len(self.findings)


def translate_episode(
    alignment: Alignment,
    *,
    episode_id: str,
    title: str,
    target: str,
    target_name: str,
    store: Store,
    order: Sequence[str],
    open_engine: OpenEngine,
    glossary: Glossary,
    reporter: Reporter,
    max_lines: int,
    max_ms: int,
    context_before: int,
    context_after: int,
) -> TranslationResult:
    """Translate an episode's sentences into `target`, committing each as soon as it passes the checks.

    A unit that a person edited or approved is left alone; if its sentence changed, the machine's version is put
    beside it. A unit whose fingerprint is the stored one is not translated again.

    Arguments:
        target: BCP-47; `target_name` is its English name, for prompts.
        order: names of engines; the first that can be had does the work, the others what it can't.
        open_engine: gives an engine by its name; `pipeline.translation.engines.open_engine` with its tools.
        max_lines, max_ms: limits of a sentence.
        context_before, context_after: neighbouring sentences that go to the engine with each.

    Raises:
        MissingError: no engine can be used.
        PlatformError: the only server refused.
        EpisodeError: the store can't be written.
    """
    units = group_sentences(alignment.lines, max_lines=max_lines, max_ms=max_ms)
    stored = store.sync(episode_id, target, units, title=title)
    context = Context(alignment.language, target, target_name, title)
    requests = build_requests(units, glossary, before=context_before, after=context_after)
    run = _Run(store, context, dict(zip([unit.id for unit in units], stored, strict=True)), reporter)
    with reporter.task(f"translate {target}", len(units), "units") as task:
        run.follow(task)
        run.work(requests, tuple(order), open_engine)
    return run.result(episode_id)


def build_requests(units: Sequence[Unit], glossary: Glossary, *, before: int, after: int) -> list[Request]:
    """Each unit with its neighbours and the glossary's terms in it."""
    texts = [unit.text for unit in units]
    return [
        Request(
            id=unit.id,
            text=unit.text,
            before=tuple(texts[max(0, place - before) : place]),
            after=tuple(texts[place + 1 : place + 1 + after]),
            terms=glossary.hits(unit.text),
        )
        for place, unit in enumerate(units)
    ]


def fingerprint(request: Request, context: Context, engine: Engine) -> str:
    """Hash of all that a unit's translation depends on."""
    return sha256_json(
        [
            FINGERPRINT_VERSION,
            request.text,
            request.before,
            request.after,
            [[term.source, *term.forms] for term in request.terms],
            [context.source, context.target, context.target_name, context.title],
            engine.identity,
        ]
    )


class _Run:
    """One run over one language: what is open, what was tried, what came back."""

    def __init__(self, store: Store, context: Context, stored: dict[str, StoredUnit], reporter: Reporter) -> None:
        self._store = store
        self._context = context
        self._stored = stored
        self._reporter = reporter
        self._task: Task | None = None
        self._done: set[str] = set()
        self._kept = 0
        self._translated = 0
        self._engines: list[str] = []
        self._candidates: dict[str, list[_Candidate]] = {}
        self._fingerprints: dict[str, str] = {}

    def follow(self, task: Task) -> None:
        """Show progress there."""
        self._task = task

    def work(self, requests: Sequence[Request], order: tuple[str, ...], open_engine: OpenEngine) -> None:
        """Ask the engines in turn until every unit has a translation, or a finding."""
        for request in requests:
            unit = self._stored[request.id]
            if unit.by_person and not unit.stale:
                self._finish(request.id)
        refusal: ZimuError | None = None
        for name in order:
            open_requests = [request for request in requests if request.id not in self._done]
            if not open_requests:
                return
            try:
                with closing(open_engine(name, self._context)) as engine:
                    self._use(engine, open_requests)
            except (EngineUnavailableError, PlatformError) as error:
                refusal = error
                self._reporter.warn(f"{name} can't be used: {error.what} {error.remedy}")
        self._settle([request for request in requests if request.id not in self._done], refusal)

    def result(self, episode_id: str) -> TranslationResult:
        """What the run did, with the findings of all units as they are stored now."""
        units = self._store.units(episode_id, self._context.target)
        findings = [finding for unit in units if not unit.by_person for finding in unit.findings]
        findings += [_stale(unit) for unit in units if unit.stale]
        return TranslationResult(
            language=self._context.target,
            units=len(units),
            translated=self._translated,
            kept=self._kept,
            by_people=sum(unit.by_person for unit in units),
            engines=tuple(self._engines),
            findings=tuple(findings),
        )

    def _use(self, engine: Engine, requests: Sequence[Request]) -> None:
        """Let one engine translate; ask again for what is refused, with the reasons, then without neighbours too."""
        todo = []
        for request in requests:
            wanted = fingerprint(request, self._context, engine)
            unit = self._stored[request.id]
            if request.id not in self._candidates and wanted in (unit.fingerprint, unit.proposal_fingerprint):
                self._kept += not unit.by_person
                self._finish(request.id)
            else:
                todo.append(request)
                if request.id not in self._candidates:  # else an earlier engine's answer was refused: its input counts
                    self._fingerprints[request.id] = wanted
        if not todo:
            return
        self._reporter.detail(f"{self._context.target}: {engine.name} translates {len(todo)} units")
        self._ask(engine, todo)
        if engine.follows_instructions:
            # One at a time: of units that do not follow one another, small models mix up the answers.
            for request in todo:
                if request.id not in self._done:
                    self._ask(engine, [replace(self._again(request), after=())])
                if request.id not in self._done:
                    self._ask(engine, [replace(self._again(request), before=(), after=())])

    def _ask(self, engine: Engine, requests: Sequence[Request]) -> None:
        by_id = {request.id: request for request in requests}

        def on_done(unit_id: str, text: str) -> None:
            request = by_id[unit_id]
            text = text.replace("\x00", "")  # PostgreSQL stores none
            candidate = _Candidate(text, engine.name, self._check(request, text))
            if any(finding.severity == "error" for finding in candidate.findings):
                self._candidates.setdefault(unit_id, []).append(candidate)
            elif unit_id not in self._done:
                self._save(unit_id, candidate)

        if requests:
            engine.translate(requests, self._context, on_done)
        for request in requests:  # Asked, even where no answer came.
            self._candidates.setdefault(request.id, [])

    def _check(self, request: Request, text: str) -> tuple[Finding, ...]:
        unit = self._stored[request.id]
        return check_unit(request.text, text, language=self._context.target, terms=request.terms, where=_where(unit))

    def _again(self, request: Request) -> Request:
        """The request with the reasons why its last translation was refused."""
        tried = self._candidates[request.id]
        if not tried:
            return replace(request, complaint="There was no usable answer.")
        reasons = [f"{finding.remedy} ({finding.value} → {finding.limit})" for finding in tried[-1].findings]
        return replace(request, complaint=f"“{tried[-1].text}”: " + " ".join(reasons))

    def _settle(self, requests: Sequence[Request], refusal: ZimuError | None) -> None:
        """Keep the best of what was refused, with its findings, for a person."""
        unasked = [request for request in requests if request.id not in self._candidates]
        for request in requests:
            if request.id not in self._candidates:
                continue
            tried = self._candidates[request.id]
            unit = self._stored[request.id]
            best = min(tried, key=lambda candidate: candidate.rank) if tried else _no_answer(unit)
            self._save(request.id, best)
        if unasked:
            if isinstance(refusal, PlatformError):
                raise refusal
            raise MissingError(
                f"No engine can translate into {self._context.target_name}" + (f": {refusal.what}" if refusal else "."),
                where=refusal.where if refusal else None,
                remedy=(refusal.remedy if refusal else "") or "Set translate.engine or translate.order.",
            )

    def _save(self, unit_id: str, candidate: _Candidate) -> None:
        self._store.save_machine(
            self._stored[unit_id].id,
            candidate.text,
            engine=candidate.engine,
            fingerprint=self._fingerprints[unit_id],
            findings=candidate.findings,
        )
        self._translated += 1
        if candidate.engine and candidate.engine not in self._engines:
            self._engines.append(candidate.engine)
        self._finish(unit_id)

    def _finish(self, unit_id: str) -> None:
        self._done.add(unit_id)
        if self._task is not None:
            self._task.update(len(self._done))


def _where(unit: StoredUnit) -> str:
    return f"lines {unit.first + 1}-{unit.last + 1}" if unit.first != unit.last else f"line {unit.first + 1}"


def _no_answer(unit: StoredUnit) -> _Candidate:
    finding = Finding("no-answer", "error", _where(unit), "no usable answer", "a translation", "Translate it by hand.")
    return _Candidate("", "", (finding,))


def _stale(unit: StoredUnit) -> Finding:
    return Finding(
        "stale", "warning", _where(unit), "the sentence changed after its translation was edited",
        "a translation of the sentence as it is", "Edit or approve it again.",
    )  # fmt: skip
