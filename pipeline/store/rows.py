"""Rows of the database as records, and records as rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, get_args

from pipeline.store import tables
from pipeline.store.records import CueSet, Kind, Status, StoredUnit
from pipeline.track import Cue, Finding

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_STATUSES: dict[str, Status] = {name: name for name in get_args(Status)}
_KINDS: dict[str, Kind] = {name: name for name in get_args(Kind)}


def clean(text: str) -> str:
    """Text without NUL, which PostgreSQL can't hold, and without halves of a surrogate pair, which UTF-8 can't."""
    # ASCII is known at once, and lacks surrogates; a search reads it all.
    if ("\x00" not in text) if text.isascii() else not _UNSTORABLE.search(text):
        return text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def to_unit(row: Sequence[Any]) -> StoredUnit:
    """The unit of a row with all columns of `units`, in the table's order."""
    values = list(_IN_ORDER(row))
    for place, read in _READ:
        values[place] = read(values[place])
    return StoredUnit._make(values)


def from_unit(unit: StoredUnit) -> dict[str, Any]:
    """All columns of `units` but its id and its comments, which are counted where they are made."""
    return {_COLUMNS[place]: write(unit[place]) if write else unit[place] for place, write in _WRITTEN}


def clean_pairs(values: Mapping[str, str]) -> Mapping[str, str]:
    """Names and values that the database can hold; nobody may change them, as many units share them."""
    return _clean_pairs(tuple(values.items()))


def changes(before: Sequence[StoredUnit], after: Sequence[StoredUnit]) -> list[dict[str, Any]]:
    """The columns that any of the units changed in, with their new values: a row for each, all of the same columns.

    An index whose columns are not named is not touched, and most changes are of a few columns.
    """
    if not after:
        return []
    columns = list(zip(zip(*before, strict=True), zip(*after, strict=True), strict=True))
    changed = [(place, write) for place, write in _WRITTEN if columns[place][0] != columns[place][1]]
    names = [_COLUMNS[place] for place, _ in changed]
    values = [map(write, columns[place][1]) if write else columns[place][1] for place, write in changed]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)] if changed else [{} for _ in after]


def to_state(before: StoredUnit, unit: StoredUnit) -> str:
    """What a revision keeps of a unit besides its text, sentence and status; only what is there.

    A proposal that the change took away is kept with it, for whoever undoes it.
    """
    state: dict[str, Any] = {}
    if unit.engine:
        state["engine"] = unit.engine
    if unit.fingerprint:
        state["fingerprint"] = unit.fingerprint
    if unit.findings:
        state["findings"] = [_finding(each) for each in unit.findings]
    if unit.made_from:
        state["made_from"] = unit.made_from
    if unit.cue_set:
        state["cues"] = _cue_set(unit.cue_set)
    if unit.flag_reason:
        state["flag"] = unit.flag_reason
    if unit.flagged:
        state["flagged"] = True
    if before.proposal and not unit.proposal:
        state["took"] = {
            "text": before.proposal,
            "fingerprint": before.proposal_fingerprint,
            "engine": before.proposal_engine,
            "findings": [_finding(each) for each in before.proposal_findings],
            "at": before.proposal_at,
        }
    return dump(state)


def to_status(value: str) -> Status:
    """Raises KeyError where it is none."""
    return _STATUSES[value]


def to_kind(value: str) -> Kind:
    """What an older Zimu did not say was an edit."""
    return _KINDS.get(value, "edit")


def to_findings(text: str) -> tuple[Finding, ...]:
    return () if text == "[]" else findings_of(json.loads(text))


def findings_of(values: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**each) for each in values)


def from_findings(findings: Sequence[Finding]) -> str:
    return dump([_finding(each) for each in findings]) if findings else "[]"


def to_cue_set(text: str) -> CueSet | None:
    return cue_set_of(json.loads(text)) if text else None


def cue_set_of(value: Mapping[str, Any] | None) -> CueSet | None:
    if not value:
        return None
    return CueSet(tuple(Cue(*each) for each in value["cues"]), value["text"], value["times"])


def from_cue_set(cue_set: CueSet | None) -> str:
    return dump(_cue_set(cue_set)) if cue_set else ""


def dump(value: object) -> str:
    """JSON that any database can hold."""
    return _ENCODE(value)


def _cue_set(cue_set: CueSet | None) -> dict[str, Any] | None:
    if cue_set is None:
        return None
    cues = [[cue.start_ms, cue.end_ms, cue.text] for cue in cue_set.cues]
    return {"cues": cues, "text": cue_set.text, "times": cue_set.times}


def _finding(finding: Finding) -> dict[str, str]:
    # Not asdict: it copies deeply, at thirty times the cost.
    return {name: clean(getattr(finding, name)) for name in _FINDING}


@lru_cache(maxsize=1 << 10)
def _mapping(text: str) -> Mapping[str, str]:
    """The units of a run were made from the same things: read once, as nobody may change them."""
    found: dict[str, str] = {} if text == "{}" else json.loads(text)
    return found


def _from_mapping(values: Mapping[str, str]) -> str:
    return _pairs(tuple(values.items())) if values else "{}"


@lru_cache(maxsize=1 << 10)
def _clean_pairs(values: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return {clean(name): clean(value) for name, value in values}


@lru_cache(maxsize=1 << 10)
def _pairs(values: tuple[tuple[str, str], ...]) -> str:
    return dump(dict(values))


_FINDING = ("rule", "severity", "where", "value", "limit", "remedy")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_RENAMED = {"first": "first_line", "last": "last_line", "episode": "episode_id", "cue_set": "cues"}
_COLUMNS = tuple(_RENAMED.get(name, name) for name in StoredUnit._fields)
_IN_ORDER = itemgetter(*(tables.units.c.keys().index(name) for name in _COLUMNS))
# What is not in the database as it is in a record: how it is read, and written.
_AS_TEXT: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "status": (to_status, str),
    "findings": (to_findings, from_findings),
    "proposal_findings": (to_findings, from_findings),
    "made_from": (_mapping, _from_mapping),
    "would_be_from": (_mapping, _from_mapping),
    "cue_set": (to_cue_set, from_cue_set),
}
_READ = tuple((StoredUnit._fields.index(name), read) for name, (read, _) in _AS_TEXT.items())
_WRITTEN = tuple(
    (place, _AS_TEXT[name][1] if name in _AS_TEXT else None)
    for place, name in enumerate(StoredUnit._fields)
    if name not in ("id", "open_comments")
)
