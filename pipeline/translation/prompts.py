"""Prompt templates: text files with {placeholders}, one pair for all languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import sha256_json

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_FIELDS = {
    "system": frozenset({"language"}),
    "user": frozenset({"language", "title", "terms", "names", "similar", "before", "after", "complaints", "units"}),
}
_NEEDED = {"system": frozenset({"language"}), "user": frozenset({"units"})}


@dataclass(frozen=True, slots=True)
class Prompts:
    """The system and the user message's templates."""

    system: str
    user: str

    @property
    def digest(self) -> str:
        """SHA-256 of the templates, for fingerprints."""
        return sha256_json([self.system, self.user])


def load_prompts(system: Path, user: Path) -> Prompts:
    """Read the templates.

    Raises:
        UsageError: a file can't be read, lacks a placeholder that it needs, or has an unknown one.
    """
    return Prompts(_read(system, "system"), _read(user, "user"))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled; a paragraph whose only placeholders are empty is left out.

    What is put in is never read as a template, so a transcript may contain braces.
    """
    kept = []
    for paragraph in template.strip().split("\n\n"):
        names = [name for name in _PLACEHOLDER.findall(paragraph) if name != "language"]
        if names and not any(values.get(name) for name in names):
            continue
        kept.append(_PLACEHOLDER.sub(lambda match: values.get(match[1], ""), paragraph))
    return "\n\n".join(kept)


def _read(path: Path, kind: str) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "The prompt can't be read.", where=path, remedy="Save it there as UTF-8, or delete your own copy."
        ) from error
    names = set(_PLACEHOLDER.findall(text))
    if unknown := sorted(names - _FIELDS[kind]):
        raise UsageError(
            f"The prompt has an unknown placeholder {{{unknown[0]}}}.",
            where=path,
            remedy="It may use " + ", ".join(f"{{{name}}}" for name in sorted(_FIELDS[kind])) + ".",
        )
    if missing := sorted(_NEEDED[kind] - names):
        raise UsageError(f"The prompt lacks {{{missing[0]}}}.", where=path, remedy="Put it in.")
    return text
