"""Timed texts for the tests: the sample with its true times, and one written for re-cutting."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.translation.units import TranslatedUnit

DATA = Path(__file__).parent / "data"


def spoken(index: int, text: str, start_ms: int, end_ms: int) -> AlignedLine:
    """A line whose characters are spoken evenly."""
    borders = [start_ms + (end_ms - start_ms) * place // len(text) for place in range(len(text) + 1)]
    return AlignedLine(index, text, start_ms, end_ms, "ok", 1.0, tuple(itertools.pairwise(borders)))


def unspoken(index: int, text: str) -> AlignedLine:
    return AlignedLine(index, text, None, None, "unspoken", 0.0)


def alignment(*lines: AlignedLine, duration_ms: int | None = None) -> Alignment:
    end = max((line.end_ms or 0 for line in lines), default=0)
    return Alignment("zh-Hans", end + 2000 if duration_ms is None else duration_ms, "by hand", lines, ())


def riscv() -> Alignment:
    """The sample episode with the true times of its lines."""
    data = json.loads((DATA / "riscv.json").read_text(encoding="utf-8"))
    lines = [
        spoken(line["i"], line["text"], round(line["start"] * 1000), round(line["end"] * 1000))
        for line in data["lines"]
    ]
    return alignment(*lines, duration_ms=round(data["duration"] * 1000))


def riscv_in_english() -> list[TranslatedUnit]:
    """The sample's translation by hand."""
    rows = (DATA / "riscv.en.tsv").read_text(encoding="utf-8").splitlines()
    split = [row.split("\t") for row in rows]
    return [TranslatedUnit(int(first) - 1, int(last) - 1, text) for first, last, text in split]


COFFEE = """你有没有想过
每天早上的那杯咖啡
其实要走上一万多公里
才能到你的手里
故事要从埃塞俄比亚说起
那里的农民在海拔2000米左右的山坡上
一年只收一次豆子
2023年，全球咖啡产量超过了1000万吨
可是种咖啡的人
往往只能拿到售价的百分之三
剩下的钱
都被烘焙商、运输公司和零售店分走了
于是有人就想
能不能绕开中间商
让消费者直接和农户交易呢
这家叫Fairbean的公司
在三年之内就签下了15个国家的合作社
但是问题也随之而来
气候变暖正在让适合种植的土地越来越少
科学家估计，到2050年
将近一半的产区都会消失
当然，也有好消息
一种叫做Stenophylla的古老品种被重新发现了
它不怕热，味道也不错
好了，这期就到这里，我们下次再聊""".splitlines()

COFFEE_EN = [
    (0, 3, "Have you ever thought about how that cup of coffee you drink every morning travels more than 10,000 "
           "kilometers before it reaches your hands?"),
    (4, 6, "The story begins in Ethiopia, where farmers on slopes around 2,000 meters high harvest their beans just "
           "once a year."),
    (7, 7, "In 2023, the world produced more than 10 million tons of coffee."),
    (8, 9, "But the people who grow it often get only three percent of the retail price."),
    (10, 11, "The rest is shared among roasters, shipping companies and retail stores."),
    (12, 14, "So someone wondered: could we skip the middlemen and let consumers trade directly with farmers?"),
    (15, 16, "A company called Fairbean signed up cooperatives in 15 countries within three years."),
    (17, 18, "But problems followed: global warming is leaving less and less land suitable for growing coffee."),
    (19, 20, "Scientists estimate that by 2050, nearly half of the growing regions will have disappeared."),
    (21, 23, "There is good news too, of course: an ancient variety called Stenophylla has been rediscovered, which "
             "can stand the heat and tastes good as well."),
    (24, 24, "All right, that's it for this episode. Talk to you next time."),
]  # fmt: skip

COFFEE_JA = [
    (
        0,
        3,
        "毎朝飲むあの一杯のコーヒーが、実は1万キロ以上も旅をしてあなたの手元に届いていると、考えたことはありますか？",
    ),
    (4, 6, "物語はエチオピアから始まります。現地の農家は標高2000メートルほどの斜面で、年に一度だけ豆を収穫します。"),
    (7, 7, "2023年、世界のコーヒー生産量は1000万トンを超えました。"),
    (8, 9, "しかし、コーヒーを育てる人々が手にするのは、売値のわずか3%ということも珍しくありません。"),
    (10, 11, "残りのお金は、焙煎業者や運送会社、小売店の取り分になります。"),
    (12, 14, "そこで、仲介業者を通さずに、消費者が農家と直接取引できないかと考えた人がいました。"),
    (15, 16, "Fairbeanという会社は、3年で15か国の協同組合と契約を結びました。"),
    (17, 18, "しかし、問題も起こりました。温暖化によって、栽培に適した土地がどんどん減っているのです。"),
    (19, 20, "科学者の推計では、2050年までに産地の半分近くが消えてしまいます。"),
    (
        21,
        23,
        "もちろん、良い知らせもあります。Stenophyllaという古い品種が再発見されたのです。暑さに強く、味も悪くありません。",
    ),
    (24, 24, "今回はここまでです。また次回お会いしましょう。"),
]


def coffee() -> Alignment:
    """A made-up text read at 4.9 characters a second, with a pause of half a second after every fourth line."""
    lines, clock = [], 700
    for index, text in enumerate(COFFEE):
        length = round(sum(1.0 if char > "\u00ff" and char not in "，、" else 0.6 for char in text) / 4.9 * 1000)
        lines.append(spoken(index, text, clock, clock + length))
        clock += length + (90 if index % 4 else 520)
    return alignment(*lines, duration_ms=clock + 1500)


def units(rows: list[tuple[int, int, str]]) -> list[TranslatedUnit]:
    return [TranslatedUnit(*row) for row in rows]
