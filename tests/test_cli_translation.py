"""The commands about terms and the translation memory, as a person uses them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.store import Store
from pipeline.translation.units import Unit
from tests.cli import Result
from tests.episodes import make_episode

Zimu = Callable[..., Result]

LINES = ["帕特尔认为RISC-V International做得对", "小扎也这么说", "可是帕特尔不同意", "小扎没有回答"]
ENGLISH = ["Patel thinks RISC-V International is right.", "Zuck says so too.", "But Patel disagrees.", "No answer."]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "zimu.toml").write_text("[episode]\nto = ['en']\n", "utf-8")
    return tmp_path


@pytest.fixture
def episode(workspace: Path) -> Path:
    return make_episode(workspace / "one", lines=LINES)


def fill(workspace: Path, *, approve: tuple[int, ...] = (), language: str = "en") -> None:
    units = [Unit(f"u{n}", n, n, text, 1000 * n, 1000 * n + 900) for n, text in enumerate(LINES)]
    with Store.open(workspace / "zimu.db") as store:
        for place, unit in enumerate(store.sync("one", language, units)):
            saved = store.save_machine(unit.id, ENGLISH[place], engine="argos", fingerprint="f")
            if place in approve:
                store.approve(unit.id, "li", saved.revision)


def rows(path: Path) -> dict[str, dict[str, str]]:
    return {row["term"]: row for row in csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t")}


def test_terms_proposes_names_before_anything_is_translated(zimu: Zimu, episode: Path) -> None:
    shown = zimu("terms", episode)
    assert shown.code == 0
    assert "approved" in shown.out
    found = rows(episode / "terms.en.tsv")
    assert {"帕特尔", "RISC-V International"} <= set(found)
    assert "小扎" not in found  # Zimu's own glossary has it
    assert (found["帕特尔"]["count"], found["帕特尔"]["approved"]) == ("2", "")


def test_terms_shows_how_a_name_was_translated_so_far(zimu: Zimu, episode: Path, workspace: Path) -> None:
    fill(workspace)
    (table,) = zimu("terms", episode, "--json").json
    assert (table["language"], table["path"]) == ("en", str(episode / "terms.en.tsv"))
    seen = {each["term"]: each["seen"] for each in table["terms"]}
    assert seen["帕特尔"] == {"Patel": 2}
    assert rows(episode / "terms.en.tsv")["帕特尔"]["suggestion"] == "Patel"


def test_what_a_person_wrote_in_the_table_stays(zimu: Zimu, episode: Path, workspace: Path) -> None:
    zimu("terms", episode)
    path = episode / "terms.en.tsv"
    text = path.read_text("utf-8").replace("\t帕特尔\t\t", "yes\t帕特尔\tMr Patel\t")
    path.write_text(text.replace("\n\tRISC-V", "\nno\tRISC-V"), "utf-8")
    fill(workspace)
    again = zimu("terms", episode)
    assert "0 of them new" in again.out
    found = rows(path)
    assert (found["帕特尔"]["approved"], found["帕特尔"]["translation"]) == ("yes", "Mr Patel")
    assert found["RISC-V International"]["approved"] == "no"


def test_terms_takes_the_languages_of_the_command(zimu: Zimu, episode: Path) -> None:
    assert zimu("terms", episode, "--to", "ja,ko", "--quiet").out == ""
    assert sorted(path.name for path in episode.glob("terms.*")) == ["terms.ja.tsv", "terms.ko.tsv"]


def test_terms_refuses_a_folder_that_is_no_episode(zimu: Zimu, tmp_path: Path) -> None:
    assert zimu("terms", tmp_path / "none").code == 3


def test_the_memory_goes_out_and_into_another_workspace(zimu: Zimu, workspace: Path, tmp_path: Path) -> None:
    fill(workspace, approve=(0, 2))
    fill(workspace, approve=(2,), language="ja")
    file = tmp_path / "out" / "memory.tmx"
    assert zimu("memory", "export", file, "--to", "en", "--in", workspace).out == f"Wrote 2 sentences to {file}.\n"
    languages = {each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in ElementTree.parse(file).iter("tuv")}
    assert languages == {"zh-Hans", "en"}
    other = tmp_path / "other"
    other.mkdir()
    (other / "zimu.toml").write_text("", "utf-8")
    assert zimu("memory", "import", file, "--in", other).out == "2 of the file's 2 sentences are new.\n"
    assert zimu("memory", "import", file, "--in", other).out == "0 of the file's 2 sentences are new.\n"
    assert zimu("memory", "export", tmp_path / "again.tmx", "--in", other).out.startswith("Wrote 2 sentences")


def test_all_languages_are_exported_where_none_is_named(zimu: Zimu, workspace: Path, tmp_path: Path) -> None:
    fill(workspace, approve=(2,))
    fill(workspace, approve=(2,), language="ja")
    assert zimu("memory", "export", tmp_path / "all.tmx", "--in", workspace).code == 0
    assert len(list(ElementTree.parse(tmp_path / "all.tmx").iter("tuv"))) == 3


def test_a_folder_without_a_database_is_refused_and_none_is_made(zimu: Zimu, tmp_path: Path) -> None:
    file = tmp_path / "memory.tmx"
    file.write_text("<tmx version='1.4'><header srclang='zh'/><body/></tmx>", "utf-8")
    place = tmp_path / "empty"
    place.mkdir()
    assert zimu("memory", "export", tmp_path / "x.tmx", "--in", place).code == 2
    refused = zimu("memory", "import", file, "--in", place)
    assert (refused.code, "--in" in refused.err) == (2, True)
    assert list(place.iterdir()) == []


def test_a_file_that_is_no_tmx_or_too_big_is_refused(
    zimu: Zimu, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "memory.tmx"
    file.write_text("not a memory", "utf-8")
    assert zimu("memory", "import", file, "--in", workspace).code == 3
    monkeypatch.setenv("ZIMU_MEMORY__MAX_BYTES", "5")
    refused = zimu("memory", "import", file, "--in", workspace)
    assert (refused.code, "memory.max_bytes" in refused.err) == (3, True)
