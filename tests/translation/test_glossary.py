"""Glossary files, hits, and the episode's own terms over the general ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.translation.engines.base import Context, Request
from pipeline.translation.engines.llm import user_message
from pipeline.translation.glossary import (
    Glossary,
    Term,
    forbidden_terms,
    glossary_from_entries,
    load_glossary,
    missing_terms,
    with_terms,
)


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
    assert user_message("{units}", [request], context) == "u1: 英伟达也曾透露。"
    again = replace(request, complaint="英伟达 → NVIDIA")
    assert user_message("{units}", [again], context) == "u1: NVIDIA也曾透露。"


ALTMAN = Term("奥特曼", ("Altman", "Sam Altman"), "", ("萨姆·奥特曼", "奥尔特曼"), ("Ultraman", "Sam"))


def test_an_alias_hits_as_its_term_spelled_as_it_stands_there():
    glossary = Glossary((ALTMAN, Term("小扎", ("Zuckerberg",), aliases=("扎克伯格",))))
    assert [(term.source, term.preferred) for term in glossary.hits("扎克伯格和萨姆·奥特曼，还有小扎")] == [
        ("扎克伯格", "Zuckerberg"),
        ("萨姆·奥特曼", "Altman"),
        ("小扎", "Zuckerberg"),
    ]


def test_nothing_hits_inside_a_longer_word_of_the_glossary():
    glossary = Glossary((Term("分支", ("branch",)), Term("x", ("y",), aliases=("部分支持",))))
    assert [term.source for term in glossary.hits("这部分支持了分支")] == ["部分支持", "分支"]
    assert [term.source for term in glossary.hits("部分支持")] == ["部分支持"]


def test_a_latin_term_hits_with_or_without_its_hyphen():
    glossary = Glossary((Term("RISC-V", ("RISC-V",)),))
    assert all(glossary.hits(text) for text in ("用RISC-V吧", "risc v", "RISCV很好"))
    assert not glossary.hits("RISC-V2")


@pytest.mark.parametrize(
    ("form", "text", "language", "stands"),
    [
        ("chip", "Two chips.", "en", True),
        ("chip", "The chip's price", "en", True),
        ("chip", "the chips’ price", "en", True),
        ("chip", "the shipchip", "en", False),
        ("chip", "He was chipper.", "en", False),
        ("patch", "many patches", "en", True),
        ("library", "two libraries", "en", True),
        ("library", "The Library's", "en", True),
        ("Arm", "It sounded the alarm.", "en", False),
        ("Arm", "an arm of the law", "en", False),
        ("Arm", "ARM and Arm's", "en", True),
        ("Arm", "Armenia", "en", False),
        ("NVIDIA", "Nvidia said", "en", True),
        ("Apple", "an apple", "en", False),
        ("Library of Congress", "the Library of Congress", "en", True),
        ("Library of Congress", "the library of congress", "en", False),
        ("open source", "Open-Source", "en", True),
        ("C++", "in C++, too", "en", True),
        ("NVIDIA", "NVIDIAは", "ja", True),
        ("オープンソース", "これはオープンソースだ", "ja", True),
        ("Альтман", "мнение Альтмана", "ru", True),
        ("엔비디아", "엔비디아는", "ko", True),
        ("Chip", "die Chips", "de", True),
    ],
)
def test_a_form_stands_as_a_word_in_an_inflected_form_with_its_first_capital(form, text, language, stands):
    assert Term("x", (form,)).is_in(text, language) == stands


def test_a_forbidden_translation_is_found_in_any_case_but_not_inside_an_allowed_one():
    assert ALTMAN.forbidden_in("The ultraman's plan") == ("Ultraman",)
    assert ALTMAN.forbidden_in("Sam Altman's plan") == ()
    assert ALTMAN.forbidden_in("Sam Altman, or Sam") == ("Sam",)
    assert ALTMAN.forbidden_in("Ultramanic") == ()


def test_what_is_missing_and_what_is_forbidden_are_told_apart():
    terms = (ALTMAN, Term("开源", ("open source",)))
    assert missing_terms(terms, "Ultraman likes open source.", "en-GB") == (ALTMAN,)
    assert forbidden_terms(terms, "Ultraman likes open source.", "en") == ((ALTMAN, ("Ultraman",)),)
    assert forbidden_terms(terms, "Altman likes open source.", "en") == ()


def test_the_glossary_that_comes_along_knows_people_by_their_nicknames():
    glossary = load_glossary([config_dir() / "glossary" / "zh-en.tsv"])
    hits = glossary.hits("奥特曼和小扎吵了起来")
    assert [term.preferred for term in hits] == ["Altman", "Zuckerberg"]
    said = "Ultraman and Superman had a row."
    assert len(missing_terms(hits, said, "en")) == len(forbidden_terms(hits, said, "en")) == 2


def test_an_own_term_takes_over_a_general_alias():
    general = Glossary((Term("小扎", ("Zuckerberg",), aliases=("扎总", "扎克伯格")), Term("奥特曼", ("Altman",))))
    own = Glossary((Term("扎总", ("Mr. Za",)), Term("迪迦", ("Tiga",), aliases=("奥特曼",))))
    merged = general.overridden_by(own)
    assert [term.preferred for term in merged.hits("扎总，小扎，奥特曼")] == ["Mr. Za", "Zuckerberg", "Tiga"]


def test_a_header_names_the_columns_in_any_order_and_others_are_for_people(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_text(
        "# x\nterm\tNote\tforbidden\ttranslation\taliases\tlink\n"
        "奥特曼\tAI\tUltraman|Sam\tAltman|Sam Altman\t萨姆·奥特曼| 奥尔特曼 \thttp\n",
        "utf-8",
    )
    assert load_glossary([path]).terms == (replace(ALTMAN, note="AI", forbidden=("Ultraman", "Sam")),)


def test_a_table_as_a_spreadsheet_saves_it_is_read(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_bytes('term\ttranslation\r\n"开源"\t"a ""b"""\r\n'.encode("utf-16"))
    assert load_glossary([path]).terms == (Term("开源", ('a "b"',)),)


@pytest.mark.parametrize(
    ("text", "said", "row"),
    [
        ("term\tnote\n开源\tx\n", "lacks the column translation", 1),
        ("term\ttranslation\taliases\n开源\topen source\t源||码\n", "alias", 2),
        ("term\ttranslation\tforbidden\n开源\topen source\topen source\n", "allowed and forbidden", 2),
        ("term\ttranslation\taliases\n开源\topen source\n# x\n源\tsource\t开源\n", r"twice.*row 2", 4),
        ('term\ttranslation\n开源\t"open source\n', "quotation mark", 2),
        ('term\ttranslation\n开源\t"open" source\n', "quotation mark", 2),
        ("term\ttranslation\n\n开源\t\n", "empty", 3),
    ],
)
def test_a_mistake_in_a_table_is_named_with_file_row_and_remedy(tmp_path, text, said, row):
    path = tmp_path / "g.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said) as caught:
        load_glossary([path])
    assert caught.value.where == f"{path}, row {row}"
    assert caught.value.remedy


def test_the_digest_follows_aliases_and_forbidden_translations():
    term = Term("小核", ("small core",))
    digests = [
        Glossary((each,)).digest for each in (term, replace(term, aliases=("a",)), replace(term, forbidden=("a",)))
    ]
    assert len(set(digests)) == 3


def test_a_form_that_is_put_in_is_not_read_as_a_term():
    assert with_terms("甲和乙", (Term("甲", ("乙",)), Term("乙", ("丙",)))) == "乙和丙"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("系统部分支持它", 0),
        ("每一个分支都要测试", 1),
        ("可以提高通过率", 0),
        ("英特尔和高通都用它", 1),
        ("打开源代码", 0),
        ("开源的项目", 1),
    ],
)
def test_a_term_is_not_found_where_two_words_meet(text, found):
    glossary = Glossary((Term("分支", ("branch",)), Term("高通", ("Qualcomm",)), Term("开源", ("open source",))))
    assert len(glossary.hits(text)) == found


def test_advice_allows_any_translation_that_is_not_forbidden(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_text(
        "term\ttranslation\taliases\tforbidden\n三天两头\tevery few days|*\t\tthree days\n", encoding="utf-8"
    )
    (term,) = load_glossary([path]).hits("服务器三天两头掉线")
    assert missing_terms([term], "The server went down all the time.", "en") == ()
    assert forbidden_terms([term], "It went down three days.", "en") == ((term, ("three days",)),)
    assert with_terms("三天两头掉线", [term]) == "every few days掉线"


def test_advice_needs_something_to_advise(tmp_path):
    path = tmp_path / "g.tsv"
    path.write_text("三天两头\t*\n", encoding="utf-8")
    with pytest.raises(UsageError, match="empty"):
        load_glossary([path])
