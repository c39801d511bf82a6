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
    "VideoText",
    "find_adapter",
    "known_platforms",
]
