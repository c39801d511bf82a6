"""What machines do to units: make them those of the transcript, and translate them. People's text they leave alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.records import MACHINE, NO_PROPOSAL, MachineText, StoredUnit
from pipeline.store.rows import clean, clean_pairs, dump, from_unit, to_unit
from pipeline.store.units import Units, of
from pipeline.store.writing import Edit, Work, Writing
from pipeline.track import Finding
from pipeline.translation.regroup import Matched, match_units
from pipeline.translation.units import Unit

Times = Sequence["tuple[int, int] | None"]


class Machine(Units, Writing):
    """What the pipeline's stages change."""

    def sync(
        self,
        episode: str,
        language: str,
        units: Sequence[Unit],
        *,
        title: str = "",
        line_times: Times | None = None,
    ) -> tuple[StoredUnit, ...]:
        """Make the stored units those of the transcript, and return them in order.

        A unit goes on with its translation where its sentence is found again, at whatever lines. One whose
        sentence changed a little goes on too, marked stale; all others are detached, never deleted.

        Arguments:
            line_times: (start_ms, end_ms) of every line of the transcript, None where it is not spoken. Cues that
                people made hold as long as those of their unit's lines do. None: as long as the unit's own do.
        """
        with self.work() as work:
            ensure_episode(work, episode, title)
            stored = [to_unit(row) for row in work.connection.execute(of(episode, language))]
            wanted = [replace(unit, text=clean(unit.text)) for unit in units]
            matches = match_units(
                [(unit.first, unit.text) for unit in wanted],
                [Matched(u.id, u.first, u.source, u.by_person, u.attached, bool(u.text)) for u in stored],
            )
            by_id = {unit.id: unit for unit in stored}
            moved = [
                (by_id[found], _moved(by_id[found], unit, times_of(unit, line_times), work.now))
                for unit, found in zip(wanted, matches, strict=True)
                if found is not None
            ]
            taken = {before.id for before, _ in moved}
            gone = [unit._replace(attached=False) for unit in stored if unit.attached and unit.id not in taken]
            changed = [(before, after) for before, after in moved if after.source != before.source]
            still = [after for before, after in moved if after != before and after.source == before.source]
            work.put(gone + still)
            work.record([Edit(before, after, "stale", MACHINE, _because(after)) for before, after in changed])
            work.add([
                _new_row(episode, language, unit, times_of(unit, line_times), work.now)
                for unit, found in zip(wanted, matches, strict=True)
                if found is None
            ])  # fmt: skip
        return self.units(episode, language)

    def save_machine(
        self,
        unit_id: int,
        text: str,
        *,
        engine: str,
        fingerprint: str,
        findings: Sequence[Finding] = (),
        inputs: Mapping[str, str] | None = None,
        note: str = "",
    ) -> StoredUnit:
        """Store a machine translation and commit it; beside a person's work, as a proposal.

        Arguments:
            inputs: what it was made from, by name: what a person's text that comes later is compared with. None: from
                the same as the text that it replaces.
            note: what was done, for its history.
        """
        made = MachineText(unit_id, text, engine, fingerprint, tuple(findings), inputs, note)
        with self.work() as work:
            return _save(work, [(work.unit(unit_id), made)])[0]

    def save_machine_many(self, texts: Sequence[MachineText]) -> tuple[StoredUnit, ...]:
        """Store many machine translations at once, as `save_machine` does one; of units that are gone, nothing."""
        latest = {each.unit: each for each in texts}
        with self.work() as work:
            found = work.units(latest)
            return _save(work, [(found[unit_id], made) for unit_id, made in latest.items() if unit_id in found])

    def propose(
        self, unit_id: int, text: str, *, engine: str, fingerprint: str = "", findings: Sequence[Finding] = ()
    ) -> StoredUnit:
        """Put a machine translation that a person asked for beside the text, whoever wrote that."""
        with self.work() as work:
            made = MachineText(unit_id, text, engine, fingerprint, tuple(findings))
            return work.put([_proposed(work.unit(unit_id), made, work.now)])[0]

    def note_inputs(self, inputs: Mapping[int, Mapping[str, str]]) -> tuple[StoredUnit, ...]:
        """Tell what translations would be made from now, by unit; returns the units that became stale by it.

        A person's text that was made under others (another glossary, engine, model) is marked stale; `stale_because`
        says what changed. It is so until a person edits, approves or accepts, or the inputs are again what they were;
        a proposal that was made from the others goes then.
        """
        with self.work() as work:
            found = work.units(inputs)
            recorded: list[Edit] = []
            plain: list[StoredUnit] = []
            for unit in found.values():
                after = _under(unit, clean_pairs(inputs[unit.id]))
                if after.stale_because != unit.stale_because:
                    recorded.append(Edit(unit, after, "stale", MACHINE, _because(after)))
                elif after != unit:
                    plain.append(after)
            work.put(plain)
            done = work.record(recorded)
            return tuple(after for edit, after in zip(recorded, done, strict=True) if after.stale_because)

    def set_findings(self, findings: Mapping[int, tuple[int, Sequence[Finding]]]) -> int:
        """Store what the checks say about texts: unit → (revision that was checked, findings); returns how many.

        A unit that has moved on since is left as it is.
        """
        with self.work() as work:
            found = work.units(findings)
            changed = [
                unit._replace(findings=tuple(findings[unit.id][1]))
                for unit in found.values()
                if unit.revision == findings[unit.id][0]
            ]
            work.put(changed)
            return len(changed)


def ensure_episode(work: Work, episode: str, title: str = "") -> None:
    """Make an episode known; one that nobody adopted lies where its id says."""
    table = tables.episodes
    known = work.connection.execute(sa.select(table.c.title).where(table.c.id == episode)).one_or_none()
    if known is None:
        row = {"id": episode, "title": clean(title), "created_at": work.now, "path": episode}
        work.connection.execute(sa.insert(table).values(row))
    elif title and known.title != clean(title):
        work.connection.execute(sa.update(table).where(table.c.id == episode).values(title=clean(title)))
        work.touch(episode, "")


def times_of(unit: Unit, line_times: Times | None) -> str:
    """The times of a unit's lines, as JSON that is equal where they are."""
    if line_times is None:
        return dump([[unit.start_ms, unit.end_ms]])
    return dump([list(times) if times else None for times in line_times[unit.first : unit.last + 1]])


def new_unit(episode: str, language: str, unit: Unit, times: str, now: str) -> StoredUnit:
    """A unit without a translation; its number is none yet."""
    return StoredUnit(
        id=0, first=unit.first, last=unit.last, source=unit.text, text="", status="new", stale=False, attached=True,
        engine="", fingerprint="", findings=(), proposal="", proposal_fingerprint="", revision=0, updated_at=now,
        episode=episode, language=language, start_ms=unit.start_ms, end_ms=unit.end_ms, line_times=times,
        text_source=unit.text,
    )  # fmt: skip


def _new_row(episode: str, language: str, unit: Unit, times: str, now: str) -> dict[str, Any]:
    return from_unit(new_unit(episode, language, unit, times, now))


def _moved(stored: StoredUnit, unit: Unit, times: str, now: str) -> StoredUnit:
    """A unit with its new lines, and its sentence where that changed."""
    here = (unit.text, unit.first, unit.last, True)
    same = here == (stored.source, stored.first, stored.last, stored.attached)
    after = stored._replace(
        first=unit.first,
        last=unit.last,
        attached=True,
        source=unit.text,
        start_ms=unit.start_ms,
        end_ms=unit.end_ms,
        line_times=times,
        text_source=stored.text_source if stored.text else unit.text,
        updated_at=stored.updated_at if same else now,
    )
    return _fresh(stored, after._replace(stale=bool(after.stale_because))) if not same else after


def _under(unit: StoredUnit, now: Mapping[str, str]) -> StoredUnit:
    """A unit that would be made from other things now; a machine's of an older Zimu learns what it was made from."""
    if unit.by_person:
        return _fresh(unit, unit._replace(would_be_from=now, made_from=unit.made_from or now))
    return unit if unit.made_from or not unit.text else unit._replace(would_be_from=now, made_from=now)


def _fresh(before: StoredUnit, after: StoredUnit) -> StoredUnit:
    """Without the proposal, if that was made for what is taken back."""
    if not before.stale_because or after.stale_because or not after.proposal:
        return after
    return after._replace(proposal_fingerprint="", **NO_PROPOSAL)  # type: ignore[arg-type]


def _because(unit: StoredUnit) -> str:
    """What made a unit stale, as JSON for its history."""
    return dump({name: [each.before, each.after] for name, each in unit.stale_because.items()})


def _save(work: Work, texts: Sequence[tuple[StoredUnit, MachineText]]) -> tuple[StoredUnit, ...]:
    """Store machine translations; the units as they are then, in order."""
    beside = work.put([_proposed(unit, made, work.now) for unit, made in texts if unit.by_person])
    edits = [
        Edit(unit, _translated(unit, made), "machine", f"{MACHINE}:{clean(made.engine)}", made.note)
        for unit, made in texts
        if not unit.by_person
    ]
    done = {unit.id: unit for unit in (*beside, *work.record(edits))}
    return tuple(done[unit.id] for unit, _ in texts)


def _translated(unit: StoredUnit, made: MachineText) -> StoredUnit:
    inputs = None if made.inputs is None else clean_pairs(made.inputs)
    return unit._replace(
        text=clean(made.text),
        status="machine",
        engine=clean(made.engine),
        fingerprint=made.fingerprint,
        findings=made.findings,
        text_source=unit.source,
        made_from=unit.made_from if inputs is None else inputs,
        would_be_from=unit.would_be_from if inputs is None else inputs,
        **NO_PROPOSAL,  # type: ignore[arg-type]
    )


def _proposed(unit: StoredUnit, made: MachineText, now: str) -> StoredUnit:
    """The machine's text beside a person's, if it is another one."""
    text = clean(made.text)
    found = text if text != unit.text else ""
    return unit._replace(
        proposal=found,
        proposal_fingerprint=made.fingerprint,
        proposal_engine=clean(made.engine) if found else "",
        proposal_findings=made.findings if found else (),
        proposal_at=now if found else "",
    )
