"""Subtitle files: SubRip, WebVTT, Advanced SubStation Alpha, TTML, SBV and Bilibili's BCC, chosen by the suffix.

Files are UTF-8 without a byte order mark, rows end with a line feed, and so does the file. A line feed, not CR LF:
every reader that we write for takes both (browsers, YouTube, Bilibili, ffmpeg, VLC, Windows since 2018), and files
stay the same under version control.

A cue's text is data, whatever is in it. What a format can escape is escaped. What it can't is shown by a look-alike:
SubRip and SBV have no escapes, yet players obey `<b>` and `{\\an8}` in them, and `-->` starts a cue for some.

To add a format: a function from a track to the file's text, one back, and their names in `_WRITERS` and `_READERS`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pysubs2
import srt

from pipeline.errors import InputError, UsageError
from pipeline.files import write_text
from pipeline.subtitles.ass import to_ass
from pipeline.subtitles.bcc import from_bcc, to_bcc
from pipeline.subtitles.display import visible
from pipeline.subtitles.sbv import from_sbv, to_sbv
from pipeline.subtitles.styles import Style
from pipeline.subtitles.ttml import from_ttml, to_ttml
from pipeline.track import Cue, Track

# SubRip writes hours with two digits, and so do most readers of the others.
_MAX_MS = 100 * 3_600_000
_MAX_BYTES = 50_000_000
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "{": "｛", "}": "｝"})
_BRACES = str.maketrans({"{": "｛", "}": "｝"})
# pysubs2 takes a last row of digits for the number of the next cue, and drops it.
_NUMBER_ROW = re.compile(r"(?<=\n)(\d+)(?=\n|\Z)")
# pysubs2 takes any row with two times for the head of a cue.
_TIME = re.compile(r"(?<=\d\d:)(?=\d\d[.,]\d)")
# pysubs2 takes \N, \n and \h for white space; a word joiner after the backslash is not seen and stops that.
_BACKSLASH = re.compile(r"\\(?=[Nnh])")
_WORD_JOINER = "\u2060"

_OPEN, _CLOSE = "\ue000", "\ue001"  # private characters, for braces while pysubs2 reads

F = TypeVar("F")


def save(
    track: Track,
    path: Path,
    *,
    style: Style | None = None,
    width: int = 0,
    height: int = 0,
    title: str = "",
    glyph_fonts: Mapping[str, str] | None = None,
) -> None:
    """Write a track in the format of the path's suffix, whole or not at all.

    A cue without visible text is left out: a reader may take it for the end of the file. The others may change
    as the module says, and nothing else does.

    Arguments:
        style: for .ass alone, which needs it, and the picture's `width` and `height` in pixels as displayed.
        title: for .ass alone, the script's title.
        glyph_fonts: for .ass alone, the font family of characters that the style's font lacks.

    Raises:
        UsageError: no such format, or .ass without a style.
        InputError: a cue's times are impossible, or past 99:59:59.999.
        EpisodeError: the folder can't be written or the disk is full.
    """
    clean = _clean(track, path)
    if path.suffix.lower() == ".ass":
        if style is None or width <= 0 or height <= 0:
            raise UsageError("An .ass file needs a style and the size of the picture.", where=path)
        text = to_ass([(clean, style)], width=width, height=height, title=title, glyph_fonts=glyph_fonts)
    else:
        text = _known(_WRITERS, path)(clean)
    write_text(path, text.rstrip("\n") + "\n")


def load(path: Path, *, language: str) -> Track:
    """Read a subtitle file of any of the formats; styles and commands in it are dropped.

    Raises:
        UsageError: no such format.
        InputError: the file is too large, not UTF-8, or not of its format.
    """
    reader = _known(_READERS, path)
    if path.stat().st_size > _MAX_BYTES:
        raise InputError("The subtitle file is too large.", where=path, remedy="Is it a subtitle file at all?")
    try:
        cues = reader(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise InputError("The subtitle file is not UTF-8.", where=path, remedy="Save it as UTF-8.") from error
    except (srt.SRTParseError, srt.TimestampParseError, pysubs2.Pysubs2Error, ValueError) as error:
        raise InputError(
            f"The subtitle file can't be read: {str(error).splitlines()[0]}", where=path, remedy="Make it again."
        ) from error
    return Track(language, cues)


def formats() -> tuple[str, ...]:
    """The suffixes that `save` and `load` know, without the dot."""
    return tuple(suffix.removeprefix(".") for suffix in _READERS)


def _clean(track: Track, path: Path) -> Track:
    cues = []
    for number, cue in enumerate(track.cues, start=1):
        if not 0 <= cue.start_ms < cue.end_ms <= _MAX_MS - 1:
            raise InputError(
                f"Cue {number} is shown from {cue.start_ms} to {cue.end_ms} ms, which no subtitle file can say.",
                where=path,
                remedy="Subtitles run from 0 to 99:59:59.999, and a cue ends after its start: correct its times.",
            )
        rows = [row for row in (visible(part) for part in cue.text.split("\n")) if row]
        if rows:
            cues.append(Cue(cue.start_ms, cue.end_ms, "\n".join(rows)))
    return Track(track.language, tuple(cues))


def _known(table: Mapping[str, F], path: Path) -> F:
    name = path.name.lower()
    if (function := next((each for suffix, each in table.items() if name.endswith(suffix)), None)) is None:
        raise UsageError(
            f"Zimu knows no subtitle format “{path.suffix}”.",
            where=path,
            remedy=f"Known are {', '.join(formats())}.",
        )
    return function


def _to_srt(track: Track) -> str:
    # The srt package has no types.
    subtitles = (
        srt.Subtitle(  # type: ignore[no-untyped-call]
            number, _delta(cue.start_ms), _delta(cue.end_ms), _guarded(cue.text, _LOOK_ALIKES)
        )
        for number, cue in enumerate(track.cues, start=1)
    )
    text: str = srt.compose(subtitles, reindex=False, eol="\n")  # type: ignore[no-untyped-call]
    return text


def _from_srt(text: str) -> tuple[Cue, ...]:
    subtitles = srt.parse(text)  # type: ignore[no-untyped-call]
    return tuple(_cue(_ms(s.start), _ms(s.end), s.content) for s in subtitles if s.content.strip())


def _to_vtt(track: Track) -> str:
    script = pysubs2.SSAFile()
    for cue in track.cues:
        escaped = html.escape(_guarded(cue.text, _BRACES), quote=False)
        script.append(pysubs2.SSAEvent(cue.start_ms, cue.end_ms, escaped.replace("\n", r"\N")))
    return script.to_string("vtt")


def _from_vtt(text: str) -> tuple[Cue, ...]:
    if not text.startswith("WEBVTT"):
        raise ValueError("it does not begin with WEBVTT.")
    return tuple(
        _cue(e.start, e.end, html.unescape(e.plaintext)) for e in pysubs2.SSAFile.from_string(text, "vtt").events
    )


def _to_ttml(track: Track) -> str:
    # Braces and angle brackets are plain text in XML; pysubs2, which reads it back, still obeys ASS's own in it.
    return to_ttml(_each(track, lambda text: _guarded(text, _BRACES)))


def _from_ttml(text: str) -> tuple[Cue, ...]:
    return tuple(_cue(cue.start_ms, cue.end_ms, cue.text) for cue in from_ttml(text))


def _to_sbv(track: Track) -> str:
    return to_sbv(_each(track, lambda text: _guarded(text, _LOOK_ALIKES)))


def _from_sbv(text: str) -> tuple[Cue, ...]:
    return tuple(_cue(cue.start_ms, cue.end_ms, cue.text) for cue in from_sbv(text))


def _from_ass(text: str) -> tuple[Cue, ...]:
    if "[Events]" not in text:
        raise ValueError("it has no [Events].")
    # pysubs2 does not know that a backslash escapes a brace.
    hidden = text.replace(r"\{", _OPEN).replace(r"\}", _CLOSE)
    events = pysubs2.SSAFile.from_string(hidden, "ass").events
    return tuple(
        _cue(e.start, e.end, e.plaintext.replace(_OPEN, "{").replace(_CLOSE, "}")) for e in events if not e.is_comment
    )


def _each(track: Track, change: Callable[[str], str]) -> Track:
    return Track(track.language, tuple(Cue(cue.start_ms, cue.end_ms, change(cue.text)) for cue in track.cues))


def _guarded(text: str, look_alikes: Mapping[int, str]) -> str:
    """The text with look-alikes, and word joiners where a reader would take it for something else."""
    text = _NUMBER_ROW.sub(rf"\1{_WORD_JOINER}", text.translate(look_alikes))
    text = _BACKSLASH.sub(rf"\\{_WORD_JOINER}", text)
    rows = text.split("\n")
    return "\n".join(_TIME.sub(_WORD_JOINER, row) if len(_TIME.findall(row)) > 1 else row for row in rows)


def _cue(start: int, end: int, text: str) -> Cue:
    return Cue(start, end, text.replace(_WORD_JOINER, "").strip())


def _delta(ms: int) -> timedelta:
    return timedelta(milliseconds=ms)


def _ms(delta: timedelta) -> int:
    return delta // timedelta(milliseconds=1)


_WRITERS: Mapping[str, Callable[[Track], str]] = {
    ".srt": _to_srt,
    ".vtt": _to_vtt,
    ".ttml": _to_ttml,
    ".sbv": _to_sbv,
    ".bcc.json": to_bcc,
}
_READERS: Mapping[str, Callable[[str], tuple[Cue, ...]]] = {
    ".srt": _from_srt,
    ".vtt": _from_vtt,
    ".ass": _from_ass,
    ".ttml": _from_ttml,
    ".sbv": _from_sbv,
    ".bcc.json": from_bcc,
}
