"""What an alignment is worth against the truth. Seconds come in, milliseconds go out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

BINS = (0.0, 0.3, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.001)


def plain(text: str) -> str:
    """Letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def in_order(cues: Sequence[Mapping[str, Any]], lines: Sequence[str]) -> list[Mapping[str, Any]]:
    """For each line the cue with its text, in order; an empty one where there is none."""
    found: list[Mapping[str, Any]] = [{}] * len(lines)
    at = 0
    for cue in cues:
        for place in range(at, len(lines)):
            if plain(lines[place]) == plain(cue["text"]):
                found[place], at = cue, place + 1
                break
    return found


def rows(truth: Mapping[str, Any], cues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each line its signed errors in ms (None: nothing to compare), status and confidence."""
    result = []
    for line, cue in zip(truth["lines"], cues, strict=True):
        placed, spoken = cue.get("start") is not None, line["start"] is not None
        both = placed and spoken
        result.append(
            {
                "text": line["text"],
                "spoken": spoken,
                "placed": placed,
                "start": round((cue["start"] - line["start"]) * 1000) if both else None,
                "end": round((cue["end"] - line["end"]) * 1000) if both else None,
                "status": cue.get("status", "ok"),
                "confidence": cue.get("confidence"),
            }
        )
    return result


def score(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of one alignment."""
    starts = [row for row in found if row["start"] is not None]
    off = {ms: [row["status"] for row in starts if abs(row["start"]) > ms] for ms in (300, 500)}
    unspoken = [row for row in found if not row["spoken"]]
    return {
        "lines": len(found),
        "start": [_quantile([abs(r["start"]) for r in starts], share) for share in (0.5, 0.95, 1.0)],
        "end": [_quantile([abs(r["end"]) for r in starts], share) for share in (0.5, 0.95)],
        **{f"over_{ms}_{status}": off[ms].count(status) for ms in off for status in ("ok", "check")},
        "missed": sum(row["spoken"] and not row["placed"] for row in found),
        "unspoken": len(unspoken),
        "unspoken_found": sum(not row["placed"] for row in unspoken),
        "ghosts_ok": sum(row["placed"] and row["status"] == "ok" for row in unspoken),
        "ghosts_check": sum(row["placed"] and row["status"] == "check" for row in unspoken),
    }


def remarks(truth: Mapping[str, Any], extra: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Remarks found: half the time of one that has times, else half of its characters; and how many are none."""
    true = [one if isinstance(one, dict) else {"text": one} for one in truth.get("adlib", [])]
    hits = [[_same(one, other) for other in extra] for one in true]
    real = sum(any(column) for column in zip(*hits, strict=True))
    return {"remarks": len(true), "remarks_found": sum(any(row) for row in hits), "remarks_false": len(extra) - real}


def reliability(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Placed lines by confidence, and the two figures that say whether a status can be believed."""
    placed = [row for row in found if row["placed"]]
    bins = []
    for low, high in pairwise(BINS):
        some = [row for row in placed if low <= row["confidence"] < high]
        bins.append({"from": low, "to": min(high, 1.0), "lines": len(some), "within_300": sum(map(_near, some))})
    ok = [row for row in placed if row["status"] == "ok"]
    far = [row for row in placed if not row["spoken"] or abs(row["start"]) > 500]
    return {
        "bins": bins,
        "ok": len(ok), "ok_within_300": sum(map(_near, ok)),
        "far": len(far), "far_checked": sum(row["status"] == "check" for row in far),
    }  # fmt: skip


def _near(row: Mapping[str, Any]) -> bool:
    return bool(row["spoken"] and abs(row["start"]) <= 300)


def _quantile(values: Sequence[int], share: float) -> int | None:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if "start" in one:
        common = min(one["end"], other["end"]) - max(one["start"], other["start"])
        return bool(common >= 0.5 * (one["end"] - one["start"]))
    mine, heard = set(plain(one["text"])), set(plain(other["text"]))
    return len(mine & heard) >= 0.5 * len(mine)
