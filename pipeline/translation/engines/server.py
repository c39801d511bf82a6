"""A server that speaks the OpenAI chat protocol: llama.cpp, Ollama, vLLM or a cloud."""

from __future__ import annotations

import email.utils
import json
import os
import random
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipeline.errors import PlatformError, UsageError
from pipeline.translation.engines.base import EngineUnavailableError
from pipeline.translation.engines.budget import Usage
from pipeline.translation.engines.llm import Completion, RefusedError

KEYRING_SERVICE = "zimu"
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MAX_BACKOFF_S = 30.0
_MAX_ANSWER_BYTES = 10_000_000  # a translation has some thousands
_SPENT = ("insufficient_quota", "billing", "exceeded your current quota", "insufficient balance", "arrearage")
_CONTENT = ("content_filter", "content_policy", "content policy", "datainspectionfailed", "sensitive")


def find_key(variable: str, base_url: str) -> str:
    """The server's key: from the environment variable, else from the system's key ring; empty if there is none.

    The key ring's entry has the service `zimu` and the server's host as user name.
    """
    if key := os.environ.get(variable, "").strip():
        return key
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(KEYRING_SERVICE, urlsplit(base_url).hostname or "") or ""
    except keyring.errors.KeyringError:  # No key ring on this machine: a local server needs no key.
        return ""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    retry_after: str


class ServerModel:
    """A model of a server; several threads may ask it at once.

    Arguments:
        base_url: with its version, as `http://127.0.0.1:11434/v1`.
        key: never shown or stored; empty for a server that asks for none.
        timeout_s: for the whole answer, and for a silence within it; a connection is given a fifth of it, ten seconds
            at most.
        retries: how often a busy or failing server is asked again.
        backoff_s: the first pause; it doubles each time, with a random part.
        max_wait_s: the longest pause that a server's Retry-After is followed for; all threads keep it.

    Raises:
        UsageError: the address is not http or https.
    """

    next_token = None

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str,
        temperature: float,
        seed: int,
        timeout_s: float,
        retries: int,
        backoff_s: float,
        max_wait_s: float,
    ) -> None:
        if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
            raise UsageError(
                f"The server's address {base_url!r} is not a URL.",
                remedy="Set server.base_url to something like http://127.0.0.1:11434/v1.",
            )
        self._key = key
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._options: dict[str, Any] = {"temperature": temperature, "seed": seed}
        self._retries = retries
        self._backoff_s = backoff_s
        self._max_wait_s = max_wait_s
        self._timeout_s = timeout_s
        self._formats = ["json_schema", "json_object", "none"]
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_s, connect=min(10.0, timeout_s / 5)),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            follow_redirects=False,
        )
        self.identity = f"{base_url} {model} seed={seed} temperature={temperature}"

    def complete(self, system: str, user: str, schema: dict[str, Any], max_tokens: int) -> Completion:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "max_tokens": max_tokens,
            **self._options,
        }
        while True:
            kind = self._formats[0]
            answer = self._post({**body, **_response_format(kind, schema)})
            # Older servers know only plain answers: ask for less, and remember it.
            if answer.status != 400 or "response_format" not in answer.text or kind == self._formats[-1]:
                break
            with self._lock:
                if self._formats[0] == kind:  # no other thread was told the same
                    self._formats.pop(0)
        if answer.status != 200:
            raise self._refusal(answer)
        return _completion(answer)

    def close(self) -> None:
        self._client.close()

    def _post(self, body: dict[str, Any]) -> _Answer:
        """The answer, after retries; its status is not one that a retry would mend."""
        for attempt in range(self._retries + 1):
            reason, wait = "", None
            time.sleep(max(0.0, self._not_before - time.monotonic()))
            try:
                answer = self._send(body)
            except (httpx.TransportError, httpx.DecodingError) as error:
                reason = _transport_reason(error)
            else:
                if answer.status not in _RETRYABLE or _says(answer, _SPENT):
                    return answer
                reason, wait = f"it answered {answer.status}", _retry_after(answer.retry_after)
            if attempt == self._retries or (wait or 0) > self._max_wait_s:
                break
            pause = min(self._backoff_s * 2**attempt, _MAX_BACKOFF_S)
            if wait is None:
                time.sleep(pause * (0.5 + random.random()))
            else:  # All threads wait, and not one like the other: who asks at the same moment is refused again.
                with self._lock:
                    self._not_before = max(self._not_before, time.monotonic() + wait)
                time.sleep(wait + random.random() * pause)
        raise EngineUnavailableError(
            f"The translation server can't be used: {reason}.",
            where=self._url,
            remedy="See that it runs and that server.base_url is right, or run again later.",
        )

    def _send(self, body: dict[str, Any]) -> _Answer:
        """One request; an answer that drips in for longer than the time-out, or never ends, is given up on."""
        deadline = time.monotonic() + self._timeout_s
        received = bytearray()
        with self._client.stream("POST", self._url, json=body) as response:
            for chunk in response.iter_bytes():
                received += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the whole answer took too long")
                if len(received) > _MAX_ANSWER_BYTES:
                    raise httpx.RemoteProtocolError("the answer does not end")
            retry_after = response.headers.get("Retry-After", "").strip()
        return _Answer(response.status_code, received.decode("utf-8", "replace"), retry_after)

    def _refusal(self, answer: _Answer) -> Exception:
        status, said = answer.status, _message(answer, self._key)
        if _says(answer, _CONTENT):
            return RefusedError(said)
        if status in (401, 403):
            return PlatformError(
                f"The translation server refused the key ({status}): {said}",
                where=self._url,
                remedy="Set the environment variable named by server.key_variable, or the key ring's entry.",
            )
        if status in (402, 429):
            return PlatformError(
                f"The translation server's quota is spent: {said}",
                where=self._url,
                remedy="Top it up, or choose another engine: translate.engine.",
            )
        return PlatformError(
            f"The translation server refused the request ({status}): {said}",
            where=self._url,
            remedy="Check server.base_url and server.model.",
        )


def _response_format(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    if kind == "json_schema":
        schema_format = {"name": "answer", "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": schema_format}}
    return {"response_format": {"type": "json_object"}} if kind == "json_object" else {}


def _completion(answer: _Answer) -> Completion:
    """The completion; a body that is not the protocol's counts as cut, so that a smaller batch is tried."""
    try:
        body = json.loads(answer.text)
        choice = body["choices"][0]
        message = choice["message"]
        reason = choice.get("finish_reason")
        refusal, text = message.get("refusal"), message.get("content") or ""
        usage = _usage(body.get("usage"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Completion("", cut=True)
    if reason == "content_filter" or refusal:
        raise RefusedError(refusal or reason)
    return Completion(str(text), cut=reason == "length", usage=usage)


def _usage(said: object) -> Usage | None:
    """What the server counted, if it says so in numbers."""
    if not isinstance(said, dict):
        return None
    tokens_in, tokens_out = said.get("prompt_tokens"), said.get("completion_tokens")
    if not (isinstance(tokens_in, int) and isinstance(tokens_out, int) and min(tokens_in, tokens_out) >= 0):
        return None
    return Usage(1, tokens_in, tokens_out)


def _transport_reason(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time"
    return "it can't be reached" if isinstance(error, httpx.ConnectError) else "the connection broke"


def _retry_after(value: str) -> float | None:
    """Seconds the server asks to wait, from a number or a date; None if it does not say."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _says(answer: _Answer, signs: tuple[str, ...]) -> bool:
    return answer.status >= 400 and any(sign in answer.text[:4000].casefold() for sign in signs)


def _message(answer: _Answer, key: str) -> str:
    """The server's own words, one row, at most 200 characters, without the key that some servers repeat."""
    try:
        said = json.loads(answer.text)["error"]
        said = said["message"] if isinstance(said, dict) else said
    except (ValueError, KeyError, TypeError, RecursionError):
        said = answer.text
    said = str(said).replace(key, "…") if key else str(said)
    return " ".join(said.split())[:200]
