"""Subtitles on video platforms: once, right, and again only when they changed."""
