"""What people do to a unit: each change is one revision, and none is made to a unit that they have not seen so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pipeline.errors import UsageError
from pipeline.store.records import NO_PROPOSAL, CueSet, Kind, Outcome, StoredUnit, Why
from pipeline.store.rows import clean
from pipeline.store.writing import Edit, Work, Writing, outcome
from pipeline.track import Cue, Finding

# More cues than a sentence can have words are no cues.
_MOST_CUES = 200


class Editing(Writing):
    """People's changes of single units, and of many that they have seen.

    Arguments that all of them take:
        who: the person's name.
        expected_revision: the revision that the person saw.
        save_id: the browser's own name of this save, as a UUID: one that is sent twice is done once.

    Each returns the unit as it is now, and raises:
        ConflictError: the unit is not at `expected_revision` any more, or can't be changed so; nothing is changed.
        EpisodeError: there is no such unit, or the database can't be written.
    """

    def edit(
        self,
        unit_id: int,
        text: str,
        who: str,
        expected_revision: int,
        *,
        findings: Sequence[Finding] = (),
        cues: Sequence[Cue] | None = None,
        kind: Literal["edit", "import"] = "edit",
        save_id: str = "",
    ) -> StoredUnit:
        """Store a person's translation; it is not stale any more.

        Arguments:
            findings: what the checks say about this text.
            cues: cues that the person made for it; None: those there are kept, and stale if the text changed.
        """

        def edited(unit: StoredUnit, _: Work) -> StoredUnit:
            after = by_hand(unit)._replace(text=clean(text), findings=tuple(findings))
            return after if cues is None else after._replace(cue_set=cue_set(after, cues))

        return self._change(unit_id, who, expected_revision, kind, edited, yours=text, save_id=save_id)

    def approve(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Mark a unit as approved by a person; it is not stale any more."""

        def approved(unit: StoredUnit, work: Work) -> StoredUnit:
            if not unit.text:
                raise work.refuse(unit, "A unit without a translation can't be approved.", "Translate it first.")
            return confirmed(unit)._replace(status="approved")

        return self._change(unit_id, who, expected_revision, "approve", approved, save_id=save_id)

    def reopen(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Take an approval back; the text stays a person's."""

        def reopened(unit: StoredUnit, work: Work) -> StoredUnit:
            if unit.status != "approved":
                raise work.refuse(unit, "The unit is not approved.", "Load the page again.")
            return unit._replace(status="edited")

        return self._change(unit_id, who, expected_revision, "reopen", reopened, save_id=save_id)

    def flag(self, unit_id: int, reason: str, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Ask others to look at a unit."""
        reason = clean(reason)
        return self._change(
            unit_id, who, expected_revision, "flag", lambda unit, _: unit._replace(flagged=True, flag_reason=reason),
            note=reason, save_id=save_id,
        )  # fmt: skip

    def unflag(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Nobody needs to look at the unit any more."""
        return self._change(
            unit_id, who, expected_revision, "unflag", lambda unit, _: unit._replace(flagged=False, flag_reason=""),
            save_id=save_id,
        )  # fmt: skip

    def accept(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Make the proposal the text: the person's own from now on."""

        def accepted(unit: StoredUnit, work: Work) -> StoredUnit:
            if not unit.proposal:
                raise work.refuse(unit, "There is no proposal any more.", "Load the page again.")
            after = by_hand(unit)._replace(text=unit.proposal, findings=unit.proposal_findings)
            return after._replace(fingerprint=unit.proposal_fingerprint, **NO_PROPOSAL)  # type: ignore[arg-type]

        return self._change(unit_id, who, expected_revision, "accept", accepted, save_id=save_id)

    def reject(self, unit_id: int, who: str, expected_revision: int, *, save_id: str = "") -> StoredUnit:
        """Put the proposal away; it is not made again from the same inputs."""

        def rejected(unit: StoredUnit, work: Work) -> StoredUnit:
            if not unit.proposal:
                raise work.refuse(unit, "There is no proposal any more.", "Load the page again.")
            return unit._replace(**NO_PROPOSAL)  # type: ignore[arg-type]

        return self._change(unit_id, who, expected_revision, "reject", rejected, save_id=save_id)

    def set_cues(
        self, unit_id: int, cues: Sequence[Cue], who: str, expected_revision: int, *, save_id: str = ""
    ) -> StoredUnit:
        """Show a unit's text in these cues, not in the re-cutter's; no cues: in the re-cutter's again.

        They hold for the text and the line times of now. If those change the cues are kept, but stale. The text
        is a person's from now on, so that no run takes it from under the cues.
        """

        def placed(unit: StoredUnit, work: Work) -> StoredUnit:
            if not unit.text:
                raise work.refuse(unit, "A unit without a translation has no cues.", "Translate it first.")
            after = unit._replace(cue_set=cue_set(unit, cues) if cues else None)
            return after._replace(status="edited", text_source=unit.text_source)

        return self._change(unit_id, who, expected_revision, "cues", placed, save_id=save_id)

    def approve_many(self, units: Sequence[tuple[int, int]], who: str) -> tuple[Outcome, ...]:
        """Approve what has nothing against it, given as (unit, the revision seen); says of each what became of it.

        Left as they are: units that changed since, with open findings, stale, flagged, without a text, or approved.
        """
        with self.work() as work:
            found = work.units(unit_id for unit_id, _ in units)
            outcomes: dict[int, Outcome] = {}
            edits: list[Edit] = []
            for unit_id, revision in dict(units).items():
                unit = found.get(unit_id)
                why = _why_not(unit, revision)
                outcomes[unit_id] = outcome(unit_id, unit, why)
                if unit is not None and not why:
                    edits.append(Edit(unit, confirmed(unit)._replace(status="approved"), "approve", who))
            for unit in work.record(edits):
                outcomes[unit.id] = outcome(unit.id, unit)
            return tuple(outcomes.values())

    def _change(
        self,
        unit_id: int,
        who: str,
        expected_revision: int,
        kind: Kind,
        make: Callable[[StoredUnit, Work], StoredUnit],
        *,
        yours: str | None = None,
        note: str = "",
        save_id: str = "",
    ) -> StoredUnit:
        """Make one unit into another, in one transaction and one revision."""
        with self.work() as work:
            if (done := work.saved(save_id)) is not None:
                return work.unit(done)
            unit = work.checked(unit_id, expected_revision, yours)
            return work.change(Edit(unit, make(unit, work), kind, clean(who), note, save_id))


def by_hand(unit: StoredUnit) -> StoredUnit:
    """The unit as one that a person writes now, from all that it depends on now."""
    return confirmed(unit)._replace(status="edited", engine="")


def confirmed(unit: StoredUnit) -> StoredUnit:
    """The unit with its text taken as right for all that it depends on now."""
    return unit._replace(text_source=unit.source, made_from=unit.would_be_from or unit.made_from)


def cue_set(unit: StoredUnit, cues: Sequence[Cue]) -> CueSet | None:
    """Cues for the unit's text and times.

    Raises:
        UsageError: a cue has no text, ends before it starts, or starts before the one before it has ended.
    """
    if not cues:
        return None
    after = 0
    for number, cue in enumerate(cues, start=1):
        if not (after <= cue.start_ms < cue.end_ms and cue.text.strip()) or number > _MOST_CUES:
            raise UsageError(
                f"Cue {number} ({cue.start_ms}-{cue.end_ms} ms) is empty, or not in order, or one too many.",
                where=f"lines {unit.first + 1}-{unit.last + 1}",
                remedy="Give each cue a text, and times after those of the cue before it.",
            )
        after = cue.end_ms
    cleaned = tuple(Cue(cue.start_ms, cue.end_ms, clean(cue.text)) for cue in cues)
    return CueSet(cleaned, unit.text, unit.line_times)


def _why_not(unit: StoredUnit | None, revision: int) -> Why:
    """Why a unit is not approved with many others; empty: it is."""
    if unit is None or not unit.attached:
        return "gone"
    reasons: tuple[tuple[bool, Why], ...] = (
        (unit.revision != revision, "conflict"),
        (unit.status == "approved" and not unit.stale, "approved"),
        (not unit.text, "no-text"),
        (unit.stale, "stale"),
        (unit.flagged, "flagged"),
        (bool(unit.errors or unit.warnings), "findings"),
    )
    return next((why for holds, why in reasons if holds), "")
