"""Lines of a transcript, cues of a subtitle track, and the findings about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "error"]


@dataclass(frozen=True, slots=True)
class Line:
    """A non-blank row of the transcript; its text is never changed.

    Attributes:
        index: place among the lines, from 0.
        text: the row as its author wrote it, without the line break and surrounding blanks.
        row: the row in the file, from 1.
    """

    index: int
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown from `start_ms` until `end_ms`; its rows are separated by a line feed."""

    start_ms: int
    end_ms: int
    text: str

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Track:
    """The cues of one language (BCP-47), in the order of their times, none overlapping."""

    language: str
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a cue, a unit or a line breaks.

    Attributes:
        rule: the rule's name, as `reading-speed`.
        severity: a warning may stand; an error must not reach a viewer unseen.
        where: what breaks it, as `cue 12` or `lines 4-6`.
        value: what was found.
        limit: what the rule allows.
        remedy: what a person can do.
    """

    rule: str
    severity: Severity
    where: str
    value: str
    limit: str
    remedy: str
