"""Rows of the database as records, and records as rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pipeline.store.records import CueSet, Kind, Status, StoredUnit
from pipeline.track import Cue, Finding

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_STATUSES: dict[str, Status] = {name: name for name in get_args(Status)}
_KINDS: dict[str, Kind] = {name: name for name in get_args(Kind)}


def clean(text: str) -> str:
    """Text without NUL, which PostgreSQL can't hold, and without halves of a surrogate pair, which UTF-8 can't."""
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def to_unit(row: Any) -> StoredUnit:
    """The unit of a row with all columns of `units`."""
    return StoredUnit(
        row.id, row.first_line, row.last_line, row.source, row.text, to_status(row.status), row.stale, row.attached,
        row.engine, row.fingerprint, to_findings(row.findings), row.proposal, row.proposal_fingerprint, row.revision,
        row.updated_at, row.episode_id, row.language, row.start_ms, row.end_ms, row.line_times, row.text_source,
        _mapping(row.made_from), _mapping(row.would_be_from), row.proposal_engine, to_findings(row.proposal_findings),
        row.proposal_at, row.flagged, row.flag_reason, to_cue_set(row.cues), row.errors, row.warnings,
        row.open_comments, row.created_by, row.created_at, row.changed_by, row.approved_by, row.approved_at,
    )  # fmt: skip


def from_unit(unit: StoredUnit) -> dict[str, Any]:
    """All columns of `units` but its id and its comments, which are counted where they are made."""
    return {
        "episode_id": unit.episode,
        "language": unit.language,
        "first_line": unit.first,
        "last_line": unit.last,
        "source": unit.source,
        "text": unit.text,
        "status": unit.status,
        "stale": unit.stale,
        "attached": unit.attached,
        "engine": unit.engine,
        "fingerprint": unit.fingerprint,
        "findings": from_findings(unit.findings),
        "proposal": unit.proposal,
        "proposal_fingerprint": unit.proposal_fingerprint,
        "revision": unit.revision,
        "updated_at": unit.updated_at,
        "start_ms": unit.start_ms,
        "end_ms": unit.end_ms,
        "line_times": unit.line_times,
        "text_source": unit.text_source,
        "made_from": dump(dict(unit.made_from)),
        "would_be_from": dump(dict(unit.would_be_from)),
        "proposal_engine": unit.proposal_engine,
        "proposal_findings": from_findings(unit.proposal_findings),
        "proposal_at": unit.proposal_at,
        "flagged": unit.flagged,
        "flag_reason": unit.flag_reason,
        "cues": from_cue_set(unit.cue_set),
        "errors": unit.errors,
        "warnings": unit.warnings,
        "created_by": unit.created_by,
        "created_at": unit.created_at,
        "changed_by": unit.changed_by,
        "approved_by": unit.approved_by,
        "approved_at": unit.approved_at,
    }


def to_state(before: StoredUnit, unit: StoredUnit) -> str:
    """What a revision keeps of a unit besides its text, sentence and status; only what is there.

    A proposal that the change took away is kept with it, for whoever undoes it.
    """
    state: dict[str, Any] = {
        "engine": unit.engine,
        "fingerprint": unit.fingerprint,
        "findings": [_finding(each) for each in unit.findings],
        "made_from": dict(unit.made_from),
        "cues": _cue_set(unit.cue_set),
        "flag": unit.flag_reason,
        "flagged": unit.flagged,
    }
    if before.proposal and not unit.proposal:
        state["took"] = {
            "text": before.proposal,
            "fingerprint": before.proposal_fingerprint,
            "engine": before.proposal_engine,
            "findings": [_finding(each) for each in before.proposal_findings],
            "at": before.proposal_at,
        }
    return dump({name: value for name, value in state.items() if value})


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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cue_set(cue_set: CueSet | None) -> dict[str, Any] | None:
    if cue_set is None:
        return None
    cues = [[cue.start_ms, cue.end_ms, cue.text] for cue in cue_set.cues]
    return {"cues": cues, "text": cue_set.text, "times": cue_set.times}


def _finding(finding: Finding) -> dict[str, str]:
    # Not asdict: it copies deeply, at thirty times the cost.
    return {name: clean(getattr(finding, name)) for name in _FINDING}


def _mapping(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {} if text == "{}" else json.loads(text)
    return found


_FINDING = ("rule", "severity", "where", "value", "limit", "remedy")
