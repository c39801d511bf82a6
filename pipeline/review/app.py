"""The web application: its parts, and what it answers when something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from pipeline.errors import EpisodeError, InputError, MissingError, PlatformError, UsageError, ZimuError
from pipeline.review import (
    api_episode,
    api_exchange,
    api_lines,
    api_publish,
    api_runs,
    api_search,
    api_terms,
    api_titles,
    api_units,
    events,
    listing,
    media,
    pages,
    people,
    retranslate,
    sound,
)
from pipeline.review.api_lines import BusyError, ChangedError
from pipeline.review.events import Hub
from pipeline.review.pages import page, ui_language
from pipeline.review.people import Door, RefusedError
from pipeline.review.retranslate import Translator
from pipeline.review.runs import Runs
from pipeline.review.saying import said
from pipeline.review.security import Access, Guard, TooMuchError, load_keys
from pipeline.review.workspace import UnknownError, Workspace
from pipeline.runner import NotReady
from pipeline.store import ConflictError

_STATUS: tuple[tuple[type[ZimuError], int], ...] = (
    (UnknownError, 404),
    (BusyError, 423),
    (ChangedError, 409),
    (ConflictError, 409),
    (UsageError, 400),
    (InputError, 422),
    (MissingError, 501),
    (PlatformError, 424),
    (EpisodeError, 422),
)
_UPLOADS = ("/api/import",)


def create_app(workspace: Workspace, access: Access) -> FastAPI:
    """The application that serves a workspace.

    Arguments:
        access: who may come in.
    """
    settings = workspace.settings
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan, redirect_slashes=False)
    review = settings.review
    app.state.workspace = workspace
    app.state.hub = Hub(workspace.store, poll_s=review.poll_s, presence_s=review.presence_s)
    app.state.door = Door(
        workspace.store,
        access,
        load_keys(workspace.folder),
        session_days=review.session_days,
        failures=review.failures,
    )
    app.state.runs = Runs(workspace, app.state.hub)
    app.state.translator = Translator(workspace, app.state.hub)
    app.state.sounds = sound.Sounds(review.peaks_per_second)
    for part in (
        people, pages, listing, events, media, sound, api_episode, retranslate, api_units, api_lines, api_terms,
        api_search, api_exchange, api_runs, api_publish, api_titles,
    ):  # fmt: skip
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=pages.HERE / "static"), name="static")
    app.add_exception_handler(ZimuError, _zimu_error)
    app.add_exception_handler(NotReady, _not_ready)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(TooMuchError, _too_much)
    app.add_middleware(
        Guard,
        access=access,
        max_body=review.max_body_bytes,
        max_upload=settings.exchange.max_bytes + review.max_body_bytes,
        uploads=_UPLOADS,
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(app.state.hub.run()), asyncio.create_task(_watch(app))]
    try:
        yield
    finally:
        app.state.hub.stop()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await run_in_threadpool(app.state.runs.close)
        await run_in_threadpool(app.state.translator.close)


async def _watch(app: FastAPI) -> None:
    """Follow runs that were started elsewhere, while somebody looks at a page."""
    while True:
        await asyncio.sleep(app.state.workspace.settings.review.poll_s)
        if app.state.hub.is_heard:
            with suppress(ZimuError):  # the next look finds it
                await run_in_threadpool(app.state.runs.look)


def _zimu_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ZimuError)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    if isinstance(error, RefusedError):
        status = error.status
    elif type(error) is EpisodeError and error.where == request.app.state.workspace.store.where:
        status = 503  # The database: a browser keeps what it wanted to save, and sends it again.
    where = request.app.state.workspace.place_of(error.where)
    return _answer(request, status, error.what, where, error.remedy)


def _not_ready(request: Request, error: Exception) -> Response:
    return _answer(request, 422, "The episode is not that far yet.", "", "Run its stages first.")


def _wrong_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _answer(request, 422, f"{where}: {first['msg']}.", where, "Load the page again.")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: ("There is no such page.", "Go back to the list of episodes.")}
    what, remedy = words.get(error.status_code, (str(error.detail), "Load the page again."))
    return _answer(request, error.status_code, what, "", remedy)


def _too_much(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMuchError)
    return _answer(request, 413, str(error.detail), "", error.remedy)


def _answer(request: Request, status: int, what: str, where: str, remedy: str) -> Response:
    """An error as JSON; as a page where a person looks at it. In the language of the interface."""
    what, remedy = (said(each, ui_language(request)) for each in (what, remedy))
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if not wants_page:
        return JSONResponse({"error": what, "where": where, "remedy": remedy}, status)
    if status == 401:
        return RedirectResponse("/signin", 303)
    shown: HTMLResponse = page(request, "error.html", status=status, what=what, where=where, remedy=remedy)
    shown.status_code = status
    return shown
