"""Whatever strikes a batch, the same command again ends with every episode right, to the byte."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cli
from tests.batch.channel import log_rows, run
from tests.batch.chaos import Chaos
from tests.episodes import small_disk
from tests.translation.chat_server import ChatServer

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("whisper_base")]
pytest_plugins = ["tests.postgres"]
KILLS = 20


@pytest.fixture(scope="module")
def chaos(tmp_path_factory) -> Iterator[Chaos]:
    with ChatServer() as server:
        found = Chaos(tmp_path_factory.mktemp("chaos"), server)
        found.prepare()
        yield found


def test_killed_at_random_moments(chaos) -> None:
    chaos.kill_again_and_again(chaos.fresh("killed"), KILLS)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may mount a small disk; CI is root")
def test_a_disk_that_is_full_and_then_gone(chaos) -> None:
    workspace = chaos.fresh("full")
    output = workspace / "一" / "zimu"
    with small_disk(output, 100):
        full = run("batch", workspace)
        assert full.code == 1
        assert "Free some space" in full.err
        assert not list(workspace.glob("**/*.part"))
    # What was on it has gone with it.
    chaos.settle(workspace)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may mount; CI is root")
def test_a_mount_that_is_taken_away_while_it_is_written_to(chaos) -> None:
    workspace = chaos.fresh("mount")
    with small_disk(workspace / "二" / "zimu", 40_000):
        process = cli.start("batch", workspace)
        wait_for(lambda: any(row["event"] == "started" for row in log_rows(workspace)))
    _, err = process.communicate(timeout=200)
    assert "Traceback" not in err, err
    chaos.settle(workspace)


def test_the_database_is_cut_off(chaos, postgresql, postgresql_url) -> None:
    workspace = chaos.fresh("cut")
    url = ("--set", f"store.url={postgresql_url}")
    process = cli.start("batch", workspace, *url)
    try:
        wait_for(lambda: any(row["event"] == "done" for row in log_rows(workspace)))
        postgresql.control("-m", "immediate", "stop")
        _, err = process.communicate(timeout=200)
    finally:
        postgresql.start()
    assert process.returncode != 0
    assert "Traceback" not in err, err
    chaos.settle(workspace, *url)


def test_a_model_and_outputs_are_damaged(chaos, whisper_base, tmp_path, monkeypatch) -> None:
    models = tmp_path / "models"
    shutil.copytree(whisper_base, models / whisper_base.name)
    with (models / whisper_base.name / "model.bin").open("r+b") as file:
        file.seek(70_000_000)
        byte = file.read(1)[0]
        file.seek(70_000_000)
        file.write(bytes([byte ^ 1]))
    workspace = chaos.fresh("damaged")
    settings = ("--set", f"models.folder={models}", "--set", f'models.local_folders=["{whisper_base.parent}"]')
    chaos.settle(workspace, *settings)
    spoil(workspace / "一" / "zimu" / "alignment.json")
    spoil(workspace / "二" / "zimu" / "video" / "soft.mp4")
    spoil(workspace / "二" / "zimu" / "subtitles" / "en.ass")
    (workspace / "一" / "zimu" / "manifest.json").write_text("{")
    chaos.settle(workspace, *settings)


def spoil(path: Path) -> None:
    """Another byte in the middle; the size stays."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def wait_for(true, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
