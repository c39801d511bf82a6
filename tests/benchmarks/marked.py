"""Caption texts with their sentence ends marked by hand: `sentences/README.md` has the guideline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.alignment.result import AlignedLine

FOLDER = Path(__file__).parent / "sentences"
MODEL_SCORES = FOLDER / "model_scores.json"
# Where nothing was measured: a pause that speaks neither for an end nor against it.
_LINE_MS, _PAUSE_MS = 1850, 150


@dataclass(frozen=True, slots=True)
class Marked:
    """A text: `ends` and `open` are the indexes of lines that end a sentence, and that may end one or not."""

    name: str
    lines: tuple[str, ...]
    ends: frozenset[int]
    open: frozenset[int]

    def timed(self) -> list[AlignedLine]:
        """The lines two seconds apart, without a pause to go by."""
        step = _LINE_MS + _PAUSE_MS
        return [AlignedLine(i, text, i * step, i * step + _LINE_MS, "ok", 1.0) for i, text in enumerate(self.lines)]

    def model_scores(self) -> dict[int, float]:
        """What the language model said of each border, as it is kept beside the texts."""
        return dict(enumerate(json.loads(MODEL_SCORES.read_text("utf-8"))[self.name]))


@dataclass(frozen=True, slots=True)
class Counts:
    """Sentence ends found that are marked, found that are not, and marked that were not found."""

    hits: int
    false: int
    missed: int

    @staticmethod
    def of(found: Iterable[int], text: Marked) -> Counts:
        """Compare the ends found with those marked; the end of the text counts neither way."""
        judged = set(range(len(text.lines) - 1)) - text.open
        ends, given = set(found) & judged, text.ends & judged
        return Counts(len(ends & given), len(ends - given), len(given - ends))

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.false)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)


def marked_texts(folder: str) -> list[Marked]:
    """The texts of `measured` or `fitted`."""
    return [read_marked(path) for path in sorted((FOLDER / folder).glob("*.txt"))]


def read_marked(path: Path) -> Marked:
    """One text; rows that start with # are comments."""
    rows = [row for row in path.read_text("utf-8").splitlines() if row and not row.startswith("#")]
    return Marked(
        name=path.stem,
        lines=tuple(row.removesuffix(" /").removesuffix(" ?") for row in rows),
        ends=frozenset(i for i, row in enumerate(rows) if row.endswith(" /")),
        open=frozenset(i for i, row in enumerate(rows) if row.endswith(" ?")),
    )
