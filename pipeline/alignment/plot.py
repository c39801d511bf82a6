"""The picture of an alignment: waveform, voice activity, lines by status and confidence, and where to look."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.alignment.activity import SAMPLE_RATE
from pipeline.alignment.result import Alignment
from pipeline.alignment.timeline import Block, Kind, Strip, clock, counts, envelope, plan_strips, strip_ms, tick_ms
from pipeline.errors import UsageError
from pipeline.files import atomic_path

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

SUFFIXES = (".png", ".svg")
# Okabe and Ito's palette (2008), which the colour-blind tell apart; the kinds differ in shape too.
_COLOURS: Mapping[Kind, str] = {"ok": "#0072B2", "check": "#E69F00", "unspoken": "#D55E00", "extra": "#CC79A7"}
# The same, dark enough for words on white: a contrast of 4.5 to 1 and more (WCAG 2.2, 1.4.3).
_INKS: Mapping[Kind, str] = {"ok": "#00578A", "check": "#8A5A00", "unspoken": "#A84300", "extra": "#994470"}
_LEGEND: Mapping[Kind, str] = {
    "ok": "line, ok",
    "check": "line to check",
    "unspoken": "never spoken (where it would be)",
    "extra": "speech not in the transcript",
}
_VOICE, _WAVE, _FRAME, _TEXT = "#CFE8F7", "#6B7680", "#C9CFD4", "#30363B"
_FAMILIES = {"ja": "Noto Sans CJK JP", "ko": "Noto Sans CJK KR", "zh-Hant": "Noto Sans CJK TC"}
_FAMILY = "Noto Sans CJK SC"
_UNKNOWN = "□"
_HATCH = "////"
_BOXED: tuple[Kind, ...] = ("ok", "check", "extra")

# Inches. A strip's height is made up of its parts, so that strips without notes are low.
_WIDTH, _LEFT, _RIGHT, _HEAD, _FOOT = 16.0, 0.95, 0.25, 1.02, 0.15
_NOTE, _WAVE_HEIGHT, _LINES, _AXIS, _BETWEEN = 0.16, 0.36, 0.2, 0.2, 0.16
_PLOT = _WIDTH - _LEFT - _RIGHT
_NOTE_SIZE, _TICK_SIZE, _ROW_SIZE, _LEGEND_SIZE = 8.0, 7.0, 7.0, 8.5
# Between neighbours, so that lines said without a pause can be told apart.
_SEAM = 0.012
_DPI = 110
_COLUMNS = 1400
_CHARS_PER_STRIP = _PLOT * 72 / _NOTE_SIZE


def plot_alignment(
    alignment: Alignment,
    pcm: Samples,
    voice: Sequence[tuple[int, int]],
    target: Path,
    *,
    title: str,
    rows: Mapping[int, int],
) -> None:
    """Write the picture of an alignment, whole or not at all.

    Arguments:
        pcm: the sound, float32 (samples,), 16 kHz, mono.
        voice: (start_ms, end_ms) where somebody speaks, in order.
        target: a .png or .svg file.
        title: what stands at the top, as the episode's title.
        rows: the transcript's row of each line, by the line's index.

    Raises:
        UsageError: the file's suffix is another one.
        MissingError: the font that comes with Zimu is not installed.
        EpisodeError: the folder can't be written or the disk is full.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError("A picture is a PNG or an SVG file.", where=target, remedy="End its name in .png or .svg.")
    strips = plan_strips(alignment, voice, rows, chars_per_strip=_CHARS_PER_STRIP)
    with tempfile.TemporaryDirectory(prefix="zimu-plot-", ignore_cleanup_errors=True) as folder:
        sheet = _Sheet(strips, strip_ms(alignment.duration_ms), _Font(alignment.language, Path(folder)))
        sheet.head(title, alignment)
        sheet.waves(pcm)
        for number in range(len(strips)):
            sheet.frame(number)
            sheet.voice(number)
            sheet.lines(number)
            sheet.notes(number)
        with atomic_path(target) as part:
            sheet.save(part, target.suffix.lower()[1:])


class _Font:
    """A face that comes with Zimu, alone in a file: matplotlib before 3.11 reads only the first of a collection."""

    def __init__(self, language: str, folder: Path) -> None:
        from fontTools.ttLib import TTFont
        from matplotlib.font_manager import FontProperties

        from pipeline.rendering.fonts import characters, load_fonts

        family = next((name for tag, name in _FAMILIES.items() if language.startswith(tag)), _FAMILY)
        face = load_fonts().face(family)
        self._known = characters(face)
        path = folder / "font.otf"
        with TTFont(str(face.path), fontNumber=face.number, lazy=True, recalcBBoxes=False) as font:
            font.save(str(path), reorderTables=None)
        self.properties = FontProperties(fname=str(path))

    def writable(self, text: str) -> str:
        """The text with a box for every character that the font lacks."""
        return "".join(char if ord(char) in self._known else _UNKNOWN for char in text)


class _Sheet:
    """The figure: one coordinate system in inches from the upper left corner, y downwards."""

    def __init__(self, strips: Sequence[Strip], length_ms: int, font: _Font) -> None:
        from matplotlib.figure import Figure

        self._strips, self._length_ms, self._font = strips, length_ms, font
        self._tops, y = [], _HEAD
        for strip in strips:
            self._tops.append(y)
            y += self._notes_height(strip) + _WAVE_HEIGHT + _LINES + _AXIS + _BETWEEN
        height = y - _BETWEEN + _FOOT
        self._figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white")
        self._axes: Any = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, _WIDTH), ylim=(height, 0))
        self._axes.set_axis_off()

    def head(self, title: str, alignment: Alignment) -> None:
        """Title, numbers and legend."""
        found = counts(alignment)
        self._text(_LEFT, 0.24, title, size=13)
        facts = (
            f"{clock(alignment.duration_ms)} · {len(alignment.lines)} lines: {found['ok']} ok, "
            f"{found['check']} to check, {found['unspoken']} never spoken · "
            f"speech not in the transcript: {found['extra']} · {alignment.model}"
        )
        self._text(_LEFT, 0.5, facts, size=9)
        self._legend(0.76)

    def waves(self, pcm: Samples) -> None:
        """The waveforms, all to one scale: the loudest but a two-hundredth fills its strip."""
        import numpy as np

        shares = [(strip.end_ms - strip.start_ms) / self._length_ms for strip in self._strips]
        found = [
            envelope(pcm, strip, max(1, round(_COLUMNS * share)), SAMPLE_RATE)
            for strip, share in zip(self._strips, shares, strict=True)
        ]
        loudest = max(1e-4, float(np.quantile(np.abs(np.concatenate(found, axis=1)), 0.995)))
        for number, (low_high, share) in enumerate(zip(found, shares, strict=True)):
            middle, half = self._wave_top(number) + _WAVE_HEIGHT / 2, _WAVE_HEIGHT / 2
            low, high = middle - np.clip(low_high / loudest, -1, 1) * half
            x = _LEFT + np.linspace(0, _PLOT * share, low.shape[0])
            self._axes.fill_between(x, low, high, color=_WAVE, linewidth=0.4, zorder=3)

    def frame(self, number: int) -> None:
        """A strip's frame, its time axis and the rows in it."""
        strip, top, bottom = self._strips[number], self._wave_top(number), self._lines_bottom(number)
        right = self._x(strip, strip.end_ms)
        self._box(_LEFT, top, right, bottom, facecolor="white", edgecolor=_FRAME, linewidth=0.6, zorder=1)
        step = tick_ms(self._length_ms)
        ticks = range(-(-strip.start_ms // step) * step, strip.end_ms + 1, step)
        xs = [self._x(strip, at) for at in ticks]
        self._uprights(xs, top, bottom + 0.04, color=_FRAME, linewidth=0.5, zorder=2)
        for at, x in zip(ticks, xs, strict=True):
            self._text(x, bottom + 0.06, clock(at), size=_TICK_SIZE, ha="center", va="top")
        self._text(_LEFT - 0.1, top + _WAVE_HEIGHT / 2, clock(strip.start_ms), size=10, ha="right")
        if strip.rows:
            first, last = strip.rows
            rows = f"row {first}" if first == last else f"rows {first}–{last}"
            self._text(_LEFT - 0.1, bottom - _LINES / 2, rows, size=_ROW_SIZE, ha="right")

    def voice(self, number: int) -> None:
        """Voice activity, behind the waveform."""
        strip, top = self._strips[number], self._wave_top(number)
        spans = [(self._x(strip, start), self._x(strip, end)) for start, end in strip.voice]
        self._boxes([(left, top, right, top + _WAVE_HEIGHT) for left, right in spans], facecolor=_VOICE, zorder=1.5)

    def lines(self, number: int) -> None:
        """Lines as boxes filled as high as they are sure, speech that nobody wrote, marks for what was never said."""
        strip, bottom = self._strips[number], self._lines_bottom(number)
        top = bottom - _LINES + 0.03
        for kind in _BOXED:
            here = [block for block in strip.blocks if block.kind == kind]
            edges = [self._edges(strip, block) for block in here]
            colour = _COLOURS[kind]
            boxes = [(a, top, b, bottom) for a, b, _ in edges]
            self._boxes(boxes, facecolor="white", edgecolor=colour, linewidth=0.6, zorder=4)
            filled = [(a, bottom - (bottom - top) * sure, b, bottom) for a, b, sure in edges]
            style = {"edgecolor": "white", "hatch": _HATCH} if kind == "extra" else {}
            self._boxes(filled, facecolor=colour, linewidth=0, zorder=5, **style)
            if kind != "ok":
                wide = [(a, self._wave_top(number), b, top) for a, b, _ in edges]
                self._boxes(wide, facecolor=colour, alpha=0.3, linewidth=0, zorder=2.5)
        self._marks([self._x(strip, at) for at, _ in strip.unspoken], self._wave_top(number), bottom)

    def notes(self, number: int) -> None:
        """Rows and words at the places that need a look."""
        strip, bottom = self._strips[number], self._wave_top(number)
        top = bottom - self._notes_height(strip)
        for note in strip.notes:
            x, y = self._x(strip, note.at_ms), top + note.lane * _NOTE + _NOTE / 2
            ink = _INKS[note.kind]
            self._uprights([x], y - _NOTE / 2, bottom, color=ink, linewidth=0.7, zorder=6)
            shift = -0.04 if note.leftward else 0.04
            ha = "right" if note.leftward else "left"
            # On white, for a stem of the lane above may pass behind it.
            white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
            self._text(x + shift, y, note.label, size=_NOTE_SIZE, color=ink, ha=ha, bbox=white)

    def save(self, path: Path, kind: str) -> None:
        """Write the figure as png or svg."""
        with path.open("wb") as file:
            # The date of drawing says nothing about the alignment.
            self._figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)

    def _legend(self, y: float) -> None:
        x, half = _LEFT, 0.07
        for kind in _BOXED:
            style = {"edgecolor": "white", "hatch": _HATCH} if kind == "extra" else {}
            self._box(x, y - half, x + 0.3, y + half, facecolor=_COLOURS[kind], linewidth=0, **style)
            x = self._legend_text(x + 0.38, y, _LEGEND[kind])
        self._marks([x + 0.08], y - half - 0.03, y + half)
        x = self._legend_text(x + 0.2, y, _LEGEND["unspoken"])
        self._box(x, y - half, x + 0.3, y + half, facecolor="white", edgecolor=_COLOURS["ok"], linewidth=0.6)
        self._box(x, y, x + 0.3, y + half, facecolor=_COLOURS["ok"], linewidth=0)
        x = self._legend_text(x + 0.38, y, "filled as high as the confidence")
        self._box(x, y - half, x + 0.3, y + half, facecolor=_VOICE, linewidth=0)
        x = self._legend_text(x + 0.38, y, "voice activity")
        self._legend_text(x, y, "numbers: rows of the transcript")

    def _legend_text(self, x: float, y: float, text: str) -> float:
        from matplotlib.textpath import TextPath

        self._text(x, y, text, size=_LEGEND_SIZE)
        return x + TextPath((0, 0), text, size=_LEGEND_SIZE, prop=self._font.properties).get_extents().width / 72 + 0.3

    def _marks(self, xs: Sequence[float], top: float, bottom: float) -> None:
        if xs:
            self._uprights(xs, top, bottom, color=_COLOURS["unspoken"], linewidth=1.2, linestyle=(0, (3, 2)), zorder=6)
            cross = {"marker": "X", "s": 46, "facecolor": _COLOURS["unspoken"], "edgecolor": "white", "linewidths": 0.6}
            self._axes.scatter(xs, [bottom - 0.06] * len(xs), zorder=7, **cross)

    def _text(self, x: float, y: float, text: str, *, size: float, **style: Any) -> None:
        style = {"color": _TEXT, "ha": "left", "va": "center", "zorder": 8, **style}
        # A transcript's $ is a dollar, not mathematics.
        style |= {"fontproperties": self._font.properties, "fontsize": size, "parse_math": False}
        self._axes.text(x, y, self._font.writable(text), **style)

    def _box(self, left: float, top: float, right: float, bottom: float, **style: Any) -> None:
        self._boxes([(left, top, right, bottom)], **style)

    def _boxes(self, boxes: Sequence[tuple[float, float, float, float]], **style: Any) -> None:
        from matplotlib.collections import PolyCollection

        if boxes:
            corners = [[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes]
            self._axes.add_collection(PolyCollection(corners, **style), autolim=False)

    def _uprights(self, xs: Sequence[float], top: float, bottom: float, **style: Any) -> None:
        from matplotlib.collections import LineCollection

        self._axes.add_collection(LineCollection([[(x, top), (x, bottom)] for x in xs], **style), autolim=False)

    def _x(self, strip: Strip, at_ms: int) -> float:
        return _LEFT + _PLOT * (at_ms - strip.start_ms) / self._length_ms

    def _edges(self, strip: Strip, block: Block) -> tuple[float, float, float]:
        left, right = self._x(strip, block.start_ms), self._x(strip, block.end_ms)
        return left, max(left + _SEAM, right - _SEAM), block.confidence

    def _notes_height(self, strip: Strip) -> float:
        return _NOTE * (1 + max(note.lane for note in strip.notes)) + 0.03 if strip.notes else 0.0

    def _wave_top(self, number: int) -> float:
        return self._tops[number] + self._notes_height(self._strips[number])

    def _lines_bottom(self, number: int) -> float:
        return self._wave_top(number) + _WAVE_HEIGHT + _LINES
