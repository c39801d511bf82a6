"""Names and terms of an episode: found, proposed as a table to approve, and a person's rows left alone."""

from __future__ import annotations

import csv

import pytest

from pipeline.errors import UsageError
from pipeline.translation.glossary import Glossary, Term, load_glossary
from pipeline.translation.terms import Candidate, find_candidates, jieba_tagger, merge_table, rejected_terms

TEXTS = [
    "帕特尔认为RISC-V International做得对",
    "他在《三体》里写过埃塞俄比亚的事",
    "帕特尔说这就叫“大力出奇迹”",
    "小扎也用Git，小扎的团队很快",
    "第三次，小扎和SemiAnalysis的帕特尔见面",
    "集装箱改变了世界",
    "后来集装箱越来越多",
    "一个集装箱有多大",
]


def found(texts=TEXTS, known=Glossary(), tagger=None, least=2, limit=20):  # noqa: B008
    return {each.source: each for each in find_candidates(texts, known=known, tagger=tagger, least=least, limit=limit)}


def test_names_titles_quotations_and_repeated_words_are_found_with_counts_and_an_example():
    assert {source: (each.kind, each.count) for source, each in found().items()} == {
        "帕特尔": ("name", 3),
        "小扎": ("name", 2),
        "埃塞俄比亚": ("name", 1),
        "Git": ("latin", 1),
        "RISC-V International": ("latin", 1),
        "SemiAnalysis": ("latin", 1),
        "三体": ("title", 1),
        "大力出奇迹": ("quoted", 1),
        "集装箱": ("repeated", 3),
    }
    assert found()["集装箱"].example == TEXTS[5]


def test_everyday_words_are_not_names():
    assert found(["小时候老师说过小心", "越来越小心的老师", "更加雷同", "用git提交", "A和B"], least=3) == {}


def test_what_the_glossary_has_is_left_out_and_nothing_is_found_inside_it():
    glossary = Glossary(
        (Term("加州大学伯克利分校", ("UC Berkeley",)), Term("扎克伯格", ("Zuckerberg",), aliases=("小扎",)))
    )
    texts = ["加州大学伯克利分校的研究者", "小扎", "小扎", "RISC-V很好"]
    assert list(found(texts, glossary)) == ["RISC-V"]


def test_a_tagger_finds_the_names_where_there_is_one():
    def tagger(text):
        return [("黄仁勋", "nr"), ("深圳", "ns"), ("芯片", "n"), ("他", "nr")]

    assert {source: each.kind for source, each in found(["黄仁勋去深圳卖芯片"], tagger=tagger).items()} == {
        "黄仁勋": "name",
        "深圳": "name",
    }


def test_jieba_finds_the_names_of_people_and_places_that_no_pattern_shows():
    names = found(["黄仁勋和雷军在深圳见面", "梁文锋没来"], tagger=jieba_tagger())
    assert {source for source, each in names.items() if each.kind == "name"} == {"黄仁勋", "雷军", "深圳", "梁文锋"}


def test_each_kind_has_its_limit():
    assert len(found([f"Name{n}X" for n in range(30)] + ["《三体》"], limit=5)) == 6


CANDIDATES = [Candidate("帕特尔", "name", 3, "帕特尔认为"), Candidate("SQLite", "latin", 2, "=用SQLite")]
SEEN = {"帕特尔": {"Patel": 2, "Pattel": 1}}


def write(path, text):
    path.write_text(text, "utf-8")
    return path


def rows(text):
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def test_a_table_has_what_was_found_with_its_renderings_and_a_suggestion():
    proposal = merge_table(None, CANDIDATES, SEEN)
    first, second = rows(proposal.text)
    assert proposal.new == 2
    assert (first["term"], first["suggestion"], first["seen"]) == ("帕特尔", "Patel", "Patel (2), Pattel (1)")
    assert (first["count"], first["kind"], first["example"], first["approved"]) == ("3", "name", "帕特尔认为", "")
    assert second["suggestion"] == "SQLite"
    assert second["example"] == "用SQLite", "a spreadsheet would run a formula"


def test_what_is_approved_becomes_part_of_the_glossary(tmp_path):
    path = write(tmp_path / "terms.en.tsv", merge_table(None, CANDIDATES, SEEN).text)
    assert load_glossary([path]).terms == ()
    edited = path.read_text("utf-8").replace("\t帕特尔\t\t\t\t", "yes\t帕特尔\t\t派特尔\tPattel\tan analyst", 1)
    edited = edited.replace("\n\tSQLite\t", "\n是\tSQLite\tSQLite|the library", 1)
    write(path, edited)
    assert load_glossary([path]).terms == (
        Term("帕特尔", ("Patel",), "an analyst", ("派特尔",), ("Pattel",)),
        Term("SQLite", ("SQLite", "the library")),
    )


def test_an_update_never_changes_what_a_person_wrote(tmp_path):
    path = write(
        tmp_path / "terms.en.tsv",
        "# mine\nterm\tapproved\ttranslation\twhy\tsuggestion\tseen\tcount\n"
        "帕特尔\tyes\t\tsee mail\tPatel\tPatel (2)\t2\n"
        '"旧  词"\t\t"old ""word"""\t\t\t\t9\n'
        "没人要\tno\t\t\tx\tx (1)\t1\n"
        "不见了\t\t\t\tgone\tgone (1)\t1\n",
    )
    proposal = merge_table(path, CANDIDATES, {"帕特尔": {"Pattel": 5}})
    lines = proposal.text.splitlines()
    assert proposal.new == 1
    assert lines[0] in {
        "# mine",
        "term\tapproved\ttranslation\twhy\tsuggestion\tseen\tcount\taliases\tforbidden\tnote\tkind\texample",
    }
    assert "# mine" in lines
    table = {row["term"]: row for row in rows("\n".join(line for line in lines if line != "# mine"))}
    assert (table["帕特尔"]["approved"], table["帕特尔"]["why"]) == ("yes", "see mail")
    assert table["帕特尔"]["suggestion"] == "Patel", "what was approved stays"
    assert (table["帕特尔"]["seen"], table["帕特尔"]["count"]) == ("Pattel (5)", "3")
    assert table["旧  词"]["translation"] == 'old "word"'
    assert "没人要" in table
    assert "不见了" not in table
    assert "SQLite" in table


def test_updating_twice_changes_nothing(tmp_path):
    path = write(tmp_path / "terms.en.tsv", merge_table(None, CANDIDATES, SEEN).text)
    again = merge_table(path, CANDIDATES, SEEN)
    assert (again.text, again.new) == (path.read_text("utf-8"), 0)


def test_what_a_person_rejected_is_known(tmp_path):
    path = write(tmp_path / "t.tsv", "approved\tterm\ttranslation\nno\t出货量\t\nyes\t帕特尔\tPatel\n\t别的\t\n")
    assert rejected_terms(path) == {"出货量"}


@pytest.mark.parametrize(
    ("text", "said", "where"),
    [
        ("a\tb\n", "no header", "row 1"),
        ("approved\ttranslation\n", "no column “term”", "row 1"),
        ('approved\tterm\n\t"帕特尔\n', "quotation mark", "row 2"),
    ],
)
def test_a_damaged_table_is_refused_and_not_overwritten(tmp_path, text, said, where):
    path = write(tmp_path / "t.tsv", text)
    with pytest.raises(UsageError, match=said) as caught:
        merge_table(path, CANDIDATES, SEEN)
    assert caught.value.where == f"{path}, {where}"


def test_an_unclear_approval_is_an_error_with_its_row(tmp_path):
    path = write(tmp_path / "t.tsv", "approved\tterm\ttranslation\nmaybe\t帕特尔\tPatel\n")
    with pytest.raises(UsageError, match="neither yes nor no") as caught:
        load_glossary([path])
    assert caught.value.where == f"{path}, row 2"
