"""One run over one language: people and the memory first, then engines in turn, until every unit has a translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.errors import MissingError, PlatformError, ZimuError
from pipeline.progress import Reporter, Task
from pipeline.track import Finding
from pipeline.translation.checks import check_unit
from pipeline.translation.engines.base import Context, Engine, EngineUnavailableError, Request
from pipeline.translation.renderings import Decided
from pipeline.translation.requests import MEMORY, fingerprint, memory_fingerprint

if TYPE_CHECKING:  # The store knows units, so it imports this package.
    from pipeline.store import Store, StoredUnit

OpenEngine = Callable[[str, Context], Engine]


@dataclass(frozen=True, slots=True)
class _Attempt:
    text: str
    engine: str
    findings: tuple[Finding, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return sum(finding.severity == "error" for finding in self.findings), len(self.findings)


class Run:
    """What is open, what was tried, what came back.

    Arguments:
        stored: the episode's units in the store, by the id that requests know them by.
        decided: learns every accepted translation, and gives the engines hints from it.
    """

    def __init__(
        self,
        store: Store,
        context: Context,
        stored: Mapping[str, StoredUnit],
        decided: Decided,
        reporter: Reporter,
    ) -> None:
        self.kept = 0
        self.translated = 0
        self.engines: list[str] = []
        self._store = store
        self._context = replace(context, hints=decided.hints)
        self._stored = stored
        self._decided = decided
        self._reporter = reporter
        self._task: Task | None = None
        self._done: set[str] = set()
        self._attempts: dict[str, list[_Attempt]] = {}
        self._fingerprints: dict[str, str] = {}

    def follow(self, task: Task) -> None:
        """Show progress there."""
        self._task = task

    def work(
        self,
        requests: Sequence[Request],
        remembered: Mapping[str, str],
        order: tuple[str, ...],
        open_engine: OpenEngine,
    ) -> None:
        """Take what people wrote and what is `remembered`, then ask the engines in turn for the rest.

        Raises:
            MissingError: no engine can be used.
            PlatformError: the only server refused.
        """
        for request in requests:
            unit = self._stored[request.id]
            if unit.by_person and not unit.stale:
                self._decided.learn(request.text, unit.text, by_person=True)
                self._finish(request.id)
        for request in requests:
            if request.id not in self._done and request.id in remembered:
                self._remember(request, remembered[request.id])
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

    def _remember(self, request: Request, text: str) -> None:
        """Use what a person approved elsewhere, where the checks have nothing serious against it here."""
        wanted = memory_fingerprint(request, self._context, text)
        if self._keep(request, wanted, by_person=True):
            return
        findings = self._check(request, text)
        if not any(finding.severity == "error" for finding in findings):
            self._fingerprints[request.id] = wanted
            self._decided.learn(request.text, text, by_person=True)
            self._save(request.id, _Attempt(text, MEMORY, findings))

    def _keep(self, request: Request, wanted: str, *, by_person: bool = False) -> bool:
        """Whether the stored translation still stands, and then leave it."""
        unit = self._stored[request.id]
        if wanted not in (unit.fingerprint, unit.proposal_fingerprint):
            return False
        self.kept += not unit.by_person
        if not unit.by_person and not any(finding.severity == "error" for finding in unit.findings):
            self._decided.learn(request.text, unit.text, by_person=by_person)
        self._finish(request.id)
        return True

    def _use(self, engine: Engine, requests: Sequence[Request]) -> None:
        """Let one engine translate; ask again for what is refused, with the reasons, then without neighbours too."""
        todo = []
        for request in requests:
            if request.id in self._attempts:  # an earlier engine's answer was refused: its input counts
                todo.append(request)
            elif not self._keep(request, wanted := fingerprint(request, self._context, engine)):
                todo.append(request)
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
            attempt = _Attempt(text, engine.name, self._check(request, text))
            if any(finding.severity == "error" for finding in attempt.findings):
                self._attempts.setdefault(unit_id, []).append(attempt)
            elif unit_id not in self._done:
                self._decided.learn(request.text, text)
                self._save(unit_id, attempt)

        if requests:
            engine.translate(requests, self._context, on_done)
        for request in requests:  # Asked, even where no answer came.
            self._attempts.setdefault(request.id, [])

    def _check(self, request: Request, text: str) -> tuple[Finding, ...]:
        unit = self._stored[request.id]
        return check_unit(request.text, text, language=self._context.target, terms=request.terms, where=where(unit))

    def _again(self, request: Request) -> Request:
        """The request with the reasons why its last translation was refused."""
        tried = self._attempts[request.id]
        if not tried:
            return replace(request, complaint="There was no usable answer.")
        reasons = [f"{finding.remedy} ({finding.value} → {finding.limit})" for finding in tried[-1].findings]
        return replace(request, complaint=f"“{tried[-1].text}”: " + " ".join(reasons))

    def _settle(self, requests: Sequence[Request], refusal: ZimuError | None) -> None:
        """Keep the best of what was refused, with its findings, for a person."""
        unasked = [request for request in requests if request.id not in self._attempts]
        for request in requests:
            if request.id not in self._attempts:
                continue
            tried = self._attempts[request.id]
            unit = self._stored[request.id]
            best = min(tried, key=lambda attempt: attempt.rank) if tried else _no_answer(unit)
            self._save(request.id, best)
        if unasked:
            if isinstance(refusal, PlatformError):
                raise refusal
            raise MissingError(
                f"No engine can translate into {self._context.target_name}" + (f": {refusal.what}" if refusal else "."),
                where=refusal.where if refusal else None,
                remedy=(refusal.remedy if refusal else "") or "Set translate.engine or translate.order.",
            )

    def _save(self, unit_id: str, attempt: _Attempt) -> None:
        self._store.save_machine(
            self._stored[unit_id].id,
            attempt.text,
            engine=attempt.engine,
            fingerprint=self._fingerprints[unit_id],
            findings=attempt.findings,
        )
        self.translated += 1
        if attempt.engine and attempt.engine not in self.engines:
            self.engines.append(attempt.engine)
        self._finish(unit_id)

    def _finish(self, unit_id: str) -> None:
        self._done.add(unit_id)
        if self._task is not None:
            self._task.update(len(self._done))


def where(unit: StoredUnit) -> str:
    """The lines of a unit, as findings name them."""
    return f"lines {unit.first + 1}-{unit.last + 1}" if unit.first != unit.last else f"line {unit.first + 1}"


def _no_answer(unit: StoredUnit) -> _Attempt:
    finding = Finding("no-answer", "error", where(unit), "no usable answer", "a translation", "Translate it by hand.")
    return _Attempt("", "", (finding,))
