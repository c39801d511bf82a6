"""An episode as JSON: all that its page needs at once, and what comes after."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from pipeline.languages import Language
from pipeline.review.desk import Desk
from pipeline.review.events import Hub
from pipeline.review.pages import ui_language
from pipeline.review.people import Door, Person
from pipeline.review.saying import said_run
from pipeline.review.security import SESSION_COOKIE
from pipeline.review.showing import detached_units, episode_units, one_unit, recheck
from pipeline.review.sound import Sounds
from pipeline.review.view import dumps, language_json, line_json, style_json
from pipeline.review.workspace import Workspace
from pipeline.store import StoredUnit

router = APIRouter()
_MOST_IDS = 1000
# The numbers of units are of 63 bits: what is longer is none.
_MOST_DIGITS = 18


def answer(value: dict[str, Any], status: int = 200, background: BackgroundTask | None = None) -> Response:
    """JSON that is not walked over a second time."""
    return Response(dumps(value), status, media_type="application/json", background=background)


@router.get("/api/episode")
def episode(request: Request, who: Person, id: str, language: str = "") -> Response:
    """All of an episode in a language. Cues that are not known yet are null, and come as an event."""
    workspace: Workspace = request.app.state.workspace
    hub: Hub = request.app.state.hub
    desk = workspace.desk(id)
    chosen = desk.language(language)
    pulse = desk.store.pulse(desk.id)  # Before the units: what changes between the two is loaded again, not missed.
    units = episode_units(desk, chosen, wait=False)
    known = request.app.state.sounds.known(desk)
    door: Door = request.app.state.door
    found = {
        "episode": _episode(desk, request.app.state.sounds),
        "source": language_json(desk.job.source),
        "language": language_json(chosen),
        "style": style_json(desk.style(chosen)),
        "me": who,
        "csrf": door.keys.csrf(request.cookies.get(SESSION_COOKIE, "")),
        "pulse": pulse,
        "aligned": desk.alignment is not None,
        "voice": known.voice if known is not None else [],
        "extra": _extra(desk),
        "lines": lines_json(desk),
        "can_edit_lines": desk.job.episode.transcript.suffix.lower() == ".txt",
        "units": units,
        "detached": detached_units(desk, chosen),
        "engines": engines(desk),
        "present": hub.present(desk.id),
        "runs": [said_run(run, ui_language(request)) for run in request.app.state.runs.of(desk.id)],
    }
    lacking = any(unit["cues"] is None for unit in units)
    return answer(found, background=BackgroundTask(_follow_up, desk, chosen, hub, lacking=lacking))


@router.get("/api/units")
def units(request: Request, who: Person, ids: Annotated[str, Query(max_length=20_000)]) -> Response:
    """Some units as they are now, of any episode; those that there are not are left out."""
    workspace: Workspace = request.app.state.workspace
    asked = [each for each in ids.split(",") if each.isascii() and each.isdigit() and len(each) <= _MOST_DIGITS]
    numbers = [int(each) for each in asked][:_MOST_IDS]
    found = []
    for unit in workspace.store.units_by_id(numbers):
        desk = workspace.desk(unit.episode)
        found.append(told_unit(request.app.state.hub, desk, unit, desk.language(unit.language)))
    return answer({"units": found})


def told_unit(hub: Hub, desk: Desk, unit: StoredUnit, language: Language) -> dict[str, Any]:
    """A unit after a change of it; the open pages hear of neighbours whose cues had to move for it."""
    found, moved = one_unit(desk, unit, language)
    if moved:
        hub.publish("cues", {"language": language.tag, "units": moved}, episode=desk.id, everywhere=False)
    return found


@router.get("/api/cues")
def cues(request: Request, who: Person, id: str, language: str = "") -> Response:
    """The cues of all units, laid out as the subtitle files have them."""
    workspace: Workspace = request.app.state.workspace
    desk = workspace.desk(id)
    return answer({"units": cues_of(desk, desk.language(language))})


def cues_of(desk: Desk, language: Language) -> list[dict[str, Any]]:
    """(unit, cues) for all units."""
    return [{"id": unit["id"], "cues": unit["cues"]} for unit in episode_units(desk, language, wait=True)]


def lines_json(desk: Desk) -> list[dict[str, Any]]:
    """The transcript's lines with their pins."""
    pins = {pin.index: pin for pin in desk.pins() if pin.index is not None}
    return [line_json(line, pins.get(line.index)) for line in desk.lines]


def engines(desk: Desk) -> list[str]:
    """The engines that may be asked for one unit, as the settings order them."""
    from pipeline.translation.engines import resolve_order

    settings = desk.job.settings
    return list(resolve_order("auto", settings.translate.order, server_configured=bool(settings.server.base_url)))


def _episode(desk: Desk, sounds: Sounds) -> dict[str, Any]:
    width, height = desk.picture
    media = desk.job.episode.media
    at = quote(desk.id, safe="")
    return {
        "id": desk.id,
        "path": desk.job.episode.id,
        "title": desk.job.episode.title,
        "languages": list(desk.languages),
        "media": {
            "url": f"/media?id={at}",
            "kind": "video" if width else "audio",
            "name": media.name,
            "width": width,
            "height": height,
            "duration_ms": desk.duration_ms,
        },
        "peaks_url": f"/peaks?id={at}",
    }


def _extra(desk: Desk) -> list[dict[str, Any]]:
    extra = desk.alignment.extra if desk.alignment is not None else ()
    return [{"start_ms": each.start_ms, "end_ms": each.end_ms, "text": each.text} for each in extra]


def _follow_up(desk: Desk, language: Language, hub: Hub, *, lacking: bool) -> None:
    """After the answer: lay out the cues that were lacking, and check texts by the rules of now.

    However many people open the episode meanwhile, it is done once.
    """
    with desk.following(language) as first:
        if not first:
            return
        if lacking:
            found = {"language": language.tag, "units": cues_of(desk, language)}
            hub.publish("cues", found, episode=desk.id, everywhere=False)
        if desk.to_check(language) and recheck(desk, language):
            hub.wake()
