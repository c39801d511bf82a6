"""Numbers and currencies by value."""

from __future__ import annotations

import time

import pytest

from pipeline.translation.numbers import compare_currencies, compare_numbers, with_english_values, with_values
from tests.translation.number_pairs import EN, ES, IDIOMS, JA, KO, OTHERS, rows

PAIRS = [
    (language, mark, source, target)
    for language, table in (("en", EN), ("ja", JA), ("ko", KO), ("es", ES))
    for mark, source, target in rows(table)
]
OTHER_PAIRS = [(*mark.split()[::-1], source, target) for mark, source, target in rows(OTHERS)]


def missing(source, target, language):
    """The source's numbers that a translation lacks: those that are certain, those that are not."""
    report = compare_numbers(source, target, language)
    return [each.written for each in report.missing if each.certain], [
        each.written for each in report.missing if not each.certain
    ]


def described(pair):
    return f"{pair[0]} {pair[1]} {pair[3]}"


@pytest.mark.parametrize("pair", [pair for pair in PAIRS + OTHER_PAIRS if pair[1] == "+"], ids=described)
def test_the_same_value_in_other_words_is_no_finding(pair):
    language, _, source, target = pair
    report = compare_numbers(source, target, language)
    assert (report.missing, report.added) == ((), ())


@pytest.mark.parametrize("pair", [pair for pair in PAIRS + OTHER_PAIRS if pair[1] == "-"], ids=described)
def test_another_value_is_an_error(pair):
    language, _, source, target = pair
    certain, _ = missing(source, target, language)
    assert certain


@pytest.mark.parametrize(("source", "target"), rows(IDIOMS))
def test_idioms_and_names_are_no_numbers(source, target):
    report = compare_numbers(source, target, "en")
    assert (report.missing, report.added) == ((), ())


def test_the_tables_have_enough_of_each_language():
    for table in (EN, JA, KO, ES):
        assert len(rows(table)) >= 70


@pytest.mark.parametrize(
    ("source", "target", "language", "expected"),
    [
        ("出货量已经超过了100亿颗", "exceeded 100 billion units", "en", ["100亿颗"]),
        ("截至2022年", "by now", "en", ["2022年"]),
        ("都有10到40个小核", "each has 10 small cores", "en", ["40个"]),
        ("标准DO-178B", "the standard DO-178C", "en", ["DO-178B"]),
        ("将近六百行测试", "almost six lines", "en", ["六百行"]),
        ("一千二百个用户和35台服务器", "1,200 users and 25 servers", "en", ["35台"]),
    ],
)
def test_what_is_missing_is_named_as_the_source_has_it(source, target, language, expected):
    assert missing(source, target, language)[0] == expected


def test_what_is_missing_comes_with_what_was_wanted():
    (mismatch,) = compare_numbers("超过了100亿颗", "10억 개", "ko").missing
    assert (mismatch.written, mismatch.wanted, mismatch.certain) == ("100亿颗", "100억", True)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("花了上亿美元", "It cost a fortune."),
        ("几百万开发者写下的软件", "the software that developers have written"),
        ("三个月就能收工", "It would be done in no time."),
        ("推到了100%", "pushed it to full coverage"),
        ("24小时待命", "on call around the clock"),
    ],
)
def test_a_magnitude_that_is_left_out_is_a_doubt(source, target):
    certain, doubtful = missing(source, target, "en")
    assert (certain, len(doubtful)) == ([], 1)


@pytest.mark.parametrize("source", ["两个人都来了", "第三次尝试", "几十个朋友", "成千上万的用户", "再说两句"])
def test_a_small_number_may_go_but_not_become_another(source):
    assert missing(source, "They all came.", "en") == ([], [])
    assert missing(source, "There were 57,000,057 of them.", "en")[0]


def test_in_a_language_whose_number_words_are_unknown_nothing_is_certain():
    assert missing("100亿颗", "10 bilyun", "fil") == ([], ["100亿颗"])
    assert missing("2022年", "noon", "fil") == ([], ["2022年"])
    assert missing("2022年", "noong 2022", "fil") == ([], [])


def test_in_a_language_whose_small_numbers_are_not_read_only_another_number_is_certain():
    assert missing("他买了35台", "Er hat fünfunddreißig gekauft.", "de") == ([], ["35台"])
    assert missing("他买了35台", "Er hat 53 gekauft.", "de") == (["35台"], [])


def test_numbers_that_the_source_does_not_have_are_listed():
    report = compare_numbers("他后来离开了公司", "He left the company with 40 others.", "en")
    assert (report.added, report.invented) == (("40",), ())
    assert compare_numbers("他后来离开了公司", "Ten billion chips were sold.", "en").invented == ("Ten billion",)
    assert compare_numbers("那一年他离开了", "In 1998 he left.", "en").invented == ()
    assert compare_numbers("他后来离开了公司", "One of them left at first.", "en").added == ()


@pytest.mark.parametrize(
    ("source", "target", "language", "mismatch"),
    [
        ("愿意付8万美元", "would pay $80,000", "en", None),
        ("愿意付8万美元", "would pay 80,000 dollars", "en", None),
        ("愿意付8万美元", "would pay 80,000 yen", "en", ("yen", "US dollars")),
        ("愿意付8万美元", "would pay 80,000", "en", None),
        ("愿意付8万美元", "8万ドルを払う", "ja", None),
        ("愿意付8万美元", "8万円を払う", "ja", ("yen", "US dollars")),
        ("愿意付8万美元", "8만 달러를 내겠다", "ko", None),
        ("愿意付8万美元", "8만 원을 내겠다", "ko", ("won", "US dollars")),
        ("愿意付8万美元", "pagaría 80.000 dólares", "es", None),
        ("愿意付8万美元", "pagaría 80.000 euros", "es", ("euros", "US dollars")),
        ("大约五千块钱", "about 5,000 yuan", "en", None),
        ("大约五千块钱", "about $5,000", "en", ("US dollars", "yuan")),
        ("大约5000元", "about 5,000 yuan, or 700 dollars", "en", None),
        ("¥5000", "5000元", "ja", None),
        ("三百日元", "300円", "ja", None),
        ("三百日元", "300元", "ja", ("yuan", "yen")),
        ("三百日元", "¥300", "en", None),
        ("两百万欧元", "2 million euros", "en", None),
        ("两百万欧元", "2 million dollars", "en", ("US dollars", "euros")),
        ("八千港元", "8,000 Hong Kong dollars", "en", None),
        ("人民币升值了", "The renminbi rose.", "en", None),
        ("两块GPU", "two GPUs for a dollar", "en", None),
        ("这个元素有三种", "There are three, at $5.", "en", None),
        ("他赢了3000美元", "He won 3,000 dollars.", "en", None),
        ("10万美元", "100 тысяч долларов", "ru", None),
        ("10万美元", "100 тысяч рублей", "ru", ("roubles", "US dollars")),
        ("10万美元", "100,000 บาท", "th", ("baht", "US dollars")),
    ],
)
def test_a_currency_must_not_become_another(source, target, language, mismatch):
    assert compare_currencies(source, target, language) == mismatch


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


def test_large_numbers_in_characters_are_written_too():
    assert with_values("两千万台和一亿五千万美元", "en") == "20 million台和150 million美元"


def test_numbers_that_are_not_exact_stay_as_they_are():
    source = "几百万开发者花了上亿美元，大约六百行，三十多万人，十几亿，万一，两三万"
    assert with_values(source, "ja") == source
    source = "大约六百行，三十多万人，十几亿，万一，两三万，函数万能，人数万余，几万分之一，第几万，几十年，三十几个"
    assert with_values(source, "en") == source


@pytest.mark.parametrize(
    ("source", "language", "text"),
    [
        ("会走进几十亿台设备", "en", "会走进billions of 设备"),
        ("几百万开发者花了上亿美元", "en", "millions of 开发者花了hundreds of millions of 美元"),
        ("一次只要几十微秒", "en", "一次只要dozens of 微秒"),
        ("好几百个人，上千台设备", "en", "hundreds of 人，thousands of 设备"),
        ("上万家公司，数千亿", "en", "tens of thousands of 公司，hundreds of billions"),
        ("好几亿人，几百亿台", "es", "cientos de millones de 人，decenas de miles de millones de 台"),
    ],
)
def test_what_is_said_only_by_its_size_is_written_in_words_of_that_size(source, language, text):
    assert with_values(source, language) == text


@pytest.mark.parametrize(
    "word", ["数十", "几百", "上千", "几万", "几十万", "上百万", "数千万", "几亿", "几十亿", "上百亿", "几千亿"]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_for_a_size_are_what_the_check_expects(word, language):
    said = with_values(word, language)
    assert said != word
    assert not compare_numbers(word, said, language).missing


@pytest.mark.parametrize("language", ["en", "ja", "ko", "es", "th", "fil"])
@pytest.mark.parametrize(
    "text", ["9" * 50_000, "万" * 9999, "1," * 20_000, "一" * 9999, "two hundred " * 999, "$" * 9999]
)
def test_hostile_texts_are_compared_quickly(language, text):
    start = time.monotonic()
    compare_numbers("3.5亿" + text, text, language)
    compare_numbers(text, "3.5", language)
    compare_currencies(text, text, language)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ja", "It sold 100億 chips, 150万 and two hundred million."),
        ("ko", "It sold 100억 chips, 150만 and two hundred million."),
        ("es", "It sold 10000 millones chips, 1.5 millones and two hundred million."),
        ("de", "It sold 10 Milliarden chips, 1.5 Millionen and two hundred million."),
        ("en", "It sold 10 billion chips, 1.5 million and two hundred million."),
        ("th", "It sold 10 billion chips, 1.5 million and two hundred million."),
    ],
)
def test_english_values_are_written_as_the_language_does(language, expected):
    said = "It sold 10 billion chips, 1.5 million and two hundred million."
    assert with_english_values(said, language) == expected


@pytest.mark.parametrize("text", ["GPT-4 billion", "version 1.2.3 million", "a billionaire", "3 millions", ""])
def test_english_that_is_no_plain_large_number_stays(text):
    assert with_english_values(text, "ja") == text
