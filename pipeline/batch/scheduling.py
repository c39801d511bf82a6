"""Which waiting tasks may start now: a free worker of their resource, and memory for all that works at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.batch.tasks import Resource


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that could start: its number, what it needs, and the memory for that in MB."""

    key: int
    resource: Resource
    need_mb: int


@dataclass(frozen=True, slots=True)
class Load:
    """What is going on.

    Attributes:
        running: resource and MB granted of every running task.
        idle_mb: what workers without a task hold, as loaded models, by resource.
        slots: how many tasks of a resource may run at once.
        limit_mb: what all together may use; None: whoever runs them sees to that.
    """

    running: Sequence[tuple[Resource, int]]
    idle_mb: Mapping[Resource, int]
    slots: Mapping[Resource, int]
    limit_mb: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do now: tasks to start, resources whose idle workers give back their memory first, and tasks that need
    more than there will ever be."""

    start: tuple[Waiting, ...] = ()
    unload: tuple[Resource, ...] = ()
    too_big: tuple[Waiting, ...] = ()


def choose(waiting: Sequence[Waiting], load: Load) -> Choice:
    """The tasks to start, the first ones first.

    A task for which there is a worker but no memory holds back all that come after it: otherwise small ones would go
    on overtaking it for ever.
    """
    slots = dict(load.slots)
    for resource, _ in load.running:
        slots[resource] = slots.get(resource, 0) - 1
    used = sum(granted for _, granted in load.running)
    idle = dict(load.idle_mb)
    start: list[Waiting] = []
    unload: list[Resource] = []
    too_big: list[Waiting] = []
    for task in waiting:
        if load.limit_mb is not None and task.need_mb > load.limit_mb:
            too_big.append(task)
            continue
        if slots.get(task.resource, 0) <= 0:
            continue
        if load.limit_mb is not None:
            room = load.limit_mb - used - task.need_mb
            # The idle worker of its own resource is the one that takes it: what that holds is part of the need.
            others = {name: held for name, held in idle.items() if name != task.resource and held > 0}
            give_back = _give_back(others, sum(others.values()) - room)
            if room < 0 or give_back is None:
                break
            unload += give_back
            for resource in give_back:
                idle[resource] = 0
        idle[task.resource] = 0
        used += task.need_mb
        slots[task.resource] -= 1
        start.append(task)
    return Choice(tuple(start), tuple(unload), tuple(too_big))


def _give_back(held: Mapping[Resource, int], lacking: int) -> list[Resource] | None:
    """The fewest idle resources that hold what is lacking, the largest first; None: all of them do not."""
    chosen: list[Resource] = []
    for resource in sorted(held, key=lambda name: -held[name]):
        if lacking <= 0:
            break
        chosen.append(resource)
        lacking -= held[resource]
    return chosen if lacking <= 0 else None
