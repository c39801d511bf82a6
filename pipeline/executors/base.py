"""The interface of executors: tasks go in, events come out.

To add one: take tasks in `start` without waiting; run `pipeline.batch.advance.advance` on each where the episode's
files and its store can be reached; give back in `events` what it says and exactly one `Finished` or `Lost` for each
task; make `stopping` true in the workers after `stop`, and leave nothing running after `close`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeline.batch.tasks import Event, Resource, Task


class Executor(Protocol):
    """Runs tasks, as many at once of each resource as it has slots.

    Attributes:
        name: as the command line knows it.
        slots: how many tasks of each resource may run at once.
        limit_mb: memory for all tasks together; None: it looks after that itself.
    """

    name: str
    slots: Mapping[Resource, int]
    limit_mb: int | None

    def start(self, key: int, task: Task) -> None:
        """Begin a task; its events carry the key."""

    def events(self, timeout_s: float) -> Sequence[Event]:
        """What has happened since the last call; waits for the first event, at most `timeout_s`.

        Raises:
            ZimuError: nothing can run any more; the batch ends.
        """

    def notices(self) -> Sequence[str]:
        """What people should know of the workers since the last call."""

    def idle_mb(self) -> Mapping[Resource, int]:
        """Memory that workers without a task hold, by resource."""

    def unload(self, resource: Resource) -> None:
        """Give back the memory of a resource's idle workers."""

    def stop(self) -> None:
        """Let the steps in hand be the last ones."""

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
