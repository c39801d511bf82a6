"""The whole way, with the real model, on the sample's real sound, and on sounds cut from it."""

from __future__ import annotations

import itertools
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import decode_audio

from pipeline.alignment import Aligner, Alignment, AlignSettings
from pipeline.errors import InputError, MissingError, UsageError
from pipeline.progress import SilentReporter
from pipeline.track import Line
from tests.alignment.conftest import DATA, TrueLine

pytestmark = pytest.mark.model

SETTINGS = AlignSettings(voice_threshold=0.35, min_heard=0.35, extra_syllables=3.0, edge_shift_ms=500, check_below=0.6)
Align = Callable[..., Alignment]
OTHER_EPISODE = Path(__file__).parent.parent / "benchmarks" / "texts" / "coffee.txt"


@pytest.fixture(scope="module")
def align(whisper_base: Path) -> Align:
    aligner = Aligner(whisper_base, device="cpu", compute_type="int8", threads=2, settings=SETTINGS)

    def run(pcm: np.ndarray, texts: Sequence[str], language: str = "zh-Hans") -> Alignment:
        lines = [Line(index, text, index + 1) for index, text in enumerate(texts)]
        return aligner.align(pcm, lines, language, SilentReporter())

    return run


@pytest.fixture(scope="module")
def sample_result(align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]) -> Alignment:
    return align(sample_pcm, [line.text for line in true_lines])


def cut(pcm: np.ndarray, start_ms: int, end_ms: int) -> np.ndarray:
    return pcm[start_ms * 16 : end_ms * 16]


def quiet(ms: int) -> np.ndarray:
    return np.zeros(ms * 16, np.float32)


def test_every_line_of_the_sample_is_where_it_is_said(sample_result: Alignment, true_lines: list[TrueLine]) -> None:
    starts, ends = [], []
    for line, truth in zip(sample_result.lines, true_lines, strict=True):
        assert line.status == "ok"
        assert line.start_ms is not None
        assert line.end_ms is not None
        starts.append(abs(line.start_ms - truth.start_ms))
        ends.append(abs(line.end_ms - truth.end_ms))
    assert max(starts + ends) <= 300
    assert np.median(starts) <= 40
    assert np.median(ends) <= 40
    assert sample_result.extra == ()


def test_the_result_holds_what_it_promises(
    sample_result: Alignment, sample_pcm: np.ndarray, true_lines: list[TrueLine]
) -> None:
    assert sample_result.duration_ms == len(sample_pcm) // 16
    assert [line.text for line in sample_result.lines] == [line.text for line in true_lines]
    for line in sample_result.lines:
        assert line.start_ms is not None
        assert line.end_ms is not None
        assert 0 <= line.start_ms < line.end_ms <= sample_result.duration_ms
        assert 0 <= line.confidence <= 1
        assert len(line.chars) == len(line.text)
        edges = [edge for pair in line.chars for edge in pair]
        assert edges == sorted(edges)
        assert (edges[0], edges[-1]) == (line.start_ms, line.end_ms)
    for before, after in itertools.pairwise(sample_result.lines):
        assert before.end_ms <= after.start_ms


def test_a_line_never_said_gets_no_cue_and_words_never_written_are_reported(
    align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]
) -> None:
    """Lines 8 to 31 with 6 s of silence first: the sound of line 20 is cut out, lines 13 and 14 are not written."""
    begin, gone, end = true_lines[8].start_ms - 60, true_lines[20], true_lines[31].end_ms + 100
    cut_from, cut_to = gone.start_ms - 40, true_lines[21].start_ms - 40
    pcm = np.concatenate([quiet(6000), cut(sample_pcm, begin, cut_from), cut(sample_pcm, cut_to, end), quiet(500)])

    written = [*range(8, 13), *range(15, 32)]
    result = align(pcm, [true_lines[index].text for index in written])

    assert [written[line.index] for line in result.lines if line.status == "unspoken"] == [20]
    for line in result.lines:
        truth = true_lines[written[line.index]]
        if line.status == "unspoken":
            assert (line.start_ms, line.end_ms, line.chars) == (None, None, ())
            continue
        assert line.start_ms is not None
        moved = 6000 - begin - (cut_to - cut_from if written[line.index] > 20 else 0)
        assert abs(line.start_ms - truth.start_ms - moved) <= 300
        assert abs((line.end_ms or 0) - truth.end_ms - moved) <= 300
    (extra,) = result.extra
    assert abs(extra.start_ms - (true_lines[13].start_ms + 6000 - begin)) <= 300
    assert abs(extra.end_ms - (true_lines[14].end_ms + 6000 - begin)) <= 300
    assert "完全" in extra.text


def test_a_line_that_is_said_over_two_windows_keeps_its_ends(
    align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]
) -> None:
    """Seven lines of the sample written as one are longer than a window."""
    groups = [true_lines[at : at + 7] for at in range(0, len(true_lines), 7)]
    result = align(sample_pcm, ["，".join(line.text for line in group) for group in groups])
    for line, group in zip(result.lines, groups, strict=True):
        assert line.status == "ok"
        assert abs((line.start_ms or 0) - group[0].start_ms) <= 300
        assert abs((line.end_ms or 0) - group[-1].end_ms) <= 300
    assert result.extra == ()


def test_a_refrain_is_found_each_time_it_is_said(
    align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]
) -> None:
    """Lines 2 to 5 said three times, the second time without line 3."""
    lines = true_lines[2:6]
    begin, end = lines[0].start_ms - 60, lines[-1].end_ms + 80
    verse = cut(sample_pcm, begin, end)
    short = np.concatenate(
        [cut(sample_pcm, begin, lines[1].start_ms - 40), cut(sample_pcm, lines[2].start_ms - 40, end)]
    )
    result = align(np.concatenate([verse, quiet(900), short, quiet(900), verse]), [one.text for one in lines] * 3)

    assert [line.index for line in result.lines if line.status == "unspoken"] == [5]
    shift = 0
    for place, line in enumerate(result.lines):
        if place == 5:
            shift -= lines[2].start_ms - lines[1].start_ms
            continue
        verse_start = (place // 4) * (end - begin + 900)
        assert abs((line.start_ms or 0) - (verse_start + shift + lines[place % 4].start_ms - begin)) <= 300


def test_the_same_sound_gives_the_same_answer(align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]) -> None:
    pcm, texts = cut(sample_pcm, 0, 12_000), [line.text for line in true_lines[:5]]
    assert align(pcm, texts) == align(pcm, texts)


@pytest.mark.parametrize("kind", ["foreign", "reordered"])
def test_a_transcript_that_is_not_this_audios_is_refused_with_the_figures(
    align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine], kind: str
) -> None:
    foreign = [
        "春天的花园里开满了各种颜色的花",
        "孩子们在草地上追逐嬉戏",
        "老人坐在长椅上晒着太阳",
        "远处传来了小贩的叫卖声",
        "一只猫懒洋洋地躺在墙角",
        "妈妈正在厨房准备晚饭",
    ]
    backwards = [line.text for line in reversed(true_lines[:14])]
    with pytest.raises(InputError, match=r"only \d+% of it was found") as refused:
        align(cut(sample_pcm, 0, 30_000), foreign if kind == "foreign" else backwards)
    assert "min_heard" in refused.value.remedy


def test_another_episodes_transcript_is_refused(align: Align, sample_pcm: np.ndarray) -> None:
    # {as it is written|as it is said}
    other = re.sub(r"\{(.*?)\|.*?\}", r"\1", OTHER_EPISODE.read_text(encoding="utf-8")).splitlines()
    with pytest.raises(InputError, match="is not what is said"):
        align(sample_pcm, other)


def test_a_loose_transcript_is_followed_all_the_same(
    align: Align, sample_pcm: np.ndarray, true_lines: list[TrueLine]
) -> None:
    """One character in ten is another one of the same text."""
    chance = random.Random(10)
    letters = [letter for line in true_lines for letter in line.text if letter.isalnum()]

    def spoilt(letter: str) -> str:
        return chance.choice(letters) if letter.isalnum() and chance.random() < 0.1 else letter

    result = align(sample_pcm, ["".join(map(spoilt, line.text)) for line in true_lines])
    for line, truth in zip(result.lines, true_lines, strict=True):
        if line.status == "ok":
            assert abs((line.start_ms or 0) - truth.start_ms) <= 500
            assert abs((line.end_ms or 0) - truth.end_ms) <= 500
    assert sum(line.status == "ok" for line in result.lines) >= 0.8 * len(true_lines)


def test_an_english_transcript_is_timed_too(align: Align) -> None:
    """Said by espeak-ng 1.51, a line at a time, as `espeak-ng -v en-us -s 150 --stdout "$line"`.

    The lines were cut where they are louder than 45 dB below their peak, which gives their true times, and joined with
    pauses of 0.12 to 0.7 s and noise of -65 dB, at 16 kHz, mono, as Opus (`-c:a libopus -b:a 24k -application voip`).
    """
    truth = json.loads((DATA / "english.json").read_text(encoding="utf-8"))["lines"]
    pcm = decode_audio(str(DATA / "english.opus"), sampling_rate=16_000)
    result = align(pcm, [line["text"] for line in truth], "en")
    for line, true in zip(result.lines, truth, strict=True):
        assert line.status == "ok"
        assert abs((line.start_ms or 0) - true["start_ms"]) <= 150
        assert abs((line.end_ms or 0) - true["end_ms"]) <= 150
    assert result.extra == ()


def test_sound_without_speech_is_refused(align: Align) -> None:
    rng = np.random.default_rng(5)
    hum = 0.1 * np.sin(np.arange(16_000 * 5) * 2 * np.pi * 110 / 16_000) + rng.normal(0, 0.002, 16_000 * 5)
    for pcm in (quiet(5000), hum.astype(np.float32), np.zeros(0, np.float32)):
        with pytest.raises(InputError, match="Nobody speaks"):
            align(pcm, ["你好"])


def test_a_folder_without_a_model_and_a_language_the_model_lacks_are_named(
    whisper_base: Path, sample_pcm: np.ndarray, tmp_path: Path
) -> None:
    pcm, lines = cut(sample_pcm, 0, 3000), [Line(0, "大家好", 1)]
    options = {"device": "cpu", "compute_type": "int8", "threads": 1, "settings": SETTINGS}
    with pytest.raises(MissingError):
        Aligner(tmp_path, **options).align(pcm, lines, "zh", SilentReporter())
    with pytest.raises(UsageError, match="tlh"):
        Aligner(whisper_base, **options).align(pcm, lines, "tlh", SilentReporter())


def test_importing_the_package_loads_no_model_library() -> None:
    code = (
        "import sys, pipeline.alignment; print(*sorted({'numpy', 'ctranslate2', 'faster_whisper'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
