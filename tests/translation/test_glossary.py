"""Glossary files, hits, and the episode's own terms over the general ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.translation.engines.base import Context, Request
from pipeline.translation.engines.llm import user_message
from pipeline.translation.glossary import Glossary, Term, glossary_from_entries, load_glossary, with_terms


@pytest.mark.parametrize("name", ["zh-en.tsv", "zh-ja.tsv"])
def test_the_glossaries_that_come_along_are_well_formed(name):
    assert len(load_glossary([config_dir() / "glossary" / name]).terms) > 20


def test_a_row_gives_a_term_its_forms_and_a_note(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_text(
        "\ufeffterm\ttranslation\tnote\n# names\n\n英伟达\tNVIDIA|Nvidia\tcompany\n开源\topen source\n", "utf-8"
    )
    assert load_glossary([path]).terms == (
        Term("英伟达", ("NVIDIA", "Nvidia"), "company"),
        Term("开源", ("open source",)),
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("英伟达", "1 column"),
        ("英伟达\t", "empty"),
        ("\tNVIDIA", "empty"),
        ("英伟达\tNVIDIA||Nvidia", "empty"),
        ("英伟达\tNVIDIA\tcompany\tmore", "4 columns"),
        ("英伟达 NVIDIA", "1 column"),
    ],
)
def test_a_malformed_row_is_named_with_its_file(tmp_path, row, said):
    path = tmp_path / "g.tsv"
    path.write_text(f"开源\topen source\n{row}\n", "utf-8")
    with pytest.raises(UsageError, match=said) as caught:
        load_glossary([path])
    assert caught.value.where == f"{path}, row 2"


def test_a_term_given_twice_is_an_error(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_text("开源\topen source\n开源\tfree\n", "utf-8")
    with pytest.raises(UsageError, match="twice"):
        load_glossary([path])


def test_a_glossary_that_is_not_there_or_not_utf8_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        load_glossary([tmp_path / "none.tsv"])
    path = tmp_path / "g.tsv"
    path.write_bytes("开源\topen source".encode("gb18030"))
    with pytest.raises(UsageError, match="UTF-8"):
        load_glossary([path])


def test_the_longest_of_overlapping_terms_hits():
    glossary = Glossary(
        (Term("指令集", ("instruction set",)), Term("指令集架构", ("ISA",)), Term("开源", ("open source",)))
    )
    assert [term.source for term in glossary.hits("开源的指令集架构")] == ["开源", "指令集架构"]


def test_a_latin_term_hits_only_as_a_word_in_any_case():
    glossary = Glossary((Term("ARM", ("Arm",)),))
    assert glossary.hits("手机里的arm呢")
    assert not glossary.hits("charm和ARMv9")


def test_the_episodes_own_terms_override_the_general_ones():
    general = Glossary((Term("小核", ("small core",)), Term("开源", ("open source",))))
    own = glossary_from_entries({"小核": "efficiency core|E-core"}, "episode.toml")
    merged = {term.source: term.forms for term in general.overridden_by(own).terms}
    assert merged == {"小核": ("efficiency core", "E-core"), "开源": ("open source",)}
    with pytest.raises(UsageError, match="empty"):
        glossary_from_entries({"小核": ""}, "episode.toml")


def test_a_form_counts_in_any_case_with_hyphen_or_blank():
    term = Term("开源", ("open source",))
    assert term.is_in("It is Open-source software.")
    assert not term.is_in("It is free software.")


def test_the_digest_follows_forms_but_not_notes_or_order():
    a, b = Term("小核", ("small core",), "x"), Term("开源", ("open source",))
    assert Glossary((a, b)).digest == Glossary((b, Term("小核", ("small core",)))).digest
    assert Glossary((a,)).digest != Glossary((Term("小核", ("little core",)),)).digest


def test_paths_are_read_in_order(tmp_path: Path):
    first, second = tmp_path / "a.tsv", tmp_path / "b.tsv"
    first.write_text("开源\topen source", "utf-8")
    second.write_text("开源\topen-sourced", "utf-8")
    assert load_glossary([first, second]).terms[0].forms == ("open-sourced",)


def test_terms_can_be_put_into_the_sentence_itself():
    terms = (Term("指令集", ("instruction set",)), Term("扩展指令集", ("extension",)), Term("ARM", ("Arm",)))
    assert with_terms("每家公司的扩展指令集和arm的指令集", terms) == "每家公司的extension和Arm的instruction set"
    assert with_terms("CHARM没有变", terms) == "CHARM没有变"


def test_a_second_try_has_the_terms_in_the_sentence():
    request = Request("u1", "英伟达也曾透露", terms=(Term("英伟达", ("NVIDIA",)),))
    context = Context("zh-Hans", "en", "English", "")
    assert user_message("{units}", [request], context) == "u1: 英伟达也曾透露"
    again = replace(request, complaint="英伟达 → NVIDIA")
    assert user_message("{units}", [again], context) == "u1: NVIDIA也曾透露"
