"""Fetching a model's files from a hub in the Hugging Face layout.

huggingface_hub knows addresses, tokens and metadata. The bytes are streamed here: its own download waits through
several retries on a dead host, and begins from nothing after an interruption.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as DeadlineError
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.models.catalogue import HubSource, ModelFile
from pipeline.models.partial import DamagedError, PartialFile, Progress, SourceError

if TYPE_CHECKING:
    import httpx
    from huggingface_hub import HfFileMetadata

T = TypeVar("T")

_READ_TIMEOUT_S = 30.0
_ATTEMPTS_WITHOUT_A_BYTE = 2
_PAUSE_S = 0.5
_SHA256 = re.compile(r"[0-9a-f]{64}")


def default_endpoint() -> str:
    """Address of the hub: `HF_ENDPOINT` where it is set, else huggingface_hub's own."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def fetch_from_hub(
    source: HubSource,
    files: Sequence[ModelFile],
    partial_folder: Path,
    target_folder: Path,
    progress: Progress,
    *,
    endpoint: str,
    timeout_s: float,
) -> None:
    """Bring `files`, each verified, to `target_folder`; an interrupted file goes on where it stopped.

    Raises:
        SourceError: the hub is out of reach within `timeout_s`, or does not have them as the catalogue says.
    """
    from huggingface_hub import hf_hub_url

    for file in files:
        url = hf_hub_url(source.repo, file.name, revision=source.revision, endpoint=endpoint)
        _check_offer(_ask(url, endpoint, timeout_s), file)
        with PartialFile(partial_folder / file.name, file) as part:
            part.resume(whole_parts=False)
            progress.file(file.name, part.size)
            _download(url, part, progress, timeout_s)
            part.commit(target_folder / file.name)


def _ask(url: str, endpoint: str, timeout_s: float) -> HfFileMetadata:
    from huggingface_hub import get_hf_file_metadata

    return _within(timeout_s, lambda: get_hf_file_metadata(url, timeout=timeout_s, endpoint=endpoint))


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns. Name look-up and a host's many addresses are not under a client's timeout, this is."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  (handed to the waiting thread, which judges it)
            future.set_exception(error)

    threading.Thread(target=work, daemon=True, name="hub").start()
    try:
        error = future.exception(timeout=seconds)
    except DeadlineError:
        raise SourceError(f"no answer within {seconds:g} s", unreachable=True) from None
    if isinstance(error, Exception):
        # The classes of network errors change with the HTTP client of huggingface_hub's version.
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise SourceError(_one_line(error), unreachable=status is None) from error
    return future.result()


def _check_offer(offer: HfFileMetadata, file: ModelFile) -> None:
    if offer.size is not None and offer.size != file.bytes:
        raise DamagedError(f"{file.name} has {offer.size} bytes there, {file.bytes} in the catalogue")
    if offer.etag and _SHA256.fullmatch(offer.etag) and offer.etag != file.sha256:
        raise DamagedError(f"{file.name} has another SHA-256 there than in the catalogue")


def _download(url: str, part: PartialFile, progress: Progress, timeout_s: float) -> None:
    import httpx

    # A redirect to another host loses the token: httpx drops Authorization across origins.
    timeout = httpx.Timeout(_READ_TIMEOUT_S, connect=timeout_s)
    try:
        client = httpx.Client(follow_redirects=True, timeout=timeout, headers=_headers())
    except (ImportError, ValueError) as error:  # a proxy in the environment that httpx can't use
        raise SourceError(_one_line(error), unreachable=True) from error
    with client:
        attempts = 0
        while part.size < part.file.bytes:
            before, reason = part.size, "it ended early"
            try:
                _stream(client, url, part, progress)
            except httpx.HTTPError as error:
                reason = _one_line(error)
            attempts = 0 if part.size > before else attempts + 1
            if attempts >= _ATTEMPTS_WITHOUT_A_BYTE:
                raise SourceError(f"{part.file.name} broke off at {part.size} bytes: {reason}")
            if part.size < part.file.bytes:
                time.sleep(_PAUSE_S)


def _headers() -> dict[str, str]:
    from huggingface_hub import get_token

    token = get_token()
    return {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})


def _stream(client: httpx.Client, url: str, part: PartialFile, progress: Progress) -> None:
    headers = {"Range": f"bytes={part.size}-"} if part.size else {}
    with client.stream("GET", url, headers=headers) as response:
        goes_on = response.status_code == 206 and _starts_at(response, part.size)
        if response.status_code == 416 or (response.status_code in (200, 206) and not goes_on and part.size):
            part.restart()
        if response.status_code in (206, 416) and not goes_on:
            return
        if response.status_code not in (200, 206):
            raise SourceError(f"{part.file.name}: HTTP {response.status_code}")
        for chunk in response.iter_bytes():  # as they come: a chunk half filled would be lost with the line
            part.write(chunk)
            progress.file(part.file.name, part.size)


def _starts_at(response: httpx.Response, offset: int) -> bool:
    answered: str = response.headers.get("Content-Range", "")
    return answered.startswith(f"bytes {offset}-")


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:200].rstrip(".")
