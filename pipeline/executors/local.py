"""Workers on this machine: a process for each task that runs at once, one for a device's model, which stays loaded.

Workers are forked from a process that has loaded the program once and nothing else (Python's fork server), so that one
starts in a moment; on Windows each loads it by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import psutil

from pipeline.batch.tasks import RESOURCES, Event, Finished, Lost, Resource, Task
from pipeline.executors import worker as workers

_MB = 1 << 20
_SHARE = 0.9
# ffmpeg has many threads and can wait; a model's next step can't.
_NICENESS: Mapping[Resource, int] = {"align": 0, "translate": 0, "encode": 5}
_STARTED_BY = "forkserver" if hasattr(os, "fork") else "spawn"


@dataclass(slots=True)
class _Worker:
    resource: Resource
    process: BaseProcess
    connection: Connection
    key: int | None = None
    used: bool = False


class LocalExecutor:
    """Processes of this machine.

    Arguments:
        slots: workers by resource; 0 chooses by the machine's processors and GPUs.
        memory_mb: for all workers together; 0: nine tenths of what is free now.
        device: `cpu` keeps workers off GPUs.
    """

    name = "local"

    def __init__(self, *, slots: Mapping[Resource, int], memory_mb: int, device: str) -> None:
        self._devices = [] if device == "cpu" else _gpus()
        chosen: dict[Resource, int] = {
            "align": len(self._devices) or 1,
            "translate": len(self._devices) or 1,
            "encode": max(1, (os.cpu_count() or 1) // 4),
        }
        self.slots: Mapping[Resource, int] = {name: slots.get(name) or chosen[name] for name in RESOURCES}
        self.limit_mb: int | None = memory_mb or round(psutil.virtual_memory().available * _SHARE / _MB)
        self._context: Any = multiprocessing.get_context(_STARTED_BY)  # whose kinds typeshed does not tell apart
        if _STARTED_BY == "forkserver":
            self._context.set_forkserver_preload(["pipeline.cli", "pipeline.executors.worker"])
        self._workers: list[_Worker] = []
        self._lost: list[Event] = []
        self._stopping = False

    def start(self, key: int, task: Task) -> None:
        """Give the task to an idle worker of its resource, or a new one."""
        worker = next((each for each in self._workers if each.resource == task.resource and each.key is None), None)
        worker = worker or self._open(task.resource)
        worker.key = key
        try:
            worker.connection.send((key, task))
        except OSError:
            self._lost.append(self._bury(worker))

    def events(self, timeout_s: float) -> Sequence[Event]:
        """What workers have sent, and which of them are gone."""
        found, self._lost = self._lost, []
        ready = connections.wait([each.connection for each in self._workers], 0 if found else timeout_s)
        for worker in [each for each in self._workers if each.connection in ready]:
            try:
                while worker.connection.poll():
                    event = worker.connection.recv()
                    if isinstance(event, Finished):
                        worker.key, worker.used = None, True
                    found.append(event)
            except (EOFError, OSError):
                gone = self._bury(worker)
                if gone.key >= 0:
                    found.append(gone)
        return found

    def notices(self) -> Sequence[str]:
        return ()

    def idle_mb(self) -> Mapping[Resource, int]:
        """Resident memory of idle workers that have worked."""
        held: dict[Resource, int] = {}
        for worker in self._workers:
            if worker.key is None and worker.used:
                with suppress(psutil.Error):
                    size = psutil.Process(worker.process.pid).memory_info().rss // _MB
                    held[worker.resource] = held.get(worker.resource, 0) + size
        return held

    def unload(self, resource: Resource) -> None:
        """End its idle workers; the next task starts a new one."""
        for worker in [each for each in self._workers if each.resource == resource and each.key is None]:
            self._end(worker)

    def stop(self) -> None:
        """Tell the workers that the step in hand is the last."""
        self._stopping = True
        for worker in self._workers:
            with suppress(OSError):
                worker.connection.send(workers.STOP)

    def close(self) -> None:
        """Kill the workers with all that they have started."""
        for worker in list(self._workers):
            self._end(worker)

    def _open(self, resource: Resource) -> _Worker:
        number = sum(each.resource == resource for each in self._workers)
        here, there = self._context.Pipe()
        environment = {}
        if self._devices and resource != "encode":
            environment["CUDA_VISIBLE_DEVICES"] = self._devices[number % len(self._devices)]
        process = self._context.Process(
            target=workers.serve,
            args=(there, f"{resource} {number + 1}", environment, _NICENESS[resource]),
            daemon=True,
        )
        process.start()
        there.close()
        worker = _Worker(resource, process, here)
        self._workers.append(worker)
        if self._stopping:
            here.send(workers.STOP)
        return worker

    def _bury(self, worker: _Worker) -> Lost:
        """Forget a worker that has gone; what becomes of its task."""
        key = -1 if worker.key is None else worker.key
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        self._end(worker)
        if code == -signal.SIGKILL if hasattr(signal, "SIGKILL") else False:
            return Lost(key, "The worker was killed (signal 9).", "Perhaps memory ran out: lower batch.memory_mb.")
        return Lost(key, f"The worker ended unexpectedly (exit code {code}).")

    def _end(self, worker: _Worker) -> None:
        worker.connection.close()
        pid = worker.process.pid
        if pid is not None and hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        worker.process.kill()
        worker.process.join(timeout=5)
        self._workers.remove(worker)


def _gpus() -> list[str]:
    """The numbers of NVIDIA's GPUs, by its own tool."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=index", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in said.splitlines() if line.strip().isdigit()]
