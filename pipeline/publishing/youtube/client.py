"""The connection to YouTube's Data API: Google's client on one socket, and what its refusals mean.

Errors by call: https://developers.google.com/youtube/v3/docs/errors
"""

from __future__ import annotations

import functools
import http.client
import json
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

import google.auth.exceptions
import google_auth_httplib2
import googleapiclient
import httplib2
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaUpload

from pipeline.errors import PlatformError
from pipeline.publishing.base import BusyError, ExistsError, GoneError, QuotaError, SignInError
from pipeline.publishing.endpoints import checked_endpoint

T = TypeVar("T")
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
AGAIN = "Sign in again: zimu auth youtube."
SEVEN_DAYS = (
    f"{AGAIN} While the Google Cloud project's consent screen is in “Testing”, Google ends every sign-in after seven "
    "days: publish the app there (“In production”) to stay signed in."
)
_QUOTA = ("quotaExceeded", "dailyLimitExceeded")
_BUSY = ("rateLimitExceeded", "userRateLimitExceeded", "backendError", "internalError", "SERVICE_UNAVAILABLE")
_LOST = (OSError, httplib2.HttpLib2Error, http.client.HTTPException, google.auth.exceptions.TransportError)


def connect(credentials: Credentials, *, endpoint: str, timeout_s: float) -> Any:
    """Google's client for the Data API, by the description that comes with it: nothing is asked yet.

    Arguments:
        endpoint: instead of Google's own address; https, or this machine.

    Raises:
        UsageError: the endpoint is neither.
    """
    document = json.loads(_document())
    if endpoint:
        url = checked_endpoint(endpoint)
        document["rootUrl"] = document["baseUrl"] = url
        document.pop("mtlsRootUrl", None)
    wire = httplib2.Http(timeout=timeout_s)
    # 308 is how a resumable upload is told to go on, and no redirection.
    wire.redirect_codes = wire.redirect_codes - {308}
    return build_from_document(document, http=google_auth_httplib2.AuthorizedHttp(credentials, http=wire))


def ask(what: str, request: Callable[[], T]) -> T:
    """Send a request of the client's.

    Arguments:
        what: what it is about, for errors: a video, a track.

    Raises:
        PlatformError: it was refused: which kind says what can be done.
    """
    try:
        return request()
    except HttpError as error:
        raise refusal(error, what) from error
    except google.auth.exceptions.RefreshError as error:
        raise SignInError("The sign-in to YouTube has expired, or was revoked.", remedy=SEVEN_DAYS) from error
    except _LOST as error:
        raise BusyError(
            f"The connection to YouTube was lost ({type(error).__name__}).",
            where=what,
            remedy="See that this machine reaches it, and run the same command again.",
        ) from error


def refusal(error: HttpError, what: str) -> PlatformError:
    """What a refusal means."""
    status, reason, said = error.status_code, reason_of(error), _plain(error.reason)
    told = f"{said} ({reason or status})" if said else reason or str(status)
    if status == 401:
        return SignInError(f"YouTube does not accept the sign-in: {told}.", remedy=SEVEN_DAYS)
    if reason in _QUOTA:
        return QuotaError("YouTube's quota for today is used up.")
    if status == 429 or status >= 500 or reason in _BUSY:
        busy = BusyError(f"YouTube can't answer now: {told}.", where=what, remedy="Run the same command again later.")
        busy.after_s = _retry_after(error.resp.get("retry-after", ""))
        return busy
    if status == 409:
        return ExistsError("The video has a track of that language and name already.", where=what)
    if reason == "captionNotFound":
        return GoneError("The track is not there any more.", where=what)
    if status == 404:
        return PlatformError("YouTube has no such video.", where=what, remedy="Correct publish.videos.youtube.")
    if reason == "insufficientPermissions":
        return SignInError("The sign-in to YouTube does not cover subtitles.", remedy=AGAIN)
    if reason in ("accessNotConfigured", "SERVICE_DISABLED"):
        return PlatformError(
            "The Google Cloud project may not use YouTube.",
            remedy="Enable the “YouTube Data API v3” for it in the Google Cloud console.",
        )
    if status == 403:
        return SignInError(
            f"YouTube does not let this account do that: {told}.",
            where=what,
            remedy="Sign in as the channel that the video belongs to: zimu auth youtube.",
        )
    return PlatformError(f"YouTube refused it: {told}.", where=what, remedy="Correct it, and publish again.")


def reason_of(error: HttpError) -> str:
    """The API's own word for a refusal, as `quotaExceeded`."""
    details = error.error_details
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return str(details[0].get("reason", ""))
    return ""


class Bytes(MediaUpload):  # type: ignore[misc]  # the library has no types
    """A file in memory for a resumable upload, each part of which can be read again after a cut.

    The library's own class hands a stream to the transport, which can't repeat it.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def chunksize(self) -> int:
        # More than 0 also for an empty file; subtitles are sent whole.
        return len(self._data) + 1

    def mimetype(self) -> str:
        return "application/octet-stream"

    def size(self) -> int:
        return len(self._data)

    def resumable(self) -> bool:
        return True

    def getbytes(self, begin: int, length: int) -> bytes:
        return self._data[begin : begin + length]


def upload(request: Any, what: str, *, resumptions: int = 3) -> dict[str, Any]:
    """Send a resumable upload; one that is cut goes on where the server says that it is.

    Raises:
        PlatformError: it was refused, or cut too often: then it may have arrived or not.
    """
    left = resumptions
    while True:
        try:
            _, answer = ask(what, request.next_chunk)
        except BusyError:
            # Before there is an address to go on at, nothing has been sent that could be gone on with.
            if not left or request.resumable_uri is None:
                raise
            left -= 1
            continue
        if answer is not None:
            result: dict[str, Any] = answer
            return result


@functools.cache
def _document() -> str:
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    return (folder / "youtube.v3.json").read_text(encoding="utf-8")


def _retry_after(value: str) -> float:
    """Seconds of a Retry-After header, which is a number or a date; 0 where it is neither."""
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return max(0.0, (when - datetime.now(timezone.utc)).total_seconds())


def _plain(text: str) -> str:
    """A server's words on one line, without what a terminal would obey, and without markup."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split()).rstrip(".")[:300]
