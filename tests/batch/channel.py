"""A channel for tests: a workspace of small episodes that are aligned, subtitled and muxed in seconds, with a server of
the chat protocol that translates."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests import cli
from tests.episodes import LINES, SAMPLE, ffmpeg

# The first two lines of the sample end at 4.9 s.
TWO_LINES, SECONDS = 2, 5.1
SETTINGS = """
[episode]
to = ["en"]
[translate]
engine = "server"
[server]
base_url = "{url}"
model = "test"
[render]
soft = ["mp4"]
burn = []
[batch]
lock_wait_s = 20
"""


def make_channel(folder: Path, names: Sequence[str], url: str = "", more: str = "") -> Path:
    """A workspace of episodes of five seconds; without a server, untranslated."""
    folder.mkdir(parents=True)
    settings = SETTINGS.format(url=url) if url else '[episode]\nto = []\n[render]\nsoft = ["mp4"]\nburn = []\n'
    (folder / "zimu.toml").write_text(settings + more, encoding="utf-8")
    media = folder / ".video.mp4"
    ffmpeg("-i", SAMPLE / "video.mp4", "-t", SECONDS, "-c", "copy", media)
    for name in names:
        episode = folder / name
        episode.mkdir(parents=True)
        shutil.copy(media, episode / "video.mp4")
        (episode / "transcript.txt").write_text("\n".join(LINES[:TWO_LINES]) + "\n", encoding="utf-8")
    media.unlink()
    return folder


def run(*args: str | Path, timeout: float = 300) -> cli.Result:
    """`zimu` in a process of its own."""
    process = cli.start(*args)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout} s: {err}") from None
    return cli.Result(process.returncode, out, err)


def outputs(workspace: Path) -> dict[str, bytes]:
    """What people get: every subtitle file, alignment and video of a workspace."""
    kinds = ("alignment.json", "subtitles/*", "video/*")
    found = [path for kind in kinds for path in workspace.glob(f"**/zimu/{kind}") if path.is_file()]
    return {path.relative_to(workspace).as_posix(): path.read_bytes() for path in found}


def log_rows(workspace: Path) -> list[dict[str, object]]:
    """The rows of a workspace's logs."""
    files = sorted((workspace / ".zimu" / "logs").glob("*.jsonl"))
    return [json.loads(row) for file in files for row in file.read_text(encoding="utf-8").splitlines()]
