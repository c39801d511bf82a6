"""Words that say the opposite: 涨 and "fell", 卖 and "bought". Rules of thumb, for a warning; pure.

They speak only where the sentence has one side of a pair and the translation has the other side alone. A sentence that
denies is left out: 没涨 may well be "fell".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import regex

# A sentence's first word may be its topic: in ARM又要付授权费 one pays for ARM. A name is that more often.
_PAID_FOR = regex.compile(
    r"(?:^|[，,。；\s可但而])([A-Za-z][A-Za-z0-9.\-]*)(?:又|还|也|都)*(?:要|得|需要|必须)(?:付|交|缴)\p{Han}{0,6}[费钱税租]"
)
_PAYS = r"(?: (?:also|again|still|even))?(?: (?:ha[sd]|needs?|must|is|was)(?: \w+){0,2})? pays?\b"
# 不是指令集，而是软件 has nothing of the first; "not just the instruction set" has both.
_INSTEAD = regex.compile(r"(?<!是)(?:不是|并非)(?!只|仅|单|光|就)[^。！？]{1,30}?而是")
_NOT_ONLY = {
    "en": r"\bnot (?:just|only|merely|simply|solely)\b|n't (?:just|only|merely|simply|solely)\b",
    "ja": r"だけで(?:は)?な|のみなら|ばかりでな",
    "ko": r"뿐(?:만)? ?(?:아니|아닌)|만이 아니",
    "es": r"\bno(?: \w+){0,2} (?:solo|sólo|solamente|únicamente)\b",
}
_DENIES = regex.compile(r"[不没未别非无难]|停止|阻止|避免|防止|抵消")


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two sides in Chinese, and in each language.

    Attributes:
        both_ways: whether the second side in the sentence rules out the first in the translation as well.
    """

    name: str
    chinese: tuple[str, str]
    said: Mapping[str, tuple[str, str]]
    both_ways: bool = True


_PAIRS = (
    _Pair(
        "up and down",
        (
            r"上涨|涨(?:价|到|了|得|幅)|增长|增加|上升|攀升|飙升|暴涨|猛涨|提高到|增至",
            r"下跌|跌(?:到|了|得|幅|破)|下降|降(?:价|到|低|至|了)|减少|下滑|暴跌|大跌|缩减|缩水",
        ),
        {
            "en": (
                r"\b(?:ris(?:e|es|en|ing)|rose|grow\w*|grew|increas\w*|climb\w*|up|higher|more|surg\w*|soar\w*|jump\w*|"
                r"rais\w*|expan\w*|doubl\w*|add\w*|gain\w*|boost\w*|improv\w*)\b",
                r"\b(?:fall(?:s|en|ing)?|fell|drop\w*|declin\w*|decreas\w*|shr[aiu]nk\w*|down|lower\w*|plung\w*|plummet\w*|"
                r"reduc\w*|diminish\w*|cheap\w*|less|cut\w*)\b",
            ),
            "ja": (r"上が|上げ|上昇|増|伸び|高|膨ら|拡大|値上", r"下が|下げ|下落|減|低|落ち|縮|値下|安く"),
            "ko": (
                r"오르|올[라랐려렸]|상승|증가|늘|성장|높|인상|폭등|급등|커",
                r"내리|내[려렸]|떨어|하락|감소|줄|낮|인하|폭락|급락|작아",
            ),
            "es": (
                r"\b(?:sub\w*|aument\w*|crec\w*|increment\w*|alza|más|elev\w*|dispar\w*|gan\w*)\b",
                r"\b(?:baj\w*|ca(?:e|en|ía|yó|yeron|ído|ída|er|yendo)|disminu\w*|descen\w*|redu[cj]\w*|desplom\w*)\b",
            ),
        },
    ),
    _Pair(
        "buying and selling",
        (r"购买|收购|买(?!卖)|采购", r"出售|销售|(?<!买)卖|售出|售价"),
        {
            "en": (
                r"\b(?:buy\w*|bought|purchas\w*|acqui\w*|order\w*|get\w*|got|pa(?:y|id)\w*|afford\w*|spen[dt]\w*|shop\w*)\b",
                r"\b(?:sell\w*|sold|sales?)\b",
            ),
            "ja": (r"買|購|入手|調達", r"売|販"),
            "ko": (r"구매|구입|인수|매입|사들|사[다고는서려면]|샀|산\s|장만", r"팔|판매|매각|매도|매출"),
            "es": (r"\b(?:compr\w*|adqui\w*|pag\w*)\b", r"\bv(?:end\w*|enta\w*)\b"),
        },
    ),
    _Pair(
        "profit and loss",
        (r"盈利|赚|利润|净利|获利", r"亏(?!欠)"),
        {
            "en": (
                r"\b(?:profit\w*|earn\w*|ma[dk]e?\w*|gain\w*|margin\w*|pa(?:y|id|ys)|back|income|black)\b",
                r"\b(?:los(?:e|es|t|ing|s|ses)|deficit\w*|red)\b",
            ),
            "ja": (r"利益|儲|もうけ|稼|黒字|益|得|回収", r"損|赤字|失"),
            "ko": (r"이익|수익|흑자|벌|이윤|남[기는]|이득", r"적자|손실|손해|잃|밑지"),
            "es": (
                r"\b(?:gan\w*|benefici\w*|rentab\w*|lucr\w*|utilidad\w*)\b",
                r"\b(?:pérdid\w*|perd\w*|pierd\w*|déficit)\b",
            ),
        },
    ),
    _Pair(
        "imports and exports",
        (r"进口", r"出口(?=管制|限制|到|额|量|了|国|商|贸易)"),
        {
            "en": (r"\bimport(?:s|ed|ing|ers?)?\b", r"\bexport\w*"),
            "ja": (r"輸入", r"輸出"),
            "ko": (r"수입", r"수출"),
            "es": (r"\bimport(?:a|an|ó|aron|ar|ad[oa]s?|aci\w*)\b", r"\bexport\w*"),
        },
    ),
    _Pair(
        "dear and cheap",
        (r"昂贵|(?:[很太更最]|非常|比较|有点|虽然|成本|价格)贵", r"便宜|廉价"),
        {
            "en": (
                r"\b(?:expensive|costl\w*|cost\w*|pric(?:e|ey|ier|y)\w*|higher|dear\w*|afford\w*|much|more)\b",
                r"\b(?:cheap\w*|inexpensive|low-cost)\b",
            ),
            "ja": (r"高", r"安"),
            "ko": (r"비싸|비싼|비쌌|고가|값", r"(?<!비)(?:싸[다고게]|싼|쌌|쌉)|저렴|값싼"),
            "es": (
                r"\b(?:car[oa]s?|costos\w*|cuest\w*|cost\w*|elevad\w*|precio\w*)\b",
                r"\b(?:barat\w*|económic\w*|asequib\w*)\b",
            ),
        },
    ),
    _Pair(
        "before and after",
        (r"之前|以前", r"之后|以后|后来"),
        {
            "en": (
                r"\b(?:before|ago|earlier|past|previous\w*|prior|until|used to|once|former\w*|preceding)\b",
                r"\b(?:after\w*|later|since|then|next|follow\w*|future|subsequent\w*|once|when|upon|from|in|now|on)\b",
            ),
        },
    ),
    _Pair(
        "charging and paying",
        (r"收取|收(?=\p{Han}{0,4}(?:费(?!用户)|税|租|钱))(?!购|入|集)", r"付|交(?=\p{Han}{0,5}[费钱税租])|缴|掏|花"),
        {
            "en": (
                r"\b(?:charg\w*|collect\w*|lev(?:y|ies|ied)|ask\w*|tak\w*|took|earn\w*|receiv\w*|demand\w*|requir\w*|"
                r"cost\w*|get\w*|impos\w*|fees? (?:from|on))\b",
                r"\bpa(?:y|ys|id|ying|yments?)\b",
            ),
            "ja": (r"徴収|取る|取り|受け取|請求|課|収", r"払|支払"),
            "ko": (r"받|징수|부과|거두|청구|물리", r"내야|냈|지불|지급|납부"),
            "es": (r"\b(?:cobr\w*|recaud\w*|recib\w*|exig\w*|pid\w*|impon\w*)\b", r"\bpag\w*"),
        },
        both_ways=False,
    ),
)  # fmt: skip


def opposite(source: str, target: str, language: str) -> tuple[str, str] | None:
    """(the translation's words, the source's) where they are the two sides of a pair, or who pays is turned round.

    Arguments:
        language: the target's primary subtag; others than English, Japanese, Korean and Spanish are not judged.
    """
    paid = _PAID_FOR.search(source) if language == "en" else None
    if paid and (found := regex.search(rf"\b{regex.escape(paid[1])}{_PAYS}", target, regex.IGNORECASE)):
        return found[0], paid[0].strip("，,。；; ")
    only = regex.search(_NOT_ONLY[language], target, regex.IGNORECASE) if language in _NOT_ONLY else None
    if only and _INSTEAD.search(source):
        return only[0], "不是…而是"
    if _DENIES.search(source):
        return None
    text = unicodedata.normalize("NFC", target).casefold()
    for pair in _PAIRS:
        if language not in pair.said:
            continue
        said = [regex.search(side, source) for side in pair.chinese]
        answer = [regex.search(side, text) for side in pair.said[language]]
        if said[0] and not said[1] and answer[1] and not answer[0]:
            return answer[1][0], said[0][0]
        if pair.both_ways and said[1] and not said[0] and answer[0] and not answer[1]:
            return answer[0][0], said[1][0]
    return None
