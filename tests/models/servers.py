"""Real servers for tests of the model store: a Python package index, and a hub in the Hugging Face layout."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def make_wheel(package: str, version: str, members: Mapping[str, bytes]) -> bytes:
    """A wheel whose only content, besides its metadata, is data."""
    module = package.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


@dataclass
class Server:
    """What a server has, how it misbehaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    authorization: list[str | None] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    has_ranges: bool = True
    cut_after: int | None = None  # bytes of the next body that are sent before the connection is dropped
    always_cut_after: int | None = None  # the same for every body
    bytes_per_s: int | None = None
    slow: str = ""  # the only path that `bytes_per_s` is for; empty: all
    storage: str = ""  # another server's address: a hub sends there for the bytes
    url: str = ""

    @property
    def downloads(self) -> Counter[str]:
        """How often each file's bytes were asked for."""
        counts = {key.removeprefix("GET "): n for key, n in self.asked.items() if key.startswith("GET ")}
        return Counter({path: n for path, n in counts.items() if not path.startswith("/simple/")})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Server

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        state, path = self.state, self.path.split("?")[0]
        state.asked[f"{self.command} {path}"] += 1
        state.authorization.append(self.headers.get("Authorization"))
        if path.startswith("/simple/"):
            self._send(self._index(path.split("/")[2]), "text/html", body)
        elif path not in state.files:
            self._send(b"Entry not found", "text/plain", body, status=404)
        elif state.storage:
            self.send_response(302)
            self.send_header("Location", state.storage + path)
            self._hub_headers(state.files[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(state.files[path], "application/octet-stream", body)

    def _index(self, package: str) -> bytes:
        module = package.replace("-", "_")
        names = [path[1:] for path in self.state.files if path.startswith(f"/{module}-")]
        return "".join(f'<a href="/{name}">{name}</a>' for name in names).encode()

    def _hub_headers(self, content: bytes) -> None:
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("X-Linked-Size", str(len(content)))
        self.send_header("X-Linked-ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')

    def _send(self, content: bytes, kind: str, body: bool, *, status: int = 200) -> None:
        wanted = self.headers.get("Range")
        total, start = len(content), 0
        if wanted and status == 200:
            self.state.ranges.append(wanted)
            if self.state.has_ranges:
                start = int(wanted.removeprefix("bytes=").split("-")[0])
                status = 206
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(total - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if status == 200:
            self._hub_headers(content)
        self.end_headers()
        if body:
            self._body(content[start:])

    def _body(self, content: bytes) -> None:
        cut = self.state.always_cut_after
        if not self.path.startswith("/simple/") and self.state.cut_after is not None:
            cut, self.state.cut_after = self.state.cut_after, None
        if cut is not None:
            self.wfile.write(content[:cut])
            self.close_connection = True
            return
        rate = self.state.bytes_per_s if self.path.startswith(self.state.slow) else None
        step = max(1, (rate or 20 * len(content)) // 20)
        try:
            for at in range(0, len(content), step):
                self.wfile.write(content[at : at + step])
                if rate:
                    time.sleep(0.05)
        except OSError:  # the client was killed: that is the test
            self.close_connection = True


@contextmanager
def serving(state: Server | None = None) -> Iterator[Server]:
    """A server on a free port of this machine."""
    state = state or Server()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class TinyModel:
    """A model of a few kilobytes, with everything that can deliver it."""

    name: str
    contents: dict[str, bytes]
    parts: int = 2

    @property
    def wheels(self) -> dict[str, bytes]:
        """Its wheels by file name: the first file whole in the first one, the last one spread over all."""
        *whole, (_, content) = self.contents.items()
        step = -(-len(content) // self.parts)
        found = {}
        for n in range(1, self.parts + 1):
            module = f"{self.name.replace('-', '_')}_part{n}"
            members = {f"{module}/data/part{n:02}.bin": content[(n - 1) * step : n * step]}
            members[f"{module}/__init__.py"] = b"raise SystemExit('imported')"
            if n == 1:
                members |= {f"{module}/data/{name}": data for name, data in whole}
            found[f"/{module}-1.0-py3-none-any.whl"] = make_wheel(module.replace("_", "-"), "1.0", members)
        return found

    @property
    def hub_files(self) -> dict[str, bytes]:
        return {f"/zimu/{self.name}/resolve/main/{name}": data for name, data in self.contents.items()}

    def toml(self) -> str:
        """Its entry of a catalogue."""
        module, (*whole, (spread, _)) = self.name.replace("-", "_"), self.contents.items()
        files = [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self.contents.items()
        ]
        rows = ", ".join(
            "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in row.items()) + "}" for row in files
        )
        lines = [
            f'[models."{self.name}"]',
            'kind = "llm"\ndescription = "tiny"\nlicence = "MIT"\nparameters = "1"\nmemory_mb = 1',
            f"files = [{rows}]",
            f'[[models."{self.name}".sources]]\nkind = "hub"\nrepo = "zimu/{self.name}"',
            f'[[models."{self.name}".sources]]\nkind = "wheels"\nversion = "1.0"',
        ]
        for n in range(1, self.parts + 1):
            lines += [f'[[models."{self.name}".sources.wheels]]', f'package = "{self.name}-part{n}"']
            lines += [f'members."{spread}" = "{module}_part{n}/data/part{n:02}.bin"']
            if n == 1:
                lines += [f'members."{name}" = "{module}_part1/data/{name}"' for name, _ in whole]
        return "\n".join(lines) + "\n"

    def write_catalogue(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "models.toml"
        path.write_text(self.toml(), encoding="utf-8")
        return path
