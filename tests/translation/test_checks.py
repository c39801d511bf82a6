"""What is found wrong with a translation."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.translation.checks import RULES, check_unit
from pipeline.translation.glossary import Term
from tests.translation import negation_pairs
from tests.translation.number_pairs import rows

# The sample's sentences, first and last line, translated by a person.
REFERENCE = (
    (1, 1, "Hello everyone, and welcome to today's show."),
    (
        2,
        5,
        "In this episode we'll talk about RISC-V, and why in little more than a decade it went from a summer "
        "project to a topic that the global chip industry can't get around.",
    ),
    (
        6,
        8,
        "The story begins in 2010, when a few researchers at the University of California, Berkeley were looking "
        "for an instruction set to teach with.",
    ),
    (
        9,
        11,
        "But x86 was too complex, and ARM required licensing fees, so they decided to simply write one themselves.",
    ),
    (12, 13, "They thought it would take three months, but it ended up taking several years."),
    (
        14,
        17,
        "The biggest feature of RISC-V is that it is completely open: anyone can use it for free, with no "
        "contract to sign and not a cent to pay.",
    ),
    (18, 20, "It sounds like a free lunch, but the price is obvious, and that is fragmentation."),
    (21, 22, "Every company can add its own extension instructions, and in the end software may not run everywhere."),
    (
        23,
        25,
        "To solve this problem, RISC-V International introduced standard profiles, such as RVA23, which makes "
        "the vector extension mandatory.",
    ),
    (26, 27, "As of 2022, more than 10 billion cores using this architecture had been shipped."),
    (
        28,
        30,
        "But the vast majority of them are hidden where you can't see them, such as in hard drive controllers, "
        "earphones and chargers.",
    ),
    (31, 33, "NVIDIA has also revealed that each of its GPUs contains 10 to 40 small RISC-V cores."),
    (34, 35, "So here is the question: can it replace the ARM in your phone?"),
    (36, 36, "My view is that it will be very hard in the short term."),
    (
        37,
        39,
        "Because the real moat has never been the instruction set itself, but the software written by millions "
        "of developers.",
    ),
    (40, 41, "All right, that's all for today. If you found it helpful, please like and share."),
    (42, 42, "See you next time."),
)

SENTENCE = "可是大多数人都没有想到这个小小的函数库"


def rules_of(source, target, language="en", terms=()):
    return [finding.rule for finding in check_unit(source, target, language=language, terms=terms, where="lines 1-2")]


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("可是x86太复杂，ARM又要付授权费", "But x86 was too complex, and ARM charged licensing fees.", "en"),
        ("我们下期再见", "See you next time.", "en"),
        ("它不只是指令集，而是整个软件生态", "It is not just an instruction set but a whole software world.", "en"),
        ("它不是指令集，而是软件", "It is not the instruction set but the software.", "en"),
        ("RISC-V", "RISC-V", "en"),
        ("它的名字叫SQLite", "Its name is SQLite.", "en"),
        ("它的名字叫SQLite", "その名前はSQLiteです。", "ja"),
        ("今天，SQLite的源代码大约有15万行", "今日、SQLiteのソースコードは約15万行です。", "ja"),
        ("我们下期再见", "また次回お会いしましょう。", "ja"),
        ("它的名字叫SQLite", "이름은 SQLite입니다.", "ko"),
        ("“一个小团队，才能保证质量”", "“Only a small team can guarantee quality.”", "en"),
        ("我们下期再见", "我們下期再見", "zh-Hant"),
        ("不过，非常非常非常慢", "But it is very, very, very slow.", "en"),
        ("你的项目里有没有用到SQLite呢，欢迎告诉我", "Tell me whether you use SQLite in your project.", "en"),
        ("它能不能取代手机里的ARM呢？", "スマホのARMに取って代われるでしょうか。", "ja"),
        ("它能不能取代手机里的ARM呢？", "휴대폰의 ARM을 대신할 수 있을까요.", "ko"),
        ("他还在想这件事呢", "He is still thinking about it.", "en"),
        ("注意：前方有坑", "Watch out: there are pitfalls ahead.", "en"),
        ("他说“好”", "Er sagte „Gut“.", "de"),
        ("他说“好”", "Il a dit « bien ».", "fr"),
        ("那块屏幕有27英寸", 'That is a 27" screen.', "en"),
        ("“我从来没有想过", "“I never thought of it,", "en"),
    ],
)
def test_a_good_translation_has_no_finding(source, target, language):
    assert rules_of(source, target, language) == []


@pytest.mark.parametrize(
    ("rule", "source", "target", "language"),
    [
        ("empty", SENTENCE, "  \n", "en"),
        ("untranslated", "很多网友都这么说", "Many 网友 say so.", "en"),
        ("untranslated", "很多网友都这么说", "많은 网友들이 그렇게 말한다.", "ko"),
        ("simplified", "全球芯片行业都绕不开的话题", "世界中の芯片業界が绕れない話題です。", "ja"),
        ("simplified", "当时的几位研究者", "当時の几位研究者がいました。", "ja"),
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
        ("number", "花了上亿美元", "It cost a fortune.", "en"),
        ("number-added", "后来他离开了那家公司", "Later he left the company with 40 others.", "en"),
        ("currency", "愿意付8万美元", "They would pay 80,000 yen.", "en"),
        ("lost-negation", "他们也不缺算力", "They also lack computing power.", "en"),
        ("lost-question", "它能不能取代手机里的ARM呢？", "It can replace the ARM in your phone.", "en"),
        ("lost-question", "你知道这是为什么吗", "You know why this is.", "en"),
        ("lost-question", "它能不能取代手机里的ARM呢？", "スマホのARMを置き換えられます。", "ja"),
        ("lost-question", "它能不能取代手机里的ARM呢？", "휴대폰의 ARM을 대신할 수 있다.", "ko"),
        ("lost-question", "它能不能取代手机里的ARM呢？", "Puede sustituir al ARM del móvil.", "es"),
        ("unbalanced-quotes", SENTENCE, "But most people never thought of “this small library.", "en"),
        ("unbalanced-quotes", SENTENCE, "しかし誰も「この小さなライブラリを考えなかった", "ja"),
        ("unbalanced-quotes", SENTENCE, 'But most people never thought of "this small library.', "en"),
        ("added-note", SENTENCE, "Note: But most people never thought of this small library.", "en"),
        ("added-note", SENTENCE, "译文：But most people never thought of this small library.", "en"),
        ("added-note", SENTENCE, "翻訳：しかし誰もこの小さなライブラリを考えなかった", "ja"),
        ("added-note", SENTENCE, "번역: 그러나 아무도 이 작은 라이브러리를 생각하지 않았다", "ko"),
        ("added-note", SENTENCE, "Traducción: pero nadie pensó en esta pequeña biblioteca.", "es"),
        ("added-note", SENTENCE, "Sure! Here is it: but most people never thought of this library.", "en"),
        ("added-note", SENTENCE, "But most people never thought of this library [translator's note: SQLite].", "en"),
        ("added-note", SENTENCE, "Translation: But most people never thought of this small library.", "en"),
        ("added-note", SENTENCE, "Here is the translation: But most people never thought of it.", "en"),
        ("added-note", SENTENCE, "But most people never thought of it. (Note: literal)", "en"),
        ("added-note", SENTENCE, '"But most people never thought of this small library."', "en"),
        ("added-note", SENTENCE, "u12: But most people never thought of this small library.", "en"),
        ("name-spelling", "明明不是Hipp的锅", "It clearly wasn't Hip's fault.", "en"),
        ("name-spelling", "SemiAnalysis的报告说", "A semi-analytic report says so.", "en"),
        ("name-spelling", "比如RVA23", "For example RVa23.", "en"),
        ("lost-name", "他们做的东西叫AlphaFold", "It is an AI that won the Nobel Prize.", "en"),
        (
            "lost-name",
            "SQLite开源，但不接受外部贡献",
            "Su desarrollo es de código abierto, pero no acepta contribuciones.",
            "es",
        ),
        ("lost-name", "和John Moult一起", "Together with a professor.", "en"),
        (
            "lost-negation",
            "对于没有固定形状的区域，它无能为力",
            "For regions that have a fixed shape, it is powerless.",
            "en",
        ),
        ("lost-negation", "不需要合同，也不用交钱", "No contract is needed, and you pay.", "en"),
        ("currency-added", "就把10万块卡跑了起来", "It generated $100,000 worth of cards.", "en"),
        ("currency-added", "虽然贵，但是10万块卡跑了起来", "Expensive, but it ran $100,000 worth of cards.", "en"),
        ("currency-added", "虽然贵，但是10万块卡跑了起来", "Expensive, but it ran 100,000 blocks of currency.", "en"),
        ("currency-added", "后来会走进几十亿台设备", "It would become tens of billions of dollars of devices.", "en"),
        ("unit-of-measure", "全程42公里", "The whole route is 42 miles long.", "en"),
        ("unit-of-measure", "这台机器重5公斤", "It weighs 5 pounds.", "en"),
        ("unit-of-measure", "一次查询只要几十微秒", "A query takes tens of milliseconds.", "en"),
        ("unit-of-measure", "一次查询只要20微秒", "1回のクエリは20ミリ秒です。", "ja"),
        ("unit-of-measure", "一次查询只要20微秒", "쿼리 한 번에 20밀리초면 된다.", "ko"),
        ("unit-of-measure", "全程42公里", "La ruta tiene 42 millas.", "es"),
        ("relative-date", "产能早就被订到了后年", "The capacity is booked until next year.", "en"),
        ("relative-date", "前年我去过一次", "I went there last year.", "en"),
        ("relative-date", "大前年的事", "It happened the year before last.", "en"),
        ("relative-date", "上上周发布的", "先週発表されました。", "ja"),
        ("relative-date", "后年上市", "내년에 출시된다.", "ko"),
        ("relative-date", "下下个月见", "Nos vemos el mes que viene.", "es"),
        ("number-side", "背后就有将近六百行测试在盯着", "It is backed by over 600 lines of tests.", "en"),
        ("number-side", "不到3秒就能启动", "It takes more than 3 seconds to start.", "en"),
        ("number-side", "出货量已经超过了100亿颗", "Nearly 10 billion have been shipped.", "en"),
        ("number-side", "将近600行测试", "600行以上のテストです。", "ja"),
        ("number-side", "超过100家公司", "거의 100개 회사입니다.", "ko"),
        ("number-side", "不到100家公司", "Son más de 100 empresas.", "es"),
        ("opposite", "租金又上涨了20%", "The rent has fallen by 20% again.", "en"),
        ("opposite", "价格跌了一半", "The price rose by half.", "en"),
        ("opposite", "他把公司卖给了微软", "He bought the company from Microsoft.", "en"),
        ("opposite", "平台要向卖家收取费用", "The platform has to pay its merchants a fee.", "en"),
        ("opposite", "他们一直在亏钱", "They keep making money.", "en"),
        ("opposite", "大部分零件靠进口", "Most parts are exported.", "en"),
        ("opposite", "这个做法虽然贵", "The approach is cheap, though.", "en"),
        ("opposite", "在那之后的八九年里一直很稳定", "It was stable for the past eight years.", "en"),
        (
            "opposite",
            "可是x86太复杂，ARM又要付授权费",
            "But x86 is too complex, and ARM has to pay licensing fees.",
            "en",
        ),
        ("opposite", "销量下降了一半", "販売台数は半分増えた。", "ja"),
        ("opposite", "他买了一台旧电脑", "彼は古いパソコンを売った。", "ja"),
        ("opposite", "股价上涨了", "주가가 떨어졌다.", "ko"),
        ("opposite", "这台机器很便宜", "이 기계는 비싸다.", "ko"),
        ("opposite", "公司去年亏了很多钱", "La empresa ganó mucho dinero.", "es"),
        ("opposite", "芯片主要靠进口", "Los chips se exportan sobre todo.", "es"),
        (
            "opposite",
            "护城河从来都不是指令集，而是软件",
            "The moat is not just the instruction set, but the software.",
            "en",
        ),
        ("opposite", "护城河从来都不是指令集，而是软件", "堀は命令セットだけでなくソフトウェアです。", "ja"),
        ("opposite", "护城河不是指令集，而是软件", "해자는 명령어 집합뿐만 아니라 소프트웨어다.", "ko"),
        ("opposite", "护城河不是指令集，而是软件", "El foso no es solo el conjunto, sino el software.", "es"),
        ("added-question", "问题是谁也不敢停", "Who can't stop?", "en"),
        ("added-question", "新的数据中心又赶不上", "Can the new data centers keep up?", "en"),
        ("prompt-echo", SENTENCE, "What was said before (do not translate):", "en"),
        ("prompt-echo", SENTENCE, "A small library was written: library → library.", "en"),
        ("markup", SENTENCE, "But most people\nnever thought of this small library.", "en"),
        ("markup", SENTENCE, "But <i>most</i> people never thought of this small library.", "en"),
        ("markup", SENTENCE, r"{\an8}But most people never thought of this small library.", "en"),
        ("markup", SENTENCE, "But **most** people never thought of this small library.", "en"),
        ("markup", SENTENCE, "But most people\x1b[31m never thought of this library.", "en"),
    ],
)
def test_each_rule_finds_what_it_is_for(rule, source, target, language):
    assert rule in rules_of(source, target, language)


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("这条路线全程42公里", "The whole route is 26 miles long.", "en"),
        ("全程42公里", "全長42キロです。", "ja"),
        ("每周工作60个小时", "They worked 60-hour weeks.", "en"),
        ("团队为此花了整整三年", "It took the team thirty-six months.", "en"),
        ("上周他们发布了三个版本", "They released three versions last week.", "en"),
        ("一次查询只要几十微秒", "A query takes tens of microseconds.", "en"),
        ("他们花了10亿", "They spent $1 billion.", "en"),
        ("他有没有用过SQLite", "Has he used SQLite?", "en"),
        ("谁会笑到最后", "Who will have the last laugh?", "en"),
        ("产能早就被订到了后年", "The capacity is booked until the year after next.", "en"),
        ("三年前年轻人就不看电视了", "Three years ago young people stopped watching TV.", "en"),
        ("十年后年轻人会笑我们", "In ten years young people will laugh at us.", "en"),
        ("前年我去过一次", "おととし一度行きました。", "ja"),
        ("这款芯片后年上市", "Este chip saldrá dentro de dos años.", "es"),
        ("上上周发布的", "It came out two weeks ago.", "en"),
        ("背后就有将近六百行测试", "It is backed by nearly 600 lines of tests.", "en"),
        ("测试代码是它的590倍还要多", "The tests are over 590 times as long.", "en"),
        ("他们反复打磨用了20多年", "It took them more than 20 years.", "en"),
        ("不到一年就卖出超过100万台", "In less than a year over a million were sold.", "en"),
        ("最近3年卖得很好", "It sold well over 3 years.", "en"),
        ("大家都以为芯片在降价", "Everyone thinks chips are getting cheaper.", "en"),
        ("公司的亏损又增加了", "The company's losses went up again.", "en"),
        ("他卖掉房子买了股票", "He sold the house and bought shares.", "en"),
        ("这个重要的问题要靠进口解决", "Este problema importante se resuelve con importaciones.", "es"),
        ("x86太复杂，ARM又要付授权费", "x86 is complex, and with ARM they would have to pay fees.", "en"),
        ("ARM又要付授权费", "Arm asked for licensing fees.", "en"),
        ("每块GPU里面都有", "It is in each of the GPUs.", "en"),
        ("Hipp说他不知道", "Hipp says he doesn't know.", "en"),
        ("不需要合同，也不用交钱", "No contracts or fees are needed.", "en"),
        ("这个App的Demo做得很好", "The demonstration of this program is good.", "en"),
        ("DeepMind的Demis Hassabis说", "Hassabis of DeepMind says.", "en"),
        ("Hipp说他不知道", "ヒップは知らないと言います。", "ja"),
    ],
)
def test_what_looks_like_a_mistake_but_is_none(source, target, language):
    assert rules_of(source, target, language) == []


def test_an_answer_that_is_the_translation_of_a_sentence_near_by_is_refused():
    nearby = (
        ("但如果你想提交一个补丁，对不起，多半会被拒绝", "If you want to submit a patch, sorry, it will be rejected."),
    )
    said = "If you want to submit a patch, sorry, it'll be rejected."
    found = check_unit(
        "不过他的想法很简单，一个小团队，才能保证质量", said, language="en", terms=(), where="", nearby=nearby
    )
    assert "other-sentence" in [finding.rule for finding in found]
    again = check_unit("但如果你想提交一个补丁，多半会被拒绝", said, language="en", terms=(), where="", nearby=nearby)
    assert again == ()


def test_an_answer_that_goes_on_with_a_neighbours_translation_is_told():
    said = "The most common claim is that it only guesses the shape and does not understand why."
    nearby = (("最常见的一种说法是它只会猜形状，并不懂得为什么", said),)
    mixed = "It gave a picture of the protein, but it only guessed the shape and did not understand why."
    (finding,) = check_unit(
        "蛋白质在细胞里是不停运动的，它给出的却只是一张照片", mixed, language="en", terms=(), where="", nearby=nearby
    )
    assert (finding.rule, finding.severity) == ("other-sentence", "warning")
    assert "the shape and does not understand" in finding.value
    own = check_unit("它只会猜形状，却不懂为什么", said[25:], language="en", terms=(), where="", nearby=nearby)
    assert "other-sentence" not in [each.rule for each in own]


def test_a_term_must_be_in_the_answer_in_an_allowed_form():
    terms = (Term("英伟达", ("NVIDIA", "Nvidia Corporation")),)
    assert "glossary-term" in rules_of(
        "英伟达也曾透露过这个数字", "The company Inverda revealed this number.", terms=terms
    )
    assert rules_of("英伟达也曾透露过这个数字", "Nvidia has revealed this number too.", terms=terms) == []


def test_a_finding_says_what_where_and_what_to_do():
    (finding,) = check_unit("超过了100亿颗", "exceeded 100 billion", language="en", terms=(), where="lines 26-27")
    assert (finding.rule, finding.severity, finding.where, finding.value) == (
        "number",
        "error",
        "lines 26-27",
        "100亿颗",
    )
    assert finding.limit == "100亿颗 = 10 billion"
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
    assert rules_of(SENTENCE, target)
    assert time.monotonic() - start < 2


NEGATIONS = [
    (language, mark, source, target)
    for language, table in vars(negation_pairs).items()
    if language in ("EN", "JA", "KO", "ES")
    for mark, source, target in rows(table)
]


@pytest.mark.parametrize(("language", "mark", "source", "target"), NEGATIONS)
def test_a_lost_negation_is_a_warning(language, mark, source, target):
    found = check_unit(source, target, language=language.lower(), terms=(), where="")
    severities = [finding.severity for finding in found if finding.rule == "lost-negation"]
    assert severities == ([] if mark == "+" else ["warning"])


@pytest.mark.parametrize(
    ("rule", "severity", "source", "target"),
    [
        ("number-added", "warning", "后来他离开了那家公司", "Later he left with 40 others."),
        ("number-added", "error", "后来他离开了那家公司", "Ten billion chips were sold."),
        ("number", "warning", "花了上亿美元", "It cost a fortune."),
        ("number", "error", "花了上亿美元", "It cost 10 million dollars."),
        ("currency", "error", "愿意付8万美元", "They would pay 80,000 yen."),
        ("lost-question", "warning", "你知道这是为什么吗", "You know why this is."),
        ("unbalanced-quotes", "warning", "他说好", "He said “yes."),
        ("added-note", "error", "他说好", "Note: he said yes."),
    ],
)
def test_what_a_rule_cannot_be_sure_of_is_a_warning(rule, severity, source, target):
    found = check_unit(source, target, language="en", terms=(), where="")
    assert {finding.rule: finding.severity for finding in found}[rule] == severity


def test_another_word_is_no_misspelt_name() -> None:
    assert rules_of("Oracle的数据库很贵", "Their database is a miracle of cost.", "en") == ["lost-name"]


def test_a_persons_translation_has_no_finding():
    episode = Path(__file__).parents[2] / "samples" / "riscv"
    lines = [line for line in (episode / "transcript.txt").read_text("utf-8").splitlines() if line.strip()]
    for first, last, target in REFERENCE:
        assert rules_of("，".join(lines[first - 1 : last]), target) == []


def test_the_rules_are_these():
    assert set(RULES) == {
        "untranslated", "simplified", "source-equals-target", "wrong-script", "repetition", "length-ratio",
        "glossary-term", "glossary-forbidden", "name-spelling", "lost-name", "number", "number-added",
        "currency", "currency-added", "unit-of-measure", "relative-date", "number-side",
        "lost-negation", "opposite", "lost-question", "added-question", "unbalanced-quotes",
        "added-note", "markup", "prompt-echo", "other-sentence",
    }  # fmt: skip


def test_the_manual_lists_every_rule():
    manual = (Path(__file__).parents[2] / "docs" / "translation.md").read_text("utf-8")
    assert [name for name in RULES if f"`{name}`" not in manual] == []
