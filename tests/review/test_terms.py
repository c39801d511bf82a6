"""Terms that are added on the page: in the glossary's file, and in the units that have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.review.terms import add_term, make_term, uses
from pipeline.store.machine import new_unit
from pipeline.translation.glossary import Term, load_glossary
from pipeline.translation.units import Unit
from tests.review.serving import make_workspace, serving


def test_a_new_file_has_a_header_and_the_term(tmp_path: Path) -> None:
    path = tmp_path / "config" / "glossary" / "zh-en.tsv"
    add_term(path, make_term("芯片", "chip|microchip", ["晶片"], ["wafer"], "hardware"))
    assert load_glossary([path]).terms == (Term("芯片", ("chip", "microchip"), "hardware", ("晶片",), ("wafer",)),)


def test_rows_and_comments_of_people_stay(tmp_path: Path) -> None:
    path = tmp_path / "zh-en.tsv"
    path.write_text("term\tnote\ttranslation\n# ours\n英伟达\tkeep\tNVIDIA\n芯片\told\twafer\n", encoding="utf-8")
    add_term(path, make_term("芯片", "chip", [], [], ""))
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[1].strip() == "# ours"
    assert load_glossary([path]).terms == (Term("英伟达", ("NVIDIA",), "keep"), Term("芯片", ("chip",), "old"))


def test_a_file_without_a_header_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "zh-en.tsv"
    path.write_text("英伟达\tNVIDIA\n", encoding="utf-8")
    add_term(path, make_term("芯片", "chip", ["晶片"], [], ""))
    assert {term.source for term in load_glossary([path]).terms} == {"英伟达", "芯片"}


def test_a_spelling_that_another_row_has_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "zh-en.tsv"
    path.write_text("term\ttranslation\n英伟达\tNVIDIA\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(UsageError):
        add_term(path, make_term("芯片", "chip", ["英伟达"], [], ""))
    assert path.read_bytes() == before


@pytest.mark.parametrize("bad", ["", "  ", "=HYPERLINK()", "+1", "@x", "# comment", "x" * 201, "a|b"])
def test_what_no_term_can_be_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        make_term(bad, "chip", [], [], "")


def test_tabs_and_rows_in_a_term_do_not_make_cells() -> None:
    assert make_term("芯\t片\n", " a\tchip ", [], [], "x\r\ny") == Term("芯 片", ("a chip",), "x y")


def test_a_term_is_applied_where_it_occurs_with_a_preview(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    with serving(workspace) as server:
        ada = server.browser("Ada")
        units = ada.episode()["units"]
        ada.save(units[1], "How it grew in ten years, from a holiday job.")
        body = {
            "id": "talk",
            "language": "en",
            "term": "暑期项目",
            "translation": "summer project",
            "replaces": ["holiday job"],
        }
        uses = ada.send("POST", "/api/terms/preview", body).json()["uses"]
        assert [(use["unit"], use["after"]) for use in uses] == [
            (units[1]["id"], "How it grew in ten years, from a summer project.")
        ]
        assert ada.episode()["units"][1]["terms"] == []
        done = ada.send("POST", "/api/terms", {**body, "apply": [units[1]["id"]]})
        assert done.status_code == 200, done.text
        unit = ada.episode()["units"][1]
        assert unit["text"] == "How it grew in ten years, from a summer project."
        term = next(each for each in unit["terms"] if each["term"] == "暑期项目")
        assert unit["source"][slice(*term["source"])] == "暑期项目"
        assert unit["text"][slice(*term["target"])] == "summer project"
        assert (workspace / "config" / "glossary" / "zh-en.tsv").is_file()
        missing = ada.send("POST", "/api/check", {"unit": unit["id"], "text": "How it grew in ten years."}).json()
        assert "term" in " ".join(each["rule"] for each in missing["findings"])


def test_an_episodes_table_gets_the_term_as_approved_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "terms.en.tsv"
    path.write_text("approved\tterm\ttranslation\n\t英伟达\tNvidia\nno\t芯片\twafer\n", encoding="utf-8")
    add_term(path, make_term("芯片", "chip", [], [], ""), approved=True)
    assert load_glossary([path]).terms == (Term("芯片", ("chip",)),)
    assert "\t英伟达\tNvidia" in path.read_text(encoding="utf-8")
    fresh = tmp_path / "terms.ja.tsv"
    add_term(fresh, make_term("芯片", "チップ", [], [], ""), approved=True)
    assert load_glossary([fresh]).terms == (Term("芯片", ("チップ",)),)


def test_a_term_that_was_left_as_it_is_is_replaced_before_any_guess() -> None:
    unit = new_unit("ep", "en", Unit("u0", 0, 0, "RISC-V很好", 0, 900), "", "")
    unit = unit._replace(text="In September, RISC-V is good.")
    (use,) = uses(make_term("RISC-V", "RISC Five", [], [], ""), [unit], "en", ["September"])
    assert use.after == "In September, RISC Five is good."
