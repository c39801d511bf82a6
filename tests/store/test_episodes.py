"""An episode stays the one it was when its folder is renamed or moved; a copy of it is another."""

from __future__ import annotations

import shutil

import pytest

from pipeline.store.episodes import ID_FILE


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    (folder / "one").mkdir(parents=True)
    return folder


def test_a_renamed_folder_keeps_its_units(store, workspace):
    episode = store.adopt(workspace / "one", workspace=workspace, title="标题")
    assert store.adopt(workspace / "one", workspace=workspace) == episode
    (workspace / "season").mkdir()
    (workspace / "one").rename(workspace / "season" / "two")
    assert store.adopt(workspace / "season" / "two", workspace=workspace) == episode
    known = store.episode(episode)
    assert (known.path, known.title) == ("season/two", "标题")
    assert store.episode_at("one") is None
    # What comes to the old place is another episode.
    (workspace / "one").mkdir()
    assert store.adopt(workspace / "one", workspace=workspace) != episode


def test_a_copy_is_another_episode_and_the_original_stays(store, workspace):
    episode = store.adopt(workspace / "one", workspace=workspace)
    shutil.copytree(workspace / "one", workspace / "copy")
    copy = store.adopt(workspace / "copy", workspace=workspace)
    assert copy != episode
    assert store.adopt(workspace / "copy", workspace=workspace) == copy
    assert store.adopt(workspace / "one", workspace=workspace) == episode
    assert [each.path for each in store.episodes()] == ["copy", "one"]


def test_outputs_that_were_removed_do_not_part_an_episode_from_its_units(store, workspace):
    episode = store.adopt(workspace / "one", workspace=workspace)
    shutil.rmtree(workspace / "one" / "zimu")
    assert store.adopt(workspace / "one", workspace=workspace) == episode
    assert (workspace / "one" / ID_FILE).read_text().strip() == episode


def test_an_episode_of_before_there_were_ids_is_known_by_its_path(store, workspace, translated):
    translated("a", episode="one")
    assert store.adopt(workspace / "one", workspace=workspace) == "one"
    (workspace / "one").rename(workspace / "二")
    assert store.adopt(workspace / "二", workspace=workspace) == "one"
    assert store.overview()[0].path == "二"


def test_an_episode_that_comes_from_another_workspace_brings_its_id(store, workspace):
    (workspace / "one" / "zimu").mkdir()
    (workspace / "one" / ID_FILE).write_text("0123456789abcdef\n")
    assert store.adopt(workspace / "one", workspace=workspace) == "0123456789abcdef"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a\x00b", b"x" * 5000, b"a\nb"])
def test_an_id_file_that_is_none_of_ours_is_written_anew(store, workspace, content):
    (workspace / "one" / "zimu").mkdir()
    (workspace / "one" / ID_FILE).write_bytes(content)
    episode = store.adopt(workspace / "one", workspace=workspace)
    assert (workspace / "one" / ID_FILE).read_text().strip() == episode
    assert len(episode) == 16


def test_an_episode_that_is_its_own_workspace_can_be_renamed(store, workspace):
    episode = store.adopt(workspace / "one", workspace=workspace / "one")
    (workspace / "one").rename(workspace / "two")
    assert store.adopt(workspace / "two", workspace=workspace / "two") == episode
