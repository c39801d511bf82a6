"""Reading the author's transcript."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.transcript import Transcript, decode, read_transcript

TEXT = "大家好，欢迎来到今天的节目\n这一期我们来聊聊RISC-V\n以及它为什么能在短短十几年里\n"


def read(path: Path, data: bytes) -> Transcript:
    path.write_bytes(data)
    return read_transcript(path, max_line_chars=500, max_bytes=5_000_000)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16 LE"),
        ("utf-16-le", "UTF-16 LE"),
        ("utf-16-be", "UTF-16 BE"),
        ("gb18030", "GB18030"),
    ],
)
def test_reads_the_encodings_that_chinese_editors_write(tmp_path: Path, encoding: str, name: str) -> None:
    transcript = read(tmp_path / "transcript.txt", TEXT.encode(encoding))
    assert transcript.encoding == name
    assert [line.text for line in transcript.lines] == TEXT.split()


def test_reads_traditional_text_in_gb18030() -> None:
    text = "這一期我們來聊聊這個問題，以及它為什麼會發生"
    assert decode(text.encode("gb18030"), Path("t.txt")) == (text, "GB18030")


@pytest.mark.parametrize(
    "data",
    [
        "這一期我們來聊聊這個問題，以及它為什麼會發生".encode("big5"),
        "これは日本語のテストです。文字コードを判定します".encode("shift_jis"),
        "안녕하세요 여러분 오늘은 반갑습니다".encode("euc-kr"),
        "Ça va très bien à côté".encode("latin-1"),
        bytes(range(128, 256)) * 4,
    ],
)
def test_refuses_an_encoding_it_does_not_know(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match="encoding is not known") as refused:
        read(tmp_path / "transcript.txt", data)
    assert "UTF-8" in refused.value.remedy


def test_refuses_utf8_that_breaks_off_in_the_middle_of_a_marked_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="byte 9 is not"):
        read(tmp_path / "transcript.txt", b"\xef\xbb\xbf" + "大家好".encode()[:-1] + b"\n")


def test_a_line_is_a_row_that_is_not_blank_and_keeps_its_text(tmp_path: Path) -> None:
    data = "  第一行 RISC-V…  \r\n\r\n\u3000\n第二行“引号”\r第三行".encode()
    transcript = read(tmp_path / "transcript.txt", data)
    assert [(line.index, line.row, line.text) for line in transcript.lines] == [
        (0, 1, "第一行 RISC-V…"),
        (1, 4, "第二行“引号”"),
        (2, 5, "第三行"),
    ]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)))
def test_never_changes_the_text_of_a_line(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    path = tmp_path_factory.mktemp("t") / "transcript.txt"
    rows = ["一", *rows]
    transcript = read(path, "\n".join(rows).encode())
    expected = [row.strip() for row in rows if row.strip()]
    assert [line.text for line in transcript.lines] == expected


@pytest.mark.parametrize("data", [b"", b"\n \n", "\ufeff".encode(), "。。。\n".encode()])
def test_refuses_a_transcript_without_words(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match="empty"):
        read(tmp_path / "transcript.txt", data)


def test_names_the_row_and_place_of_a_control_character(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Row 2, character 3 .* U\+0007") as refused:
        read(tmp_path / "transcript.txt", "第一行\n第二\x07行\n".encode())
    assert refused.value.where.endswith("transcript.txt:2")


def test_refuses_one_line_of_ten_megabytes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="10,000,000 bytes"):
        read(tmp_path / "transcript.txt", b"a" * 10_000_000)


def test_refuses_a_row_that_is_no_caption_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Row 2 has 501 characters"):
        read(tmp_path / "transcript.txt", ("好\n" + "好" * 501).encode())


SRT = "1\n00:00:01,000 --> 00:00:02,000\n大家好\n\n2\n00:00:02,000 --> 00:00:03,000\n<i>第二行</i>\n第三行\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n大家好\n\n00:02.000 --> 00:03.000\n第二行\n第三行\n"
ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,不是字幕
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8}大家好
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,第二行\\N第三行
"""


@pytest.mark.parametrize(("name", "text"), [("t.srt", SRT), ("t.vtt", VTT), ("t.ass", ASS)])
def test_takes_the_texts_of_a_subtitle_file(tmp_path: Path, name: str, text: str) -> None:
    transcript = read(tmp_path / name, text.encode())
    assert [line.text for line in transcript.lines] == ["大家好", "第二行", "第三行"]


@pytest.mark.parametrize("name", ["t.srt", "t.vtt", "t.ass"])
def test_refuses_a_subtitle_file_with_nothing_in_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path / name, "没有时间的文字\n".encode())
