"""Soft subtitles: untouched streams beside them, and tags that survive."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import pytest

from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.media import find_ffmpeg, probe
from pipeline.progress import SilentReporter
from pipeline.rendering import SoftTrack, mux
from pipeline.track import Track
from tests.media.make import NAMES, ffmpeg, picture, sound, stream_hashes, video
from tests.rendering.frames import fonts, styles, track

ZH = track("zh-Hans", (500, 1500, "大家好"), (1600, 2900, "一行\n两行"))
ZH_TW = track("zh-Hant", (500, 1500, "大家好"), (1600, 2900, "一行\n兩行"))
EN = track("en", (500, 1500, "Hello"), (1600, 2900, "One row\nand two"))


class Listener(SilentReporter):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def soft(cues: Track, iso639: str, name: str, *, default: bool = False) -> SoftTrack:
    return SoftTrack(cues, iso639, name, styles().for_language(cues.language), default)


TRACKS = (
    soft(ZH, "chi", "简体中文", default=True),
    soft(ZH_TW, "chi", "繁體中文"),
    soft(EN, "eng", "English"),
)


def run(
    source: Path, target: Path, reporter: SilentReporter | None = None, tracks: tuple[SoftTrack, ...] = TRACKS
) -> Path:
    reporter = reporter or SilentReporter()
    mux(probe(source), tracks, target, fonts=fonts(), ffmpeg=find_ffmpeg(), reporter=reporter)
    return target


def cues_of(path: Path, number: int) -> list[tuple[int, str]]:
    """Start in milliseconds and text of each cue of a subtitle stream."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[number]
        found = []
        for packet in container.demux(stream):
            content = bytes(packet)
            if stream.codec_context.name == "mov_text":
                content = content[2 : 2 + int.from_bytes(content[:2], "big")]
            if content:
                found.append((round(packet.pts * packet.time_base * 1000), content.decode()))
    return found


def test_mp4_has_the_tracks_with_their_tags_and_the_same_streams(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", "-map", "0", "-map", "1", "-map", "1")
    made = run(source, tmp_path / "b.mp4")
    assert stream_hashes(made, "v", "a") == stream_hashes(source, "v", "a")
    assert len(stream_hashes(made, "a")) == 2
    with av.open(str(made)) as container:
        tracks = container.streams.subtitles
        assert [stream.codec_context.name for stream in tracks] == ["mov_text"] * 3
        assert [stream.language for stream in tracks] == ["chi", "chi", "eng"]
        assert [stream.metadata["handler_name"] for stream in tracks] == ["简体中文", "繁體中文", "English"]
        assert [bool(stream.disposition & av.stream.Disposition.default) for stream in tracks] == [True, False, False]
    assert cues_of(made, 0) == [(500, "大家好"), (1600, "一行\n两行")]


def test_matroska_has_both_forms_and_the_fonts(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4")
    made = run(source, tmp_path / "b.mkv")
    assert stream_hashes(made, "v", "a") == stream_hashes(source, "v", "a")
    with av.open(str(made)) as container:
        tracks = container.streams.subtitles
        assert [stream.codec_context.codec.canonical_name for stream in tracks] == ["subrip", "ass"] * 3
        assert [stream.language for stream in tracks] == ["zh-Hans"] * 2 + ["zh-Hant"] * 2 + ["en"] * 2
        assert tracks[0].metadata["title"] == "简体中文 (SRT)"
        assert [bool(stream.disposition & av.stream.Disposition.default) for stream in tracks] == [True] + [False] * 5
        attached = [stream.name for stream in container.streams if stream.type == "attachment"]
        assert attached == ["NotoSansCJKsc-Regular.otf", "NotoSansCJKtc-Regular.otf"]
    assert cues_of(made, 0) == [(500, "大家好"), (1600, "一行\n两行")]


def test_libass_finds_the_attached_font(tmp_path: Path) -> None:
    """The subset is drawn as the whole font is."""
    made = run(video(tmp_path / "a.mp4", size="640x360"), tmp_path / "b.mkv")
    pictures = []
    for fontsdir in ("", f":fontsdir={fonts().face('Noto Sans CJK SC').path.parent}"):
        graph = f"subtitles=filename={made}:si=1{fontsdir}"
        pictures.append(ffmpeg("-i", made, "-vf", graph, "-ss", "1", "-frames:v", "1", "-f", "rawvideo", "-"))
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_subtitles_that_were_there_stay_behind_the_new_ones(tmp_path: Path, suffix: str) -> None:
    once = run(
        video(tmp_path / "a.mp4"), tmp_path / f"once{suffix}", tracks=(soft(EN, "eng", "English", default=True),)
    )
    for target in (tmp_path / "twice.mp4", tmp_path / "twice.mkv"):
        made = run(once, target, tracks=(soft(ZH, "chi", "简体中文", default=True),))
        texts = [cues_of(made, number)[0][1] for number in range(len(probe(made).subtitles))]
        assert texts[0] == "大家好"
        assert any("Hello" in text for text in texts[1:])
        with av.open(str(made)) as container:
            defaults = [bool(s.disposition & av.stream.Disposition.default) for s in container.streams.subtitles]
        assert defaults == [True] + [False] * (len(defaults) - 1)


def test_chapters_metadata_and_covers_stay(tmp_path: Path) -> None:
    meta = tmp_path / "meta.txt"
    meta.write_text(
        ";FFMETADATA1\ntitle=节目一\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=开头\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=3000\ntitle=结尾\n"
    )
    cover = tmp_path / "cover.png"
    ffmpeg(*picture(1), "-frames:v", "1", cover)
    plain = video(tmp_path / "plain.mp4")
    source = tmp_path / "a.mp4"
    ffmpeg(
        "-i", plain, "-i", meta, "-i", cover, "-map", "0", "-map", "2", "-map_metadata", "1",
        "-c", "copy", "-disposition:v:1", "attached_pic", source,
    )  # fmt: skip
    made = run(source, tmp_path / "b.mp4")
    assert len(probe(made).covers) == 1
    for path in (made, run(source, tmp_path / "b.mkv")):
        with av.open(str(path)) as container:
            assert container.metadata["title"] == "节目一"
            assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["开头", "结尾"]


def test_what_mp4_can_not_hold_is_refused_with_the_remedy(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    ffmpeg(*picture(), *sound(), "-c:a", "pcm_s16le", source)
    with pytest.raises(InputError, match="pcm_s16le") as error:
        run(source, tmp_path / "b.mp4")
    assert "MKV" in error.value.remedy
    assert stream_hashes(run(source, tmp_path / "b.mkv"), "a") == stream_hashes(source, "a")


@pytest.mark.parametrize("codec", ["libopus", "flac", "libmp3lame", "ac3"])
def test_mp4_holds_the_usual_sound(tmp_path: Path, codec: str) -> None:
    source = tmp_path / "a.mkv"
    ffmpeg(*picture(), *sound(), "-c:a", codec, source)
    assert stream_hashes(run(source, tmp_path / "b.mp4"), "v", "a") == stream_hashes(source, "v", "a")


def bitmap_subtitles(path: Path) -> Path:
    """A Blu-ray subtitle stream (PGS) with one empty picture: a composition segment and an end segment."""
    composition = struct.pack(">HHBHBBBB", 160, 90, 0x10, 0, 0x80, 0, 0, 0)
    segments = [(0x16, composition), (0x80, b"")]
    path.write_bytes(
        b"".join(b"PG" + struct.pack(">IIBH", 90_000, 0, kind, len(body)) + body for kind, body in segments)
    )
    return path


def test_bitmap_subtitles_are_kept_by_matroska_and_missed_aloud_by_mp4(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    sup = bitmap_subtitles(tmp_path / "s.sup")
    ffmpeg(
        *picture(), *sound(), "-i", sup, "-map", "0", "-map", "1", "-map", "2", "-c:a", "aac", "-c:s", "copy", source
    )
    listener = Listener()
    assert probe(run(source, tmp_path / "b.mkv", listener)).subtitles[-1].codec == "hdmv_pgs_subtitle"
    assert not listener.warnings
    assert len(probe(run(source, tmp_path / "b.mp4", listener)).subtitles) == len(TRACKS)
    assert "hdmv_pgs_subtitle" in listener.warnings[0]


def test_an_audio_file_can_have_tracks_too(tmp_path: Path) -> None:
    ffmpeg(*sound(), tmp_path / "a.mp3")
    made = run(tmp_path / "a.mp3", tmp_path / "b.mkv")
    assert probe(made).video is None
    assert stream_hashes(made, "a") == stream_hashes(tmp_path / "a.mp3", "a")


@pytest.mark.parametrize("name", NAMES)
def test_names_are_only_names(tmp_path: Path, name: str) -> None:
    source = video(tmp_path / name, seconds=1)
    target = tmp_path / "out" / name
    run(source, target, tracks=(soft(ZH, "chi", "简体中文"),))
    assert len(probe(target).subtitles) == 1
    assert [path.name for path in target.parent.iterdir()] == [name]


def test_text_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    text = "std::vector<int> <b>x</b> {\\an8} a\\Nb"
    made = run(video(tmp_path / "a.mp4"), tmp_path / "b.mp4", tracks=(soft(track("en", (0, 900, text)), "eng", "E"),))
    shown = cues_of(made, 0)[0][1]
    for part in ("vector", "int", "x", "an8", "a\\", "Nb"):
        assert part in shown
    assert "\n" not in shown


def test_the_source_is_never_replaced(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4")
    before = source.read_bytes()
    with pytest.raises(UsageError, match="replace the video"):
        run(source, source)
    with pytest.raises(UsageError, match=r"'\.avi'"):
        run(source, tmp_path / "b.avi")
    run(source, tmp_path / "b.mp4")
    assert source.read_bytes() == before


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4")
    info = probe(source)
    source.write_text("exchanged")
    target = tmp_path / "out" / "b.mp4"
    with pytest.raises(EpisodeError):
        mux(info, TRACKS, target, fonts=fonts(), ffmpeg=find_ffmpeg(), reporter=SilentReporter())
    assert list(target.parent.iterdir()) == []
