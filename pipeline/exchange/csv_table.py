"""CSV: UTF-8 with a byte order mark, so that spreadsheets know it; read with commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import InputError
from pipeline.exchange import table
from pipeline.exchange.base import Document, Limits, read_bytes
from pipeline.exchange.escapes import back, for_cell, guarded, unguarded

_DELIMITERS = ",;\t"
_SAVE_AS = "Save it as “CSV UTF-8”."


def write(document: Document) -> bytes:
    """The bytes of a CSV file; a cell that a spreadsheet would take for a formula is preceded by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.COLUMNS)
    for unit in document.units:
        row = table.cells(unit, document)
        writer.writerow([guarded(for_cell(row[name])) for name in table.COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def read(path: Path, limits: Limits) -> Document:
    """The units of a CSV file.

    Raises:
        InputError: it is not CSV in UTF-8 or UTF-16, not one of Zimu's, or beyond the limits.
    """
    text = _text(path, read_bytes(path, limits))
    rows = _rows(path, text, limits)
    _, names = next(rows)
    head = table.heading(path, names)
    units, places, episode, languages = table.units(head, rows, limits, decode=lambda cell: back(unguarded(cell)))
    source, target = table.languages(languages)
    return Document(episode, "", source, target, units, places=places)


def _text(path: Path, data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(
            "The file is not UTF-8.", where=path if wide else f"{path}, row {row}", remedy=_SAVE_AS
        ) from error
    if "\0" in text:
        raise InputError(
            "The file is no text.", where=f"{path}, row {text.count(chr(10), 0, text.index(chr(0))) + 1}",
            remedy="See that it is a CSV file. " + _SAVE_AS,
        )  # fmt: skip
    return text


def _rows(path: Path, text: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the row of text that it begins in."""
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    # The module's own limit is one for the process; what is longer than a text may be is refused all the same.
    csv.field_size_limit(max(csv.field_size_limit(), 8 * limits.max_chars))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            number, before = before + 1, reader.line_num
            yield number, row
    except csv.Error as error:
        raise InputError(
            f"A quotation mark is not closed, or stands inside its cell ({error}).",
            where=f"{path}, row {before + 1}",
            remedy='Write the whole cell in quotation marks and the one inside twice: "a ""b"" c"; or save it again.',
        ) from error
