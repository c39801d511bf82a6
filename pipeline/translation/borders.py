"""How likely a sentence ends between two caption lines: rules of spoken Chinese, each with its weight.

Positive: a sentence ends between the lines; negative: it goes on. The weights are in one unit, roughly the
logarithm of the odds, and were set by hand on texts with marked sentence ends; the tests measure them.
Each rule is a list of patterns; of the rules in a table, the first that matches counts.
"""

from __future__ import annotations

import re

Rules = tuple[tuple[re.Pattern[str], float], ...]

# Prior of any border: captions hold about two lines a sentence.
_BASE = 0.3


def _ends(patterns: str, weight: float) -> tuple[re.Pattern[str], float]:
    return re.compile(f"(?:{'|'.join(patterns.split())})$"), weight


def _starts(patterns: str, weight: float) -> tuple[re.Pattern[str], float]:
    return re.compile(f"^(?:{'|'.join(patterns.split())})"), weight


# What the end of the line before says.
LINE_END: Rules = (
    _ends(r"""[。！？!?…][」』”’"')）]*""", 6.0),
    _ends(r"(?<![A-Za-z0-9])\. ； ;", 4.0),
    _ends(r"[，、,：:—]", -4.0),
    # A particle that closes an utterance.
    _ends("呢 吗 吧 啊 啦 嘛 哦", 2.0),
    # "It is … that …": a whole predicate.
    _ends(r"是[^，,]+的", 0.3),
    # It announces what follows.
    _ends("问题来了 是这样 是这样的 很简单 也就是说 一句话 说得特别好 说得好", -0.8),
    # A verb of saying or thinking: what is said follows.
    _ends(
        "说 说过 想 想到 料到 认为 表示 回忆 透露 指出 承诺 宣布 意识到 发现 觉得 知道 担心 强调 解释 决定 打算 希望",
        -2.5,
    ),
    # Topic: "the most … part, feature, reason (is …)".
    _ends("的(?:地方|特点|原因|问题|好处|坏处|关键|结果|目的|办法|意思|事情|时代|优势|是)", -0.8),
    # Words that cannot end a sentence.
    _ends("在于 就是 而是 不是 于是 因为 所以 但是 可是 如果 虽然 并且 而且 以及 或者", -1.2),
    _ends("的 把 被 让 从 向 对 比 和 与 跟 是", -1.2),
    # Somebody or something is brought up, what of it follows.
    _ends("有(?:一|几|两|很多|许多|好多|这么一)?[个位家群种批].{0,8}", -0.8),
    # A circumstance of time or place, waiting for its main clause.
    _ends("年里 月里 天里 时间里 的时候 那个时候 之后 以后 之前 以前 期间 的同时 里面 当中 的话 方面", -1.5),
)

# What the line before opens and the next line closes.
LINE_OPEN: Rules = (
    # A subordinate clause without its main clause.
    _starts(
        r"(?:但|不过|可)?(?:为了|如果|假如|要是|虽然|尽管|即使|哪怕|既然|只要|只有|除非|无论|不管|当(?![时初年然地前])"
        r"|按照|根据|随着|对于|关于|截至|自从|通过|要说清|要想|不仅|不光|不但|除了|由于)[^，,]*$",
        -1.6,
    ),
    _starts(r"(?:在|到|从|当|每到|等到)[^，,是有了]*(?:里|上|中|时|下|后|前|时候|当时|时代)$", -1.8),
    _starts(r"(?:直|等)?到了?.{1,8}(?:世纪|年代|年|月|天|晚|时)$", -1.8),
    # A bare subject: "this X's Y", without any verb.
    _starts(r"(?:可是|而|但是|不过|其中|自家)?[^，,]{0,6}的[^，,是有了在会能要用说]{1,4}$", -0.7),
)

# What the start of the line after says.
LINE_START: Rules = (
    # Topic lines, asides and farewells: a new sentence.
    _starts(
        "大家好 各位 哈喽 欢迎来到 好了 好的 那么 首先 其次 再次 第[一二三四五六七八九十][，,个步点] 最后[，,一]", 1.6
    ),
    _starts("另外 此外 当然 总之 总的来说 换句话说 换言之 更有意思的是 更重要的是 值得一提 接下来 紧接着", 1.6),
    _starts("今天 昨天 最近 去年 今年 那一年 截至 故事 据说 据悉 事实上 实际上 说到 有人 谁也 真正的 恰好 为此", 1.6),
    _starts("明明 原本 原来以为 听起来 听上去 我觉得 我认为 我的看法 在我看来 官方 我们?下期 感谢 谢谢", 1.6),
    # Subordinators open a sentence more often than they continue one.
    _starts(
        "为了 如果 假如 虽然 尽管 即使 既然 只要 无论 不管 当(?![时初年然地前]) 按照 根据 随着 自从 由于 要说 要想",
        1.3,
    ),
    # Turns: a new sentence, unless what stands before is short.
    _starts("(?:但|但是|可|可是|不过)(?:如果|要是|即使|既然|虽然|只要)", 0.8),
    _starts("可是 不过 然而", 0.4),
    _starts("但", -0.2),
    _starts("当时 于是 所以 因此", -0.3),
    _starts("而", -0.6),
    _starts("后来(?!会|就|又|才|却|还) 到了 直到 现在 目前 如今 此时 可惜 幸好 只可惜 没想到 谁知", 0.9),
    _starts(r"(?:公元前?)?[0-9]{3,4}年 .{1,5}年(?:之后|以后|后|前|之前|以前)", 0.9),
    # The result of a condition, or the second half of a contrast.
    _starts("那(?:就|还|你|我|是|也) .{1,4}却 这样 里面 其中 上面", -1.3),
    _starts("第一次 从此 从那以后 有.{1,5}(?:说|算过|认为|发现|提出)", 0.6),
    # A verb or an adverb without a subject: the subject is in the line before.
    _starts("[^我你他她它这那有为]{1,2}[了着过](?!解|程) 只好 只能 只得 根本 直接 往 向 给 跟 不妨 别忘", -0.9),
    _starts("在(?!.*(?:之?前|之?后|时候?|里|上|中|下)$)[^，,]+[了着过]", -0.9),
    # A pronoun, or a word for all or each, takes up a subject.
    _starts("它 他 她 我 你 大家 每 所有 任何 一个 一次 这 那 团队", 0.5),
    # Conjunctions, adverbs and copulas that only continue a sentence.
    _starts(
        "以及 并 而(?:是|且) 却 就 都 便 才 正 已经 从来 其实 不是 用来 用于 也就 还 变成 成为 甚至 几乎 会一直", -1.3
    ),
    _starts("把 被 希望 同时 包括 例如 比如 比方说 等等 结果 最后 最终 背后 从而 因为 写了 想 能不能", -1.3),
    _starts("也 开始 自己 从一 欢迎 来 去 会 能 可以 不需要 没有", -0.8),
)

# A line without any of these common verbs and adverbs is a subject or an adverbial: its sentence goes on.
_PREDICATE = re.compile(
    "[是有在了会能要用说做让给被把到过着叫算讲想找付写加跑掉弹读问需定来去得成为管看听卖买打开关支持肯睡醒吃喝停住走"
    "进出回起送藏占推获达超变涨降签死活知怕爱恨等靠都也就才不没很太已还再又曾将应更]"
)
_CONNECTIVE = re.compile("^(?:不过|可是|但是|而且|然而|于是|所以|因为|不管|就连|更)")
_BARE_SUBJECT = -1.0

# Pauses from so many milliseconds on, and what they add; people who read a script pause 300 to 800 ms at a full stop.
PAUSES = ((1200, 1.6), (700, 0.6), (400, 0.3), (100, 0.0))
_NO_PAUSE = -0.1


def border_score(before: str, after: str, pause_ms: int) -> float:
    """The score of the border between two lines that are `pause_ms` apart; above 0 a sentence ends there."""
    return (
        _BASE
        + _first(LINE_END, before)
        + _first(LINE_OPEN, before)
        + _first(LINE_START, after)
        + (0.0 if _PREDICATE.search(_CONNECTIVE.sub("", before)) else _BARE_SUBJECT)
        + next((score for least, score in PAUSES if pause_ms >= least), _NO_PAUSE)
    )


def _first(rules: Rules, line: str) -> float:
    return next((weight for pattern, weight in rules if pattern.search(line)), 0.0)
