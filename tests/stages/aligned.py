"""The sample's first seconds as an aligned episode, without running the aligner."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.alignment import AlignedLine, Alignment
from pipeline.episode import open_episode
from pipeline.job import Job, Workbench
from pipeline.progress import SilentReporter
from pipeline.runner import Stage, fingerprint
from pipeline.stages import align
from tests.episodes import SHORT_LINES, make_episode

TRUTH = Path(__file__).parent.parent / "alignment" / "data" / "riscv.json"


def aligned_episode(folder: Path, *, settings: str = "") -> Path:
    """The first 14 seconds of the sample, its lines at their true times."""
    make_episode(folder, settings=settings)
    true = json.loads(TRUTH.read_text(encoding="utf-8"))["lines"][:SHORT_LINES]
    lines = tuple(
        AlignedLine(index, line["text"], line["start_ms"], line["end_ms"], "ok", 1.0) for index, line in enumerate(true)
    )
    Alignment("zh-Hans", 14_100, "whisper-base", lines, ()).save(folder / "zimu" / "alignment.json")
    return folder


def mark_aligned(folder: Path) -> None:
    """Note that the alignment that lies there is the one of the files: no run makes it again."""
    here = job(folder)
    step = align.step(here)
    mark = fingerprint(Stage("align", align.VERSION, align.plan), step)
    video = here.media.video
    size = {"width": video.width if video else 0, "height": video.height if video else 0}
    here.manifest.record(
        step.name,
        fingerprint=mark,
        state=step.state(),
        outputs=step.outputs,
        summary={**align.summary(here.alignment), "encoding": "UTF-8", "model": "whisper-base", **size},
        seconds=12.3,
    )
    here.manifest.save()


def job(folder: Path) -> Job:
    return Job(open_episode(folder), Workbench(), SilentReporter())
