"""What people say about transcript lines: their times, the borders of units between them, and corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.errors import UsageError
from pipeline.files import sha256_json
from pipeline.store import tables
from pipeline.store.database import new_id
from pipeline.store.lines import LineKey, find_lines, key_of
from pipeline.store.machine import ensure_episode
from pipeline.store.records import ConflictError, StoredUnit
from pipeline.store.rows import clean
from pipeline.store.writing import Work, Writing

_pins, _borders, _edits = tables.pins, tables.borders, tables.line_edits


@dataclass(frozen=True, slots=True)
class Pin:
    """The time that a person gave a line. `index` is the line's place now; None: it is gone, and the pin kept."""

    id: int
    index: int | None
    text: str
    start_ms: int
    end_ms: int
    who: str
    at: str
    revision: int


@dataclass(frozen=True, slots=True)
class Border:
    """Whether a unit ends after a line, as a person said: for a language, or all (empty).

    `after` is the line's place now; None: the line is gone, or what came after it, where they were to be one unit.
    """

    id: int
    language: str
    after: int | None
    ends: bool
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class LineEdit:
    """A correction of the transcript; without an old text a line was added, without a new one it was removed."""

    id: int
    index: int
    old: str
    new: str
    who: str
    at: str


class Lines(Writing):
    """Pins, borders and corrections.

    The argument `lines` is always the whole transcript as the caller has it, a text a line: what people said is
    found in it again by text and neighbours, so that other lines may come, go and change their order.
    """

    def pin(
        self,
        episode: str,
        lines: Sequence[str],
        index: int,
        start_ms: int,
        end_ms: int,
        who: str,
        *,
        expected_revision: int = 0,
    ) -> Pin:
        """Fix the time of a line.

        Arguments:
            expected_revision: of the pin that the person saw there; 0: there was none.

        Raises:
            ConflictError: somebody else pinned the line meanwhile.
            UsageError: there is no such line, or its end is not after its start.
        """
        _check_index(lines, index)
        if not 0 <= start_ms < end_ms:
            raise UsageError(f"A line can't be spoken from {start_ms} to {end_ms} ms.", remedy="Give its start first.")
        with self.work() as work:
            ensure_episode(work, episode)
            known = next((pin for pin in _found_pins(work.connection, episode, lines) if pin.index == index), None)
            if (known.revision if known else 0) != expected_revision:
                raise ConflictError(
                    f"The time of line {index + 1} was changed in the meantime.",
                    where=self.where,
                    remedy="Load it again, and make the change there.",
                )
            values = {
                **_columns(episode, key_of(lines, index)),
                "start_ms": start_ms,
                "end_ms": end_ms,
                "who": clean(who),
                "at": work.now,
                "revision": expected_revision + 1,
            }
            number = _put(work, _pins, known.id if known else None, values)
            work.touch(episode, "")
        return Pin(number, index, lines[index], start_ms, end_ms, clean(who), work.now, expected_revision + 1)

    def unpin(self, pin_id: int, expected_revision: int) -> None:
        """Let a line's time be found by the alignment again; a pin that is not there is gone already.

        Raises:
            ConflictError: somebody else changed it meanwhile.
        """
        with self.work() as work:
            row = work.connection.execute(sa.select(_pins).where(_pins.c.id == pin_id)).one_or_none()
            if row is None:
                return
            if row.revision != expected_revision:
                raise ConflictError(
                    f"The time of line {row.line_index + 1} was changed in the meantime.",
                    where=self.where,
                    remedy="Load it again.",
                )
            work.connection.execute(sa.delete(_pins).where(_pins.c.id == pin_id))
            work.touch(row.episode_id, "")

    def pins(self, episode: str, lines: Sequence[str]) -> tuple[Pin, ...]:
        """All pins of an episode, in the order of its lines; those whose line is gone at the end."""
        with self.connection() as connection:
            found = _found_pins(connection, episode, lines)
        return tuple(sorted(found, key=lambda pin: (pin.index is None, pin.index or 0, pin.id)))

    def set_border(
        self, episode: str, lines: Sequence[str], after: int, ends: bool, who: str, *, language: str = ""
    ) -> Border:
        """Say whether a unit ends after a line: in a language, or in all.

        Raises:
            UsageError: there is no such line, or none after it.
        """
        with self.work() as work:
            ensure_episode(work, episode)
            return put_border(work, episode, lines, after, ends, who, language)

    def remove_border(self, border_id: int) -> None:
        """Let grouping decide again; a border that is not there is gone already."""
        with self.work() as work:
            row = work.connection.execute(sa.select(_borders).where(_borders.c.id == border_id)).one_or_none()
            if row is not None:
                work.connection.execute(sa.delete(_borders).where(_borders.c.id == border_id))
                work.touch(row.episode_id, "")

    def all_borders(self, episode: str, lines: Sequence[str]) -> tuple[Border, ...]:
        """Everything that people said about where units end, in the order of lines; what is gone at the end."""
        with self.connection() as connection:
            found = _found_borders(connection, episode, lines)
        return tuple(sorted(found, key=lambda border: (border.after is None, border.after or 0, border.id)))

    def borders(self, episode: str, lines: Sequence[str], language: str) -> dict[int, bool]:
        """Whether a unit ends after a line, for those that people decided; a language's own word comes first."""
        found = [border for border in self.all_borders(episode, lines) if border.language in ("", language)]
        ordered = sorted(found, key=lambda border: bool(border.language))
        return {border.after: border.ends for border in ordered if border.after is not None}

    def borders_digest(self, episode: str, language: str) -> str:
        """SHA-256 of what people decided about a language's borders; empty where they said nothing."""
        with self.connection() as connection:
            rows = [row for row in _rows(connection, _borders, episode) if row.language in ("", language)]
        return sha256_json([[row.language, row.ends, *astuple(_key(row))] for row in rows]) if rows else ""

    def edit_line(self, episode: str, lines: Sequence[str], index: int, new: str, who: str) -> LineEdit:
        """Note a correction of a line that is being written into the transcript; an empty text: it is removed.

        Pins and borders follow. `lines` is the transcript before it.

        Raises:
            UsageError: there is no such line.
        """
        _check_index(lines, index)
        new = clean(new)
        after = [*lines[:index], *([new] if new else []), *lines[index + 1 :]]

        def place(old: int) -> int | None:
            if new or old < index:
                return old
            return None if old == index else old - 1

        return self._rewrite(episode, (lines, after), place, (index, lines[index], new), who)

    def insert_line(self, episode: str, lines: Sequence[str], index: int, new: str, who: str) -> LineEdit:
        """Note a line that is being added to the transcript, before line `index` of it.

        Raises:
            UsageError: there is no such place, or the line is empty.
        """
        new = clean(new)
        if not (0 <= index <= len(lines) and new.strip()):
            raise UsageError(f"There is no place {index + 1} for a line.", remedy="Load the page again.")
        after = [*lines[:index], new, *lines[index:]]
        return self._rewrite(
            episode, (lines, after), lambda old: old if old < index else old + 1, (index, "", new), who
        )

    def line_edits(self, episode: str) -> tuple[LineEdit, ...]:
        """All corrections of an episode's transcript, oldest first."""
        query = sa.select(_edits).where(_edits.c.episode_id == episode).order_by(_edits.c.id)
        with self.connection() as connection:
            return tuple(
                LineEdit(row.id, row.line_index, row.old, row.new, row.who, row.at) for row in connection.execute(query)
            )

    def _rewrite(
        self,
        episode: str,
        lines: tuple[Sequence[str], Sequence[str]],
        place: Callable[[int], int | None],
        told: tuple[int, str, str],
        who: str,
    ) -> LineEdit:
        before, after = lines
        index, old, new = told
        with self.work() as work:
            ensure_episode(work, episode)
            for table in (_pins, _borders):
                rows = _rows(work.connection, table, episode)
                for row, found in zip(rows, find_lines([_key(row) for row in rows], before), strict=True):
                    now = place(found) if found is not None else None
                    if now is not None:
                        key = _columns(episode, key_of(after, now))
                        work.connection.execute(sa.update(table).where(table.c.id == row.id).values(key))
            values = {"episode_id": episode, "line_index": index, "old": old, "new": new, "who": clean(who)}
            number = _put(work, _edits, None, {**values, "at": work.now})
            work.touch(episode, "")
        return LineEdit(number, index, old, new, clean(who), work.now)


def put_border(
    work: Work, episode: str, lines: Sequence[str], after: int, ends: bool, who: str, language: str
) -> Border:
    """Store whether a unit ends after a line, in place of what was said there for that language before."""
    _check_index(lines, after)
    _check_index(lines, after + 1)
    known = [b for b in _found_borders(work.connection, episode, lines) if (b.after, b.language) == (after, language)]
    values = {
        **_columns(episode, key_of(lines, after)),
        "language": language,
        "ends": ends,
        "who": clean(who),
        "at": work.now,
    }
    number = _put(work, _borders, known[0].id if known else None, values)
    work.touch(episode, "")
    return Border(number, language, after, ends, clean(who), work.now)


def decide_border(
    work: Work, unit: StoredUnit, lines: Sequence[str], after: int, ends: bool, who: str, *, everywhere: bool
) -> None:
    """What a split or a merge of a unit says of a border: for its language, or for all of them, its own included."""
    put_border(work, unit.episode, lines, after, ends, who, "" if everywhere else unit.language)
    if everywhere:
        own = [b.id for b in _found_borders(work.connection, unit.episode, lines)
               if (b.after, b.language) == (after, unit.language)]  # fmt: skip
        work.connection.execute(sa.delete(_borders).where(_borders.c.id.in_(own)))


def hold_borders(
    work: Work, unit: StoredUnit, lines: Sequence[str], after: Sequence[int], who: str, *, everywhere: bool
) -> None:
    """Keep a new unit from growing into its neighbours, where nobody has said anything of the border yet.

    A person's text holds its own lines without that, in its own language.
    """
    language = "" if everywhere else unit.language
    said = {b.after for b in _found_borders(work.connection, unit.episode, lines) if b.language == language}
    for line in after:
        if 0 <= line < len(lines) - 1 and line not in said:
            put_border(work, unit.episode, lines, line, True, who, language)


def _found_pins(connection: sa.Connection, episode: str, lines: Sequence[str]) -> list[Pin]:
    rows = _rows(connection, _pins, episode)
    places = find_lines([_key(row) for row in rows], lines)
    return [
        Pin(row.id, index, row.line_text, row.start_ms, row.end_ms, row.who, row.at, row.revision)
        for row, index in zip(rows, places, strict=True)
    ]


def _found_borders(connection: sa.Connection, episode: str, lines: Sequence[str]) -> list[Border]:
    rows = _rows(connection, _borders, episode)
    found = []
    for row, index in zip(rows, find_lines([_key(row) for row in rows], lines), strict=True):
        # Two lines that belong together do so only while they follow one another.
        follows = lines[index + 1] if index is not None and index + 1 < len(lines) else None
        after = index if follows is not None and (row.ends or follows == row.line_after) else None
        found.append(Border(row.id, row.language, after, row.ends, row.who, row.at))
    return found


def _rows(connection: sa.Connection, table: sa.Table, episode: str) -> Sequence[Any]:
    return connection.execute(sa.select(table).where(table.c.episode_id == episode).order_by(table.c.id)).all()


def _key(row: Any) -> LineKey:
    return LineKey(row.line_index, row.line_text, row.line_before, row.line_after)


def _columns(episode: str, key: LineKey) -> dict[str, Any]:
    return {
        "episode_id": episode,
        "line_index": key.index,
        "line_text": clean(key.text),
        "line_before": clean(key.before),
        "line_after": clean(key.after),
    }


def _put(work: Work, table: sa.Table, number: int | None, values: dict[str, Any]) -> int:
    """Change a row, or add one; returns its number."""
    if number is not None:
        work.connection.execute(sa.update(table).where(table.c.id == number).values(values))
        return number
    return new_id(work.connection, sa.insert(table).values(values))


def _check_index(lines: Sequence[str], index: int) -> None:
    if not 0 <= index < len(lines):
        raise UsageError(f"There is no line {index + 1}.", remedy="The transcript has changed: load the page again.")
