"""The benchmark's own arithmetic: a wrong scorer would praise a wrong aligner."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import scoring
from tests.benchmarks.episodes import EDITS, TEXTS, VARIANTS
from tests.benchmarks.sound import EFFECTS, RATE, loud_span, resample

TRUTH = {
    "lines": [
        {"text": "第一句", "start": 1.0, "end": 2.0},
        {"text": "没说过", "start": None, "end": None},
        {"text": "第三句", "start": 3.0, "end": 4.0},
    ],
    "adlib": [{"text": "插话", "start": 5.0, "end": 6.0}],
}


def test_errors_ghosts_and_missed_lines_are_counted_by_status():
    cues = [
        {"start": 1.6, "end": 2.0, "status": "check", "confidence": 0.4},
        {"start": 2.0, "end": 2.5, "status": "ok", "confidence": 0.9},
        {"start": None, "end": None, "status": "unspoken", "confidence": 0.9},
    ]
    found = scoring.score(scoring.rows(TRUTH, cues))
    assert (found["over_500_check"], found["over_500_ok"]) == (1, 0)
    assert (found["ghosts_ok"], found["unspoken_found"], found["missed"]) == (1, 0, 1)


def test_a_remark_counts_when_half_its_time_is_reported_and_other_reports_are_false():
    extra = [{"text": "x", "start": 5.4, "end": 6.5}, {"text": "y", "start": 8.0, "end": 9.0}]
    assert scoring.remarks(TRUTH, extra) == {"remarks": 1, "remarks_found": 1, "remarks_false": 1}


def test_cues_of_a_peer_that_drops_lines_are_matched_by_text():
    cues = [{"text": "第一句 ", "start": 1.0, "end": 2.0}, {"text": "第三句", "start": 3.0, "end": 4.0}]
    assert [bool(cue) for cue in scoring.in_order(cues, [line["text"] for line in TRUTH["lines"]])] == [
        True,
        False,
        True,
    ]


def test_reliability_counts_near_ok_lines_and_far_ones_that_were_marked():
    row = {"placed": True, "spoken": True}
    rows = [
        {**row, "start": 100, "status": "ok", "confidence": 0.99},
        {**row, "start": -900, "status": "check", "confidence": 0.2},
    ]
    found = scoring.reliability(rows)
    assert (found["ok"], found["ok_within_300"], found["far"], found["far_checked"]) == (1, 1, 1, 1)


def test_every_variant_names_a_text_effects_and_edits_that_exist():
    for variant in VARIANTS:
        assert (TEXTS / f"{variant.text}.txt").exists()
        assert {name for name, _ in variant.effects} <= set(EFFECTS)
        assert set(variant.edits) <= set(EDITS)


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_an_effect_moves_no_onset_and_is_the_same_every_time(name):
    pcm = np.zeros(2 * RATE, np.float32)
    pcm[RATE:] = 0.5 * np.sin(2 * np.pi * 800 * np.arange(RATE) / RATE)
    value = {"room": 0.7}.get(name, 40.0)
    first, again = (EFFECTS[name](pcm, value, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, again)
    assert abs(loud_span(first, 12.0)[0] - RATE) <= RATE // 50


def test_resampling_keeps_length_and_pitch():
    tone = np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050).astype(np.float32)
    found = resample(tone, 22_050)
    assert len(found) == RATE
    assert int(np.abs(np.fft.rfft(found)).argmax()) == 440
