"""Burned subtitles, by the real ffmpeg and libass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import av
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import EpisodeError, InputError, MissingError, UsageError
from pipeline.media import find_ffmpeg, probe
from pipeline.progress import SilentReporter
from pipeline.rendering import Canvas, burn, load_fonts
from tests.media.make import ffmpeg, picture, sound, stream_hashes, video
from tests.media.test_ffmpeg import Interrupt, running
from tests.rendering.frames import fonts, layer, rows_of_ink, styles, track
from tests.rendering.test_fonts import tiny_font

FAST = {"libx264": {"preset": "ultrafast", "crf": "20"}}


class Listener(SilentReporter):
    def __init__(self) -> None:
        self.details: list[str] = []
        self.warnings: list[str] = []

    def detail(self, message: str) -> None:
        self.details.append(message)

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def run(source: Path, target: Path, *layers: Any, **changes: Any) -> Path:
    given: dict[str, Any] = {
        "fonts": fonts(), "ffmpeg": find_ffmpeg(), "reporter": SilentReporter(), "encoder": "libx264",
        "encoder_order": ["libx264"], "encoder_options": FAST, "threads": 1,
    }  # fmt: skip
    burn(probe(source), layers or [layer("大家好")], target, **{**given, **changes})
    return target


def grey(path: Path, at: float) -> NDArray[np.uint8]:
    """The picture at a moment, as brightness."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time >= at:
                return frame.to_ndarray(format="gray")
    raise AssertionError("no such frame")


def black(path: Path, *options: str, size: str = "640x360", seconds: float = 3) -> Path:
    picture_in = ["-f", "lavfi", "-i", f"color=black:s={size}:r=10:d={seconds}"]
    ffmpeg(*picture_in, *sound(seconds), "-c:a", "aac", "-preset", "ultrafast", *options, path)
    return path


def times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        stamps = [p.pts * p.time_base for p in container.demux(video=0) if p.pts is not None]
    return [round(float(stamp - min(stamps)), 4) for stamp in sorted(stamps)]


def test_subtitles_are_drawn_at_their_times_and_the_sound_is_untouched(tmp_path: Path) -> None:
    source = black(tmp_path / "a.mp4")
    cues = track("zh-Hans", (1000, 2000, "大家好"))
    made = run(source, tmp_path / "b.mp4", (cues, styles().for_language("zh-Hans")))
    lit = [bool((grey(made, at) > 200).any()) for at in (0.9, 1.0, 1.9, 2.0)]
    assert lit == [False, True, True, False]
    assert stream_hashes(made, "a") == stream_hashes(source, "a")
    assert abs(probe(made).duration_ms - 3000) < 60


def test_times_are_the_players_where_the_file_starts_late(tmp_path: Path) -> None:
    """The container's first timestamp is the player's 0."""
    source = black(tmp_path / "a.ts", "-output_ts_offset", "100")
    cues = track("zh-Hans", (1000, 2000, "大家好"))
    made = run(source, tmp_path / "b.mkv", (cues, styles().for_language("zh-Hans")))
    assert probe(made).start_ms < 100
    assert [bool((grey(made, at) > 200).any()) for at in (0.85, 1.15, 1.85, 2.15)] == [False, True, True, False]


def test_two_languages_are_stacked(tmp_path: Path) -> None:
    layers = (layer("大家好", role="upper"), layer("Hello\neveryone", "en", "lower"))
    made = run(black(tmp_path / "a.mp4"), tmp_path / "b.mp4", *layers)
    assert len(rows_of_ink(grey(made, 1))) == 3


def test_a_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    jitter = "settb=1/90000,select='not(mod(n,3))+not(mod(n,7))',setpts=PTS+mod(N\\,5)*300"
    ffmpeg(
        *picture(), *sound(), "-vf", jitter, "-fps_mode", "vfr", "-enc_time_base", "1/90000",
        "-video_track_timescale", "90000", "-preset", "ultrafast", source,
    )  # fmt: skip
    for target in (tmp_path / "b.mp4", tmp_path / "b.mkv"):
        np.testing.assert_allclose(times(run(source, target)), times(source), atol=0.001)


def test_a_turned_picture_is_written_upright(tmp_path: Path) -> None:
    video(tmp_path / "wide.mp4", size="640x360")
    ffmpeg("-display_rotation", "90", "-i", tmp_path / "wide.mp4", "-c", "copy", tmp_path / "a.mp4")
    made = probe(run(tmp_path / "a.mp4", tmp_path / "b.mp4")).video
    assert made is not None
    assert (made.width, made.height, made.rotation) == (360, 640, 0)


def test_pixels_become_square_and_letters_keep_their_shape(tmp_path: Path) -> None:
    square = run(black(tmp_path / "a.mp4", size="640x360"), tmp_path / "b.mp4")
    narrow = black(tmp_path / "c.mp4", "-vf", "setsar=2", size="320x360")
    made = run(narrow, tmp_path / "d.mp4")
    shape = probe(made).video
    assert shape is not None
    assert (shape.width, shape.height, shape.pixel_aspect) == (640, 360, 1.0)
    widths = [int((grey(path, 1) > 150).any(axis=0).sum()) for path in (square, made)]
    assert abs(widths[0] - widths[1]) <= 2


def test_an_odd_size_grows_by_a_pixel(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mkv", "-vf", "format=yuv444p,pad=161:91", "-pix_fmt", "yuv444p")
    before, after = probe(source).video, probe(run(source, tmp_path / "b.mp4")).video
    assert before is not None
    assert after is not None
    assert (before.width, before.height) == (161, 91)
    assert (after.width, after.height) == (162, 92)


def test_colour_tags_and_range_stay(tmp_path: Path) -> None:
    tags = ["-color_range", "pc", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    params = ["-x264-params", "fullrange=on:colorprim=bt709:transfer=bt709:colormatrix=bt709"]
    source = tmp_path / "a.mp4"
    ffmpeg(
        *picture(1), *sound(1), "-vf", "scale=out_range=full:out_color_matrix=bt709,format=yuvj420p", *tags, *params,
        "-preset", "ultrafast", source,
    )  # fmt: skip
    made = run(source, tmp_path / "b.mp4")
    found = []
    for path in (source, made):
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            found.append((frame.color_range, frame.colorspace, int(frame.color_primaries), int(frame.color_trc)))
    assert found[0] == found[1]
    assert abs(int(grey(source, 0).mean()) - int(grey(made, 0).mean())) <= 2


def test_auto_takes_the_first_encoder_that_really_works(tmp_path: Path) -> None:
    listener = Listener()
    order = ["h264_nothing", "h264_v4l2m2m", "libx264"]
    run(video(tmp_path / "a.mp4"), tmp_path / "b.mp4", encoder="auto", encoder_order=order, reporter=listener)
    said = "\n".join(listener.details)
    assert "h264_nothing does not work here: this ffmpeg does not have it" in said
    assert "encoding with libx264" in said


def test_an_encoder_that_does_not_work_is_not_replaced_in_silence(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="h264_v4l2m2m"):
        run(video(tmp_path / "a.mp4"), tmp_path / "b.mp4", encoder="h264_v4l2m2m")


def test_an_audio_episode_is_drawn_on_a_colour(tmp_path: Path) -> None:
    ffmpeg(*sound(), "-metadata", "title=节目", tmp_path / "a.mp3")
    made = run(tmp_path / "a.mp3", tmp_path / "b.mp4", canvas=Canvas("#204060", 640, 360, 10))
    info = probe(made)
    assert info.video is not None
    assert (info.video.width, info.video.height, info.video.fps) == (640, 360, 10)
    assert abs(info.duration_ms - 3000) < 150
    assert stream_hashes(made, "a") == stream_hashes(tmp_path / "a.mp3", "a")
    assert len(rows_of_ink(grey(made, 1))) == 1
    with av.open(str(made)) as container:
        assert container.metadata["title"] == "节目"


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_an_audio_episode_is_drawn_on_a_picture(tmp_path: Path, suffix: str) -> None:
    background = tmp_path / f"50% it's:a 图%03d.{suffix}"
    plain = tmp_path / f"plain.{suffix}"
    ffmpeg("-f", "lavfi", "-i", "color=white:s=500x500:d=1", "-frames:v", "1", plain)
    plain.rename(background)
    ffmpeg(*sound(), tmp_path / "a.m4a")
    made = run(tmp_path / "a.m4a", tmp_path / "b.mp4", canvas=Canvas(background, 640, 360, 10))
    assert grey(made, 1)[:100].min() > 200
    assert abs(probe(made).duration_ms - 3000) < 150


@pytest.mark.parametrize(
    ("canvas", "words"),
    [
        (None, "no pictures"),
        (Canvas("#2040", 640, 360, 10), "neither a colour nor a picture"),
        (Canvas("red[x];movie=/etc/passwd", 640, 360, 10), "neither a colour nor a picture"),
        (Canvas(Path(__file__), 640, 360, 10), "no PNG"),
        (Canvas("black", 641, 360, 10), "641 x 360"),
    ],
)
def test_a_wrong_background_is_said(tmp_path: Path, canvas: Canvas | None, words: str) -> None:
    ffmpeg(*sound(1), tmp_path / "a.mp3")
    with pytest.raises(UsageError, match=words):
        run(tmp_path / "a.mp3", tmp_path / "b.mp4", canvas=canvas)
    assert not (tmp_path / "b.mp4").exists()


def test_sound_that_mp4_can_not_hold_is_refused_before_the_work(tmp_path: Path) -> None:
    ffmpeg(*picture(1), *sound(1), "-c:a", "pcm_s16le", tmp_path / "a.mkv")
    with pytest.raises(InputError, match="pcm_s16le"):
        run(tmp_path / "a.mkv", tmp_path / "b.mp4")


def test_a_missing_glyph_stops_the_run_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="GRINNING"):
        run(video(tmp_path / "a.mp4"), tmp_path / "b.mp4", layer("好😀"))
    assert not (tmp_path / "b.mp4").exists()


def test_a_named_fallback_is_drawn(tmp_path: Path) -> None:
    tiny_font(tmp_path / "tiny.ttf", "Tiny Emoji", "😀")
    made = run(
        black(tmp_path / "a.mp4"),
        tmp_path / "b.mp4",
        layer("😀"),
        fonts=load_fonts(tmp_path),
        fallback_fonts=["Tiny Emoji"],
    )
    ink = grey(made, 1) > 150
    first, last = rows_of_ink(grey(made, 1))[0]
    assert ink[first + 4 : last - 3].any(axis=1).all()  # the font's only glyph, a full square
    assert ink[(first + last) // 2].sum() == pytest.approx(last - first, abs=4)


def test_libass_taking_another_font_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["pipeline.rendering.burn"]
    monkeypatch.setattr(module, "lay_out", lambda faces, folder: folder.mkdir())
    # The machine may have the font itself: let libass see matplotlib's fonts alone.
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    (tmp_path / "fonts.conf").write_text(f"<fontconfig><dir>{fonts}</dir></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    with pytest.raises(EpisodeError, match="instead of Noto Sans CJK"):
        run(video(tmp_path / "a.mp4"), tmp_path / "b.mp4", layer("直", "ko"))
    assert not (tmp_path / "b.mp4").exists()


def test_one_name_with_everything_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "-o [0:v],;= 'x' \"y\" 50%d %03d C:\\n 中文 #1"
    folder.mkdir()
    name = "-it's: a|b; {x} [in] 100% 视频.mp4"
    source = video(folder / name, seconds=1)
    run(source, folder / "out" / name)
    assert [path.name for path in (folder / "out").iterdir()] == [name]


def test_too_little_room_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.rendering.output._RESERVE", 1 << 60)
    with pytest.raises(EpisodeError, match="too little room"):
        run(video(tmp_path / "a.mp4"), tmp_path / "out" / "b.mp4")
    assert list((tmp_path / "out").iterdir()) == []


def script(body: str) -> list[str]:
    """A Python program that burns by itself."""
    head = """
        import sys
        from pathlib import Path
        from tests.rendering.test_burn import *
        source, target = Path(sys.argv[1]), Path(sys.argv[2])
    """
    return [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(body)]


def test_a_disk_that_takes_no_more_leaves_nothing(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", size="640x360")
    body = """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        try:
            run(source, target)
        except EpisodeError as error:
            print(error)
            sys.exit(7)
    """
    target = tmp_path / "out" / "b.mp4"
    done = subprocess.run([*script(body), source, target], capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    assert "larger than" in done.stdout
    assert list(target.parent.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "episode"
    folder.mkdir()
    source = video(folder / "a.mp4")
    for path in (folder, *folder.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    folder.chmod(0o555)
    run(source, tmp_path / "elsewhere" / "b.mp4")  # Python's own modules are loaded before rights are given up
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)  # permissions bind everyone but root
    try:
        with pytest.raises(EpisodeError, match="can't be written") as error:
            run(source, folder / "b.mp4")
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
    assert "permission" in error.value.remedy


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    class Stopped(SilentReporter):
        def task(self, label: str, total: float | None, unit: str) -> Any:
            from contextlib import nullcontext

            return nullcontext(Interrupt())

    target = tmp_path / "out" / "b.mp4"
    with pytest.raises(KeyboardInterrupt):
        run(video(tmp_path / "a.mp4", seconds=20, size="640x360"), target, reporter=Stopped())
    assert list(target.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bind a program's life to its parent's")
def test_a_run_that_is_killed_takes_ffmpeg_along_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", seconds=30, size="640x360")
    target = tmp_path / "out" / "b.mp4"
    slow = {"libx264": {"preset": "placebo"}}
    with subprocess.Popen([*script(f"run(source, target, encoder_options={slow})"), source, target]) as killed:
        deadline = time.monotonic() + 60
        while not running(f"file:{target.parent}/.b-") and time.monotonic() < deadline:
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(f"file:{target.parent}/.b-") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(f"file:{target.parent}/.b-")
    assert not target.exists()
    left = list(target.parent.iterdir())
    assert [path.suffix for path in left] == [".part"]
    run(video(tmp_path / "short.mp4", seconds=1), target)
    assert list(target.parent.iterdir()) == [target]
