"""The command that serves the review page."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from pipeline.cli import options
from pipeline.cli.options import Assign, Debug, Offline
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.review import Access, Workspace

app = typer.Typer()
# A shared token that somebody chose must not be guessed.
_SHORTEST = 16
_GRACE_S = 3
# Longer than the pause between two words of a page about where its reader is: it need not connect anew for each.
_KEEP_ALIVE_S = 75


@app.command()
def review(
    folder: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="The workspace, or an episode in it.")] = Path(),
    host: Annotated[
        str | None, typer.Option("--host", help="The address to serve at. [default: 127.0.0.1]", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0: any that is free.", show_default=False)
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN",
            envvar="ZIMU_REVIEW_TOKEN",
            help="What all sign in with, under their names; new: make one. Or give people their own: zimu store add.",
            show_default=False,
            show_envvar=False,
        ),
    ] = None,
    assign: Assign = None,
    offline: Offline = False,
    debug: Debug = False,
) -> None:
    """Serve the page on which people correct and approve translations."""
    from pipeline.review import Access, Workspace

    flags = options.flags(assign, offline=offline)
    flags.setdefault("review", {}).update({} if host is None else {"host": host})
    flags["review"].update({} if port is None else {"port": port})
    workspace = Workspace(folder, flags)
    try:
        settings = workspace.settings.review
        shared = _token(token)
        access = Access(settings.host, settings.hosts, shared, https=settings.https)
        _refuse_open(workspace, access)
        if token == "new":
            typer.echo(f"Sign in with this token: {shared}")
        _serve(workspace, access, settings.port, _page(workspace, folder), open_page=open_page)
    finally:
        workspace.close()


def _token(token: str | None) -> str:
    if token == "new":
        return secrets.token_urlsafe(32)
    if token is not None and len(token) < _SHORTEST:
        raise UsageError(
            f"The token is shorter than {_SHORTEST} characters.",
            remedy="Give a longer one, or --token new to make one.",
        )
    return token or ""


def _refuse_open(workspace: Workspace, access: Access) -> None:
    """Nobody serves the world without a token by mistake."""
    people = any(person.active for person in workspace.store.people())
    if not (access.is_local or access.token or people):
        raise UsageError(
            f"At {access.host} others could change the translations without signing in.",
            remedy="Give --token new, or people their own tokens: zimu store add NAME.",
        )


def _page(workspace: Workspace, folder: Path) -> str:
    """Where to begin: at the episode that was named, or the list."""
    from pipeline.episode import is_episode

    here = folder.absolute()
    if here.resolve() != workspace.folder or is_episode(here):
        return f"/episode?id={quote(workspace.path(here.resolve()), safe='')}" if is_episode(here) else "/"
    return "/"


def _serve(workspace: Workspace, access: Access, port: int, page: str, *, open_page: bool) -> None:
    import uvicorn

    from pipeline.review import create_app

    config = uvicorn.Config(
        create_app(workspace, access),
        host=access.host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    sock = config.bind_socket()
    _settle()
    shown = f"[{access.host}]" if ":" in access.host else access.host
    address = f"http://{shown}:{sock.getsockname()[1]}"
    typer.echo(f"Review at {address}{page}   (stop with Ctrl+C)")
    if open_page:
        import threading
        import webbrowser

        threading.Timer(0.5, webbrowser.open, [f"{address}{page}"]).start()
    uvicorn.Server(config).run(sockets=[sock])


def _settle() -> None:
    """Load what the first page would wait for, and leave all that is loaded out of the garbage collector's rounds.

    Two thirds of what it takes to open a long episode for the first time are spent on these.
    """
    import gc

    from pipeline.translation.glossary import load_dictionary

    load_dictionary()
    gc.collect()
    gc.freeze()
