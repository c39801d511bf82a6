"""What a report shows, as it was found: nothing here reads, draws or decides."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.alignment.timeline import Strip
from pipeline.track import Finding

Wave = tuple[tuple[int, int], ...]
"""The lowest and highest sample of each part of a strip, -100 to 100."""


@dataclass(frozen=True, slots=True)
class Look:
    """A place that a person should look at.

    Attributes:
        kind: `check`, `unspoken` or `extra`.
        name: the transcript's row; empty for speech that is not in it.
        at_ms: where it is, or where it would have been.
        clip: the sound there as a data URI; empty where there is none, or enough others.
    """

    kind: str
    name: str
    at_ms: int
    text: str
    confidence: float
    clip: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of two texts: `same`, `gone` (only the machine's has it) or `new` (only the person's)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a person made of a machine's translation; `distance` is 0 (as it was) to 1 (all new)."""

    rows: str
    source: str
    engine: str
    who: str
    distance: float
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """The findings of one rule, and a few of them."""

    name: str
    errors: int
    warnings: int
    some: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of so many sentences with a term or a number, how many say it rightly."""

    right: int
    of: int


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of the episode.

    Attributes:
        speeds: characters a second of each cue; `speed_limit` is what viewers can read.
        lengths: seconds that each cue is shown; between `shortest` and `longest`.
        states: units by status; empty for the spoken language.
        terms, numbers: None for the spoken language.
        changes: what people changed most, and `changed` how many sentences they changed; `confirmed` as they were.
        distance: mean of all sentences that people edited or approved; None without any.
    """

    tag: str
    name: str
    direction: str
    cues: int
    speeds: tuple[float, ...]
    speed_limit: float
    lengths: tuple[float, ...]
    shortest: float
    longest: float
    states: tuple[tuple[str, int], ...]
    rules: tuple[Rule, ...]
    terms: Accuracy | None
    numbers: Accuracy | None
    changes: tuple[Change, ...]
    changed: int
    confirmed: int
    distance: float | None

    @property
    def errors(self) -> int:
        return sum(rule.errors for rule in self.rules)

    @property
    def warnings(self) -> int:
        return sum(rule.warnings for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Work:
    """A step's time, and what a server was paid for it."""

    stage: str
    name: str
    seconds: float
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """Everything that an episode's report shows; times in milliseconds, `finished` ISO 8601 in UTC."""

    title: str
    path: str
    finished: str
    duration_ms: int
    lines: int
    ok: int
    check: int
    unspoken: int
    extra: int
    strip_ms: int
    strips: tuple[Strip, ...]
    waves: tuple[Wave, ...]
    looks: tuple[Look, ...]
    looks_left: int
    tongues: tuple[Tongue, ...]
    work: tuple[Work, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class Row:
    """An episode in a workspace's report; None where it is not known.

    Attributes:
        check: share of the lines to check or never spoken.
        findings: of a hundred cues and sentences.
        pace: seconds of work for a second of media.
        distance: mean between machine's and people's texts, 0 to 1.
        problem: why it failed, or can't be read.
    """

    path: str
    title: str
    finished: str
    minutes: float | None
    lines: int
    check: float | None
    findings: float | None
    pace: float | None
    distance: float | None
    approved: int
    units: int
    cost: float
    problem: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """An engine's work in a language: sentences that people judged, those left as they were, and the mean distance."""

    engine: str
    language: str
    judged: int
    untouched: int
    distance: float


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """Everything that a workspace's report shows; episodes in the order in which they were finished.

    Attributes:
        trend: for each language the mean distance of each episode, (path, distance), in that order.
        work: seconds of all episodes by stage.
    """

    name: str
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    trend: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
    work: tuple[tuple[str, float], ...]
    currency: str
