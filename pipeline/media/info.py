"""What a media file holds. The file is untrusted: nothing but the file itself is ever opened.

Three guards, each enough alone: the file is handed to the demuxer as an open file and not by its name, so the name is
never read as an address or a pattern; only demuxers of `DEMUXERS` may run, and none of them follows references
(playlists, concat scripts, image sequences, session descriptions are not among them); no protocol is allowed.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.stream
import av.video.stream
from av.container.input import InputContainer

from pipeline.errors import InputError

# fmt: off
DEMUXERS = frozenset({
    "aac", "ac3", "aiff", "amr", "ape", "asf", "asf_o", "au", "avi", "caf", "dsf", "dts", "dtshd",
    "dv", "eac3", "flac", "flv", "gxf", "h264", "hevc", "kux", "live_flv", "loas", "m4v",
    "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "mpegvideo",
    "mxf", "nut", "oga", "ogg", "oma", "rm", "tak", "truehd", "tta", "voc", "w64", "wav", "wtv",
    "wv", "xwma",
})
# fmt: on
"""Containers that hold their media themselves, by libavformat's names."""

_ESTIMATED = frozenset(
    "aac ac3 amr dts eac3 h264 hevc loas m4v mp3 mpeg mpegts mpegvideo oga ogg truehd".split()  # noqa: SIM905
)
"""Containers whose header has no length: libavformat tells its own estimate, no claim to hold the file to."""

_PROTOCOLS = "file,pipe"
_HEAD = 4096
_REFERENCES = {
    "an HLS playlist": (b"#EXTM3U",),
    "an ffmpeg concat script": (b"ffconcat version",),
    "a DASH manifest": (b"<MPD", b":MPD "),
    "a session description (SDP)": (b"v=0\r\no=", b"v=0\no="),
    "a playlist": (b"[playlist]", b"<asx", b"<ASX", b"<smil", b"[Reference]", b"rtsptext", b"<?wpl"),
}
_MAX_PIXELS = 1 << 26  # 8192 x 8192: larger pictures are not decoded to learn which way is up
_ROTATION_PACKETS = 400


@dataclass(frozen=True, slots=True)
class VideoStream:
    """A stream of moving pictures; a cover picture is not one.

    Attributes:
        index: place among all streams of the file.
        codec: libavcodec's name, as `h264`.
        width: width in pixels as displayed: turned upright, pixels made square.
        height: height, likewise.
        fps: average frames per second; 0 where unknown.
        rotation: by how many degrees the stored picture is turned for display: 0, 90, 180, 270.
        pixel_aspect: a stored pixel's width by its height.
        transfer: the transfer characteristics' number (ITU-T H.273); 16 and 18 are HDR.
    """

    index: int
    codec: str
    width: int
    height: int
    fps: float
    rotation: int
    pixel_aspect: float
    transfer: int


@dataclass(frozen=True, slots=True)
class AudioStream:
    """A stream of sound. `index` counts all streams of the file; times are the file's own, unshifted."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    language: str
    default: bool
    start_ms: int
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """Subtitles that the file already has."""

    index: int
    codec: str
    language: str
    title: str


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What `probe` found.

    Attributes:
        path: the file, absolute.
        container: libavformat's name of the container, as `mov,mp4,m4a,3gp,3g2,mj2`.
        duration_ms: length by the container; for raw streams (MP3 without an index, ADTS) an estimate.
        start_ms: the container's first timestamp: the player's time 0.
        video: the main video, None for an audio file.
        audio: never empty.
        subtitles: subtitles already inside.
        covers: indices of attached pictures.
        others: kinds of the remaining streams, as `data` and `attachment`.
    """

    path: Path
    container: str
    duration_ms: int
    start_ms: int
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    subtitles: tuple[SubtitleStream, ...] = ()
    covers: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def estimated(self) -> bool:
        """Whether `duration_ms` is only an estimate, from the bit rate or the last timestamp found."""
        return self.container.split(",")[0] in _ESTIMATED


def probe(path: Path, *, timeout_s: float = 60.0) -> MediaInfo:
    """What the media file at `path` holds. Nothing else is opened, whatever the file says.

    Raises:
        InputError: no file, not media, a playlist or other file of references, damaged, or without sound.
    """
    with open_media(path, timeout_s=timeout_s) as container:
        audio = tuple(_audio(stream) for stream in container.streams.audio)
        if not audio:
            raise InputError(
                "The file has no sound.", where=path, remedy="Use the version of the video that has its speech."
            )
        pictures = [stream for stream in container.streams.video if _is_cover(stream)]
        moving = [stream for stream in container.streams.video if stream not in pictures]
        start = Fraction(container.start_time or 0, av.time_base)
        duration = _duration(container, start)
        return MediaInfo(
            path=path.absolute(),
            container=container.format.name,
            duration_ms=round(duration * 1000),
            start_ms=round(start * 1000),
            video=_video(container, moving[0]) if moving else None,
            audio=audio,
            subtitles=tuple(
                SubtitleStream(s.index, _codec(s), s.language or "", s.metadata.get("title") or "")
                for s in container.streams.subtitles
            ),
            covers=tuple(stream.index for stream in pictures),
            others=tuple(
                stream.type for stream in container.streams if stream.type not in ("video", "audio", "subtitle")
            ),
        )


def input_arguments(info: MediaInfo) -> dict[str, str]:
    """Options for ffmpeg's input that hold the program to the same file and the same demuxer as `probe`."""
    return {"protocol_whitelist": _PROTOCOLS, "format": info.container.split(",")[0]}


@contextmanager
def open_media(path: Path, *, timeout_s: float) -> Iterator[InputContainer]:
    """The opened container; libav's refusals become `InputError`, inside the block too."""
    head = _head(path)
    for kind, marks in _REFERENCES.items():
        if any(mark in head[:1024] for mark in marks) and b"\0" not in head[:64]:
            raise InputError(
                f"The file is {kind}: it only names other files.",
                where=path,
                remedy="Give the media file itself. Zimu reads no file or address that another file names.",
            )
    options = {"format_whitelist": ",".join(sorted(DEMUXERS)), "protocol_whitelist": _PROTOCOLS}
    try:
        with (
            path.open("rb") as file,
            av.open(file, "r", container_options=options, timeout=timeout_s, metadata_errors="replace") as container,
        ):
            yield container
    except (av.error.FFmpegError, OSError, ValueError) as error:  # the last two: damaged files send seeks astray
        raise _refusal(path, head, error) from error


def _head(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("This is not a file.", where=path, remedy="Give an audio or video file.")
        with path.open("rb") as file:
            return file.read(_HEAD)
    except FileNotFoundError as error:
        raise InputError("There is no such file.", where=path, remedy="Check the name.") from error
    except PermissionError as error:
        raise InputError("The file can't be read.", where=path, remedy="Give yourself the right to read it.") from error


def _refusal(path: Path, head: bytes, error: Exception) -> InputError:
    if not head:
        return InputError("The file is empty.", where=path, remedy="Copy or download it again.")
    if _is_text(head):
        return InputError("The file is text, not audio or video.", where=path, remedy="Give the media file.")
    if isinstance(error, av.error.ExitError):
        return InputError(
            "The file could not be understood in good time.", where=path, remedy="Convert it to MP4 or MKV first."
        )
    if head[4:8] in (b"ftyp", b"mdat", b"wide", b"free") and not _has_index(path):
        return InputError(
            "The MP4 file is damaged or not complete: its index is missing.",
            where=path,
            remedy="Copy, download or export it again.",
        )
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(
        f"The file is not audio or video that can be read, or it is damaged ({reason}).",
        where=path,
        remedy="Copy it again, or convert it to MP4, MKV, WAV or FLAC.",
    )


def _has_index(path: Path) -> bool:
    """Whether an MP4 file has the box `moov` (ISO/IEC 14496-12, 4.2): a recording that broke off has none."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            box = file.read(16)
            length = int.from_bytes(box[:4], "big")
            length = int.from_bytes(box[8:16], "big") if length == 1 else length
            if box[4:8] == b"moov":
                return at + length <= size
            if length < 8:
                return False
            at += length
    return False


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if any(byte < 9 or 13 < byte < 32 for byte in head if byte != 27):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut off
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False


def _codec(stream: av.stream.Stream) -> str:
    """The codec's name, and not that of the program that decodes it: `mp3`, not `mp3float`."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else "unknown"


def _is_cover(stream: av.video.stream.VideoStream) -> bool:
    pictures = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    return bool(stream.disposition & pictures)


def _audio(stream: av.stream.Stream) -> AudioStream:
    base = stream.time_base or Fraction(0)
    context = stream.codec_context
    return AudioStream(
        index=stream.index,
        codec=_codec(stream),
        sample_rate=getattr(context, "sample_rate", 0) or 0,
        channels=getattr(context, "channels", 0) or 0,
        language=stream.language or "",
        default=bool(stream.disposition & av.stream.Disposition.default),
        start_ms=round((stream.start_time or 0) * base * 1000),
        duration_ms=None if stream.duration is None else round(stream.duration * base * 1000),
    )


def _duration(container: InputContainer, start: Fraction) -> Fraction:
    """Length in seconds on the player's clock.

    A live recording's header has no length, and Matroska's may count from 0 or from the first timestamp: there the
    packets are counted.
    """
    counts_from_zero = "matroska" in container.format.name and start > 1
    if container.duration is not None and container.duration > 0 and not counts_from_zero:
        return Fraction(container.duration, av.time_base)
    end = start
    for packet in container.demux(audio=0, video=0) if container.streams.video else container.demux(audio=0):
        if packet.pts is not None and packet.time_base:
            end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
    container.seek(0)
    return end - start


def _video(container: InputContainer, stream: av.video.stream.VideoStream) -> VideoStream:
    width, height = stream.codec_context.width, stream.codec_context.height
    aspect = stream.sample_aspect_ratio or Fraction(1)
    rotation, transfer = 0, 2
    if 0 < width * height <= _MAX_PIXELS:
        rotation, transfer = _first_picture(container, stream)
    shown = (round(width * aspect), height) if aspect > 0 else (width, height)
    if rotation in (90, 270):
        shown = (shown[1], shown[0])
    return VideoStream(
        index=stream.index,
        codec=_codec(stream),
        width=shown[0],
        height=shown[1],
        fps=float(stream.average_rate or stream.guessed_rate or 0),
        rotation=rotation,
        pixel_aspect=float(aspect) if aspect > 0 else 1.0,
        transfer=transfer,
    )


def _first_picture(container: InputContainer, stream: av.video.stream.VideoStream) -> tuple[int, int]:
    """Rotation in degrees and the transfer characteristics, which libav tells only of decoded pictures."""
    try:
        for count, packet in enumerate(container.demux(stream)):
            for frame in packet.decode():
                return frame.rotation % 360, int(frame.color_trc)
            if count > _ROTATION_PACKETS:
                break
    except av.error.FFmpegError:
        pass  # a damaged picture: decoding or encoding will say so, where it matters
    return 0, 2
