"""A real finding of every rule that a unit on the page can break, as the pipeline makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.languages import find
from pipeline.subtitles.checks import check
from pipeline.track import Cue, Finding, Track
from pipeline.translation.checks import check_unit
from pipeline.translation.glossary import Term

CHIP = Term("英伟达", ("NVIDIA", "Nvidia"), forbidden=("Weida",))
OTHER = ("我们下期再见，谢谢大家的观看。", "See you in the next episode, and thank you all for watching.")
# Sentence, translation, language: each breaks at least one rule.
TEXTS = (
    ("他们做的东西叫AlphaFold", "It is an AI that won the Nobel Prize.", "en"),
    ("一句话", "", "en"),
    ("这是一个很长的句子，说的是芯片", "This is a 句子 about chips of today", "en"),
    ("这是一个很长的句子，说的是芯片", "これは们国という文です", "ja"),
    ("这是一个很长的句子", "这是一个很长的句子", "en"),
    ("这是一个很长的句子，说的是芯片", "Это длинное предложение о чипах", "en"),
    ("这是一个句子", "But the the the the the library was small, nobody knew.", "en"),
    ("这是一个很长的句子，说的是芯片和它的历史", "Chips.", "en"),
    ("英伟达也在用它做控制器", "They use it for a controller too.", "en"),
    ("英伟达也在用它做控制器", "NVIDIA or Weida uses it for a controller.", "en"),
    ("这家公司叫SiFive，成立很久了", "The company is called SiFvie, and is old.", "en"),
    ("后来卖出了100亿颗芯片", "Later they sold 10 million chips in all.", "en"),
    ("后来卖出了很多芯片给大家", "Later 77 kinds of chips were sold to all.", "en"),
    ("这花了他们100美元左右", "That cost them about 100 euros or so.", "en"),
    ("就把10万块卡跑了起来", "It generated $100,000 worth of cards.", "en"),
    ("它离这里大约有100公里", "It is about 100 miles away from here.", "en"),
    ("产能早就被订到了后年", "The capacity is booked until next year.", "en"),
    ("背后就有将近600行测试在盯着", "It is backed by over 600 lines of tests.", "en"),
    ("租金又上涨了", "The rent has fallen again.", "en"),
    ("他从来没有说过这句话", "He has always said this sentence to us.", "en"),
    ("你知道这是为什么吗？", "You know that this is the reason for it.", "en"),
    ("他们一起写了一套新的", "Did they write a new one together then?", "en"),
    ("他们一起写了一套新的", 'They wrote "a new one together then.', "en"),
    ("他们一起写了一套新的", "Translation: They wrote a new one together.", "en"),
    ("他们一起写了一套新的", "They <b>wrote</b> a new one together.", "en"),
    ("他们一起写了一套新的", "What was said before (do not translate): they wrote a new one.", "en"),
    ("他们一起写了一套新的", OTHER[1], "en"),
)
# What the stage itself finds.
STAGE = (
    Finding("reading-time", "warning", "line 1", "80 characters", "52 in its time", "Shorten the translation."),
    Finding("no-answer", "error", "line 1", "no usable answer", "a translation", "Translate it by hand."),
    Finding(
        "no-answer", "error", "line 1", "no engine would translate it, because of what it says", "a translation",
        "Translate it by hand.",
    ),
)  # fmt: skip


def everything() -> Iterator[Finding]:
    """Findings of every rule, of most several."""
    for source, target, language in TEXTS:
        yield from check_unit(source, target, language=language, terms=[CHIP] if "英" in source else [], where="line 1",
                              nearby=[OTHER])  # fmt: skip
    profile = replace(find("en").profile, max_lines=2)
    long = "word " * 30
    cues = (
        Cue(0, 1000, "One."), Cue(900, 2000, " "), Cue(2010, 2100, f"{long}\nb\nc"), Cue(3000, 60_000, "Two."),
        Cue(61_000, 61_000, "Three."), Cue(62_000, 63_500, "Past the end."),
    )  # fmt: skip
    yield from check(Track("en", cues), profile, media_ms=63_000)
    yield from STAGE
