"""Terms that people add on the page: written into a glossary, and applied where they occur; pure but for the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import write_text
from pipeline.store import StoredUnit
from pipeline.translation.glossary import COLUMNS, Glossary, Term, load_glossary
from pipeline.translation.renderings import collect_renderings
from pipeline.translation.table import columns_of, read_rows, write_rows
from pipeline.translation.terms import Candidate

_LONGEST = 200
# What a spreadsheet would take for a formula, and what begins a comment in the file.
_NO_BEGINNING = ("=", "+", "@", "#")


@dataclass(frozen=True, slots=True)
class Use:
    """A unit whose sentence has a term that its translation lacks; `after`: with the term in it, if that is clear."""

    unit: StoredUnit
    after: str | None


def make_term(source: str, forms: str, aliases: Iterable[str], forbidden: Iterable[str], note: str) -> Term:
    """A term as people wrote it; several allowed translations are separated by |.

    Raises:
        UsageError: something is empty, too long, or can't stand in the file.
    """
    allowed = tuple(_cell(form) for form in forms.split("|"))
    others, never = (tuple(dict.fromkeys(_cell(each) for each in some)) for some in (aliases, forbidden))
    for text in (_cell(source), *allowed, *others, *never):
        if not text or len(text) > _LONGEST or text.startswith(_NO_BEGINNING):
            raise UsageError(
                f"“{text[:_LONGEST]}” can't be a term or a translation of one.",
                remedy=f"Write 1 to {_LONGEST} characters that do not begin with one of {' '.join(_NO_BEGINNING)}.",
            )
    if any("|" in text for text in (source, *others, *never)):
        raise UsageError("A term has no |.", remedy="Write other spellings as aliases.")
    return Term(_cell(source), allowed, _cell(note), others, never)


def add_term(path: Path, term: Term, *, approved: bool = False) -> None:
    """Write a term into a glossary, in place of the row that it has there; other rows stay as they are.

    Arguments:
        approved: the glossary is an episode's table of terms, whose rows count where a person approved them.

    Raises:
        UsageError: the file is no glossary, or would not be one then: a spelling would stand in two rows.
        EpisodeError: it can't be written.
    """
    names = ("approved", *COLUMNS) if approved else COLUMNS
    rows = list(read_rows(path, kind="glossary")) if path.is_file() else []
    place = next((place for place, row in enumerate(rows) if not row.silent), None)
    columns = columns_of(rows[place], ("approved", *COLUMNS)) if place is not None else None
    table = [list(row.raw) for row in rows]
    if columns is None:
        # Without a header the columns are term, translation, note.
        columns = {"term": 0, "translation": 1, "note": 2, "aliases": 3, "forbidden": 4}
        table.insert(0, list(columns))
        place = 0
    missing = [name for name in names if name not in columns]
    header = table[place or 0]
    header += [""] * (max(columns.values()) + 1 - len(header)) + missing
    columns = {**columns, **{name: len(header) - len(missing) + at for at, name in enumerate(missing)}}
    new = {
        "term": term.source, "translation": "|".join(term.forms), "aliases": "|".join(term.aliases),
        "forbidden": "|".join(term.forbidden), "note": term.note,
        **({"approved": "yes"} if "approved" in columns else {}),
    }  # fmt: skip
    row = next((row for row in table if row is not header and _at(row, columns["term"]) == term.source), None)
    if row is None:
        row = []
        table.append(row)
    row += [""] * (len(header) - len(row))
    for name, cell in new.items():
        if cell or name != "note":
            row[columns[name]] = cell
    _write_checked(path, write_rows(table))


def uses(term: Term, units: Sequence[StoredUnit], language: str, renderings: Sequence[str]) -> list[Use]:
    """The units that a new term concerns.

    Arguments:
        renderings: translations that stand there now, and that the term's replaces.
    """
    alone, primary = Glossary((term,)), language.split("-")[0].casefold()
    found = []
    for unit in units:
        if not alone.hits(unit.source) or (
            term.is_in(unit.text, primary) and not term.forbidden_in(unit.text, primary)
        ):
            continue
        # A term that was left as it is comes before any guess at what it became.
        as_it_is = _replaced(unit.text, term.spellings, term.preferred)
        found.append(Use(unit, as_it_is or _replaced(unit.text, [*renderings, *term.forbidden], term.preferred)))
    return found


def known_renderings(term: Term, glossary: Glossary, units: Sequence[StoredUnit]) -> list[str]:
    """How a term has been translated so far: as the glossary said, and as translations that have it in common do."""
    before = [
        form
        for known in glossary.terms
        if set(known.spellings) & set(term.spellings)
        for form in (*known.forms, *known.forbidden)
    ]
    pairs = [(unit.source, unit.text) for unit in units if unit.text]
    others = Glossary(tuple(each for each in glossary.terms if not set(each.spellings) & set(term.spellings)))
    candidates = [Candidate(each, "name", len(pairs), "") for each in term.spellings]
    counted = collect_renderings(pairs, candidates, others)
    said: list[str] = []
    for each in term.spellings:
        names = counted.get(each, {})
        said += sorted(names, key=lambda name, names=names: -names[name])  # type: ignore[misc]
    return [form for form in dict.fromkeys([*before, *said]) if form not in term.forms]


def _replaced(text: str, renderings: Sequence[str], preferred: str) -> str | None:
    """The text with the longest rendering that stands in it replaced as a word; None where there is none."""
    for form in sorted(dict.fromkeys(renderings), key=len, reverse=True):
        before = r"(?<!\w)" if re.match(r"[A-Za-zÀ-ɏ\u0370-\u052f0-9]", form) else ""
        after = r"(?!\w)" if re.search(r"[A-Za-zÀ-ɏ\u0370-\u052f0-9]$", form) else ""
        new, count = re.subn(before + re.escape(form) + after, lambda _: preferred, text, flags=re.IGNORECASE)
        if count and new != text:
            return new
    return None


def _write_checked(path: Path, text: str) -> None:
    before = path.read_bytes() if path.is_file() else None
    write_text(path, text)
    try:
        load_glossary([path])
    except UsageError:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
        raise


def _at(row: Sequence[str], place: int) -> str:
    return " ".join(row[place].split()) if place < len(row) else ""


def _cell(text: str) -> str:
    """A cell's text: one row, no control characters."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
