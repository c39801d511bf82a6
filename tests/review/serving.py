"""A workspace to review, and a real server on loopback that serves it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.store import MachineText, Store
from pipeline.translation.units import Unit
from tests.episodes import LINES, SHORT_LINES, make_episode
from tests.stages.aligned import TRUTH

ENGLISH = (
    "In September 2022, RISC-V International released a unified configuration standard.",
    "It is called RVA23.",
    "This is the third sentence.",
)
PATIENCE_S = 60.0


def make_workspace(folder: Path, *, settings: str = "") -> Path:
    """A workspace with the episode `talk`: the sample's first 14 seconds, aligned and translated."""
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    (folder / "zimu.toml").write_text(settings or "# a workspace\n", encoding="utf-8")
    return folder


@functools.cache
def _template() -> Path:
    """Such a workspace, made once: cutting its video and making its tables takes longer than a copy."""
    folder = Path(tempfile.mkdtemp(prefix="zimu-workspace-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "zimu.toml").touch()
    episode = make_episode(folder / "talk")
    align(episode)
    with Store.open(folder / "zimu.db") as store:
        translate(store, folder, episode)
    return folder


def align(episode: Path) -> None:
    """Write the true alignment of the sample's first lines."""
    true = json.loads(TRUTH.read_text(encoding="utf-8"))["lines"][:SHORT_LINES]
    lines = tuple(
        AlignedLine(index, line["text"], line["start_ms"], line["end_ms"], "ok", 1.0) for index, line in enumerate(true)
    )
    Alignment("zh-Hans", 14_100, "whisper-base", lines, ()).save(episode / "zimu" / "alignment.json")


def translate(
    store: Store, workspace: Path, episode: Path, *, language: str = "en", texts: Sequence[str] = ENGLISH
) -> str:
    """Two lines a unit, each with a machine translation; returns the episode's id."""
    alignment = Alignment.load(episode / "zimu" / "alignment.json")
    identity = store.adopt(episode, workspace=workspace, title=episode.name)
    units = []
    for first in range(0, len(alignment.lines), 2):
        two = alignment.lines[first : first + 2]
        text = "，".join(line.text for line in two)
        units.append(Unit(f"u{first}", first, two[-1].index, text, two[0].start_ms or 0, two[-1].end_ms or 0))
    times = [(line.start_ms or 0, line.end_ms or 0) for line in alignment.lines]
    stored = store.sync(identity, language, units, title=episode.name, line_times=times)
    store.save_machine_many(
        [MachineText(unit.id, text, "argos", f"f{unit.id}") for unit, text in zip(stored, texts, strict=False)]
    )
    return identity


@dataclass(slots=True)
class Server:
    """A server in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    home: Path

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def browser(self, name: str = "", *, token: str = "", sign_in: bool = True) -> Browser:
        """Somebody signed in."""
        browser = Browser(self.url)
        if sign_in:
            browser.sign_in(name or "Ada", token)
        return browser


class Browser:
    """An HTTP client that behaves like a page: cookies, origin, the token of writes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False)
        self.csrf = ""

    def sign_in(self, name: str, token: str = "") -> None:
        answer = self.http.post("/signin", data={"name": name, "token": token, "to": "/"}, headers={"Origin": self.url})
        assert answer.status_code == 303, answer.text
        self.load_token()

    def load_token(self) -> None:
        page = self.http.get("/", headers={"Accept": "text/html"})
        found = re.search(r'<meta name="csrf" content="([0-9a-f]*)"', page.text)
        assert found is not None
        self.csrf = found[1]

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": self.url, "X-Zimu": "1", "X-CSRF-Token": self.csrf}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query)

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.http.request(method, path, json=body, headers=self.headers)

    def episode(self, path: str = "talk", language: str = "en") -> dict[str, Any]:
        answer = self.get("/api/episode", id=path, language=language)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def save(self, unit: dict[str, Any], text: str, **more: Any) -> httpx.Response:
        body = {"text": text, "revision": unit["revision"], "save_id": str(uuid.uuid4()), **more}
        return self.send("PUT", f"/api/units/{unit['id']}/text", body)

    def act(self, unit: dict[str, Any], action: str, **more: Any) -> httpx.Response:
        body = {"revision": unit["revision"], "save_id": str(uuid.uuid4()), **more}
        return self.send("POST", f"/api/units/{unit['id']}/{action}", body)


@contextmanager
def serving(workspace: Path, *args: str, port: int = 0, env: dict[str, str] | None = None) -> Iterator[Server]:
    """`zimu review` on a free port, stopped afterwards."""
    server = start(workspace, *args, port=port, env=env)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            try:
                server.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                server.process.kill()


def start(workspace: Path, *args: str, port: int = 0, env: dict[str, str] | None = None) -> Server:
    """`zimu review`, once it answers."""
    home = workspace.parent / "home"
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pipeline.cli import main; main()",
            "review",
            str(workspace),
            "--port",
            str(port),
            *args,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home), "PYTHONUNBUFFERED": "1", **(env or {})},
    )
    said = []
    assert process.stdout is not None
    for row in process.stdout:
        said.append(row)
        if found := re.search(r"Review at (http://[^/]+)/", row):
            wait_for(found[1])
            return Server(found[1], process, home)
    raise AssertionError("".join(said))


def wait_for(url: str) -> None:
    """Until the server answers."""
    transport = httpx.HTTPTransport(retries=20)
    with httpx.Client(transport=transport, timeout=PATIENCE_S, trust_env=False) as client:
        client.get(f"{url}/signin")


def media_url(path: str) -> str:
    return f"/media?id={quote(path, safe='')}"


SPOKEN = LINES[:SHORT_LINES]
