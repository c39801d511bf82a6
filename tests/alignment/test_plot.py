"""The picture of an alignment: of the sample, of one that differs from its transcript, of a long one."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from pipeline.alignment import AlignedLine, Alignment, ExtraSpeech
from pipeline.alignment.activity import speech_spans, voice_probabilities
from pipeline.alignment.plot import plot_alignment
from pipeline.errors import UsageError
from tests.alignment.conftest import TrueLine

BLUE, ORANGE, VERMILION, PURPLE = (0, 114, 178), (230, 159, 0), (213, 94, 0), (204, 121, 167)
ROWS = {index: index + 1 for index in range(1000)}


@pytest.fixture(scope="module")
def voice(sample_pcm: np.ndarray) -> list[tuple[int, int]]:
    found = voice_probabilities(sample_pcm, threads=2)
    spans = speech_spans(found, threshold=0.35, min_silence_ms=128, min_speech_ms=100, pad_ms=0)
    return [(span.start_ms, span.end_ms) for span in spans]


@pytest.fixture(scope="module")
def sample_alignment(sample_pcm: np.ndarray, true_lines: list[TrueLine]) -> Alignment:
    """The sample's lines at their true times."""
    lines = tuple(
        AlignedLine(index, line.text, line.start_ms, line.end_ms, "ok", 1.0) for index, line in enumerate(true_lines)
    )
    return Alignment("zh-Hans", len(sample_pcm) // 16, "whisper-base", lines, ())


@pytest.fixture(scope="module")
def divergent(sample_alignment: Alignment) -> Alignment:
    """The same with a line to check, one never spoken, and one that the transcript lacks."""
    lines = list(sample_alignment.lines)
    lines[3] = replace(lines[3], status="check", confidence=0.4)
    lines[7] = replace(lines[7], status="unspoken", start_ms=None, end_ms=None)
    gone = lines.pop()
    assert gone.start_ms is not None
    assert gone.end_ms is not None
    extra = ExtraSpeech(gone.start_ms, gone.end_ms, gone.text, 0.7)
    return replace(sample_alignment, lines=tuple(lines), extra=(extra,))


def pixels(picture: Path, colour: tuple[int, int, int]) -> int:
    """How many pixels of a picture, below its legend, have a colour."""
    image = np.round(imread(picture)[110:, :, :3] * 255).astype(int)
    return int((image == colour).all(axis=2).sum())


def test_the_sample_is_drawn_with_all_its_lines_sure(
    sample_alignment: Alignment, sample_pcm: np.ndarray, voice: list[tuple[int, int]], tmp_path: Path
) -> None:
    target = tmp_path / "zimu" / "alignment.png"
    plot_alignment(sample_alignment, sample_pcm, voice, target, title="RISC-V 的故事", rows=ROWS)
    assert pixels(target, BLUE) > 10_000
    assert not any(pixels(target, colour) for colour in (ORANGE, VERMILION, PURPLE))
    assert [path.name for path in target.parent.iterdir()] == ["alignment.png"]


def test_what_needs_a_look_has_colours_of_its_own(
    divergent: Alignment, sample_pcm: np.ndarray, voice: list[tuple[int, int]], tmp_path: Path
) -> None:
    target = tmp_path / "alignment.png"
    plot_alignment(divergent, sample_pcm, voice, target, title="RISC-V", rows=ROWS)
    found = [pixels(target, colour) for colour in (BLUE, ORANGE, VERMILION, PURPLE)]
    assert min(found) > 20, found


def test_a_name_in_svg_gives_svg(
    divergent: Alignment, sample_pcm: np.ndarray, voice: list[tuple[int, int]], tmp_path: Path
) -> None:
    target = tmp_path / "alignment.svg"
    plot_alignment(divergent, sample_pcm, voice, target, title="RISC-V", rows=ROWS)
    text = target.read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert {"#0072b2", "#e69f00", "#d55e00", "#cc79a7"} <= set(re.findall("#[0-9a-f]{6}", text))


def test_another_suffix_is_refused(sample_alignment: Alignment, sample_pcm: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.png or \.svg"):
        plot_alignment(sample_alignment, sample_pcm, [], tmp_path / "alignment.jpeg", title="", rows=ROWS)


@pytest.mark.filterwarnings("error")
def test_dollars_braces_and_characters_that_no_font_has_are_only_text(sample_pcm: np.ndarray, tmp_path: Path) -> None:
    texts = ["$\\frac{1}$", "\\usepackage{x} $$ _^", "<b>&amp;</b>", "😀\U000e0001\ue000", "%s {0}"]
    lines = tuple(
        AlignedLine(index, text, index * 2500, index * 2500 + 2000, "check", 0.5) for index, text in enumerate(texts)
    )
    alignment = Alignment("zh-Hans", 14_000, "base", lines, (ExtraSpeech(13_000, 13_500, "a$b$\nc\td", 0.5),))
    for suffix in ("png", "svg"):
        target = tmp_path / f"alignment.{suffix}"
        plot_alignment(alignment, sample_pcm[: 14 * 16_000], [], target, title="$x", rows=ROWS)
        assert target.stat().st_size > 10_000
    assert ElementTree.parse(tmp_path / "alignment.svg").getroot().tag.endswith("svg")


def test_silence_without_lines_is_drawn(tmp_path: Path) -> None:
    target = tmp_path / "alignment.png"
    plot_alignment(Alignment("en", 5000, "base", (), ()), np.zeros(80_000, np.float32), [], target, title="", rows={})
    assert not pixels(target, BLUE)


def test_the_picture_of_three_hours_stays_a_picture(sample_pcm: np.ndarray, tmp_path: Path) -> None:
    target = tmp_path / "alignment.png"
    lines = tuple(AlignedLine(at, "句子", at * 12_000, at * 12_000 + 11_000, "ok", 0.9) for at in range(900))
    # The sound ends before the lines do: where there is none, the picture has a flat line.
    plot_alignment(Alignment("zh-Hans", 3 * 3_600_000, "base", lines, ()), sample_pcm, [], target, title="", rows=ROWS)
    width, height = struct.unpack(">II", target.read_bytes()[16:24])
    assert width < 2000
    assert height < 8000
