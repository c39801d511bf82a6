"""Where a platform's interface is instead of its own address: what signs in goes there."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.errors import UsageError


def checked_endpoint(endpoint: str) -> str:
    """An endpoint with a slash at its end.

    Raises:
        UsageError: what signs in would go over the network unencrypted.
    """
    parts = urlsplit(endpoint)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise UsageError(
            f"publish.endpoints has {endpoint!r}.",
            remedy="Give an address that begins with https://, or this machine's.",
        )
    return endpoint if endpoint.endswith("/") else endpoint + "/"
