"""What probe tells of media, and what it refuses without opening anything else."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError, InputError
from pipeline.media import find_ffmpeg, input_arguments, probe, run_ffmpeg
from pipeline.media.info import open_media
from tests.media.make import NAMES, ffmpeg, picture, sound, video


def test_a_video_is_described(tmp_path: Path) -> None:
    info = probe(video(tmp_path / "a.mp4"))
    assert info.container.startswith("mov")
    assert abs(info.duration_ms - 3000) < 60
    assert info.video is not None
    assert (info.video.codec, info.video.width, info.video.height, info.video.fps) == ("h264", 160, 90, 25.0)
    assert [(stream.codec, stream.index) for stream in info.audio] == [("aac", 1)]


def test_an_audio_file_with_a_cover_has_no_video(tmp_path: Path) -> None:
    cover, song = tmp_path / "cover.png", tmp_path / "a.mp3"
    ffmpeg(*picture(1), "-frames:v", "1", cover)
    ffmpeg(*sound(), "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", song)
    info = probe(song)
    assert info.video is None
    assert info.covers == (1,)
    assert info.audio[0].codec == "mp3"


def test_size_is_as_displayed(tmp_path: Path) -> None:
    video(tmp_path / "wide.mp4")
    ffmpeg("-display_rotation", "90", "-i", tmp_path / "wide.mp4", "-c", "copy", tmp_path / "turned.mp4")
    turned = probe(tmp_path / "turned.mp4").video
    assert turned is not None
    assert (turned.width, turned.height) == (90, 160)
    assert turned.rotation in (90, 270)
    pal = probe(video(tmp_path / "pal.mp4", "-vf", "setsar=64/45", size="144x114")).video
    assert pal is not None
    assert (pal.width, pal.height) == (205, 114)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_only_names(tmp_path: Path, name: str) -> None:
    assert probe(video(tmp_path / name, seconds=0.5)).path == tmp_path / name


def test_a_recording_without_a_length_is_measured(tmp_path: Path) -> None:
    live = tmp_path / "live.mkv"
    live.write_bytes(ffmpeg(*picture(), *sound(), "-c:a", "aac", "-f", "matroska", "pipe:1"))
    assert abs(probe(live).duration_ms - 3000) < 60


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        ("大家好，欢迎来到今天的节目\n".encode() * 300, "text"),
        ("大家好\n".encode("gb18030") * 300, "text"),
        (os.urandom(5000), "not audio or video"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not audio or video"),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n", "SDP"),
        (b'<?xml version="1.0"?><MPD></MPD>', "DASH"),
    ],
)
def test_what_is_not_media_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as refusal:
        probe(path)
    assert refusal.value.remedy
    assert refusal.value.where == str(path)


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    ffmpeg(*picture(), tmp_path / "mute.mp4")
    with pytest.raises(InputError, match="no sound"):
        probe(tmp_path / "mute.mp4")


def test_an_mp4_without_its_index_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(InputError, match="index is missing"):
        probe(path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_folders_and_pipes_are_refused_without_waiting(tmp_path: Path, make: object) -> None:
    path = tmp_path / "a.mp4"
    make(path)  # type: ignore[operator]
    with pytest.raises(InputError, match="not a file"):
        probe(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        probe(tmp_path / "a.mp4")


@pytest.fixture
def listener() -> socket.socket:
    """A real server's socket that nobody must call."""
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    yield server  # type: ignore[misc]
    server.close()


def references(folder: Path, port: int) -> dict[str, str]:
    """Files that name an address and a neighbour; reading the neighbour, a pipe without a writer, would never end."""
    neighbour = folder / "neighbour.ts"
    os.mkfifo(neighbour)
    url = f"http://127.0.0.1:{port}/a.ts"
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n"
    return {
        "hls-address": playlist.format(url),
        "hls-neighbour": playlist.format("neighbour.ts"),
        "concat-address": f"ffconcat version 1.0\nfile '{url}'\n",
        "concat-neighbour": "ffconcat version 1.0\nfile 'neighbour.ts'\n",
        "dash": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><BaseURL>{url}</BaseURL></MPD>',
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} TCP 0\n",
    }


@pytest.mark.timeout(60)
@pytest.mark.parametrize("sniffing", [True, False])
def test_no_reference_is_followed(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, sniffing: bool
) -> None:
    if not sniffing:  # the demuxers' list alone must hold
        monkeypatch.setattr("pipeline.media.info._REFERENCES", {})
    for name, text in references(tmp_path, listener.getsockname()[1]).items():
        path = tmp_path / f"{name}.mp4"
        path.write_text(text)
        with pytest.raises(InputError):
            probe(path)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.timeout(60)
def test_the_program_follows_no_reference_either(tmp_path: Path, listener: socket.socket) -> None:
    path = tmp_path / "a.mp4"
    for text in references(tmp_path, listener.getsockname()[1]).values():
        path.unlink(missing_ok=True)
        info = probe(video(path, seconds=0.5))
        path.write_text(text)  # exchanged after it was probed
        given = input_arguments(info)
        options = ["-protocol_whitelist", given["protocol_whitelist"], "-f", given["format"]]
        with pytest.raises(EpisodeError):
            run_ffmpeg(find_ffmpeg(), [*options, "-i", f"file:{path}", "-f", "null", "-"], cwd=tmp_path, stall_s=10)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_nothing_is_opened_by_name(tmp_path: Path) -> None:
    with open_media(video(tmp_path / "a.mp4", seconds=0.5), timeout_s=10) as container:
        assert container.file is not None
