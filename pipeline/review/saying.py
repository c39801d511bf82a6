"""Errors in the language of the interface: the program says them in English, a table has them in other words."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TABLES = Path(__file__).resolve().parent / "texts"
_PLACE = re.compile(r"\\\{(\w+)\\\}")


def said(text: str, ui: str) -> str:
    """An error's sentence in a language of the interface; as it is where the table does not have it."""
    exact, patterns = _table(ui)
    if text in exact:
        return exact[text]
    for pattern, words in patterns:
        if found := pattern.fullmatch(text):
            return words.format_map(found.groupdict())
    return text


def said_run(run: Mapping[str, Any], ui: str) -> dict[str, Any]:
    """A run as the pages see it, with what it says in a language of the interface."""
    warnings = [said(each, ui) for each in run["warnings"]]
    return {**run, "message": said(run["message"], ui), "remedy": said(run["remedy"], ui), "warnings": warnings}


@functools.cache
def _table(ui: str) -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Sentences without places to fill, and those with some."""
    path = _TABLES / f"errors.{ui}.json"
    table: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    exact = {english: words for english, words in table.items() if "{" not in english}
    patterns = [
        (re.compile(_PLACE.sub(r"(?P<\1>.*)", re.escape(english)), re.DOTALL), words)
        for english, words in table.items()
        if "{" in english
    ]
    return exact, tuple(patterns)
