"""What a platform would refuse, found before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from pipeline.publishing.base import Limits, LocalTrack, VideoText
from pipeline.publishing.reasons import Reason, ReasonCode
from pipeline.track import Cue

# A video's own length is told in whole seconds by some platforms.
_ROUNDING_MS = 1000


def check_track(track: LocalTrack, limits: Limits, platform: str, *, duration_ms: int = 0) -> list[Reason]:
    """What a platform has against a track; nothing: it may be sent.

    Arguments:
        platform: as people know it.
        duration_ms: of the video; 0: not known.
    """
    found: list[tuple[ReasonCode, dict[str, str | int]]] = []
    if len(track.name) > limits.name_chars:
        found.append(("refused-name", {"n": len(track.name), "limit": limits.name_chars}))
    if len(track.data) > limits.file_bytes:
        found.append(("refused-size", {"n": len(track.data), "limit": limits.file_bytes}))
    if track.suffix not in limits.formats:
        found.append(("refused-format", {"format": track.suffix, "formats": ", ".join(limits.formats)}))
    found += _check_cues(track.cues, duration_ms)
    return [Reason(code, {"platform": platform, **values}) for code, values in found]


def check_text(text: VideoText, limits: Limits, platform: str) -> list[Reason]:
    """What a platform has against a title and a description."""
    found: list[tuple[ReasonCode, dict[str, str | int]]] = []
    if len(text.title) > limits.title_chars:
        found.append(("refused-title", {"n": len(text.title), "limit": limits.title_chars}))
    size = len(text.description.encode("utf-8"))
    if size > limits.description_bytes:
        found.append(("refused-description", {"n": size, "limit": limits.description_bytes}))
    if bad := sorted(set(limits.forbidden) & set(text.title + text.description)):
        found.append(("refused-character", {"characters": " ".join(bad)}))
    return [Reason(code, {"platform": platform, **values}) for code, values in found]


def _check_cues(cues: Sequence[Cue], duration_ms: int) -> list[tuple[ReasonCode, dict[str, str | int]]]:
    found: list[tuple[ReasonCode, dict[str, str | int]]] = []
    if not cues:
        found.append(("refused-empty", {}))
    for number, (cue, after) in enumerate(zip_longest(cues, cues[1:]), start=1):
        if after is not None and cue.end_ms > after.start_ms:
            times = {"end_ms": cue.end_ms, "next_ms": after.start_ms}
            found.append(("refused-overlap", {"cue": number, **times}))
        if not cue.text.strip():
            found.append(("refused-no-text", {"cue": number}))
    if duration_ms and cues and cues[-1].end_ms > duration_ms + _ROUNDING_MS:
        times = {"end_ms": cues[-1].end_ms, "video_ms": duration_ms}
        found.append(("refused-past-end", {"cue": len(cues), **times}))
    return found
