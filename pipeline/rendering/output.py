"""What muxing and burning share: room on the disk, whole outputs only, and a check before one takes its place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.files import atomic_path, guard_output, remove_parts_of
from pipeline.media import MediaInfo, probe

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".m4a": "mp4", ".mov": "mov", ".mkv": "matroska", ".mka": "matroska"}
"""ffmpeg's muxer by the target's suffix: the part file has another name, so it must be told."""

_MP4_VIDEO = ("h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video")
_MP4_SOUND = ("aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac", "dts")
MP4_CODECS = frozenset({*_MP4_VIDEO, *_MP4_SOUND})
"""Codecs that MP4 holds (the MP4 registration authority's list, as far as players know them)."""

_SLACK_S = 1.0
_SLACK = 0.01
_RESERVE = 64 << 20


@contextmanager
def whole_output(source: MediaInfo, target: Path, *, needed: int) -> Iterator[tuple[Path, Path]]:
    """(a path to write the video to, a private folder for what it is made of).

    When the block ends well, the video is checked and takes the target's place; otherwise nothing is left. What an
    earlier run that was killed left beside the target is removed.

    Arguments:
        needed: bytes that the output may take, about.

    Raises:
        EpisodeError: too little room, a folder that can't be written, or an output that is not whole.
        UsageError: the target would replace the source.
    """
    if target.exists() and target.samefile(source.path):
        raise UsageError("The output would replace the video itself.", where=target, remedy="Choose another name.")
    with guard_output(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_parts_of(target)
    with tempfile.TemporaryDirectory(prefix="zimu-render-") as private, atomic_path(target) as part:
        _require_room(target, needed + _RESERVE)
        yield part, Path(private)
        _check(source, part, target)


def muxer(target: Path) -> str:
    """ffmpeg's name of the container for a target.

    Raises:
        UsageError: it is none that subtitles and players agree on.
    """
    if name := FORMATS.get(target.suffix.lower()):
        return name
    raise UsageError(f"Videos can't be written as {target.suffix!r}.", where=target, remedy="Use mp4 or mkv.")


def require_mp4_codecs(info: MediaInfo, *, video: bool) -> None:
    """Refuse streams that MP4 can't hold unchanged.

    Raises:
        InputError: names the codec.
    """
    codecs = [stream.codec for stream in info.audio]
    if video and info.video:
        codecs.append(info.video.codec)
    for codec in codecs:
        if codec not in MP4_CODECS:
            raise InputError(
                f"MP4 can't hold a {codec} stream as it is.",
                where=info.path,
                remedy="MKV can: leave mp4 out of render.soft; or convert the source to H.264 with AAC.",
            )


def _require_room(target: Path, needed: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise EpisodeError(
            f"The disk has too little room: {free / 1e6:,.0f} MB are free, about {needed / 1e6:,.0f} MB are needed.",
            where=target.parent,
            remedy="Free some space and run the same command again.",
        )


def _check(source: MediaInfo, part: Path, target: Path) -> None:
    try:
        made = probe(part)
    except InputError as error:
        raise EpisodeError(
            f"The video that ffmpeg wrote is damaged: {error.what}",
            where=target,
            remedy="Run the same command again; if it happens again, try another container or encoder.",
        ) from error
    expected = source.duration_ms / 1000
    missing = expected - made.duration_ms / 1000
    if len(made.audio) != len(source.audio) or (not source.estimated and missing > max(_SLACK_S, expected * _SLACK)):
        raise EpisodeError(
            f"The video that ffmpeg wrote is not whole: {made.duration_ms / 1000:.1f} s of {expected:.1f} s, "
            f"{len(made.audio)} of {len(source.audio)} audio streams.",
            where=target,
            remedy="Check that the source plays to its end, and run the same command again.",
        )
