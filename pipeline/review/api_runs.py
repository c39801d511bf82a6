"""Runs of stages, started on a page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.review.api_episode import answer
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said_run

router = APIRouter()


class RunBody(BaseModel):
    id: str = Field(max_length=1000)
    stage: str = Field(max_length=50)
    force: bool = False


@router.post("/api/run")
def start(request: Request, who: Person, body: RunBody) -> Response:
    """Run an episode up to a stage, in the background."""
    state = request.app.state
    run = state.runs.start(state.workspace.desk(body.id), body.stage, who, force=body.force)
    return answer({"run": run.id, "state": run.state}, 202)


@router.get("/api/runs")
def runs(request: Request, who: Person) -> Response:
    """All runs since the server was started, the newest first."""
    ui = ui_language(request)
    return answer({"runs": [said_run(run, ui) for run in request.app.state.runs.all()]})
