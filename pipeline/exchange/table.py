"""Units as rows of a table: the columns that CSV and XLSX share, found by their names, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.exchange.base import (
    STATUSES,
    Document,
    ExchangeUnit,
    Limits,
    Status,
    check_size,
    check_text,
    from_clock,
    to_clock,
)

COLUMNS = ("id", "lines", "start", "end", "source", "translation", "status", "note", "revision", "episode", "language")
# Without these a row can't be understood: ids are small numbers, which another database has too.
_NEEDED = ("id", "source", "translation")
_AGAIN = "Export it again, and correct only the columns “translation”, “status” and “note”."


@dataclass(frozen=True, slots=True)
class Heading:
    """What the columns of a file are, and what holds for all its rows."""

    path: Path
    places: Mapping[str, int]

    def cell(self, cells: Sequence[str], name: str) -> str:
        """A row's cell of that column; empty where it has none."""
        place = self.places.get(name, len(cells))
        return cells[place] if place < len(cells) else ""


def cells(unit: ExchangeUnit, document: Document) -> dict[str, str]:
    """What stands in a unit's row, by column."""
    return {
        "id": unit.id,
        "lines": unit.lines,
        "start": to_clock(unit.start_ms),
        "end": to_clock(unit.end_ms),
        "source": unit.source,
        "translation": unit.text,
        "status": unit.status,
        "note": unit.note,
        "revision": str(unit.revision),
        "episode": document.episode,
        "language": f"{document.source_language} > {document.language}",
    }


def heading(path: Path, names: Sequence[str]) -> Heading:
    """The columns by their names.

    Raises:
        InputError: one that is needed is not there, or one is there twice.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        known = name.strip().casefold()
        if known not in COLUMNS:
            continue
        if known in places:
            raise InputError(f"The column “{known}” is there twice.", where=f"{path}, row 1", remedy="Delete one.")
        places[known] = place
    for name in _NEEDED:
        if name not in places:
            raise InputError(
                f"There is no column “{name}”.",
                where=f"{path}, row 1",
                remedy="The first row must be that of the export. " + _AGAIN,
            )
    return Heading(path, places)


def units(
    head: Heading, rows: Iterable[tuple[int, Sequence[str]]], limits: Limits, *, decode: Callable[[str], str]
) -> tuple[tuple[ExchangeUnit, ...], tuple[str, ...], str, str]:
    """The units of numbered rows, their places, and the `episode` and `language` that the rows name.

    A row without an id, but with text, is a unit without an id: an import shows it.

    Arguments:
        decode: undoes what was done to a text to write it.
    """
    found: list[ExchangeUnit] = []
    places: list[str] = []
    said: dict[str, str] = {"episode": "", "language": ""}
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"row {number}"
        check_size(head.path, limits, len(found) + 1, place)
        texts = {
            name: check_text(head.path, limits, decode(head.cell(row, name)), place)
            for name in ("source", "translation", "note")
        }
        for name in said:
            said[name] = _one(said[name], decode(head.cell(row, name)), name, f"{head.path}, {place}")
        found.append(_unit(head, row, texts, place))
        places.append(place)
    return tuple(found), tuple(places), said["episode"], said["language"]


def languages(text: str) -> tuple[str, str]:
    """Source and target of `zh-Hans > en`; empty where they are not said."""
    source, arrow, target = text.partition(">")
    return (source.strip(), target.strip()) if arrow else ("", text.strip())


def _one(known: str, said: str, name: str, where: str) -> str:
    if known and said and known != said:
        raise InputError(
            f"The rows are of more than one {name}: {known[:60]} and {said[:60]}.",
            where=where,
            remedy=f"Put the rows of each {name} into a file of its own.",
        )
    return known or said


def _unit(head: Heading, row: Sequence[str], texts: Mapping[str, str], place: str) -> ExchangeUnit:
    first, last = _lines(head.cell(row, "lines"))
    return ExchangeUnit(
        id=head.cell(row, "id").strip(),
        first=first,
        last=last,
        source=texts["source"],
        text=texts["translation"],
        status=_status(head.cell(row, "status"), f"{head.path}, {place}"),
        start_ms=from_clock(head.cell(row, "start")) or 0,
        end_ms=from_clock(head.cell(row, "end")) or 0,
        note=texts["note"],
        revision=_number(head.cell(row, "revision")),
    )


def _lines(text: str) -> tuple[int, int]:
    """Indexes of lines from their numbers; a spreadsheet may have made one number of a single line's."""
    first, _, last = text.partition("-")
    number = _number(first)
    return number - 1, (_number(last) or number) - 1


def _number(text: str) -> int:
    """A count from 1, or 0 where the cell has none."""
    return int(text) if text.strip().isdecimal() and len(text) < 18 else 0


def _status(text: str, where: str) -> Status:
    said = text.strip().casefold()
    found = next((status for status in STATUSES if status == said), None)
    if said and found is None:
        raise InputError(
            f"“{text.strip()[:40]}” is no status.", where=where, remedy=f"Write one of {', '.join(STATUSES)}."
        )
    return found or ""
