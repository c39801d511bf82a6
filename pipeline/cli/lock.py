"""`zimu lock`: what the subtitles here are made from and with, in a file that goes along with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import options
from pipeline.cli.options import Assign, Debug

app = typer.Typer()


@app.command()
def lock(
    folder: Annotated[
        Path, typer.Argument(metavar="EPISODE|WORKSPACE", help="Default: here.", show_default=False)
    ] = Path(),
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: zimu.lock in the folder.")] = None,
    assign: Assign = None,
    debug: Debug = False,
) -> None:
    """Write zimu.lock: models, versions, tables and settings. `zimu run --locked` keeps to it, here or elsewhere."""
    from pipeline.episode import find_workspace, is_episode
    from pipeline.errors import UsageError
    from pipeline.lock import NAME, observe, write_lock

    here = folder.absolute()
    if not here.is_dir():
        raise UsageError("There is no such folder.", where=folder, remedy="Give a workspace or an episode.")
    loaded = options.load(here, **options.flags(assign, offline=False))
    found = observe(loaded, find_workspace(here), scope="episode" if is_episode(here) else "workspace")
    target = out or folder / NAME
    write_lock(found, target)
    models = ", ".join(f"{model['name']} {model['sha256'][:8]}" for model in found.models.values())
    typer.echo(
        f"{target}: Zimu {found.zimu['version']}, {models}, {len(found.packages)} packages, "
        f"{len(found.tables)} tables, {sum(map(len, found.settings.values()))} settings."
    )
