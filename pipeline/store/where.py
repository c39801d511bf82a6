"""Where a workspace's store is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.settings import Settings


def database(settings: Settings, workspace: Path) -> str:
    """Where the store is: the settings' URL, else a file in the workspace."""
    return settings.store.url or str(workspace / "zimu.db")


def has_database(settings: Settings, workspace: Path) -> bool:
    """Whether the store was made already; one that has a URL counts as made."""
    return bool(settings.store.url) or Path(database(settings, workspace)).is_file()
