"""A workspace to review, and a real server on loopback that serves it."""

from __future__ import annotations

import atexit
import functools
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, TextIO
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
    workspace: Path
    process: ForkServerProcess
    home: Path
    said: TextIO

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.join(PATIENCE_S)

    def stop(self) -> None:
        """Ctrl+C, as it were; kill where that does not end it."""
        self.process.terminate()
        self.process.join(PATIENCE_S)
        if self.process.is_alive():
            self.kill()

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
        server.stop()


def start(workspace: Path, *args: str, port: int = 0, env: dict[str, str] | None = None) -> Server:
    """`zimu review`, once it answers: the real command, in a process that has its modules read already."""
    home = workspace.parent / "home"
    home.mkdir(exist_ok=True)
    told, telling = _processes().Pipe(duplex=False)
    wanted = ["review", str(workspace), "--port", str(port), *args]
    changed = {"HOME": str(home), "XDG_STATE_HOME": str(home), **(env or {})}
    process = _processes().Process(target=_zimu, args=(telling, wanted, {**os.environ, **changed}), daemon=True)
    process.start()
    telling.close()
    rows = os.fdopen(os.dup(told.fileno()), encoding="utf-8")
    said = []
    for row in rows:
        said.append(row)
        if found := re.search(r"Review at (http://[^/]+)/", row):
            wait_for(found[1])
            return Server(found[1], workspace, process, home, rows)
    process.join(PATIENCE_S)
    raise AssertionError("".join(said))


@functools.cache
def _processes() -> ForkServerContext:
    """Where servers are forked from: to read the program's modules takes longer than all else that a start does."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.cli", "pipeline.cli.review", "pipeline.review", "uvicorn"])
    return context


def _zimu(telling: Connection, args: list[str], env: dict[str, str]) -> None:
    """The command line, as a program of its own has it."""
    from pipeline.cli import main

    for stream in (1, 2):
        os.dup2(telling.fileno(), stream)
    sys.stdout = sys.stderr = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["zimu", *args]
    main()


def wait_for(url: str) -> None:
    """Until the server answers."""
    transport = httpx.HTTPTransport(retries=20)
    with httpx.Client(transport=transport, timeout=PATIENCE_S, trust_env=False) as client:
        client.get(f"{url}/signin")


def media_url(path: str) -> str:
    return f"/media?id={quote(path, safe='')}"


SPOKEN = LINES[:SHORT_LINES]
