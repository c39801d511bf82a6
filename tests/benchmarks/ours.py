"""One alignment by Zimu, in a process of its own: `python -m tests.benchmarks.ours JOB.json`."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.alignment import Aligner, AlignSettings, whisper
from pipeline.alignment.activity import voice_probabilities
from pipeline.alignment.normalise import normalise
from pipeline.files import config_file, read_toml
from pipeline.progress import SilentReporter
from pipeline.track import Line
from tests.benchmarks.peer import peak_mb


class Clocked:
    """A CTranslate2 model that keeps how long its encoder, aligner and decoder took."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        if name not in ("encode", "align", "generate"):
            return found

        def timed(*args: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return found(*args, **options)
            finally:
                self.seconds[name] += time.perf_counter() - began

        return timed


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _settings() -> AlignSettings:
    """Zimu's defaults."""
    section = read_toml(config_file("defaults.toml"))["align"]
    return AlignSettings(**{part.name: section[part.name] for part in fields(AlignSettings)})


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    model = whisper.load_model(Path(job["model"]), device="cpu", compute_type="int8", threads=job["threads"])
    clock = model.model = Clocked(model.model)
    whisper.load_model = lambda *_, **__: model
    voice_probabilities(np.zeros(16_000, np.float32), threads=job["threads"])  # loads its model,
    normalise("一", "zh-Hans")  # and its tables
    aligner = Aligner(
        Path(job["model"]), device="cpu", compute_type="int8", threads=job["threads"],
        settings=_settings(),
    )  # fmt: skip
    pcm = np.load(job["pcm"])
    lines = [Line(index=i, text=text, row=i + 1) for i, text in enumerate(job["lines"])]
    loaded = time.perf_counter()
    found = aligner.align(pcm, lines, job["language"], SilentReporter())
    wall = time.perf_counter() - loaded
    cues = [
        {"start": _seconds(line.start_ms), "end": _seconds(line.end_ms), "status": line.status,
         "confidence": line.confidence}
        for line in found.lines
    ]  # fmt: skip
    answer = {
        "cues": cues,
        "extra": [{"text": e.text, "start": e.start_ms / 1000, "end": e.end_ms / 1000} for e in found.extra],
        "wall_s": wall, "load_s": loaded - began, "peak_mb": peak_mb(), "seconds": dict(clock.seconds),
    }  # fmt: skip
    Path(job["out"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
