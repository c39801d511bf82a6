"""Zimu: timed Chinese subtitles, translations and finished videos from a video and its transcript."""

__version__ = "0.1.0"
