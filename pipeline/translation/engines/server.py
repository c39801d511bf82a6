"""A server that speaks the OpenAI chat protocol: llama.cpp, Ollama, vLLM or a cloud."""

from __future__ import annotations

import email.utils
import os
import random
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipeline.errors import PlatformError, UsageError
from pipeline.translation.engines.base import EngineUnavailableError
from pipeline.translation.engines.llm import Completion, RefusedError

KEYRING_SERVICE = "zimu"
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MAX_BACKOFF_S = 30.0
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


class ServerModel:
    """A model of a server.

    Arguments:
        base_url: with its version, as `http://127.0.0.1:11434/v1`.
        key: never shown or stored; empty for a server that asks for none.
        timeout_s: for the whole answer; a connection is given a fifth of it, ten seconds at most.
        retries: how often a busy or failing server is asked again.
        backoff_s: the first pause; it doubles each time, with a random part.
        max_wait_s: the longest pause that a server's Retry-After is followed for.

    Raises:
        UsageError: the address is not http or https.
    """

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
        self._formats = ["json_schema", "json_object", "none"]
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
            response = self._post({**body, **_response_format(self._formats[0], schema)})
            # Older servers know only plain answers: ask for less, and remember it.
            if response.status_code == 400 and "response_format" in response.text and len(self._formats) > 1:
                self._formats.pop(0)
                continue
            break
        if response.status_code >= 400:
            raise self._refusal(response)
        return _completion(response)

    def close(self) -> None:
        self._client.close()

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        """The response, after retries; its status is not one that a retry would mend."""
        for attempt in range(self._retries + 1):
            reason, wait = "", None
            try:
                response = self._client.post(self._url, json=body)
            except httpx.TransportError as error:
                reason = _transport_reason(error)
            else:
                if response.status_code not in _RETRYABLE or _says(response, _SPENT):
                    return response
                reason, wait = f"it answered {response.status_code}", _retry_after(response)
            if attempt == self._retries or (wait or 0) > self._max_wait_s:
                break
            pause = self._backoff_s * 2**attempt * (1 + random.random())
            time.sleep(wait if wait is not None else min(pause, _MAX_BACKOFF_S))
        raise EngineUnavailableError(
            f"The translation server can't be used: {reason}.",
            where=self._url,
            remedy="See that it runs and that server.base_url is right, or run again later.",
        )

    def _refusal(self, response: httpx.Response) -> Exception:
        status, said = response.status_code, _message(response, self._key)
        if _says(response, _CONTENT):
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


def _completion(response: httpx.Response) -> Completion:
    """The answer; a body that is not the protocol's counts as cut, so that a smaller batch is tried."""
    try:
        choice = response.json()["choices"][0]
        message = choice["message"]
        reason = choice.get("finish_reason")
        refusal, text = message.get("refusal"), message.get("content") or ""
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return Completion("", cut=True)
    if reason == "content_filter" or refusal:
        raise RefusedError(refusal or reason)
    return Completion(str(text), cut=reason == "length")


def _transport_reason(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time"
    return "it can't be reached" if isinstance(error, httpx.ConnectError) else "the connection broke"


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds the server asks to wait, from a number or a date; None if it does not say."""
    value = response.headers.get("Retry-After", "").strip()
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


def _says(response: httpx.Response, signs: tuple[str, ...]) -> bool:
    return response.status_code >= 400 and any(sign in response.text[:4000].casefold() for sign in signs)


def _message(response: httpx.Response, key: str) -> str:
    """The server's own words, one row, at most 200 characters, without the key that some servers repeat."""
    try:
        said = response.json()["error"]
        said = said["message"] if isinstance(said, dict) else said
    except (ValueError, KeyError, TypeError):
        said = response.text
    said = str(said).replace(key, "…") if key else str(said)
    return " ".join(said.split())[:200]
