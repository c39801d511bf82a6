"""How names are rendered: learnt from names that come together, decided once, followed later."""

from __future__ import annotations

import pytest

from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.renderings import Decided, collect_renderings, sounds_alike
from pipeline.translation.terms import Candidate

NAMES = [Candidate(name, "name", 1, "") for name in ("帕特尔", "马斯克", "老黄")]
BOOK = Candidate("三体", "title", 1, "")


@pytest.mark.parametrize(
    ("han", "name"),
    [("奥特曼", "Altman"), ("帕特尔", "Dylan Patel"), ("摩托罗拉", "Motorola"), ("阿姆斯特丹", "Amsterdam")],
)
def test_a_name_sounds_like_its_transcription_and_not_like_others(han, name):
    others = ["Microsoft", "Tesla", "Netherlands", "American", "California", "Vietnam", "Anthropic"]
    assert sounds_alike(han, name) >= 0.6 > max(sounds_alike(han, other) for other in others)


def test_what_sounds_alike_is_decided_at_once_and_hinted_later():
    decided = Decided(NAMES, Glossary())
    assert decided.hints("帕特尔来了") == ()
    decided.learn("帕特尔认为微软会赢", "Patel thinks that Microsoft will win.")
    assert decided.hints("马斯克和帕特尔") == (Term("帕特尔", ("Patel",)),)


def test_what_does_not_sound_alike_is_decided_when_it_comes_again():
    decided = Decided([BOOK], Glossary())
    decided.learn("我在读《三体》", "I am reading The Three-Body Problem these days.")
    assert decided.hints("三体") == ()
    decided.learn("《三体》很长", "The Three-Body Problem is long.")
    assert decided.hints("三体") == (Term("三体", ("Three-Body Problem",)),)


def test_a_name_that_also_comes_without_the_candidate_is_not_its_rendering():
    decided = Decided([BOOK], Glossary())
    for _ in range(2):
        decided.learn("我在北京读《三体》", "I read it in Beijing.")
        decided.learn("北京很冷", "It is cold in Beijing.")
    assert decided.hints("三体") == ()


def test_the_first_decision_stands_until_a_person_writes_otherwise():
    decided = Decided(NAMES, Glossary())
    decided.learn("帕特尔来了", "Then Patell came.")
    decided.learn("帕特尔走了", "Then Patel left.")
    assert decided.hints("帕特尔")[0].forms == ("Patell",)
    assert decided.drifted() == {"帕特尔": {"Patell": 1, "Patel": 1}}
    decided.learn("帕特尔说", "Then Patel spoke.", by_person=True)
    decided.learn("帕特尔笑了", "Then Patell laughed.")
    assert decided.hints("帕特尔")[0].forms == ("Patel",)


def test_names_that_the_glossary_or_the_sentence_account_for_are_not_renderings():
    glossary = Glossary((Term("英伟达", ("NVIDIA",)),))
    decided = Decided(NAMES, glossary)
    for _ in range(3):
        decided.learn("老黄说英伟达要用Arm", "He said that NVIDIA would use Arm.")
    assert decided.hints("老黄") == ()


def test_nothing_is_hinted_inside_a_glossary_term():
    decided = Decided(NAMES, Glossary((Term("帕特尔公司", ("Patel Inc.",)),)))
    decided.learn("帕特尔来了", "Then Patel came.")
    assert decided.hints("帕特尔公司") == ()


def test_a_word_that_only_begins_a_sentence_is_no_name():
    decided = Decided(NAMES, Glossary())
    for text in ("Yesterday he came.", "Yesterday he left.", "He was here yesterday."):
        decided.learn("老黄", text)
    assert decided.hints("老黄") == ()


def test_a_katakana_name_is_decided_when_it_comes_again():
    decided = Decided(NAMES, Glossary())
    decided.learn("帕特尔来了", "パテルが来ました。")
    decided.learn("帕特尔走了", "パテルは帰りました。")
    assert decided.hints("帕特尔") == (Term("帕特尔", ("パテル",)),)


def test_all_renderings_of_an_episode_are_counted():
    pairs = [
        ("帕特尔用SQLite", "Patel uses SQLite."),
        ("帕特尔和马斯克", "Musk met Patel's team."),
        ("帕特尔的集装箱", "Pattel's containers"),
        ("集装箱很大", "The container is big."),
        ("集装箱很小", "A container can be small."),
        ("他很大", "He is big."),
    ]
    candidates = [*NAMES, Candidate("SQLite", "latin", 1, ""), Candidate("集装箱", "repeated", 3, "")]
    assert collect_renderings(pairs, candidates, Glossary()) == {
        "帕特尔": {"Patel": 2, "Pattel": 1},
        "马斯克": {"Musk": 1},
        "SQLite": {"SQLite": 1},
        "集装箱": {"container": 3},
    }


def test_two_names_with_and_between_them_are_two():
    decided = Decided(NAMES, Glossary())
    decided.learn("帕特尔和马斯克来了", "Patel and Musk came along.")
    assert decided.hints("帕特尔和马斯克") == (Term("帕特尔", ("Patel",)), Term("马斯克", ("Musk",)))


def test_a_full_name_and_a_part_of_it_are_no_drift():
    decided = Decided(NAMES, Glossary())
    decided.learn("帕特尔来了", "Then came Dylan Patel.")
    decided.learn("帕特尔走了", "Then Patel left.")
    assert decided.drifted() == {}
    decided.learn("帕特尔说话了", "Then Pattel spoke.")
    assert decided.drifted() == {"帕特尔": {"Dylan Patel": 1, "Patel": 1, "Pattel": 1}}
