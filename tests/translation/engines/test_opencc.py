"""Traditional Chinese by OpenCC: characters and words of a region, the glossary's terms as it gives them."""

from __future__ import annotations

import pytest

from pipeline.translation.checks import check_unit
from pipeline.translation.engines.base import Context, Request
from pipeline.translation.engines.opencc import OpenccEngine, convert
from pipeline.translation.glossary import Term
from tests.conftest import SAMPLE


@pytest.mark.parametrize(
    ("text", "configuration", "expected"),
    [
        ("软件和视频的质量", "s2tw", "軟件和視頻的質量"),
        ("软件和视频的信息", "s2twp", "軟體和影片的資訊"),
        ("程序员在服务器上打印", "s2twp", "程式設計師在伺服器上列印"),
        ("这里有三只猫，只有一只在里面", "s2tw", "這裡有三隻貓，只有一隻在裡面"),
        ("头发发展，皇后后来，干净的干部", "s2hk", "頭髮發展，皇后後來，乾淨的幹部"),
        ("为什么在这里", "s2hk", "為什麼在這裏"),
        ("軟體在這裡", "tw2sp", "软件在这里"),
        ("RISC-V International推出了GPT-4.5", "s2twp", "RISC-V International推出了GPT-4.5"),
    ],
)
def test_characters_and_words_are_the_regions(text, configuration, expected):
    assert convert(text, configuration) == expected


def test_a_term_is_as_the_glossary_gives_it_and_not_converted():
    terms = [Term("英伟达", ("輝達",)), Term("后台", ("后台干",))]
    assert convert("英伟达的后台软件，还是英伟达", "s2twp", terms) == "輝達的后台干軟體，還是輝達"


def test_private_letters_of_a_text_stay_what_they_are():
    assert convert("\ue000软件\ue001英伟达", "s2tw", [Term("英伟达", ("輝達",))]) == "\ue000軟件\ue001輝達"


def test_each_unit_is_answered_with_its_terms():
    answers = {}
    requests = [Request("u0", "软件"), Request("u1", "英伟达", terms=(Term("英伟达", ("輝達",)),))]
    context = Context("zh-Hans", "zh-Hant-TW", "Chinese", "")
    OpenccEngine("s2twp").translate(requests, context, answers.__setitem__)
    assert answers == {"u0": "軟體", "u1": "輝達"}


@pytest.mark.parametrize(("configuration", "language"), [("s2twp", "zh-Hant-TW"), ("s2hk", "zh-Hant-HK")])
def test_the_checks_have_nothing_serious_against_the_sample_in_traditional_characters(configuration, language):
    for line in (SAMPLE / "transcript.txt").read_text("utf-8").split("\n"):
        findings = check_unit(line, convert(line, configuration), language=language, terms=(), where="") if line else ()
        assert [finding for finding in findings if finding.severity == "error"] == []


def test_the_identity_follows_the_configuration():
    assert OpenccEngine("s2tw").identity != OpenccEngine("s2hk").identity
