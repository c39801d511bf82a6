"""Advanced SubStation Alpha: tracks as an .ass script, for the subtitle files and for burning."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

import pysubs2

from pipeline.subtitles.styles import Style
from pipeline.track import Track

SHORT_SIDE = 1080
_WIDE_SIDE = 1920
EM = 0.69  # of a row's height: Noto Sans CJK's ascender and descender are 1160 and 288 for an em of 1000
_LATIN = 0.56  # of an em: a Latin letter's average width in Noto Sans CJK, measured on English text
_SLOT_GAP = 0.06  # of the lower row's height, between two languages
_WORD_JOINER = "\u2060"
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def to_ass(
    layers: Sequence[tuple[Track, Style]],
    *,
    width: int,
    height: int,
    title: str = "",
    glyph_fonts: Mapping[str, str] | None = None,
) -> str:
    """An .ass script that shows all layers over a picture of `width` by `height` pixels as displayed.

    The cues' text is shown as it stands: braces and backslashes in it are no commands. Layers at the bottom are
    stacked, the first on top. Each has a slot of its own, high enough for its tallest cue, so no language ever moves
    because another one comes, goes or has two rows.

    Arguments:
        layers: tracks with their styles, uppermost first; every style has its font.
        glyph_fonts: the font family of single characters that the style's font lacks.
    """
    script_width, script_height = script_size(width, height)
    script = pysubs2.SSAFile()
    script.info.update(
        {
            "Title": _CONTROLS.sub(" ", title).strip(),
            "PlayResX": str(script_width),
            "PlayResY": str(script_height),
            "ScaledBorderAndShadow": "yes",
            "WrapStyle": "0",
            "YCbCr Matrix": "None",
        }
    )
    script.styles.clear()
    placed = _stack(layers, script_width, script_height)
    for number, ((track, style), (alignment, margin_v)) in enumerate(zip(layers, placed, strict=True)):
        name = f"{number + 1}-{style.name}"
        script.styles[name] = _ass_style(style, alignment, margin_v, script_width)
        for cue in track.cues:
            text = ass_text(cue.text, glyph_fonts or {})
            script.append(pysubs2.SSAEvent(start=cue.start_ms, end=cue.end_ms, text=text, style=name, layer=number))
    return script.to_string("ass")


def script_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the script's own grid: the picture's shape, its shorter side 1080."""
    scale = SHORT_SIDE / min(width, height)
    return round(width * scale), round(height * scale)


def ass_text(text: str, glyph_fonts: Mapping[str, str] | None = None) -> str:
    """A cue's text as libass shows it literally; a line feed becomes `\\N`.

    A brace is escaped with a backslash. A backslash has no escape: a word joiner, which is invisible, keeps it from
    meaning anything together with the next letter (as ffmpeg's own converters do).
    """
    rows = []
    for row in text.split("\n"):
        row = _CONTROLS.sub(" ", row)
        row = row.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{").replace("}", "\\}")
        rows.append(_with_fonts(row, glyph_fonts or {}))
    return "\\N".join(rows)


def estimated_rows(text: str, style: Style, width: float) -> int:
    """How many rows a cue takes that may be `width` wide (in the script's units), by its letters' average widths."""
    em = style.size * EM
    rows = 0
    for row in text.split("\n"):
        wide = sum(unicodedata.east_asian_width(char) in "WFA" for char in row)
        length = (wide + (len(row) - wide) * _LATIN) * em + style.spacing * len(row)
        rows += max(1, math.ceil(length / max(width, em)))
    return rows


def _with_fonts(row: str, glyph_fonts: Mapping[str, str]) -> str:
    if not glyph_fonts or not any(char in glyph_fonts for char in row):
        return row
    parts, current = [], ""
    for char in row:
        family = glyph_fonts.get(char, "")
        if family != current and not (current and unicodedata.category(char) in ("Mn", "Cf")):
            parts.append(f"{{\\fn{family}}}")  # without a name: the style's own again
            current = family
        parts.append(char)
    return "".join(parts) + ("{\\fn}" if current else "")


def _stack(layers: Sequence[tuple[Track, Style]], width: int, height: int) -> list[tuple[int, int]]:
    """Alignment and vertical margin of each layer.

    Bottom layers are stacked from below: the lower ones hang from their slot's upper edge, so that a single row stands
    close under the language above, and the uppermost one stands on its slot's lower edge.
    """
    scale = height / SHORT_SIDE
    placed = [(style.alignment, round(style.margin_v * scale)) for _, style in layers]
    bottom = [number for number, (_, style) in enumerate(layers) if style.alignment in (1, 2, 3)]
    edge = float(placed[bottom[-1]][1]) if bottom else 0.0
    for number in reversed(bottom[1:]):
        track, style = layers[number]
        room = width - 2 * style.margin_h * width / _WIDE_SIDE
        rows = max((estimated_rows(cue.text, style, room) for cue in track.cues), default=1)
        edge += rows * style.size
        placed[number] = (style.alignment + 6, round(height - edge))
        edge += style.size * _SLOT_GAP
    if len(bottom) > 1:
        placed[bottom[0]] = (layers[bottom[0]][1].alignment, round(edge))
    return placed


def _ass_style(style: Style, alignment: int, margin_v: int, width: int) -> pysubs2.SSAStyle:
    margin_h = round(style.margin_h * width / _WIDE_SIDE)
    outline = _colour(style.outline_colour)
    return pysubs2.SSAStyle(
        fontname=style.font,
        fontsize=style.size,
        primarycolor=_colour(style.primary),
        outlinecolor=outline,
        backcolor=outline if style.box else _colour(style.shadow_colour),
        bold=style.bold,
        borderstyle=3 if style.box else 1,
        outline=style.outline,
        shadow=style.shadow,
        spacing=style.spacing,
        alignment=pysubs2.Alignment(alignment),
        marginl=margin_h,
        marginr=margin_h,
        marginv=margin_v,
    )


def _colour(text: str) -> pysubs2.Color:
    """`#RRGGBB` or `#RRGGBBAA`; in a script, alpha counts what shines through."""
    red, green, blue, *alpha = (int(text[at : at + 2], 16) for at in range(1, len(text), 2))
    return pysubs2.Color(red, green, blue, 255 - alpha[0] if alpha else 0)
