"""Where a workspace's database is, for commands that are about no single episode."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pipeline.episode import find_workspace, is_episode
from pipeline.errors import UsageError
from pipeline.layers import load_settings
from pipeline.settings import Settings
from pipeline.store.where import database, has_database


class Located(NamedTuple):
    """A workspace, what is set in it, and the path or URL of its database."""

    workspace: Path
    settings: Settings
    url: str


def locate(folder: Path, *, make: bool = False) -> Located:
    """The database of a workspace, or of anything in it.

    Arguments:
        make: whether a workspace that has none yet may get one.

    Raises:
        UsageError: there is no database, and none is to be made; or the folder is in no workspace.
    """
    here = folder.absolute()
    workspace = find_workspace(here)
    settings = load_settings(workspace=workspace, episode=here).settings
    if not has_database(settings, workspace) and not (
        make and ((workspace / "zimu.toml").is_file() or is_episode(workspace))
    ):
        raise UsageError(
            "There is no database of translations here.",
            where=workspace,
            remedy="Give the workspace, the folder with zimu.toml, or an episode: --in DIR.",
        )
    return Located(workspace, settings, database(settings, workspace))
