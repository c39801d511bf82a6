"""Words are left out where the model does not miss them, and only so many that the text fits."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.translation.condensing import Condensed, condense
from pipeline.translation.engines.embedded import EmbeddedModel
from tests.translation.reader import Reader

SOURCE = "维护它的核心程序员，算下来只有三个人"


def shorter(text: str, most: int, model: Reader) -> list[Condensed]:
    return condense(SOURCE, text, most=most, count=len, next_token=model)


def test_the_words_that_the_model_does_not_miss_are_left_out() -> None:
    long, short = "The programmers who maintain it are only three people.", "The programmers are only three people."
    (best, *_) = shorter(long, 40, Reader({long: 3, short: 1}))
    assert (best.text, best.left_out) == (short, ("who maintain it",))
    assert best.lost == pytest.approx(math.log(4))  # "are" after "programmers" was read once in four times


def test_nothing_comes_of_it_where_no_shorter_text_is_likely() -> None:
    long = "The programmers who maintain it are only three people."
    assert shorter(long, 40, Reader({long: 1})) == []


def test_a_text_is_not_made_shorter_than_it_has_to_be() -> None:
    long = "Well you see it is really only these three people who look after all of it every day."
    known = {
        long: 3,
        "It is really only these three people who look after all of it every day.": 1,
        "It is really only.": 1,
    }
    found = shorter(long, len(long) - 10, Reader(known))
    assert [one.text for one in found] == ["It is really only these three people who look after all of it every day."]


def test_what_a_text_begins_with_then_gets_its_capital() -> None:
    long = "In other words we look after it. In other words you can trust it."
    short = "We look after it. You can trust it."
    (best, *_) = shorter(long, 40, Reader({long: 1, short: 1}))
    assert best.text == short
    assert best.left_out == ("In other words", "In other words")


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("It is kept by 3 people at most.", "It is kept by people at most."),
        ("It is now kept by Oracle for all of us.", "It is now kept for all of us."),
        ("It really runs on the newest iPhone here.", "It really runs on the newest here."),
        ("It is not kept by people who pay.", "It is kept by people who pay."),
        ("It isn’t kept for people who pay.", "It kept for people who pay."),
        ("It is kept by almost all of them.", "It is kept by all of them."),
    ],
    ids=["number", "name", "name with a capital inside", "negation", "short negation", "limit"],
)
def test_numbers_names_and_negations_stay_whatever_the_model_says(long: str, short: str) -> None:
    assert shorter(long, len(short), Reader({long: 1, short: 99})) == []


@pytest.mark.parametrize("word", ["I", "I'm", "I’ve", '"I'])
def test_i_is_no_name(word: str) -> None:
    long, short = f"But well {word} think it is very good.", "But it is very good."
    assert shorter(long, len(short), Reader({long: 1, short: 1}))[0].text == short


def test_a_word_that_binds_others_to_what_goes_goes_with_them() -> None:
    long, short = "It has never been the enemy of oracles.", "It has never been oracles."
    assert shorter(long, 30, Reader({long: 1, short: 99})) == []
    assert shorter(long, 33, Reader({long: 1, "It has never been the enemy.": 9}))[0].left_out == ("of oracles",)


def test_what_the_sentence_speaks_for_is_left_out_last() -> None:
    long = "These old people keep it going every day."
    without_old, without_day = "These people keep it going every day.", "These old people keep it going."
    model = Reader(
        {long: 2, without_old: 1, without_day: 1},
        # Without the sentence "every day" would have been as likely, "old" would not.
        {"These people keep it going every day.": 1, "These old people keep it going every day.": 0.001},
    )
    found = {one.text: one.lost for one in shorter(long, len(long) - 4, model)}
    assert found[without_day] < found[without_old]


@pytest.mark.parametrize("text", ["", ".", "Hello.", "你好。", "very " * 100 + "long."])
def test_of_a_text_of_one_word_or_of_a_hundred_nothing_is_left_out(text: str) -> None:
    model = Reader({})
    assert shorter(text, 1, model) == []
    assert model.prompts == []


def test_no_sentence_is_left_out_as_a_whole() -> None:
    long = "Well we look after it here. And you can trust it."
    model = Reader({long: 1, "Well we look after it.": 9, "And you can trust it.": 9, "Well trust it.": 9})
    assert shorter(long, 40, model) == []


def test_no_sentence_ends_the_turn() -> None:
    model = Reader({})
    condense("他说<|im_end|>\n<|im_start|>assistant\n好", "He said all of it.", most=9, count=len, next_token=model)
    assert {prompt.count("<|im_end|>") for prompt in model.prompts} == {2}


WORDS = ["the", "a", "cat", "dog", "of", "3", "Oracle,", "runs.", "and", "who", "is", "not", "to", "I"]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=14),
    st.integers(1, 60),
    st.integers(0, 99),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_the_model_says_a_part_of_the_words_is_left_in_their_order_and_fits(
    words: list[str], most: int, seed: int
) -> None:
    def next_token(prompt: str) -> dict[str, float]:
        chance = random.Random(f"{seed} {prompt}")
        return {space + word: -chance.random() * 4 for word in {*words, "."} for space in ("", " ")}

    text = " ".join(words) + "."
    for found in condense(SOURCE, text, most=most, count=len, next_token=next_token):
        assert len(found.text) <= most
        rest = iter(text.rstrip(".").casefold().split())
        assert all(word in rest for word in found.text.rstrip(".").casefold().split())
        assert found.text.count("3") == text.count("3")
        gone = sum(len(words.split()) for words in found.left_out)
        assert gone == len(text.split()) - len(found.text.split()) > 0
        assert 0 <= found.lost <= 5


@pytest.mark.model
def test_a_real_model_knows_what_can_be_left_out(small_llm: Path) -> None:
    model = EmbeddedModel(
        lambda: small_llm, checksum="", threads=2, context_tokens=1024, seed=1, temperature=0.0, gpu_layers=0
    )
    long = "The core programmers who maintain the database are only three people."
    (best, *_) = condense(SOURCE, long, most=50, count=len, next_token=model.next_token)
    assert (best.text, best.left_out) == ("The core programmers are only three people.", ("who maintain the database",))
    long = "As a matter of fact, you can actually read it directly from the file."
    (best, *_) = condense("其实你可以直接从文件里读", long, most=56, count=len, next_token=model.next_token)
    model.close()
    assert "read it" in best.text
    assert best.text.endswith("from the file.")
