"""Videos with subtitles: muxed beside the pictures (`mux`), or drawn into them (`burn`)."""

from pipeline.rendering.burn import Canvas, burn
from pipeline.rendering.fonts import FontBook, load_fonts
from pipeline.rendering.mux import SoftTrack, mux

__all__ = ["Canvas", "FontBook", "SoftTrack", "burn", "load_fonts", "mux"]
