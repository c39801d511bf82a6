"""Which episodes need work, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pipeline.batch.tasks import STAGES_OF

Order = Literal["name", "newest", "oldest"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Seen:
    """An episode as its folder and its mark show it.

    Attributes:
        folder: where it is; `place`: in its workspace.
        modified_ns: when the newest file in it was changed.
        state: done or refused where nothing has changed since it was; open: something is to be done, or was never.
        error: why it was refused.
        made: the names of the steps that its manifest has.
    """

    folder: Path
    place: str
    modified_ns: int
    state: Literal["done", "refused", "open"]
    error: str = ""
    made: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will do.

    Attributes:
        work: episodes to take on, in order.
        done: how many have nothing to do.
        refused: those that were refused as they are, and have not changed.
        later: how many are left for another time by the limit.
    """

    work: tuple[Seen, ...]
    done: int
    refused: tuple[Seen, ...]
    later: int


def plan(episodes: Sequence[Seen], *, order: Order, limit: int | None, retry_refused: bool) -> Plan:
    """Choose and order the episodes that need work.

    Arguments:
        limit: at most so many; None: all.
        retry_refused: take what was refused as it is, too.
    """
    wanted = [seen for seen in episodes if seen.state == "open" or (seen.state == "refused" and retry_refused)]
    ordered = sorted(wanted, key=lambda seen: str(seen.folder))
    if order != "name":
        ordered.sort(key=lambda seen: seen.modified_ns, reverse=order == "newest")
    kept = ordered if limit is None else ordered[:limit]
    refused = tuple(seen for seen in episodes if seen.state == "refused" and not retry_refused)
    done = sum(seen.state == "done" for seen in episodes)
    return Plan(tuple(kept), done, refused, len(ordered) - len(kept))


def first_stage(made: frozenset[str], stages: Sequence[str]) -> str:
    """The stage that probably has something to do first: the first that has not made anything.

    Only a guess, so that an episode that was aligned the day before does not wait for the speech model: the worker
    looks at all stages.
    """
    kinds = {name.split(" ")[0] for name in made}
    return next((stage for stage in stages if stage not in kinds), stages[-1])


def stage_names(until: str | None, *, publish: bool) -> tuple[str, ...]:
    """The stages of a batch in order; `until` names the last one."""
    names = [stage for stages in STAGES_OF.values() for stage in stages if stage != "publish"]
    if until in names:
        names = names[: names.index(until) + 1]
    return (*names, "publish") if publish else tuple(names)


@dataclass(frozen=True, slots=True)
class Settling:
    """A folder that is watched: how it looked, and since when it has looked like that (seconds of a clock)."""

    signature: str
    since: float


def settle(
    known: Mapping[str, Settling], found: Mapping[str, str], *, now: float, settle_s: float
) -> tuple[dict[str, Settling], tuple[str, ...]]:
    """What is known of watched folders after a look, and which of them are whole: unchanged for `settle_s`.

    Arguments:
        found: folder → signature of what is in it, of those that have something to do.
    """
    after = {
        name: known[name] if name in known and known[name].signature == signature else Settling(signature, now)
        for name, signature in found.items()
    }
    return after, tuple(name for name, each in after.items() if now - each.since >= settle_s)
