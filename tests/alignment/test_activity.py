"""Voice and energy are found where they are."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.alignment.activity import (
    ENERGY_STEP_MS,
    VOICE_STEP_MS,
    Span,
    energy_db,
    speech_spans,
    voice_probabilities,
)

RULES = {"threshold": 0.5, "min_silence_ms": 128, "min_speech_ms": 96, "pad_ms": 0}


def voice(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(steps, value, np.float32) for value, steps in parts])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (voice((0.1, 10), (0.9, 10), (0.1, 10)), [Span(320, 640)]),
        (voice((0.9, 10), (0.1, 2), (0.9, 10)), [Span(0, 704)]),  # a gap too short to be a pause
        (voice((0.9, 10), (0.1, 8), (0.9, 10)), [Span(0, 320), Span(576, 896)]),
        (voice((0.1, 10), (0.9, 1), (0.1, 10)), []),  # a click
        (voice((0.9, 5), (0.4, 20), (0.1, 5)), [Span(0, 800)]),  # between the two thresholds nothing changes
        (voice((0.0, 50)), []),
    ],
)
def test_spans_begin_and_end_at_the_thresholds(steps: np.ndarray, expected: list[Span]) -> None:
    assert speech_spans(steps, **RULES) == expected


def test_padding_never_makes_spans_overlap_or_leave_the_sound() -> None:
    steps = voice((0.9, 10), (0.1, 6), (0.9, 10))
    assert speech_spans(steps, **{**RULES, "pad_ms": 500}) == [Span(0, 416), Span(416, 832)]


def test_energy_follows_the_level() -> None:
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.1, 16_000).astype(np.float32)
    sound[:8_000] = 0
    level = energy_db(sound)
    assert len(level) == 1000 // ENERGY_STEP_MS
    assert level[:90].max() < -99
    assert np.allclose(level[110:190], -20, atol=2)


def test_a_constant_offset_is_silence() -> None:
    assert energy_db(np.full(16_000, 0.3, np.float32)).max() < -99


def test_blocks_do_not_show_in_the_voice_activity(sample_pcm: np.ndarray) -> None:
    long = np.concatenate([sample_pcm, sample_pcm])  # longer than a block
    found = voice_probabilities(long, threads=2)
    assert len(found) == -(-len(long) // (VOICE_STEP_MS * 16))
    assert found[:2900].mean() == pytest.approx(found[len(found) // 2 :].mean(), abs=0.02)


def test_silence_has_no_voice() -> None:
    assert speech_spans(voice_probabilities(np.zeros(48_000, np.float32), threads=1), **RULES) == []
