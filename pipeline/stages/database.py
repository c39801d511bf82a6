"""Where a workspace's database is, for commands that are about no single episode."""

from __future__ import annotations

from pathlib import Path

from pipeline.episode import find_workspace, is_episode
from pipeline.errors import UsageError
from pipeline.job import database
from pipeline.settings import load_settings


def database_of(folder: Path, *, make: bool = False) -> str:
    """The path or URL of the database of a workspace, or of anything in it.

    Arguments:
        make: whether a workspace that has none yet may get one.

    Raises:
        UsageError: there is no database, and none is to be made; or the folder is in no workspace.
    """
    here = folder.absolute()
    workspace = find_workspace(here)
    settings = load_settings(workspace=workspace, episode=here).settings
    url = database(settings, workspace)
    there = bool(settings.store.url) or Path(url).is_file()
    if not there and not (make and ((workspace / "zimu.toml").is_file() or is_episode(workspace))):
        raise UsageError(
            "There is no database of translations here.",
            where=workspace,
            remedy="Give the workspace, the folder with zimu.toml, or an episode: --in DIR.",
        )
    return url
