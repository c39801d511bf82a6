"""XLSX: a sheet that an editor likes to work in, written and read with openpyxl.

What is only to be read is grey and locked (without a password); translation, status and note are open. Every text is
stored as text, whatever it begins with, so no spreadsheet takes it for a formula.
"""

from __future__ import annotations

import datetime
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import InputError
from pipeline.exchange import table
from pipeline.exchange.base import STATUSES, Document, ExchangeUnit, Limits, read_bytes
from pipeline.exchange.escapes import for_sheet, from_sheet

# Excel's own limits: "Excel specifications and limits".
_CELL_CHARS = 32_767
_SHEET_ROWS = 1_048_576
_WIDTHS: Mapping[str, float] = {
    "id": 7, "lines": 8, "start": 13, "end": 13, "source": 48, "translation": 64, "status": 11, "note": 36,
    "revision": 9, "episode": 12, "language": 12,
}  # fmt: skip
_OPEN = frozenset({"translation", "status", "note"})
_HIDDEN = frozenset({"revision", "episode", "language"})
_GREY = PatternFill("solid", fgColor="FFEDEDED")
_HEAD = PatternFill("solid", fgColor="FFD9D9D9")
_TEXT = "@"
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT = 1, 2
_READ_COLUMNS = 64
_MEMBERS = 1000
_DAMAGES = (ParseError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError)
_AGAIN = "Save it again as an Excel workbook (.xlsx), or export it again."


def write(document: Document) -> bytes:
    """The bytes of a workbook with one sheet.

    Raises:
        InputError: a text is longer than a cell can hold.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title = document.language
    for row, values in enumerate(_rows(document), start=1):
        for column, (name, value) in enumerate(values.items(), start=1):
            _fill(sheet.cell(row, column), name, value, document, header=row == 1)
    _lay_out(sheet, document)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(path: Path, limits: Limits) -> Document:
    """The units of the first sheet that has the columns of an export.

    Raises:
        InputError: it is no workbook, damaged, not one of Zimu's, has a formula for a text, or is beyond the limits.
    """
    data = read_bytes(path, limits)
    _check_archive(path, data, limits)
    with _refusing(path):
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = _find(book.worksheets)
        if sheet is None:
            raise InputError("There is no sheet in the workbook.", where=path, remedy=_AGAIN)
        rows = _cells(path, sheet)
        _, names = next(rows, (1, []))
        head = table.heading(path, [from_sheet(name) for name in names])
        units, places, episode, languages = table.units(head, rows, limits, decode=from_sheet)
    source, target = table.languages(languages)
    return Document(episode, "", source, target, units, places=places)


def _rows(document: Document) -> Iterator[dict[str, str]]:
    yield dict(zip(table.COLUMNS, table.COLUMNS, strict=True))
    for unit in document.units:
        yield {name: _fitting(unit, for_sheet(text)) for name, text in table.cells(unit, document).items()}


def _fitting(unit: ExchangeUnit, text: str) -> str:
    if len(text.encode("utf-16-le")) // 2 > _CELL_CHARS:
        raise InputError(
            f"A text is too long for a spreadsheet's cell, which holds {_CELL_CHARS:,} characters.",
            where=f"lines {unit.lines}",
            remedy="Export it as CSV or XLIFF.",
        )
    return text


def _fill(cell: Cell, name: str, value: str, document: Document, *, header: bool) -> None:
    cell.value = value or None
    if value:
        cell.data_type = "s"  # else openpyxl makes a formula of what begins with “=”
    cell.number_format = _TEXT
    cell.font = Font(bold=header, color=None if header or name in _OPEN else "FF595959")
    cell.protection = Protection(locked=header or name not in _OPEN)
    if header or name not in _OPEN:
        cell.fill = _HEAD if header else _GREY
    order = _RIGHT_TO_LEFT if document.right_to_left and name == "translation" else _LEFT_TO_RIGHT
    cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=order)
    cell.quotePrefix = bool(value)  # it stays text when a person edits it


def _lay_out(sheet: Worksheet, document: Document) -> None:
    for number, name in enumerate(table.COLUMNS, start=1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.hidden = _WIDTHS[name], name in _HIDDEN
    last = max(2, len(document.units) + 1)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.COLUMNS))}{last}"
    sheet.sheet_view.rightToLeft = document.right_to_left
    status = get_column_letter(table.COLUMNS.index("status") + 1)
    choice = DataValidation(
        type="list", formula1=f'"{",".join(STATUSES)}"', allow_blank=True, showErrorMessage=True,
        errorTitle="status", error=f"One of {', '.join(STATUSES)}",
    )  # fmt: skip
    choice.add(f"{status}2:{status}{last}")
    sheet.add_data_validation(choice)
    protection = sheet.protection
    protection.sheet = True
    protection.formatCells = protection.formatColumns = protection.formatRows = False  # False: allowed
    protection.autoFilter = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _check_archive(path: Path, data: bytes, limits: Limits) -> None:
    """Refuse what is no archive, what grows too much when unpacked, and documents with entities.

    `zipfile` never gives more of a member than its directory says, so the sizes there can be relied on.
    """
    with _refusing(path), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > limits.max_unpacked_bytes or len(members) > _MEMBERS:
            raise InputError(
                f"The workbook has {size:,} bytes in {len(members)} files when unpacked; "
                f"{limits.max_unpacked_bytes:,} in {_MEMBERS} are allowed.",
                where=path,
                remedy="See that it is the right file; delete other sheets and pictures, or raise "
                "exchange.max_unpacked_bytes.",
            )
        for member in members:
            if not member.filename.endswith((".xml", ".rels", ".vml")):
                continue
            content = archive.read(member).replace(b"\0", b"")  # UTF-16 too
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise InputError(
                    "A workbook with entities is refused: they can open other files or grow without end.",
                    where=f"{path}, {member.filename[:80]}",
                    remedy=_AGAIN,
                )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """A damaged workbook fails in whatever part of openpyxl meets the damage."""
    try:
        yield
    except InputError:
        raise
    except (zipfile.BadZipFile, InvalidFileException, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"It is no Excel workbook: {error}.", where=path, remedy=_AGAIN) from error
    except (*_DAMAGES, zlib.error) as error:
        raise InputError(f"The workbook is damaged: {error}.", where=path, remedy=_AGAIN) from error


def _find(sheets: Sequence[Any]) -> Any:
    """The first sheet whose first row names the columns; else the first."""
    for sheet in sheets:
        row = next(iter(sheet.iter_rows(max_row=1, max_col=_READ_COLUMNS, values_only=True)), ())
        if "translation" in {str(value).strip().casefold() for value in row if value is not None}:
            return sheet
    return sheets[0] if sheets else None


def _cells(path: Path, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    rows: Iterable[Sequence[Any]] = sheet.iter_rows(max_row=_SHEET_ROWS, max_col=_READ_COLUMNS)
    for number, row in enumerate(rows, start=1):
        yield number, [_cell_text(path, cell) for cell in row]


def _cell_text(path: Path, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise InputError(
            "The cell has a formula where a text belongs.",
            where=f"{path}, cell {cell.coordinate}",
            remedy="Write an apostrophe before it ('=…), then it is a text.",
        )
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise InputError(
            "The spreadsheet made a date or a time of the cell's text.",
            where=f"{path}, cell {cell.coordinate}",
            remedy="Make it a text (Format, Cells, Text), and write it again.",
        )
    if cell.data_type == "e":
        raise InputError(
            f"The cell has an error: {value}.", where=f"{path}, cell {cell.coordinate}", remedy="Write its text again."
        )
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
