"""Where a language model would end the sentences of captions that carry no punctuation.

The model is shown a window of lines and asked to punctuate them. Its answer is not generated: the lines themselves are
put into its mouth one after the other, and after each line its next token is looked at: a full stop or a comma?
So every line is read twice, nothing can be changed or invented, and the model knows what follows a border.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from pipeline.alignment.result import AlignedLine
from pipeline.translation.engines.base import NextToken
from pipeline.translation.units import spoken_lines

VERSION = 1  # raised when the same lines and model would get other scores
# Lines decided in one window, and lines shown before and after them: 52 lines are about 900 tokens with the answer.
WINDOW = 40
AROUND = 6

_ASK = "给下面的字幕加上标点符号，句子结束的地方用句号或问号，句子里面用逗号。\n\n"
_TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
_FULL_STOP = re.compile(r"\s*[。？！!?…]")
_COMMA = re.compile(r"\s*[，、,：:—；;]")
_PUNCTUATED = "。？！?!，、,：:；;…"


def model_scores(lines: Sequence[AlignedLine], next_token: NextToken) -> dict[int, float]:
    """How likely a sentence ends after a line, by the line's index: the logarithm of the odds.

    Every spoken line has one, but the last.

    Arguments:
        next_token: of a model that speaks ChatML, as Qwen does.

    Raises:
        EngineUnavailableError: the model failed, and so did not judge.
    """
    spoken = spoken_lines(lines)
    texts = [line.text.replace("<|", "< |") for line in spoken]  # no line ends the turn
    scores: list[float] = []
    marks: list[str] = []
    for first in range(0, len(texts), WINDOW):
        shown = texts[max(0, first - AROUND) : first + WINDOW + AROUND]
        known = zip(texts[max(0, first - AROUND) : first], marks[max(0, first - AROUND) :], strict=True)
        prompt = _TURN.format(_ASK + "\n".join(shown)) + "".join(text + mark for text, mark in known)
        for text in texts[first : min(first + WINDOW, len(texts) - 1)]:
            scores.append(_odds(next_token(prompt + text)))
            marks.append("" if text[-1:] in _PUNCTUATED else "。" if scores[-1] > 0 else "，")
            prompt += text + marks[-1]
    return {line.index: score for line, score in zip(spoken, scores, strict=False)}


def _odds(tokens: Mapping[str, float]) -> float:
    unseen = min(tokens.values(), default=0.0) - 1.0
    stop, comma = (
        math.log(sum(math.exp(value) for token, value in tokens.items() if kind.match(token)) or math.exp(unseen))
        for kind in (_FULL_STOP, _COMMA)
    )
    return stop - comma
