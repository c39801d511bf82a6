"""Sound lands where a player plays it: ffmpeg's own playback timeline is the measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import InputError
from pipeline.media import SAMPLE_RATE, decode_audio, is_silent, probe
from pipeline.progress import SilentReporter
from tests.media.make import BEEPS, ffmpeg, picture, sound, video

BEEP = ["-f", "lavfi", "-i", BEEPS]
PICTURE = picture(6)
FAST = ["-preset", "ultrafast"]
GAP = ["-f", "lavfi", "-i", BEEPS + ",aselect='not(between(t,2.2,3.1))'"]

# name: ffmpeg's arguments; what a player plays as the first beep, in seconds, where the format is exact about it
FILES: dict[str, tuple[list[str], float | None]] = {
    "plain.mp4": ([*PICTURE, *BEEP, "-c:a", "aac"], 0.5),
    "late.mp4": ([*PICTURE, "-itsoffset", "1.5", *BEEP, "-c:a", "aac"], 2.0),
    "late.mkv": ([*PICTURE, "-itsoffset", "1.5", *BEEP, "-c:a", "aac"], 2.0),
    "late.ts": ([*PICTURE, "-itsoffset", "1.5", *BEEP, "-c:a", "aac"], 2.0),
    "late.flv": ([*PICTURE, "-itsoffset", "0.5", *BEEP, "-c:a", "aac", "-ar", "44100"], 1.0),
    "late-picture.mp4": (["-itsoffset", "0.7", *PICTURE, *BEEP, "-c:a", "aac"], 0.5),
    "hours.ts": ([*PICTURE, *BEEP, "-c:a", "aac", "-output_ts_offset", "80000"], None),
    "offset.mkv": ([*PICTURE, *BEEP, "-c:a", "aac", "-output_ts_offset", "7.3"], 0.5),
    "gap.mkv": ([*PICTURE, *GAP, "-c:a", "aac"], 0.5),
    "gap.mp4": ([*PICTURE, *GAP, "-c:a", "aac"], 0.5),
    "fragments.mp4": ([*PICTURE, *BEEP, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], None),
    "a.m4a": ([*BEEP, "-c:a", "aac", "-ar", "44100", "-ac", "2"], 0.5),
    "a.mp3": ([*BEEP], 0.5),
    "a.opus": ([*BEEP, "-c:a", "libopus"], 0.5),
    "opus.mkv": ([*PICTURE, *BEEP, "-c:a", "libopus"], 0.5),
    "opus.mp4": ([*PICTURE, *BEEP, "-c:a", "libopus"], 0.5),
    "a.flac": ([*BEEP], 0.5),
    "a.aac": ([*BEEP], None),
    "a.avi": ([*PICTURE, *BEEP, "-c:a", "mp3"], None),
}


def beeps(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """When each beep begins, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.2) / SAMPLE_RATE
    return loud[np.insert(np.diff(loud) > 0.2, 0, True)]


def played(path: Path) -> NDArray[np.float64]:
    """When each beep begins in ffmpeg's own playback, pictures beside it."""
    filters = "aresample=16000:async=1:first_pts=0:min_hard_comp=0.01"
    raw = ffmpeg(
        "-i", path, "-map", "0:v?", "-f", "null", "-", "-map", "0:a:0", "-ac", "1", "-af", filters, "-f", "f32le", "-"
    )  # fmt: skip
    return beeps(np.frombuffer(raw, np.float32))


@pytest.mark.parametrize("name", FILES)
def test_every_beep_is_where_it_is_played(tmp_path: Path, name: str) -> None:
    arguments, first = FILES[name]
    ffmpeg(*arguments, *(FAST if ".mp4" in name else []), tmp_path / name)
    samples = decode_audio(probe(tmp_path / name), SilentReporter())
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    found = beeps(samples)
    np.testing.assert_allclose(found, played(tmp_path / name), atol=0.010)
    assert len(found) == (5 if "gap" in name else 6)
    if first is not None:
        assert abs(found[0] - first) < 0.010


def test_a_trimmed_start_is_not_heard(tmp_path: Path) -> None:
    ffmpeg(*PICTURE, *BEEP, "-c:a", "aac", *FAST, tmp_path / "whole.mp4")
    ffmpeg("-ss", "2.3", "-i", tmp_path / "whole.mp4", "-c", "copy", tmp_path / "cut.mp4")
    found = beeps(decode_audio(probe(tmp_path / "cut.mp4"), SilentReporter()))
    np.testing.assert_allclose(found, played(tmp_path / "cut.mp4"), atol=0.010)
    assert abs(found[0] - 0.2) < 0.010


@pytest.mark.parametrize("offset", ["0", "80000"])
def test_a_broadcast_whose_clock_restarts_goes_on(tmp_path: Path, offset: str) -> None:
    for name, shift in (("one.ts", offset), ("two.ts", "0")):
        ffmpeg(*PICTURE, *BEEP, "-c:a", "aac", "-output_ts_offset", shift, tmp_path / name)
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "one.ts").read_bytes() + (tmp_path / "two.ts").read_bytes())
    found = beeps(decode_audio(probe(joined), SilentReporter()))
    assert len(found) == 12
    np.testing.assert_allclose(found, played(joined), atol=0.010)


def test_another_audio_stream_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    ffmpeg(*sound(2), *BEEP, "-map", "0", "-map", "1", "-c:a", "flac", path)
    info = probe(path)
    assert len(beeps(decode_audio(info, SilentReporter(), stream=1))) == 6
    with pytest.raises(InputError, match="no audio stream 2"):
        decode_audio(info, SilentReporter(), stream=2)


class Listener(SilentReporter):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flac"])
def test_a_file_cut_off_is_refused_with_both_lengths(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    pictures = [] if name == "a.flac" else picture(20)
    index_first = ["-movflags", "+faststart", *FAST] if name == "a.mp4" else []
    ffmpeg(*pictures, *sound(20), *index_first, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 5])
    with pytest.raises(InputError, match=r"lasts 20 s, and it ends after \d\d? s"):
        decode_audio(probe(path), SilentReporter())


def test_only_the_last_moments_missing_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    ffmpeg(*sound(20), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    listener = Listener()
    assert abs(len(decode_audio(probe(path), listener)) / SAMPLE_RATE - 18) < 0.3
    assert "s of 20 s are missing" in listener.warnings[0]


def test_damaged_packets_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    ffmpeg(*BEEP, path)
    content = bytearray(path.read_bytes())
    content[20_000:22_000] = bytes(2000)
    path.write_bytes(content)
    found = beeps(decode_audio(probe(path), SilentReporter()))
    assert abs(found[0] - 0.5) < 0.010


def test_sound_that_can_not_be_decoded_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", "-movflags", "+faststart")
    content = path.read_bytes()
    start = content.index(b"mdat") + 4
    path.write_bytes(content[:start] + b"\xff" * (len(content) - start))
    with pytest.raises(InputError, match="can't be decoded"):
        decode_audio(probe(path), SilentReporter())


def test_samples_are_numbers_from_minus_one_to_one_whatever_the_file_holds(tmp_path: Path) -> None:
    wild = np.full(SAMPLE_RATE, 7.5, np.float32)
    wild[::3] = np.nan
    wild[1::7] = -np.inf
    (tmp_path / "a.raw").write_bytes(wild.tobytes())
    ffmpeg("-f", "f32le", "-ar", "16000", "-i", tmp_path / "a.raw", "-c:a", "copy", tmp_path / "a.wav")
    samples = decode_audio(probe(tmp_path / "a.wav"), SilentReporter())
    assert np.isfinite(samples).all()
    assert samples.min() >= -1
    assert samples.max() <= 1


def test_media_beyond_the_limit_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    ffmpeg(*sound(20), tmp_path / "a.wav")
    with pytest.raises(InputError, match="hours long"):
        decode_audio(probe(tmp_path / "a.wav"), SilentReporter(), max_hours=0.005)


def test_silence_is_told_from_speech() -> None:
    quiet = np.zeros(SAMPLE_RATE * 3, np.float32)
    assert is_silent(quiet)
    assert is_silent(np.zeros(0, np.float32))
    quiet[SAMPLE_RATE : SAMPLE_RATE * 2] = 0.02 * np.sin(np.arange(SAMPLE_RATE) * 0.2)
    assert not is_silent(quiet)
