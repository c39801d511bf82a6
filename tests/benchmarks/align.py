"""The benchmark of alignment: `python -m tests.benchmarks.align --help`; docs/benchmarks.md says what it measures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.errors import UsageError, ZimuError
from pipeline.files import config_file
from pipeline.media import decode_audio, probe
from pipeline.models import ModelStore, default_folder, load_catalogue
from pipeline.progress import SilentReporter
from tests.benchmarks import scoring
from tests.benchmarks.episodes import VARIANTS, make, write
from tests.benchmarks.spoil import SPOILS, spoil

ROOT = Path(__file__).resolve().parents[2]
Loaded = tuple[str, Any, dict[str, Any]]


def main() -> int:
    options = _options()
    console = Console(width=max(Console().width, 170))
    try:
        with tempfile.TemporaryDirectory() as scratch:
            report = _run(options, Path(scratch), console)
    except ZimuError as error:
        console.print(str(error), markup=False)
        return error.exit_code
    _show(report, console)
    if options.out:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.align", description=__doc__)
    parser.add_argument("--out", type=Path, help="write everything as JSON")
    parser.add_argument("--episodes", type=Path, help="a folder of folders with audio.*, transcript.txt, truth.json")
    parser.add_argument("--variants", default="usual", help="names with commas, usual, all, or none")
    parser.add_argument("--spoil", help="make the episodes of --episodes harder too: names of spoil.py, commas, or all")
    parser.add_argument("--lines", type=int, default=30, help="lines of each made episode, at most")
    parser.add_argument("--keep", type=Path, help="keep the made episodes in this folder")
    parser.add_argument("--model", default="whisper-base", help="a model of `zimu models list`")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True, help="stable-ts too")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python that has stable-ts")
    parser.add_argument("--chain", type=float, metavar="HOURS", help="repeat the episodes to one sound of this length")
    return parser.parse_args()


def _run(options: argparse.Namespace, scratch: Path, console: Console) -> dict[str, Any]:
    store = ModelStore(default_folder(), load_catalogue(config_file("models.toml")))
    model = store.ensure(options.model, SilentReporter())
    peer = options.peer and _has_peer(options.peer_python)
    if options.peer and not peer:
        console.print("stable-ts is not installed: Zimu alone.")
    episodes: Any = _episodes(options, scratch)
    if options.chain:
        episodes = [_chain(list(episodes), options.chain)]
    results = []
    for name, pcm, truth in episodes:
        sound = scratch / "sound.npy"
        np.save(sound, pcm)
        job = {"pcm": str(sound), "lines": [line["text"] for line in truth["lines"]], "model": str(model)}
        job |= {"language": truth.get("language", "zh-Hans"), "threads": options.threads}
        result: dict[str, Any] = {"name": name, "seconds": len(pcm) / 16_000}
        result["zimu"] = _judge(truth, _align([sys.executable, "-m", "tests.benchmarks.ours"], job, scratch))
        if peer:
            command = [options.peer_python, str(Path(__file__).with_name("peer.py"))]
            result["peer"] = _judge(truth, _align(command, job, scratch))
        console.print(f"{name}: {len(pcm) / 16_000:.0f} s", style="dim")
        results.append(result)
    return {"date": date.today().isoformat(), "model": options.model, "machine": _machine(), "results": results}


def _episodes(options: argparse.Namespace, scratch: Path) -> Iterator[Loaded]:
    if options.episodes:
        for folder in sorted(path.parent for path in options.episodes.glob("*/truth.json")):
            pcm, truth = _sound(next(iter(sorted(folder.glob("audio.*"))))), _truth(folder)
            yield folder.name, pcm, truth
            for how in spoilt_names((options.spoil or "").split(",")):
                yield f"{folder.name}@{how}", *spoil(folder.name, how, pcm, truth)
    known = {variant.name: variant for variant in VARIANTS}
    groups = {"usual": [v.name for v in VARIANTS if v.usual], "all": list(known), "none": []}
    for name in groups.get(options.variants, options.variants.split(",")):
        if name not in known:
            raise UsageError(f"There is no variant {name}.", remedy=f"Choose among {', '.join(known)}.")
        folder = (options.keep or scratch) / name
        write(make(known[name], most_lines=options.lines), folder)
        yield name, _sound(folder / "audio.wav"), _truth(folder)


def spoilt_names(names: Sequence[str]) -> list[str]:
    """The ways to spoil an episode that are asked for.

    Raises:
        UsageError: there is no such way.
    """
    if list(names) == ["all"]:
        return list(SPOILS)
    for name in filter(None, names):
        if name not in SPOILS:
            raise UsageError(f"There is no way to spoil {name}.", remedy=f"Choose among {', '.join(SPOILS)}.")
    return [name for name in names if name]


def _sound(path: Path) -> Any:
    return decode_audio(probe(path), SilentReporter())


def _truth(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return truth


def _chain(episodes: Sequence[Loaded], hours: float) -> Loaded:
    """The episodes one after the other, again and again."""
    parts: list[Any] = []
    lines: list[dict[str, Any]] = []
    remarks: list[Any] = []
    seconds = 0.0
    while seconds < hours * 3600:
        _, pcm, truth = episodes[len(parts) % len(episodes)]
        for line in truth["lines"]:
            times = {key: None if line[key] is None else line[key] + seconds for key in ("start", "end")}
            lines.append({"text": line["text"], **times})
        remarks += [_later(remark, seconds) for remark in truth.get("adlib", [])]
        parts.append(pcm)
        seconds += len(pcm) / 16_000
    return f"chain of {len(parts)}", np.concatenate(parts), {"lines": lines, "adlib": remarks}


def _later(remark: Any, seconds: float) -> Any:
    """A remark moved; one without times stays a text."""
    if isinstance(remark, str):
        return remark
    return {**remark, "start": remark["start"] + seconds, "end": remark["end"] + seconds}


def _has_peer(python: str) -> bool:
    return subprocess.run([python, "-c", "import stable_whisper"], capture_output=True, check=False).returncode == 0


def _align(command: Sequence[str], job: Mapping[str, Any], scratch: Path) -> dict[str, Any]:
    """Run an aligner in a process of its own; what it wrote, or its last words under `failed`."""
    out, task = scratch / "out.json", scratch / "job.json"
    out.unlink(missing_ok=True)
    task.write_text(json.dumps({**job, "out": str(out)}), encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": str(job["threads"])}
    done = subprocess.run([*command, str(task)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if not out.exists():
        return {"failed": done.stderr.strip().splitlines()[-2:] or [f"exit code {done.returncode}"]}
    answer: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    if answer["cues"] and "text" in answer["cues"][0]:
        answer["cues"] = scoring.in_order(answer["cues"], job["lines"])
    return answer


def _judge(truth: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if "failed" in answer:
        return answer
    rows = scoring.rows(truth, answer.pop("cues"))
    tenth = max(1, len(rows) // 10)
    ends = {"first": rows[:tenth], "last": rows[-tenth:]}
    drift = {
        k: float(np.median([r["start"] for r in v if r["start"] is not None] or [np.nan])) for k, v in ends.items()
    }
    found = scoring.remarks(truth, answer.get("extra", []))
    return {**answer, **scoring.score(rows), **found, "median_start_error_of_tenth": drift, "rows": rows}


def _machine() -> dict[str, Any]:
    names = ("ctranslate2", "faster-whisper", "numpy")
    return {
        "system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count(),
        "python": platform.python_version(), **{name: version(name) for name in names},
    }  # fmt: skip


def _show(report: Mapping[str, Any], console: Console) -> None:
    table = Table(title=f"Alignment, {report['model']}, {report['date']} (times in ms)")
    heads = "episode|by|starts: median / 95 % / max|ends: median / 95 %|> 300 ok / check|> 500 ok / check|missed"
    heads += "|unspoken found|ghosts ok / check|remarks found, false|wall s|ratio|encoder|MB"
    for head in heads.split("|"):
        table.add_column(head, justify="left" if head in ("episode", "by") else "right")
    for result in report["results"]:
        for who in ("zimu", "peer"):
            if who in result:
                table.add_row(*_cells(result, who))
    console.print(table)
    rows = [row for result in report["results"] for row in result["zimu"].get("rows", [])]
    _show_reliability(scoring.reliability(rows), console)


def _cells(result: Mapping[str, Any], who: str) -> list[str]:
    own = result[who]
    name = [
        f"{result['name']} ({result['seconds']:.0f} s)" if who == "zimu" else "",
        "Zimu" if who == "zimu" else "stable-ts",
    ]
    if "failed" in own:
        words = " ".join(own["failed"])
        return [*name, f"failed: {words}"]

    def pair(key: str) -> str:
        return f"{own[f'{key}_ok']} / {own[f'{key}_check']}" if who == "zimu" else str(own[f"{key}_ok"])

    other = result.get("peer", {}).get("wall_s")
    return [
        *name, " / ".join(map(str, own["start"])), " / ".join(map(str, own["end"])), pair("over_300"), pair("over_500"),
        str(own["missed"]), f"{own['unspoken_found']} of {own['unspoken']}", pair("ghosts"),
        f"{own['remarks_found']} of {own['remarks']}, {own['remarks_false']}" if who == "zimu" else "",
        f"{own['wall_s']:.1f}", f"{own['wall_s'] / other:.2f}" if other and who == "zimu" else "",
        f"{own['seconds'].get('encode', 0) / own['wall_s']:.0%}" if who == "zimu" else "", str(own["peak_mb"]),
    ]  # fmt: skip


def _show_reliability(found: Mapping[str, Any], console: Console) -> None:
    table = Table(title="Confidence")
    for head in ("from", "to", "lines", "within 300 ms"):
        table.add_column(head, justify="right")
    for row in found["bins"]:
        share = f"{row['within_300'] / row['lines']:.1%}" if row["lines"] else ""
        table.add_row(str(row["from"]), str(row["to"]), str(row["lines"]), share)
    console.print(table)
    console.print(f"Lines marked ok: {found['ok']}, of which within 300 ms: {found['ok_within_300']}")
    console.print(
        f"Lines placed more than 500 ms off, or never spoken: {found['far']}, marked check: {found['far_checked']}"
    )


if __name__ == "__main__":
    sys.exit(main())
