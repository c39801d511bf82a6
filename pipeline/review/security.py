"""What keeps strangers out: hosts, sessions, tokens of forms, headers, the size of what is sent.

request -> Guard (host, origin, size; headers of the answer) -> route -> `person` (session, token of writes)
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import HTTPException
from platformdirs import user_state_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_COOKIE = "zimu-session"
SAFE = ("GET", "HEAD", "OPTIONS")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# OWASP Secure Headers Project, for pages that load nothing from elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    # Not no-referrer: with that, browsers send forms with the origin "null".
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in, and under which names the server is called.

    Attributes:
        host: the address that it binds.
        hosts: more names that browsers may call it by, as behind a proxy.
        token: the one that all share; empty: none.
        https: browsers reach it by https: cookies go over nothing else.
    """

    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    token: str = ""
    https: bool = False

    @property
    def is_local(self) -> bool:
        """Only programs on this machine reach it, and no proxy is known of."""
        return is_loopback(self.host) and not self.hosts

    def knows(self, header: str) -> bool:
        """Whether a Host header names this server: a page of another name must not reach it (DNS rebinding)."""
        name = _hostname(header)
        if name in _LOOPBACK or name in {_hostname(host) for host in (self.host, *self.hosts)}:
            return True
        if is_loopback(self.host):
            return False
        # An address as a number can't be rebound.
        return _is_address(name) or name in (socket.gethostname().casefold(), socket.getfqdn().casefold())


class Keys:
    """Signs sessions and the tokens of forms with this machine's key for the workspace."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, *parts: str) -> str:
        """A signature that nobody else can make, hexadecimal."""
        message = "\x00".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def seal(self, name: str, mark: str) -> str:
        """A session's cookie; `mark` changes with what the person signed in with."""
        body = "\x00".join((name, mark, str(int(time.time())), secrets.token_hex(8)))
        coded = urlsafe_b64encode(body.encode()).decode()
        return f"{coded}.{self.sign('session', coded)}"

    def unseal(self, cookie: str, max_age_s: float) -> tuple[str, str] | None:
        """(name, mark) of a session's cookie; None if it is not ours, or too old."""
        coded, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self.sign("session", coded).encode()):
            return None
        with suppress(ValueError):
            name, mark, began, _ = urlsafe_b64decode(coded).decode().split("\x00")
            if time.time() - int(began) <= max_age_s:
                return name, mark
        return None

    def csrf(self, cookie: str) -> str:
        """The token that writes of a session must carry."""
        return self.sign("csrf", cookie)


def load_keys(workspace: Path) -> Keys:
    """The machine's key for a workspace, made at the first time: sessions outlive the server.

    It lies in the user's own folder for state, readable by nobody else. Where that can't be written, sessions end
    with the server.
    """
    name = hashlib.sha256(str(workspace).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    try:
        folder = user_state_path("zimu") / "review"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        with suppress(FileExistsError):
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError:
        key = b""
    return Keys(key if len(key) == 32 else secrets.token_bytes(32))


class Guard:
    """Stands before the application: refuses what is not for it, and puts its headers on every answer."""

    def __init__(self, app: ASGIApp, *, access: Access, max_body: int, max_upload: int, uploads: Sequence[str]) -> None:
        self._app = app
        self._access = access
        self._limits = (max_body, max_upload)
        self._uploads = tuple(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":  # There are none here.
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        wrapped = _headed(send, nonce, scope["path"])
        headers = Headers(scope=scope)
        if refused := self._refusal(scope, headers):
            await refused(scope, receive, wrapped)
            return
        limit = self._limits[scope["path"] in self._uploads]
        counted = _Counted(receive, limit)
        if int(headers.get("content-length") or 0) > limit:
            await _refuse(413, *counted.words)(scope, receive, wrapped)
            return
        await self._app(scope, counted, wrapped)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._access.knows(host):
            return _refuse(
                421,
                "This server is not known by that name.",
                "Open it by the address that zimu review printed, or add the name to review.hosts.",
            )
        length = headers.get("content-length") or "0"
        if not length.isascii() or not length.isdigit():
            return _refuse(400, "The length of what was sent is no number.", "Load the page again.")
        if scope["method"] in SAFE:
            return None
        if scope["method"] not in ("POST", "PUT", "DELETE"):
            return _refuse(405, "There is nothing of that kind.", "Load the page again.")
        if not _same_origin(headers.getlist("origin"), host):
            return _refuse(403, "The request does not come from this server's own page.", "Load the page again.")
        return None


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach an address."""
    name = _hostname(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Attempts:
    """How often somebody failed to sign in lately: guessing is slowed down."""

    def __init__(self, *, limit: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._window_s, self._clock = limit, window_s, clock
        self._failures: dict[str, list[float]] = {}

    def may_try(self, address: str) -> bool:
        """Whether an address may try now."""
        since = self._clock() - self._window_s
        recent = [at for at in self._failures.get(address, ()) if at > since]
        if recent:
            self._failures[address] = recent
        else:
            self._failures.pop(address, None)
        return len(recent) < self._limit

    def failed(self, address: str) -> None:
        """Note a failure."""
        if len(self._failures) > 10_000:
            self._failures.clear()
        self._failures.setdefault(address, []).append(self._clock())


class _Counted:
    """Receives no more than the limit, whatever the header said."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit, self._seen = receive, limit, 0

    @property
    def words(self) -> tuple[str, str]:
        return f"More was sent than the {self._limit:,} bytes that are taken.", "Send less, or raise the setting."

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                raise TooMuchError(*self.words)
        return message


class TooMuchError(HTTPException):
    """More was sent than is taken. FastAPI lets only exceptions of its own through while it reads."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(413, what)
        self.remedy = remedy


def _headed(send: Send, nonce: str, path: str) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["content-security-policy"] = _POLICY.format(nonce=nonce)
            if "cache-control" not in headers:
                headers["cache-control"] = "no-cache" if path.startswith("/static/") else "no-store"
        await send(message)

    return headed


def _refuse(status: int, what: str, remedy: str) -> JSONResponse:
    return JSONResponse({"error": what, "where": "", "remedy": remedy}, status)


def _same_origin(origins: Sequence[str], host: str) -> bool:
    """Browsers send the origin with every write; who sends none is no browser's page."""
    if len(origins) != 1:
        return False
    parts = urlsplit(origins[0])
    return parts.scheme in ("http", "https") and parts.netloc.casefold() == host.casefold()


def _hostname(header: str) -> str:
    """The name in a Host header, without its port."""
    text = header.strip().casefold()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text if text.count(":") > 1 else text.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def cookie_options(access: Access) -> Mapping[str, object]:
    """How every cookie of a session is set."""
    return {"httponly": True, "samesite": "strict", "secure": access.https, "path": "/"}
