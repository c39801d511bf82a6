"""Clues of where a sentence ends."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_file
from pipeline.translation.borders import default_rules, load_sentence_rules, matching

SOUND = """
base = 0.5
lines = [0.0, 1.0]
pauses = [[1000, 2.0]]
[model]
clues = 1.0
model = 1.0
base = 0.0
[[clue]]
name = "and"
at = "start"
words = "而且 并且"
prior = -1.0
weight = -2.0
"""


def test_of_a_group_only_the_first_clue_counts():
    found = matching(default_rules().clues, "他走了", "可是没想到他又回来了")
    assert len([clue for clue in found if clue.group == "start"]) == 1


def test_pauses_and_clues_add_up(tmp_path):
    path = tmp_path / "sentences.toml"
    path.write_text(SOUND, "utf-8")
    rules = load_sentence_rules(path)
    assert rules.border_score("他来了", "并且走了", 0) == -1.5
    assert rules.border_score("他来了", "并且走了", 1500) == 0.5
    assert rules.border_score("他来了", "他走了", 0) == 0.5
    assert [rules.length_score(lines) for lines in (1, 2, 3)] == [0.0, 1.0, 1.0]


def test_every_clue_that_is_fitted_keeps_the_direction_that_grammar_gives_it():
    for clue in default_rules().clues:
        if clue.prior is not None and abs(clue.prior) >= 1:
            assert clue.prior * clue.weight > 0, clue.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('at = "start"', 'at = "nowhere"'),
        ('words = "而且 并且"', 'words = "(而且"'),
        ("lines = [0.0, 1.0]", "lines = []"),
        ("weight = -2.0", ""),
        ("base = 0.5", 'base = "much"'),
        ("pauses = [[1000, 2.0]]", "pauses = [1000]"),
        ("[model]", "[modal]"),
    ],
)
def test_rules_of_another_form_are_refused_with_the_file(tmp_path, old, new):
    path = tmp_path / "sentences.toml"
    path.write_text(SOUND.replace(old, new, 1), "utf-8")
    with pytest.raises(UsageError) as raised:
        load_sentence_rules(path)
    assert str(raised.value.where) == str(path)
    assert "config/sentences.toml" in raised.value.remedy


def test_the_rules_that_come_with_zimu_are_sound():
    rules = load_sentence_rules(config_file("sentences.toml"))
    names = [clue.name for clue in rules.clues]
    assert len(names) == len(set(names))
