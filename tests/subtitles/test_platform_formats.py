"""TTML, SBV and BCC, read by libraries that are not those that Zimu writes and reads them with."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import ttconv.imsc.reader
import webvtt
from pycaption import DFXPReader
from ttconv.srt import writer as srt_writer

from pipeline.subtitles.formats import load, save
from pipeline.track import Cue, Track
from tests.subtitles.test_formats import HOSTILE, _alike, _expected, _track

RTL = Track("ar", (Cue(0, 1500, "مرحبا RISC-V!"), Cue(2000, 3500, "hello"), Cue(3_723_004, 3_724_999, "سطر\nثان")))


def written(track: Track, path: Path) -> str:
    save(track, path)
    return path.read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:It looks like")  # pycaption's own
@pytest.mark.parametrize("text", [*HOSTILE, "]]> <!-- &amp; <br/>"])
def test_pycaption_reads_in_ttml_what_was_meant(tmp_path: Path, text: str) -> None:
    captions = DFXPReader().read(written(_track("before", text, "after"), tmp_path / "x.ttml")).get_captions("en")
    assert [(each.start, each.end) for each in captions] == [
        (n * 2_000_000, n * 2_000_000 + 1_500_000) for n in range(3)
    ]
    assert _alike(captions[1].get_text()) == _expected(text)
    assert (captions[0].get_text(), captions[2].get_text()) == ("before", "after")


def test_ttml_says_its_language_and_where_and_how_it_is_shown(tmp_path: Path) -> None:
    root = ET.fromstring(written(RTL, tmp_path / "ar.ttml"))
    tts, tt = "{http://www.w3.org/ns/ttml#styling}", "{http://www.w3.org/ns/ttml}"
    assert root.tag == f"{tt}tt"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    assert [each.get(f"{tts}direction") for each in root.iter(f"{tt}p")] == ["rtl", None, "rtl"]
    (region,) = root.iter(f"{tt}region")
    assert (region.get(f"{tts}displayAlign"), region.get(f"{tts}origin")) == ("after", "10% 10%")


def test_ttml_is_a_document_that_an_imsc_reader_shows(tmp_path: Path) -> None:
    tree = ET.ElementTree(ET.fromstring(written(RTL, tmp_path / "ar.ttml")))
    shown = srt_writer.from_model(ttconv.imsc.reader.to_model(tree))
    assert "01:02:03,004 --> 01:02:04,999\nسطر\nثان" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_webvtt_py_reads_in_sbv_what_was_meant(tmp_path: Path, text: str) -> None:
    captions = webvtt.from_sbv(str(tmp_path / "x.sbv")) if written(_track("a", text, "b"), tmp_path / "x.sbv") else None
    assert captions is not None
    assert [(each.start, each.end) for each in captions][1] == ("00:00:02.000", "00:00:03.500")
    assert _alike(captions[1].text) == _expected(text)
    assert [captions[0].text, captions[2].text] == ["a", "b"]


def test_sbv_is_as_youtube_writes_it(tmp_path: Path) -> None:
    track = Track("en", (Cue(0, 1500, "Hello,\nyou."), Cue(3_723_004, 3_724_000, "Bye.")))
    assert written(track, tmp_path / "x.sbv") == (
        "0:00:00.000,0:00:01.500\nHello,\nyou.\n\n1:02:03.004,1:02:04.000\nBye.\n"
    )
    assert webvtt.from_buffer(io.StringIO(written(track, tmp_path / "x.sbv")), format="sbv")[0].text == "Hello,\nyou."


@pytest.mark.parametrize("text", HOSTILE)
def test_bcc_is_json_with_seconds_and_the_text_as_it_stands(tmp_path: Path, text: str) -> None:
    found = json.loads(written(_track("before", text, "after"), tmp_path / "x.bcc.json"))
    assert [(each["from"], each["to"], each["location"]) for each in found["body"]] == [
        (0, 1.5, 2), (2, 3.5, 2), (4, 5.5, 2),
    ]  # fmt: skip
    assert _alike(found["body"][1]["content"]) == _expected(text)
    assert load(tmp_path / "x.bcc.json", language="en").cues[1].start_ms == 2000


def test_bcc_has_the_look_that_bilibili_gives(tmp_path: Path) -> None:
    found = json.loads(written(Track("zh-Hans", (Cue(1250, 3500, "你好"),)), tmp_path / "x.bcc.json"))
    assert found == {
        "font_size": 0.4, "font_color": "#FFFFFF", "background_alpha": 0.5, "background_color": "#9C27B0",
        "Stroke": "none", "body": [{"from": 1.25, "to": 3.5, "location": 2, "content": "你好"}],
    }  # fmt: skip
