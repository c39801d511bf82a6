"""An episode's media file for the player: only that, and in ranges."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from pipeline.review.people import Person
from pipeline.review.workspace import UnknownError, Workspace

router = APIRouter()
# What browsers know them by, where the system's table may not say so.
_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".m4a": "audio/mp4",
          ".mkv": "video/x-matroska", ".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg"}  # fmt: skip


@router.api_route("/media", methods=["GET", "HEAD"])
def media(request: Request, who: Person, id: str) -> FileResponse:
    """The media of an episode; Range is answered with 206 or 416."""
    workspace: Workspace = request.app.state.workspace
    path = safe_media(workspace, workspace.desk(id).job.episode.media)
    kind = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if not kind.startswith(("video/", "audio/")):
        kind = "application/octet-stream"
    # Kept by the browser, so that seeking back loads nothing again; its state tells a file that has changed.
    return FileResponse(path, media_type=kind, headers={"cache-control": "private, no-cache"})


def safe_media(workspace: Workspace, media: Path) -> Path:
    """The file itself, if it lies in the workspace or where the settings allow it, whatever links lead to it.

    Raises:
        UnknownError: it lies elsewhere, or is no file.
    """
    path = media.resolve()
    if not workspace.holds(path) or not path.is_file():
        raise UnknownError(
            "The media file lies outside of the workspace.",
            where=media.name,
            remedy="Copy it into the episode's folder, or name its folder in review.media_folders.",
        )
    return path
