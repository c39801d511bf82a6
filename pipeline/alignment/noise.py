"""The level that edges are found by where music or noise lies under a voice.

A steady noise, as of a fan or a bad line, is taken away by spectral subtraction (S. F. Boll, Suppression of acoustic
noise in speech using spectral subtraction, IEEE Transactions on Acoustics, Speech, and Signal Processing 27(2), 1979),
here from the level only, in bands as wide as the ear's (mel). Music is no steady noise: its level in a band says
nothing about the next second, and taking it away moves edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.alignment.activity import ENERGY_STEP_MS, ENERGY_WIDTH_MS, SAMPLE_RATE, voice_by_energy_steps

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]

# A voice that is this far above what is heard without it is clear; at the second number, and below, all of the depth
# is taken away where there is no voice. Chosen on 38 episodes with known edges, 12 of them over music or noise: the
# 95th percentile of the starts falls from 97 to 77 ms, of the ends from 107 to 82 (tests/benchmarks/spoil.py).
_CLEAR_DB, _NOISY_DB, _DEPTH_DB = 25.0, 10.0, 20.0
_SURELY_VOICE, _SURELY_SILENT, _VOICE_PERCENTILE = 0.8, 0.1, 70
_ENOUGH_STEPS = 50
_STEP = ENERGY_STEP_MS * SAMPLE_RATE // 1000
_WIDTH = ENERGY_WIDTH_MS * SAMPLE_RATE // 1000
_FFT = 512
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 16, 100, 6000
# What is left of a band that holds no more than the noise.
_LEFT = 0.02
# The bands' mean level of a noise varies by less, standard deviation in dB: 0.7 to 1.8 in white and pink noise, 7 and
# more in music.
_STEADY_DB = 3.0
_MOST_STEPS = 20_000
_BLOCK = 4096
_TINY = 1e-10


def voice_level_db(pcm: Array, energy: Array, voice: Array) -> Array:
    """Energy that tells a voice from the music or noise under it, dB, float32 (steps of 5 ms,).

    A steady noise is taken away. The weaker the voice then stands out, the more sound without a voice is lowered; a
    clear voice's energy stays as it is, because voice activity is coarser: steps of 32 ms, and a soft onset is noticed
    late.

    Arguments:
        pcm: 16 kHz, float32 (samples,).
        energy: its level in dB every 5 ms.
        voice: the probability of speech every 32 ms.
    """
    import numpy as np

    if not len(energy) or not len(voice):
        return energy
    plain = voice_by_energy_steps(voice, len(energy))
    said, silent = plain > _SURELY_VOICE, plain < _SURELY_SILENT
    if min(np.count_nonzero(said), np.count_nonzero(silent)) < _ENOUGH_STEPS:
        return energy

    def depth(level: Array) -> float:
        above = float(np.percentile(level[said], _VOICE_PERCENTILE) - np.median(level[silent]))
        return _DEPTH_DB * min(1.0, max(0.0, (_CLEAR_DB - above) / (_CLEAR_DB - _NOISY_DB)))

    lowered = depth(energy)
    if not lowered:
        return energy
    cleaner = level_without_noise(pcm, silent)
    if cleaner is not None:
        energy, lowered = cleaner, depth(cleaner)
    ahead = voice_by_energy_steps(np.maximum(voice, np.append(voice[1:], voice[-1])), len(energy))
    return np.asarray(energy - lowered * (1 - ahead), np.float32)


def level_without_noise(pcm: Array, silent: npt.NDArray[np.bool_]) -> Array | None:
    """The level in windows of 20 ms around every 5 ms without the steady noise under it, dB, float32 (steps,).

    Arguments:
        pcm: 16 kHz, float32 (samples,).
        silent: (steps,), whether only the noise is heard there.

    Returns:
        None where what is heard there is not steady, or there is none of it.
    """
    import numpy as np

    places = np.flatnonzero(silent)
    places = places[:: max(1, len(places) // _MOST_STEPS)]
    if not len(places):
        return None
    noise_db = np.concatenate([_decibels(part) for part in _powers(pcm, places)])
    floor_db = np.median(noise_db, axis=0)
    if float(np.std((noise_db - floor_db).mean(axis=1))) > _STEADY_DB:
        return None
    floor = 10 ** (floor_db / 10)
    steps = np.arange(len(silent))
    left = [np.maximum(part - floor, _LEFT * floor).sum(axis=1) for part in _powers(pcm, steps)]
    return np.asarray(_decibels(np.concatenate(left)), np.float32)


def _powers(pcm: Array, steps: npt.NDArray[np.intp]) -> Iterator[Array]:
    """The power in each band around these steps, float32 (steps of a block, bands), block by block."""
    import numpy as np

    window = np.hanning(_WIDTH).astype(np.float32)
    scale = 2 / (_FFT * float(np.square(window).sum()))
    bands = _bands()
    before = (_WIDTH - _STEP) // 2
    inside = np.arange(_WIDTH)[None, :] - before
    for start in range(0, len(steps), _BLOCK):
        places = np.clip(steps[start : start + _BLOCK, None] * _STEP + inside, 0, len(pcm) - 1)
        spectrum = np.fft.rfft(pcm[places] * window, _FFT)
        yield np.asarray((np.square(np.abs(spectrum)) * scale).astype(np.float32) @ bands, np.float32)


@cache
def _bands() -> Array:
    """Which frequencies are of which band, float32 (frequencies, bands), 0 or 1."""
    import numpy as np

    def mel(hertz: Any) -> npt.NDArray[np.float64]:
        return np.asarray(2595 * np.log10(1 + hertz / 700))

    hertz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    low, high = mel(np.array([float(_LOWEST_HZ), float(_HIGHEST_HZ)]))
    band = np.floor((mel(hertz) - low) / (high - low) * _BANDS)
    return np.asarray(band[:, None] == np.arange(_BANDS), np.float32)


def _decibels(power: Array) -> Array:
    import numpy as np

    return np.asarray(10 * np.log10(power + _TINY), np.float32)
