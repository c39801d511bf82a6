"""A correction written into a transcript file: the row that it is about, nothing else."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from pipeline.errors import InputError, UsageError
from pipeline.files import atomic_path
from pipeline.transcript import Transcript, decode

_ROWS = re.compile(r"(.*?)(\r\n|\r|\n|\u2028|\u2029|\x85|\Z)", re.DOTALL)


class ChangedError(InputError):
    """The file is not as the person saw it."""


def check_line(text: str, max_chars: int) -> str:
    """A line as it may stand in a transcript, without blanks around it.

    Raises:
        UsageError: it is too long, has several rows or control characters.
    """
    text = unicodedata.normalize("NFC", text).strip()
    bad = any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\t" for char in text)
    if bad or len(text) > max_chars:
        raise UsageError(
            f"A line is one row of at most {max_chars} characters.", remedy="Divide it into several lines."
        )
    return text


def rewrite(transcript: Transcript, index: int, old: str, new: str, *, insert: bool, swap: bool = False) -> None:
    """Change, remove (`new` is empty) or add a line, before line `index`; encoding and rows around it stay.

    Arguments:
        swap: let line `index` and the next change places instead; `old` and `new` are their texts.

    Raises:
        UsageError: the transcript is no plain text, or there is no such line.
        ChangedError: the line is not `old` any more.
        EpisodeError: the file can't be written.
    """
    path = transcript.path
    if not is_plain(path):
        raise UsageError(
            f"The transcript is a {path.suffix.lstrip('.').upper()} file.",
            where=path,
            remedy="Only plain transcripts (transcript.txt) are corrected here: correct it in its own program.",
        )
    data = path.read_bytes()
    text, encoding = decode(data, path)
    rows = [(found[1], found[2]) for found in _ROWS.finditer(text)]
    rows = rows[:-1] if rows and rows[-1] == ("", "") else rows
    lines = [place for place, (row, _) in enumerate(rows) if row.strip()]
    if not 0 <= index < len(lines) + insert - swap:
        raise ChangedError(f"There is no line {index + 1} any more.", where=path, remedy="Load the page again.")
    if insert:
        _insert(rows, lines, index, new)
    else:
        place, text_now = lines[index], [rows[line][0].strip() for line in lines[index : index + 1 + swap]]
        for number, (now, seen) in enumerate(zip(text_now, (old, new), strict=False)):
            if now != seen:
                raise ChangedError(
                    f"Line {index + number + 1} is “{now}” by now.", where=path, remedy="Load the page again."
                )
        row, end = rows[place]
        if swap:
            other = lines[index + 1]
            rows[place], rows[other] = (rows[other][0], end), (row, rows[other][1])
        else:
            rows[place : place + 1] = [(row.replace(old, new, 1), end)] if new else []
    joined = "".join(row + end for row, end in rows)
    if not any(character.isalnum() for character in joined):
        raise UsageError("A transcript without a line is none.", where=path, remedy="Leave one line.")
    with atomic_path(path) as part:
        part.write_bytes(_encoded(joined, encoding, data))


def _insert(rows: list[tuple[str, str]], lines: list[int], index: int, new: str) -> None:
    end = next((end for _, end in rows if end), "\n")
    if index < len(lines):
        rows.insert(lines[index], (new, end))
        return
    place = lines[-1] + 1 if lines else 0
    if place and not rows[place - 1][1]:
        rows[place - 1] = (rows[place - 1][0], end)
        end = ""
    rows.insert(place, (new, end))


def _encoded(text: str, encoding: str, before: bytes) -> bytes:
    """The text in the encoding that the file had, with its mark if it had one."""
    if encoding.startswith("UTF-16"):
        little = encoding.endswith("LE")
        mark = (b"\xff\xfe" if little else b"\xfe\xff") if before[:2] in (b"\xff\xfe", b"\xfe\xff") else b""
        return mark + text.encode("utf-16-le" if little else "utf-16-be")
    if encoding == "GB18030":
        return text.encode("gb18030")
    return (b"\xef\xbb\xbf" if encoding.endswith("BOM") else b"") + text.encode("utf-8")


def is_plain(path: Path) -> bool:
    """Whether a transcript can be corrected here."""
    return path.suffix.lower() == ".txt"
