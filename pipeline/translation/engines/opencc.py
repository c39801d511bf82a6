"""The other way of writing Chinese, by OpenCC: a conversion and no translation, so it asks nobody and costs nothing."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from pipeline.files import sha256_json
from pipeline.translation.engines.base import Context, OnDone, Request
from pipeline.translation.glossary import Term, with_terms

NAME = "opencc"
_PACKAGE = "opencc-python-reimplemented"
# Letters that no text has and OpenCC leaves alone; each stands for a term while the text around it is converted.
_PRIVATE = range(0xE000, 0xF900)


@functools.cache
def _converter(configuration: str) -> Any:
    return importlib.import_module("opencc").OpenCC(configuration)


def convert(text: str, configuration: str, terms: Sequence[Term] = ()) -> str:
    """Chinese in the characters, and with `s2twp` the words, of a region; the glossary's terms as it gives them.

    Arguments:
        configuration: OpenCC's, as `s2twp`.
        terms: the terms in the text; each gets its preferred form, which is not converted.
    """
    free = (mark for mark in map(chr, _PRIVATE) if mark not in text)
    marks = dict(zip(free, terms, strict=False))
    marked = with_terms(text, [replace(term, forms=(mark,)) for mark, term in marks.items()])
    converted: str = _converter(configuration).convert(marked)
    return "".join(marks[letter].preferred if letter in marks else letter for letter in converted)


class OpenccEngine:
    """Writes each sentence as `configuration` says; see `convert` of config/languages.toml."""

    name = NAME
    follows_instructions = False
    through = ""
    next_token = None
    refused: frozenset[str] = frozenset()

    def __init__(self, configuration: str) -> None:
        self._configuration = configuration
        self.identity = sha256_json([self.name, configuration, version(_PACKAGE)])

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        for request in requests:
            on_done(request.id, convert(request.text, self._configuration, request.terms))

    def close(self) -> None:
        return
