"""A server that behaves like YouTube's Data API v3 and Google's sign-in, over a real socket, and misbehaves on demand.

What it does is what the reference says (developers.google.com/youtube/v3/docs): resumable uploads, quota, one track a
language and name, parts that are overwritten whole, processing that takes a while.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

COSTS = {
    "videos.list": 1, "videos.update": 50, "captions.list": 50, "captions.insert": 400, "captions.update": 450,
    "captions.delete": 50, "captions.download": 200, "channels.list": 1,
}  # fmt: skip
CLIENT = {"client_id": "client-1", "client_secret": "client-secret-xyz"}


@dataclass
class Track:
    id: str
    video: str
    language: str
    name: str
    draft: bool
    data: bytes
    updated: str
    kind: str = "standard"
    status: str = "serving"
    reason: str = ""
    wait: int = 0  # lists until it is processed
    end: str = "serving"

    def json(self) -> dict[str, Any]:
        snippet: dict[str, Any] = {
            "videoId": self.video, "lastUpdated": self.updated, "trackKind": self.kind, "language": self.language,
            "name": self.name, "audioTrackType": "unknown", "isCC": False, "isLarge": False, "isEasyReader": False,
            "isDraft": self.draft, "isAutoSynced": False, "status": self.status,
        }  # fmt: skip
        if self.status == "failed":
            snippet["failureReason"] = self.reason
        return {"kind": "youtube#caption", "id": self.id, "snippet": snippet}


@dataclass
class Session:
    """An upload that was begun."""

    method: str
    body: dict[str, Any]
    part: str
    total: int
    data: bytes = b""
    track: Track | None = None  # once it is complete


@dataclass
class Fault:
    """A misbehaviour for the requests that it is for, so many times.

    Attributes:
        call: `captions.insert`, or `upload` for the bytes of a file.
        times: how often it happens.
        status, reason: answered in place of what was asked; 0: nothing is answered.
        after: what was asked is done before, and only the answer is lost.
        cut: of an upload so many bytes are taken, and then the connection is cut.
    """

    call: str
    times: int = 1
    status: int = 0
    reason: str = ""
    after: bool = False
    cut: int | None = None
    retry_after: str = ""
    removes: str = ""  # somebody deletes the track of this language just before


@dataclass
class State:
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    units: int = 0
    quota: int = 10_000
    tokens: set[str] = field(default_factory=set)
    revoked: bool = False
    channel: str = "UC-own"
    processing: int = 0  # lists until a new track is processed
    failing: str = ""  # and the reason for which it fails then
    kill: int = 0  # at this request the process in `victim` is killed
    kill_after: bool = True
    victim: int = 0
    seen: int = 0
    number: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)

    def next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def add_video(self, video: str, *, channel: str = "UC-own", duration: str = "PT14S", **snippet: Any) -> None:
        self.videos[video] = {
            "id": video,
            "snippet": {
                "channelId": channel,
                "channelTitle": "Zimu Channel" if channel == "UC-own" else "Someone Else",
                "title": "RISC-V 的故事",
                "description": "第一行\n第二行",
                "tags": ["riscv", "芯片"],
                "categoryId": "28",
                "publishedAt": "2026-01-01T00:00:00Z",
                **snippet,
            },
            "contentDetails": {"duration": duration},
        }

    def add_track(self, video: str, language: str, data: bytes, *, name: str = "", **more: Any) -> Track:
        track = Track(self.next("T"), video, language, name, False, data, self._moment(), **more)
        self.tracks[track.id] = track
        return track

    def edit(self, track: Track, data: bytes) -> None:
        """Somebody changes a track in YouTube Studio."""
        track.data, track.updated = data, self._moment()

    def of(self, language: str, name: str = "") -> list[Track]:
        return [each for each in self.tracks.values() if each.language == language and each.name == name]

    def fault(self, call: str) -> Fault | None:
        found = next((each for each in self.faults if each.call == call and each.times > 0), None)
        if found:
            found.times -= 1
        return found

    def _moment(self) -> str:
        self.number += 1
        return f"2026-01-01T00:{self.number // 60:02d}:{self.number % 60:02d}.000000Z"


class _Refused(Exception):  # noqa: N818
    def __init__(self, status: int, reason: str, message: str = "No.", retry_after: str = "") -> None:
        self.status, self.reason, self.message, self.retry_after = status, reason, message, retry_after


class _Cut(Exception):  # noqa: N818
    """The connection is dropped without an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: YouTubeServer  # type: ignore[assignment]

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        state = self.server.state
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        try:
            with state.lock:
                state.seen += 1
                mine = state.kill and state.seen == state.kill
                if mine and not state.kill_after:
                    self._kill()
                answer = self._route(url.path, query)
                if mine:
                    self._kill()
            self._answer(*answer)
        except _Refused as refused:
            error = {"code": refused.status, "message": refused.message, "errors": [
                {"message": refused.message, "domain": "youtube", "reason": refused.reason}]}  # fmt: skip
            headers = {"Retry-After": refused.retry_after} if refused.retry_after else {}
            self._answer(refused.status, headers, json.dumps({"error": error}).encode())
        except (_Cut, ConnectionError):
            self.close_connection = True
            self.connection.close()

    def _kill(self) -> None:
        os.kill(self.server.state.victim, signal.SIGKILL)
        raise _Cut

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if not any(key.casefold() == "content-type" for key in headers):
            self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _route(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path in ("/auth", "/token", "/grant"):
            return self._oauth(path, query)
        if path == "/session":
            return self._upload(query)
        call, run = self._call(path)
        body = self._body()
        self._authorised()
        state = self.server.state
        state.calls.append(call)
        state.requests.append({"call": call, "query": query, "body": json.loads(body) if body else None})
        state.units += COSTS[call]
        fault = state.fault(call)
        if fault and fault.removes:
            state.tracks = {key: each for key, each in state.tracks.items() if each.language != fault.removes}
        if fault and fault.after:
            run(query, body)
        if fault and fault.status:
            raise _Refused(fault.status, fault.reason, retry_after=fault.retry_after)
        if fault:
            raise _Cut
        if state.units > state.quota:
            raise _Refused(403, "quotaExceeded", 'The request exceeded your <a href="/x">quota</a>.')
        return run(query, body)

    def _call(self, path: str) -> tuple[str, Callable[..., tuple[int, dict[str, str], bytes]]]:
        method = self.command
        single = re.fullmatch(r"/youtube/v3/captions/(\w+)", path)
        if single:
            return "captions.download", lambda query, body: self._download(single[1], query)
        table = {
            ("GET", "/youtube/v3/videos"): ("videos.list", self._videos),
            ("PUT", "/youtube/v3/videos"): ("videos.update", self._update_video),
            ("GET", "/youtube/v3/channels"): ("channels.list", self._channels),
            ("GET", "/youtube/v3/captions"): ("captions.list", self._list),
            ("DELETE", "/youtube/v3/captions"): ("captions.delete", self._delete),
            ("PUT", "/youtube/v3/captions"): ("captions.update", self._update_draft),
            ("POST", "/upload/youtube/v3/captions"): ("captions.insert", self._begin),
            ("PUT", "/upload/youtube/v3/captions"): ("captions.update", self._begin),
        }
        if (method, path) not in table:
            raise _Refused(404, "notFound")
        return table[method, path]

    def _authorised(self) -> None:
        said = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if said not in self.server.state.tokens:
            raise _Refused(401, "authError", "Invalid Credentials")

    def _oauth(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        state = self.server.state
        html = {"Content-Type": "text/html; charset=utf-8"}
        if path == "/auth":
            state.requests.append({"call": "auth", "query": query, "body": None})
            allow, deny = (f"/grant?{urlencode({**query, 'answer': answer})}" for answer in ("allow", "deny"))
            page = f'<title>Sign in</title><a id="allow" href="{allow}">Allow</a> <a id="deny" href="{deny}">Cancel</a>'
            return 200, html, page.encode()
        if path == "/grant":
            if query["answer"] == "deny":
                told = {"error": "access_denied", "state": query["state"]}
            else:
                code = state.next("code-")
                state.codes[code] = query["code_challenge"]
                told = {"code": code, "state": query["state"], "scope": query["scope"]}
            return 302, {"Location": f"{query['redirect_uri']}?{urlencode(told)}"}, b""
        form = {key: values[0] for key, values in parse_qs(self._body().decode()).items()}
        state.requests.append({"call": "token", "query": {}, "body": form})
        if form["grant_type"] == "authorization_code" and form["code"] not in state.codes:
            return 400, {}, b'{"error": "invalid_grant"}'
        if state.revoked and form["grant_type"] == "refresh_token":
            said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return 400, {}, json.dumps(said).encode()
        token = state.next("access-")
        state.tokens.add(token)
        answer = {"access_token": token, "expires_in": 3599, "token_type": "Bearer", "scope": form.get("scope", "")}
        answer["scope"] = "https://www.googleapis.com/auth/youtube.force-ssl"
        if form["grant_type"] == "authorization_code":
            answer["refresh_token"] = "refresh-secret-abc"
        return 200, {}, json.dumps(answer).encode()

    def _videos(self, query: dict[str, str], _: bytes) -> tuple[int, dict[str, str], bytes]:
        found = self.server.state.videos.get(query["id"])
        items = [{key: found[key] for key in ("id", *query["part"].split(",")) if key in found}] if found else []
        return _json({"items": items})

    def _update_video(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        said = json.loads(body)
        video = self.server.state.videos[said["id"]]
        snippet = said["snippet"]
        if not snippet.get("title") or not snippet.get("categoryId"):
            raise _Refused(400, "invalidVideoMetadata", "The request metadata is invalid.")
        if said.get("localizations") and not snippet.get("defaultLanguage"):
            raise _Refused(400, "defaultLanguageNotSet")
        for code, text in said.get("localizations", {}).items():
            if code in ("nb", "he") or len(text["title"]) > 100:
                raise _Refused(400, "invalidVideoMetadata", "The request metadata is invalid.")
        # A part is overwritten whole: what is not sent is gone.
        fixed = {key: video["snippet"][key] for key in ("channelId", "channelTitle", "publishedAt")}
        video["snippet"] = {**fixed, "description": "", **snippet}
        if "localizations" in query["part"]:
            video["localizations"] = said.get("localizations", {})
        return _json(video)

    def _channels(self, query: dict[str, str], _: bytes) -> tuple[int, dict[str, str], bytes]:
        own = self.server.state.channel
        return _json({"items": [{"id": own, "snippet": {"title": "Zimu Channel"}}] if own else []})

    def _list(self, query: dict[str, str], _: bytes) -> tuple[int, dict[str, str], bytes]:
        state = self.server.state
        video = query["videoId"]
        if video not in state.videos:
            raise _Refused(404, "videoNotFound")
        if state.videos[video]["snippet"]["channelId"] != state.channel:
            raise _Refused(403, "forbidden", "The permissions are not sufficient.")
        found = [track for track in state.tracks.values() if track.video == video]
        for track in found:
            if track.status == "syncing":
                track.wait -= 1
                if track.wait < 0:
                    track.status = track.end
        return _json({"items": [track.json() for track in found]})

    def _delete(self, query: dict[str, str], _: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.server.state.tracks.pop(query["id"], None) is None:
            raise _Refused(404, "captionNotFound")
        return 204, {}, b""

    def _download(self, track: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        found = self.server.state.tracks.get(track)
        if found is None:
            raise _Refused(404, "captionNotFound")
        # YouTube writes files anew: other line ends, and a blank row at the end.
        data = found.data.replace(b"\n", b"\r\n") + b"\r\n"
        return 200, {"Content-Type": "application/octet-stream"}, data

    def _update_draft(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        said = json.loads(body)
        track = self._existing(said)
        track.draft = bool(said["snippet"].get("isDraft", False))
        track.updated = self.server.state._moment()
        return _json(track.json())

    def _existing(self, said: dict[str, Any]) -> Track:
        track = self.server.state.tracks.get(said["id"])
        if track is None:
            raise _Refused(404, "captionNotFound")
        return track

    def _begin(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        state = self.server.state
        assert query["uploadType"] == "resumable", "only resumable uploads can be gone on with"
        assert "sync" not in query, "sync is not supported any more"
        said = json.loads(body)
        if self.command == "POST":
            snippet = said["snippet"]
            if snippet["videoId"] not in state.videos:
                raise _Refused(404, "videoNotFound")
            if len(snippet["name"]) > 150:
                raise _Refused(400, "nameTooLong")
            self._refuse_twin(snippet)
        else:
            self._existing(said)
        name = state.next("S")
        state.sessions[name] = Session(self.command, said, query["part"], int(self.headers["X-Upload-Content-Length"]))
        location = f"{self.server.url}session?upload_id={name}"
        return 200, {"Location": location, "Content-Type": "text/plain"}, b""

    def _refuse_twin(self, snippet: dict[str, Any]) -> None:
        twins = self.server.state.of(snippet["language"], snippet["name"])
        if any(each.video == snippet["videoId"] and each.kind == "standard" for each in twins):
            raise _Refused(409, "captionExists")

    def _upload(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        state = self.server.state
        session = state.sessions[query["upload_id"]]
        state.calls.append("upload")
        fault = state.fault("upload")
        length = int(self.headers.get("Content-Length") or 0)
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", self.headers["Content-Range"])
        assert found, self.headers["Content-Range"]
        cut = fault.cut if fault and fault.cut is not None else None
        sent = self.rfile.read(length if cut is None else min(cut, length))
        if fault and not fault.after and cut is None:
            if fault.status:
                raise _Refused(fault.status, fault.reason, retry_after=fault.retry_after)
            raise _Cut
        # Bytes that are there already are not taken twice, and those after a gap not at all.
        begin = int(found[1] or 0)
        if found[1] is not None and not session.track and begin <= len(session.data):
            session.data = session.data[:begin] + sent
        if cut is not None:
            raise _Cut
        if not session.track and len(session.data) < session.total:
            headers = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
            return 308, headers, b""
        if not session.track:
            session.track = self._finish(session)
        if fault:
            raise _Cut
        # Only the parts that were asked for are told.
        return _json({key: value for key, value in session.track.json().items() if key in ("kind", "id", session.part)})

    def _finish(self, session: Session) -> Track:
        state = self.server.state
        if session.method == "POST":
            snippet = session.body["snippet"]
            self._refuse_twin(snippet)
            track = state.add_track(snippet["videoId"], snippet["language"], session.data, name=snippet["name"])
            track.draft = bool(snippet.get("isDraft", False))
        else:
            track = self._existing(session.body)
            state.edit(track, session.data)
            if "snippet" in session.body:
                track.draft = bool(session.body["snippet"].get("isDraft", False))
        track.status, track.wait = "serving", 0
        if state.processing or state.failing:
            track.status, track.wait = "syncing", state.processing
            track.end, track.reason = ("failed", state.failing) if state.failing else ("serving", "")
        return track


def _json(value: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(value).encode()


class YouTubeServer(ThreadingHTTPServer):
    """Serves `state` on a free port of this machine, in a thread, for as long as a `with` block."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = State()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def client(self) -> dict[str, str]:
        """The program as it is registered with Google."""
        return {**CLIENT, "auth_uri": f"{self.url}auth", "token_uri": f"{self.url}token"}

    def __enter__(self) -> YouTubeServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        import traceback

        self.broken = traceback.format_exc()
