"""The Chinese side: transcript lines are corrected and timed, and only that stretch is aligned again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import EpisodeError, InputError
from pipeline.review.api_episode import answer, lines_json
from pipeline.review.desk import Desk
from pipeline.review.lines import ChangedError, check_line, rewrite
from pipeline.review.people import Person
from pipeline.review.view import pin_json
from pipeline.review.workspace import UnknownError, Workspace
from pipeline.runner import episode_lock
from pipeline.stages.realign import is_current, take_over
from pipeline.store import ConflictError

router = APIRouter()


class BusyError(InputError):
    """A run works on the episode: its files are not to be changed now."""


class LineBody(BaseModel):
    index: int = Field(ge=0, lt=2**31)
    old: str = Field(default="", max_length=10_000)
    new: str = Field(default="", max_length=10_000)
    insert: bool = False
    swap: bool = False  # with the next line, whose text is `new`


class PinBody(BaseModel):
    index: int = Field(ge=0, lt=2**31)
    start_ms: int = Field(ge=0, lt=2**40)
    end_ms: int = Field(ge=0, lt=2**40)
    revision: int = Field(default=0, ge=0, lt=2**63)


@router.put("/api/lines")
def put_line(request: Request, who: Person, id: str, body: LineBody) -> Response:
    """Correct, remove, add or move a line of the transcript; that stretch is aligned again in the background."""
    workspace: Workspace = request.app.state.workspace
    with _held(workspace, id) as desk:
        new = check_line(body.new, desk.job.settings.episode.max_line_chars)
        current = desk.alignment is not None and is_current(desk.job)
        before = desk.texts
        rewrite(desk.job.transcript, body.index, body.old, new, insert=body.insert, swap=body.swap)
        if body.swap:
            pass  # both texts are found again where they are now, with all that belongs to them
        elif body.insert:
            desk.store.insert_line(desk.id, before, body.index, new, who)
        else:
            desk.store.edit_line(desk.id, before, body.index, new, who)
        desk = workspace.desk(desk.id)
        changed: tuple[tuple[int, int], ...] = ()
        if desk.alignment is not None:
            changed = take_over(desk.job, current=current).changed
    return _told(request, desk.id, who, changed, current=current)


@router.put("/api/pins")
def put_pin(request: Request, who: Person, id: str, body: PinBody) -> Response:
    """Give a line its time: the alignment keeps to it, and its neighbours make room."""
    workspace: Workspace = request.app.state.workspace
    with _held(workspace, id) as desk:
        current = desk.alignment is not None and is_current(desk.job)
        try:
            pin = desk.store.pin(
                desk.id, desk.texts, body.index, body.start_ms, body.end_ms, who, expected_revision=body.revision
            )
        except ConflictError as error:
            return _pin_conflict(desk, body.index, error)
        if desk.alignment is not None:
            take_over(desk.job, current=current)
    return _told(request, desk.id, who, (), current=current, pin=pin_json(pin))


@router.delete("/api/pins/{pin_id}")
def delete_pin(
    request: Request,
    who: Person,
    id: str,
    pin_id: Annotated[int, Path(ge=0, lt=2**63)],
    revision: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> Response:
    """Let the alignment find a line's time again."""
    workspace: Workspace = request.app.state.workspace
    with _held(workspace, id) as desk:
        pin = next((each for each in desk.pins() if each.id == pin_id), None)
        if pin is None:
            raise UnknownError("This time was taken back already.", where=str(pin_id), remedy="Load the page again.")
        current = desk.alignment is not None and is_current(desk.job)
        try:
            desk.store.unpin(pin_id, revision or pin.revision)
        except ConflictError as error:
            return _pin_conflict(desk, pin.index, error)
    changed = ((pin.index, pin.index + 1),) if pin.index is not None and desk.alignment is not None else ()
    return _told(request, desk.id, who, changed, current=current)


@contextmanager
def _held(workspace: Workspace, identity: str) -> Iterator[Desk]:
    """An episode whose files nobody else changes meanwhile."""
    with workspace.writing:
        desk = workspace.desk(identity)
        try:
            with episode_lock(desk.job.episode):
                yield desk
        except EpisodeError as error:
            if error.what.startswith("Another run"):
                raise BusyError(error.what, where=error.where, remedy="Try again when it has finished.") from error
            raise


def _told(
    request: Request, identity: str, who: str, changed: tuple[tuple[int, int], ...], *, current: bool, **more: Any
) -> Response:
    """The lines as they are now; `run`: the background work that gives new lines their times."""
    state = request.app.state
    desk = state.workspace.desk(identity)
    run = state.runs.realign(desk, changed, who, current=current) if changed else None
    state.hub.publish("reload", {"pulse": "", "because": "lines"}, episode=desk.id, everywhere=False)
    return answer({"lines": lines_json(desk), "run": None if run is None else run.id, **more})


def _pin_conflict(desk: Desk, index: int | None, error: ConflictError) -> Response:
    theirs = next((pin_json(pin) for pin in desk.pins() if pin.index == index), None)
    return answer({"error": error.what, "where": "", "remedy": error.remedy, "theirs": theirs}, 409)


__all__ = ["BusyError", "ChangedError", "router"]
