"""Figures are well-formed, true to their numbers, and escape what they are given."""

import xml.etree.ElementTree as ET

import pytest

from pipeline.alignment.timeline import Block, Strip
from pipeline.report.figures import bar, histogram, moving_mean, nice_step, strip_figure, trend

BAD = "<script>alert(1)</script>\"&'"


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(str(markup))


def rects(root: ET.Element, kind: str) -> list[dict[str, str]]:
    return [each.attrib for each in root.iter("rect") if each.get("class") == kind]


def test_a_strip_shows_lines_at_their_times_paler_the_less_sure() -> None:
    blocks = (Block(0, 15_000, "ok", 1.0), Block(30_000, 45_000, "check", 0.2), Block(50_000, 60_000, "extra", 0.9))
    strip = Strip(0, 60_000, voice=((0, 30_000),), blocks=blocks, unspoken=((20_000, 3),))
    marks = [(30_000, "check", "12", "look-1"), (30_100, "check", "13", "look-2"), (59_900, "extra", "+", "look-3")]
    root = parsed(strip_figure(strip, ((-50, 50), (0, 0)), 60_000, marks, "a strip"))
    (ok,), (check,) = rects(root, "b-ok"), rects(root, "b-check")
    assert (ok["x"], ok["width"], check["x"]) == ("0.00%", "25.00%", "50.00%")
    assert float(check["fill-opacity"]) < float(ok["fill-opacity"]) == 1.0
    assert rects(root, "voice")[0]["width"] == "50.00%"
    words = [text.text for text in root.iter("text")]
    assert "×3" in words
    assert "12" in words
    assert "13" not in words  # no room beside 12; its arrow is there
    assert [link.get("href") for link in root.iter("a")] == ["#look-1", "#look-2", "#look-3"]
    assert not [each for each in root.iter() if "style" in each.attrib]


def test_a_histogram_counts_every_value_once_and_shows_what_is_beyond_the_limit() -> None:
    values = [1.0, 2.0, 2.0, 9.0, 30.0]
    root = parsed(histogram(values, lines=[(10, "10")], unit="cps", label="l", good=lambda value: value <= 10))
    titles = [title.text or "" for title in root.iter("title")]
    assert sum(int(title.rpartition(": ")[2]) for title in titles) == len(values)
    assert len(rects(root, "bar-bad")) == 1


@pytest.mark.parametrize("values", [[0.0], [5.0] * 3, [0.001, 0.002], [1e6]])
def test_any_numbers_make_a_figure(values: list[float]) -> None:
    parsed(histogram(values, lines=[], unit="s", label="l", good=lambda _: True))
    parsed(trend([values], unit="%", label="l"))


def test_what_comes_from_elsewhere_is_escaped() -> None:
    strip = Strip(0, 1000)
    for markup in (
        strip_figure(strip, ((0, 0),), 1000, [(0, "check", BAD, BAD)], BAD),
        histogram([1.0], lines=[(1, BAD)], unit=BAD, label=BAD, good=lambda _: True),
        bar([("w", 1)], 2, BAD),
        trend([[1.0]], unit=BAD, label=BAD),
    ):
        assert not list(parsed(markup).iter("script"))


def test_a_bar_is_as_long_as_its_parts() -> None:
    root = parsed(bar([("e", 1), ("w", 2)], 4, "l"))
    assert (rects(root, "e")[0]["width"], rects(root, "w")[0]["x"]) == ("25.00%", "25.00%")
    assert rects(parsed(bar([("e", 1)], 0, "l")), "e") == []


def test_the_mean_moves_over_gaps() -> None:
    assert list(moving_mean([1.0, None, 3.0], width=2)) == [(0, 1.0), (2, 2.0)]


@pytest.mark.parametrize(("least", "step"), [(0.9, 1), (1, 1), (1.1, 2), (2.2, 5), (7, 10), (0.03, 0.05)])
def test_steps_are_round(least: float, step: float) -> None:
    assert nice_step(least) == pytest.approx(step)
