"""Requests of Vimeo's API 3.4, and what its refusals mean."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipeline.errors import PlatformError
from pipeline.publishing.base import BusyError, GoneError, SignInError
from pipeline.publishing.endpoints import checked_endpoint

NAME, TITLE = "vimeo", "Vimeo"
ADDRESS = "https://api.vimeo.com"
_ACCEPT = "application/vnd.vimeo.*+json;version=3.4"
_MAX_FILE = 50_000_000
_MAX_SAID = 300
_NO_TRACK = (5014, 5015)  # error_code: no such text track; one of another video
SIGN_IN = "Sign in again: zimu auth vimeo."


class Client:
    """The account that a token is of.

    Arguments:
        endpoint: where the API is instead of `ADDRESS`; empty: there.

    Raises:
        UsageError: the endpoint is neither https nor this machine.
    """

    def __init__(self, token: str, *, endpoint: str = "", timeout_s: float) -> None:
        self._token = token
        self._address = checked_endpoint(endpoint or ADDRESS).rstrip("/")
        verify = httpx.create_ssl_context()  # reading the certificates takes a while: once for both
        self._api = httpx.Client(
            headers={"Authorization": f"Bearer {token}", "Accept": _ACCEPT, "User-Agent": "zimu"},
            timeout=timeout_s,
            verify=verify,
        )
        # Files lie elsewhere, behind signed addresses: the token is none of that host's business.
        self._files = httpx.Client(headers={"User-Agent": "zimu"}, timeout=timeout_s, verify=verify)
        self._left: int | None = None
        self._window_ends = 0.0

    def ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer to a request; empty where it has no content.

        Raises:
            SignInError: the token is refused, or may not do that. GoneError: there is no such text track.
            BusyError: too many requests, a failing server, a lost connection. PlatformError: anything else.
        """
        try:
            response = self._api.request(method, f"{self._address}{path}", json=body, params=params)
        except httpx.TransportError as error:
            raise _lost(error, what) from error
        self._count(response)
        if not response.is_success:
            raise self._refused(response, what)
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return {}
        found = _json(response)
        if found is None:
            raise BusyError("Vimeo's answer can't be understood.", where=what, remedy="Try again later.")
        return found

    def pages(self, path: str, what: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Everything that a list has, over all its pages."""
        answer = self.ask("GET", path, what, params=params)
        while True:
            yield from answer.get("data") or ()
            after = (answer.get("paging") or {}).get("next")
            if not after:
                return
            parts = urlsplit(str(after))  # it is followed on the API's own host, whatever it says
            answer = self.ask("GET", f"{parts.path}?{parts.query}", what)

    def ready(self, requests: int, what: str) -> None:
        """Raise BusyError where so many requests would go beyond what the account may ask for now."""
        wait = self._window_ends - time.time()
        if self._left is not None and self._left < requests and wait > 0:
            raise _busy("Vimeo takes no more requests for now.", what, wait)

    def put_file(self, link: str, data: bytes, what: str) -> None:
        """Put a file at an upload link.

        Raises:
            BusyError: it may have arrived, or not. PlatformError: it is refused.
        """
        self._check_link(link, what)
        try:
            response = self._files.put(link, content=data, headers={"Content-Type": "text/vtt"})
        except httpx.TransportError as error:
            raise _lost(error, what) from error
        if not response.is_success:
            raise self._refused(response, what, of_file=True)

    def get_file(self, link: str, what: str) -> bytes | None:
        """What lies at a link; None: nothing does, or not yet.

        Raises:
            BusyError: it can't be had now. PlatformError: it is too large to be a subtitle file.
        """
        self._check_link(link, what)
        data = bytearray()
        try:
            with self._files.stream("GET", link, follow_redirects=True) as response:
                if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    raise _busy(f"Vimeo does not give the file out now ({response.status_code}).", what, 0)
                if not response.is_success:
                    return None
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > _MAX_FILE:
                        raise PlatformError(
                            "Vimeo's file is too large for subtitles.", where=what, remedy="Look at it on Vimeo."
                        )
        except httpx.TransportError as error:
            raise _lost(error, what) from error
        return bytes(data)

    def close(self) -> None:
        """Give back the connections."""
        self._api.close()
        self._files.close()

    def _check_link(self, link: str, what: str) -> None:
        """Files are only sent and fetched as safely as the API itself is asked."""
        scheme = urlsplit(link).scheme
        if scheme != "https" and not (scheme == "http" and self._address.startswith("http://")):
            raise PlatformError("Vimeo gave an address for the file that is not safe.", where=what)

    def _count(self, response: httpx.Response) -> None:
        left = response.headers.get("X-RateLimit-Remaining", "")
        if left.isdecimal():
            self._left = int(left)
            self._window_ends = _moment(response.headers.get("X-RateLimit-Reset", ""))

    def _refused(self, response: httpx.Response, what: str, *, of_file: bool = False) -> PlatformError:
        status = response.status_code
        found = _json(response) or {}
        said = self._said(found)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return _busy("Vimeo got too many requests.", what, _asked_wait(response))
        if response.is_server_error or status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.CONFLICT):
            return _busy(f"Vimeo could not do it now ({status}).", what, _asked_wait(response))
        if of_file:
            return PlatformError(
                f"Vimeo does not take the file ({status}).",
                where=what,
                remedy="See that its times and texts are right.",
            )
        if status == httpx.codes.UNAUTHORIZED:
            return SignInError(f"Vimeo does not accept the token any more{said}.", where=what, remedy=SIGN_IN)
        if status == httpx.codes.FORBIDDEN:
            return _forbidden(said, what)
        if found.get("error_code") in _NO_TRACK:
            return GoneError(f"Vimeo has no such text track any more{said}.", where=what)
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return GoneError(f"Vimeo does not have it{said}.", where=what)
        return PlatformError(f"Vimeo refused it ({status}){said}.", where=what, remedy="See what it says of it.")

    def _said(self, found: Mapping[str, Any]) -> str:
        """What an error says for people, and which fields it is about; never the token."""
        words = str(found.get("error") or found.get("developer_message") or "")
        fields = [
            f"{each.get('field')}: {each.get('error') or each.get('developer_message')}"
            for each in found.get("invalid_parameters") or ()
            if isinstance(each, dict)
        ]
        told = " ".join(" ".join([words, *fields]).split()).replace(self._token, "…")[:_MAX_SAID].rstrip(". ")
        return f": {told}" if told else ""


def _forbidden(said: str, what: str) -> PlatformError:
    if "scope" in said.casefold():
        return SignInError(
            f"The token may not do that{said}.",
            where=what,
            remedy="Make a token with the scopes private, edit, upload and delete; then: zimu auth vimeo.",
        )
    return PlatformError(
        f"Vimeo does not allow it{said}.",
        where=what,
        remedy="See that the account that is signed in may edit the video.",
    )


def _lost(error: httpx.TransportError, what: str) -> BusyError:
    # The error's own text may have the address, and that a signature.
    return BusyError(
        f"Vimeo could not be reached, or the connection was lost ({type(error).__name__}).",
        where=what,
        remedy="See that this machine reaches it, and publish again.",
    )


def _busy(words: str, what: str, after_s: float) -> BusyError:
    error = BusyError(words, where=what, remedy="Publish again later; what is done already stays.")
    error.after_s = max(after_s, 0.0)
    return error


def _asked_wait(response: httpx.Response) -> float:
    """For how many seconds an answer asks to wait; 0: it does not say."""
    after = response.headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    if not after and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        after = response.headers.get("X-RateLimit-Reset", "")
    return max(_moment(after) - time.time(), 0.0)


def _moment(text: str) -> float:
    """Seconds since 1970 of a time as HTTP, ISO 8601 or Unix writes it; 0 where it is none."""
    if text.isdecimal():
        return float(text)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.replace("Z", "+00:00") if parse is datetime.fromisoformat else text)
        except (ValueError, TypeError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return 0.0


def _json(response: httpx.Response) -> dict[str, Any] | None:
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
