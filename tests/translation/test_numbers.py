"""Numbers by value."""

from __future__ import annotations

import pytest

from pipeline.translation.numbers import missing_numbers, with_values


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("出货量已经超过了100亿颗", "More than 10 billion cores had shipped.", "en"),
        ("出货量已经超过了100亿颗", "More than ten billion cores had shipped.", "en"),
        ("大约有15万行", "about 150,000 lines", "en"),
        ("大约有15万行", "about 150 thousand lines", "en"),
        ("愿意付8万美元", "would pay $80,000", "en"),
        ("1000万用户", "10 million users", "en"),
        ("3.5亿", "350 million", "en"),
        ("将近六百行测试", "almost six hundred lines of tests", "en"),
        ("将近六百行测试", "almost 600 lines", "en"),
        ("两千万台", "20 million devices", "en"),
        ("都有10到40个小核", "each has 10-40 small cores", "en"),
        ("推到了100%", "to 100 percent", "en"),
        ("2000年", "in 2000", "en"),
        ("20年", "twenty years", "en"),
        ("25年", "twenty-five years", "en"),
        ("用的是DO-178B和RVA23", "It uses DO-178B and RVA 23.", "en"),
        ("x86太复杂", "X86 was too complex", "en"),
        ("GPT-4.5", "GPT‑4.5", "en"),
        ("大约有15万行", "約15万行のコード", "ja"),
        ("大约有15万行", "約150,000行", "ja"),
        ("超过了100亿颗", "100億個を超えた", "ja"),
        ("1.5亿", "1億5000万", "ja"),
        ("将近六百行", "約六百行", "ja"),
        ("超过了100亿颗", "100억 개가 넘었다", "ko"),
        ("大约有15万行", "unas 150.000 líneas", "es"),
        ("超过了100亿颗", "más de 10 mil millones de núcleos", "es"),
        ("超过了100亿颗", "más de 10.000 millones de núcleos", "es"),
        ("超过了100亿颗", "mehr als 10 Milliarden Kerne", "de"),
        ("大约有15万行", "environ 150 000 lignes", "fr"),
        # What is not exact is left alone.
        ("几百万开发者", "developers", "en"),
        ("上亿美元", "a fortune", "en"),
        ("十几年里", "in a decade or so", "en"),
        ("八九年里", "for years", "en"),
        ("成千上万的用户", "many users", "en"),
        ("百分之百", "entirely", "en"),
        ("三十多万人", "people", "en"),
    ],
)
def test_the_same_value_in_other_words_is_no_finding(source, target, language):
    assert missing_numbers(source, target, language) == ()


@pytest.mark.parametrize(
    ("source", "target", "language", "missing"),
    [
        ("出货量已经超过了100亿颗", "exceeded 100 billion units", "en", ("100亿",)),
        ("大约有15万行", "about 15,000 lines", "en", ("15万",)),
        ("大约有15万行", "約15億行", "ja", ("15万",)),
        ("超过了100亿颗", "10억 개", "ko", ("100亿",)),
        ("超过了100亿颗", "más de 100 millones", "es", ("100亿",)),
        ("截至2022年", "by now", "en", ("2022",)),
        ("每周工作60个小时", "16 hours a week", "en", ("60",)),
        ("都有10到40个小核", "each has 10 small cores", "en", ("40",)),
        ("标准DO-178B", "the standard DO-178C", "en", ("DO-178B",)),
        ("将近六百行测试", "almost six lines", "en", ("六百",)),
    ],
)
def test_another_value_is_found(source, target, language, missing):
    assert missing_numbers(source, target, language) == missing


def test_in_a_language_whose_number_words_are_unknown_only_plain_digits_are_looked_for():
    assert missing_numbers("100亿颗", "10 bilyun", "fil") == ()
    assert missing_numbers("2022年", "noon", "fil") == ("2022",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "卖出10 billion颗，350 million，150,000行，DO-178B，60个"),
        ("ja", "卖出100億颗，3.5億，15万行，DO-178B，60个"),
        ("de", "卖出10 Milliarden颗，350 Millionen，150.000行，DO-178B，60个"),
        ("fil", "卖出10,000,000,000颗，350,000,000，150,000行，DO-178B，60个"),
    ],
)
def test_large_numbers_can_be_written_as_the_target_language_does(language, text):
    assert with_values("卖出100亿颗，3.5亿，15万行，DO-178B，60个", language) == text


def test_numbers_that_are_not_exact_stay_as_they_are():
    assert with_values("几百万开发者花了上亿美元，大约六百行", "en") == "几百万开发者花了上亿美元，大约六百行"
