"""Figures as SVG, from numbers alone: pure functions that return markup.

Places along a figure are percentages and heights are pixels, so a figure is as wide as its page and its words stay as
large as they are. Colours are classes of the page's style sheet, so they follow the theme. No style attributes: the
page's policy forbids them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from pipeline.alignment.timeline import Strip, clock, tick_ms
from pipeline.report.facts import Wave

# Pixels, from the top of a strip: marks of what to look at, the wave, the lines, the axis.
_MARKS, _WAVE, _BLOCKS, _AXIS = 18, 44, 14, 16
_STRIP_HEIGHT = _MARKS + _WAVE + _BLOCKS + _AXIS
# A mark's words take so much of a strip's width on a phone.
_MARK_SHARE = 0.075
_TURN_AT = 0.9
_BINS = 16
_HISTOGRAM, _FOOT, _HEAD = 92, 18, 16
_TICKS_TO = 0.7
# Before the first episode of a trend stand the axis's numbers.
_LABELS = 0.12
_TREND, _TREND_HEAD = 108, 16


def strip_figure(
    strip: Strip, wave: Wave, length_ms: int, marks: Sequence[tuple[int, str, str, str]], label: str
) -> Markup:
    """A row of the timeline: where to look, the sound and who speaks, the lines by status and confidence, the time.

    Arguments:
        wave: of the strip's part of the sound.
        length_ms: what the full width stands for; the last strip may be shorter.
        marks: (at_ms, kind, text, target) of places to look at, in order; the target is an id in the page.
        label: what a screen reader says.
    """

    def x(ms: float) -> str:
        return percent((ms - strip.start_ms) / length_ms)

    top = _MARKS
    parts = [
        f'<rect class="voice" x="{x(start)}" y="{top}" width="{percent((end - start) / length_ms)}" height="{_WAVE}"/>'
        for start, end in strip.voice
    ]
    parts.append(_wave(strip, wave, length_ms))
    for block in strip.blocks:
        share = (block.end_ms - block.start_ms) / length_ms
        fade = (
            "" if block.kind == "extra" else f' fill-opacity="{0.35 + 0.65 * min(1.0, max(0.0, block.confidence)):.2f}"'
        )
        parts.append(
            f'<rect class="b-{block.kind}" x="{x(block.start_ms)}" y="{top + _WAVE + 2}" width="{percent(share)}" '
            f'height="{_BLOCKS - 4}" rx="2"{fade}/>'
        )
    for at, count in strip.unspoken:
        parts.append(f'<rect class="b-unspoken" x="{x(at)}" y="{top}" width="2" height="{_WAVE + _BLOCKS}"/>')
        if count > 1:
            parts.append(f'<text class="mark k-unspoken" x="{x(at)}" dx="5" y="{top + 11}">×{count}</text>')
    parts += _ticks(strip, length_ms)
    parts += _marks(strip, length_ms, marks)
    return _svg(_STRIP_HEIGHT, parts, label, "strip", role="group")


def histogram(
    values: Sequence[float], *, lines: Sequence[tuple[float, str]], unit: str, label: str, good: Callable[[float], bool]
) -> Markup:
    """How often values fall into equal steps, with lines at limits; steps wholly beyond them stand out.

    Arguments:
        lines: (value, words) of limits.
        unit: what stands behind the axis's numbers.
        good: whether a value keeps the limits.
    """
    if not values:
        return Markup("")
    top = max([*values, *(value for value, _ in lines)]) * 1.02
    step = nice_step(top / _BINS)
    bins = max(1, math.ceil(top / step))
    counts = [[0, 0] for _ in range(bins)]
    for value in values:
        counts[min(bins - 1, int(value / step))][0 if good(value) else 1] += 1
    most = max(sum(count) for count in counts)
    height, base = _HISTOGRAM, _HEAD + _HISTOGRAM
    parts = []
    for number, (well, ill) in enumerate(counts):
        left, y = number / bins, float(base)
        for count, kind in ((well, "bar"), (ill, "bar-bad")):
            if count:
                tall = height * count / most
                y -= tall
                parts.append(
                    f'<rect class="{kind}" x="{percent(left + 0.06 / bins)}" y="{y:.1f}" '
                    f'width="{percent(0.88 / bins)}" height="{tall:.1f}">'
                    f"<title>{number * step:g}–{(number + 1) * step:g} {escape(unit)}: {count}</title></rect>"
                )
    parts.append(_line(0, base, 1, base, "axis"))
    for value, words in lines:
        place = value / (bins * step)
        parts.append(_line(place, _HEAD - 2, place, base, "limit"))
        anchor, dx = ("end", -3) if place > 0.6 else ("start", 3)
        parts.append(_text(words, "limit-text", place, 11, anchor, dx))
    every = max(1, round(bins / 5))
    for number in range(0, bins, every):
        if number / bins > _TICKS_TO:  # there stands the unit
            break
        anchor = "start" if number == 0 else "middle"
        parts.append(_text(f"{number * step:g}", "tick", number / bins, base + 13, anchor))
    parts.append(_text(unit, "tick", 1, base + 13, "end"))
    return _svg(base + _FOOT, parts, label, "histogram")


def bar(parts: Sequence[tuple[str, float]], total: float, label: str) -> Markup:
    """One bar of several parts, (class, amount), out of a total."""
    drawn, left = [], 0.0
    for kind, amount in parts:
        if amount > 0 and total > 0:
            drawn.append(
                f'<rect class="{escape(kind)}" x="{percent(left / total)}" y="1" '
                f'width="{percent(amount / total)}" height="10"/>'
            )
            left += amount
    return _svg(12, ['<rect class="trough" x="0" y="1" width="100%" height="10"/>', *drawn], label, "meter")


def trend(
    series: Sequence[Sequence[float | None]], *, unit: str, label: str, classes: Sequence[str] = ("t0",)
) -> Markup:
    """Values of episodes in their order as dots, with the moving mean of each series as a line; None is a gap."""
    known = [value for values in series for value in values if value is not None]
    if not known:
        return Markup("")
    top = nice_top(max(known))
    base = _TREND_HEAD + _TREND
    count = max(len(values) for values in series)

    def x(place: int) -> float:
        return 0.5 if count == 1 else _LABELS + (0.99 - _LABELS) * place / (count - 1)

    def y(value: float) -> float:
        return base - _TREND * value / top

    parts = [
        _line(0, base, 1, base, "axis"),
        _line(0, y(top), 1, y(top), "grid"),
        _line(0, y(top / 2), 1, y(top / 2), "grid"),
    ]
    parts += [
        f'<text class="tick" x="0" y="{y(value) - 3:.0f}">{value:g}{escape(unit)}</text>' for value in (top / 2, top)
    ]
    for values, kind in zip(series, classes, strict=True):
        smooth = list(moving_mean(values))
        parts += [
            _line(x(one), y(before), x(two), y(after), f"line {kind}")
            for (one, before), (two, after) in pairwise(smooth)
        ]
        parts += [
            f'<circle class="dot {kind}" cx="{percent(x(place))}" cy="{y(value):.1f}" r="3">'
            f"<title>{place + 1}: {value:.3g}{escape(unit)}</title></circle>"
            for place, value in enumerate(values)
            if value is not None
        ]
    return _svg(base + 4, parts, label, "trend")


def moving_mean(values: Sequence[float | None], width: int = 5) -> Iterator[tuple[int, float]]:
    """(place, mean of the last `width` known values) at every known value."""
    seen: list[float] = []
    for place, value in enumerate(values):
        if value is not None:
            seen.append(value)
            yield place, sum(seen[-width:]) / len(seen[-width:])


def nice_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999)


def nice_top(most: float) -> float:
    """Where an axis ends that has room for `most`."""
    return nice_step(most) if most > 0 else 1.0


def percent(share: float) -> str:
    """A share of the width."""
    return f"{100 * share:.2f}%"


def _svg(height: float, parts: Sequence[str], label: str, kind: str, role: str = "img") -> Markup:
    # Every word that comes from elsewhere was escaped above.
    inside = "".join(parts)
    return Markup(
        f'<svg class="{kind}" width="100%" height="{height:g}" role="{role}" aria-label="{escape(label)}">'
        f"{inside}</svg>"
    )


def _text(words: str, kind: str, x: float, y: float, anchor: str = "start", dx: int = 0) -> str:
    return f'<text class="{kind}" x="{percent(x)}" dx="{dx}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{percent(x1)}" y1="{y1:.1f}" x2="{percent(x2)}" y2="{y2:.1f}"/>'


def _wave(strip: Strip, wave: Wave, length_ms: int) -> str:
    """The sound as one filled shape, stretched to the strip's width."""
    share = min(1.0, (strip.end_ms - strip.start_ms) / length_ms)
    upper = " ".join(f"{place},{-high}" for place, (_, high) in enumerate(wave))
    lower = " ".join(f"{place},{max(-low, -high + 1)}" for place, (low, high) in reversed(list(enumerate(wave))))
    return (
        f'<svg x="0" y="{_MARKS}" width="{percent(share)}" height="{_WAVE}" '
        f'viewBox="0 -100 {max(1, len(wave) - 1)} 200" preserveAspectRatio="none">'
        f'<polygon class="wave" points="{upper} {lower}"/></svg>'
    )


def _ticks(strip: Strip, length_ms: int) -> Iterator[str]:
    step = tick_ms(length_ms)
    # On a phone, 350 pixels hold eight times of five characters.
    while length_ms / step > 8:
        step *= 2
    base = _MARKS + _WAVE + _BLOCKS
    for at in range(-(-strip.start_ms // step) * step, strip.end_ms + 1, step):
        place = (at - strip.start_ms) / length_ms
        anchor = "start" if place < 0.03 else "end" if place > 0.97 else "middle"
        yield _line(place, base, place, base + 3, "axis")
        yield _text(clock(at), "tick", place, base + 13, anchor)


def _marks(strip: Strip, length_ms: int, marks: Sequence[tuple[int, str, str, str]]) -> Iterator[str]:
    """Words where there is room for them, an arrow everywhere."""
    free = -1.0
    for at, kind, text, target in marks:
        place = (at - strip.start_ms) / length_ms
        words, back = "", place > _TURN_AT
        if place >= free:
            anchor = "end" if back else "start"
            words = _text(text, f"mark k-{kind}", place, 12, anchor, -7 if back else 7)
            free = place + _MARK_SHARE
        # What a finger meets is larger than what is seen.
        inside = (
            f'<svg x="{percent(place)}" y="6" overflow="visible"><path class="k-{kind}" d="M-5 0H5L0 9z"/>'
            f'<rect class="hit" x="{-24 if back else -8}" y="-6" width="32" height="20"/></svg>{words}'
        )
        yield f'<a href="#{escape(target)}" aria-label="{escape(text)}, {clock(at)}">{inside}</a>' if target else inside


def shares(counts: Mapping[str, int]) -> list[tuple[str, float]]:
    """Amounts for a bar by the class of their state."""
    return [(f"s-{state}", float(count)) for state, count in counts.items()]
