"""An episode in two translations, a platform that speaks YouTube's protocol, and somebody who is signed in to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.store import Receipt, Store
from pipeline.translation.units import Unit
from tests.cli import Result
from tests.publishing.youtube_server import YouTubeServer
from tests.stages.aligned import aligned_episode, job, mark_aligned

LINES = [(463, 2614), (2752, 4886), (5447, 7711), (7855, 9233), (9361, 11886), (12073, 14048)]
UNITS = [
    Unit("u0", 0, 0, "大家好，欢迎来到今天的节目", 463, 2614),
    Unit("u1", 1, 4, "这一期我们来聊聊RISC-V，以及它为什么能变成全球芯片行业都绕不开的话题", 2752, 11886),
    Unit("u5", 5, 5, "故事要从2010年说起", 12073, 14048),
]  # fmt: skip
TEXTS = {
    "en": [
        "Hello everyone, welcome to the show.",
        "Today we talk about RISC-V, and how it became something that no chip maker can avoid.",
        "The story begins in 2010.",
    ],
    "ja": [
        "皆さん、こんにちは。",
        "今回はRISC-Vと、世界中の半導体業界が避けて通れない理由を話します。",
        "話は2010年に始まります。",
    ],
}
SETTINGS = """[episode]
to = ["en", "ja"]
title = "RISC-V 的故事"
[publish]
credentials = "{credentials}"
endpoints = {{ youtube = "{url}" }}
backoff_s = 0.01
poll_s = 0.01
max_wait_s = 0.05
timeout_s = 20
"""


@dataclass
class Desk:
    """A workspace with an episode, its server, and the command line."""

    workspace: Path
    server: YouTubeServer
    zimu: Callable[..., Result]
    credentials: Path

    @property
    def episode(self) -> Path:
        return self.workspace / "talk"

    @property
    def state(self):
        return self.server.state

    def publish(self, *args: str | Path) -> Result:
        return self.zimu("publish", self.episode, *args)

    def plan(self, *args: str) -> dict[str, dict[str, Any]]:
        """What a dry run would do, by language."""
        done = self.publish("--dry-run", "--json", *args).json
        return {each["language"]: each for video in done["videos"] for each in video["actions"]}

    def receipts(self) -> tuple[Receipt, ...]:
        with Store.open(self.workspace / "zimu.db") as store:
            return store.receipts(store.episode_at("talk").id)

    def approve(self, *languages: str, texts: dict[str, list[str]] | None = None) -> None:
        write_units(self.episode, *languages, approve=True, texts=texts)


def write_units(folder: Path, *languages: str, approve: bool, texts: dict[str, list[str]] | None = None) -> None:
    """Translate an episode, as a person's approved work or as a machine's."""
    work = job(folder)
    for language in languages:
        units = work.store.sync(work.episode_id, language, UNITS, line_times=list(LINES))
        for unit, text in zip(units, (texts or TEXTS)[language], strict=True):
            if unit.text != text and not unit.by_person:
                work.store.save_machine(unit.id, text, engine="argos", fingerprint="f")
            unit = work.store.unit(unit.id)
            if approve and unit.text != text:
                unit = work.store.edit(unit.id, text, "li", unit.revision, findings=())
            if approve and unit.status != "approved":
                work.store.approve(unit.id, "li", unit.revision)
    work.bench.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an episode that is translated into English and Japanese, all approved; made once."""
    workspace = tmp_path_factory.mktemp("publishing") / "workspace"
    workspace.mkdir()
    (workspace / "zimu.toml").write_text("[episode]\nto = ['en', 'ja']\n", "utf-8")
    folder = aligned_episode(workspace / "talk", settings='[publish]\nvideos = { youtube = "vid1" }\n')
    mark_aligned(folder)
    write_units(folder, "en", "ja", approve=True)
    return workspace


@pytest.fixture
def youtube() -> Iterator[YouTubeServer]:
    with YouTubeServer() as server:
        server.state.add_video("vid1")
        yield server
        assert not getattr(server, "broken", ""), server.broken


def sign_in(server: YouTubeServer, file: Path) -> None:
    """What `zimu auth youtube` leaves behind."""
    secret = {
        "client": server.client,
        "refresh_token": "refresh-secret-abc",
        "channel": "UC-own",
        "account": "Zimu Channel",
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"youtube": secret}), "utf-8")
    file.chmod(0o600)


@pytest.fixture
def desk(made: Path, tmp_path: Path, youtube: YouTubeServer, zimu: Callable[..., Result]) -> Desk:
    workspace = shutil.copytree(made, tmp_path / "workspace")
    credentials = tmp_path / "private" / "credentials.json"
    sign_in(youtube, credentials)
    (workspace / "zimu.toml").write_text(SETTINGS.format(url=youtube.url, credentials=credentials), "utf-8")
    return Desk(workspace, youtube, zimu, credentials)
