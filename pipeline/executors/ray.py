"""Workers on a Ray cluster: actors that keep a model, on the GPUs or processors that they ask for; tasks that encode.

A task can be done again at any time, since what a stage has finished is found finished: so Ray may repeat on another
node what was lost with one. Ray is an optional extra, and loaded only here.
"""

from __future__ import annotations

import queue
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.batch.tasks import RESOURCES, Event, Finished, Lost, Resource, Result, Said, Task
from pipeline.episode import find_workspace
from pipeline.errors import MissingError, UsageError, ZimuError
from pipeline.executors import remote

_CONNECT_S = 5.0
_LOOK_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What workers of a resource ask the cluster for.

    Attributes:
        cpus, gpus: of a node; GPUs only where the cluster has any.
        memory_mb: of a node's memory.
    """

    cpus: float
    gpus: float
    memory_mb: int


def check_address(address: str) -> None:
    """See that something listens there: Ray itself would try for minutes, and then end the process.

    Raises:
        UsageError: it is no address.
        MissingError: nobody answers.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) < 65_536):
        raise UsageError(f"{address!r} is not HOST:PORT.", where="--address", remedy="As --address head:6379.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        raise MissingError(
            f"No Ray cluster answers at {address} ({error.strerror or error}).",
            where="--address",
            remedy="Start it there: ray start --head --port 6379; and see that its port can be reached from here.",
        ) from error


def fit(nodes: Sequence[Mapping[str, float]], asked: Mapping[Resource, Asked]) -> tuple[Mapping[Resource, Asked], int]:
    """What workers ask for on these nodes, and how many of each resource there is room for.

    Workers with a model keep what they were given, so there is never more of them than leaves room for all others: a
    set is a worker of each resource. Where the largest node has fewer processors than a set, each asks for its share.

    Arguments:
        nodes: what each has: CPU, GPU, memory (bytes).

    Raises:
        UsageError: no node has processors and memory for a worker.
    """
    cpus = sum(each.cpus for each in asked.values())
    # A head without processors is kept free of work by its owner.
    nodes = [node for node in nodes if node.get("CPU", 0) or not cpus]
    if not nodes:
        raise UsageError(
            "No node of the cluster has a processor for a worker.",
            where="--executor ray",
            remedy="Add nodes: ray start --address HOST:PORT on each of them.",
        )
    memory = max((node.get("memory", 0) / 2**20 for node in nodes), default=0.0)
    most = max(each.memory_mb for each in asked.values())
    if memory < most:
        raise UsageError(
            f"No node of the cluster has {most:,} MB of memory for a worker; the largest has {memory:,.0f}.",
            where="--executor ray",
            remedy="Lower batch.translate_mb, align_mb or render_mb, or give nodes more: ray start --memory BYTES.",
        )
    share = min(1.0, max(node.get("CPU", 0) for node in nodes) / cpus) if cpus else 1.0
    scaled = {name: Asked(round(each.cpus * share, 2), each.gpus, each.memory_mb) for name, each in asked.items()}
    gpus = sum(each.gpus for each in scaled.values()) if any(node.get("GPU", 0) for node in nodes) else 0.0
    needs = {
        "CPU": sum(each.cpus for each in scaled.values()),
        "memory": sum(each.memory_mb for each in scaled.values()) * 2**20,
        "GPU": gpus,
    }
    sets = sum(int(min(node.get(name, 0) / need + 1e-6 for name, need in needs.items() if need)) for node in nodes)
    return scaled, max(1, sets)


class RayExecutor:
    """Tasks on a Ray cluster.

    Arguments:
        address: of its head; empty: a cluster of this machine alone, which ends with the batch.
        slots: workers by resource; 0: as many as there is room for, one at least.
        asked: what a worker of each resource asks for.
        attempts: how often a task whose node was lost is tried.
        storage: where all nodes find the episodes; empty: their folders are the same on all of them.
        wait_s: how long a cluster that has lost all its nodes is waited for.
    """

    name = "ray"
    limit_mb: int | None = None

    def __init__(
        self,
        *,
        address: str,
        slots: Mapping[Resource, int],
        asked: Mapping[Resource, Asked],
        attempts: int,
        storage: str,
        wait_s: float,
    ) -> None:
        if address:
            check_address(address)
        self._ray: Any = _load()
        if not self._ray.is_initialized():
            where = {"address": address} if address else {"include_dashboard": False}
            try:
                self._ray.init(**where, namespace="zimu", log_to_driver=False, configure_logging=False)
            except ConnectionError as error:
                raise MissingError(
                    f"The Ray cluster at {address} can't be joined ({error}).",
                    where="--address",
                    remedy="Give this machine the cluster's token (ray get-auth-token there, RAY_AUTH_TOKEN here), and "
                    "see that both have the same Ray.",
                ) from error
        self._attempts = attempts
        self._storage = storage
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stopper = self._beside_me(remote.Stopper).remote()
        self._wanted, self._fixed = asked, slots
        try:
            self._asked, sets = fit(self._nodes(), asked)
        except UsageError:
            self._ray.shutdown()
            raise
        self._has_gpus = any(node.get("GPU", 0) for node in self._nodes())
        self.slots: Mapping[Resource, int] = {name: slots.get(name) or sets for name in RESOURCES}
        self._looked = time.monotonic()
        self._wait_s = wait_s
        self._alone_since: float | None = None
        self._notices: list[str] = []
        # Made once: each time that Ray is given a function it carries it to all nodes anew.
        self._encode = self._ray.remote(remote.advance_once)
        self._warm = self._ray.remote(remote.Warm)
        self._idle: dict[Resource, list[Any]] = {name: [] for name in RESOURCES}
        self._open_actors: Counter[Resource] = Counter()
        self._actors: list[Any] = []
        self._refs: dict[int, Any] = {}
        self._closed = False
        self._lock = threading.Lock()

    @property
    def many_machines(self) -> bool:
        """Whether its nodes are more than one machine, which a database in a file can't serve."""
        return len({node["NodeManagerAddress"] for node in self._ray.nodes() if node["Alive"]}) > 1

    def start(self, key: int, task: Task) -> None:
        """Hand the task to the cluster; a thread of its own waits for it."""
        threading.Thread(target=self._run, args=(key, task), daemon=True).start()

    def events(self, timeout_s: float) -> Sequence[Event]:
        """What has come back.

        Raises:
            MissingError: no node has been left for too long.
        """
        self._follow_nodes()
        found: list[Event] = []
        with suppress(queue.Empty):
            found.append(self._events.get(timeout=timeout_s) if timeout_s else self._events.get_nowait())
            while True:
                found.append(self._events.get_nowait())
        return found

    def notices(self) -> Sequence[str]:
        """That nodes have gone, and come again."""
        found, self._notices = self._notices, []
        return found

    def idle_mb(self) -> Mapping[Resource, int]:
        return {}

    def unload(self, resource: Resource) -> None:
        return

    def stop(self) -> None:
        """Let the steps in hand be the last ones, on all nodes."""
        self._ray.get(self._stopper.stop.remote())

    def close(self) -> None:
        """End what runs, and leave the cluster."""
        if self._closed:
            return
        self._closed = True
        for ref in list(self._refs.values()):
            with suppress(self._ray.exceptions.RayError, ValueError, TypeError):
                self._ray.cancel(ref, force=False)
        for actor in self._actors:
            self._ray.kill(actor)
        self._ray.shutdown()

    def _run(self, key: int, task: Task) -> None:
        try:
            place = self._push(task)
            said, result = self._remote(key, task, place)
            self._pull(task, place)
        except ZimuError as error:
            self._events.put(Finished(key, Result(error=error)))
        except self._ray.exceptions.RayError as error:
            if not self._closed:
                first = (str(error).strip() or type(error).__name__).splitlines()[0]
                self._events.put(Lost(key, f"A node or a worker was lost ({type(error).__name__}: {first[:200]})."))
        else:
            for level, text in said:
                self._events.put(Said(key, level, text))
            self._events.put(Finished(key, result))
        finally:
            self._refs.pop(key, None)

    def _remote(self, key: int, task: Task, place: str) -> tuple[list[tuple[str, str]], Result]:
        where = remote.Where(self._storage, place)
        if task.resource == "encode":
            function = self._encode.options(**self._options("encode"), max_retries=self._attempts - 1)
            self._refs[key] = function.remote(task, where, self._stopper)
            return self._ray.get(self._refs[key])  # type: ignore[no-any-return]
        with self._lock:
            idle = self._idle[task.resource]
            actor = idle.pop() if idle else self._open(task.resource)
        self._refs[key] = actor.advance.remote(task, where, self._stopper)
        try:
            found = self._ray.get(self._refs[key])
        except self._ray.exceptions.RayError:
            with self._lock:
                self._discard(task.resource, actor)
            raise
        with self._lock:
            if self._open_actors[task.resource] > self.slots[task.resource]:
                self._discard(task.resource, actor)
            else:
                self._idle[task.resource].append(actor)
        return found  # type: ignore[no-any-return]

    def _open(self, resource: Resource) -> Any:
        # One whose node is lost is not waited for: the task comes back as lost, and goes to another at once.
        kind = self._warm.options(**self._options(resource), max_restarts=0, max_task_retries=0)
        actor = kind.remote(f"{resource} {len(self._actors) + 1}")
        self._actors.append(actor)
        self._open_actors[resource] += 1
        return actor

    def _discard(self, resource: Resource, actor: Any) -> None:
        """Give back what an actor was given: its node is lost, or there is not enough for so many any more."""
        self._open_actors[resource] -= 1
        self._actors.remove(actor)
        self._ray.kill(actor)

    def _follow_nodes(self) -> None:
        """Nodes come and go; with fewer of them, actors that keep what they were given must leave room for tasks."""
        if time.monotonic() - self._looked < _LOOK_EVERY_S:
            return
        self._looked = time.monotonic()
        try:
            self._asked, sets = fit(self._nodes(), self._wanted)
        except UsageError as error:
            self._wait_for_nodes(error)
            return
        if self._alone_since is not None:
            self._alone_since = None
            self._notices.append("The cluster has a node again.")
        self.slots = {name: self._fixed.get(name) or sets for name in RESOURCES}
        with self._lock:
            for resource, idle in self._idle.items():
                while idle and self._open_actors[resource] > self.slots[resource]:
                    self._discard(resource, idle.pop())

    def _wait_for_nodes(self, why: UsageError) -> None:
        """None is left that could do anything: while something waits for one, it is waited for, though not for ever."""
        if not self._refs:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
            self._notices.append(f"{why.what} It is waited for {self._wait_s:,.0f} s for another one.")
        elif time.monotonic() - self._alone_since >= self._wait_s:
            raise MissingError(
                f"{why.what} None has come in {self._wait_s:,.0f} s.",
                where="--executor ray",
                remedy="Start nodes again (ray start --address HOST:PORT) and run the same command: what was finished "
                "is kept. batch.node_wait_s sets how long is waited.",
            ) from why

    def _nodes(self) -> list[Mapping[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def _beside_me(self, kind: type) -> Any:
        """An actor on the batch's own node, which is lost only with the batch."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=True)
        return self._ray.remote(num_cpus=0, scheduling_strategy=here)(kind)

    def _options(self, resource: Resource) -> dict[str, Any]:
        asked = self._asked[resource]
        options: dict[str, Any] = {"num_cpus": asked.cpus, "memory": asked.memory_mb << 20}
        if self._has_gpus and asked.gpus:
            options["num_gpus"] = asked.gpus
        return options

    def _push(self, task: Task) -> str:
        if not self._storage:
            return ""
        from pipeline.executors.storage import Storage

        workspace = find_workspace(task.folder)
        place = task.folder.name if workspace == task.folder else task.folder.relative_to(workspace).as_posix()
        storage = Storage(self._storage)
        if workspace != task.folder:
            with tempfile.TemporaryDirectory() as folder:
                storage.push(remote.STATIC, remote.copy_settings(workspace, Path(folder)))
        storage.push(f"episodes/{place}", task.folder)
        return place

    def _pull(self, task: Task, place: str) -> None:
        if place:
            from pipeline.executors.storage import Storage

            Storage(self._storage).pull(f"episodes/{place}", task.folder)


def _load() -> Any:
    try:
        import ray
    except ImportError as error:
        raise MissingError("Ray is not installed.", where="--executor ray", remedy="pip install 'zimu[ray]'") from error
    return ray
