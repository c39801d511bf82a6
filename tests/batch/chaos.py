"""Batches that are struck: the same command, run again, must end as if nothing had happened.

A blow is a function of the workspace and the running process; after each the command is run to its end at last, and
everything people get is compared, byte by byte, with what an undisturbed run made.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests import cli
from tests.batch.channel import make_channel, outputs, run
from tests.translation.chat_server import ChatServer

NAMES = ("一", "二")


@dataclass
class Chaos:
    """A channel, and what an undisturbed batch makes of it."""

    folder: Path
    server: ChatServer
    seed: int = 7
    expected: dict[str, bytes] = field(default_factory=dict)
    undisturbed_s: float = 0.0

    def prepare(self) -> None:
        """Run it undisturbed."""
        calm = make_channel(self.folder / "calm", NAMES, self.server.url)
        started = time.monotonic()
        done = run("batch", calm)
        self.undisturbed_s = time.monotonic() - started
        assert done.code == 0, done.err
        self.expected = outputs(calm)
        assert len(self.expected) == len(NAMES) * 8, sorted(self.expected)

    def fresh(self, name: str) -> Path:
        """Another workspace like it."""
        return make_channel(self.folder / name, NAMES, self.server.url)

    def settle(self, workspace: Path, *args: str) -> None:
        """The same command once more: everything must be right, and nothing else be there."""
        done = run("batch", workspace, *args)
        assert done.code == 0, done.err
        self.check(workspace)

    def check(self, workspace: Path) -> None:
        """Everything is there, byte for byte, and nothing else."""
        made = outputs(workspace)
        wrong = [name for name in self.expected if made.get(name) != self.expected[name]]
        assert not wrong, f"differs or lacks: {wrong}"
        assert sorted(made) == sorted(self.expected)
        assert not list(workspace.glob("**/*.part")), "half a file was left"

    def kill_again_and_again(
        self, workspace: Path, kills: int, *, seed: int = 0, tell: Callable[[], None] = lambda: None
    ) -> int:
        """Kill the batch at random moments; whenever it gets to its end before, begin anew. Returns how often it did.

        A run that goes on with what others left is shorter than an undisturbed one: so the end of the work is reached
        though nothing waits as long as an undisturbed run takes.
        """
        draw = random.Random(self.seed + seed)
        killed = ended = 0
        while killed < kills:
            process = cli.start("batch", workspace, "--quiet")
            try:
                process.communicate(timeout=draw.uniform(0.02, 0.85) * self.undisturbed_s)
                assert process.returncode == 0
                self.check(workspace)
                ended += 1
                for name in NAMES:
                    shutil.rmtree(workspace / name / "zimu")
            except subprocess.TimeoutExpired:
                kill(process)
                killed += 1
                tell()
        self.settle(workspace)
        return ended


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, to the batch alone: its workers have to go by themselves."""
    with_it = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    gone, alive = psutil.wait_procs(with_it, timeout=20)
    del gone
    assert not alive, f"outlived the batch: {alive}"
