"""Signing in to YouTube: Google's flow for installed programs, which ends at an address of this machine."""

from __future__ import annotations

import json
import webbrowser
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import requests
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import OAuth2Error

from pipeline.errors import UsageError
from pipeline.publishing.base import Setup, SignInError
from pipeline.publishing.credentials import signed_out
from pipeline.publishing.youtube.client import SCOPE, ask, connect
from pipeline.publishing.youtube.languages import NAME, TITLE

# So long a person may take in the browser.
_PATIENCE_S = 600
_HOW = (
    "In the Google Cloud console make an OAuth client of the type “Desktop app” in a project with the “YouTube Data "
    "API v3”, download its JSON file, and give it: zimu auth youtube --client FILE. docs/publishing.md has the steps."
)
_DONE = "Zimu is signed in. This page can be closed."


def stored_credentials(setup: Setup) -> tuple[Credentials, dict[str, Any]]:
    """What a person's sign-in left, ready to use, and the account that it is of.

    Raises:
        SignInError: nobody is signed in.
    """
    kept = setup.vault.read(NAME)
    if kept is None or not kept.get("refresh_token"):
        raise signed_out(NAME, TITLE)
    client = kept.get("client", {})
    credentials = Credentials(
        token=None,
        refresh_token=kept["refresh_token"],
        token_uri=client.get("token_uri"),
        client_id=client.get("client_id"),
        client_secret=client.get("client_secret"),
        scopes=[SCOPE],
    )
    return credentials, {"id": kept.get("channel", ""), "title": kept.get("account", "")}


def sign_in(setup: Setup) -> str:
    """Let a person sign in in the browser; returns the channel's title.

    Raises:
        UsageError: the file of the OAuth client is missing or of another kind.
        SignInError: it was refused, took too long, or the account has no channel.
    """
    client = _client(setup)
    flow = InstalledAppFlow.from_client_config({"installed": client}, [SCOPE])
    try:
        credentials = _flow(flow, open_browser=setup.open_browser)
    except WSGITimeoutError as error:
        raise SignInError("Nobody signed in.", remedy="Run zimu auth youtube again.") from error
    except (OAuth2Error, Warning) as error:  # oauthlib raises a Warning where other permissions were given
        said = getattr(error, "error", "") or "other permissions were given"
        raise SignInError(
            f"Google refused the sign-in ({said}).", remedy="Run zimu auth youtube again, and allow what it asks for."
        ) from error
    except (requests.RequestException, OSError) as error:
        raise SignInError(
            f"Google could not be reached ({type(error).__name__}).", remedy="See that this machine reaches it."
        ) from error
    channel = _channel(credentials, setup)
    where = setup.vault.write(
        NAME,
        {
            "client": client,
            "refresh_token": credentials.refresh_token,
            "channel": channel["id"],
            "account": channel["title"],
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        },
    )
    setup.reporter.info(f"The sign-in is kept in {where}.")
    return str(channel["title"])


def _flow(flow: InstalledAppFlow, *, open_browser: bool) -> Credentials:
    def run(*, browser: bool) -> Credentials:
        return flow.run_local_server(
            host="127.0.0.1",
            port=0,
            open_browser=browser,
            authorization_prompt_message="Sign in at this address, as the channel's owner:\n{url}",
            success_message=_DONE,
            timeout_seconds=_PATIENCE_S,
            # Without it Google gives no refresh token to somebody who has signed in before.
            prompt="consent select_account",
        )

    try:
        return run(browser=open_browser)
    except webbrowser.Error:  # there is none on this machine
        return run(browser=False)


def _client(setup: Setup) -> dict[str, Any]:
    """The program as Google knows it: of the file that is given, else of the last sign-in."""
    if setup.client is None:
        kept = setup.vault.read(NAME)
        if kept is None or "client" not in kept:
            raise UsageError("Google must know the program that signs in.", remedy=_HOW)
        known: dict[str, Any] = kept["client"]
        return known
    client = _read_client(setup.client)
    missing = [key for key in ("client_id", "client_secret", "auth_uri", "token_uri") if not client.get(key)]
    if missing:
        raise UsageError(f"The file lacks {', '.join(missing)}.", where=setup.client, remedy=_HOW)
    return client


def _read_client(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError("The file of the OAuth client can't be read.", where=file, remedy=_HOW) from error
    if not isinstance(content, dict) or not isinstance(content.get("installed"), dict):
        kind = next(iter(content), "") if isinstance(content, dict) else ""
        what = f"It is of the type “{kind}”" if kind in ("web", "type") else "It is no file of an OAuth client"
        raise UsageError(f"{what}, not of “Desktop app”.", where=file, remedy=_HOW)
    client: dict[str, Any] = content["installed"]
    return client


def _channel(credentials: Credentials, setup: Setup) -> dict[str, str]:
    """The channel that somebody signed in as."""
    youtube = connect(credentials, endpoint=setup.endpoint, timeout_s=setup.timeout_s)
    try:
        answer = ask("the channel", youtube.channels().list(part="snippet", mine=True).execute)
    finally:
        youtube.close()
    items = answer.get("items", [])
    if not items:
        raise SignInError(
            "The account has no YouTube channel.", remedy="Sign in as the channel that the videos belong to."
        )
    return {"id": items[0]["id"], "title": items[0]["snippet"]["title"]}
