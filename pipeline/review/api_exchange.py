"""Files for editors without the page: exported, and corrected ones imported with a preview."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import UsageError
from pipeline.exchange import Change, format_name
from pipeline.review.api_episode import answer
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said
from pipeline.review.waiting import Waiting
from pipeline.review.workspace import Workspace
from pipeline.stages.exchange import Preview, apply_import, export_episode, preview_import

router = APIRouter()
_CHUNK = 1 << 20
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8",
    "xliff": "application/xliff+xml", "tmx": "application/xml", "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8", "ass": "text/plain; charset=utf-8",
    "ttml": "application/ttml+xml; charset=utf-8", "sbv": "text/plain; charset=utf-8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shown:
    episode: str
    preview: Preview


_imports: Waiting[_Shown] = Waiting("This import is over.", "Choose the file again.")


class DecisionBody(BaseModel):
    """`take`: units whose conflicts are decided for the file."""

    token: str = Field(max_length=100)
    take: list[str | int] = Field(default_factory=list, max_length=20_000)


@router.get("/api/export")
def export(request: Request, who: Person, id: str, format: str, language: str = "") -> Response:
    """An episode's translations as a file."""
    workspace: Workspace = request.app.state.workspace
    desk = workspace.desk(id)
    name = format_name(format)
    tag = desk.job.source.tag if language == desk.job.source.tag else desk.language(language).tag
    with tempfile.TemporaryDirectory(prefix="zimu-export-") as folder:
        paths = export_episode(desk.job, [name], languages=[tag], out=Path(folder))
        data, file = paths[0].read_bytes(), paths[0].name
    desk.job.forget_tracks()
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-._") else "_" for char in file)
    headers = {"content-disposition": f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(file, safe='')}"}
    return Response(data, media_type=_TYPES[name], headers=headers)


@router.post("/api/import")
def preview(
    request: Request, who: Person, id: str, file: Annotated[UploadFile, File()], language: str = ""
) -> Response:
    """What a corrected file would change; nothing is changed yet."""
    workspace: Workspace = request.app.state.workspace
    desk = workspace.desk(id)
    name = format_name(Path(file.filename or "").suffix)
    with tempfile.TemporaryDirectory(prefix="zimu-import-") as folder:
        path = Path(folder) / f"import.{name}"
        _store(file, path, workspace.settings.exchange.max_bytes)
        found = preview_import(desk.job, path, language=language or None)
    desk.job.forget_tracks()
    token = _imports.keep(_Shown(desk.id, found), who)
    changes = [_change_json(change, ui_language(request)) for change in found.changes]
    return answer({"token": token, "language": found.language, "units": found.units, "changes": changes})


@router.post("/api/import/apply")
def apply(request: Request, who: Person, body: DecisionBody) -> Response:
    """Bring in what was shown; what anybody changed since then is left."""
    workspace: Workspace = request.app.state.workspace
    waiting = _imports.take(body.token, who)
    desk = workspace.desk(waiting.episode)
    result = apply_import(desk.job, waiting.preview, who, take=[str(each) for each in body.take])
    request.app.state.hub.wake()
    ui = ui_language(request)
    return answer(
        {
            "done": [_change_json(change, ui) for change in result.done],
            "left": [_change_json(change, ui) for change in result.left],
        }
    )


def _store(file: UploadFile, path: Path, limit: int) -> None:
    size = 0
    with path.open("wb") as target:
        while chunk := file.file.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise UsageError(
                    f"The file has more than {limit:,} bytes.",
                    remedy="Is it the right one? Else raise exchange.max_bytes.",
                )
            target.write(chunk)


def _change_json(change: Change, ui: str) -> dict[str, Any]:
    return {
        "unit": int(change.unit.id) if change.unit else None,
        "lines": change.unit.lines if change.unit else None,
        "kind": change.kind,
        "conflict": change.conflict,
        "applies": change.applies,
        "can_apply": change.can_apply,
        "before": change.before,
        "after": change.after,
        "status": change.status,
        "where": change.where,
        "reason": said(change.reason, ui),
    }
