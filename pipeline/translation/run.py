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
from pipeline.translation.engines.through import engine_of
from pipeline.translation.finishing import finished
from pipeline.translation.renderings import Decided
from pipeline.translation.requests import MEMORY, fingerprint, memory_fingerprint

if TYPE_CHECKING:  # The store knows units, so it imports this package.
    from pipeline.store import Store, StoredUnit

# How far an answer may stray: sentences before and after it whose translations it is compared with.
_NEARBY = 3

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
        inputs: what each is translated from besides its sentence, by the same id.
        decided: learns every accepted translation, and gives the engines hints from it.
    """

    def __init__(
        self,
        store: Store,
        context: Context,
        stored: Mapping[str, StoredUnit],
        inputs: Mapping[str, Mapping[str, str]],
        decided: Decided,
        reporter: Reporter,
    ) -> None:
        self.kept = 0
        self.translated = 0
        self.engines: list[str] = []
        self._store = store
        self._context = replace(context, hints=decided.hints, said=self._said_of)
        self._stored = stored
        self._inputs = inputs
        self._places = {unit_id: place for place, unit_id in enumerate(stored)}
        self._ids = tuple(stored)
        self._said: dict[str, str] = {}
        self._said_by_text: dict[str, str] = {}
        self._doubted: dict[str, _Attempt] = {}
        self._decided = decided
        self._reporter = reporter
        self._task: Task | None = None
        self._done: set[str] = set()
        self._attempts: dict[str, list[_Attempt]] = {}
        self._refused: set[str] = set()
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
                self._finish(request.id, unit.text)
        for request in requests:
            unit = self._stored[request.id]
            # What a person approved here, and something changed since, is no answer to what it would be now.
            own = unit.by_person and remembered.get(request.id) == unit.text
            if request.id not in self._done and request.id in remembered and not own:
                self._remember(request, remembered[request.id])
        refusal: ZimuError | None = None
        gone: set[str] = set()
        for name in order:
            open_requests = [request for request in requests if request.id not in self._done]
            if not open_requests:
                return
            if engine_of(name) in gone:
                continue
            try:
                with closing(open_engine(name, self._context)) as engine:
                    self._use(engine, open_requests)
            except (EngineUnavailableError, PlatformError) as error:
                refusal = error
                gone.add(engine_of(name))
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
        self._finish(request.id, unit.text)
        return True

    def _use(self, engine: Engine, requests: Sequence[Request]) -> None:
        """Let one engine translate; ask again for what is refused, with the reasons, then without neighbours too.

        What has a warning is stored at once, and asked for again in the same ways: the best of the three stays.
        """
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
                if self._worth_asking(engine, request):
                    self._ask(engine, [replace(self._again(request), after=())])
                if self._worth_asking(engine, request):
                    self._ask(engine, [replace(self._again(request, quoted=False), before=(), after=())])
                self._doubted.pop(request.id, None)
        self._refused.update(engine.refused)

    def _worth_asking(self, engine: Engine, request: Request) -> bool:
        open_yet = request.id not in self._done or request.id in self._doubted
        return open_yet and request.id not in engine.refused

    def _ask(self, engine: Engine, requests: Sequence[Request]) -> None:
        by_id = {request.id: request for request in requests}

        def on_done(unit_id: str, text: str) -> None:
            request = by_id[unit_id]
            text = text.replace("\x00", "")  # PostgreSQL stores none
            text = finished(request.text, text, self._context.target)
            attempt = _Attempt(text, engine.name, self._check(request, text))
            if (doubted := self._doubted.get(unit_id)) is not None:
                if attempt.rank < doubted.rank:
                    self._save(unit_id, attempt)
                    if attempt.findings:
                        self._doubted[unit_id] = attempt
                    else:
                        del self._doubted[unit_id]
            elif any(finding.severity == "error" for finding in attempt.findings):
                self._attempts.setdefault(unit_id, []).append(attempt)
            elif unit_id not in self._done:
                self._decided.learn(request.text, text)
                self._save(unit_id, attempt)
                if attempt.findings:
                    self._doubted[unit_id] = attempt

        if requests:
            engine.translate(requests, self._context, on_done)
        for request in requests:  # Asked, even where no answer came.
            self._attempts.setdefault(request.id, [])

    def _check(self, request: Request, text: str) -> tuple[Finding, ...]:
        unit = self._stored[request.id]
        return check_unit(
            request.text,
            text,
            language=self._context.target,
            terms=request.terms,
            where=where(unit),
            nearby=self._nearby(request.id),
        )

    def _said_of(self, source: str) -> str:
        return self._said_by_text.get(source, "")

    def _nearby(self, unit_id: str) -> list[tuple[str, str]]:
        """The sentences around a unit that have a translation by now, with it."""
        place = self._places[unit_id]
        around = self._ids[max(0, place - _NEARBY) : place + _NEARBY + 1]
        return [
            (self._stored[each].source, self._said[each]) for each in around if each != unit_id and each in self._said
        ]

    def _again(self, request: Request, *, quoted: bool = True) -> Request:
        """The request with the reasons why its last translation was refused.

        Arguments:
            quoted: with that translation; small models copy it, so they don't get to see it the next time.
        """
        tried = [self._doubted[request.id]] if request.id in self._doubted else self._attempts[request.id]
        if not tried:
            return replace(request, complaint="There was no usable answer.")
        reasons = [f"{finding.remedy} (“{finding.value}”; wanted: {finding.limit})" for finding in tried[-1].findings]
        return replace(request, complaint=(f"“{tried[-1].text}”: " if quoted else "") + " ".join(reasons))

    def _settle(self, requests: Sequence[Request], refusal: ZimuError | None) -> None:
        """Keep the best of what was refused, with its findings, for a person."""
        unasked = [request for request in requests if request.id not in self._attempts]
        for request in requests:
            if request.id not in self._attempts:
                continue
            tried = self._attempts[request.id]
            unit = self._stored[request.id]
            best = min(tried, key=lambda attempt: attempt.rank) if tried else self._no_answer(request.id, unit)
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
            inputs=self._inputs[unit_id],
        )
        self.translated += unit_id not in self._done
        if attempt.engine and attempt.engine not in self.engines:
            self.engines.append(attempt.engine)
        self._finish(unit_id, attempt.text)

    def _no_answer(self, unit_id: str, unit: StoredUnit) -> _Attempt:
        said = "no usable answer"
        if unit_id in self._refused:
            said = "no engine would translate it, because of what it says"
        finding = Finding("no-answer", "error", where(unit), said, "a translation", "Translate it by hand.")
        return _Attempt("", "", (finding,))

    def _finish(self, unit_id: str, text: str) -> None:
        self._done.add(unit_id)
        if text:
            self._said[unit_id] = text
            self._said_by_text[self._stored[unit_id].source] = text
        if self._task is not None:
            self._task.update(len(self._done))


def where(unit: StoredUnit) -> str:
    """The lines of a unit, as findings name them."""
    return f"lines {unit.first + 1}-{unit.last + 1}" if unit.first != unit.last else f"line {unit.first + 1}"
