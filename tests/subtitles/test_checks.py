"""Rules of readability: each with a cue that breaks it and one that just does not."""

from __future__ import annotations

import pytest

from pipeline.languages import find
from pipeline.subtitles.checks import RULES, check
from pipeline.track import Cue, Track

PROFILE = find("en").profile
GOOD = Cue(0, 2000, "A cue that can be read.")


def _rules(*cues: Cue, media_ms: int | None = None) -> list[tuple[str, str]]:
    return [(f.rule, f.where) for f in check(Track("en", cues), PROFILE, media_ms=media_ms)]


def test_a_good_track_has_no_findings() -> None:
    assert _rules(GOOD, Cue(2083, 4000, "And another one."), media_ms=4000) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("empty", Cue(3000, 5000, " "), Cue(3000, 5000, "x")),
        ("reading-speed", Cue(3000, 4000, "x" * 21), Cue(3000, 4000, "x" * 20)),
        ("line-length", Cue(3000, 7000, "x" * 43), Cue(3000, 7000, "x" * 42)),
        ("line-count", Cue(3000, 7000, "a\nb\nc"), Cue(3000, 7000, "a\nb")),
        ("too-short", Cue(3000, 3832, "x"), Cue(3000, 3833, "x")),
        ("too-long", Cue(3000, 10_001, "x"), Cue(3000, 10_000, "x")),
        ("gap", Cue(2082, 4000, "x"), Cue(2083, 4000, "x")),
        ("overlap", Cue(1999, 4000, "x"), Cue(2083, 4000, "x")),
        ("past-end", Cue(58_000, 60_001, "x"), Cue(58_000, 60_000, "x")),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: str, bad: Cue, good: Cue) -> None:
    assert (rule, "cue 2") in _rules(GOOD, bad, media_ms=60_000)
    assert _rules(GOOD, good, media_ms=60_000) == []


@pytest.mark.parametrize("cue", [Cue(3000, 3000, "x"), Cue(3000, 2500, "x"), Cue(-5, 2000, "x")])
def test_impossible_times_are_found(cue: Cue) -> None:
    assert ("no-time", "cue 1") in _rules(cue)


def test_a_finding_says_value_limit_and_remedy() -> None:
    (finding,) = check(Track("en", (Cue(0, 1000, "x" * 25),)), PROFILE)
    assert (finding.severity, finding.value, finding.limit) == ("warning", "25.0 characters/s", "20 characters/s")
    assert finding.remedy


def test_chinese_rows_are_counted_in_squares() -> None:
    chinese = find("zh-Hans").profile
    assert check(Track("zh-Hans", (Cue(0, 3000, "一" * 12 + "RISC-V的"),)), chinese) == ()
    (finding,) = check(Track("zh-Hans", (Cue(0, 3000, "一" * 17),)), chinese)
    assert finding.rule == "line-length"


def test_every_rule_is_named_in_the_registry() -> None:
    assert set(RULES) == {
        "empty", "reading-speed", "line-length", "line-count", "too-short", "too-long", "gap", "overlap", "no-time",
        "past-end",
    }  # fmt: skip
