"""What people do to units: each write says which revision was seen, and which save it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import UsageError
from pipeline.languages import Language
from pipeline.review.api_episode import answer, told_unit
from pipeline.review.desk import Desk
from pipeline.review.events import Hub
from pipeline.review.merging import merge
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said
from pipeline.review.showing import tried
from pipeline.review.view import comment_json, cues_json, finding_json, revision_json
from pipeline.review.workspace import UnknownError, Workspace
from pipeline.store import ConflictError, Store, StoredUnit
from pipeline.track import Cue
from pipeline.translation.units import Unit, join_lines

router = APIRouter()
_MOST_CHARS = 20_000
_MOST_UNITS = 20_000
Text = Annotated[str, Field(max_length=_MOST_CHARS)]
Number = Annotated[int, Path(ge=0, lt=2**63)]


class CueBody(BaseModel):
    """A cue that a person made."""

    start_ms: int = Field(ge=0, lt=2**40)
    end_ms: int = Field(ge=0, lt=2**40)
    lines: list[Text] = Field(max_length=50)

    def cue(self) -> Cue:
        return Cue(self.start_ms, self.end_ms, "\n".join(self.lines))


class Save(BaseModel):
    """What every write says."""

    revision: int = Field(ge=0, lt=2**63)
    save_id: str = Field(default="", max_length=100)


class TextSave(Save):
    text: Text
    cues: list[CueBody] | None = Field(default=None, max_length=200)


class CuesSave(Save):
    cues: list[CueBody] = Field(max_length=200)


class Action(Save):
    """What an action may say besides."""

    reason: Text = ""
    to: int = Field(default=0, ge=0, lt=2**63)
    rule: str = Field(default="", max_length=100)
    value: Text = ""
    dismissal: int = Field(default=0, ge=0, lt=2**63)
    text: Text = ""


class CheckBody(BaseModel):
    id: str = Field(default="", max_length=1000)
    language: str = Field(default="", max_length=40)
    unit: int = Field(ge=0, lt=2**63)
    text: Text
    cues: list[CueBody] = Field(default_factory=list, max_length=200)


class Part(BaseModel):
    first: int = Field(ge=0, lt=2**31)
    last: int = Field(ge=0, lt=2**31)
    text: Text


class SplitBody(Save):
    parts: list[Part] = Field(min_length=2, max_length=100)
    everywhere: bool = False


class Seen(BaseModel):
    """A unit at the revision that the person saw."""

    id: int = Field(ge=0, lt=2**63)
    revision: int = Field(ge=0, lt=2**63)


class MergeBody(BaseModel):
    units: list[Seen] = Field(min_length=2, max_length=100)
    text: Text
    everywhere: bool = False


class ManyBody(BaseModel):
    units: list[Seen] = Field(max_length=_MOST_UNITS)


class Place:
    """Where a request about a unit goes to: the unit as it is, its episode and language."""

    def __init__(self, request: Request, unit_id: int) -> None:
        self.ui = ui_language(request)
        self.workspace: Workspace = request.app.state.workspace
        self.hub: Hub = request.app.state.hub
        self.store: Store = self.workspace.store
        self.unit = self.workspace.unit(unit_id)
        self.desk: Desk = self.workspace.desk(self.unit.episode)
        self.language: Language = self.desk.language(self.unit.language)

    def json(self, unit: StoredUnit) -> dict[str, Any]:
        return told_unit(self.hub, self.desk, unit, self.language)

    def write(self, change: Callable[[], StoredUnit]) -> Response:
        """Make a change; the answer has the unit as it is then, or both texts where somebody was quicker."""
        try:
            unit = change()
        except ConflictError as error:
            return self.conflict(error)
        self.hub.wake()
        return answer({"unit": self.json(unit)})

    def conflict(self, error: ConflictError) -> Response:
        """409 with theirs, yours, what both were made from, and both in one where that is clear."""
        theirs = error.unit
        merged = None
        if theirs is not None and error.yours is not None and error.base is not None:
            merged = merge(error.base, error.yours, theirs.text)
        told = {
            "error": said(error.what, self.ui),
            "where": "",
            "remedy": said(error.remedy, self.ui),
            "theirs": None if theirs is None else self.json(theirs),
            "yours": error.yours,
            "base": error.base,
            "text_changed": error.text_changed,
            "merged": merged,
        }
        return answer(told, 409)

    def remarked(self, unit: StoredUnit, who: str) -> None:
        self.hub.touched(unit.episode, unit.language, unit.id, unit.revision, who)


@router.put("/api/units/{unit_id}/text")
def save_text(request: Request, who: Person, unit_id: Number, body: TextSave) -> Response:
    """Store a person's translation."""
    place = Place(request, unit_id)
    cues = None if body.cues is None else [cue.cue() for cue in body.cues]
    findings = place.desk.findings(place.unit, body.text, place.language)
    return place.write(
        lambda: place.store.edit(
            unit_id, body.text, who, body.revision, findings=findings, cues=cues, save_id=body.save_id
        )
    )


@router.put("/api/units/{unit_id}/cues")
def save_cues(request: Request, who: Person, unit_id: Number, body: CuesSave) -> Response:
    """Store cues that a person made; none: the re-cutter's again."""
    place = Place(request, unit_id)
    cues = [cue.cue() for cue in body.cues]
    return place.write(lambda: place.store.set_cues(unit_id, cues, who, body.revision, save_id=body.save_id))


@router.post("/api/units/{unit_id}/split")
def split(request: Request, who: Person, unit_id: Number, body: SplitBody) -> Response:
    """Make several units of one."""
    place = Place(request, unit_id)
    parts = [(_unit(place.desk, part.first, part.last), part.text) for part in body.parts]
    try:
        units = place.store.split(
            unit_id, parts, who, body.revision, everywhere=body.everywhere, lines=place.desk.texts
        )
    except ConflictError as error:
        return place.conflict(error)
    units = _checked(place, units)
    place.hub.wake()
    return answer({"units": [place.json(unit) for unit in units], "gone": []})


def _dismiss(store: Store, unit: int, who: str, body: Action) -> StoredUnit:
    return store.dismiss(unit, body.rule, body.reason, who, body.revision, value=body.value)


def _undismiss(store: Store, unit: int, who: str, body: Action) -> StoredUnit:
    if body.dismissal not in {each.id for each in store.dismissals(unit)}:
        raise UnknownError("This was taken back already.", where=str(unit), remedy="Load the page again.")
    return store.undismiss(body.dismissal)


def _comment(store: Store, unit: int, who: str, body: Action) -> StoredUnit:
    store.comment(unit, body.text, who, save_id=body.save_id)
    return store.unit(unit)


ACTIONS: Mapping[str, Callable[[Store, int, str, Action], StoredUnit]] = {
    "approve": lambda store, unit, who, body: store.approve(unit, who, body.revision, save_id=body.save_id),
    "reopen": lambda store, unit, who, body: store.reopen(unit, who, body.revision, save_id=body.save_id),
    "flag": lambda store, unit, who, body: store.flag(unit, body.reason, who, body.revision, save_id=body.save_id),
    "unflag": lambda store, unit, who, body: store.unflag(unit, who, body.revision, save_id=body.save_id),
    "accept": lambda store, unit, who, body: store.accept(unit, who, body.revision, save_id=body.save_id),
    "reject": lambda store, unit, who, body: store.reject(unit, who, body.revision, save_id=body.save_id),
    "undo": lambda store, unit, who, body: store.undo(unit, who, body.revision, save_id=body.save_id),
    "redo": lambda store, unit, who, body: store.redo(unit, who, body.revision, save_id=body.save_id),
    "revert": lambda store, unit, who, body: store.revert(unit, body.to, who, body.revision, save_id=body.save_id),
    "dismiss": _dismiss,
    "undismiss": _undismiss,
    "comment": _comment,
}
# These make no revision: the feed of changes does not have them.
_REMARKS = ("dismiss", "undismiss", "comment")


@router.post("/api/units/{unit_id}/{action}")
def act(request: Request, who: Person, unit_id: Number, action: str, body: Action) -> Response:
    """One of `ACTIONS`."""
    if action not in ACTIONS:
        raise UnknownError("There is no such action.", where=action[:100], remedy="Load the page again.")
    place = Place(request, unit_id)

    def change() -> StoredUnit:
        unit = ACTIONS[action](place.store, unit_id, who, body)
        if action in _REMARKS:
            place.remarked(unit, who)
        return unit

    return place.write(change)


@router.get("/api/units/{unit_id}/history")
def history(request: Request, who: Person, unit_id: Number) -> Response:
    """All that a unit ever was, newest first."""
    place = Place(request, unit_id)
    return answer({"revisions": [revision_json(each) for each in reversed(place.store.history(unit_id))]})


@router.get("/api/units/{unit_id}/comments")
def comments(request: Request, who: Person, unit_id: Number) -> Response:
    """What people said about a unit, oldest first."""
    place = Place(request, unit_id)
    return answer({"comments": [comment_json(each) for each in place.store.comments(unit_id)]})


@router.post("/api/comments/{comment_id}/{action}")
def resolve(request: Request, who: Person, comment_id: Number, action: str) -> Response:
    """Mark a comment as done with, or open it again."""
    if action not in ("resolve", "reopen"):
        raise UnknownError("There is no such action.", where=action[:100], remedy="Load the page again.")
    store: Store = request.app.state.workspace.store
    comment = store.resolve_comment(comment_id, who) if action == "resolve" else store.reopen_comment(comment_id)
    place = Place(request, comment.unit)
    place.remarked(place.unit, who)
    return answer({"comment": comment_json(comment), "unit": place.json(place.unit)})


@router.post("/api/check")
def check(request: Request, who: Person, body: CheckBody) -> Response:
    """What a text would become: its findings and its cues. Nothing is stored."""
    place = Place(request, body.unit)
    findings, cues = tried(place.desk, place.unit, body.text, [cue.cue() for cue in body.cues], place.language)
    return answer({"findings": [finding_json(each) for each in findings], "cues": cues_json(cues)})


@router.post("/api/units/merge")
def merge_units(request: Request, who: Person, body: MergeBody) -> Response:
    """Make one unit of several that follow one another."""
    place = Place(request, body.units[0].id)
    units = [place.workspace.unit(each.id) for each in body.units]
    merged = _unit(place.desk, units[0].first, units[-1].last)
    try:
        unit = place.store.merge(
            [(each.id, each.revision) for each in body.units],
            merged,
            body.text,
            who,
            everywhere=body.everywhere,
            lines=place.desk.texts,
        )
    except ConflictError as error:
        return place.conflict(error)
    unit = _checked(place, [unit])[0]
    place.hub.wake()
    return answer({"units": [place.json(unit)], "gone": [each.id for each in body.units if each.id != unit.id]})


@router.post("/api/approve")
def approve_many(request: Request, who: Person, body: ManyBody) -> Response:
    """Approve all that nothing is known against; says of each what became of it."""
    store: Store = request.app.state.workspace.store
    outcomes = store.approve_many([(each.id, each.revision) for each in body.units], who)
    request.app.state.hub.wake()
    return answer({"outcomes": [{"id": each.id, "done": each.done, "why": each.why} for each in outcomes]})


def _unit(desk: Desk, first: int, last: int) -> Unit:
    """The sentence of some lines, as grouping would make it."""
    if not first <= last < len(desk.lines):
        raise UsageError(f"There are no lines {first + 1}-{last + 1}.", remedy="Load the page again.")
    lines = [line for line in desk.lines[first : last + 1] if line.start_ms is not None and line.end_ms is not None]
    if not lines:
        raise UsageError("None of these lines is spoken.", remedy="Divide it elsewhere.")
    start, end = lines[0].start_ms or 0, lines[-1].end_ms or 0
    return Unit(f"u{first}", first, last, join_lines([line.text for line in lines]), start, end)


def _checked(place: Place, units: Sequence[StoredUnit]) -> tuple[StoredUnit, ...]:
    """The units with the findings of their new texts."""
    found = {
        unit.id: (unit.revision, place.desk.findings(unit, unit.text, place.language)) for unit in units if unit.text
    }
    place.store.set_findings(found)
    return place.store.units_by_id(unit.id for unit in units)
