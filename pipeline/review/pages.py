"""The pages: the list of episodes, an episode's editor, search over the workspace; and how a template is filled."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pipeline.review.security import SESSION_COOKIE

if TYPE_CHECKING:
    from pipeline.review.workspace import Workspace

router = APIRouter()
HERE = Path(__file__).resolve().parent
UI_LANGUAGES = ("en", "zh-Hans")
THEMES = ("auto", "light", "dark")


@functools.cache
def templates() -> Environment:
    """The templates; everything that is put into one is escaped."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def texts(ui: str) -> dict[str, str]:
    """The words of the interface in a language; those that it lacks are English."""
    found: dict[str, str] = {}
    for language in dict.fromkeys(("en", ui)):
        for folder in (HERE / "texts", HERE / "static" / "texts"):
            path = folder / f"{language}.json"
            if path.is_file():
                found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def ui_language(request: Request) -> str:
    """The language of the interface: as the person chose, else as the browser asks."""
    chosen = request.cookies.get("zimu-ui", "")
    if chosen in UI_LANGUAGES:
        return chosen
    asked = request.headers.get("accept-language", "").casefold().split(",")
    return "zh-Hans" if asked[0].strip().startswith("zh") else "en"


def page(request: Request, template: str, **values: Any) -> HTMLResponse:
    """A template filled for a request: with the words of its language, who is signed in, and the token of writes."""
    from pipeline.review.people import Door

    door: Door = request.app.state.door
    cookie = getattr(request.state, "session", "") or request.cookies.get(SESSION_COOKIE, "")
    ui = ui_language(request)
    theme = request.cookies.get("zimu-theme", "")
    me = door.who(cookie) or ""
    html = (
        templates()
        .get_template(template)
        .render(
            t=_teller(ui),
            ui=ui,
            theme=theme if theme in THEMES else "auto",
            me=me,
            csrf=door.keys.csrf(cookie) if me else "",
            nonce=request.state.nonce,
            workspace=request.app.state.workspace.folder.name,
            **values,
        )
    )
    return HTMLResponse(html)


def signed_in(request: Request, make: Callable[[], HTMLResponse]) -> Response:
    """A page for somebody who is signed in; on this machine everybody is, under the user's name."""
    from urllib.parse import quote

    from pipeline.review.people import Door, set_session

    door: Door = request.app.state.door
    if door.who(request.cookies.get(SESSION_COOKIE, "")) is not None:
        return make()
    cookie = door.local()
    if cookie is None:
        to = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
        return RedirectResponse(f"/signin?to={to}", 303)
    request.state.session = cookie
    answer = make()
    set_session(answer, door, cookie)
    return answer


def _teller(ui: str) -> Callable[..., str]:
    known = texts(ui)

    def tell(key: str, **values: Any) -> str:
        text = known.get(key, key)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    return tell


@router.get("/episode")
def episode(request: Request, id: str, language: str = "") -> Response:
    """The editor of an episode."""
    workspace: Workspace = request.app.state.workspace

    def make() -> HTMLResponse:
        desk = workspace.desk(id)
        chosen = desk.language(language)
        return page(
            request,
            "episode.html",
            episode_id=desk.id,
            title=desk.job.episode.title,
            language=chosen.tag,
            languages=desk.languages,
        )

    return signed_in(request, make)
