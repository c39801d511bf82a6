"""Publishing from the page: what is on the platforms by language, what would be done, and a person's word to do it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from pipeline.errors import UsageError, ZimuError
from pipeline.job import Job
from pipeline.progress import SilentReporter
from pipeline.review.api_episode import answer
from pipeline.review.desk import Desk
from pipeline.review.pages import ui_language
from pipeline.review.people import Person
from pipeline.review.saying import said
from pipeline.review.waiting import Waiting
from pipeline.review.workspace import Workspace
from pipeline.runner import NotReady

if TYPE_CHECKING:
    from pipeline.publishing.base import Action
    from pipeline.publishing.planning import VideoPlan
    from pipeline.stages.publish import Published, Quota
    from pipeline.store import Receipt

router = APIRouter()
# Somebody waits at the page: a busy platform is asked once more and soon, or it is said that it is busy.
_IMPATIENT = {"retries": 1, "max_wait_s": 5.0}


class WishBody(BaseModel):
    """`live`: true: viewers see it; false: drafts; null: as the settings say.

    `overwrite`: what somebody changed on the platform is replaced too.
    """

    id: str = Field(max_length=1000)
    to: list[str] = Field(default_factory=list, max_length=20)
    live: bool | None = None
    overwrite: bool = False


class WordBody(BaseModel):
    """The token of the list that a person agrees to."""

    token: str = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What somebody was shown: the wish, and a digest of what it would send by platform."""

    episode: str
    live: bool | None
    overwrite: bool
    digests: dict[str, str]


_shown: Waiting[_Agreed] = Waiting("This list is too old.", "Look at it again.")


@router.get("/api/publish")
def state(request: Request, who: Person, id: str) -> Response:
    """What was published, by the receipts; no platform is asked."""
    workspace: Workspace = request.app.state.workspace
    desk = workspace.desk(id)
    platforms = [_platform(desk, name, ui_language(request)) for name in _named(desk)]
    return answer({"allowed": workspace.settings.review.publish, "platforms": platforms})


@router.post("/api/publish/plan")
def plan(request: Request, who: Person, body: WishBody) -> Response:
    """What would be done: platforms are asked, and nothing is changed there."""
    from pipeline.publishing.confirming import plan_digest
    from pipeline.stages.publish import Wanted, publish_episodes

    workspace, desk = _allowed(request, body.id)
    wanted = Wanted(to=tuple(body.to), live=body.live, overwrite=body.overwrite)
    flags = {**workspace.flags, "publish": {**workspace.flags.get("publish", {}), **_IMPATIENT}}
    result = publish_episodes([desk.folder], wanted, SilentReporter(), flags=flags, dry_run=True, who=who)
    digests = {
        name: plan_digest([each for each in result.plans if each.platform == name])
        for name in dict.fromkeys(each.platform for each in result.plans)
    }
    changes = sum(len(each.changes) for each in result.plans)
    agreed = _Agreed(desk.id, body.live, body.overwrite, digests)
    token = _shown.keep(agreed, who) if changes else ""
    return answer(
        {"token": token, "changes": changes, **_result_json(workspace, desk.job, result, ui_language(request))}
    )


@router.post("/api/publish/apply")
def apply(request: Request, who: Person, body: WordBody) -> Response:
    """Do what was shown, in the background; if it would be something else by now, nothing is done."""
    agreed = _shown.take(body.token, who)
    _, desk = _allowed(request, agreed.episode)
    wish = {"live": agreed.live, "overwrite": agreed.overwrite, "agreed": agreed.digests}
    run = request.app.state.runs.publish(desk, who, wish)
    return answer({"run": run.id, "state": run.state}, 202)


def _allowed(request: Request, identity: str) -> tuple[Workspace, Desk]:
    workspace: Workspace = request.app.state.workspace
    if not workspace.settings.review.publish:
        raise UsageError(
            "Nobody may publish from the page.", remedy="Use zimu publish, or set review.publish in the workspace."
        )
    return workspace, workspace.desk(identity)


def _named(desk: Desk) -> list[str]:
    settings = desk.job.settings.publish
    return list(dict.fromkeys(name for name in (*settings.to, *settings.videos) if settings.videos.get(name)))


def _platform(desk: Desk, name: str, ui: str) -> dict[str, Any]:
    """A platform that the episode has a video on, with a row for each language."""
    from pipeline.publishing.base import find_adapter
    from pipeline.stages.publish import Wanted, published_before
    from pipeline.stages.publish_tracks import languages_of, local_tracks

    job = desk.job
    told: dict[str, Any] = {"name": name, "title": name, "video": job.settings.publish.videos[name], "languages": []}
    try:
        adapter = find_adapter(name)
        before = published_before(job, name)
        languages = languages_of(job, Wanted())
    except ZimuError as error:
        return {**told, "error": said(error.what, ui)}
    digests: dict[str, str] = {}
    with suppress(ZimuError, NotReady):  # what is not there yet has not changed either
        job.forget_tracks()
        digests = {track.language: track.digest for track in local_tracks(job, adapter, Wanted())[0]}
    rows = [
        {
            "language": language.tag,
            "own_name": language.own_name,
            **_receipt_json(before.get(language.tag), digests.get(language.tag)),
        }
        for language in languages
    ]
    return {**told, "title": adapter.title, "languages": rows}


def _receipt_json(receipt: Receipt | None, digest: str | None) -> dict[str, Any]:
    """What the last receipt of a language says: `state` is one word for people."""
    if receipt is None:
        return {"state": "none", "at": "", "who": "", "changed": False}
    state = receipt.seen
    changed = digest is not None and bool(receipt.digest) and digest != receipt.digest
    return {"state": state, "at": receipt.at, "who": receipt.who, "changed": changed and state != "gone"}


def _result_json(workspace: Workspace, job: Job, result: Published, ui: str) -> dict[str, Any]:
    return {
        "videos": [_plan_json(job, each) for each in result.plans],
        "quotas": [_quota_json(each) for each in result.quotas if each.limit is not None],
        "errors": [
            {"error": said(error.what, ui), "where": workspace.place_of(error.where), "remedy": said(error.remedy, ui)}
            for _, error in result.errors
        ],
    }


def _plan_json(job: Job, plan: VideoPlan) -> dict[str, Any]:
    from pipeline.publishing.base import find_adapter

    return {
        "platform": plan.platform,
        "title": find_adapter(plan.platform).title,
        "video": plan.video.id,
        "video_title": plan.video.title,
        "account": plan.video.account,
        "looked": plan.looked,
        "actions": [_action_json(job, each) for each in plan.actions],
    }


def _action_json(job: Job, action: Action) -> dict[str, Any]:
    """An action: its reasons are codes that the page knows in its own language (`publish.why.CODE`)."""
    names = [_own_name(job, tag) for tag in action.language.split(", ")]  # titles: of several languages at once
    return {
        "language": action.language,
        "own_name": ", ".join(names),
        "kind": action.kind,
        "changes": action.changes,
        "overwritable": action.overwritable,
        "waits": action.waits,
        "cost": action.cost,
        "live": None if action.local is None else action.local.live,
        "name": "" if action.local is None else action.local.name,
        "reasons": [asdict(reason) for reason in action.reasons],
    }


def _own_name(job: Job, tag: str) -> str:
    known = job.languages.get(tag)
    return known.own_name if known else tag


def _quota_json(quota: Quota) -> dict[str, Any]:
    return {"platform": quota.platform, "title": quota.title, "left": quota.left, "limit": quota.limit}
