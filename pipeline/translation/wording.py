"""Shorter wordings that mean the same, from a table that people can review; pure but for reading it.

A subtitler who can't fit a sentence into its time writes "it's" for "it is", 600 for "six hundred" and "to" for "in
order to" before leaving anything out. The rules stand in `config/wordings/LANGUAGE.tsv`, gentlest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import regex

from pipeline.errors import UsageError
from pipeline.files import sha256_json
from pipeline.translation.table import Row, columns_of, read_rows

COLUMNS = ("long", "short", "step", "unless_after", "unless_before", "only_before", "note")
CLAUSE_END = "."
FIGURE = "<n>"

_FIGURE = r"\d+(?:[.,]\d+)*"
_INSIDE_WORD = r"[\p{L}\p{N}'’\-]"
_WORD = rf"{_INSIDE_WORD}+"
_WORD_BEFORE = regex.compile(rf"({_WORD})[ \u00a0]+$")
_WORD_AFTER = regex.compile(rf"[ \u00a0]+({_WORD})")
_GROUP = regex.compile(r"\{(\d)\}")
_QUOTED = regex.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|「[^」]*」|『[^』]*』")


@dataclass(frozen=True, slots=True)
class Wording:
    """A long wording and a shorter one that says the same.

    Attributes:
        long: words; `a|b` is either of two, `<n>` a number in figures. In small letters it matches with a
            capital at its head too; a capital matches nothing but itself.
        short: what takes its place; `{1}` is what the first word with `|` or `<n>` in `long` was. Empty: nothing.
        step: all rules of step 1 come before those of step 2.
        unless_after, unless_before: it does not hold where one of these words stands right there; `-n't` is a word's
            ending, `.` before it or after it the end of a clause.
        only_before: if any, it holds only before one of them; `<n>` is a number in figures.
    """

    long: str
    short: str
    step: int = 1
    unless_after: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """A regular expression of `long`."""
        words = [self._word(word, first=place == 0) for place, word in enumerate(self.long.split())]
        after = rf"(?!{_INSIDE_WORD})" if regex.search(r"[\p{L}\p{N}>]$", self.long) else ""
        return rf"(?<!{_INSIDE_WORD})" + r"[ \u00a0]+".join(words) + after

    @staticmethod
    def _word(word: str, *, first: bool) -> str:
        if word == FIGURE:
            return f"({_FIGURE})"
        forms = [
            f"[{form[0].upper()}{form[0]}]{_escaped(form[1:])}" if first and form[:1].islower() else _escaped(form)
            for form in word.split("|")
        ]
        return f"({'|'.join(forms)})" if len(forms) > 1 else forms[0]


@dataclass(frozen=True, slots=True)
class Reworded:
    """A shorter text, and each change as `it is → it's`."""

    text: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Wordings:
    """The rules of one language, in their order."""

    rules: tuple[Wording, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rules."""
        return sha256_json([[rule.long, rule.short, rule.step, *map(list, _limits(rule))] for rule in self.rules])

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """The steps that there are, in order."""
        return tuple(sorted({rule.step for rule in self.rules}))

    @cached_property
    def _compiled(self) -> tuple[tuple[Wording, regex.Pattern[str]], ...]:
        return tuple((rule, regex.compile(rule.pattern)) for rule in self.rules)

    def shorten(self, text: str, *, step: int, keep: Sequence[str] = ()) -> Reworded:
        """The text with every rule of one step applied wherever it holds.

        Quotations are left as they are, and so is what `keep` names: terms and names as the text writes them.
        """
        changes: list[str] = []
        for rule, pattern in self._compiled:
            if rule.step == step:
                text = _apply(rule, pattern, text, keep, changes)
        return Reworded(text, tuple(changes))


NO_WORDINGS = Wordings()


def load_wordings(path: Path) -> Wordings:
    """Read a table of rules.

    Raises:
        UsageError: it can't be read, lacks a column, or a row is no rule; the message has file and row.
    """
    rows = [row for row in read_rows(path, kind="table of wordings") if not row.silent]
    columns = columns_of(rows[0], COLUMNS) if rows else None
    if columns is None or not {"long", "short", "step"} <= columns.keys():
        raise UsageError(
            "The table of wordings has no header.", where=path, remedy=f"Begin it with the row: {', '.join(COLUMNS)}."
        )
    return Wordings(tuple(_rule(row, columns, path) for row in rows[1:]))


def _rule(row: Row, columns: Mapping[str, int], path: Path) -> Wording:
    cells = {name: row.cells[place] if place < len(row.cells) else "" for name, place in columns.items()}
    lists = [tuple(each for each in cells.get(name, "").split("|") if each) for name in COLUMNS[3:6]]
    where = f"{path}, row {row.number}"
    if not cells["long"] or not cells["step"].isdecimal():
        raise UsageError("A wording needs what is long, and a step in figures.", where=where, remedy="Write them.")
    found = Wording(cells["long"], cells["short"], int(cells["step"]), *lists)
    groups = regex.compile(found.pattern).groups
    if any(not 1 <= int(number) <= groups for number in _GROUP.findall(found.short)):
        raise UsageError(
            f"“{found.short}” names a word that “{found.long}” does not have.",
            where=where,
            remedy="{1} is the first word with | or <n> in it, {2} the second.",
        )
    return found


def _escaped(text: str) -> str:
    return str(regex.escape(text)).replace("'", "['’]")


def _limits(rule: Wording) -> tuple[tuple[str, ...], ...]:
    return rule.unless_after, rule.unless_before, rule.only_before


def _apply(rule: Wording, pattern: regex.Pattern[str], text: str, keep: Sequence[str], changes: list[str]) -> str:
    kept = list(_kept(text, keep))
    shown, done = [], 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if any(start < last and first < end for first, last in kept) or not _holds(rule, text, start, end):
            continue
        short = _filled(rule.short, match)
        if match[0][:1].isupper() and not rule.long[:1].isupper() and not _may_begin(short):
            continue
        if match[0][:1].isupper():
            short = short[:1].upper() + short[1:]
        changes.append(f"{match[0]} → {short or '–'}")
        shown += [text[done:start], short]
        done = end
        if not short:  # nothing is left: the next word begins the sentence
            done += len(text[end:]) - len(text[end:].lstrip())
            if match[0][:1].isupper():
                shown.append(text[done : done + 1].upper())
                done += 1
    return "".join(shown) + text[done:]


def _filled(short: str, match: regex.Match[str]) -> str:
    return str(_GROUP.sub(lambda group: match[int(group[1])], short))


def _may_begin(short: str) -> bool:
    """No sentence begins with a number in figures."""
    return not short or short[0].isalpha()


def _kept(text: str, keep: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of what is not to be changed."""
    yield from (match.span() for match in _QUOTED.finditer(text))
    for name in keep:
        if name:
            yield from (match.span() for match in regex.finditer(regex.escape(name), text, regex.IGNORECASE))


def _holds(rule: Wording, text: str, start: int, end: int) -> bool:
    before, after = _WORD_BEFORE.search(text[:start]), _WORD_AFTER.match(text, end)
    first = before[1].casefold().replace("’", "'") if before else CLAUSE_END
    next_one = after[1].casefold().replace("’", "'") if after else CLAUSE_END
    if _among(first, rule.unless_after) or _among(next_one, rule.unless_before):
        return False
    return not rule.only_before or _among(next_one, rule.only_before)


def _among(word: str, words: Sequence[str]) -> bool:
    return any(
        word == each.casefold()
        or (each.startswith("-") and word.endswith(each[1:]))
        or (each == FIGURE and word[:1].isdecimal())
        for each in words
    )
