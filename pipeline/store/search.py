"""Finding words in sentences and translations, and replacing them in what a person has seen before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.errors import UsageError
from pipeline.store import tables
from pipeline.store.editing import by_hand
from pipeline.store.records import Outcome, Status, StoredUnit
from pipeline.store.rows import clean
from pipeline.store.writing import Edit, Writing, outcome, select_units

_units, _episodes = tables.units, tables.episodes
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: plain words, never a pattern.

    Attributes:
        where: in translations, in sentences, or in both.
        episode, language: only there; empty: everywhere.
        match_case: whether A is another letter than a.
        whole_word: not inside of a longer word.
        limit: no more units than this.
    """

    needle: str
    where: Literal["text", "source", "both"] = "text"
    episode: str = ""
    language: str = ""
    match_case: bool = False
    whole_word: bool = False
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit that has the words, and where: half-open spans of characters."""

    unit: StoredUnit
    path: str
    title: str
    text_spans: Spans
    source_spans: Spans


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a replacement would make of a unit that is at a revision; the spans are those in `before`."""

    unit: int
    revision: int
    before: str
    after: str
    spans: Spans
    episode: str
    path: str
    language: str
    first: int
    last: int
    status: Status


class Searching(Writing):
    """Search, and replace with a preview."""

    def search(self, search: Search) -> tuple[Hit, ...]:
        """The attached units that have the words, by episode, language and line.

        Raises:
            UsageError: nothing is looked for.
        """
        pattern = _pattern(search)
        found: dict[int, tuple[str, str, Spans, Spans]] = {}
        with self.connection() as connection:
            for row in connection.execute(_query(search)):
                text = _spans(pattern, row.text) if search.where != "source" else ()
                source = _spans(pattern, row.source) if search.where != "text" else ()
                if text or source:
                    found[row.id] = (row.path, row.title, text, source)
                if len(found) >= search.limit:
                    break
            units = select_units(connection, found)
        return tuple(Hit(units[unit_id], *rest) for unit_id, rest in found.items())

    def preview_replace(self, search: Search, replacement: str) -> tuple[Replacement, ...]:
        """What `apply_replace` would change in the translations; nothing is changed yet.

        Raises:
            UsageError: nothing is looked for.
        """
        pattern, new = _pattern(search), clean(replacement)
        return tuple(
            Replacement(
                hit.unit.id, hit.unit.revision, hit.unit.text, pattern.sub(lambda _: new, hit.unit.text),
                hit.text_spans, hit.unit.episode, hit.path, hit.unit.language, hit.unit.first, hit.unit.last,
                hit.unit.status,
            )
            for hit in self.search(replace(search, where="text"))
        )  # fmt: skip

    def apply_replace(self, replacements: Sequence[Replacement], who: str) -> tuple[Outcome, ...]:
        """Make the replacements that a person chose; says of each unit what became of it.

        A unit that was changed since the preview is left. One that was approved is edited then.
        """
        wanted = {each.unit: each for each in replacements}
        with self.work() as work:
            found = work.units(wanted)
            outcomes: dict[int, Outcome] = {}
            edits: list[Edit] = []
            for unit_id, each in wanted.items():
                unit = found.get(unit_id)
                if unit is None or not unit.attached:
                    outcomes[unit_id] = outcome(unit_id, unit, "gone")
                elif (unit.revision, unit.text) != (each.revision, each.before):
                    outcomes[unit_id] = outcome(unit_id, unit, "conflict")
                else:
                    outcomes[unit_id] = outcome(unit_id, unit)
                    after = by_hand(unit)._replace(text=clean(each.after), findings=())
                    edits.append(Edit(unit, after, "replace", clean(who)))
            for unit in work.record(edits):
                outcomes[unit.id] = outcome(unit.id, unit)
            return tuple(outcomes.values())


def _pattern(search: Search) -> re.Pattern[str]:
    if not search.needle:
        raise UsageError("There is nothing to look for.", remedy="Write the words to find.")
    words = re.escape(clean(search.needle))
    if search.whole_word:
        # Chinese and Japanese have no blanks between words: next to their characters every place is an edge.
        letter = r"[^\W\u2e80-\u9fff\uf900-\ufaff]"
        words = rf"(?<!{letter}){words}(?!{letter})"
    return re.compile(words, 0 if search.match_case else re.IGNORECASE)


def _spans(pattern: re.Pattern[str], text: str) -> Spans:
    return tuple(found.span() for found in pattern.finditer(text))


def _query(search: Search) -> sa.Select[Any]:
    """The rows that may have the words; the pattern decides."""
    query = (
        sa.select(_units.c.id, _units.c.text, _units.c.source, _episodes.c.path, _episodes.c.title)
        .join(_episodes, _episodes.c.id == _units.c.episode_id)
        .where(_units.c.attached)
        .order_by(_episodes.c.path, _units.c.language, _units.c.first_line, _units.c.id)
    )
    if search.episode:
        query = query.where(_units.c.episode_id == search.episode)
    if search.language:
        query = query.where(_units.c.language == search.language)
    columns = {"text": [_units.c.text], "source": [_units.c.source]}.get(search.where, [_units.c.text, _units.c.source])
    parts = _sure(search)
    folded = [sa.and_(*[sa.func.lower(column).contains(part, autoescape=True) for part in parts]) for column in columns]
    if parts:
        query = query.where(sa.or_(*folded))
    return query


def _sure(search: Search) -> tuple[str, ...]:
    """Parts of the words that every text with the words has, whatever the case of their ASCII letters.

    Databases fold only a part of all letters, and not the same: the parts are what no fold that Python knows makes
    of another letter. k, s and i have relatives outside of ASCII (the Kelvin sign, the long s, the dotted capital I).
    """
    return tuple(re.findall(r"(?:(?![ksi])[\x20-\x7f])+", clean(search.needle).lower())) or tuple(
        part for part in (clean(search.needle),) if part.lower() == part.upper()
    )
