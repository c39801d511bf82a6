"""Terms with a fixed translation: read from TSV files, found in a text, checked in its translation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import sha256_json
from pipeline.translation.table import Row, columns_of, read_rows

COLUMNS = ("term", "translation", "aliases", "forbidden", "note")
# The columns where a file has no header.
_PLAIN = ("term", "translation", "note")

ANY = "*"
YES = frozenset({"yes", "y", "x", "1", "true", "ok", "✓", "✔", "是", "对", "好"})
NO = frozenset({"no", "n", "0", "false", "-", "✗", "否", "不"})

_LATIN = "0-9A-Za-zÀ-ÖØ-öø-ɏ"
# Scripts whose words stand alone, and change only at their ends: a form must begin where a word does.
_SPACED = "\u0370-\u052f"
_SEPARATOR = r"[\s\-‐‑‒–]"
# Terms so short that they may come about where two words meet.
_MAY_STRADDLE = re.compile("[\u3400-\u9fff]{2,3}")
_APOSTROPHES = "'’"
# What inflection adds to the last word of a form. English: plural, possessive.
_ENDINGS = {
    "en": rf"(?:e?s)?(?:[{_APOSTROPHES}]s?)?",
    "de": r"(?:e[nrs]?|n|s)?",
    "fr": r"(?:es?|s|x)?",
    "es": r"(?:e?s)?",
    "pt": r"(?:e?s)?",
}
_PLURAL_OF_Y = rf"(?:y|ies)(?:[{_APOSTROPHES}]s?)?"


@dataclass(frozen=True, slots=True)
class Term:
    """A source term and how it may be translated.

    Attributes:
        source: the term as the transcript writes it.
        forms: the allowed translations; the first is the preferred one. `*` among them allows any other: the preferred
            one is advice, as for idioms, and only the forbidden ones are refused.
        note: why, or which sense; for people.
        aliases: other spellings or names of the same in the transcript.
        forbidden: translations that it must not have, even beside an allowed one.
    """

    source: str
    forms: tuple[str, ...]
    note: str = ""
    aliases: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def preferred(self) -> str:
        return self.forms[0]

    @property
    def spellings(self) -> tuple[str, ...]:
        """The term and its aliases."""
        return (self.source, *self.aliases)

    def is_in(self, translation: str, language: str = "en") -> bool:
        """Whether one of the forms stands in the translation as a word of its own; it may be inflected.

        Case does not count (`open source` is in `Open-source`), but for the capital at the head of a form's word:
        `apple` is not `Apple`.
        """
        return self.is_advice or next(self._allowed(translation, language), None) is not None

    @property
    def is_advice(self) -> bool:
        """Whether any translation is allowed that is not forbidden."""
        return ANY in self.forms

    def places_in(self, translation: str, language: str = "en") -> tuple[tuple[int, int], ...]:
        """Where one of the forms stands in the translation: half-open spans, in order."""
        return tuple(sorted(set(self._allowed(translation, language))))

    def forbidden_in(self, translation: str, language: str = "en") -> tuple[str, ...]:
        """The forbidden translations that stand there, in any case; what is part of an allowed form does not count."""
        allowed = list(self._allowed(translation, language))
        return tuple(
            form
            for form in self.forbidden
            if any(
                not any(start <= match.start() and match.end() <= end for start, end in allowed)
                for match in _form_pattern(form.casefold(), language).finditer(translation)
            )
        )

    def _allowed(self, translation: str, language: str) -> Iterator[tuple[int, int]]:
        for form in self.forms:
            for match in _form_pattern(form, language).finditer(translation):
                yield match.span()


@dataclass(frozen=True)
class Glossary:
    """The terms of a language pair, and of an episode."""

    terms: tuple[Term, ...] = ()

    def hits(self, text: str) -> tuple[Term, ...]:
        """The terms that the text contains, in its order, each with its `source` as the text spells it.

        Longest match first: nothing is found inside a longer term or alias that stands there.
        """
        return tuple(spelled for _, spelled in self.places(text))

    def places(self, text: str) -> tuple[tuple[int, Term], ...]:
        """The hits, each with the offset of its first place in the text."""
        return tuple((start, term) for start, _, term in self.spans(text))

    def spans(self, text: str) -> tuple[tuple[int, int, Term], ...]:
        """The hits, each with its first place in the text: start, end, term; looked for once in each text."""
        if text not in self._found:
            self._found[text] = self._search(text)
        return self._found[text]

    def _search(self, text: str) -> tuple[tuple[int, int, Term], ...]:
        folded = text.casefold()
        found: list[tuple[int, int, Term]] = []
        taken = [False] * len(text)
        for spelling, plain, term in self._spellings:
            if plain not in folded:
                continue
            spans = [match.span() for match in _source_pattern(spelling).finditer(text)]
            free = [(start, end) for start, end in spans if not any(taken[start:end])]
            free = [span for span in free if not (_MAY_STRADDLE.fullmatch(spelling) and _straddles(text, *span))]
            for start, end in free:
                taken[start:end] = [True] * (end - start)
            if free:
                found.append((*free[0], term if spelling == term.source else replace(term, source=spelling)))
        return tuple(sorted(found, key=lambda each: each[0]))

    def overridden_by(self, other: Glossary) -> Glossary:
        """This glossary with `other`'s terms added; a spelling that both have means what `other` says."""
        claimed = {spelling for term in other.terms for spelling in term.spellings}
        kept = [
            replace(term, aliases=tuple(alias for alias in term.aliases if alias not in claimed))
            for term in self.terms
            if term.source not in claimed
        ]
        return Glossary((*kept, *other.terms))

    @property
    def digest(self) -> str:
        """SHA-256 of the terms, for fingerprints."""
        return sha256_json(sorted(fingerprint(term) for term in self.terms))

    @cached_property
    def _found(self) -> dict[str, tuple[tuple[int, int, Term], ...]]:
        """What `spans` found in each text: the sentences of an episode are asked for again and again."""
        return {}

    @cached_property
    def _spellings(self) -> tuple[tuple[str, str, Term], ...]:
        """Every spelling, its quickest test, and its term; the longest first."""
        spellings = [(each, _first_word(each), term) for term in self.terms for each in term.spellings]
        return tuple(sorted(spellings, key=lambda each: -len(each[0])))


def _straddles(text: str, start: int, end: int) -> bool:
    """Whether what looks like a term is the end of one word and the beginning of the next: 分支 in 部分支持."""
    place = 0
    heads = tails = False
    for word in _words_of(text):
        heads |= place < start < place + len(word)
        tails |= place < end < place + len(word)
        place += len(word)
    return heads and tails


def load_dictionary() -> None:
    """Load the dictionary of Chinese words now, a third of a second's work, and not when a term is first looked for."""
    _words_of("字幕")


@lru_cache(maxsize=1 << 12)
def _words_of(text: str) -> tuple[str, ...]:
    """The words of a Chinese text by jieba's dictionary alone, without its guesses at unknown ones."""
    from rjieba import cut  # loads its dictionary

    return tuple(cut(text, False))


def fingerprint(term: Term) -> list[object]:
    """All of a term that a translation depends on, as JSON."""
    return [term.source, list(term.forms), sorted(term.aliases), sorted(term.forbidden)]


def missing_terms(terms: Iterable[Term], translation: str, language: str) -> tuple[Term, ...]:
    """The terms of which no allowed form is in the translation; `language` is its BCP-47 tag."""
    primary = language.split("-")[0].casefold()
    return tuple(term for term in terms if not term.is_in(translation, primary))


def forbidden_terms(terms: Iterable[Term], translation: str, language: str) -> tuple[tuple[Term, tuple[str, ...]], ...]:
    """The terms with their forbidden translations that are in the translation; `language` is its BCP-47 tag."""
    primary = language.split("-")[0].casefold()
    found = ((term, term.forbidden_in(translation, primary)) for term in terms)
    return tuple((term, said) for term, said in found if said)


def with_terms(text: str, terms: Iterable[Term]) -> str:
    """The text with the terms' preferred translations in their places: `英伟达也曾透露` → `NVIDIA也曾透露`.

    What already stands in the text is copied even by a model that has ignored a list of terms. Longer terms go first.
    """
    by_length = sorted(terms, key=lambda each: -len(each.source))
    patterns = [(_source_pattern(term.source), term.preferred) for term in by_length]
    pieces: list[tuple[str, bool]] = [(text, False)]
    for pattern, form in patterns:
        pieces = [new for piece, done in pieces for new in ([(piece, True)] if done else _put(pattern, form, piece))]
    return "".join(piece for piece, _ in pieces)


def load_glossary(paths: Iterable[Path]) -> Glossary:
    """Read glossary files, the later ones overriding the earlier.

    A file is a table separated by tabs whose header names the columns `term`, `translation`, and if wanted
    `aliases`, `forbidden`, `note`; other columns are for people. Several translations, aliases or forbidden
    translations are separated by `|`, the preferred translation first. Without a header the columns are term,
    translation, note. Rows that start with `#` and empty rows are skipped. Where there is a column `approved`
    (see `pipeline.translation.terms`), only rows that say yes there count.

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
    return Glossary(
        tuple(_term({"term": term, "translation": forms}, f"{where}, {term!r}") for term, forms in entries.items())
    )


def is_approved(cell: str, where: str) -> bool:
    """What a cell of the column `approved` says; empty is no.

    Raises:
        UsageError: it says neither yes nor no.
    """
    said = cell.casefold()
    if said and said not in YES | NO:
        raise UsageError(f"“{cell}” is neither yes nor no.", where=where, remedy="Write yes or no, or leave it empty.")
    return said in YES


def _put(pattern: re.Pattern[str], form: str, piece: str) -> list[tuple[str, bool]]:
    """A piece of text cut at a term's places, with the form in them, marked as done."""
    parts = pattern.split(piece)
    joined: list[tuple[str, bool]] = [(parts[0], False)]
    for part in parts[1:]:
        joined += [(form, True), (part, False)]
    return joined


def _read(path: Path) -> tuple[Term, ...]:
    rows = [row for row in read_rows(path, kind="glossary") if not row.silent]
    columns = columns_of(rows[0], (*COLUMNS, "approved")) if rows else None
    if columns is not None:
        if missing := [name for name in COLUMNS[:2] if name not in columns]:
            raise UsageError(
                f"The header lacks the column {missing[0]}.",
                where=f"{path}, row {rows[0].number}",
                remedy="Name the columns: " + ", ".join(COLUMNS) + "; the last three may be left out.",
            )
        rows = rows[1:]
    terms: list[Term] = []
    seen: dict[str, int] = {}
    for row in rows:
        where = f"{path}, row {row.number}"
        cells = _cells(row, columns, where)
        if "approved" in cells and not is_approved(cells["approved"], where):
            continue
        term = _term(cells, where)
        _take(term, seen, row.number, where)
        terms.append(term)
    return tuple(terms)


def _take(term: Term, seen: dict[str, int], number: int, where: str) -> None:
    """Note the term's spellings; one spelling can't have two rows."""
    for spelling in term.spellings:
        if spelling in seen:
            raise UsageError(
                f"{spelling!r} stands there twice, as a term or an alias (also in row {seen[spelling]}).",
                where=where,
                remedy="Put its translations into one row, separated by |, and delete it in the other.",
            )
        seen[spelling] = number


def _cells(row: Row, columns: Mapping[str, int] | None, where: str) -> dict[str, str]:
    """The cells by the names of their columns."""
    if columns is not None:
        return {name: row.cells[place] if place < len(row.cells) else "" for name, place in columns.items()}
    cells = list(row.cells)
    while len(cells) > len(_PLAIN) - 1 and not cells[-1]:
        cells.pop()
    if not len(_PLAIN) - 1 <= len(cells) <= len(_PLAIN):
        raise UsageError(
            f"The row has {len(cells)} column{'s' if len(cells) != 1 else ''} instead of 2 or 3.",
            where=where,
            remedy="Write: term, a tab, translation, and if you like a tab and a note. More columns need a header: "
            + ", ".join(COLUMNS)
            + ".",
        )
    return dict(zip(_PLAIN, cells, strict=False))


def _term(cells: Mapping[str, str], where: str) -> Term:
    source = cells["term"].strip()
    forms = _split(cells["translation"] or cells.get("suggestion", ""))
    aliases, forbidden = (_split(cells.get(name, "")) if cells.get(name) else () for name in ("aliases", "forbidden"))
    if not source or not all(forms) or forms[0] == ANY:
        raise UsageError("The term or a translation is empty.", where=where, remedy="Fill it in, or delete the row.")
    if not all((*aliases, *forbidden)):
        raise UsageError("An alias or a forbidden translation is empty.", where=where, remedy="Delete the | too many.")
    if both := [form for form in forbidden if form in forms]:
        raise UsageError(
            f"The translation {both[0]!r} is allowed and forbidden.", where=where, remedy="Delete it in one of the two."
        )
    return Term(source, forms, cells.get("note", ""), tuple(dict.fromkeys(aliases)), forbidden)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|"))


def _first_word(spelling: str) -> str:
    """The part of a spelling before anything that may be written in two ways; every match contains it."""
    return re.split(_SEPARATOR, spelling.casefold(), maxsplit=1)[0]


@lru_cache(maxsize=1 << 14)
def _source_pattern(source: str) -> re.Pattern[str]:
    """The term in any case, and as a whole word where it begins or ends in a Latin letter or a digit.

    Hyphens and blanks may be left out: `RISC-V` is `RISC V` and `RISCV`.
    """
    before = f"(?<![{_LATIN}])" if re.match(f"[{_LATIN}]", source) else ""
    after = f"(?![{_LATIN}])" if re.search(f"[{_LATIN}]$", source) else ""
    words = f"{_SEPARATOR}*".join(re.escape(word) for word in _words(source))
    return re.compile(before + words + after, re.IGNORECASE)


@lru_cache(maxsize=1 << 14)
def _form_pattern(form: str, language: str) -> re.Pattern[str]:
    """A translation as it may stand in a text: as a word where its script has words, with its endings."""
    words = _words(form)
    body = f"{_SEPARATOR}+".join(_lenient(word) for word in words)
    before = f"(?<![{_LATIN}{_SPACED}])" if re.match(f"[{_LATIN}{_SPACED}]", form) else ""
    if not re.search(f"[{_LATIN}]$", form):
        return re.compile(before + body)
    ending = _ENDINGS.get(language, rf"(?:[{_APOSTROPHES}]?s)?")
    if language == "en" and re.search("[^aeiouAEIOU]y$", form):
        body, ending = body[: -len(_lenient("y"))], _PLURAL_OF_Y
    return re.compile(f"{before}{body}{ending}(?![{_LATIN}])")


def _words(text: str) -> Sequence[str]:
    return [word for word in re.split(f"{_SEPARATOR}+", text) if word] or [text]


def _lenient(word: str) -> str:
    """A pattern for a word in any case, but for a capital at its head: `Nvidia` is NVIDIA, `apple` not Apple."""
    capital = word[0].isupper()
    return re.escape(word[0]) * capital + "".join(_letter(char) for char in word[capital:])


def _letter(char: str) -> str:
    if char in _APOSTROPHES:
        return f"[{_APOSTROPHES}]"
    cases = {char, char.lower(), char.upper()}
    if not char.isalpha() or any(len(case) > 1 for case in cases):
        return re.escape(char)
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 else char
