"""Subtitle files: what is written is what every reader reads, whatever the text."""

from __future__ import annotations

import html
import stat
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pysubs2
import pytest
import srt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError, UsageError
from pipeline.subtitles.display import visible
from pipeline.subtitles.formats import formats, load, save
from pipeline.subtitles.styles import Style
from pipeline.track import Cue, Track

STYLE = Style(
    name="test", font="Noto Sans CJK SC", size=60, primary="#FFFFFF", outline_colour="#000000",
    shadow_colour="#000000", bold=False, outline=3, shadow=0, box=False, spacing=0, alignment=2, margin_v=60,
    margin_h=96,
)  # fmt: skip
HOSTILE = [
    "a --> b",
    "00:00:01,000 --> 00:00:02,000",
    "from 00:01.000 to 00:02.000",
    "one\n\n\ntwo",
    "5\n00:00:09,000 --> 00:00:10,000\nforged",
    r"{\an8}up{\b1}",
    "<b>bold</b> <font color=red>x</font> <v Roger>y",
    "R&D &amp; &lt;b&gt; 1 < 2 > 0",
    "nul\x00bell\x07escape\x1b[0m",
    "\ufeffmark",
    r"C:\News\hello\nothing",
    "2010\n2011",
    "lone \ud800 surrogate",
    "row\u2028break\x85\x0bhere",
    "WEBVTT",
    "NOTE this\nSTYLE that",
    "1\n2",
    "مرحبا \u202bRISC-V\u202c",
]


def _save(track: Track, path: Path) -> None:
    if path.suffix == ".ass":
        save(track, path, style=STYLE, width=1920, height=1080, title="t")
    else:
        save(track, path)


def _track(*texts: str) -> Track:
    return Track("en", tuple(Cue(n * 2000, n * 2000 + 1500, text) for n, text in enumerate(texts)))


def _alike(text: str) -> str:
    """The text as all formats can show it."""
    table = str.maketrans({"<": "‹", ">": "›", "{": "｛", "}": "｝", "\u2060": ""})
    return " ".join(text.translate(table).split())


def _expected(text: str) -> str:
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or not (ord(c) < 32 or 0x7F <= ord(c) < 0xA0))
    return _alike("".join(c for c in kept if c not in "\ufeff\ufffe\uffff\u00ad" and not 0xD800 <= ord(c) < 0xE000))


@pytest.mark.parametrize("suffix", formats())
def test_what_is_saved_is_loaded(tmp_path: Path, suffix: str) -> None:
    track = Track(
        "zh-Hans", (Cue(460, 2670, "大家好 欢迎"), Cue(2750, 4890, "two\nrows"), Cue(3_600_000, 3_601_000, "late"))
    )
    path = tmp_path / f"zh-Hans.{suffix}"
    _save(track, path)
    assert load(path, language="zh-Hans") == track


@pytest.mark.parametrize("suffix", formats())
def test_files_are_utf8_without_a_mark_and_end_with_a_line_feed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    _save(_track("你好"), path)
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
    assert "你好" in data.decode("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_srt_is_plain_numbered_blocks(tmp_path: Path) -> None:
    path = tmp_path / "x.srt"
    save(Track("en", (Cue(0, 1500, "Hello,\nyou."), Cue(3_723_004, 3_724_000, "Bye."))), path)
    assert path.read_text(encoding="utf-8") == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello,\nyou.\n\n2\n01:02:03,004 --> 01:02:04,000\nBye.\n"
    )


def test_vtt_escapes_what_would_be_markup(tmp_path: Path) -> None:
    path = tmp_path / "x.vtt"
    save(_track("a <b> & c --> d"), path)
    assert path.read_text(encoding="utf-8").startswith("WEBVTT\n")
    assert "a &lt;b&gt; &amp; c --&gt; d" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["srt", "vtt", "ass", "ttml"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_to_every_reader(tmp_path: Path, suffix: str, text: str) -> None:
    path = tmp_path / f"x.{suffix}"
    track = _track("before", text, "after")
    _save(track, path)
    ours = load(path, language="en").cues
    theirs = [event.plaintext for event in pysubs2.load(str(path), encoding="utf-8").events]
    assert [(c.start_ms, c.end_ms) for c in ours] == [(c.start_ms, c.end_ms) for c in track.cues]
    assert _alike(ours[1].text) == _expected(text)
    assert len(theirs) == 3
    assert theirs[0] == "before"
    assert theirs[2] == "after"
    if suffix == "srt":
        assert _alike(theirs[1]) == _expected(text)
        assert [s.content for s in srt.parse(path.read_text(encoding="utf-8"), ignore_errors=False)][2] == "after"
    if suffix == "vtt":
        assert _alike(html.unescape(theirs[1])) == _expected(text)


@pytest.mark.parametrize("suffix", ["srt", "vtt", "ass"])
def test_ffmpeg_reads_as_many_cues_as_were_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    _save(_track(*HOSTILE), path)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "ass", "-"]
    read = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert read.stderr == b""
    assert read.stdout.count(b"\nDialogue:") == len(HOSTILE)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_survives_srt_and_vtt(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    shown = [text for text in texts if any(visible(row) for row in text.split("\n"))]
    assume(shown)
    folder = tmp_path_factory.mktemp("any")
    for suffix in ("srt", "vtt"):
        path = folder / f"x.{suffix}"
        save(_track(*shown), path)
        loaded = load(path, language="en").cues
        events = pysubs2.load(str(path), encoding="utf-8").events
        assert len(loaded) == len(events) == len(shown)


def test_a_cue_without_visible_text_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.srt"
    save(_track("one", "\x00\n \ufeff", "two"), path)
    assert [cue.text for cue in load(path, language="en").cues] == ["one", "two"]


def test_an_empty_track_is_an_empty_file_that_can_be_read(tmp_path: Path) -> None:
    for suffix in formats():
        path = tmp_path / f"x.{suffix}"
        _save(Track("en", ()), path)
        assert load(path, language="en").cues == ()


@pytest.mark.parametrize("suffix", formats())
@pytest.mark.parametrize("cue", [Cue(359_999_000, 360_000_000, "x"), Cue(-1, 5, "x"), Cue(5, 5, "x"), Cue(9, 5, "x")])
def test_times_that_no_file_can_say_are_refused(tmp_path: Path, suffix: str, cue: Cue) -> None:
    with pytest.raises(InputError, match="Cue 1"):
        _save(Track("en", (cue,)), tmp_path / f"x.{suffix}")
    assert not list(tmp_path.iterdir())


def test_the_last_moment_that_can_be_said(tmp_path: Path) -> None:
    track = Track("en", (Cue(359_998_000, 359_999_999, "x"),))
    for suffix in set(formats()) - {"ass"}:
        save(track, tmp_path / f"x.{suffix}")
        assert load(tmp_path / f"x.{suffix}", language="en") == track


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="srt, vtt, ass"):
        save(_track("x"), tmp_path / "x.sub")
    with pytest.raises(UsageError, match="srt, vtt, ass"):
        load(tmp_path / "x.sub", language="en")


def test_an_ass_file_needs_a_style(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="style"):
        save(_track("x"), tmp_path / "x.ass")


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        ("srt", b"no subtitles here"),
        ("srt", b"\xff\xfe\x00\x00"),
        ("srt", "你好".encode("gb18030")),
        ("vtt", b"1\n00:00:00.000 --> 00:00:01.000\nx\n"),
        ("ass", b"nothing"),
        ("ttml", b"<tt"),
        ("ttml", b'<!DOCTYPE tt [<!ENTITY a "aaaa">]><tt xmlns="http://www.w3.org/ns/ttml">&a;</tt>'),
        ("ttml", b'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s">x</p></div></body></tt>'),
        ("ttml", b'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1f" end="9f">x</p></div></body></tt>'),
        ("sbv", b"no times here\nat all\n"),
        ("bcc.json", b"[]"),
        ("bcc.json", b"[" * 100_000),
        ("bcc.json", b'{"body": [{"from": 1e999, "to": 2, "content": "x"}]}'),
        ("bcc.json", b'{"body": [{"from": 1, "content": "x"}]}'),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load(path, language="en")
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_files_of_windows_editors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.srt"
    path.write_bytes(b"\xef\xbb\xbf1\r\n00:00:00,000 --> 00:00:01,000\r\nHi\r\nyou\r\n\r\n")
    assert load(path, language="en").cues == (Cue(0, 1000, "Hi\nyou"),)
