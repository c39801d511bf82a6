"""Pictures of an episode's sound: the highest and lowest sample of every moment, and where somebody speaks."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipeline.errors import EpisodeError
from pipeline.files import write_text
from pipeline.progress import SilentReporter
from pipeline.review.desk import Desk
from pipeline.review.media import safe_media
from pipeline.review.people import Person
from pipeline.review.view import dumps
from pipeline.review.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

router = APIRouter()
_VERSION = 1
_THREADS = 1
_MIN_SILENCE_MS, _MIN_SPEECH_MS, _PAD_MS = 128, 100, 0
_FULL_SCALE = 127


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a sound; `key` tells the file that it is of."""

    key: str
    peaks: list[int]
    voice: list[list[int]] | None


class Sounds:
    """Makes the pictures, one sound at a time, and keeps them beside the episode's other outputs."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self._lock = threading.Lock()

    def known(self, desk: Desk) -> _Kept | None:
        """What was made before of this sound."""
        try:
            kept = json.loads(_file(desk).read_text(encoding="utf-8"))
            found = _Kept(str(kept["key"]), [int(each) for each in kept["peaks"]], kept["voice"])
        except (OSError, ValueError, KeyError, TypeError):  # none, or not one of ours: made again
            return None
        return found if found.key == self._key(desk) else None

    def make(self, desk: Desk) -> _Kept:
        """The pictures of an episode's sound.

        Raises:
            InputError: the media can't be read.
        """
        with self._lock:
            kept = self.known(desk)
            if kept is not None:
                return kept
            pcm = _decode(desk)
            made = _Kept(self._key(desk), peaks(pcm, self.per_second), _voice(desk, pcm))
            try:
                write_text(_file(desk), json.dumps({"key": made.key, "peaks": made.peaks, "voice": made.voice}))
            except EpisodeError:  # a folder that can't be written: made again next time
                return made
            return made

    def _key(self, desk: Desk) -> str:
        facts = desk.job.episode.media.stat()
        return f"{_VERSION}-{facts.st_size}-{facts.st_mtime_ns}-{self.per_second}"


def peaks(pcm: npt.NDArray[np.float32], per_second: int) -> list[int]:
    """Lowest and highest sample of each moment, -127 to 127, one after the other."""
    import numpy as np

    from pipeline.media import SAMPLE_RATE

    step = max(1, SAMPLE_RATE // per_second)
    padded = np.pad(pcm, (0, -len(pcm) % step)).reshape(-1, step)
    pairs = np.stack([padded.min(axis=1), padded.max(axis=1)], axis=1)
    scaled: list[int] = (
        np.clip(np.rint(pairs * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype(int).reshape(-1).tolist()
    )
    return scaled


def _decode(desk: Desk) -> npt.NDArray[np.float32]:
    from pipeline.media import decode_audio

    limits = desk.job.settings.media
    return decode_audio(
        desk.media,
        SilentReporter(),
        stream=None if limits.audio_stream < 0 else limits.audio_stream,
        max_hours=limits.max_hours,
        max_missing_s=float("inf"),
        timeout_s=limits.probe_timeout_s,
    )


def _voice(desk: Desk, pcm: npt.NDArray[np.float32]) -> list[list[int]]:
    from pipeline.alignment.activity import speech_spans, voice_probabilities

    spans = speech_spans(
        voice_probabilities(pcm, threads=_THREADS),
        threshold=desk.job.settings.align.voice_threshold,
        min_silence_ms=_MIN_SILENCE_MS,
        min_speech_ms=_MIN_SPEECH_MS,
        pad_ms=_PAD_MS,
    )
    return [[span.start_ms, span.end_ms] for span in spans]


def _file(desk: Desk) -> Path:
    return desk.cache / "sound.json"


@router.get("/peaks")
def sound(request: Request, who: Person, id: str) -> Response:
    """Peaks and voice of an episode's sound; the first time it takes as long as decoding it."""
    workspace: Workspace = request.app.state.workspace
    sounds: Sounds = request.app.state.sounds
    desk = workspace.desk(id)
    safe_media(workspace, desk.job.episode.media)
    made = sounds.make(desk)
    answer: dict[str, Any] = {"per_second": sounds.per_second, "peaks": made.peaks, "voice": made.voice or []}
    return Response(dumps(answer), media_type="application/json")
