"""What happens to a voice on its way to a file: music, noise, a room, a telephone. Plain numpy, seeded, 16 kHz."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

RATE = 16_000
Sound = npt.NDArray[np.float32]

_FRAME = RATE // 200
# I, vi, IV, V in C major, as half tones above C3.
_CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
_C3_HZ = 130.81
_CHORD_S, _BEAT_S = 2.0, 0.5


def loud_span(clip: Sound, below_peak_db: float = 40.0) -> tuple[int, int]:
    """First and last sample (exclusive) of the 5 ms frames that are at most `below_peak_db` under the loudest one."""
    frames = clip[: len(clip) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-below_peak_db / 10))
    return int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME


def resample(clip: Sound, rate: int) -> Sound:
    """A short clip at 16 kHz, by cutting or padding its spectrum."""
    count = round(len(clip) * RATE / rate)
    spectrum = np.fft.rfft(clip)
    kept = np.zeros(count // 2 + 1, np.complex128)
    common = min(len(kept), len(spectrum))
    kept[:common] = spectrum[:common]
    return (np.fft.irfft(kept, count) * (RATE / rate)).astype(np.float32)


def music(pcm: Sound, voice_over_db: float, rng: np.random.Generator) -> Sound:
    """Chords with a beat, `voice_over_db` below the voice."""
    time = np.arange(len(pcm)) / RATE
    bed = np.zeros(len(pcm))
    which = (time // _CHORD_S).astype(int) % len(_CHORDS)
    for voice in range(3):
        hertz = _C3_HZ * 2 ** (np.array([chord[voice] for chord in _CHORDS])[which] / 12)
        phase = 2 * np.pi * np.cumsum(hertz) / RATE
        bed += sum(np.sin(n * phase) / n**1.5 for n in range(1, 6))
    bed *= 0.6 + 0.4 * np.exp(-3 * (time % _CHORD_S))
    bed += 3 * np.exp(-40 * (time % _BEAT_S)) * rng.standard_normal(len(pcm))
    return _under(pcm, bed, voice_over_db)


def white(pcm: Sound, voice_over_db: float, rng: np.random.Generator) -> Sound:
    """White noise, `voice_over_db` below the voice."""
    return _under(pcm, rng.standard_normal(len(pcm)), voice_over_db)


def pink(pcm: Sound, voice_over_db: float, rng: np.random.Generator) -> Sound:
    """Noise that falls by 3 dB an octave, `voice_over_db` below the voice."""
    spectrum = np.fft.rfft(rng.standard_normal(len(pcm)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    return _under(pcm, np.fft.irfft(spectrum, len(pcm)), voice_over_db)


def room(pcm: Sound, rt60_s: float, rng: np.random.Generator) -> Sound:
    """A room whose sound falls by 60 dB in `rt60_s`; its echoes together are as loud as the voice itself."""
    count = round(rt60_s * RATE)
    echo = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    echo[: RATE // 200] = 0
    echo /= np.sqrt(np.sum(echo**2))
    echo[0] = 1
    size = len(pcm) + count
    wet = np.fft.irfft(np.fft.rfft(pcm, size) * np.fft.rfft(echo, size), size)[: len(pcm)]
    return _tamed(wet)


def telephone(pcm: Sound, _: float, __: np.random.Generator) -> Sound:
    """300 to 3,400 Hz, eight bits by the mu law (ITU-T G.711)."""
    spectrum = np.fft.rfft(pcm)
    hertz = np.fft.rfftfreq(len(pcm), 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, len(pcm)), -1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    return _tamed(np.sign(coded) * (256 ** np.abs(coded) - 1) / 255)


EFFECTS: Mapping[str, Callable[[Sound, float, np.random.Generator], Sound]] = {
    "music": music,
    "white": white,
    "pink": pink,
    "room": room,
    "telephone": telephone,
}


def _under(pcm: Sound, bed: npt.NDArray[np.float64], voice_over_db: float) -> Sound:
    voiced = pcm[np.abs(pcm) > 0.01]
    level = np.sqrt(np.mean(voiced**2)) / np.sqrt(np.mean(bed**2)) * 10 ** (-voice_over_db / 20)
    return _tamed(pcm + level * bed)


def _tamed(pcm: npt.NDArray[np.floating]) -> Sound:
    return (pcm * min(1.0, 0.9 / max(float(np.abs(pcm).max()), 1e-9))).astype(np.float32)
