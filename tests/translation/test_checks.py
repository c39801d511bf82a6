"""What is found wrong with a translation."""

from __future__ import annotations

import time

import pytest

from pipeline.translation.checks import RULES, check_unit
from pipeline.translation.glossary import Term

SENTENCE = "可是大多数人都没有想到这个小小的函数库"


def rules(source, target, language="en", terms=()):
    return [finding.rule for finding in check_unit(source, target, language=language, terms=terms, where="lines 1-2")]


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("可是x86太复杂，ARM又要付授权费", "But x86 was too complex, and ARM charged licensing fees.", "en"),
        ("我们下期再见", "See you next time.", "en"),
        ("RISC-V", "RISC-V", "en"),
        ("它的名字叫SQLite", "Its name is SQLite.", "en"),
        ("它的名字叫SQLite", "その名前はSQLiteです。", "ja"),
        ("今天，SQLite的源代码大约有15万行", "今日、SQLiteのソースコードは約15万行です。", "ja"),
        ("我们下期再见", "また次回お会いしましょう。", "ja"),
        ("它的名字叫SQLite", "이름은 SQLite입니다.", "ko"),
        ("“一个小团队，才能保证质量”", "“Only a small team can guarantee quality.”", "en"),
        ("我们下期再见", "我們下期再見", "zh-Hant"),
        ("不过，非常非常非常慢", "But it is very, very, very slow.", "en"),
    ],
)
def test_a_good_translation_has_no_finding(source, target, language):
    assert rules(source, target, language) == []


@pytest.mark.parametrize(
    ("rule", "source", "target", "language"),
    [
        ("empty", SENTENCE, "  \n", "en"),
        ("untranslated", "很多网友都这么说", "Many 网友 say so.", "en"),
        ("untranslated", "很多网友都这么说", "많은 网友들이 그렇게 말한다.", "ko"),
        ("simplified", "全球芯片行业都绕不开的话题", "世界中の芯片業界が绕れない話題です。", "ja"),
        ("source-equals-target", SENTENCE, SENTENCE, "ja"),
        ("source-equals-target", SENTENCE, SENTENCE + "。", "en"),
        ("wrong-script", SENTENCE, "But nobody thought of this small library.", "ja"),
        ("wrong-script", SENTENCE, "Но никто не подумал об этой библиотеке.", "en"),
        ("wrong-script", SENTENCE, "しかし誰もこのライブラリを考えなかった", "en"),
        ("repetition", SENTENCE, "But the the the the the library was small, nobody knew.", "en"),
        ("repetition", SENTENCE, "Nobody knew it. Nobody knew it. Nobody knew it. Nobody knew it.", "en"),
        ("length-ratio", SENTENCE, "But.", "en"),
        (
            "length-ratio",
            "我们下期再见",
            "See you next time, and before that we will talk about many other things.",
            "en",
        ),
        ("number", "超过了100亿颗", "exceeded 100 billion units", "en"),
        ("added-note", SENTENCE, "Translation: But most people never thought of this small library.", "en"),
        ("added-note", SENTENCE, "Here is the translation: But most people never thought of it.", "en"),
        ("added-note", SENTENCE, "But most people never thought of it. (Note: literal)", "en"),
        ("added-note", SENTENCE, '"But most people never thought of this small library."', "en"),
        ("added-note", SENTENCE, "u12: But most people never thought of this small library.", "en"),
        ("markup", SENTENCE, "But most people\nnever thought of this small library.", "en"),
        ("markup", SENTENCE, "But <i>most</i> people never thought of this small library.", "en"),
        ("markup", SENTENCE, r"{\an8}But most people never thought of this small library.", "en"),
        ("markup", SENTENCE, "But **most** people never thought of this small library.", "en"),
        ("markup", SENTENCE, "But most people\x1b[31m never thought of this library.", "en"),
    ],
)
def test_each_rule_finds_what_it_is_for(rule, source, target, language):
    assert rule in rules(source, target, language)


def test_a_term_must_be_in_the_answer_in_an_allowed_form():
    terms = (Term("英伟达", ("NVIDIA", "Nvidia Corporation")),)
    assert "glossary-term" in rules(
        "英伟达也曾透露过这个数字", "The company Inverda revealed this number.", terms=terms
    )
    assert rules("英伟达也曾透露过这个数字", "Nvidia has revealed this number too.", terms=terms) == []


def test_a_finding_says_what_where_and_what_to_do():
    (finding,) = check_unit("超过了100亿颗", "exceeded 100 billion", language="en", terms=(), where="lines 26-27")
    assert (finding.rule, finding.severity, finding.where, finding.value) == ("number", "error", "lines 26-27", "100亿")
    assert finding.remedy


def test_a_doubtful_length_is_a_warning_and_a_hopeless_one_an_error():
    def severity(target):
        found = check_unit(SENTENCE, target, language="en", terms=(), where="")
        return {finding.rule: finding.severity for finding in found}["length-ratio"]

    assert severity("But nobody thought it.") == "warning"
    assert severity("But no.") == "error"


@pytest.mark.parametrize(
    "target", ["a" * 200_000, "ab " * 60_000, "(" * 100_000, "<" * 100_000, "１" * 50_000, "\x00" * 9]
)
def test_hostile_answers_are_judged_quickly(target):
    start = time.monotonic()
    assert rules(SENTENCE, target)
    assert time.monotonic() - start < 2


def test_every_rule_has_a_name_of_its_own():
    assert len(RULES) == 10
