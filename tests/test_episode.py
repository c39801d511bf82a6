"""What an episode's folder may hold."""

from pathlib import Path

import pytest

from pipeline.episode import find_episodes, find_workspace, init_episode, open_episode
from pipeline.errors import InputError, UsageError


def make(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("x")
    return folder


def test_finds_the_only_media_file_and_the_transcript(tmp_path: Path) -> None:
    folder = make(tmp_path / "第一集", "我的视频.MP4", "transcript.srt", "cover.png", ".hidden.mp4")
    episode = open_episode(folder)
    assert (episode.id, episode.title) == ("第一集", "第一集")
    assert (episode.media.name, episode.transcript.name) == ("我的视频.MP4", "transcript.srt")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("transcript.txt",), "no media file"),
        (("a.mp4", "b.mkv", "transcript.txt"), "2 media files: a.mp4, b.mkv"),
        (("a.mp4",), "no transcript"),
        (("a.mp4", "transcript.txt", "transcript.srt"), "2 transcripts"),
    ],
)
def test_says_what_is_missing_or_double(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    folder = make(tmp_path / "e", *names)
    with pytest.raises(InputError, match=message) as refused:
        open_episode(folder)
    assert refused.value.where == str(folder)
    assert refused.value.remedy


def test_a_folder_that_is_not_there_or_is_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        open_episode(tmp_path / "none")
    with pytest.raises(InputError, match="this is a file"):
        open_episode(make(tmp_path, "a.mp4") / "a.mp4")


def test_episode_toml_names_the_files(tmp_path: Path) -> None:
    folder = make(tmp_path / "e", "a.mp4", "b.mp4", "text.txt")
    (folder / "episode.toml").write_text('[episode]\nmedia = "b.mp4"\ntranscript = "text.txt"\n')
    episode = open_episode(folder)
    assert (episode.media.name, episode.transcript.name) == ("b.mp4", "text.txt")


@pytest.mark.parametrize("name", ["../secret.mp4", "/etc/passwd", "link.mp4"])
def test_a_named_file_outside_the_episode_is_refused(tmp_path: Path, name: str) -> None:
    make(tmp_path, "secret.mp4")
    folder = make(tmp_path / "e", "transcript.txt")
    (folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    (folder / "episode.toml").write_text(f'[episode]\nmedia = "{name}"\n')
    with pytest.raises(UsageError, match="outside the episode"):
        open_episode(folder)


def test_the_workspace_is_the_nearest_folder_above_with_a_zimu_toml(tmp_path: Path) -> None:
    folder = make(tmp_path / "channel" / "2026" / "e", "a.mp4", "transcript.txt")
    assert find_workspace(folder) == folder
    (tmp_path / "channel" / "zimu.toml").write_text('[episode]\nto = ["ko"]\n')
    episode = open_episode(folder)
    assert (episode.workspace, episode.id) == (tmp_path / "channel", "2026/e")
    assert episode.loaded.settings.episode.to == ("ko",)


def test_finds_episodes_below_a_workspace_but_not_in_outputs(tmp_path: Path) -> None:
    first = make(tmp_path / "a", "transcript.txt")
    second = make(tmp_path / "b" / "c", "episode.toml")
    make(tmp_path / ".trash", "transcript.txt")
    make(first / "zimu", "transcript.txt")
    assert find_episodes(tmp_path) == [first, second]


def test_init_writes_a_commented_file_that_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "new episode"
    init_episode(folder)
    make(folder, "a.mp4", "transcript.txt")
    assert open_episode(folder).loaded.settings.episode.to == ("en",)
    with pytest.raises(UsageError, match="already has"):
        init_episode(folder)


def test_every_line_of_the_commented_file_is_valid_when_uncommented(tmp_path: Path) -> None:
    path = init_episode(tmp_path / "e")
    rows = [row[2:] if row.startswith("# ") and ("=" in row or row[2:3] == "[") else row for row in _rows(path)]
    path.write_text("\n".join(rows), encoding="utf-8")
    make(path.parent, "video.mp4", "transcript.txt")
    assert open_episode(path.parent).loaded.settings.glossary == {"en": {"英伟达": "NVIDIA"}}


def _rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
