"""ffmpeg-python, which has no types and can't give an option twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import ffmpeg

ff: Any = ffmpeg
Stream: TypeAlias = Any
"""A stream in an ffmpeg-python graph."""


def arguments(output: Stream, extra: Sequence[str] = ()) -> list[str]:
    """What follows the program's name; `extra` are more options of the output."""
    *args, name = ff.compile(output)[1:]
    return [*args, *extra, name]
