"""Search and replace, over an episode or the whole workspace, with a preview."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.review.api_episode import answer, told_unit
from pipeline.review.events import Hub
from pipeline.review.people import Person
from pipeline.review.view import hit_json, replacement_json
from pipeline.review.workspace import Workspace
from pipeline.store import Outcome, Replacement, Search

router = APIRouter()
Where = Literal["text", "source", "both"]
_MOST = 5000
# More units than a page shows again one by one: it loads them when it hears of their changes.
_TOLD = 100


class SearchBody(BaseModel):
    q: str = Field(max_length=1000)
    where: Where = "text"
    id: str = Field(default="", max_length=1000)
    language: str = Field(default="", max_length=40)
    case: bool = False
    word: bool = False


class PreviewBody(SearchBody):
    replacement: str = Field(max_length=10_000)


class ReplacementBody(BaseModel):
    unit: int = Field(ge=0, lt=2**63)
    revision: int = Field(ge=0, lt=2**63)
    before: str = Field(max_length=20_000)
    after: str = Field(max_length=20_000)


class ApplyBody(BaseModel):
    replacements: list[ReplacementBody] = Field(max_length=_MOST)


@router.get("/api/search")
def search(
    request: Request,
    who: Person,
    q: Annotated[str, Query(max_length=1000)],
    where: Where = "both",
    id: str = "",
    language: str = "",
    case: bool = False,
    word: bool = False,
) -> Response:
    """The units that have the words."""
    workspace: Workspace = request.app.state.workspace
    body = SearchBody(q=q, where=where, id=id, language=language, case=case, word=word)
    found = workspace.store.search(asked(workspace, body))
    return answer({"hits": [hit_json(hit) for hit in found]})


@router.post("/api/replace/preview")
def preview(request: Request, who: Person, body: PreviewBody) -> Response:
    """What a replacement would change; nothing is changed yet."""
    workspace: Workspace = request.app.state.workspace
    found = workspace.store.preview_replace(asked(workspace, body), body.replacement)
    sources = {unit.id: unit.source for unit in workspace.store.units_by_id(each.unit for each in found)}
    told = [
        {**replacement_json(each), "source": sources.get(each.unit, ""), "approved": each.status == "approved"}
        for each in found
    ]
    return answer({"replacements": told})


@router.post("/api/replace/apply")
def apply(request: Request, who: Person, body: ApplyBody) -> Response:
    """Make the replacements that the person chose; says of each what became of it."""
    workspace: Workspace = request.app.state.workspace
    chosen = [
        Replacement(each.unit, each.revision, each.before, each.after, (), "", "", "", 0, 0, "machine")
        for each in body.replacements
    ]
    outcomes = workspace.store.apply_replace(chosen, who)
    request.app.state.hub.wake()
    return answer(told(workspace, request.app.state.hub, outcomes))


def asked(workspace: Workspace, body: SearchBody) -> Search:
    """The search of the store that a request means."""
    episode = workspace.desk(body.id).id if body.id else ""
    return Search(body.q, body.where, episode, body.language, match_case=body.case, whole_word=body.word, limit=_MOST)


def told(workspace: Workspace, hub: Hub, outcomes: tuple[Outcome, ...]) -> dict[str, Any]:
    """What became of each unit; the changed ones are checked again, and shown where they are not too many."""
    store = workspace.store
    found = {}
    done = [each.unit for each in outcomes if each.done and each.unit is not None]
    for unit in done:
        desk = workspace.desk(unit.episode)
        found[unit.id] = (unit.revision, desk.findings(unit, unit.text, desk.language(unit.language)))
    store.set_findings(found)
    units = []
    for unit in store.units_by_id([unit.id for unit in done]) if len(done) <= _TOLD else ():
        desk = workspace.desk(unit.episode)
        units.append(told_unit(hub, desk, unit, desk.language(unit.language)))
    return {
        "units": units,
        "outcomes": [{"id": each.id, "done": each.done, "why": each.why} for each in outcomes],
    }
