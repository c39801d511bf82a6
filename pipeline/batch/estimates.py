"""How fast a batch goes and how long it will take, from what its stages took so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.batch.tasks import STAGES_OF, Resource


def rate_per_hour(count: int, seconds: float) -> float | None:
    """Stages an hour; None before the first has ended."""
    return 3600 * count / seconds if count and seconds > 0 else None


def time_left(remaining: Mapping[str, int], mean_s: Mapping[str, float], slots: Mapping[Resource, int]) -> float | None:
    """Seconds until all is done: those of the resource that has most to do, since the resources work side by side.

    Arguments:
        remaining: how many episodes still need a stage.
        mean_s: what a stage took on average; one that is not there has not ended once.

    Returns None where a stage that remains has never ended, so nobody knows.
    """
    if any(count and stage not in mean_s for stage, count in remaining.items()):
        return None
    return max(
        (
            sum(remaining.get(stage, 0) * mean_s.get(stage, 0.0) for stage in stages) / max(1, slots.get(resource, 1))
            for resource, stages in STAGES_OF.items()
        ),
        default=0.0,
    )


def clock(seconds: float | None) -> str:
    """A duration as a person reads it: 42 s, 7:05 min, 3:20 h; a dash where it is not known."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
