"""Options that several commands share, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.layers import parse_assignments

if TYPE_CHECKING:
    from pipeline.layers import LoadedSettings

Episodes = Annotated[list[Path], typer.Argument(metavar="EPISODE…", help="Episode folders.", show_default=False)]
To = Annotated[
    str | None, typer.Option("--to", metavar="en,ja,…", help="Languages to translate into.", show_default=False)
]
Engine = Annotated[str | None, typer.Option("--engine", help="auto, server, argos or embedded.", show_default=False)]
Assign = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Any setting, for this run.", show_default=False),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never touch the network.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Details too.")]
Locked = Annotated[bool, typer.Option("--locked", help="Only as zimu.lock says; what differs is told.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Force = Annotated[bool, typer.Option("--force", help="Do this stage again even if nothing changed.")]


def load(folder: Path | None = None, **flags: dict[str, Any]) -> LoadedSettings:
    """The settings that hold in a folder, default: here; a workspace's or an episode's."""
    from pipeline.episode import find_workspace
    from pipeline.layers import load_settings

    here = (folder or Path()).absolute()
    return load_settings(workspace=find_workspace(here), episode=here, flags=flags)


def flags(
    assign: list[str] | None, *, to: str | None = None, engine: str | None = None, offline: bool, locked: bool = False
) -> dict[str, dict[str, Any]]:
    """The settings that a command's options set: section to key to value."""
    tables = parse_assignments(assign or [])
    if to is not None:
        tables.setdefault("episode", {})["to"] = [tag.strip() for tag in to.split(",") if tag.strip()]
    if engine is not None:
        tables.setdefault("translate", {})["engine"] = engine
    if offline:
        tables.setdefault("models", {})["offline"] = True
    if locked:
        tables.setdefault("run", {})["lock"] = "strict"
    return tables
