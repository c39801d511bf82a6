"""What a platform would refuse, found before anything is sent."""

from __future__ import annotations

from pipeline.publishing.base import Limits, LocalTrack, VideoText
from pipeline.track import Finding

# A video's own length is told in whole seconds by some platforms.
_ROUNDING_MS = 1000


def check_track(track: LocalTrack, limits: Limits, *, duration_ms: int = 0) -> list[Finding]:
    """What a platform has against a track; nothing: it may be sent.

    Arguments:
        duration_ms: of the video; 0: not known.
    """
    found = []
    if len(track.name) > limits.name_chars:
        found.append(
            _error(
                "name", "name", f"{len(track.name)} characters", f"at most {limits.name_chars}", "Shorten publish.name."
            )
        )
    if len(track.data) > limits.file_bytes:
        found.append(
            _error(
                "size",
                "file",
                f"{len(track.data):,} bytes",
                f"at most {limits.file_bytes:,}",
                "Is it the right episode?",
            )
        )
    if track.suffix not in limits.formats:
        found.append(_error("format", "file", track.suffix, ", ".join(limits.formats), "Use another format."))
    if not track.cues:
        found.append(_error("empty", "file", "no cues", "at least one", "Run the stages before it again."))
    for number, cue in enumerate(track.cues, start=1):
        after = track.cues[number] if number < len(track.cues) else None
        if after is not None and cue.end_ms > after.start_ms:
            found.append(
                _error(
                    "overlap", f"cue {number}", f"ends at {cue.end_ms} ms", f"{after.start_ms} ms", "Correct its times."
                )
            )
        if not cue.text.strip():
            found.append(_error("no-text", f"cue {number}", "nothing", "some text", "Remove it, or write its text."))
    if duration_ms and track.cues and track.cues[-1].end_ms > duration_ms + _ROUNDING_MS:
        found.append(
            _error(
                "past-end",
                f"cue {len(track.cues)}",
                f"ends at {track.cues[-1].end_ms} ms",
                f"the video is {duration_ms} ms long",
                "Is it the right video? See publish.videos.",
            )
        )
    return found


def check_text(text: VideoText, language: str, limits: Limits) -> list[Finding]:
    """What a platform has against a title and a description."""
    found = []
    if len(text.title) > limits.title_chars:
        found.append(
            _error("title", language, f"{len(text.title)} characters", f"at most {limits.title_chars}", "Shorten it.")
        )
    size = len(text.description.encode("utf-8"))
    if size > limits.description_bytes:
        found.append(
            _error("description", language, f"{size} bytes", f"at most {limits.description_bytes}", "Shorten it.")
        )
    if bad := sorted(set(limits.forbidden) & set(text.title + text.description)):
        found.append(_error("character", language, " ".join(bad), "none of them", "Write it without them."))
    return found


def _error(rule: str, where: str, value: str, limit: str, remedy: str) -> Finding:
    return Finding(rule, "error", where, value, limit, remedy)
