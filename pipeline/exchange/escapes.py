"""Text on its way into a file and back: what the format can't hold is written in a way that people can read.

A character that can't be written becomes `⟦U+001B⟧`. Where a text has such brackets of its own, the first one is
written that way too, so reading gives back exactly what was there.
"""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"⟦U\+([0-9A-F]{4,6})⟧")
_OPEN = re.compile(r"⟦(?=U\+[0-9A-F]{4,6}⟧)")
# XML 1.0, section 2.2: what no document can hold, even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A table's rows may end with a carriage return, and spreadsheets drop other control characters.
_NOT_CELL = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Spreadsheets write characters as _x000D_ themselves, and openpyxl drops x005F_.
_EXCEL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|x(?=005F_)")
_OF_EXCEL = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Beginnings that a spreadsheet takes for a formula (OWASP, "CSV Injection"), after any guards.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARD = "'"


def for_xml(text: str) -> str:
    """Text that XML 1.0 can hold; `back` undoes it."""
    return _escaped(text, _NOT_XML)


def for_cell(text: str) -> str:
    """Text that a cell of a table can hold; `back` undoes it."""
    return _escaped(text, _NOT_CELL)


def for_sheet(text: str) -> str:
    """Text that a cell of a spreadsheet's file can hold; `from_sheet` undoes it."""
    return _EXCEL.sub(_code, _escaped(text, _NOT_CELL))


def back(text: str) -> str:
    """What was written by `for_xml` or `for_cell`."""
    return _WRITTEN.sub(_character, text)


def from_sheet(text: str) -> str:
    """What was written by `for_sheet`, or by a spreadsheet in its own way."""
    return back(_OF_EXCEL.sub(_character, text))


def guarded(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula; `unguarded` undoes it."""
    return _GUARD + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """A cell without the guard, if it has one."""
    return text[1:] if text.startswith(_GUARD) and _FORMULA.match(text) else text


def _escaped(text: str, unholdable: re.Pattern[str]) -> str:
    return unholdable.sub(_code, _OPEN.sub(_code, text))


def _code(match: re.Match[str]) -> str:
    return f"⟦U+{ord(match[0]):04X}⟧"


def _character(match: re.Match[str]) -> str:
    """The character of a code; codes that no text may have stay as they stand."""
    code = int(match[1], 16)
    return match[0] if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
