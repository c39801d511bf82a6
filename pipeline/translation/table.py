"""Tables that people edit in a spreadsheet: tab-separated text with a header, read with every row's number."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

# A glossary has some hundred rows; what is longer is another file, named by mistake.
_MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row: where it begins in its file, its cells without blanks around them, and as they stand there."""

    number: int
    cells: tuple[str, ...]
    raw: tuple[str, ...]

    @property
    def silent(self) -> bool:
        """Whether it is empty or a comment."""
        return not any(self.cells) or self.cells[0].startswith("#")


def read_rows(path: Path, *, kind: str) -> tuple[Row, ...]:
    """All rows of a tab-separated file in UTF-8, or in UTF-16 with its mark, as spreadsheets save it.

    Rows that start with `#` are comments; they and empty rows are among the rows. A cell may stand in double
    quotes, as spreadsheets write it.

    Arguments:
        kind: what the file is, for messages: `glossary`.

    Raises:
        UsageError: it can't be read, is too big or not text, or a quotation mark is not closed.
    """
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(_text(path, kind), newline=""), delimiter="\t", strict=True)
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            rows.append(Row(number, tuple(" ".join(cell.split()) for cell in cells), tuple(cells)))
    except csv.Error as error:
        raise UsageError(
            f"A quotation mark is not closed, or stands inside its cell ({error}).",
            where=f"{path}, row {before + 1}",
            remedy='Delete it, or write the whole cell in quotation marks and the one inside twice: "a ""b"" c".',
        ) from error
    return tuple(rows)


def write_rows(rows: Sequence[Sequence[str]]) -> str:
    """The text of a table that `read_rows` and spreadsheets read."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    return text.getvalue()


def columns_of(header: Row, known: Sequence[str]) -> Mapping[str, int] | None:
    """Where each column stands, by its name in lower case; None where the row has none of the known names first."""
    names = [cell.casefold() for cell in header.cells]
    if not names or names[0] not in known:
        return None
    return {name: place for place, name in enumerate(names) if name}


def _text(path: Path, kind: str) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"The {kind} is too big.", where=path, remedy="See that it is the right file.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The {kind} can't be read: {error.strerror}.", where=path, remedy="See that its name is right."
        ) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        where = path if wide else f"{path}, row {row}"
        raise UsageError(
            f"The {kind} is not UTF-8.", where=where, remedy="Save it as UTF-8 text, separated by tabs."
        ) from error
