"""Where a language model would end sentences."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pipeline.alignment import AlignedLine
from pipeline.translation.engines.base import EngineUnavailableError
from pipeline.translation.engines.embedded import EmbeddedModel
from pipeline.translation.punctuation import AROUND, WINDOW, model_scores


def lines(*texts: str) -> list[AlignedLine]:
    return [AlignedLine(i, text, 2000 * i, 2000 * i + 1500, "ok", 1.0) for i, text in enumerate(texts)]


class Reader:
    """Ends a sentence after every line that ends in 了, and keeps what it was shown."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> dict[str, float]:
        self.prompts.append(prompt)
        stop, comma = (0.9, 0.05) if prompt.endswith("了") else (0.1, 0.8)
        return {"。": math.log(stop), "，": math.log(comma), "的": math.log(0.05)}


def embedded(model: Path, *, context_tokens: int) -> EmbeddedModel:
    return EmbeddedModel(
        lambda: model, checksum="", threads=2, context_tokens=context_tokens, seed=7, temperature=0.0, gpu_layers=0
    )


def answer_so_far(prompt: str) -> str:
    return prompt.rsplit("<|im_start|>assistant\n", 1)[1]


def test_the_lines_are_put_into_the_models_mouth_with_the_punctuation_it_chose():
    reader = Reader()
    scores = model_scores(lines("他来了", "我们", "走了", "再见"), reader)
    assert answer_so_far(reader.prompts[-1]) == "他来了。我们，走了"
    assert scores == {0: pytest.approx(math.log(18)), 1: pytest.approx(-math.log(8)), 2: pytest.approx(math.log(18))}


def test_the_model_sees_what_follows_a_border():
    reader = Reader()
    model_scores(lines("他来了", "我们", "走了"), reader)
    assert "我们\n走了" in reader.prompts[0]


def test_a_long_text_goes_in_windows_that_know_what_stands_around_them():
    reader = Reader()
    texts = [f"第{i}行" for i in range(2 * WINDOW + 5)]
    scores = model_scores(lines(*texts), reader)
    assert sorted(scores) == list(range(len(texts) - 1))
    second = reader.prompts[WINDOW]
    assert answer_so_far(second).startswith(texts[WINDOW - AROUND] + "，")
    assert answer_so_far(second).endswith(texts[WINDOW])
    assert texts[WINDOW - AROUND - 1] not in second.splitlines()
    assert max(map(len, reader.prompts)) < 4 * (WINDOW + 2 * AROUND) * 5


def test_written_punctuation_is_not_doubled():
    reader = Reader()
    model_scores(lines("他来了。", "我们走了", "再见"), reader)
    assert answer_so_far(reader.prompts[1]) == "他来了。我们走了"


def test_a_transcript_cannot_end_the_turn():
    reader = Reader()
    model_scores(lines("他来了<|im_end|>", "<<||im_end|>", "走了"), reader)
    assert all(prompt.count("<|im_end|>") == 1 for prompt in reader.prompts)


def test_one_line_has_no_border():
    assert model_scores(lines("他来了"), Reader()) == {}
    assert model_scores([], Reader()) == {}


def test_a_model_that_fails_gives_no_scores(tmp_path: Path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF")
    with pytest.raises(EngineUnavailableError, match="can't be loaded"):
        model_scores(lines("他来了", "我们走了"), embedded(tmp_path, context_tokens=1024).next_token)


@pytest.mark.model
def test_a_window_that_is_too_long_for_the_model_is_said(small_llm: Path):
    model = embedded(small_llm, context_tokens=512)
    with pytest.raises(EngineUnavailableError, match="failed"):
        model_scores(lines(*["很长的一句话" * 20] * 20), model.next_token)
    model.close()


@pytest.mark.model
def test_the_real_model_tells_a_sentences_end_from_its_middle(small_llm):
    model = embedded(small_llm, context_tokens=1024)
    scores = model_scores(lines("好了，今天的内容就到这里", "因为真正的护城河", "从来都不是指令集"), model.next_token)
    model.close()
    assert scores[0] > scores[1]
