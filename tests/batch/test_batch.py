"""`zimu batch` on real episodes, real models and real workers; a chat server of the test's own translates."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.store import Store
from tests import cli
from tests.batch.channel import log_rows, make_channel, outputs, run
from tests.episodes import stored_units
from tests.translation.chat_server import ChatServer

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("whisper_base")]
NAMES = ("一", "二", "season 1/三")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Iterator[tuple[Path, cli.Result]]:
    with ChatServer() as server:
        workspace = make_channel(tmp_path_factory.mktemp("channel") / "w", NAMES, server.url)
        (workspace / "bad").mkdir()
        (workspace / "bad" / "transcript.txt").write_text("字\n", encoding="utf-8")
        yield workspace, run("batch", workspace, "--json")


def test_all_are_made_and_the_one_that_can_not_be_does_not_stop_them(finished) -> None:
    workspace, first = finished
    assert first.code == 3, first.err
    states = {each["episode"]: each["state"] for each in first.json["episodes"]}
    assert states == {"bad": "failed", **dict.fromkeys(NAMES, "done")}
    made = outputs(workspace)
    for name in NAMES:
        assert f"{name}/zimu/video/soft.mp4" in made
        assert made[f"{name}/zimu/subtitles/en.srt"] == made["一/zimu/subtitles/en.srt"]
    assert not (workspace / "bad" / "zimu").exists()
    stages = next(each["stages"] for each in first.json["episodes"] if each["episode"] == "二")
    assert [stage["stage"] for stage in stages] == ["align", "translate", "subtitle", "render", "report"]
    assert all(stage["state"] == "done" for stage in stages)


def test_stages_of_different_episodes_overlap_on_workers_that_stay(finished) -> None:
    workspace, _ = finished
    rows = log_rows(workspace)
    assert {row["run"] for row in rows} == {rows[0]["run"]}
    assert {row["worker"] for row in rows if row["event"] == "done" and row["stage"] == "align"} == {"align 1"}
    at = {(row["episode"], row["stage"], row["event"]): row["at"] for row in rows if "stage" in row}
    # The second episode is aligned while the first one is translated and rendered.
    assert at["一", "translate", "started"] < at["二", "align", "done"] or (
        at["二", "align", "started"] < at["一", "render", "done"]
    )
    failed = next(row for row in rows if row["event"] == "episode failed")
    assert failed["remedy"]


def test_a_finished_batch_is_known_again_and_what_was_refused_is_left_until_it_changes(zimu, finished) -> None:
    workspace, _ = finished
    again = zimu("batch", workspace)
    assert again.code == 0, again.err
    assert "3 were up to date, 1 refused before and unchanged" in again.out
    tried = zimu("batch", workspace, "--retry-failed", "--json")
    assert [each["episode"] for each in tried.json["episodes"]] == ["bad"]
    (workspace / "bad" / "notes.md").write_text("changed")
    changed = zimu("batch", workspace, "--json")
    assert [each["episode"] for each in changed.json["episodes"]] == ["bad"]


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    """A copy of the finished workspace, to change."""
    workspace = Path(shutil.copytree(finished[0], tmp_path / "w"))
    shutil.rmtree(workspace / "bad")
    return workspace


def worked_on(result: cli.Result) -> dict[str, list[str]]:
    assert result.code == 0, result.err
    return {
        each["episode"]: [stage["stage"] for stage in each["stages"] if stage["state"] == "done"]
        for each in result.json["episodes"]
    }


def test_only_what_changed_is_made_again(zimu, copy) -> None:
    before = outputs(copy)
    assert worked_on(zimu("batch", copy, "--json")) == {name: [] for name in NAMES}  # copied: looked at, all is well
    with Store.open(copy / "zimu.db") as store:
        unit = stored_units(store, copy / "一", "en")[0]
        store.edit(unit.id, "Hello, a person wrote this.", "li", unit.revision)
    (copy / "二" / "zimu" / "subtitles" / "en.vtt").write_bytes(b"damaged")
    worked = worked_on(zimu("batch", copy, "--json"))
    assert worked == {"一": ["translate", "subtitle", "render", "report"], "二": ["subtitle", "report"]}
    after = outputs(copy)
    changed = {name for name in before if before[name] != after[name]}
    assert all(name.startswith("一/zimu/") for name in changed)
    assert b"a person wrote this" in after["一/zimu/subtitles/en.srt"]
    assert worked_on(zimu("batch", copy, "--json", "--order", "newest")) == {}


def test_the_limit_and_the_stage_are_kept_to(zimu, copy) -> None:
    for name in NAMES:
        shutil.rmtree(copy / name / "zimu")
    some = zimu("batch", copy, "--limit", "1", "--until", "align", "--json")
    assert worked_on(some) == {"season 1/三": ["align"]}
    assert some.json["left_for_later"] == 2
    assert not list(copy.glob("**/soft.mp4"))


def test_ctrl_c_ends_after_the_step_in_hand_and_the_same_command_goes_on(copy) -> None:
    expected = outputs(copy)
    for name in NAMES:
        shutil.rmtree(copy / name / "zimu")
    process = cli.start("batch", copy)
    wait_for_row(copy, process, "started")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Stopping after the" in err
    assert "not finished" in out
    assert err.count("Stopped. The same command goes on") == 1
    assert "Traceback" not in err
    assert list(copy.glob("**/zimu/alignment.json"))  # it was in hand
    assert workers_of(process.pid) == []
    last = run("status", copy, "--runs", "--json").json[0]
    assert last["state"] == "stopped"
    assert run("batch", copy).code == 0
    assert outputs(copy) == expected


def test_ctrl_c_twice_stops_at_once_and_says_how_to_go_on(copy) -> None:
    for name in NAMES:
        shutil.rmtree(copy / name / "zimu")
    process = cli.start("batch", copy)
    wait_for_row(copy, process, "started")
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.count("Stopped. The same command goes on") == 1
    assert "Traceback" not in err
    assert workers_of(process.pid) == []


def test_a_worker_that_is_killed_is_replaced(copy) -> None:
    expected = outputs(copy)
    for name in NAMES:
        shutil.rmtree(copy / name / "zimu")
    process = cli.start("batch", copy, "--json")
    wait_for_row(copy, process, "started")
    for worker in workers_of(process.pid):
        os.kill(worker, signal.SIGKILL)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert outputs(copy) == expected
    assert [row for row in log_rows(copy) if row["event"] == "lost"], out


def test_watching_takes_a_folder_when_it_is_whole_and_tells_its_numbers(copy, free_port) -> None:
    settings = ["--set", "batch.scan_s=0.3", "--set", "batch.settle_s=1.5", "--set", f"batch.metrics_port={free_port}"]
    process = cli.start("batch", copy, "--watch", *settings)
    try:
        new = copy / "四"
        new.mkdir()
        shutil.copy(copy / "一" / "transcript.txt", new)
        data = (copy / "一" / "video.mp4").read_bytes()
        with (new / "video.mp4").open("wb") as file:
            for start in range(0, len(data), len(data) // 4 + 1):  # an upload that takes its time
                file.write(data[start : start + len(data) // 4 + 1])
                file.flush()
                time.sleep(0.7)
        wait_until(lambda: (new / "zimu" / "video" / "soft.mp4").is_file(), process, 90)
        assert (new / "zimu/subtitles/en.srt").read_bytes() == (copy / "一/zimu/subtitles/en.srt").read_bytes()
        url = f"http://127.0.0.1:{free_port}/metrics"
        wait_until(lambda: 'zimu_batch_episodes_total{state="done"}' in read(url), process, 20)
        assert 'zimu_batch_stages_total{stage="align",state="done"} 1.0' in read(url)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert not [row for row in log_rows(copy) if row["event"] == "episode failed" and row["episode"] == "四"]
    assert "done" in out


def test_what_would_never_fit_into_memory_is_said(zimu, copy) -> None:
    shutil.rmtree(copy / "一" / "zimu")
    refused = zimu("batch", copy / "一", "--set", "batch.memory_mb=300")
    assert refused.code == 1
    assert "needs 1,500 MB of memory; all may use 300 MB" in refused.err
    assert "batch.memory_mb" in refused.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere"], "no episode here"),
        (["--until", "dream"], "not a stage"),
        (["--order", "best"], "not an order"),
        (["--executor", "moon"], "no executor"),
        (["--address", "a:1"], "--executor ray"),
    ],
)
def test_wrong_use_is_said(zimu, tmp_path, args, said) -> None:
    result = zimu("batch", tmp_path, *args)
    assert (result.code, "Traceback" in result.err) == (2, False)
    assert said in result.err or "no episode here" in result.err


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def read(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


def wait_for_row(workspace: Path, process: subprocess.Popen[str], event: str) -> None:
    seen = len(log_rows(workspace))
    wait_until(lambda: any(row["event"] == event for row in log_rows(workspace)[seen:]), process, 60)
    time.sleep(0.5)


def wait_until(true, process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def workers_of(pid: int) -> list[int]:
    """The batch's workers: they lead sessions of their own."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [child.pid for child in children if os.getsid(child.pid) == child.pid]
