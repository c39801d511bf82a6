"""Rows of a cue: where a text that is too long for one row is broken, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.subtitles.breaks import WEAK, Piece

# A row break weighs less than the end of a cue, since the reader's eye still has both halves; but one that parts what
# belongs together looks as bad.
_ROW_BREAK = 0.5
_BAD_ROW_BREAK = 1.0
# Rows that differ by the whole width of a row cost nearly as much as a plain break; the shorter one rather above
# ("bottom-heavy", so that less of the picture is covered).
_UNEVEN = 9.0
_TOP_HEAVY = 1.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows as (first, past the last) of the pieces, and their cost."""

    rows: tuple[tuple[int, int], ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Typesetter:
    """Lays out stretches of one text's pieces in rows of at most `max_chars`."""

    pieces: Sequence[Piece]
    max_chars: float
    _offsets: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        offsets = [0.0]
        for piece in self.pieces:
            offsets.append(offsets[-1] + piece.width + piece.blank_width)
        object.__setattr__(self, "_offsets", offsets)

    def width(self, first: int, past: int) -> float:
        """The characters of the pieces `first` to `past` (not included) on one row."""
        return self._offsets[past] - self._offsets[first] - self.pieces[past - 1].blank_width

    def position(self, piece: int) -> float:
        """The characters before a piece."""
        return self._offsets[piece]

    def row(self, first: int, past: int) -> str:
        """The text of the pieces on one row."""
        return "".join(piece.text + piece.blank for piece in self.pieces[first:past]).rstrip()

    def text(self, layout: Layout) -> str:
        """The rows of a layout, separated by a line feed."""
        return "\n".join(self.row(first, past) for first, past in layout.rows)

    def lay_out(self, first: int, past: int, max_rows: int) -> Layout | None:
        """The best layout of the pieces in as few rows as hold them; None where `max_rows` do not."""
        width = self.width(first, past)
        if width <= self.max_chars:
            return Layout(((first, past),), 0.0)
        if width > self.max_chars * max_rows:
            return None
        for rows in range(2, max_rows + 1):
            if (layout := self.split(first, past, rows)) is not None:
                return layout
        return None

    def split(self, first: int, past: int, rows: int) -> Layout | None:
        """The best layout of the pieces in exactly so many rows; None where there is none.

        A dynamic programme over (rows so far, pieces so far).
        """
        if rows == 1:
            fits = self.width(first, past) <= self.max_chars
            return Layout(((first, past),), 0.0) if fits else None
        mean = self.width(first, past) / rows
        best: dict[int, Layout] = {first: Layout((), 0.0)}
        for number in range(1, rows + 1):
            best = self._add_row(best, past, last=number == rows, mean=mean, room=rows - number)
        return best.get(past)

    def _add_row(self, best: dict[int, Layout], past: int, *, last: bool, mean: float, room: int) -> dict[int, Layout]:
        longer: dict[int, Layout] = {}
        for start, before in best.items():
            for end in (past,) if last else range(start + 1, past - room + 1):
                width = self.width(start, end)
                if width > self.max_chars:
                    break
                cost = before.cost + self._uneven(width, mean)
                if not last:
                    cost += self._row_end(end - 1) + (_TOP_HEAVY if width > mean else 0.0)
                if end not in longer or cost < longer[end].cost:
                    longer[end] = Layout((*before.rows, (start, end)), cost)
        return longer

    def _row_end(self, piece: int) -> float:
        cost = self.pieces[piece].cost
        return cost * (_BAD_ROW_BREAK if cost >= WEAK else _ROW_BREAK)

    def _uneven(self, width: float, mean: float) -> float:
        return _UNEVEN * ((width - mean) / self.max_chars) ** 2 * 2
