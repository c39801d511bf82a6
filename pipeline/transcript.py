"""The transcript that an episode's author wrote: its encodings, its rows, what is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.track import Line

_ROW_END = re.compile(r"\r\n|\r|\n|\u2028|\u2029|\x85")
# The hundred commonest characters, simplified and traditional, make up two fifths of real text (Jun Da, Modern
# Chinese Character Frequency List, 2004); of Big5, Shift_JIS or UTF-16 bytes misread, about one in a hundred.
_COMMON = frozenset(
    "的一是不了在人有我他这這中大来來上个個国國到说說们們为為子和你地出道也时時年得就那要下以生会會自着著去之过過家学學对對可她里裡"
    "后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手十用主行方又如前所本见見经經头頭面公同三已老从從动動两兩长長"
)
_COMMON_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Transcript:
    """The lines of a transcript and the encoding they were read in."""

    path: Path
    encoding: str
    lines: tuple[Line, ...]


def read_transcript(path: Path, *, max_line_chars: int, max_bytes: int) -> Transcript:
    """Read a transcript: plain rows, or the texts of a subtitle file, whose timings are ignored.

    Blanks around a row are not part of its line; nothing else is changed.

    Raises:
        InputError: it is empty, too large, in an unknown encoding, has control characters, or has a row that is
            no caption line.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise InputError(
            f"The transcript has {size:,} bytes, more than {max_bytes:,}.",
            where=path,
            remedy="Is it the right file? If it is, raise episode.max_transcript_bytes.",
        )
    text, encoding = decode(path.read_bytes(), path)
    rows = _ROW_END.split(text) if path.suffix.lower() == ".txt" else _caption_rows(text, path)
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        _check_row(row, number, path, max_line_chars)
        if stripped := row.strip():
            lines.append(Line(index=len(lines), text=stripped, row=number))
    if not any(character.isalnum() for line in lines for character in line.text):
        raise InputError("The transcript is empty.", where=path, remedy="Write one caption a row into it.")
    return Transcript(path=path, encoding=encoding, lines=tuple(lines))


def decode(data: bytes, path: Path) -> tuple[str, str]:
    """The text of UTF-8 (with or without byte order mark), UTF-16 or GB18030 bytes, and the encoding's name.

    Raises:
        InputError: it is none of them.
    """
    for mark, encoding, name in (
        (b"\xef\xbb\xbf", "utf-8", "UTF-8 with BOM"),
        (b"\xff\xfe", "utf-16", "UTF-16 LE"),
        (b"\xfe\xff", "utf-16", "UTF-16 BE"),
    ):
        if data.startswith(mark):
            return _strict(data, encoding, path).removeprefix("\ufeff"), name
    if (unmarked := _unmarked_utf16(data, path)) is not None:
        return unmarked
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        utf8_error = error
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _looks_chinese(text):
        return text, "GB18030"
    row = data.count(b"\n", 0, utf8_error.start) + 1
    raise InputError(
        f"The encoding is not known: it is not UTF-8 (byte {utf8_error.start}, row {row}), UTF-16 or GB18030.",
        where=path,
        remedy="Save the transcript as UTF-8.",
    )


def _strict(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"The file says it is {encoding.upper()}, but byte {error.start} is not.",
            where=path,
            remedy="Save the transcript again as UTF-8.",
        ) from error


def _unmarked_utf16(data: bytes, path: Path) -> tuple[str, str] | None:
    """The text and name of UTF-16 without a mark. Only its blanks, digits and line feeds give zero bytes."""
    if b"\x00" not in data:
        return None
    for encoding, name in (("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE")):
        text = data.decode(encoding, errors="replace")
        if _looks_chinese(text):
            return _strict(data, encoding, path), name
    return None


def _looks_chinese(text: str) -> bool:
    wide = [character for character in text if not character.isascii()]
    private = any(unicodedata.category(character) == "Co" for character in wide)
    return bool(wide) and not private and sum(map(_COMMON.__contains__, wide)) / len(wide) >= _COMMON_SHARE


def _caption_rows(text: str, path: Path) -> list[str]:
    """The text rows of a subtitle file in the order of its cues; tags are dropped, drawings and comments too."""
    import pysubs2

    try:
        subtitles = pysubs2.SSAFile.from_string(text, format_=path.suffix.lower().lstrip("."))
    except (pysubs2.Pysubs2Error, ValueError, IndexError, KeyError) as error:
        raise InputError(
            f"The subtitle file can't be read: {error}.",
            where=path,
            remedy="Save it again as SRT, or as plain text with one caption a row.",
        ) from error
    events = [event for event in subtitles if not event.is_comment and not event.is_drawing]
    return [row for event in events for row in event.plaintext.split("\n")]


def _check_row(row: str, number: int, path: Path, max_line_chars: int) -> None:
    if len(row) > max_line_chars:
        raise InputError(
            f"Row {number} has {len(row):,} characters; a caption line has at most {max_line_chars}.",
            where=f"{path}:{number}",
            remedy="Break the text into one caption a row (episode.max_line_chars is the limit).",
        )
    for place, character in enumerate(row, start=1):
        if character != "\t" and unicodedata.category(character) in ("Cc", "Cs"):
            raise InputError(
                f"Row {number}, character {place} is the control character U+{ord(character):04X}.",
                where=f"{path}:{number}",
                remedy="The file may be damaged or no text at all; remove the character.",
            )
