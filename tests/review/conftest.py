"""A workspace and a server that all tests of a module share; those that break things make their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import Store
from tests.review.serving import ENGLISH, Browser, Server, make_workspace, serving, start, translate
from tests.translation.chat_server import ChatServer

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>\'"&lt;{{7*7}}'
EPISODES = ("clash", "cut", "film", "cues", "hostile", "keys", "looks", "tools")
SETTINGS = '[server]\nbase_url = "{url}"\nmodel = "scripted"\n[translate]\norder = ["server"]\n'


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("review") / "workspace")


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[Server]:
    with serving(workspace) as running:
        yield running


@pytest.fixture(scope="module")
def ada(server: Server) -> Browser:
    return server.browser("Ada")


@pytest.fixture(scope="module")
def bob(server: Server) -> Browser:
    return server.browser("Bob")


@pytest.fixture(scope="session")
def engine() -> Iterator[ChatServer]:
    """The engine that is asked for other translations: a scripted server."""
    with ChatServer() as server:
        yield server


@pytest.fixture(scope="session")
def page_server(tmp_path_factory: pytest.TempPathFactory, engine: ChatServer) -> Iterator[Server]:
    """One server for the tests in a browser, with an episode for each."""
    folder = tmp_path_factory.mktemp("review") / "workspace"
    workspace = make_workspace(folder, settings=SETTINGS.format(url=engine.url))
    with Store.open(workspace / "zimu.db") as store:
        for name in EPISODES:
            shutil.copytree(workspace / "talk", workspace / name, ignore=shutil.ignore_patterns("episode-id"))
            texts = (HOSTILE, *ENGLISH[1:]) if name == "hostile" else ENGLISH
            translate(store, workspace, workspace / name, texts=texts)
        left_out = shutil.ignore_patterns("episode-id", "zimu")
        shutil.copytree(workspace / "talk", workspace / "fresh", ignore=left_out)
        hostile = workspace / "hostile"
        translate(store, workspace, hostile, language="ar", texts=["مرحبا بكم في RISC-V.", "نعم.", "لا."])
    title = HOSTILE.replace('"', '\\"')
    (hostile / "episode.toml").write_text(f'[episode]\ntitle = "{title}"\n', encoding="utf-8")
    served = start(workspace)
    yield served
    served.stop()
