"""What batches cost beside the work, and how they grow: python -m tests.benchmarks.batch [PART…].

Parts: overhead, finished, store, ray. Stages are simulated, of known length, and run in real workers, with real locks,
manifests, settings, store, marks and logs around them. It prints figures and asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from pipeline.batch import marks
from pipeline.batch.observing import Observer
from pipeline.batch.planning import stage_names
from pipeline.batch.session import Request, Session, Summary, run_batch, with_environment
from pipeline.batch.tasks import Resource
from pipeline.executors.local import LocalExecutor
from pipeline.store import MachineText, Store
from pipeline.store.batches import Batches, BatchRun, Mark
from pipeline.store.database import now
from pipeline.translation.memory_store import load_memory
from pipeline.translation.units import Unit
from tests.benchmarks import simulated

OUTPUTS = (
    "alignment.json", "manifest.json", "report.html", *(f"subtitles/{tag}.{kind}" for tag in ("zh-Hans", "en", "ja")
    for kind in ("srt", "vtt", "ass")), "video/soft.mp4", "video/burned.zh-Hans+en.mp4",
)  # fmt: skip
ONE_EACH: dict[Resource, int] = {"align": 1, "translate": 1, "encode": 1}


def workspace(folder: Path, episodes: int) -> Path:
    """A workspace of episodes that only simulated stages can work on."""
    folder.mkdir(parents=True)
    (folder / "zimu.toml").write_text("")
    for number in range(episodes):
        episode = folder / f"{number:04}"
        episode.mkdir()
        (episode / "video.mp4").write_bytes(b"\x00" * 1000)
        (episode / "transcript.txt").write_text("大家好\n" * 20, encoding="utf-8")
    return folder


def local(slots: dict[Resource, int]) -> Callable[[Session], LocalExecutor]:
    def open_executor(_: Session) -> LocalExecutor:
        executor = LocalExecutor(slots=slots, memory_mb=100_000, device="cpu")
        executor._context.set_forkserver_preload(["pipeline.executors.worker", "tests.benchmarks.simulated"])
        return executor

    return open_executor


class Clock(Observer):
    """When each worker's first task came back, and when the bare work of stages went on."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.back: list[float] = []
        self.cpu: list[float] = []
        self.bare: list[tuple[float, float]] = []

    def task_ended(self, work: Any, result: Any) -> None:
        self.cpu.append(_cpu_seconds())
        self.back.append(time.monotonic())
        self.first.setdefault(result.worker, self.back[-1])
        self.bare += [(step.summary["started"], step.summary["ended"]) for step in result.steps if not step.skipped]

    def busy(self, start: float, end: float) -> float:
        """Seconds of bare work between two times, of all workers together."""
        return sum(max(0.0, min(end, ended) - max(start, started)) for started, ended in self.bare)


def _cpu_seconds() -> float:
    """What this process and its living children have used."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True)) if process.is_running()]
    return sum(each.user + each.system for each in times)


def run(folder: Path, open_executor: Any, observer: Observer, until: str | None = None) -> Summary:
    request = Request((str(folder),), {}, until, False, "name", None, False, "benchmark")
    summary = run_batch(request, open_executor, lambda *_: observer)
    wrong = [work.error for work in summary.works if work.error is not None]
    assert not wrong, wrong[0]
    return summary


def overhead(folder: Path) -> None:
    """What a stage takes beyond its bare work, one worker, episodes one after another; its start is not counted."""
    os.environ[simulated.SECONDS] = "1.0"
    clock = Clock()
    run(workspace(folder / "overhead", 31), local(ONE_EACH), clock, until="align")
    stages, start, end = len(clock.back) - 1, clock.back[0], clock.back[-1]
    bare = clock.busy(start, end)
    over = (end - start - bare) / stages
    print(f"overhead: {stages} stages of 1 s: {1000 * over:.1f} ms a stage, {100 * over * stages / bare:.2f} %")
    cpu = clock.cpu[-1] - clock.cpu[0]
    print(f"overhead: {1000 * cpu / stages:.1f} ms of a processor a stage, batch and worker together")


def finished(folder: Path) -> None:
    """A finished batch of 1,000 episodes, by the command, its start included.

    Their outputs and marks are put there as a batch leaves them: fourteen files an episode.
    """
    made = workspace(folder / "finished", 1000)
    stages = stage_names(None, publish=False)
    with Store.open(made / "zimu.db"):
        pass
    with Batches.open(made / "zimu.db") as kept:
        common = marks.common_digest(made, with_environment({}), stages)
        found = []
        for episode in sorted(path for path in made.iterdir() if path.is_dir()):
            names = [f"zimu/{name}" for name in OUTPUTS]
            for name in names:
                target = episode / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(b"x" * 100)
            names += ["video.mp4", "transcript.txt"]
            signed = marks.signature(episode, common, watched=names, pulse="")
            found.append(Mark(episode.name, "done", signed, tuple(names)))
        run = BatchRun("made", str(made), "", "local", "", 0, now(), now(), "done", 1000, 1000, 0)
        kept.start_run(run)
        kept.note(run, [], found)
    command = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    for name, args in (
        ("zimu --version", ["--version"]),
        ("a finished batch of 1,000", ["batch", str(made)]),
    ):
        times, used = [], []
        for _ in range(3):
            started, before = time.monotonic(), os.times()
            done = subprocess.run([*command, *args], capture_output=True, text=True, check=True)
            after = os.times()
            times.append(time.monotonic() - started)
            used.append(after.children_user + after.children_system - before.children_user - before.children_system)
        told = f"{min(times):.2f} to {max(times):.2f} s, {min(used):.2f} s of a processor"
        print(f"{name}: {told}: {done.stdout.strip()}")


def store(folder: Path, episodes: int = 20, units: int = 500) -> None:
    """Units that the store and the memory take and give a second."""
    total = episodes * units
    plain = [Unit(f"u{n}", n, n, f"第{n}句话说的是一件不一样的事情", n * 3000, n * 3000 + 2500) for n in range(units)]

    def timed(name: str, work: Callable[[], object]) -> None:
        started, cpu = time.monotonic(), time.process_time()
        work()
        spent, used = time.monotonic() - started, time.process_time() - cpu
        print(f"store: {name}: {total / spent:,.0f} units a second, {total / used:,.0f} a second of a processor")

    with Store.open(folder / "store.db") as opened:
        names = [f"e{number}" for number in range(episodes)]
        timed("made from a transcript", lambda: [opened.sync(name, "en", plain) for name in names])
        ids = [[unit.id for unit in opened.units(name, "en")] for name in names]
        texts = [
            [
                MachineText(unit, f"Sentence {unit} tells something else.", "server", "f", (), {"engine": "server"})
                for unit in own
            ]
            for own in ids
        ]
        timed("translations saved, an episode at once", lambda: [opened.save_machine_many(each) for each in texts])
        timed("read", lambda: [opened.units(name, "en") for name in names])
        timed("digested", lambda: [opened.digest(name, "en") for name in names])
        for name in names:
            found = opened.units(name, "en")
            for unit in found[: units // 10]:
                opened.approve(unit.id, "li", unit.revision)
        memory = load_memory(opened, source="zh-Hans", target="en")
        timed("looked up in the memory", lambda: [memory.exact(unit.text, after="") for _ in names for unit in plain])
        one = ids[0][: units // 2]
        started = time.monotonic()
        for unit in one:
            opened.save_machine(unit, f"Again {unit}.", engine="server", fingerprint="g")
        print(
            f"store: saved one by one, each synced to the disk: {len(one) / (time.monotonic() - started):,.0f} a second"
        )


def ray(folder: Path, seconds: float = 2.0, rounds: int = 10) -> None:
    """Simulated stages on 1, 2 and 4 Ray workers: the share of their time in which workers do bare work.

    It is counted from when the last worker has come back with its first task, since to start processes is not the
    stages' length, to when no task is left to hand out, since the last round need not be a full one.
    """
    import ray as cluster

    from pipeline.executors.ray import Asked, RayExecutor

    asked: dict[Resource, Asked] = {
        "align": Asked(1, 0, 100), "translate": Asked(0, 0, 100), "encode": Asked(0, 0, 100)
    }  # fmt: skip
    # Some package brings a `tests` of its own; workers are to find ours.
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    for workers in (1, 2, 4):
        cluster.init(
            num_cpus=4, include_dashboard=False, log_to_driver=False, configure_logging=False,
            _node_ip_address="127.0.0.1",
            runtime_env={
                "worker_process_setup_hook": simulated.use,
                "env_vars": {simulated.SECONDS: str(seconds), "PYTHONPATH": paths},
            },
        )  # fmt: skip
        slots: dict[Resource, int] = {"align": workers, "translate": 1, "encode": 1}
        clock = Clock()
        # While the last worker starts, the first ones have begun.
        made = workspace(folder / f"ray{workers}", (rounds + 4) * workers)

        def open_executor(_: Session, slots: dict[Resource, int] = slots) -> RayExecutor:
            return RayExecutor(address="", slots=slots, asked=asked, attempts=3, storage="", wait_s=60)

        run(made, open_executor, clock, until="align")
        start, end = max(clock.first.values()), max(started for started, _ in clock.bare)
        counted = sum(start <= at <= end for at in clock.back)
        share = clock.busy(start, end) / (workers * (end - start))
        lost = 1000 * seconds * (1 / share - 1)
        cpu = (
            1000
            * (clock.cpu[-1] - clock.cpu[clock.back.index(start)])
            / max(1, len(clock.back) - clock.back.index(start) - 1)
        )
        print(
            f"ray: {len(clock.first)} workers, {counted} stages of {seconds:.0f} s: {100 * share:.1f} % of the ideal; "
            f"{lost:.0f} ms a stage lost, {cpu:.0f} ms of a processor a stage, the cluster's own included"
        )
        cluster.shutdown()


PARTS: dict[str, Callable[[Path], None]] = {"overhead": overhead, "finished": finished, "store": store, "ray": ray}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    chosen = parser.parse_args().parts or list(PARTS)
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="zimu-bench-") as folder:
            PARTS[name](Path(folder))


if __name__ == "__main__":
    main()
