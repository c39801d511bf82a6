"""Another translation of one unit: asked from an engine that stays warm, one at a time, put beside the text."""

from __future__ import annotations

import itertools
import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import InputError, UsageError, ZimuError
from pipeline.job import Job
from pipeline.languages import Language
from pipeline.review.api_episode import answer, engines
from pipeline.review.desk import Desk
from pipeline.review.events import Hub
from pipeline.review.people import Person
from pipeline.review.workspace import Workspace
from pipeline.stages.translate import engine_tools
from pipeline.store import StoredUnit
from pipeline.translation.engines import Context, Engine, open_engine
from pipeline.translation.engines import Request as Asked
from pipeline.translation.memory import Hit
from pipeline.translation.requests import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter()
# Shown to the engine as what "shorter" means; the page's own measure is reading speed.
_SHORTER = 0.7
_FEWEST = 12
_PAIRED = ("argos",)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for."""

    unit: int
    engine: str
    hint: str
    shorter: bool
    who: str


@dataclass(slots=True)
class Translator:
    """Does what is asked, in a thread of its own; the last engine stays open for a while."""

    workspace: Workspace
    hub: Hub
    _queue: queue.Queue[tuple[int, Wish] | None] = field(default_factory=queue.Queue)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _worker: threading.Thread | None = None
    _warm: tuple[object, Engine] | None = None
    _closed: bool = False

    def ask(self, desk: Desk, unit: StoredUnit, wish: Wish) -> int:
        """Queue a wish; the number of its task."""
        with self._lock:
            number = next(self._numbers)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="zimu-translator", daemon=True)
                self._worker.start()
        self._tell(number, desk.id, wish, "queued")
        self._queue.put((number, wish))
        return int(number)

    def close(self) -> None:
        """End; what is being translated is lost."""
        self._closed = True
        self._queue.put(None)
        if self._worker is not None:
            self._worker.join(timeout=2.0)

    def _work(self) -> None:
        idle_s = self.workspace.settings.review.engine_idle_s
        while not self._closed:
            try:
                asked = self._queue.get(timeout=idle_s)
            except queue.Empty:
                self._cool()
                continue
            if asked is None:
                break
            self._one(*asked)
        self._cool()

    def _one(self, number: int, wish: Wish) -> None:
        episode = ""
        try:
            unit = self.workspace.store.unit(wish.unit)
            desk = self.workspace.desk(unit.episode)
            episode = desk.id
            self._tell(number, episode, wish, "working")
            done = self._translate(desk, unit, wish)
        except (ZimuError, RuntimeError, ValueError, OSError) as error:  # an engine's own failures are of any kind
            what = error.what if isinstance(error, ZimuError) else f"{wish.engine} failed: {error}"
            remedy = error.remedy if isinstance(error, ZimuError) else "Try another engine."
            self._tell(number, episode, wish, "failed", error=what, remedy=remedy)
            self._cool()
            return
        self.hub.touched(done.episode, done.language, done.id, done.revision, f"machine:{wish.engine}")
        self._tell(number, episode, wish, "done")

    def _translate(self, desk: Desk, unit: StoredUnit, wish: Wish) -> StoredUnit:
        language = desk.language(unit.language)
        context = Context(desk.job.source.tag, language.tag, language.name, desk.job.episode.title)
        request = build_request(desk, unit, language, wish)
        engine = self._engine(desk.job, wish.engine, context)
        answers: dict[str, str] = {}
        engine.translate([request], context, answers.__setitem__)
        text = answers.get(request.id, "").replace("\x00", "").strip()
        if not text:
            raise InputError(f"{wish.engine} gave no usable answer.", remedy="Try again, or another engine.")
        findings = desk.findings(unit, text, language)
        made = {"engine": engine.name, "fingerprint": fingerprint(request, context, engine), "findings": findings}
        now = self.workspace.store.unit(unit.id)
        if not now.text:
            return self.workspace.store.save_machine(unit.id, text, **made)  # type: ignore[arg-type]
        return self.workspace.store.propose(unit.id, text, **made)  # type: ignore[arg-type]

    def _engine(self, job: Job, name: str, context: Context) -> Engine:
        pair = (context.source, context.target) if name in _PAIRED else ()
        settings = job.settings
        key = (name, pair, settings.models, settings.server, settings.argos, settings.embedded, settings.compute)
        if self._warm is not None and self._warm[0] == key:
            return self._warm[1]
        self._cool()
        engine = open_engine(name, engine_tools(job), context)
        self._warm = (key, engine)
        return engine

    def _cool(self) -> None:
        if self._warm is not None:
            self._warm[1].close()
            self._warm = None

    def _tell(self, number: int, episode: str, wish: Wish, state: str, **more: str) -> None:
        told: Mapping[str, Any] = {
            "task": number, "unit": wish.unit, "engine": wish.engine, "who": wish.who, "state": state, **more,
        }  # fmt: skip
        if episode:
            self.hub.publish("task", told, episode=episode, everywhere=False)


def build_request(desk: Desk, unit: StoredUnit, language: Language, wish: Wish) -> Asked:
    """What the engine is given: the unit with its neighbours, terms, the memory's sentences, and the person's wish."""
    settings = desk.job.settings
    units, place = desk.neighbours(unit)
    before, after = settings.translate.context_before, settings.translate.context_after
    sources = [each.source for each in units]
    memory = desk.memory(language)
    similar: tuple[Hit, ...] = ()
    if settings.memory.near_limit:
        similar = memory.near(unit.source, least=settings.memory.near_percent, limit=settings.memory.near_limit)
    return Asked(
        id=f"u{unit.first}",
        text=unit.source,
        before=tuple(sources[max(0, place - before) : place]) if place >= 0 else (),
        after=tuple(sources[place + 1 : place + 1 + after]) if place >= 0 else (),
        terms=desk.glossary(language).hits(unit.source),
        similar=tuple((hit.entry.source, hit.entry.target) for hit in similar if hit.entry.unit != unit.id),
        complaint=complaint(unit.text, wish.hint, shorter=wish.shorter),
    )


def complaint(text: str, hint: str, *, shorter: bool) -> str:
    """What an engine that follows instructions is told about the text that there is."""
    reasons = []
    if shorter and text:
        reasons.append(
            f"It is too long to read: say it in at most {max(_FEWEST, round(len(text) * _SHORTER))} characters."
        )
    if hint := " ".join(hint.split()):
        reasons.append(hint)
    if not reasons:
        return ""
    return (f"“{text}”: " if text else "") + " ".join(reasons)


class WishBody(BaseModel):
    engine: str = Field(default="", max_length=50)
    hint: str = Field(default="", max_length=1000)
    shorter: bool = False


@router.post("/api/units/{unit_id}/retranslate")
def retranslate(
    request: Request, who: Person, unit_id: Annotated[int, Path(ge=0, lt=2**63)], body: WishBody
) -> Response:
    """Ask an engine for another translation; it comes as an event, and as the unit's proposal."""
    workspace: Workspace = request.app.state.workspace
    unit = workspace.unit(unit_id)
    desk = workspace.desk(unit.episode)
    there = engines(desk)
    engine = body.engine or (there[0] if there else "")
    if engine not in there:
        raise UsageError(f"There is no engine {engine[:50]!r} here.", remedy=f"There are {', '.join(there)}.")
    wish = Wish(unit_id, engine, body.hint, body.shorter, who)
    return answer({"task": request.app.state.translator.ask(desk, unit, wish)}, 202)


@router.get("/api/units/{unit_id}/memory")
def memory(request: Request, who: Person, unit_id: Annotated[int, Path(ge=0, lt=2**63)]) -> Response:
    """What people approved for sentences like this one, the most alike first."""
    workspace: Workspace = request.app.state.workspace
    unit = workspace.unit(unit_id)
    desk = workspace.desk(unit.episode)
    settings = workspace.settings.review
    hits = desk.memory(desk.language(unit.language)).near(
        unit.source, least=settings.memory_percent, limit=settings.memory_limit + 1
    )
    matches = [
        {
            "source": hit.entry.source,
            "text": hit.entry.target,
            "score": round(hit.score),
            "context": hit.context,
            "episode": hit.entry.origin,
            "who": hit.entry.who,
            "at": hit.entry.at,
        }
        for hit in hits
        if hit.entry.unit != unit.id
    ]
    return answer({"matches": matches[: settings.memory_limit]})
