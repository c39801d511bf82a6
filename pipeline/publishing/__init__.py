"""Subtitles on video platforms: once, right, and again only when they changed."""

from pipeline.publishing.base import (
    ADAPTERS,
    Action,
    Costs,
    Limits,
    LocalTrack,
    Platform,
    RemoteTrack,
    RemoteVideo,
    Setup,
    VideoText,
    find_adapter,
    known_platforms,
)
from pipeline.publishing.reasons import UnknownLanguageError

__all__ = [
    "ADAPTERS",
    "Action",
    "Costs",
    "Limits",
    "LocalTrack",
    "Platform",
    "RemoteTrack",
    "RemoteVideo",
    "Setup",
    "UnknownLanguageError",
    "VideoText",
    "find_adapter",
    "known_platforms",
]
