"""A hub's files come whole and verified, go on where they stopped, and a dead hub costs seconds."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from pipeline.errors import MissingError
from tests.models.conftest import Listener, MakeStore, contents, ensure_elsewhere
from tests.models.servers import Server, TinyModel, serving

MODEL = "/zimu/tiny-model/resolve/main/model.bin"


def test_a_model_comes_from_the_hub(hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener) -> None:
    folder = make_store(hub_endpoint=hub.url).ensure(model.name, listener)
    assert contents(folder) == model.contents
    assert listener.done[-1] == listener.total == sum(map(len, model.contents.values()))


def test_hf_endpoint_names_the_hub(
    hub: Server, make_store: MakeStore, model: TinyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert ensure_elsewhere(tmp_path, model.name).wait(timeout=60) == 0
    assert contents(tmp_path / "models" / model.name) == model.contents
    assert hub.downloads[MODEL] == 1


def test_a_token_stays_with_the_hub(
    model: TinyModel, make_store: MakeStore, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving(Server(files=model.hub_files)) as storage, serving(Server(files=model.hub_files)) as hub:
        hub.storage = storage.url
        folder = make_store(hub_endpoint=hub.url).ensure(model.name, listener)
        assert contents(folder) == model.contents
        assert "Bearer hf_secret" in hub.authorization
        assert set(storage.authorization) == {None}


def test_a_broken_connection_goes_on_where_it_broke(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    del model.contents["config.json"]
    hub.cut_after = 100_000
    assert contents(make_store(hub_endpoint=hub.url).ensure(model.name, listener)) == model.contents
    assert hub.ranges == ["bytes=100000-"]


def test_half_a_file_of_an_earlier_run_is_completed(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    _leave_half(tmp_path, model.contents["model.bin"][:123_456])
    assert contents(make_store(hub_endpoint=hub.url).ensure(model.name, listener)) == model.contents
    assert hub.ranges == ["bytes=123456-"]


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_spoiled_half_is_not_built_on(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path, has_ranges: bool
) -> None:
    hub.has_ranges = has_ranges
    _leave_half(tmp_path, b"x" * 1000)
    assert contents(make_store(hub_endpoint=hub.url).ensure(model.name, listener)) == model.contents


def test_a_hub_with_another_file_is_left_for_the_next_source(
    hub: Server, index: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    hub.files[MODEL] = bytes(len(hub.files[MODEL]))
    assert contents(make_store(hub_endpoint=hub.url).ensure(model.name, listener)) == model.contents
    assert hub.downloads[MODEL] == 0, "its published checksum already tells"
    assert "another SHA-256" in listener.warnings[0]


def test_a_storage_that_spoils_the_bytes_gives_no_model(
    model: TinyModel, make_store: MakeStore, listener: Listener
) -> None:
    spoiled = {path: bytes(len(data)) for path, data in model.hub_files.items()}
    with serving(Server(files=spoiled)) as storage, serving(Server(files=model.hub_files)) as hub:
        hub.storage = storage.url
        store = make_store(hub_endpoint=hub.url, source_order=["hub"])
        with pytest.raises(MissingError, match="another SHA-256"):
            store.ensure(model.name, listener)
    assert store.path_if_present(model.name) is None


def test_a_hub_that_keeps_breaking_off_is_given_up(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    hub.always_cut_after = 0
    started = time.monotonic()
    with pytest.raises(MissingError, match=r"config\.json broke off at 0 bytes"):
        make_store(hub_endpoint=hub.url, source_order=["hub"]).ensure(model.name, listener)
    assert time.monotonic() - started < 5


def test_a_silent_hub_is_given_up_in_seconds_and_said_once(
    make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = make_store(
            hub_endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}", source_order=["hub"], timeout_s=0.5
        )
        started = time.monotonic()
        for _ in range(2):
            with pytest.raises(MissingError, match=r"no answer within|timed out"):
                store.ensure(model.name, listener)
        assert time.monotonic() - started < 4
    assert len([line for line in listener.warnings if "Out of reach" in line]) == 1


def _leave_half(tmp_path: Path, data: bytes) -> None:
    partial = tmp_path / "models" / ".partial" / "tiny-model"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(data)
