"""Timed lines and translated units -> cues that can be read -> files.

`source_track` cues the spoken language, `translated_track` a translation, `check` finds what can't be read,
`save` and `load` are the files.
"""

from pipeline.subtitles.checks import check
from pipeline.subtitles.formats import load, save
from pipeline.subtitles.recut import translated_track
from pipeline.subtitles.source import source_track

__all__ = ["check", "load", "save", "source_track", "translated_track"]
