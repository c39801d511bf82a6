"""YouTube, by Google's own client libraries."""

from pipeline.publishing.youtube.platform import YouTube

__all__ = ["YouTube"]
