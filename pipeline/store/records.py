"""What the store gives to others: units, their revisions, and all that people hang on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pipeline.errors import EpisodeError
from pipeline.track import Cue, Finding

Status = Literal["new", "machine", "edited", "approved"]
PEOPLES = ("edited", "approved")
Kind = Literal[
    "machine", "edit", "import", "approve", "reopen", "flag", "unflag", "accept", "reject", "cues", "replace",
    "split", "merge", "undo", "redo", "revert", "stale",
]  # fmt: skip
Why = Literal["", "conflict", "findings", "no-text", "stale", "flagged", "approved", "gone"]
MACHINE = "machine"
_NOTHING: Mapping[str, str] = {}
NO_PROPOSAL = {"proposal": "", "proposal_engine": "", "proposal_findings": (), "proposal_at": ""}


@dataclass(frozen=True, slots=True)
class Before:
    """Something that a translation depends on: as it was when the text was made, and as it is now."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CueSet:
    """Cues that a person made for a unit, and the text and line times that they were made for."""

    cues: tuple[Cue, ...]
    text: str
    times: str


class StoredUnit(NamedTuple):
    """A unit's translation as it stands.

    A tuple, since it is made for every unit that is read or changed: a frozen dataclass takes ten times as long.

    Attributes:
        id: the database's number of it.
        first, last: line indexes, inclusive.
        source: the sentence in its own language.
        text: the translation; empty while the status is `new`.
        status: `new`, `machine`, `edited` (by a person) or `approved` (by a person).
        stale: what the text depends on changed since it was written: `stale_because` says what.
        attached: it belongs to the transcript as it is now.
        engine: which engine translated it; empty where a person did.
        fingerprint: hash of all that the machine translation depends on.
        findings: what the checks have against the text.
        proposal: a machine translation beside a person's; empty if there is none.
        proposal_fingerprint: the proposal's, also of one that was rejected.
        revision: counts the changes.
        updated_at: ISO 8601, UTC.
        episode: the episode's id in the store.
        language: BCP-47 of the translation.
        start_ms, end_ms: when its lines are spoken.
        line_times: the times of each of its lines, as JSON.
        text_source: the sentence that the text was written for, or confirmed for.
        made_from: what else the text was made from, by name: the glossary, an engine, a model.
        would_be_from: what it would be made from now.
        proposal_engine, proposal_findings, proposal_at: of the proposal.
        flagged, flag_reason: a person wants somebody to look at it.
        cue_set: the cues that a person made.
        errors, warnings: findings that nobody dismissed.
        open_comments: comments that nobody resolved.
        created_by, created_at: of its first text.
        changed_by: who made the last revision.
        approved_by, approved_at: empty unless it is approved.
    """

    id: int
    first: int
    last: int
    source: str
    text: str
    status: Status
    stale: bool
    attached: bool
    engine: str
    fingerprint: str
    findings: tuple[Finding, ...]
    proposal: str
    proposal_fingerprint: str
    revision: int
    updated_at: str
    episode: str = ""
    language: str = ""
    start_ms: int = 0
    end_ms: int = 0
    line_times: str = ""
    text_source: str = ""
    made_from: Mapping[str, str] = _NOTHING
    would_be_from: Mapping[str, str] = _NOTHING
    proposal_engine: str = ""
    proposal_findings: tuple[Finding, ...] = ()
    proposal_at: str = ""
    flagged: bool = False
    flag_reason: str = ""
    cue_set: CueSet | None = None
    errors: int = 0
    warnings: int = 0
    open_comments: int = 0
    created_by: str = ""
    created_at: str = ""
    changed_by: str = ""
    approved_by: str = ""
    approved_at: str = ""

    @property
    def by_person(self) -> bool:
        return self.status in PEOPLES

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues that a person made; empty where the re-cutter makes them."""
        return self.cue_set.cues if self.cue_set else ()

    @property
    def cues_stale(self) -> bool:
        """The text or the lines' times are not those that the person's cues were made for."""
        return self.cue_set is not None and (self.cue_set.text, self.cue_set.times) != (self.text, self.line_times)

    @property
    def fixed_cues(self) -> tuple[Cue, ...]:
        """The cues that take the place of the re-cutter's."""
        return () if self.cues_stale else self.cues

    @property
    def stale_because(self) -> dict[str, Before]:
        """What changed since the text was written or confirmed, by name; `transcript` is the sentence itself.

        Of a machine's text it is the sentence alone: for anything else that changes a run makes it anew.
        """
        if not (self.by_person or self.text):
            return {}
        found = {}
        if self.text_source != self.source:
            found["transcript"] = Before(self.text_source, self.source)
        if self.by_person and self.made_from and self.would_be_from:
            for name in sorted({*self.made_from, *self.would_be_from}):
                pair = Before(self.made_from.get(name, ""), self.would_be_from.get(name, ""))
                if pair.before != pair.after:
                    found[name] = pair
        return found


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of a unit's history; `who` is `machine:ENGINE` or a person's name.

    Attributes:
        source: the sentence that the text was written for.
        kind: what was done.
        before: the text before it.
        note: a flag's reason, the revision that was gone back to, what made a text shorter, or, as JSON, what made it
            stale.
    """

    revision: int
    source: str
    text: str
    status: Status
    who: str
    at: str
    kind: Kind = "edit"
    before: str = ""
    note: str = ""
    cues: tuple[Cue, ...] = ()
    flagged: bool = False
    flag_reason: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A revision as the feed of all changes tells it; `number` grows."""

    number: int
    unit: int
    episode: str
    language: str
    revision: int
    kind: Kind
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one unit in a change of many: why it was left, or an empty reason."""

    id: int
    unit: StoredUnit | None
    done: bool
    why: Why = ""


@dataclass(frozen=True, slots=True)
class MachineText:
    """A machine translation to be stored.

    `inputs` says what it was made from, by name, None: as the text there; `note` is for the unit's history.
    """

    unit: int
    text: str
    engine: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()
    inputs: Mapping[str, str] | None = None
    note: str = ""


class ConflictError(EpisodeError):
    """Somebody else changed the unit in the meantime, or it can't be changed so. Nothing was changed.

    Attributes:
        unit: it as it is now.
        yours: the text that was to be stored.
        base: the text at the revision that it was made from; None where there is no such revision.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        remedy: str = "",
        unit: StoredUnit | None = None,
        yours: str | None = None,
        base: str | None = None,
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.unit = unit
        self.yours = yours
        self.base = base

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.what, self.where, self.remedy, self.unit, self.yours, self.base))

    @property
    def text_changed(self) -> bool:
        """Whether the text itself is another one than at the revision that yours was made from."""
        return self.unit is None or self.base is None or self.unit.text != self.base


def _rebuild(
    what: str, where: str, remedy: str, unit: StoredUnit | None, yours: str | None, base: str | None
) -> ConflictError:
    return ConflictError(what, where=where or None, remedy=remedy, unit=unit, yours=yours, base=base)
