"""Shorter wordings: the same meaning, nowhere but where it is safe, and from a table that people can edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.translation.checks import check_unit
from pipeline.translation.wording import Wording, Wordings, load_wordings
from tests.benchmarks.translate import TEXTS

TABLE = load_wordings(config_dir() / "wordings" / "en.tsv")
HEADER = "long\tshort\tstep\tunless_after\tunless_before\tonly_before\tnote\n"


def shortened(text: str, *keep: str) -> str:
    for step in TABLE.steps:
        text = TABLE.shorten(text, step=step, keep=keep).text
    return text


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("It is cheap, and that is all.", "It's cheap, and that's all."),
        ("They do not sell it.", "They don't sell it."),
        ("We will not wait, and we cannot.", "We won't wait, and we can't."),
        ("It is not a server.", "It's not a server."),
        ("They have been here for twenty years.", "They've been here for 20 years."),
        ("There are six hundred tests behind three million lines.", "There are 600 tests behind 3 million lines."),
        ("It grew by 20 percent, to 3 million dollars.", "It grew by 20%, to $3 million."),
        ("It took more than 20 years.", "It took over 20 years."),
        ("In order to read it, they opened it.", "To read it, they opened it."),
        ("He left due to the fact that he was able to.", "He left because he was able to."),
        ("The vast majority of users are able to read it.", "Most users can read it."),
        ("However, this means that it works.", "But this means it works."),
        ("Well, it’s worth noting that they’re able to.", "It’s worth noting that they can."),
        ("Actually, they are exactly the same.", "They're the same."),
        ("Thank you for watching, we'll see you next time.", "Thanks for watching, see you next time."),
        ("The problem is that they're slow, which is called lag.", "The problem is they're slow, called lag."),
        ("Not the number, but the fact that it grew.", "Not the number, but that it grew."),
        ("A single query takes long.", "One query takes long."),
        ("What it really has is time.", "What it has is time."),
        ("It is said that so that they can.", "It's said that so they can."),
        ("Something more interesting is that it grew.", "More interestingly, it grew."),
        ("It is even more surprising that it grew.", "Even more surprisingly, it grew."),
    ],
)
def test_the_same_is_said_in_fewer_characters(long: str, short: str) -> None:
    assert shortened(long) == short


@pytest.mark.parametrize(
    "text",
    [
        "Nothing is better than it is.",
        "I know what it is, and where it is.",
        "What is it?",
        "Twenty years later, five or six hundred came.",
        "From twenty to thirty percent, one hundred and twenty in all.",
        "No more than 20 of them, and twenty-five more.",
        "Not only that, it is.",
        "They don't have the ability to.",
        "He said “it is not so, in order to win”.",
        'He said "it is not so, in order to win".',
        "The film It Is Not So won.",
        "The most likely one.",
        "It doesn't really work, and it's really good.",
        "Does it work, really?",
        "Not a single one is completely open.",
        "We want to thank you for it.",
        "It's even more important that he comes.",
    ],
)
def test_what_would_read_wrong_or_is_quoted_stays(text: str) -> None:
    assert shortened(text) == text


def test_terms_and_names_stay_as_they_are() -> None:
    assert (
        shortened("The app There Is uses more than 20 servers.", "more than 20")
        == "The app There Is uses more than 20 servers."
    )


def test_every_change_is_told() -> None:
    made = TABLE.shorten("It is open, and they do not pay.", step=1)
    assert made.changes == ("It is → It's", "do not → don't")
    assert TABLE.shorten("Open.", step=1).changes == ()


def test_steps_go_from_gentle_to_more() -> None:
    assert TABLE.steps == (1, 2, 3)
    assert TABLE.shorten("It is here in order to stay.", step=1).text == "It's here in order to stay."
    assert TABLE.shorten("It is here in order to stay.", step=2).text == "It is here to stay."


def test_no_rule_makes_a_text_longer() -> None:
    for rule in TABLE.rules:
        longest = max(len(word) for word in rule.long.split("|"))
        assert len(rule.short) < len(rule.long) + longest, rule


@pytest.mark.parametrize("name", ["riscv", "sqlite", "chips"])
def test_translations_by_hand_keep_what_the_checks_look_for(name: str) -> None:
    """Numbers, negations and questions of real sentences, each with its source."""
    lines = (TEXTS / name / "transcript.txt").read_text("utf-8").split()
    for row in (TEXTS / name / "reference.en.tsv").read_text("utf-8").splitlines():
        first, last, text = row.split("\t")
        source = "，".join(lines[int(first) - 1 : int(last)])
        before, after = (
            {(each.rule, each.severity) for each in check_unit(source, each, language="en", terms=(), where="")}
            for each in (text, shortened(text))
        )
        assert after <= before, text
        assert len(shortened(text)) <= len(text)


def test_a_workspaces_own_table_is_read(tmp_path: Path) -> None:
    table = tmp_path / "en.tsv"
    table.write_text(HEADER + "# a comment\nin the vicinity of\tnear\t1\nuse|uses <n> times\tdo {2}x\t2\n", "utf-8")
    rules = load_wordings(table)
    assert rules == Wordings((Wording("in the vicinity of", "near"), Wording("use|uses <n> times", "do {2}x", 2)))
    assert rules.shorten("He uses 3 times more.", step=2).text == "He do 3x more."
    assert rules.digest != TABLE.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in order to\tto\t1\n", "no header"),
        (HEADER + "in order to\tto\tfirst\n", "row 2"),
        (HEADER + "\tto\t1\n", "row 2"),
        (HEADER + "a lot of\tmuch\t1\nin order to\t{1}\t1\n", "row 3"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "en.tsv"
    table.write_text(text, "utf-8")
    with pytest.raises(UsageError) as refused:
        load_wordings(table)
    assert said in f"{refused.value.what} {refused.value.where}"
