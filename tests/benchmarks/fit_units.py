"""Fitting the weights of config/sentences.toml to texts with marked sentence ends.

A sentence is a segment of lines, and a text's segmentation has the probability exp(sum of its scores) / Z: a
semi-Markov conditional random field (Sarawagi and Cohen, 2004). The weights maximise the likelihood of the marked
ends, open borders summed over, less a penalty on their distance from the priors: there are more clues than so few
texts could settle alone. The blend with a language model is fitted afterwards, on scores of clues whose weights were
fitted without the text in question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.files import config_dir, parse_toml
from pipeline.translation.borders import Clue, default_rules, matching
from tests.benchmarks.marked import Marked, marked_texts

Array = NDArray[np.float64]

_PENALTY, _FREE = 3.0, 0.05  # on clues, and on the base and the lengths
_STEPS, _RATE = 150, 0.12
_SURE = 6.0


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as numbers: features of its borders (borders × clues, the last column 1), and what is marked there."""

    borders: Array
    ends: tuple[bool | None, ...]


def fit() -> None:
    """Fit all weights, and write them to config/sentences.toml."""
    rules = default_rules()
    clues = [clue for clue in rules.clues if clue.prior is not None]
    priors = np.array([clue.prior for clue in clues] + [0.0])
    marked = marked_texts("fitted")
    texts = [_Text(_features(text, clues), _marks(text)) for text in marked]
    count = len(rules.lengths)
    weights, lengths = _fit(texts, priors, np.zeros(count), penalty=_PENALTY)
    blend = _blend(marked, texts, priors, lengths)
    _write(dict(zip([clue.name for clue in clues], weights, strict=False)), float(weights[-1]), lengths, blend)
    default_rules.cache_clear()


def _features(text: Marked, clues: Sequence[Clue]) -> Array:
    everything = default_rules().clues
    rows = []
    for before, after in itertools.pairwise(text.lines):
        found = matching(everything, before, after)
        rows.append([float(clue in found) for clue in clues] + [1.0])
    return np.array(rows)


def _marks(text: Marked) -> tuple[bool | None, ...]:
    return tuple(None if i in text.open else i in text.ends for i in range(len(text.lines) - 1))


def _blend(marked: Sequence[Marked], texts: Sequence[_Text], priors: Array, lengths: Array) -> Array:
    """Weights of the clues' score, of the model's score, and the base."""
    blended = []
    for place, (text, numbers) in enumerate(zip(marked, texts, strict=True)):
        others = [each for other, each in enumerate(texts) if other != place]
        weights, _ = _fit(others, priors, np.zeros(len(lengths)), penalty=_PENALTY)
        clues = numbers.borders[:, :-1] @ weights[:-1]
        model = np.clip(list(text.model_scores().values()), -_SURE, _SURE)
        blended.append(_Text(np.stack([clues, model, np.ones(len(clues))], axis=1), numbers.ends))
    return _fit(blended, np.array([1.0, 1.0, 0.0]), lengths, penalty=0.01, hold_lengths=True)[0]


def _fit(
    texts: Sequence[_Text], priors: Array, lengths: Array, *, penalty: float, hold_lengths: bool = False
) -> tuple[Array, Array]:
    """Weights of the borders' features and scores of the lengths, by Adam (Kingma and Ba, 2015)."""
    size = len(priors)
    values, start = np.concatenate([priors, lengths]), np.concatenate([priors, lengths])
    force = np.concatenate([np.full(size - 1, penalty), np.full(1 + len(lengths), _FREE)])
    mean, square = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, _STEPS + 1):
        gradient = force * (start - values)
        for text in texts:
            scores = text.borders @ values[:size]
            all_borders, all_lengths = _expected(scores, values[size:], (None,) * len(scores))
            true_borders, true_lengths = _expected(scores, values[size:], text.ends)
            gradient[:size] += text.borders.T @ (true_borders - all_borders)
            gradient[size:] += true_lengths - all_lengths
        if hold_lengths:
            gradient[size:] = 0.0
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        rate = _RATE * (1 - (step - 1) / _STEPS) ** 0.5
        values = values + rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return values[:size], values[size:]


def _expected(scores: Array, lengths: Array, ends: Sequence[bool | None]) -> tuple[Array, Array]:
    """How often each border is an end, and each length occurs, over all segmentations that agree with `ends`."""
    total = len(scores) + 1
    at_end = np.append(scores, 0.0)
    spans = [
        (first, last)
        for last in range(1, total + 1)
        for first in range(max(0, last - len(lengths)), last)
        if (last == total or ends[last - 1] is not False) and not any(ends[i] for i in range(first, last - 1))
    ]
    score = {(first, last): lengths[last - first - 1] + at_end[last - 1] for first, last in spans}
    forward, backward = np.full(total + 1, -np.inf), np.full(total + 1, -np.inf)
    forward[0] = backward[total] = 0.0
    for first, last in spans:
        forward[last] = np.logaddexp(forward[last], forward[first] + score[first, last])
    for first, last in sorted(spans, reverse=True):
        backward[first] = np.logaddexp(backward[first], score[first, last] + backward[last])
    borders, counts = np.zeros(total), np.zeros(len(lengths))
    for first, last in spans:
        share = np.exp(forward[first] + score[first, last] + backward[last] - forward[total])
        borders[last - 1] += share
        counts[last - first - 1] += share
    return borders[:-1], counts


def _write(weights: dict[str, float], base: float, lengths: Array, blend: Array) -> None:
    """Put the numbers in the places of the old ones; everything else in the file stays as it is."""
    path = config_dir() / "sentences.toml"
    head, *entries = path.read_text("utf-8").split("[[clue]]\n")
    rules, model = head.split("[model]\n")
    rules = _replace(_replace(rules, "base", f"{base:.2f}"), "lines", f"[{', '.join(f'{v:.2f}' for v in lengths)}]")
    for key, value in zip(("clues", "model", "base"), blend, strict=True):
        model = _replace(model, key, f"{value:.2f}")
    for place, entry in enumerate(entries):
        name = parse_toml(entry)["name"]
        if name in weights:
            entries[place] = _replace(entry, "weight", f"{weights[name]:.2f}")
    path.write_text("[[clue]]\n".join([f"{rules}[model]\n{model}", *entries]), "utf-8")


def _replace(text: str, key: str, value: str) -> str:
    return re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
