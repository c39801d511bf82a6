"""Terms with a fixed translation: read from TSV files, found in a text, checked in its translation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import sha256_json

_COLUMNS = (2, 3)
_LATIN_EDGE = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Term:
    """A source term and how it may be translated.

    Attributes:
        source: the term as the transcript writes it.
        forms: the allowed translations; the first is the preferred one.
        note: why, or which sense; for people.
    """

    source: str
    forms: tuple[str, ...]
    note: str = ""

    @property
    def preferred(self) -> str:
        return self.forms[0]

    def is_in(self, translation: str) -> bool:
        """Whether one of the forms stands in the translation; case does not count."""
        text = _folded(translation)
        return any(_folded(form) in text for form in self.forms)


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms of a language pair, and of an episode."""

    terms: tuple[Term, ...] = ()

    def hits(self, text: str) -> tuple[Term, ...]:
        """The terms that the text contains, in its order; of overlapping ones the longest."""
        found: list[tuple[int, Term]] = []
        taken = [False] * len(text)
        for term in sorted(self.terms, key=lambda each: -len(each.source)):
            places = [
                match.span() for match in _pattern(term.source).finditer(text) if not any(taken[slice(*match.span())])
            ]
            for start, end in places:
                taken[start:end] = [True] * (end - start)
            if places:
                found.append((places[0][0], term))
        return tuple(term for _, term in sorted(found, key=lambda each: each[0]))

    def overridden_by(self, other: Glossary) -> Glossary:
        """This glossary with `other`'s terms added; where both have a term, `other`'s counts."""
        merged = {term.source: term for term in self.terms} | {term.source: term for term in other.terms}
        return Glossary(tuple(merged.values()))

    @property
    def digest(self) -> str:
        """SHA-256 of the terms, for fingerprints."""
        return sha256_json(sorted([term.source, *term.forms] for term in self.terms))


def load_glossary(paths: Iterable[Path]) -> Glossary:
    """Read glossary files, the later ones overriding the earlier.

    A row is: term, tab, translation, and optionally tab, note. Several allowed translations are separated
    by `|`, the preferred one first. Rows that start with `#` and empty rows are skipped, and so is a first
    row that reads `term, translation, note`.

    Raises:
        UsageError: a file can't be read or a row is malformed; the message has the file and the row.
    """
    glossary = Glossary()
    for path in paths:
        glossary = glossary.overridden_by(Glossary(_read(path)))
    return glossary


def glossary_from_entries(entries: Mapping[str, str], where: str) -> Glossary:
    """An episode's own entries: term to translation, several allowed ones separated by `|`.

    Raises:
        UsageError: a term or a translation is empty; the message has `where`.
    """
    return Glossary(tuple(_term(f"{term}\t{forms}", f"{where}, {term!r}") for term, forms in entries.items()))


def with_terms(text: str, terms: Iterable[Term]) -> str:
    """The text with the terms' preferred translations in their places: `英伟达也曾透露` → `NVIDIA也曾透露`.

    What already stands in the text is copied even by a model that has ignored a list of terms. Longer terms go first.
    """
    for term in sorted(terms, key=lambda each: -len(each.source)):
        text = _pattern(term.source).sub(lambda _, form=term.preferred: form, text)  # type: ignore[misc]
    return text


def _read(path: Path) -> tuple[Term, ...]:
    try:
        rows = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError("The glossary is not UTF-8.", where=path, remedy="Save it as UTF-8.") from error
    except OSError as error:
        raise UsageError(
            "The glossary can't be read.", where=path, remedy="Correct its name in episode.toml or zimu.toml."
        ) from error
    terms: dict[str, Term] = {}
    for number, row in enumerate(rows, start=1):
        if not row.strip() or row.lstrip().startswith("#") or _is_header(row):
            continue
        term = _term(row, f"{path}, row {number}")
        if term.source in terms:
            raise UsageError(
                f"The term {term.source!r} stands there twice.",
                where=f"{path}, row {number}",
                remedy="Put its translations into one row, separated by |.",
            )
        terms[term.source] = term
    return tuple(terms.values())


def _is_header(row: str) -> bool:
    return [cell.strip().casefold() for cell in row.split("\t")][:2] == ["term", "translation"]


def _term(row: str, where: str) -> Term:
    cells = [cell.strip() for cell in row.split("\t")]
    while len(cells) > _COLUMNS[0] and not cells[-1]:
        cells.pop()
    if len(cells) not in _COLUMNS:
        raise UsageError(
            f"The row has {len(cells)} column{'s' if len(cells) != 1 else ''} instead of 2 or 3.",
            where=where,
            remedy="Write: term, a tab, translation, and if you like a tab and a note.",
        )
    forms = tuple(form.strip() for form in cells[1].split("|"))
    if not cells[0] or not all(forms):
        raise UsageError("The term or a translation is empty.", where=where, remedy="Fill it in, or delete the row.")
    return Term(cells[0], forms, cells[2] if len(cells) == _COLUMNS[1] else "")


def _pattern(source: str) -> re.Pattern[str]:
    """The term in any case, and as a whole word where it begins or ends in a Latin letter or a digit."""
    before = r"(?<![A-Za-z0-9])" if _LATIN_EDGE.match(source[0]) else ""
    after = r"(?![A-Za-z0-9])" if _LATIN_EDGE.match(source[-1]) else ""
    return re.compile(before + re.escape(source) + after, re.IGNORECASE)


def _folded(text: str) -> str:
    """Case, hyphens and kinds of blank don't count: `open-source` is `open source`."""
    return re.sub(r"[\s\-‐‑‒–]+", " ", text).casefold()
