"""How much memory a stage needs: expected from the settings, and learned from what workers have used."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.batch.tasks import Resource


@dataclass(frozen=True, slots=True)
class Needs:
    """What stages are expected to use, in MB, models included.

    Attributes:
        align: up to an hour of sound; `align_hour`: each further hour.
        translate, encode: whatever the episode.
    """

    align: int
    align_hour: int
    translate: int
    encode: int


def need_mb(resource: Resource, needs: Needs, *, hours: float = 0.0, seen_mb: int = 0) -> int:
    """What a task is granted.

    Arguments:
        hours: of sound, if it is known.
        seen_mb: the most that a worker of this resource has used for real work so far, 0: none yet. It takes the place
            of what was expected; of aligning only where it is more, since the next episode may be longer.
    """
    if resource == "align":
        return max(needs.align, seen_mb) + round(needs.align_hour * max(0.0, hours - 1.0))
    expected = needs.translate if resource == "translate" else needs.encode
    return seen_mb or expected
