"""BCC, the JSON that Bilibili's subtitle page takes and gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.track import Cue, Track

# As the files that Bilibili gives: white on violet, half transparent. Viewers set their own look.
_LOOK = {
    "font_size": 0.4,
    "font_color": "#FFFFFF",
    "background_alpha": 0.5,
    "background_color": "#9C27B0",
    "Stroke": "none",
}
_BOTTOM_CENTRE = 2  # places are numbered like the keys of a number pad


def to_bcc(track: Track) -> str:
    """The track as BCC: times in seconds, a cue a row, so that two versions can be compared."""
    body = [
        {"from": cue.start_ms / 1000, "to": cue.end_ms / 1000, "location": _BOTTOM_CENTRE, "content": cue.text}
        for cue in track.cues
    ]
    rows = ",\n".join(json.dumps(each, ensure_ascii=False) for each in body)
    head = json.dumps(_LOOK, ensure_ascii=False).removesuffix("}")
    return f'{head}, "body": [\n{rows}\n]}}'


def from_bcc(text: str) -> tuple[Cue, ...]:
    """The cues of a BCC file; raises ValueError where it is none."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply.") from error
    if not isinstance(found, Mapping) or not isinstance(found.get("body"), list):
        raise ValueError("it has no list “body”.")  # noqa: TRY004  # of a file's content, not of a type in the program
    return tuple(_cue(each) for each in found["body"])


def _cue(entry: Any) -> Cue:
    try:
        return Cue(round(float(entry["from"]) * 1000), round(float(entry["to"]) * 1000), str(entry["content"]))
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError("a cue lacks “from”, “to” or “content”.") from error
