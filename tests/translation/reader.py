"""A language model small enough to see through."""

from __future__ import annotations

import math
from collections.abc import Mapping


class Reader:
    """A model that has read a few sentences, some of them more often, and knows nothing else.

    Arguments:
        sentences: with how often each was read as the translation of the source.
        anyway: how often words were read where there is no source; others were not.
    """

    def __init__(self, sentences: Mapping[str, float], anyway: Mapping[str, float] | None = None) -> None:
        self.prompts: list[str] = []
        self._sentences, self._anyway = sentences, sentences if anyway is None else anyway

    def __call__(self, prompt: str) -> dict[str, float]:
        self.prompts.append(prompt)
        asked, _, begin = prompt.rpartition("<|im_start|>assistant\n")
        counts: dict[str, float] = {}
        for sentence, times in (self._anyway if "…" in asked else self._sentences).items():
            if sentence.startswith(begin) and sentence != begin:
                rest = sentence[len(begin) :]
                space = " " if rest.startswith(" ") else ""
                word = rest.strip().split(" ")[0]
                token = word if word in ".?" else space + word.rstrip(".?")
                counts[token] = counts.get(token, 0) + times
        total = sum(counts.values()) or 1.0
        return {token: math.log(times / total) for token, times in counts.items()} | {"<other>": -9.0}
