"""Batches on a real Ray cluster of several nodes on this machine, one of which is killed in the middle."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch.observing import Observer
from pipeline.batch.session import Request, Session, Summary, run_batch
from pipeline.errors import MissingError, UsageError
from pipeline.executors.ray import Asked, RayExecutor, check_address, fit
from pipeline.store.batches import Batches
from tests.batch.channel import make_channel, outputs, run
from tests.translation.chat_server import ChatServer

pytest_plugins = ["tests.executors.s3", "tests.postgres"]
GB = 2**30
ASKED = {"align": Asked(1, 0, 500), "translate": Asked(0.5, 0, 500), "encode": Asked(0.5, 0, 500)}
# A killed node counts as lost after 5 s instead of half a minute; a slow one is given its time.
QUICK = {
    "health_check_initial_delay_ms": 5000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 10_000,
    "health_check_failure_threshold": 5,
}


def test_workers_ask_for_no_more_than_there_is_and_leave_room_for_one_another() -> None:
    node = {"CPU": 8.0, "memory": 32 * GB}
    asked = {"align": Asked(2, 0.5, 1500), "translate": Asked(1, 0.5, 2500), "encode": Asked(1, 0, 1000)}
    same, sets = fit([node, node], asked)
    assert (same, sets) == (asked, 4)
    small, sets = fit([{"CPU": 2.0, "memory": 32 * GB}], asked)
    assert (small["align"].cpus, small["encode"].cpus, sets) == (1.0, 0.5, 1)
    assert fit([{**node, "GPU": 1.0}], asked)[1] == 1
    assert fit([{"CPU": 64.0, "memory": 10 * GB}], asked)[1] == 2
    assert fit([node, {"memory": 99 * GB}], asked) == (same, 2)
    with pytest.raises(UsageError, match="No node of the cluster has a processor"):
        fit([{"memory": 99 * GB}], asked)
    with pytest.raises(UsageError, match="2,500 MB"):
        fit([{"CPU": 8.0, "memory": 1 * GB}], asked)


def test_a_cluster_that_is_not_there_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(MissingError, match="No Ray cluster answers"):
        check_address(f"127.0.0.1:{port}")
    assert time.monotonic() - started < 6
    for wrong in ("nowhere", "host:", ":80", "host:99999"):
        with pytest.raises(UsageError, match="HOST:PORT"):
            check_address(wrong)


def test_a_cluster_that_lets_nobody_in_is_told_from_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        """Ray where the token is missing or wrong."""

        def is_initialized(self) -> bool:
            return False

        def init(self, **_: object) -> None:
            raise ConnectionError("Failed to connect to Ray cluster")

    monkeypatch.setattr("pipeline.executors.ray._load", Refusing)
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = f"127.0.0.1:{head.getsockname()[1]}"
        with pytest.raises(MissingError, match="can't be joined") as told:
            RayExecutor(address=address, slots={}, asked=ASKED, attempts=1, storage="", wait_s=1)
    assert "ray get-auth-token" in told.value.remedy


@pytest.fixture(scope="module")
def expected(tmp_path_factory, whisper_base) -> Iterator[tuple[ChatServer, dict[str, bytes]]]:
    """What this machine's own workers make."""
    with ChatServer() as server:
        workspace = make_channel(tmp_path_factory.mktemp("local") / "w", ["a", "b", "c", "season/b"], server.url)
        done = run("batch", workspace)
        assert done.code == 0, done.err
        yield server, outputs(workspace)


def of(episodes: list[str], files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of those episodes."""
    return {name: data for name, data in files.items() if name.startswith(tuple(f"{each}/zimu/" for each in episodes))}


@pytest.fixture(scope="module")
def cluster(s3_environment) -> Iterator[Any]:
    """A head without workers of its own, and two nodes."""
    import os

    from ray.cluster_utils import Cluster

    before = dict(os.environ)
    os.environ.update(s3_environment)
    os.environ["RAY_DISABLE_DASHBOARD"] = "1"
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "memory": GB, "include_dashboard": False, "_system_config": QUICK},
    )
    try:
        yield cluster
    finally:
        cluster.shutdown()
        os.environ.clear()
        os.environ.update(before)


class Watching(Observer):
    """Does something when the first stage of that name has begun."""

    def __init__(self, stage: str, what: Any, after_s: float = 1.5) -> None:
        self._stage, self._what, self._after_s = stage, what, after_s
        self.notices: list[str] = []

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def started(self, work, task) -> None:
        if task.start == self._stage and self._what is not None:
            what, self._what = self._what, None
            threading.Timer(self._after_s, what).start()


def batch_on(
    cluster: Any, workspace: Path, *, storage: str = "", flags: Any = None, watcher: Any = None, wait_s: float = 600
) -> Summary:
    request = Request((str(workspace),), flags or {}, None, False, "name", None, False, "test")

    def open_executor(_: Session) -> RayExecutor:
        return RayExecutor(address=cluster.address, slots={}, asked=ASKED, attempts=3, storage=storage, wait_s=wait_s)  # type: ignore[arg-type]

    return run_batch(request, open_executor, lambda *_: watcher or Observer())


@pytest.mark.model
def test_a_node_is_killed_and_nothing_is_lost_or_done_twice(cluster, expected, tmp_path) -> None:
    server, right = expected
    names = ["a", "b", "c"]
    workspace = make_channel(tmp_path / "w", names, server.url)
    nodes = [cluster.add_node(num_cpus=2, memory=4 * GB) for _ in range(2)]
    cluster.wait_for_nodes()
    kill = Watching("translate", lambda: cluster.remove_node(nodes[0], allow_graceful=False))
    done = batch_on(cluster, workspace, watcher=kill)
    cluster.remove_node(nodes[1])
    assert {work.name: (work.state, str(work.error)) for work in done.works} == dict.fromkeys(names, ("done", "None"))
    assert outputs(workspace) == of(names, right)
    # Each stage of each episode was committed once, wherever it ran and however often it was begun.
    with Batches.open(workspace / "zimu.db") as store:
        committed = [(each.episode, each.stage) for each in store.stages(done.run_id) if each.state == "done"]
    assert len(committed) == len(set(committed))


@pytest.mark.model
def test_a_cluster_without_a_node_ends_the_batch_and_what_was_finished_is_kept(cluster, expected, tmp_path) -> None:
    server, _ = expected
    workspace = make_channel(tmp_path / "w", ["a"], server.url)
    node = cluster.add_node(num_cpus=2, memory=4 * GB)
    cluster.wait_for_nodes()
    watcher = Watching("translate", lambda: cluster.remove_node(node, allow_graceful=False), after_s=0)
    done = batch_on(cluster, workspace, watcher=watcher, wait_s=1)
    assert isinstance(done.error, MissingError)
    assert "node_wait_s" in done.error.remedy
    assert [work.state for work in done.works] == ["stopped"]
    assert any("waited for 1 s" in text for text in watcher.notices)
    with Batches.open(workspace / "zimu.db") as store:
        assert next((each.stage, each.state) for each in store.stages(done.run_id)) == ("align", "done")
        assert [run.state for run in store.runs(str(workspace))] == ["stopped"]


@pytest.mark.model
def test_on_object_storage_and_postgresql_the_bytes_are_the_same(
    cluster, expected, tmp_path, bucket, postgresql_url
) -> None:
    server, right = expected
    workspace = make_channel(tmp_path / "w", ["a", "season/b"], server.url)
    node = cluster.add_node(num_cpus=2, memory=4 * GB)
    cluster.wait_for_nodes()
    flags = {"store": {"url": postgresql_url}}
    done = batch_on(cluster, workspace, storage=bucket, flags=flags)
    assert [(work.state, str(work.error)) for work in done.works] == [("done", "None")] * 2
    assert outputs(workspace) == of(["a", "season/b"], right)
    again = batch_on(cluster, workspace, storage=bucket, flags=flags)
    assert (again.works, again.done_before) == ((), 2)
    cluster.remove_node(node)
