"""Video encoders: which of them really works here, and how each is called."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EpisodeError, MissingError
from pipeline.media import features, run_ffmpeg
from pipeline.rendering.graph import Stream, arguments, ff

if TYPE_CHECKING:
    from pipeline.progress import Reporter

AUTO = "auto"
_TEST_SECONDS = 0.4
_TEST_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder that has been seen to work.

    Attributes:
        name: ffmpeg's name.
        options: ffmpeg's options for it, without the dash, as `crf`.
        device: the VAAPI device; empty for all others.
    """

    name: str
    options: Mapping[str, str]
    device: str = ""

    def general(self) -> list[str]:
        """Options for the front of the command."""
        return ["-vaapi_device", self.device] if self.device else []

    def prepare(self, picture: Stream) -> Stream:
        """The picture in a form that the encoder takes and that every player shows."""
        if self.device:
            return picture.filter("format", "nv12").filter("hwupload")
        return picture.filter("format", "yuv420p")

    def output(self) -> dict[str, str]:
        """Options for the output."""
        return {"c:v": self.name, **self.options}


def choose_encoder(
    ffmpeg: Path,
    wanted: str,
    *,
    order: Sequence[str],
    options: Mapping[str, Mapping[str, str]],
    device: str,
    reporter: Reporter,
) -> Encoder:
    """The encoder named by `wanted`, or with `auto` the first of `order` that encodes a few frames.

    A program's list of encoders says nothing about the machine: an ffmpeg with NVENC runs on machines without a GPU,
    and there are data-centre GPUs without NVENC.

    Raises:
        MissingError: the wanted one, or every one, fails; the message has ffmpeg's reason.
    """
    names = list(order) if wanted == AUTO else [wanted]
    reasons = []
    for name in names:
        encoder = Encoder(name, options.get(name, {}), device if name.endswith("_vaapi") else "")
        reason = _why_not(ffmpeg, encoder)
        if not reason:
            return encoder
        reasons.append(f"{name}: {reason}")
        reporter.detail(f"Encoder {name} does not work here: {reason}")
    raise MissingError(
        f"No video encoder works here ({'; '.join(reasons) or 'none is named'}).",
        remedy='Set render.encoder to "libx264" or "auto", and let libx264 be in render.encoders.',
    )


def _why_not(ffmpeg: Path, encoder: Encoder) -> str:
    if encoder.name not in features(ffmpeg).encoders:
        return "this ffmpeg does not have it"
    picture = ff.input("testsrc2=s=640x360:r=25", f="lavfi", t=_TEST_SECONDS).video
    args = arguments(ff.output(encoder.prepare(picture), "-", f="null", **encoder.output()))
    with tempfile.TemporaryDirectory(prefix="zimu-encoder-") as folder:
        try:
            run_ffmpeg(ffmpeg, [*encoder.general(), *args], cwd=Path(folder), stall_s=_TEST_TIMEOUT_S)
        except EpisodeError as error:
            return error.what.removeprefix("ffmpeg failed: ")
    return ""
