"""Writing whole or not at all."""

from pathlib import Path

import pytest

from pipeline.errors import EpisodeError
from pipeline.files import atomic_path, config_dir, config_file, guard_output, read_toml, write_text


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
