"""The cues that an episode's units become, kept so that a save does not lay out the whole episode again."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.alignment.result import Alignment
from pipeline.errors import EpisodeError, InputError
from pipeline.files import sha256_json, write_text
from pipeline.languages import Language
from pipeline.subtitles import check
from pipeline.subtitles.recut import Parts, translated_cues
from pipeline.track import Cue, Finding, Track
from pipeline.translation.units import TranslatedUnit

if TYPE_CHECKING:
    from pipeline.store import StoredUnit

# Units on each side that are laid out with a changed one: cues lend time to their neighbours only.
_AROUND = 2
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit's cues, and what the rules of readability have against each."""

    cues: tuple[Cue, ...]
    findings: tuple[tuple[Finding, ...], ...]


@dataclass(slots=True)
class CueBook:
    """The cues of an episode in a language, by unit; safe for threads.

    Attributes:
        alignment: the lines' times; the book is for this alignment only.
        file: where the cues are kept between runs of the server.
    """

    alignment: Alignment
    language: Language
    file: Path
    _known: Parts = field(default_factory=dict)
    _cues: dict[int, tuple[str, tuple[Cue, ...]]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _dirty: bool = False

    def ready(self, units: Sequence[StoredUnit]) -> dict[int, tuple[Cue, ...]]:
        """The cues of those units that are known without laying out anything."""
        with self._lock:
            if not self._cues:
                self._load(units)
            return {
                unit.id: found[1] for unit in units if (found := self._cues.get(unit.id)) and found[0] == _key(unit)
            }

    def all(self, units: Sequence[StoredUnit]) -> dict[int, tuple[Cue, ...]]:
        """The cues of all units of the episode, as its subtitle files have them.

        Raises:
            InputError: the units are not those of the alignment.
        """
        with self._lock:
            found = translated_cues(
                self.alignment, [_translated(unit) for unit in units], self.language, known=self._known
            )
            self._cues = {unit.id: (_key(unit), cues) for unit, cues in zip(units, found, strict=True)}
            self._save(units)
            return {unit.id: cues for unit, cues in zip(units, found, strict=True)}

    def around(self, units: Sequence[StoredUnit], place: int) -> dict[int, tuple[Cue, ...]]:
        """The cues of the unit at a place and of its neighbours after a change of it; changed ones only."""
        first, last = max(0, place - _AROUND), min(len(units), place + _AROUND + 1)
        window = units[first:last]
        follows = units[last : last + 1]
        with self._lock:
            try:
                found = translated_cues(
                    self.alignment,
                    [_translated(unit) for unit in (*window, *follows)],
                    self.language,
                    known=self._known,
                )
            except InputError:
                return {}
            changed = {}
            for number, (unit, cues) in enumerate(zip(window, found, strict=False)):
                known = self._cues.get(unit.id)
                edge = (number == 0 and first > 0) or number == len(window) - 1
                if unit.id != units[place].id and edge and known and known[0] == _key(unit):
                    continue  # What lies beyond may have moved it; nothing here did.
                if known is None or known[1] != cues:
                    changed[unit.id] = cues
                self._cues[unit.id] = (_key(unit), cues)
            changed.setdefault(units[place].id, self._cues[units[place].id][1])
            self._dirty = True
            return changed

    def try_out(self, units: Sequence[StoredUnit], place: int, text: str, cues: Sequence[Cue]) -> tuple[Cue, ...]:
        """The cues that a unit would have with another text, or with cues that a person is making."""
        first = max(0, place - 1)
        window = [_translated(unit) for unit in units[first : place + 2]]
        here = window[place - first]
        window[place - first] = TranslatedUnit(here.first, here.last, text, tuple(cues))
        with self._lock:
            return translated_cues(self.alignment, window, self.language, known=self._known)[place - first]

    def _load(self, units: Sequence[StoredUnit]) -> None:
        """What an earlier server kept, for units that are still as they were."""
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            if kept["key"] != self._digest():
                return
            by_key = {key: tuple(Cue(int(a), int(b), str(text)) for a, b, text in cues) for key, cues in kept["cues"]}
        except (OSError, ValueError, KeyError, TypeError):  # none, or not one of ours: made again
            return
        for unit in units:
            if (cues := by_key.get(_key(unit))) is not None:
                self._cues[unit.id] = (_key(unit), cues)

    def _save(self, units: Sequence[StoredUnit]) -> None:
        cues = [
            (_key(unit), [(cue.start_ms, cue.end_ms, cue.text) for cue in self._cues[unit.id][1]]) for unit in units
        ]
        try:
            write_text(self.file, json.dumps({"key": self._digest(), "cues": cues}, ensure_ascii=False))
        except (OSError, EpisodeError):  # a folder that can't be written: made again next time
            return

    def _digest(self) -> str:
        lines = [(line.start_ms, line.end_ms, line.text) for line in self.alignment.lines]
        return sha256_json([_VERSION, lines, self.alignment.duration_ms, repr(self.language)])


def check_cues(
    cues: Sequence[Cue], language: Language, *, before: Cue | None = None, media_ms: int | None = None
) -> tuple[tuple[Finding, ...], ...]:
    """What the rules have against each of some cues that follow one another."""
    track = Track(language.tag, (before, *cues) if before else tuple(cues))
    found: list[list[Finding]] = [[] for _ in track.cues]
    for finding in check(track, language.profile, media_ms=media_ms):
        found[int(finding.where.removeprefix("cue ")) - 1].append(finding)
    return tuple(tuple(each) for each in (found[1:] if before else found))


def shown(
    units: Sequence[StoredUnit], cues: Mapping[int, tuple[Cue, ...]], language: Language, media_ms: int | None
) -> dict[int, Shown]:
    """Each unit's cues with what the rules have against them, for units that follow one another."""
    ordered = [cues.get(unit.id, ()) for unit in units]
    findings = iter(check_cues(list(itertools.chain.from_iterable(ordered)), language, media_ms=media_ms))
    return {
        unit.id: Shown(own, tuple(itertools.islice(findings, len(own))))
        for unit, own in zip(units, ordered, strict=True)
    }


def _translated(unit: StoredUnit) -> TranslatedUnit:
    return TranslatedUnit(unit.first, unit.last, unit.text, unit.fixed_cues)


def _key(unit: StoredUnit) -> str:
    fixed = [(cue.start_ms, cue.end_ms, cue.text) for cue in unit.fixed_cues]
    return sha256_json([unit.first, unit.last, unit.text, fixed])
