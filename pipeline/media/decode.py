"""Sound as samples on the player's clock.

A player's time 0 is the container's first timestamp, and every frame of sound plays at its own timestamp. Taking the
samples one after the other, as most speech programs do, is wrong by the stream's late start, by its gaps and by its
edit list; so each frame is put where its timestamp says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import av.audio.resampler
import av.error
import av.format
import av.stream
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import InputError
from pipeline.media.info import MediaInfo, open_media

if TYPE_CHECKING:
    import av.audio.frame
    import av.audio.stream
    import av.packet
    from av.container.input import InputContainer

    from pipeline.progress import Reporter, Task

SAMPLE_RATE = 16_000
"""Samples per second that speech models take."""

_TOLERANCE = 0.005
"""Seconds by which a timestamp may differ from the sound's running length before it is believed: containers round
to milliseconds."""

_FORWARD_JUMP = 10
"""Seconds ahead that are no gap but a restarted clock, in broadcast streams (ffmpeg's -dts_delta_threshold)."""

_BACKWARD_JUMP = Fraction(1, 10)
"""Seconds back that are a restarted clock there (the same rule of ffmpeg's)."""

_TS_DISCONT = cast(int, av.format.Flags.ts_discont.value)

_WORTH_A_WORD = 1.0
"""Seconds missing at the end that a user is told of: streams of one file seldom end at the same moment."""

_TELL_EVERY = 500
"""Packets between two words to the progress display."""


def decode_audio(
    info: MediaInfo,
    reporter: Reporter,
    *,
    stream: int | None = None,
    max_hours: float = 12.0,
    max_missing_s: float = 5.0,
    timeout_s: float = 60.0,
) -> NDArray[np.float32]:
    """The sound of `info` as samples of shape (n,), 16 kHz, mono, in [-1, 1]; sample 0 is the player's time 0.

    Silence stands where the stream has none: before a late start, in gaps. Memory: 4 bytes a sample.

    Arguments:
        stream: which audio stream, counted from 0 among them; None takes the default one.
        max_hours: longer media is refused.
        max_missing_s: how many seconds may lack at the end before the file counts as truncated.

    Raises:
        InputError: damaged, truncated, too long, or nothing can be decoded.
    """
    with open_media(info.path, timeout_s=timeout_s) as container:
        chosen = _choose(container, info, stream)
        timeline = _Timeline(info, container, max_hours)
        with reporter.task("Decoding sound", info.duration_ms / 1000, "seconds") as task:
            health = _decode(container, chosen, timeline, task)
        samples = timeline.finish()
        claimed = _claimed_s(info, chosen)
    if len(samples) == 0 or health.bad * 2 > health.packets:
        raise InputError(
            "The sound can't be decoded.", where=info.path, remedy="Convert the file to MP4 with AAC sound, or to FLAC."
        )
    reached = max(len(samples) / SAMPLE_RATE, float(health.others_end) - info.start_ms / 1000)
    _require_whole(info, claimed, reached, max_missing_s, reporter)
    if health.bad:
        reporter.warn(
            f"{info.path.name}: {health.bad} of {health.packets} packets of sound are damaged and were left out."
        )
    return samples


def is_silent(samples: NDArray[np.float32], *, threshold_db: float = -60.0) -> bool:
    """Whether nothing is to be heard: no half second of `samples` is louder than `threshold_db` (RMS, dB full scale).

    No speech that a person can follow is below -60 dBFS: 16 bits end at -96, a quiet room recorded is near -60.
    """
    window = SAMPLE_RATE // 2
    limit = 10 ** (threshold_db / 20)
    for start in range(0, len(samples), window):
        part = samples[start : start + window]
        if np.sqrt(np.mean(np.square(part, dtype=np.float64))) > limit:
            return False
    return True


@dataclass(slots=True)
class _Health:
    """Packets of sound, how many of them were damaged, and where the other streams end (seconds, the file's clock)."""

    packets: int = 0
    bad: int = 0
    others_end: Fraction = Fraction(0)


def _decode(container: InputContainer, chosen: av.audio.stream.AudioStream, timeline: _Timeline, task: Task) -> _Health:
    """Decode `chosen` into `timeline`; where its own header says how long it is, the rest is passed over."""
    health = _Health()
    clock = _BroadcastClock() if container.format.flags & _TS_DISCONT else None
    if chosen.duration is not None and clock is None:
        for stream in container.streams:
            if stream.index != chosen.index:
                stream.discard = av.stream.Discard.all
    for packet in _packets(container):
        if clock is not None:
            clock.correct(packet)
        if packet.stream.index != chosen.index:
            health.others_end = max(health.others_end, _end(packet))
            continue
        health.packets += packet.size > 0
        try:
            for frame in packet.decode():
                timeline.place(cast("av.audio.frame.AudioFrame", frame))
        except av.error.FFmpegError:
            health.bad += 1
        if health.packets % _TELL_EVERY == 0:
            task.update(timeline.written / SAMPLE_RATE)
    return health


class _BroadcastClock:
    """Joins the pieces of a stream whose clock restarts, by ffmpeg's rule (`ts_discontinuity_detect`), so that sound
    stays beside its pictures: whichever stream jumps first moves all of them."""

    def __init__(self) -> None:
        self._shift = Fraction(0)
        self._next: dict[int, Fraction] = {}

    def correct(self, packet: av.packet.Packet[Any]) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None or not packet.time_base or packet.stream.type not in ("audio", "video"):
            return
        now = stamp * packet.time_base + self._shift
        due = self._next.get(packet.stream.index, now)
        if now - due > _FORWARD_JUMP or due - now > _BACKWARD_JUMP:
            self._shift += due - now
            now = due
        self._next[packet.stream.index] = now + (packet.duration or 0) * packet.time_base
        ticks = round(self._shift / packet.time_base)
        for name in ("pts", "dts"):
            if (value := getattr(packet, name)) is not None:
                setattr(packet, name, value + ticks)


class _Timeline:
    """Puts decoded frames at their times in one array of 16 kHz samples."""

    def __init__(self, info: MediaInfo, container: InputContainer, max_hours: float) -> None:
        self._info = info
        self._origin = (container.start_time or 0) / av.time_base
        self._limit = round(max_hours * 3600 * SAMPLE_RATE)
        expected = (info.duration_ms + 1000) * SAMPLE_RATE // 1000
        if not info.estimated:
            self._require_length(expected)
        self._samples = np.zeros(min(expected, self._limit), np.float32)  # takes no memory until it is written
        self._resampler: av.audio.resampler.AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None
        self._expected = 0.0  # when the next frame should begin, in seconds
        self._next = 0  # where the run's next sample goes
        self.written = 0

    def place(self, frame: av.audio.frame.AudioFrame) -> None:
        at = self._time(frame)
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._kind or abs(at - self._expected) > _TOLERANCE:
            self._begin(at, kind)
        self._expected += frame.samples / frame.sample_rate
        frame.pts = None  # the resampler would fill and trim by its own rules
        assert self._resampler is not None
        for part in self._resampler.resample(frame):
            self._append(part)

    def finish(self) -> NDArray[np.float32]:
        self._flush()
        samples = self._samples[: self.written]
        np.nan_to_num(samples, copy=False)  # files with floating-point samples may hold anything
        return np.clip(samples, -1.0, 1.0, out=samples)

    def _time(self, frame: av.audio.frame.AudioFrame) -> float:
        """When a frame plays, in seconds; one without a timestamp follows the one before."""
        return self._expected if frame.time is None else frame.time - self._origin

    def _begin(self, at: float, kind: tuple[str, str, int]) -> None:
        self._flush()
        self._kind = kind
        self._resampler = av.audio.resampler.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        self._expected = at
        self._next = round(at * SAMPLE_RATE)

    def _flush(self) -> None:
        if self._resampler is None:
            return
        for part in self._resampler.resample(None):
            self._append(part)
        self._resampler = None

    def _append(self, frame: av.audio.frame.AudioFrame) -> None:
        """Write at the run's place; what would be before time 0 or over earlier sound is dropped, as players do."""
        part = frame.to_ndarray().reshape(-1)
        start, end = self._next, self._next + len(part)
        self._next = end
        if end <= self.written:
            return
        if end > len(self._samples):
            self._require_length(end)
            grown = np.zeros(min(end + end // 4, self._limit), np.float32)
            grown[: self.written] = self._samples[: self.written]
            self._samples = grown
        first = max(start, self.written)
        self._samples[first:end] = part[first - start :]
        self.written = end

    def _require_length(self, samples: int) -> None:
        if samples > self._limit:
            raise InputError(
                f"The file says that it is {samples / SAMPLE_RATE / 3600:.1f} hours long.",
                where=self._info.path,
                remedy="Cut it into episodes, or raise the limit (media.max_hours).",
            )


def _choose(container: InputContainer, info: MediaInfo, wanted: int | None) -> av.audio.stream.AudioStream:
    streams = container.streams.audio
    if wanted is None:
        defaults = [place for place, stream in enumerate(info.audio) if stream.default]
        wanted = defaults[0] if defaults else 0
    if not 0 <= wanted < len(streams):
        raise InputError(
            f"There is no audio stream {wanted}: the file has {len(streams)}, counted from 0.",
            where=info.path,
            remedy="Correct the stream's number (media.audio_stream).",
        )
    return streams[wanted]


def _discard_rest(container: InputContainer, chosen: av.audio.stream.AudioStream) -> Fraction:
    """Have the demuxer pass over the pictures, unless their times are needed to see where the file ends.

    Returns:
        where the search for the end begins: 0.
    """
    if chosen.duration is not None:
        for stream in container.streams:
            if stream.index != chosen.index:
                stream.discard = av.stream.Discard.all
    return Fraction(0)


def _packets(container: InputContainer) -> Iterator[av.packet.Packet[Any]]:
    """All packets, and at the end the empty ones that flush the decoders; what is damaged is passed over."""
    moved = True
    while moved:
        moved = False
        try:
            for packet in container.demux():
                moved = moved or packet.size > 0
                yield packet
        except av.error.InvalidDataError:
            continue
        return


def _end(packet: av.packet.Packet[Any]) -> Fraction:
    """When a packet ends on the file's own clock, in seconds."""
    if packet.pts is None or not packet.time_base:
        return Fraction(0)
    return (packet.pts + (packet.duration or 0)) * packet.time_base


def _claimed_s(info: MediaInfo, chosen: av.audio.stream.AudioStream) -> float:
    """The end, in seconds on the player's clock, that the header promises; 0 where it promises none."""
    if info.estimated:
        return 0.0
    if chosen.duration is None or chosen.time_base is None:
        return info.duration_ms / 1000
    return float((chosen.start_time or 0) + chosen.duration) * float(chosen.time_base) - info.start_ms / 1000


def _require_whole(
    info: MediaInfo, claimed_s: float, reached_s: float, max_missing_s: float, reporter: Reporter
) -> None:
    missing = claimed_s - reached_s
    if missing > max_missing_s:
        raise InputError(
            f"The file is cut off: it says that it lasts {claimed_s:.0f} s, and it ends after {reached_s:.0f} s.",
            where=info.path,
            remedy="Copy, download or export it again.",
        )
    if missing > _WORTH_A_WORD:
        reporter.warn(f"{info.path.name}: the last {missing:.1f} s of {claimed_s:.0f} s are missing.")
