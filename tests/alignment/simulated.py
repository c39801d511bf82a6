"""A little simulation of sound, so that the whole way but the speech model can be tested without one.

Somebody says texts one after the other, a syllable in 200 ms. The listener answers as a perfect model would: words that
are forced and said have their true times and good probabilities, words that are forced and not said have bad ones and
no time, and what is heard freely is what is said.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from pipeline.alignment.activity import ENERGY_STEP_MS, VOICE_STEP_MS, Span, Speech, speech_spans
from pipeline.alignment.comparing import Heard
from pipeline.alignment.edges import Rough, snap
from pipeline.alignment.edges import Sound as Levels
from pipeline.alignment.normalise import normalise, weigh
from pipeline.alignment.reporting import Judge
from pipeline.alignment.result import Alignment
from pipeline.alignment.script import Script
from pipeline.alignment.tracking import Tracked, Tracker
from pipeline.alignment.whisper import Token
from pipeline.alignment.windows import cut_windows
from pipeline.track import Line

if TYPE_CHECKING:
    from pipeline.alignment.listening import Listener

LANGUAGE = "zh-Hans"
SYLLABLE_MS = 200
#: Two texts that are said one after the other have this between them.
GAP_MS = 240
SAID, UNSAID = -0.1, -4.0
_MARGIN_MS = 150

#: The Thousand Character Classic: no character occurs twice.
CLASSIC = tuple(
    re.findall(
        r"\S+",
        """
            天地玄黄宇宙洪荒 日月盈昃辰宿列张 寒来暑往秋收冬藏 闰余成岁律吕调阳 云腾致雨露结为霜 金生丽水玉出昆冈
            剑号巨阙珠称夜光 果珍李柰菜重芥姜 海咸河淡鳞潜羽翔 龙师火帝鸟官人皇 始制文字乃服衣裳 推位让国有虞陶唐
            吊民伐罪周发殷汤 坐朝问道垂拱平章 爱育黎首臣伏戎羌 遐迩一体率宾归王 鸣凤在竹白驹食场 化被草木赖及万方
            恭惟鞠养岂敢毁伤 女慕贞洁男效才良 知过必改得能莫忘 罔谈彼短靡恃己长 信使可复器欲难量 墨悲丝染诗赞羔羊
            景行维贤克念作圣 德建名立形端表正 空谷传声虚堂习听 祸因恶积福缘善庆 尺璧非宝寸阴是竞 资父事君曰严与敬
            孝当竭力忠则尽命 似兰斯馨如松之盛 川流不息渊澄取映 容止若思言辞安定 笃初诚美慎终宜令 荣业所基籍甚无竟
            学优登仕摄职从政 存以甘棠去而益咏 乐殊贵贱礼别尊卑 上和下睦夫唱妇随 外受傅训入奉母仪 诸姑伯叔犹子比儿
            孔怀兄弟同气连枝 交友投分切磨箴规 仁慈隐恻造次弗离 节义廉退颠沛匪亏 性静情逸心动神疲 守真志满逐物意移
            坚持雅操好爵自縻 都邑华夏东西二京 宫殿盘郁楼观飞惊 图写禽兽画彩仙灵 肆筵设席鼓瑟吹笙 右通广内左达承明
        """,
    )
)


@dataclass(frozen=True)
class Syllable:
    """A symbol and when it is said."""

    symbol: str
    from_ms: int
    to_ms: int


class Sound:
    """What is said: texts, and pauses in milliseconds.

    Attributes:
        texts: each text with its true span.
        speech: as voice activity finds it.
        duration_ms: with half a second of silence behind the last word.
    """

    def __init__(self, *items: str | int, syllable_ms: int = SYLLABLE_MS) -> None:
        self.texts: list[tuple[str, Span]] = []
        self.syllables: list[Syllable] = []
        at = GAP_MS
        for item in items:
            if isinstance(item, int):
                at += item
                continue
            begin = at
            for symbol in normalise(item, LANGUAGE).symbols:
                until = at + round(weigh(symbol) * syllable_ms)
                self.syllables.append(Syllable(symbol, at, until))
                at = until
            self.texts.append((item, Span(begin, at)))
            at += GAP_MS
        self.duration_ms = at + 500
        self.speech = Speech(self._speech())

    def span(self, text: str) -> Span:
        """When a text is said for the first time."""
        return next(span for said, span in self.texts if said == text)

    def energy(self) -> np.ndarray:
        """Level in dB every 5 ms: a voice before digital silence."""
        level = np.full(self.duration_ms // ENERGY_STEP_MS, -90, np.float32)
        for one in self.syllables:
            level[one.from_ms // ENERGY_STEP_MS : one.to_ms // ENERGY_STEP_MS] = -20
        return level

    def _speech(self) -> list[Span]:
        voice = np.zeros(self.duration_ms // VOICE_STEP_MS, np.float32)
        for one in self.syllables:
            voice[one.from_ms // VOICE_STEP_MS : -(-one.to_ms // VOICE_STEP_MS)] = 1
        return speech_spans(voice, threshold=0.35, min_silence_ms=128, min_speech_ms=100, pad_ms=200)


class SimulatedListener:
    """A perfect speech model for a sound.

    Arguments:
        windows: as for an episode, if none are given.
        mishear: what is heard of a symbol that is said; given its place among all.
        workers: windows that may be in work at once.
    """

    def __init__(
        self,
        sound: Sound,
        windows: Sequence[Span] | None = None,
        mishear: Callable[[int, str], str] = lambda place, symbol: symbol,
        workers: int = 2,
    ) -> None:
        self.windows = cut_windows(sound.speech.spans) if windows is None else windows
        self.workers = workers
        self.heard: list[tuple[int, int]] = []
        self._sound, self._mishear = sound, mishear

    def hear(self, window: int, parts: Sequence[tuple[int, int]]) -> list[Heard]:
        self.heard += parts
        return [self._hear(window, start, end) for start, end in parts]

    def _hear(self, window: int, start_ms: int, end_ms: int) -> Heard:
        said = self._between(window, start_ms - _MARGIN_MS, end_ms + _MARGIN_MS)
        text = "".join(self._mishear(place, one.symbol) for place, one in said)
        return Heard(text, normalise(text, LANGUAGE))

    def force(self, window: int, texts: Sequence[str]) -> list[list[Token]]:
        symbols = [normalise(text, LANGUAGE) for text in texts]
        said = [one for _, one in self._between(window, 0, self._sound.duration_ms)]
        written = "".join(one.symbols for one in symbols)
        found = self._matched(written, "".join(one.symbol for one in said))
        start, last, at = self.windows[window].start_ms, 0, itertools.count()
        result: list[list[Token]] = []
        for one in symbols:
            result.append([])
            for begin, end in one.spans:
                match = found.get(next(at))
                # The first word after a pause, or after words that nobody wrote, begins where the last one ended.
                to = last if match is None else said[match].to_ms - start
                result[-1].append(Token(begin, end, last, to, UNSAID if match is None else SAID))
                last = to
        return result

    def _between(self, window: int, start_ms: int, end_ms: int) -> list[tuple[int, Syllable]]:
        whole = self.windows[window]
        low, high = max(whole.start_ms, start_ms), min(whole.end_ms, end_ms)
        return [
            (place, one) for place, one in enumerate(self._sound.syllables) if low <= one.from_ms and one.to_ms <= high
        ]

    @staticmethod
    def _matched(written: str, said: str) -> dict[int, int]:
        """Which symbols that are written are which of those that are said; one symbol alone agrees by chance."""
        blocks = difflib.SequenceMatcher(None, written, said, autojunk=False).get_matching_blocks()
        return {
            block.a + step: block.b + step
            for block in blocks
            if block.size > 1 or len(written) == 1
            for step in range(block.size)
        }


def as_listener(listener: object) -> Listener:
    """A stand-in for the listener: it has its windows, force() and hear()."""
    return cast("Listener", listener)


def track(sound: Sound, texts: Sequence[str], listener: object | None = None) -> Tracked:
    """Follow a transcript through a sound."""
    heard = SimulatedListener(sound) if listener is None else listener
    return Tracker(Script(texts, LANGUAGE), as_listener(heard), sound.speech, extra_weight=3.0).run(lambda _: None)


def align(sound: Sound, texts: Sequence[str], listener: object | None = None) -> Alignment:
    """The whole way from what the model says to an alignment, as the aligner goes it."""
    found = track(sound, texts, listener)
    laid = found.laid()
    energy = sound.energy()
    levels = Levels(energy, (energy > -50).astype(np.float32))
    spans = snap([Rough(line.onset, line.offset) for line in laid], levels, max_shift_ms=500)
    lines = [Line(index, text, index + 1) for index, text in enumerate(texts)]
    judge = Judge(lines, Script(texts, LANGUAGE), found, sound.speech, check_below=0.6)
    return judge.alignment(laid, spans, language=LANGUAGE, duration_ms=sound.duration_ms, model="simulated")
