"""One alignment by stable-ts, in a process of its own: `python peer.py JOB.json`. Needs nothing of Zimu."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path


def peak_mb() -> int:
    """The most memory this process has held; not getrusage, which on Linux keeps the parent's peak through exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20  # bytes on macOS
    return int(status.read_text().split("VmHWM:")[1].split()[0]) >> 10


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    import numpy as np
    import stable_whisper  # type: ignore[import-not-found]
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(job["threads"])
    model = stable_whisper.load_faster_whisper(
        job["model"], device="cpu", compute_type="int8", cpu_threads=job["threads"]
    )
    pcm = np.load(job["pcm"])
    loaded = time.perf_counter()
    result = model.align(
        pcm, "\n".join(job["lines"]), language=job["language"].split("-")[0], original_split=True, verbose=None
    )
    wall = time.perf_counter() - loaded
    cues = [{"text": part.text.strip(), "start": part.start, "end": part.end} for part in result.segments]
    answer = {"cues": cues, "wall_s": wall, "load_s": loaded - began, "peak_mb": peak_mb()}
    answer["version"] = f"stable-ts {version('stable-ts')}"
    Path(job["out"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
