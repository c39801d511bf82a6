"""Which file formats hold units, by suffix; `pipeline.exchange.base.Format` says how to add one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.exchange import csv_table, tmx, xliff, xlsx
from pipeline.exchange.base import Document, Format, Limits

FORMATS: Mapping[str, Format] = {
    "xlsx": Format(xlsx.write, xlsx.read),
    "csv": Format(csv_table.write, csv_table.read),
    "xliff": Format(xliff.write, xliff.read),
    "tmx": Format(tmx.write, tmx.read),
}
# Subtitle files hold cues, not units: `pipeline.subtitles.formats` writes and reads them.
CUE_FORMATS = ("srt", "vtt", "ass", "ttml", "sbv")
_ALIASES = {"xlf": "xliff"}


def format_name(name: str) -> str:
    """The name of a format, given it, or a suffix of such files, in any case.

    Raises:
        UsageError: there is no such format; old and foreign ones are told what to save as.
    """
    known = name.strip().lower().removeprefix(".")
    known = _ALIASES.get(known, known)
    if known in FORMATS or known in CUE_FORMATS:
        return known
    remedy = f"Known are {', '.join((*FORMATS, *CUE_FORMATS))}."
    if known in ("xls", "ods", "numbers"):
        remedy = "Save it as an Excel workbook (.xlsx)."
    raise UsageError(f"Zimu exchanges no “{name[:40]}” files.", remedy=remedy)


def read_document(path: Path, limits: Limits) -> Document:
    """The units of a file, in the format of its suffix.

    Raises:
        UsageError: no such format, or one of cues.
        InputError: the file is not of its format, damaged or beyond the limits.
    """
    name = format_name(path.suffix)
    if name not in FORMATS:
        raise UsageError(f"A {name} file has cues, not units.", where=path)
    return FORMATS[name].read(path, limits)
