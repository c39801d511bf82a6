"""A person's word for a plan: what was shown is what is sent, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.errors import EpisodeError
from pipeline.files import sha256_json
from pipeline.publishing.base import Action
from pipeline.publishing.planning import VideoPlan


class PlanChangedError(EpisodeError):
    """There is something else to do than what a person agreed to."""


def plan_digest(plans: Sequence[VideoPlan]) -> str:
    """SHA-256 of all that plans of one platform would send: to which videos, which files, in place of what.

    What only waits for quota is part of it: less of what was agreed to may be sent, but never anything else.
    """
    return sha256_json([[plan.platform, plan.video.id, [_sent(each) for each in _changes(plan)]] for plan in plans])


def require_agreed(plans: Sequence[VideoPlan], agreed: Mapping[str, str]) -> None:
    """Refuse plans of one platform that are not what was agreed to (platform → digest).

    Raises:
        PlanChangedError: it is something else.
    """
    for name in dict.fromkeys(plan.platform for plan in plans):
        if agreed.get(name) != plan_digest([plan for plan in plans if plan.platform == name]):
            raise PlanChangedError(
                "Something changed since the list was shown; nothing was sent.",
                where=name,
                remedy="Look at the list again, and confirm it.",
            )


def _changes(plan: VideoPlan) -> list[Action]:
    return [action for action in plan.actions if action.changes]


def _sent(action: Action) -> list[Any]:
    local, remote = action.local, action.remote
    return [
        action.kind,
        action.language,
        None if local is None else [local.code, local.name, local.digest, local.live],
        None if remote is None else [remote.id, remote.updated, remote.live],
        {code: asdict(text) for code, text in action.texts.items()},
    ]
