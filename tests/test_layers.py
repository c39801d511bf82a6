"""Layers of settings, their origins and their errors."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.layers import load_settings, parse_assignments


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    episode = tmp_path / "episode"
    episode.mkdir()
    return tmp_path, episode


def test_every_layer_is_over_the_one_before(folders: tuple[Path, Path]) -> None:
    workspace, episode = folders
    (workspace / "zimu.toml").write_text('[episode]\nto = ["ja"]\ntitle = "w"\n[render]\nsoft = ["mkv"]\n')
    (episode / "episode.toml").write_text('[episode]\ntitle = "e"\nmedia = "a.mp4"\n')
    loaded = load_settings(
        workspace=workspace,
        episode=episode,
        environ={"ZIMU_EPISODE__MEDIA": "b.mp4", "ZIMU_EPISODE__TRANSCRIPT": "b.txt"},
        flags={"episode": {"transcript": "c.txt"}},
    )
    values = loaded.settings.episode
    assert (values.to, values.title, values.media, values.transcript) == (("ja",), "e", "b.mp4", "c.txt")
    assert loaded.settings.render.soft == ("mkv",)
    keys = ("language", "to", "title", "media", "transcript")
    assert [Path(loaded.origins["episode", key]).name for key in keys] == [
        "defaults.toml",
        "zimu.toml",
        "episode.toml",
        "environment",
        "command line",
    ]


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("[epsiode]\n", r"\[epsiode\] is not a section", "Did you mean episode?"),
        ('[episode]\ntitel = "x"\n', "episode.titel is not a setting", "Did you mean title?"),
        ("[episode]\nmax_line_chars = 0\n", "max_line_chars = 0", "zimu config show"),
        ('[render]\nsoft = ["avi"]\n', "avi", "zimu config show"),
        ("episode = 3\n", "episode is a section", "Write \\[episode\\]"),
        ("[episode\n", "Not valid TOML.*line 1", "Correct that line"),
    ],
)
def test_an_error_names_the_file_the_key_and_the_remedy(
    folders: tuple[Path, Path], text: str, message: str, remedy: str
) -> None:
    _, episode = folders
    (episode / "episode.toml").write_text(text)
    with pytest.raises(UsageError, match=message) as refused:
        load_settings(episode=episode, environ={})
    assert refused.value.where == str(episode / "episode.toml")
    assert remedy.replace("\\", "") in refused.value.remedy


def test_a_setting_file_in_another_encoding_is_refused(folders: tuple[Path, Path]) -> None:
    _, episode = folders
    (episode / "episode.toml").write_bytes('[episode]\ntitle = "标题"\n'.encode("gb18030"))
    with pytest.raises(UsageError, match="not UTF-8"):
        load_settings(episode=episode, environ={})


def test_an_unknown_variable_is_an_error_that_names_its_neighbour() -> None:
    with pytest.raises(UsageError, match="ZIMU_EPISOD__TO") as refused:
        load_settings(environ={"ZIMU_EPISOD__TO": "en"})
    assert "episode" in refused.value.remedy
    with pytest.raises(UsageError, match=r"episode\.tow"):
        load_settings(environ={"ZIMU_EPISODE__TOW": "en"})


@pytest.mark.parametrize("value", ["en,ja", '["en", "ja"]', "en, ja"])
def test_a_list_in_a_variable_is_json_or_commas(value: str) -> None:
    assert load_settings(environ={"ZIMU_EPISODE__TO": value}).settings.episode.to == ("en", "ja")


def test_assignments_are_toml_or_text() -> None:
    assert parse_assignments(["a.b=3", "a.c=[1, 2]", "d.e=plain text", 'd.f="x"']) == {
        "a": {"b": 3, "c": [1, 2]},
        "d": {"e": "plain text", "f": "x"},
    }
    with pytest.raises(UsageError, match=r"section\.key=value"):
        parse_assignments(["crf=20"])
