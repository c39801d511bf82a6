"""Short pieces of an episode's sound inside the page: AAC in MP4, which every browser plays, as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pipeline.media import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

_FRAME = 1024
_FADE = SAMPLE_RATE // 100
_FULL_SCALE = 32767


def clips(
    pcm: Samples, spans: Iterable[tuple[int, int]], *, pad_ms: int, longest_s: float, bit_rate: int
) -> Iterator[str]:
    """The sound of each (start_ms, end_ms) with a little before and after it, cut to the longest; empty where none is.

    Arguments:
        pcm: the episode's sound, float32 (samples,), 16 kHz, mono.
        bit_rate: bits a second.
    """
    for start_ms, end_ms in spans:
        first = max(0, start_ms - pad_ms) * SAMPLE_RATE // 1000
        past = min((end_ms + pad_ms) * SAMPLE_RATE // 1000, first + int(longest_s * SAMPLE_RATE))
        part = pcm[first:past]
        yield "data:audio/mp4;base64," + base64.b64encode(encode(part, bit_rate)).decode() if len(part) else ""


def encode(pcm: Samples, bit_rate: int) -> bytes:
    """An M4A file of a sound, faded in and out over 10 ms so that its edges do not click."""
    import av
    import numpy as np

    sound = np.clip(pcm, -1, 1)
    edge = min(_FADE, len(sound) // 2)
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        sound = np.concatenate([sound[:edge] * ramp, sound[edge:-edge], sound[-edge:] * ramp[::-1]])
    samples = np.rint(sound * _FULL_SCALE).astype(np.int16).reshape(1, -1)
    file = io.BytesIO()
    with av.open(file, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = bit_rate
        for place in range(0, samples.shape[1], _FRAME):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[:, place : place + _FRAME]), format="s16", layout="mono"
            )
            frame.sample_rate = SAMPLE_RATE
            frame.pts = place
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
