"""The sample's sound and the true times of its lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import decode_audio

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class TrueLine:
    """A line of the sample and when it is said."""

    text: str
    start_ms: int
    end_ms: int


@pytest.fixture(scope="session")
def sample_pcm(sample: Path) -> np.ndarray:
    """The sample's sound, float32, 16 kHz, mono."""
    return decode_audio(str(sample / "video.mp4"), sampling_rate=16_000)


@pytest.fixture(scope="session")
def true_lines() -> list[TrueLine]:
    """The sample's lines with their true times, by energy."""
    data = json.loads((DATA / "riscv.json").read_text(encoding="utf-8"))
    return [TrueLine(line["text"], line["start_ms"], line["end_ms"]) for line in data["lines"]]
