"""Prompt templates."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.translation.prompts import fill, load_prompts


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
