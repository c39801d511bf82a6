"""Titles and descriptions in other languages on the page: seen, edited and approved by the rules of units."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import UsageError, ZimuError
from pipeline.languages import Language
from pipeline.review.api_episode import answer
from pipeline.review.desk import Desk
from pipeline.review.merging import merge
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said
from pipeline.review.workspace import UnknownError, Workspace

if TYPE_CHECKING:
    from pipeline.publishing.reasons import Reason
    from pipeline.stages.publish_titles import TitleRow
    from pipeline.store import TextConflictError
    from pipeline.store.video_texts import TextField, TextKind

router = APIRouter()
_MOST_CHARS = 20_000


class TitleBody(BaseModel):
    """A text as a person wants it, and the revision that they saw; 0: there was none.

    `to`: the revision whose text it is, where it is restored.
    """

    id: str = Field(max_length=1000)
    language: str = Field(max_length=40)
    field: str = Field(max_length=20)
    text: str = Field(max_length=_MOST_CHARS)
    revision: int = Field(ge=0, lt=2**31)
    approve: bool = False
    to: int = Field(default=0, ge=0, lt=2**31)


class ProposeBody(BaseModel):
    id: str = Field(max_length=1000)


@router.get("/api/titles")
def titles(request: Request, who: Person, id: str) -> Response:
    """All of an episode, a list for each language; `sources`: in the spoken language."""
    from pipeline.stages.publish_titles import sources_of, title_rows

    desk = _desk(request, id)
    languages = [
        {
            "language": language.tag,
            "own_name": language.own_name,
            "rows": [_row_json(desk, row) for row in title_rows(desk.job, language)],
        }
        for language in desk.job.targets
    ]
    return answer({"sources": sources_of(desk.job), "languages": languages})


@router.put("/api/titles")
def save(request: Request, who: Person, body: TitleBody) -> Response:
    """Store a person's text, their approval, or that it is approved no more; 409 where somebody was quicker."""
    from pipeline.store import TextConflictError

    desk = _desk(request, body.id)
    language, field, source = _place(desk, body.language, body.field)
    text = " ".join(body.text.split()) if field == "title" else "\n".join(body.text.splitlines()).strip()
    if not text:
        raise UsageError("A title or a description can't be empty.", remedy="Write something.")
    try:
        desk.store.save_text(
            desk.id, language.tag, field, source=source, text=text, who=who, approved=body.approve,
            expected_revision=body.revision, kind=_kind(desk, language, field, text, source, body),
        )  # fmt: skip
    except TextConflictError as error:
        return _conflict(request, desk, language, field, text, error)
    request.app.state.hub.wake()
    return answer({"row": _row_json(desk, _row(desk, language, field))})


@router.get("/api/titles/history")
def history(request: Request, who: Person, id: str, language: str, field: str) -> Response:
    """All that a title or a description ever was, the newest first."""
    desk = _desk(request, id)
    where, name, _ = _place(desk, language, field)
    found = desk.store.text_history(desk.id, where.tag, name)
    return answer({"revisions": [asdict(each) for each in reversed(found)]})


@router.post("/api/titles/propose")
def propose(request: Request, who: Person, body: ProposeBody) -> Response:
    """Have what is missing or out of date translated, in the background; people's texts stay."""
    run = request.app.state.runs.titles(_desk(request, body.id), who)
    return answer({"run": run.id, "state": run.state}, 202)


def _desk(request: Request, identity: str) -> Desk:
    workspace: Workspace = request.app.state.workspace
    return workspace.desk(identity)


def _place(desk: Desk, tag: str, field: str) -> tuple[Language, TextField, str]:
    """The language, the field, and what is to be translated."""
    from pipeline.stages.publish_titles import sources_of

    sources = sources_of(desk.job)
    language = next((each for each in desk.job.targets if each.tag == tag), None)
    name = next((each for each in sources if each == field), None)
    if language is None or name is None:
        raise UnknownError("There is no such title or description.", where=field, remedy="Load the page again.")
    own = desk.job.settings.publish
    if (own.titles if name == "title" else own.descriptions).get(tag):
        raise UsageError("It stands in episode.toml.", where=field, remedy="Change it there.")
    return language, name, sources[name]


def _kind(desk: Desk, language: Language, field: TextField, text: str, source: str, body: TitleBody) -> TextKind:
    """What a save is, by what is there; where that changed meanwhile, the save is refused anyway."""
    if body.to:
        return "revert"
    stored = {(each.language, each.field): each for each in desk.store.video_texts(desk.id)}
    there = stored.get((language.tag, field))
    if there is None or (there.text, there.source) != (text, source):
        return "edit"
    if body.approve:
        return "approve"
    return "reopen" if there.status == "approved" else "edit"


def _row(desk: Desk, language: Language, field: TextField) -> TitleRow:
    from pipeline.stages.publish_titles import title_rows

    return next(row for row in title_rows(desk.job, language) if row.field == field)


def _row_json(desk: Desk, row: TitleRow) -> dict[str, Any]:
    """A row for the page: `problems` are what the episode's platforms would refuse."""
    problems = [asdict(each) for each in _problems(desk, row)] if row.text else []
    return {**asdict(row), "state": row.state.replace(" ", "-"), "problems": problems}


def _problems(desk: Desk, row: TitleRow) -> list[Reason]:
    from pipeline.publishing.base import VideoText, find_adapter
    from pipeline.publishing.checking import check_text

    text = VideoText(title=row.text) if row.field == "title" else VideoText(description=row.text)
    found: list[Reason] = []
    for name in desk.job.settings.publish.videos:
        try:
            adapter = find_adapter(name)
        except ZimuError:  # publishing says so
            continue
        if adapter.limits.title_chars:
            found += check_text(text, adapter.limits, adapter.title)
    return found


def _conflict(
    request: Request, desk: Desk, language: Language, field: TextField, text: str, error: TextConflictError
) -> Response:
    """409 with theirs, yours, and both in one where that is clear."""
    ui = ui_language(request)
    merged = None
    if error.theirs is not None and error.base is not None:
        merged = merge(error.base, text, error.theirs.text)
    told = {
        "error": said(error.what, ui),
        "where": "",
        "remedy": said(error.remedy, ui),
        "theirs": _row_json(desk, _row(desk, language, field)),
        "yours": text,
        "merged": merged,
    }
    return answer(told, 409)
