"""The checklist of an export package: what a person does on the platform's page, with which files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.errors import UsageError
from pipeline.languages import Language
from pipeline.publishing.packages import UploadPage

# After the isolate that a text begins with, marks of lists and headings are plain text.
_MARKS = re.compile(r"([\\`*\[\]<>|~&])|(?<!\w)_|_(?!\w)")
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Entry:
    """A language of the package.

    Attributes:
        language: which.
        code: the platform's spelling of it.
        files: their names.
        cues: how many there are.
        sentences: how many were translated; 0: it is what is spoken.
        unapproved: how many of them nobody approved.
    """

    language: Language
    code: str
    files: tuple[str, ...]
    cues: int
    sentences: int
    unapproved: int


def checklist(
    page: UploadPage,
    entries: Sequence[Entry],
    *,
    title: str,
    folder: str,
    words: Mapping[str, Mapping[str, str]],
    language: str,
) -> dict[str, str]:
    """The checklist as `checklist.html` and `checklist.md`: name → text.

    Arguments:
        title: the episode's; any text.
        folder: where the files will be.
        words: config/platforms.toml's, by language.
        language: of the checklist.

    Raises:
        UsageError: the platform's steps, or the words, are not written in that language.
    """
    if language not in words or language not in page.steps or language not in page.title:
        known = [each for each in words if each in page.steps and each in page.title]
        raise UsageError(
            f"The checklist of {page.name} is not written in “{language}”.",
            remedy=f"Set package.language to {' or '.join(known)}, or write it in config/platforms.toml.",
        )
    own = words[language]
    facts = {
        "lang": language,
        "words": own,
        "heading": own["heading"].format(platform=page.title[language]),
        "title": title,
        "page": page.page,
        "steps": page.steps[language],
        "folder": folder,
        "rows": [(entry, _state(entry, own)) for entry in entries],
    }
    return {
        f"checklist.{kind}": _TEMPLATES.get_template(f"checklist.{kind}.j2").render(facts) for kind in ("html", "md")
    }


def _state(entry: Entry, words: Mapping[str, str]) -> str:
    if not entry.sentences:
        return words["spoken"]
    if not entry.unapproved:
        return words["approved"]
    return words["unapproved"].format(count=entry.unapproved, total=entry.sentences)


def _plain(text: str) -> str:
    """Any text as one row of Markdown that shows it as it stands, whichever way it is written."""
    escaped = _MARKS.sub(r"\\\g<0>", " ".join(text.split()))
    return f"{_ISOLATE}{escaped}{_END}"


def _code(text: str) -> str:
    """A path as Markdown's code, whatever is in it."""
    row = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", row)), default=0))
    return f"{fence}{row}{fence}" if len(fence) == 1 else f"{fence} {row} {fence}"


_TEMPLATES = Environment(
    loader=PackageLoader("pipeline.publishing"),
    autoescape=lambda name: bool(name and name.endswith(".html.j2")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters |= {"plain": _plain, "code": _code}
