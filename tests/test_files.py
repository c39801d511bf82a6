"""Writing whole or not at all."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.errors import EpisodeError
from pipeline.files import (
    atomic_folder,
    atomic_path,
    config_dir,
    config_file,
    guard_output,
    read_toml,
    remove_parts,
    remove_parts_of,
    write_text,
)


def write_half(target: Path) -> None:
    with atomic_path(target) as part:
        part.write_text("half")
        raise InterruptedError


def test_an_output_appears_only_when_its_block_ends_well(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out.txt"
    with pytest.raises(InterruptedError):
        write_half(target)
    assert list(target.parent.iterdir()) == []
    write_text(target, "whole")
    assert target.read_text() == "whole"


def test_a_failed_rewrite_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    write_text(target, "first")
    with pytest.raises(InterruptedError):
        write_half(target)
    assert target.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def fill_disk(target: Path) -> None:
    with guard_output(target), Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(EpisodeError, match="disk is full") as failed:
        fill_disk(tmp_path / "out.txt")
    assert "Free some space" in failed.value.remedy
    assert "out.txt" in failed.value.where


def test_every_configuration_file_is_valid_toml() -> None:
    for path in config_dir().glob("*.toml"):
        assert read_toml(path)


def test_a_workspace_may_bring_its_own_table(tmp_path: Path) -> None:
    assert config_file("styles.toml", tmp_path) == config_dir() / "styles.toml"
    own = tmp_path / "config" / "styles.toml"
    own.parent.mkdir()
    own.write_text("")
    assert config_file("styles.toml", tmp_path) == own


def test_a_folder_appears_whole_in_the_place_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "package"
    for text in ("first", "second"):
        with atomic_folder(target) as part:
            (part / f"{text}.txt").write_text(text)
            assert not (target / f"{text}.txt").exists()
    assert [path.name for path in tmp_path.rglob("*")] == ["package", "second.txt"]


def _fill_half(target: Path) -> None:
    with atomic_folder(target) as part:
        (part / "new.txt").write_text("new")
        raise InterruptedError


def test_a_folder_that_could_not_be_filled_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "package"
    with atomic_folder(target) as part:
        (part / "old.txt").write_text("old")
    with pytest.raises(InterruptedError):
        _fill_half(target)
    assert [path.name for path in tmp_path.rglob("*")] == ["package", "old.txt"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.files import atomic_folder
renames, rename = [], Path.rename
def killed(self, target):
    renames.append(target)
    if len(renames) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
Path.rename = killed
with atomic_folder(Path(sys.argv[1])) as part:
    for name in ("a", "b"):
        (part / name).write_text("new")
"""


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_process_killed_at_any_moment_leaves_no_half_folder_and_the_next_cleans_up(tmp_path: Path, at: int) -> None:
    target = tmp_path / "package"
    with atomic_folder(target) as part:
        for name in ("a", "b"):
            (part / name).write_text("old")
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(target), str(at)], check=False)
    assert (killed.returncode == 0) == (at == 3)
    texts = {path.name: path.read_text() for path in target.iterdir()} if target.exists() else {}
    assert texts in ({}, {"a": "old", "b": "old"}, {"a": "new", "b": "new"})
    with atomic_folder(target) as part:
        (part / "c").write_text("next")
    assert [path.name for path in target.iterdir()] == ["c"]
    assert not list(tmp_path.glob(".*.old"))


_WRITING = """
import sys, time
from pathlib import Path
from pipeline.files import atomic_folder, atomic_path
with atomic_path(Path(sys.argv[1])) as file, atomic_folder(Path(sys.argv[2])) as folder:
    file.write_text("half")
    (folder / "a").write_text("half")
    print("begun", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("by", ["folder", "target"])
def test_what_is_being_written_stays_and_what_a_killed_process_left_goes(tmp_path: Path, by: str) -> None:
    file, folder = tmp_path / "deep" / "video.mkv", tmp_path / "deep" / "package"

    def clear() -> list[str]:
        if by == "folder":
            remove_parts(tmp_path)
        else:
            remove_parts_of(file)
            remove_parts_of(folder)
        return sorted(path.name for path in file.parent.iterdir())

    command = [sys.executable, "-c", _WRITING, str(file), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "begun\n"
        assert len(clear()) == 2
        writer.communicate("")
    assert writer.returncode == 0
    assert (clear(), file.read_text(), (folder / "a").read_text()) == (["package", "video.mkv"], "half", "half")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "begun\n"
        killed.kill()
    assert len(list(file.parent.iterdir())) == 4
    assert clear() == ["package", "video.mkv"]


def test_a_part_that_is_removed_before_its_writer_holds_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = [], tempfile.mkstemp

    def made_and_removed(**options: str) -> tuple[int, str]:
        handle, name = make(**options)
        made.append(name)
        if len(made) == 1:
            Path(name).unlink()
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", made_and_removed)
    write_text(tmp_path / "a.txt", "whole")
    assert (len(made), (tmp_path / "a.txt").read_text()) == (2, "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
