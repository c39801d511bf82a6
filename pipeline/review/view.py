"""What the page is told, as JSON: pure functions from what is stored to what `/api` answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.alignment.result import AlignedLine
from pipeline.languages import Language
from pipeline.review.cues import Shown
from pipeline.store import Change, Comment, Dismissal, Hit, Pin, Replacement, Revision, StoredUnit
from pipeline.subtitles.ass import EM
from pipeline.subtitles.styles import Style
from pipeline.track import Cue, Finding
from pipeline.translation.glossary import Glossary, Term

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What a unit's JSON depends on besides the unit.

    Attributes:
        lines: all lines of the episode.
        shown: its cues; None: they are still being laid out.
        findings: what the checks have against its text now.
        dismissed: what people dismissed of it.
        undo: whether there is something to undo, and to redo.
    """

    lines: Sequence[AlignedLine]
    shown: Shown | None
    findings: Sequence[Finding]
    dismissed: Sequence[Dismissal]
    undo: tuple[bool, bool]


def unit_json(unit: StoredUnit, around: Around, language: Language, glossary: Glossary) -> Json:
    """UNIT of the contract with the page."""
    lines = around.lines[unit.first : unit.last + 1] if unit.attached else ()
    spoken = [line for line in lines if line.status != "unspoken"]
    valid = [each for each in around.dismissed if not each.void]
    proposal = None
    if unit.proposal:
        proposal = {
            "text": unit.proposal,
            "engine": unit.proposal_engine,
            "at": unit.proposal_at,
            "findings": [finding_json(each) for each in unit.proposal_findings],
        }
    return {
        "id": unit.id,
        "first": unit.first,
        "last": unit.last,
        "start_ms": unit.start_ms or next((line.start_ms for line in spoken if line.start_ms is not None), 0),
        "end_ms": unit.end_ms or next((line.end_ms for line in reversed(spoken) if line.end_ms is not None), 0),
        "source": unit.source,
        "text": unit.text,
        "status": unit.status,
        "attached": unit.attached,
        "stale": unit.stale,
        "stale_because": {
            name: {"before": pair.before, "after": pair.after} for name, pair in unit.stale_because.items()
        },
        "proposal": proposal,
        "flagged": unit.flagged,
        "flag_reason": unit.flag_reason,
        "revision": unit.revision,
        "updated_at": unit.updated_at,
        "changed_by": unit.changed_by,
        "approved_by": unit.approved_by,
        "engine": unit.engine,
        "findings": [finding_json(each, valid) for each in around.findings],
        "cues": None if around.shown is None else cues_json(around.shown, valid),
        "cues_fixed": bool(unit.cues),
        "cues_stale": unit.cues_stale,
        "terms": terms_json(unit.source, unit.text, language, glossary),
        "comments": unit.open_comments,
        "can_undo": around.undo[0],
        "can_redo": around.undo[1],
        "confidence": round(min((line.confidence for line in lines), default=1.0), 3),
        "check": any(line.status == "check" for line in lines),
    }


def finding_json(finding: Finding, dismissed: Sequence[Dismissal] = ()) -> Json:
    """A finding; `dismissed` says who let it stand, and why."""
    by = next((each for each in dismissed if each.rule == finding.rule and each.value in ("", finding.value)), None)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": f"{finding.value} → {finding.limit}",
        "value": finding.value,
        "limit": finding.limit,
        "remedy": finding.remedy,
        "dismissed": None if by is None else {"id": by.id, "reason": by.reason, "who": by.who},
    }


def cues_json(shown: Shown, dismissed: Sequence[Dismissal] = ()) -> list[Json]:
    """Cues with their rows and findings."""
    return [
        {**cue_json(cue), "findings": [finding_json(each, dismissed) for each in found]}
        for cue, found in zip(shown.cues, shown.findings, strict=True)
    ]


def cue_json(cue: Cue) -> Json:
    return {"start_ms": cue.start_ms, "end_ms": cue.end_ms, "lines": cue.text.split("\n")}


def terms_json(source: str, text: str, language: Language, glossary: Glossary) -> list[Json]:
    """The glossary's terms in a sentence, where they stand in its translation, and what is forbidden there."""
    return list(_terms(text, language.tag.split("-")[0].casefold(), glossary.spans(source)))


@lru_cache(maxsize=1 << 14)
def _terms(text: str, primary: str, spans: tuple[tuple[int, int, Term], ...]) -> tuple[Json, ...]:
    found = []
    for start, end, term in spans:
        places = term.places_in(text, primary)
        found.append(
            {
                "source": [start, end],
                "target": list(places[0]) if places else None,
                "term": term.source,
                "translation": term.preferred,
                "note": term.note,
                "forbidden": bool(term.forbidden_in(text, primary)),
            }
        )
    return tuple(found)


def language_json(language: Language) -> Json:
    """LANG of the contract: the reading profile that the page measures with."""
    profile = language.profile
    return {
        "tag": language.tag,
        "name": language.name,
        "own_name": language.own_name,
        "rtl": language.direction == "rtl",
        "max_line": profile.max_chars,
        "max_lines": profile.max_lines,
        "max_cps": profile.cps,
        "min_ms": profile.min_ms,
        "max_ms": profile.max_ms,
        "min_gap_ms": profile.gap_ms,
        "wide": profile.half_width,
    }


def style_json(style: Style) -> Json:
    """How subtitles will look: sizes in 1080ths of the picture's shorter side, `letters` is the font's em."""
    return {
        "size": style.size,
        "letters": style.size * EM,
        "primary": style.primary,
        "outline_colour": style.outline_colour,
        "outline": style.outline,
        "bold": style.bold,
        "box": style.box,
        "margin_v": style.margin_v,
    }


def line_json(line: AlignedLine, pin: Pin | None) -> Json:
    """A line of the transcript, and the pin that holds its time."""
    return {
        "index": line.index,
        "text": line.text,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "status": line.status,
        "confidence": round(line.confidence, 3),
        "pin": None if pin is None else pin_json(pin),
    }


def pin_json(pin: Pin) -> Json:
    return {
        "id": pin.id,
        "index": pin.index,
        "start_ms": pin.start_ms,
        "end_ms": pin.end_ms,
        "revision": pin.revision,
        "who": pin.who,
        "at": pin.at,
    }


def revision_json(revision: Revision) -> Json:
    """One entry of a unit's history."""
    return {
        "revision": revision.revision,
        "kind": revision.kind,
        "who": revision.who,
        "at": revision.at,
        "before": revision.before,
        "text": revision.text,
        "source": revision.source,
        "status": revision.status,
        "note": revision.note,
        "engine": revision.engine,
        "flagged": revision.flagged,
        "cues": [cue_json(cue) for cue in revision.cues],
    }


def comment_json(comment: Comment) -> Json:
    return {
        "id": comment.id,
        "who": comment.who,
        "at": comment.at,
        "text": comment.text,
        "resolved": comment.resolved,
        "resolved_by": comment.resolved_by or None,
        "resolved_at": comment.resolved_at or None,
    }


def hit_json(hit: Hit) -> Json:
    """A unit that has the words of a search: `text` is what has them, the translation or the sentence (`field`)."""
    unit = hit.unit
    in_text = bool(hit.text_spans)
    return {
        "unit": unit.id,
        "id": unit.episode,
        "path": hit.path,
        "title": hit.title,
        "language": unit.language,
        "first": unit.first,
        "last": unit.last,
        "field": "text" if in_text else "source",
        "text": unit.text if in_text else unit.source,
        "spans": [list(span) for span in (hit.text_spans or hit.source_spans)],
        "translation": unit.text,
        "source": unit.source,
        "status": unit.status,
        "revision": unit.revision,
    }


def replacement_json(replacement: Replacement) -> Json:
    """What a replacement would make of a unit."""
    return {
        "unit": replacement.unit,
        "revision": replacement.revision,
        "before": replacement.before,
        "after": replacement.after,
        "spans": [list(span) for span in replacement.spans],
        "episode": replacement.episode,
        "path": replacement.path,
        "language": replacement.language,
        "first": replacement.first,
        "last": replacement.last,
        "status": replacement.status,
    }


def change_json(change: Change) -> Json:
    """A change as the page hears of it."""
    return {
        "id": change.unit,
        "revision": change.revision,
        "who": change.who,
        "kind": change.kind,
        "episode": change.episode,
        "language": change.language,
    }


def dumps(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """JSON in UTF-8; what could end a script or a row of an event is escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
