"""A server that behaves like Vimeo's API 3.4 towards text tracks, on a real socket.

From developer.vimeo.com's reference and its OpenAPI document: the paths, fields, status codes and error codes; that a
file is put once, to a signed link on another host without the token; that only one track of a language is active; that
names are not unique. `faults` makes a request fail, before or after it was done.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "0123456789abcdef0123456789abcdef"
OTHERS = "fedcba9876543210fedcba9876543210"
SCOPES = "public private edit upload delete"
_TRACKS = re.compile(r"/videos/([\d:a-f]+)/texttracks(?:/(\d+))?")


@dataclass
class Fault:
    """What happens to a request: `status` is answered, or the connection is cut; `after`: when it was done."""

    method: str
    path: str
    status: int = 0
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    times: int = 1


@dataclass
class VimeoServer:
    """Its videos, tracks and files; `seen` is every request: method, path, the token that came along."""

    url: str = ""
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    tracks: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=lambda: {TOKEN: SCOPES, OTHERS: SCOPES})
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    on_request: Callable[[int, bool], bool | None] | None = None
    remaining: int = 1000
    reset_s: float = 60.0
    keeps_files: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)
    _next: int = 100

    def add_video(self, identity: str, title: str = "第12集", duration: int = 15, *, token: str = TOKEN) -> None:
        self.videos[identity] = {"title": title, "duration": duration, "token": token}

    def add_track(self, video: str, language: str, name: str, data: bytes | None, *, active: bool = True) -> str:
        self._next += 1
        identity = str(self._next)
        self.tracks[identity] = {
            "video": video, "language": language, "name": name, "type": "subtitles", "active": active,
            "sig": secrets.token_hex(8),
        }  # fmt: skip
        if data is not None:
            self.files[identity] = data
        return identity

    def of(self, video: str) -> list[tuple[str, str, bool, bytes | None]]:
        """What is there: language, name, whether it is active, its file."""
        return [
            (each["language"], each["name"], each["active"], self.files.get(identity))
            for identity, each in self.tracks.items()
            if each["video"] == video
        ]

    def requests(self, *methods: str) -> list[str]:
        """The requests of these methods, as `POST /videos/1/texttracks`."""
        return [f"{method} {path}" for method, path, _ in self.seen if not methods or method in methods]

    def shown(self, identity: str) -> dict[str, Any]:
        each = self.tracks[identity]
        return {
            "uri": f"/videos/{each['video']}/texttracks/{identity}",
            "id": int(identity),
            "active": each["active"],
            "type": each["type"],
            "language": each["language"],
            "name": each["name"],
            "provenance": each.get("provenance", "user_uploaded"),
            "link": f"{self.url}/captions/{identity}.vtt?expires=1&sig={each['sig']}",
            "link_expires_time": "2030-01-01T00:00:00+00:00",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vimeo: VimeoServer

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        with self.vimeo.lock:
            number = len(self.vimeo.seen)
            self.vimeo.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
            fault = self._fault()
            if self.vimeo.on_request and self.vimeo.on_request(number, False):
                self.close_connection = True
                return
            if fault and not fault.after:
                self._fail(fault)
                return
            status, answer = self._answer(parts.path, parse_qs(parts.query), body)
            if self.vimeo.on_request and self.vimeo.on_request(number, True):
                self.close_connection = True
                return
            if fault:
                self._fail(fault)
                return
        self._send(status, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def _fault(self) -> Fault | None:
        for fault in self.vimeo.faults:
            if fault.times > 0 and fault.method == self.command and re.search(fault.path, self.path):
                fault.times -= 1
                return fault
        return None

    def _fail(self, fault: Fault) -> None:
        if fault.status:
            self._send(fault.status, fault.body or {"error": "Something strange occurred."}, fault.headers)
            return
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if status == 204 else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        kind = "text/vtt" if isinstance(answer, bytes) else "application/vnd.vimeo.error+json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if not self.path.startswith("/captions/"):
            self.vimeo.remaining -= 1
            reset = datetime.now(timezone.utc) + timedelta(seconds=self.vimeo.reset_s)
            self.send_header("X-RateLimit-Limit", "1000")
            self.send_header("X-RateLimit-Remaining", str(max(self.vimeo.remaining, 0)))
            self.send_header("X-RateLimit-Reset", reset.isoformat())
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        vimeo = self.vimeo
        if path.startswith("/captions/"):
            return self._file(path, query, body)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if "vnd.vimeo.*+json;version=3.4" not in self.headers.get("Accept", ""):
            return 400, {"error": "Unknown version."}
        if token not in vimeo.tokens:
            return 401, {"error": "You must provide a valid authenticated access token.", "error_code": 8003}
        if vimeo.remaining <= 0:
            return 429, {"error": "Too many API requests. Wait an hour or so, then try again.", "error_code": 9000}
        if path == "/me":
            return 200, {"name": "频道" if token == TOKEN else "Somebody else", "uri": "/users/7"}
        if path == "/oauth/verify":
            return 200, {"access_token": token, "token_type": "bearer", "scope": vimeo.tokens[token], "user": {}}
        if found := _TRACKS.fullmatch(path):
            return self._tracks(token, found[1], found[2], query, body)
        if path.startswith("/videos/"):
            return self._video(token, path.removeprefix("/videos/"))
        return 404, {"error": "The requested page couldn't be found."}

    def _video(self, token: str, identity: str) -> tuple[int, Any]:
        video = self.vimeo.videos.get(identity)
        if video is None:
            return 404, {"error": "The requested video couldn't be found.", "error_code": 5000}
        options = ["GET", "POST"] if video["token"] == token else ["GET"]
        tracks = {"uri": f"/videos/{identity}/texttracks", "options": options, "total": 0}
        owner = "频道" if video["token"] == TOKEN else "Somebody else"
        return 200, {
            "uri": f"/videos/{identity}", "name": video["title"], "duration": video["duration"],
            "user": {"name": owner}, "metadata": {"connections": {"texttracks": tracks}},
        }  # fmt: skip

    def _tracks(
        self, token: str, video: str, identity: str | None, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Any]:
        vimeo = self.vimeo
        if video not in vimeo.videos:
            return 404, {"error": "The requested video couldn't be found.", "error_code": 5000}
        if self.command != "GET" and vimeo.videos[video]["token"] != token:
            return 403, {"error": "You can't edit this video's text tracks."}
        needed = {"POST": "upload", "PATCH": "edit", "DELETE": "delete", "GET": "private"}[self.command]
        if needed not in vimeo.tokens[token].split():
            return 403, {"error": f"Your access token does not have the {needed!r} scope", "error_code": 8002}
        if identity is None and self.command == "GET":
            return 200, self._list(video, query)
        asked = json.loads(body or b"{}")
        if identity is None:
            return self._create(video, asked)
        if vimeo.tracks.get(identity, {}).get("video") != video:
            return 404, {"error": "The text track that you specified doesn't exist.", "error_code": 5014}
        if self.command == "DELETE":
            del vimeo.tracks[identity]
            vimeo.files.pop(identity, None)
            return 204, b""
        if self.command == "PATCH":
            self._change(identity, asked)
        return 200, vimeo.shown(identity)

    def _list(self, video: str, query: dict[str, list[str]]) -> dict[str, Any]:
        page, size = int(query.get("page", ["1"])[0]), min(int(query.get("per_page", ["25"])[0]), 2)
        found = [identity for identity, each in self.vimeo.tracks.items() if each["video"] == video]
        following = f"/videos/{video}/texttracks?per_page={size}&page={page + 1}" if len(found) > page * size else None
        chosen = found[(page - 1) * size : page * size]
        return {
            "total": len(found), "page": page, "per_page": size, "paging": {"next": following, "previous": None},
            "data": [self.vimeo.shown(identity) for identity in chosen],
        }  # fmt: skip

    def _create(self, video: str, asked: dict[str, Any]) -> tuple[int, Any]:
        missing = [key for key in ("type", "language", "name") if not asked.get(key)]
        if asked.get("language") == "xx":
            missing = ["language"]
        if missing:
            wrong = [{"field": key, "error": "Invalid value.", "error_code": 2204} for key in missing]
            return 400, {
                "error": "The parameters passed were invalid.",
                "error_code": 2204,
                "invalid_parameters": wrong,
            }
        identity = self.vimeo.add_track(video, asked["language"], asked["name"], None, active=False)
        self._change(identity, {"active": asked.get("active", False)})
        return 201, self.vimeo.shown(identity)

    def _change(self, identity: str, asked: dict[str, Any]) -> None:
        track = self.vimeo.tracks[identity]
        track.update({key: asked[key] for key in ("active", "name", "language") if key in asked})
        if asked.get("active"):
            for other, each in self.vimeo.tracks.items():
                if other != identity and (each["video"], each["language"]) == (track["video"], track["language"]):
                    each["active"] = False

    def _file(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        identity = path.removeprefix("/captions/").removesuffix(".vtt")
        track = self.vimeo.tracks.get(identity)
        if track is None or query.get("sig") != [track["sig"]]:
            return 403, b"Forbidden"
        if self.command == "PUT":
            if identity in self.vimeo.files:
                return 403, b"The link was used."
            if not body.startswith(b"WEBVTT"):
                return 415, b"Unsupported"
            if self.vimeo.keeps_files:
                self.vimeo.files[identity] = body
            return 200, b""
        return (200, self.vimeo.files[identity]) if identity in self.vimeo.files else (404, b"Not found")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def vimeo_server() -> Iterator[VimeoServer]:
    """The server, on a port of this machine, until the block ends."""
    vimeo = VimeoServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"vimeo": vimeo}))
    server.daemon_threads = True
    vimeo.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield vimeo
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
