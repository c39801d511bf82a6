"""A steady noise is taken away, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.alignment.activity import ENERGY_STEP_MS, energy_db
from pipeline.alignment.noise import level_without_noise, voice_level_db

SECONDS = 12
SAID = [(2.0, 4.0), (5.0, 7.5), (9.0, 11.0)]


def scene(noise_db: float, *, swing_db: float = 0.0, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """(sound, where nobody speaks): harmonics of 150 Hz at -20 dB in `SAID`, white noise that swings twice a second."""
    rng = np.random.default_rng(seed)
    at = np.arange(SECONDS * 16_000) / 16_000
    voice = sum(np.sin(2 * np.pi * 150 * n * at + n) / n for n in range(1, 20))
    said = np.zeros(len(at), bool)
    for start, end in SAID:
        said |= (at >= start) & (at < end)
    voice *= said * 0.1 / np.sqrt(np.mean(voice[said] ** 2))
    level = noise_db + swing_db * np.sign(np.sin(2 * np.pi * 2 * at))
    noise = rng.normal(0, 1, len(at)) * 10 ** (level / 20)
    return (voice + noise).astype(np.float32), ~said[:: ENERGY_STEP_MS * 16]


def above(level: np.ndarray, silent: np.ndarray) -> float:
    return float(np.median(level[~silent]) - np.median(level[silent]))


@pytest.mark.parametrize("noise_db", [-40.0, -30.0, -25.0])
def test_a_voice_stands_out_more_without_the_noise(noise_db: float) -> None:
    sound, silent = scene(noise_db)
    level = level_without_noise(sound, silent)
    assert level is not None
    assert level.shape == silent.shape
    assert above(level, silent) > above(energy_db(sound), silent) + 5


def test_the_level_is_that_of_the_voice() -> None:
    sound, silent = scene(-45.0)
    level = level_without_noise(sound, silent)
    assert level is not None
    assert np.median(level[~silent]) == pytest.approx(-20, abs=1.5)


def test_edges_stay_where_they_are() -> None:
    sound, silent = scene(-28.0)
    level = level_without_noise(sound, silent)
    assert level is not None
    loud = level > (np.median(level[silent]) + np.median(level[~silent])) / 2
    found = np.flatnonzero(np.diff(np.convolve(loud, np.ones(9), "same") > 4)) * ENERGY_STEP_MS / 1000
    assert found == pytest.approx([edge for span in SAID for edge in span], abs=0.03)


def test_what_swings_is_no_steady_noise() -> None:
    assert level_without_noise(*scene(-35.0, swing_db=6.0)) is None


def test_without_a_silence_nothing_is_known_of_the_noise() -> None:
    sound, silent = scene(-30.0)
    assert level_without_noise(sound, np.zeros_like(silent)) is None


def test_a_clear_voice_keeps_its_energy() -> None:
    sound, silent = scene(-60.0)
    energy = energy_db(sound)
    voice = (~silent).astype(np.float32)[3::6][: len(sound) // 512]
    assert voice_level_db(sound, energy, voice) is energy
