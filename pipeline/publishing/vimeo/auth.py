"""Signing in to Vimeo: a personal access token, which a person makes on Vimeo's page for developers and pastes."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import datetime, timezone

from pipeline.errors import PlatformError
from pipeline.publishing.base import BusyError, Setup, SignInError
from pipeline.publishing.credentials import signed_out
from pipeline.publishing.vimeo.client import NAME, TITLE, Client

VARIABLE = "ZIMU_VIMEO_TOKEN"
"""The variable that holds a token; it comes before one that was pasted."""
SCOPES = ("private", "edit", "upload", "delete")
"""What a token must allow: seeing private videos, adding, changing and removing text tracks."""
_PAGE = "https://developer.vimeo.com/apps"
_HOW = (
    f"On {_PAGE} make an app, then an access token for yourself (“Authenticated (you)”) with the scopes "
    f"{', '.join(SCOPES)}. docs/publishing.md has the steps."
)


def token(setup: Setup) -> str:
    """The token of the variable, or the one that was pasted.

    Raises:
        SignInError: there is none.
    """
    if said := os.environ.get(VARIABLE, "").strip():
        return said
    kept = setup.vault.read(NAME)
    if kept is None or not kept.get("token"):
        raise signed_out(NAME, TITLE)
    return str(kept["token"])


def sign_in(setup: Setup) -> str:
    """Take a token from the variable or a person, see whose it is and what it allows, and keep it.

    Raises:
        SignInError: it is none, or lacks a scope.
        PlatformError: Vimeo can't be asked.
    """
    said = os.environ.get(VARIABLE, "").strip()
    pasted = said or _ask()
    if not pasted or not pasted.isascii() or not pasted.isprintable() or " " in pasted:
        raise SignInError("That is no access token.", remedy=_HOW)
    client = Client(pasted, endpoint=setup.endpoint, timeout_s=setup.timeout_s)
    try:
        account = _account(client)
        missing = _missing(client)
    finally:
        client.close()
    if missing:
        raise SignInError(f"The token lacks {', '.join(missing)}.", remedy=_HOW)
    if said:
        setup.reporter.info(f"The token of {VARIABLE} is used as long as that is set; nothing was kept.")
        return account
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    where = setup.vault.write(NAME, {"token": pasted, "account": account, "at": at})
    setup.reporter.info(f"The sign-in is kept in {where}.")
    return account


def _ask() -> str:
    """A token that is pasted, unseen; or the first row of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{_HOW}\nPaste the token (it is not shown): ").strip()
    return sys.stdin.readline().strip()


def _account(client: Client) -> str:
    try:
        found = client.ask("GET", "/me", "the token", params={"fields": "name,uri"})
    except BusyError:
        raise
    except PlatformError as error:
        raise SignInError("Vimeo does not accept the token.", remedy=_HOW) from error
    return str(found.get("name") or found.get("uri") or "")


def _missing(client: Client) -> list[str]:
    """The scopes that a token lacks."""
    allowed = str(client.ask("GET", "/oauth/verify", "the token").get("scope", "")).split()
    return [scope for scope in SCOPES if scope not in allowed]
