"""The list of episodes: by language, how far each is, what is against it; and the page of search over all of them."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from pipeline.review.pages import page, signed_in
from pipeline.review.people import Person
from pipeline.review.workspace import Workspace
from pipeline.stages import STAGES
from pipeline.store import Tally

router = APIRouter()
FILTERS = ("all", "todo", "review", "findings", "stale", "flagged", "comments", "approved", "new")
SORTS = ("path", "title", "updated", "todo", "findings", "approved")


@dataclass(frozen=True, slots=True)
class Row:
    """An episode in the list: its languages in numbers; without any it is not translated yet."""

    path: str
    id: str
    title: str
    languages: tuple[Tally, ...]

    @property
    def updated_at(self) -> str:
        return max((each.updated_at for each in self.languages), default="")

    @property
    def findings(self) -> int:
        return sum(each.errors + each.warnings for each in self.languages)

    @property
    def todo(self) -> int:
        """Units that nobody has approved."""
        return sum(each.units - each.approved + each.stale for each in self.languages)

    @property
    def approved(self) -> float:
        """The share that is approved."""
        units = sum(each.units for each in self.languages)
        return sum(each.approved for each in self.languages) / units if units else 0.0

    def passes(self, chosen: str) -> bool:
        """Whether a filter shows it."""
        of = self.languages
        return {
            "todo": bool(of) and self.todo > 0,
            "review": any(each.machine or each.proposals for each in of),
            "findings": self.findings > 0,
            "stale": any(each.stale for each in of),
            "flagged": any(each.flagged for each in of),
            "comments": any(each.open_comments for each in of),
            "approved": bool(of) and self.todo == 0,
            "new": not of or any(each.new for each in of),
        }.get(chosen, True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is to show."""

    q: str = ""
    show: str = "all"
    language: str = ""
    sort: str = "path"
    down: bool = False
    start: int = 0


class Checks:
    """How many lines of an episode a person should look at, from its manifest; read again when that has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[int, int]] = {}

    def of(self, folder: Path) -> int:
        path = folder / "zimu" / "manifest.json"
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return 0
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
            count = len(steps["align"]["summary"]["check"])
        except (OSError, ValueError, KeyError, TypeError):  # not aligned, or damaged: nothing to say
            count = 0
        with self._lock:
            self._known[path] = (stamp, count)
        return count


_checks = Checks()


def rows(workspace: Workspace) -> list[Row]:
    """All episodes of the workspace, by path: those that the store knows, and folders that nobody has run yet."""
    by_path: defaultdict[str, list[Tally]] = defaultdict(list)
    for tally in workspace.store.overview():
        by_path[tally.path].append(tally)
    known = {episode.path: episode for episode in workspace.store.episodes()}
    found = []
    for folder in workspace.episodes():
        path = workspace.path(folder)
        stored = known.get(path)
        title = stored.title if stored is not None and stored.title else folder.name
        found.append(Row(path, stored.id if stored is not None else path, title, tuple(by_path.get(path, ()))))
    return found


def chosen(found: Sequence[Row], asked: Asked) -> list[Row]:
    """The rows that are asked for, in the order asked for."""
    needle = asked.q.casefold()
    kept = []
    for row in found:
        if asked.language:
            row = Row(row.path, row.id, row.title, tuple(t for t in row.languages if t.language == asked.language))
        if needle in row.path.casefold() or needle in row.title.casefold():
            kept.append(row)
    kept = [row for row in kept if row.passes(asked.show)]
    keys: dict[str, Any] = {
        "title": lambda row: row.title.casefold(),
        "updated": lambda row: row.updated_at,
        "todo": lambda row: row.todo,
        "findings": lambda row: row.findings,
        "approved": lambda row: row.approved,
    }
    return sorted(kept, key=keys.get(asked.sort, lambda row: row.path), reverse=asked.down)


def _asked(q: str, show: str, language: str, sort: str, down: bool, start: int) -> Asked:
    return Asked(
        q, show if show in FILTERS else "all", language, sort if sort in SORTS else "path", down, max(0, start)
    )


def _values(request: Request, asked: Asked) -> dict[str, Any]:
    workspace: Workspace = request.app.state.workspace
    everything = rows(workspace)
    found = chosen(everything, asked)
    size = workspace.settings.review.page_rows
    shown = found[asked.start : asked.start + size]
    runs: dict[str, Any] = {}
    for run in request.app.state.runs.all():
        runs.setdefault(run["episode"], run)
    folders = {workspace.path(folder): folder for folder in workspace.episodes()}
    return {
        "rows": shown,
        "checks": {row.path: _checks.of(folders[row.path]) for row in shown},
        "published": workspace.store.published([row.id for row in shown]),
        "runs": runs,
        "total": len(found),
        "all": len(everything),
        "asked": asked,
        "more": asked.start + size if asked.start + size < len(found) else 0,
        "filters": FILTERS,
        "sorts": SORTS,
        # Publishing is confirmed first: it has a button of its own.
        "stages": tuple(name for name in STAGES if name != "publish"),
        "languages": sorted({tally.language for row in everything for tally in row.languages}),
    }


Words = Annotated[str, Query(max_length=200)]


@router.get("/")
def workspace_page(
    request: Request, q: Words = "", show: Words = "all", language: Words = "", sort: Words = "path",
    down: bool = False,
) -> Response:  # fmt: skip
    """The list of episodes."""
    asked = _asked(q, show, language, sort, down, 0)
    return signed_in(request, lambda: page(request, "workspace.html", **_values(request, asked)))


@router.get("/list")
def list_rows(
    request: Request, who: Person, q: Words = "", show: Words = "all", language: Words = "", sort: Words = "path",
    down: bool = False, start: int = 0,
) -> HTMLResponse:  # fmt: skip
    """Rows of the list, for the page to put in."""
    asked = _asked(q, show, language, sort, down, start)
    return page(request, "rows.html", **_values(request, asked))


@router.get("/row")
def one_row(request: Request, who: Person, id: str) -> HTMLResponse:
    """The row of one episode, after something of it has changed."""
    workspace: Workspace = request.app.state.workspace
    desk = workspace.desk(id)
    values = _values(request, Asked())
    path = workspace.path(desk.folder)
    found = [row for row in rows(workspace) if row.path == path]
    own = {"rows": found, "checks": {path: _checks.of(desk.folder)}, "published": workspace.store.published([desk.id])}
    return page(request, "rows.html", **{**values, **own, "more": 0})


@router.get("/search")
def search_page(request: Request, q: Words = "") -> Response:
    """Search and replace over the workspace."""
    workspace: Workspace = request.app.state.workspace

    def make() -> HTMLResponse:
        languages = sorted({tally.language for tally in workspace.store.overview()})
        return page(request, "search.html", q=q, languages=languages)

    return signed_in(request, make)


@router.get("/help")
def help_page(request: Request) -> Response:
    """How to review, in short."""
    return signed_in(request, lambda: page(request, "help.html"))
