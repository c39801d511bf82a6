"""Small media files, made by the real ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipeline.media import find_ffmpeg

BEEPS = "aevalsrc=exprs='0.8*sin(2*PI*2000*t)*between(mod(t,1),0.5,0.52)':s=48000:d=6"
"""20 ms of a tone in the middle of every second, for six seconds."""


def ffmpeg(*args: str | Path) -> bytes:
    """Run ffmpeg; its standard output."""
    done = subprocess.run(
        [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, args)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def picture(seconds: float = 3, size: str = "160x90", rate: int = 25) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


def sound(seconds: float = 3) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=f=440:d={seconds}"]


def video(path: Path, *options: str, seconds: float = 3, size: str = "160x90") -> Path:
    """A small video with sound. The name is passed so that ffmpeg can't read anything into it."""
    form = ["-f", "matroska"] if path.suffix == ".mkv" else []
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg(*picture(seconds, size), *sound(seconds), *codecs, *options, *form, f"file:{path}")
    return path


def stream_hashes(path: Path, *which: str) -> list[str]:
    """SHA-256 of each stream's packets, as ffmpeg's streamhash muxer counts them."""
    maps = [part for kind in which for part in ("-map", f"0:{kind}")]
    out = ffmpeg("-i", f"file:{path}", *maps, "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-")
    return [line.split("=")[1] for line in out.decode().split()]


NAMES = (
    "with blanks.mp4",
    'it\'s "quoted".mp4',
    "a:b.mp4",
    "concat:one|two.mp4",
    "中文 文件名.mp4",
    "-dash.mp4",
    "back\\slash.mp4",
    "50%d percent%03d.mp4",
    "[0:v],;x=y.mp4",
    "subfile,,start,0,end,9,,:x.mp4",
)
"""File names that mean something to ffmpeg, to a shell or to a filter string."""
