"""What tests share: the sample, the real models, a real ffmpeg."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from tests import cli
from tests.cli import Result
from tests.review import browsing

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


@pytest.fixture(scope="session")
def chrome() -> Iterator[Chromium]:
    """One browser for all tests of a worker: Playwright does not run twice in a process."""
    browsing.chromium()
    with sync_playwright() as playwright:
        launched = browsing.launch(playwright)
        yield launched
        launched.close()
