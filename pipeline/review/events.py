"""What happens, told to every open page as it happens: server-sent events."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from pipeline.errors import ZimuError
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said_run
from pipeline.review.view import change_json, dumps
from pipeline.store import Change, Store

router = APIRouter()
# A page that does not take its events is cut off: it comes again, and loads what it missed.
_WAITING = 2000
# Many changes in a row are looked for together.
_TOGETHER_S = 0.05


@dataclass(eq=False, slots=True)
class Listener:
    """An open page. Without an episode it is the workspace's, and hears of all in less detail."""

    episode: str
    language: str
    ui: str = "en"
    events: asyncio.Queue[tuple[str, Any] | None] = field(default_factory=lambda: asyncio.Queue(_WAITING))


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where somebody is, in which of their windows."""

    who: str
    episode: str
    language: str
    unit: int | None
    at: float


class Hub:
    """Tells open pages what happens. Everything but `run` and `listen` may be called from any thread."""

    def __init__(self, store: Store, *, poll_s: float, presence_s: float) -> None:
        self._store, self._poll_s, self._presence_s = store, poll_s, presence_s
        self._listeners: set[Listener] = set()
        self._seats: dict[str, _Seat] = {}
        self._lock = threading.Lock()
        self._local: list[tuple[str, dict[str, Any]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._last = 0
        self._pulses: dict[str, int] = {}

    def publish(
        self, name: str, data: Mapping[str, Any] | list[Any], *, episode: str = "", everywhere: bool = True
    ) -> None:
        """Tell the pages of an episode, and with `everywhere` the workspace's; no episode: all."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop may end between the two
                loop.call_soon_threadsafe(self._send, name, data, episode, everywhere)

    def touched(self, episode: str, language: str, unit: int, revision: int, who: str) -> None:
        """Something of a unit changed that is no revision: a comment, a dismissal, a proposal."""
        with self._lock:
            told = {"id": unit, "revision": revision, "who": who, "kind": "remark", "episode": episode}
            self._local.append((episode, {**told, "language": language}))
        self.wake()

    @property
    def is_heard(self) -> bool:
        """Whether any page is open."""
        return bool(self._listeners)

    def wake(self) -> None:
        """Look for changes now: something was just written."""
        if self._loop is not None and self._woken is not None and not self._loop.is_closed():
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    def sit(self, client: str, who: str, episode: str, language: str, unit: int | None) -> None:
        """Note where somebody is, and tell the others of the episode."""
        with self._lock:
            before = self._seats.get(client)
            self._seats[client] = _Seat(who, episode, language, unit, time.monotonic())
        moved = before is None or (before.episode, before.unit) != (episode, unit)
        for left in {before.episode if before else episode, episode} if moved else ():
            self.publish("presence", self.present(left), episode=left, everywhere=False)

    def leave(self, client: str) -> None:
        """Somebody has closed the page."""
        with self._lock:
            seat = self._seats.pop(client, None)
        if seat is not None:
            self.publish("presence", self.present(seat.episode), episode=seat.episode, everywhere=False)

    def present(self, episode: str) -> list[dict[str, Any]]:
        """Who is at an episode, and at which unit."""
        since = time.monotonic() - self._presence_s
        with self._lock:
            self._seats = {client: seat for client, seat in self._seats.items() if seat.at >= since}
            seats = [seat for seat in self._seats.values() if seat.episode == episode]
        return [{"who": seat.who, "language": seat.language, "unit": seat.unit} for seat in seats]

    async def run(self) -> None:
        """Follow the store until cancelled."""
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        self._last = await run_in_threadpool(self._store.last_change)
        while True:
            with suppress(asyncio.TimeoutError, TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._poll_s)
            await asyncio.sleep(_TOGETHER_S)
            self._woken.clear()
            with self._lock:
                local, self._local = self._local, []
            if self._listeners:
                with suppress(ZimuError):  # a database that is held: looked at again next time
                    await self._look(local)

    async def listen(self, listener: Listener) -> AsyncIterator[ServerSentEvent]:
        """The events of a page, for as long as it is open."""
        self._listeners.add(listener)
        try:
            yield _event("hello", {"present": self.present(listener.episode)})
            while (told := await listener.events.get()) is not None:
                name, data = told
                yield _event(name, said_run(data, listener.ui) if name == "run" else data)
        finally:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """End all connections."""
        for listener in list(self._listeners):
            with suppress(asyncio.QueueFull):
                listener.events.put_nowait(None)

    async def _look(self, local: list[tuple[str, dict[str, Any]]]) -> None:
        open_episodes = {listener.episode for listener in self._listeners}
        changes, pulses = await run_in_threadpool(self._read, open_episodes)
        explained = Counter(episode for episode, _ in local)
        for episode, told in local:
            self._send("unit", told, episode, True)
        for change in changes:
            explained[change.episode] += 1
            self._send("unit", change_json(change), change.episode, True)
        for episode, pulse in pulses.items():
            before = self._pulses.get(episode, pulse)
            if pulse - before > explained[episode]:
                self._send("reload", {"pulse": str(pulse)}, episode, False)
        self._pulses = pulses

    def _read(self, episodes: set[str]) -> tuple[list[Any], dict[str, int]]:
        pulses = {episode: int(self._store.pulse(episode).partition("-")[0]) for episode in episodes if episode}
        changes: list[Change] = []
        while found := self._store.changes(self._last):
            changes += found
            self._last = found[-1].number
        return changes, pulses

    def _send(self, name: str, data: Any, episode: str, everywhere: bool) -> None:
        for listener in list(self._listeners):
            here = not episode or listener.episode == episode
            told = (name, data)
            if not here and everywhere and not listener.episode:
                here, told = True, told if name != "unit" else ("tally", {"episode": episode})
            if here:
                _put(listener, told, self._listeners)


def _put(listener: Listener, told: tuple[str, Any], listeners: set[Listener]) -> None:
    try:
        listener.events.put_nowait(told)
    except asyncio.QueueFull:
        listeners.discard(listener)
        listener.events = asyncio.Queue()
        listener.events.put_nowait(None)


def _event(name: str, data: Any) -> ServerSentEvent:
    return ServerSentEvent(data=dumps(data).decode(), event=name)


@router.get("/api/events")
async def events(
    request: Request, who: Person, id: str = "", language: str = "", client: Annotated[str, Query(max_length=64)] = ""
) -> EventSourceResponse:
    """The stream of a page; `client` is what the page calls itself, so that its leaving is noticed."""
    hub: Hub = request.app.state.hub
    episode = (await run_in_threadpool(request.app.state.workspace.desk, id)).id if id else ""
    listener = Listener(episode, language, ui_language(request))

    async def stream() -> AsyncIterator[ServerSentEvent]:
        try:
            async for event in hub.listen(listener):
                yield event
        finally:
            if client:
                hub.leave(client)

    # A proxy must not keep events back.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    ping = int(max(1, request.app.state.workspace.settings.review.heartbeat_s))
    return EventSourceResponse(stream(), ping=ping, headers=headers)


class Presence(BaseModel):
    """Where a page is."""

    id: str = Field(max_length=1000)
    language: str = Field(default="", max_length=40)
    unit: int | None = None
    client: str = Field(default="", max_length=64)


@router.post("/api/presence")
def presence(request: Request, who: Person, body: Presence) -> JSONResponse:
    """Say where one is; told to the others."""
    hub: Hub = request.app.state.hub
    desk = request.app.state.workspace.desk(body.id)
    hub.sit(body.client or who, who, desk.id, body.language, body.unit)
    return JSONResponse({"present": hub.present(desk.id)})
