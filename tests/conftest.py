"""What tests share: the sample, the real models, a real ffmpeg."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import cli
from tests.cli import Result

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "riscv"


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample episode's folder: read only, copy it before running anything in it."""
    return SAMPLE


def _model(name: str) -> Path:
    from pipeline.files import config_file
    from pipeline.models import ModelStore, default_folder, load_catalogue
    from pipeline.progress import SilentReporter

    store = ModelStore(default_folder(), load_catalogue(config_file("models.toml")))
    return store.ensure(name, SilentReporter())


@pytest.fixture(scope="session")
def whisper_base() -> Path:
    """Folder of the real Whisper base model."""
    return _model("whisper-base")


@pytest.fixture(scope="session")
def small_llm() -> Path:
    """Folder of the real 0.5B language model, for tests that do not judge quality."""
    return _model("qwen2.5-coder-0.5b")


@pytest.fixture
def zimu(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line in this process: `zimu("run", folder)`."""
    return functools.partial(cli.zimu, capfd, monkeypatch)
