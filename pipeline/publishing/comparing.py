"""Whether a track that was downloaded is one that we know: platforms write files anew, in their own way."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import InputError
from pipeline.publishing.base import Format
from pipeline.subtitles import load
from pipeline.track import Cue

# Platforms round times, some to hundredths of a second.
_ROUNDING_MS = 20


def same_content(data: bytes, suffix: Format, cues: Sequence[Cue]) -> bool:
    """Whether a file has these cues: the same words, at the same times but for rounding."""
    there = read_cues(data, suffix)
    return there is not None and same_cues(there, cues)


def read_cues(data: bytes, suffix: Format) -> tuple[Cue, ...] | None:
    """The cues of a file; None: it can't be read as one."""
    with tempfile.TemporaryDirectory(prefix="zimu-") as folder:
        path = Path(folder) / f"track.{suffix}"
        path.write_bytes(data)
        try:
            return load(path, language="und").cues
        except InputError:
            return None


def same_cues(one: Sequence[Cue], other: Sequence[Cue]) -> bool:
    """Whether two tracks are the same to a viewer."""
    return len(one) == len(other) and all(
        a.text.split() == b.text.split()
        and abs(a.start_ms - b.start_ms) <= _ROUNDING_MS
        and abs(a.end_ms - b.end_ms) <= _ROUNDING_MS
        for a, b in zip(one, other, strict=True)
    )
