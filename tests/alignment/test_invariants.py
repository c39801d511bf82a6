"""What holds of every alignment, whatever is said, written, misheard or made up by the model."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.activity import Span
from pipeline.alignment.comparing import Heard
from pipeline.alignment.normalise import normalise
from pipeline.alignment.result import Alignment
from pipeline.alignment.whisper import Token
from tests.alignment.simulated import CLASSIC, LANGUAGE, SimulatedListener, Sound, align

REMARKS = ["哎你们看窗边那只猫", "嗯", "跑过来趴着睡着了", "欢迎收看本期节目", "谢谢大家我们下期再见"]
ODD_LINES = ["下一页", "", "……", "♪", "好", "RISC-V，2010年！"]
TEXTS = [*CLASSIC[:30], *ODD_LINES]


@st.composite
def episodes(draw: st.DrawFn) -> tuple[Sound, list[str]]:
    """A transcript, and the sound of its lines with some left out, moved, said twice, or with a remark beside."""
    written = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=28))
    if draw(st.booleans()):
        written = TEXTS[: len(written)]
    items: list[str | int] = []
    for line in written:
        change = draw(st.sampled_from([None] * 12 + ["leave out", "twice", "remark", "inside", "pause", "swap"]))
        remark = draw(st.sampled_from(REMARKS)) if change in ("remark", "inside") else ""
        if change == "leave out":
            continue
        if change == "swap" and items:
            items.insert(-1, line)
        elif change == "inside":
            items.append(line[: len(line) // 2] + remark + line[len(line) // 2 :])
        else:
            items += [line, line] if change == "twice" else [remark, line] if change == "remark" else [line]
        if change == "pause":
            items.append(draw(st.integers(100, 9000)))
    return Sound(*items, syllable_ms=draw(st.integers(90, 350))), written


def mishearing(seed: int, share: float) -> Callable[[int, str], str]:
    """Another symbol, none or two instead of every so-manieth."""

    def mishear(place: int, symbol: str) -> str:
        chance = random.Random(seed * 100_003 + place)
        return chance.choice(["", "的", symbol * 2, "了"]) if chance.random() < share else symbol

    return mishear


class Noise:
    """A model that makes everything up: times in order, and nothing else to rely on."""

    def __init__(self, sound: Sound, seed: int, workers: int = 2) -> None:
        self.windows: Sequence[Span] = SimulatedListener(sound).windows
        self.workers = workers
        self._seed = seed

    def hear(self, window: int, parts: Sequence[tuple[int, int]]) -> list[Heard]:
        return [self._hear(window, start, end) for start, end in parts]

    def _hear(self, window: int, start_ms: int, end_ms: int) -> Heard:
        chance = random.Random(f"{self._seed} {window} {start_ms} {end_ms}")
        text = "".join(chance.choices([*TEXTS, *REMARKS], k=chance.randrange(4)))[: max(0, end_ms - start_ms) // 100]
        return Heard(text, normalise(text, LANGUAGE))

    def force(self, window: int, texts: Sequence[str]) -> list[list[Token]]:
        chance = random.Random(f"{self._seed} {window} {texts}")
        fits = chance.choice([-0.2, -1.0, -2.0, -4.0])
        # What does not fit the decoder has no tokens; a token may be of several characters, a blank of none.
        steps = [(k, min(len(text), k + chance.randrange(1, 4))) for text in texts for k in range(len(text))]
        ends = sorted(chance.randrange(self.windows[window].duration_ms) for _ in steps)
        made = iter(zip(steps, [0, *ends], ends, strict=False))
        full = chance.randrange(len(texts) + 1) if chance.random() < 0.2 else len(texts)
        return [
            [
                Token(*step, start, end, min(0.0, fits + chance.uniform(-1, 1)))
                for step, start, end in itertools.islice(made, len(text))
                if place < full
            ]
            for place, text in enumerate(texts)
        ]


def check(result: Alignment, sound: Sound, written: Sequence[str]) -> None:
    assert [(line.index, line.text) for line in result.lines] == list(enumerate(written))
    at = 0
    for line in result.lines:
        assert 0 <= line.confidence <= 1
        if line.start_ms is None or line.end_ms is None:
            assert (line.start_ms, line.end_ms, line.status, line.chars) == (None, None, "unspoken", ())
            continue
        assert line.status in ("ok", "check")
        assert at <= line.start_ms < line.end_ms <= sound.duration_ms
        at = line.end_ms
        assert len(line.chars) == len(line.text)
        edges = [edge for pair in line.chars for edge in pair]
        assert edges == sorted(edges)
        assert line.start_ms <= edges[0]
        assert edges[-1] <= line.end_ms
    for extra in result.extra:
        assert 0 <= extra.start_ms < extra.end_ms <= sound.duration_ms
        assert extra.text.strip()
        assert 0 <= extra.confidence <= 1


@given(episodes(), st.integers(0, 2**16), st.sampled_from([0.0, 0.1, 0.4, 1.0]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_what_a_model_says_that_hears_well_or_badly_becomes_a_sound_alignment(
    episode: tuple[Sound, list[str]], seed: int, misheard: float
) -> None:
    sound, written = episode
    listener = SimulatedListener(sound, mishear=mishearing(seed, misheard))
    result = align(sound, written, listener)
    check(result, sound, written)
    alone = SimulatedListener(sound, mishear=mishearing(seed, misheard), workers=1)
    assert align(sound, written, alone) == result


@given(episodes(), st.integers(0, 2**16))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_what_a_model_makes_up_becomes_a_sound_alignment_too(episode: tuple[Sound, list[str]], seed: int) -> None:
    sound, written = episode
    result = align(sound, written, Noise(sound, seed))
    check(result, sound, written)
    assert align(sound, written, Noise(sound, seed, workers=1)) == result


@given(st.lists(st.integers(0, 29), unique=True, max_size=8).map(sorted), st.integers(120, 300))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_model_that_hears_all_gives_every_line_its_own_time_and_no_line_more(
    left_out: list[int], syllable_ms: int
) -> None:
    lines = CLASSIC[:30]
    said = [line for place, line in enumerate(lines) if place not in left_out]
    sound = Sound(*said, syllable_ms=syllable_ms)
    result = align(sound, lines)
    assert [line.index for line in result.lines if line.status == "unspoken"] == left_out
    for line in result.lines:
        if line.status != "unspoken":
            truth = sound.span(line.text)
            assert line.status == "ok"
            assert abs((line.start_ms or 0) - truth.start_ms) <= 20
            assert abs((line.end_ms or 0) - truth.end_ms) <= 20
    assert result.extra == ()
