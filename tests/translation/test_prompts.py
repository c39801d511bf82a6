"""Prompt templates."""

from __future__ import annotations

import re

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.translation.echoes import prompt_echo
from pipeline.translation.engines.base import Context, Request
from pipeline.translation.engines.llm import Completion, LlmEngine, user_message
from pipeline.translation.prompts import Prompts, fill, load_prompts


def test_a_paragraph_whose_placeholders_are_empty_is_left_out():
    template = "Title: {title}\n\nTerms: {terms}\n\nTranslate into {language}:\n{units}"
    assert fill(template, {"language": "English", "title": "", "terms": "a = b", "units": "u1: x"}) == (
        "Terms: a = b\n\nTranslate into English:\nu1: x"
    )


def test_what_is_put_in_is_not_read_as_a_template():
    assert fill("{units}", {"units": "{language} {units}", "language": "English"}) == "{language} {units}"


@pytest.mark.parametrize(
    ("user", "said"),
    [("{units} {unit}", "unknown placeholder {unit}"), ("nothing", "lacks {units}"), (None, "can't be read")],
)
def test_a_wrong_template_is_named(tmp_path, user, said):
    system, path = tmp_path / "system.md", tmp_path / "user.md"
    system.write_text("Into {language}.")
    if user is not None:
        path.write_text(user)
    with pytest.raises(UsageError) as caught:
        load_prompts(system, path)
    assert said in str(caught.value)
    assert caught.value.where == str(path)


def test_the_digest_follows_the_text(tmp_path):
    system, user = tmp_path / "s.md", tmp_path / "u.md"
    system.write_text("{language}")
    user.write_text("{units}")
    before = load_prompts(system, user).digest
    user.write_text("{units}!")
    assert load_prompts(system, user).digest != before


def test_the_sentences_before_are_shown_with_their_translations():
    request = Request("u1", "它很快。", before=("第一句。", "第二句。"))
    context = Context("zh-Hans", "en", "English", "", said=lambda text: {"第二句。": "The second."}.get(text, ""))
    assert user_message("{before}\n\n{units}", [request], context) == "第一句。\n第二句。 = The second.\n\nu1: 它很快。"


@pytest.mark.parametrize(
    ("text", "sent"), [("它很快", "它很快。"), ("它快吗", "它快吗？"), ("它很快！", "它很快！"), ("他说：", "他说：")]
)
def test_the_mark_that_captions_leave_out_is_sent(text, sent):
    context = Context("zh-Hans", "en", "English", "")
    assert user_message("{units}", [Request("u1", text)], context) == f"u1: {sent}"


def test_the_titles_numbers_are_written_as_the_target_language_does():
    context = Context("zh-Hans", "en", "English", "100亿颗芯片")
    assert user_message("{title}\n\n{units}", [Request("u1", "它很快。")], context).startswith("10 billion颗芯片")


class Asked:
    """A model that keeps the schema that it was asked with."""

    next_token = None
    identity = "m"

    def complete(self, system, user, schema, max_tokens):
        self.schema = schema
        return Completion('{"u1": "Fast."}', cut=False)

    def close(self):
        return


@pytest.mark.parametrize(
    ("engine", "target", "barred"), [("embedded", "en", True), ("embedded", "ja", False), ("server", "en", False)]
)
def test_the_embedded_model_cannot_write_chinese_into_a_language_without_it(engine, target, barred):
    model = Asked()
    LlmEngine(engine, model, Prompts("{language}", "{units}"), batch_units=1).translate(
        [Request("u1", "它很快。")], Context("zh-Hans", target, "X", ""), lambda *_: None
    )
    pattern = model.schema["properties"]["u1"].get("pattern")
    assert (pattern is not None) == barred
    if pattern:
        assert re.match(pattern, "A podcast, “said” 50 %.")
        assert not re.match(pattern, "A 播客.")


def test_the_check_knows_the_words_of_the_prompt_that_comes_along():
    template = (config_dir() / "prompts" / "translate.user.md").read_text("utf-8")
    for row in template.splitlines():
        if row.endswith(":") and "{" not in row:
            assert prompt_echo("它很快", row), row
