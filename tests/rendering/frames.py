"""Pictures of subtitles as the real libass draws them."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.files import config_file
from pipeline.rendering.fonts import FontBook, lay_out, load_fonts
from pipeline.subtitles.ass import to_ass
from pipeline.subtitles.styles import Style, StyleSheet, load_styles
from pipeline.track import Cue, Track
from tests.media.make import ffmpeg


@lru_cache
def styles() -> StyleSheet:
    return load_styles(config_file("styles.toml"))


@lru_cache
def fonts() -> FontBook:
    return load_fonts()


def track(language: str, *cues: tuple[int, int, str]) -> Track:
    return Track(language, tuple(Cue(*cue) for cue in cues))


def layer(text: str, language: str = "zh-Hans", role: str = "single") -> tuple[Track, Style]:
    """A track of one cue, shown for five seconds."""
    return track(language, (0, 5000, text)), styles().for_language(language, role)  # type: ignore[arg-type]


def draw(*layers: tuple[Track, Style], width: int = 640, height: int = 360, at: float = 1.0) -> NDArray[np.uint8]:
    """Brightness, shape (height, width), of the subtitles on black at a moment in seconds."""
    script = to_ass(layers, width=width, height=height)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s.ass").write_text(script, encoding="utf-8")
        lay_out({fonts().face(style.font) for _, style in layers}, folder / "fonts")
        graph = f"subtitles=filename={folder}/s.ass:fontsdir={folder}/fonts:wrap_unicode=1"
        picture = f"color=black:s={width}x{height}:r=10:d={at + 0.5}"
        raw = ffmpeg(
            "-f", "lavfi", "-i", picture, "-vf", graph, "-ss", str(at), "-frames:v", "1",
            "-pix_fmt", "gray", "-f", "rawvideo", "-",
        )  # fmt: skip
    return np.frombuffer(raw, np.uint8).reshape(height, width)


def rows_of_ink(picture: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Bands of picture rows (first, last) with letters in them."""
    inked = np.flatnonzero((picture > 150).any(axis=1))
    cuts = np.flatnonzero(np.diff(inked) > 3)
    starts, ends = np.insert(inked[cuts + 1], 0, inked[0]), np.append(inked[cuts], inked[-1])
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
