"""Terms: added to the workspace's glossary, and applied in every unit that has them, with a preview."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.languages import Language
from pipeline.review.api_episode import answer
from pipeline.review.api_search import told
from pipeline.review.desk import Desk
from pipeline.review.people import Person
from pipeline.review.showing import recheck
from pipeline.review.terms import Use, add_term, known_renderings, make_term, uses
from pipeline.review.workspace import Workspace
from pipeline.stages.terms import own_config, pair_table
from pipeline.store import Replacement, Search, StoredUnit
from pipeline.translation.glossary import Term
from pipeline.translation.terms import table_path

router = APIRouter()
_MOST = 20_000


class TermBody(BaseModel):
    """A term; `replaces`: what stands in its place now, if the page knows better; `scope`: where it holds."""

    id: str = Field(max_length=1000)
    language: str = Field(default="", max_length=40)
    term: str = Field(max_length=1000)
    translation: str = Field(max_length=1000)
    aliases: list[str] = Field(default_factory=list, max_length=50)
    forbidden: list[str] = Field(default_factory=list, max_length=50)
    note: str = Field(default="", max_length=1000)
    replaces: list[str] = Field(default_factory=list, max_length=50)
    scope: Literal["workspace", "episode"] = "workspace"


class Seen(BaseModel):
    unit: int = Field(ge=0, lt=2**63)
    revision: int = Field(ge=0, lt=2**63)


class AddBody(TermBody):
    """`apply`: the units to change, by number, or by number and the revision that the person saw."""

    apply: list[Annotated[int, Field(ge=0, lt=2**63)] | Seen] = Field(default_factory=list, max_length=_MOST)


@router.post("/api/terms/preview")
def preview(request: Request, who: Person, body: TermBody) -> Response:
    """The units whose sentence has the term and whose translation lacks it; `after` is null where it is not clear."""
    workspace: Workspace = request.app.state.workspace
    _, _, _, found = _look(workspace, body)
    paths = {each.id: each.path for each in workspace.store.episodes()}
    return answer({"uses": [_use_json(use, paths.get(use.unit.episode, "")) for use in found]})


@router.post("/api/terms")
def add(request: Request, who: Person, body: AddBody) -> Response:
    """Write the term into the workspace's glossary, or the episode's table, and put it into the chosen units."""
    workspace: Workspace = request.app.state.workspace
    with workspace.writing:
        desk, language, term, found = _look(workspace, body)
        if body.scope == "episode":
            add_term(table_path(desk.folder, language.tag), term, approved=True)
        else:
            add_term(own_config(desk.job) / "glossary" / pair_table(desk.job.source, language), term)
    chosen = {each if isinstance(each, int) else each.unit: each for each in body.apply}
    wanted = []
    for use in found:
        asked = chosen.get(use.unit.id)
        if asked is not None and use.after is not None:
            revision = use.unit.revision if isinstance(asked, int) else asked.revision
            wanted.append(_replacement(use.unit, use.after, revision))
    outcomes = workspace.store.apply_replace(wanted, who)
    result = told(workspace, request.app.state.hub, outcomes)
    recheck(desk, language)
    request.app.state.hub.publish("reload", {"pulse": "", "because": "terms"}, everywhere=False)
    return answer(result)


def _look(workspace: Workspace, body: TermBody) -> tuple[Desk, Language, Term, list[Use]]:
    desk = workspace.desk(body.id)
    language = desk.language(body.language)
    term = make_term(body.term, body.translation, body.aliases, body.forbidden, body.note)
    hits: dict[int, StoredUnit] = {}
    for spelling in term.spellings:
        episode = desk.id if body.scope == "episode" else ""
        found = workspace.store.search(
            Search(_first_word(spelling), "source", episode=episode, language=language.tag, limit=_MOST)
        )
        hits.update((hit.unit.id, hit.unit) for hit in found)
    units = list(hits.values())
    renderings = body.replaces or known_renderings(term, desk.glossary(language), units)
    return desk, language, term, uses(term, units, language.tag, renderings)


def _first_word(spelling: str) -> str:
    """What every place has that the glossary would find: RISC-V is also written RISC V."""
    return spelling.replace("-", " ").split()[0]


def _use_json(use: Use, path: str) -> dict[str, object]:
    unit = use.unit
    return {
        "unit": unit.id, "revision": unit.revision, "episode": unit.episode, "path": path,
        "first": unit.first, "last": unit.last,
        "source": unit.source, "before": unit.text, "after": use.after, "approved": unit.status == "approved",
    }  # fmt: skip


def _replacement(unit: StoredUnit, after: str, revision: int) -> Replacement:
    return Replacement(
        unit.id, revision, unit.text, after, (), unit.episode, "", unit.language, unit.first, unit.last, unit.status
    )
