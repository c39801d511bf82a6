"""A report's facts as one HTML file: words in a language, a style sheet and a script inside, nothing from elsewhere."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from pipeline import __version__
from pipeline.report import figures
from pipeline.report.facts import EpisodeFacts, Look, Tongue, WorkspaceFacts

HERE = Path(__file__).resolve().parent
UI_LANGUAGES = ("en", "zh-Hans")
# What the review page calls findings and stages is called so here too.
_RULES = HERE.parent / "review" / "static" / "texts"


def episode_page(facts: EpisodeFacts, *, language: str) -> str:
    """The report of an episode; `language` is one of UI_LANGUAGES."""
    t = teller(language)
    named = [(f"look-{number}", look) for number, look in enumerate(facts.looks)]
    strips = [
        figures.strip_figure(
            strip, wave, facts.strip_ms, _marks(named, strip.start_ms, strip.end_ms, t), t("timeline.strip")
        )
        for strip, wave in zip(facts.strips, facts.waves, strict=True)
    ]
    stages: dict[str, float] = {}
    for work in facts.work:
        stages[work.stage] = stages.get(work.stage, 0.0) + work.seconds
    return _fill(
        "episode.html",
        language,
        title=facts.title,
        facts=facts,
        looks=named,
        strips=strips,
        speeds=[_speeds(tongue, t) for tongue in facts.tongues],
        lengths=[_lengths(tongue, t) for tongue in facts.tongues],
        states=[
            figures.bar(
                figures.shares(dict(tongue.states)), sum(count for _, count in tongue.states), t("languages.states")
            )
            for tongue in facts.tongues
        ],
        lines_bar=figures.bar(
            [("b-ok", facts.ok), ("b-check", facts.check), ("b-unspoken", facts.unspoken)], facts.lines, t("lines.bar")
        ),
        most=max((rule.errors + rule.warnings for tongue in facts.tongues for rule in tongue.rules), default=1),
        stages=list(stages.items()),
        total=sum(stages.values()),
        tokens=sum(work.tokens for work in facts.work),
        cost=sum(work.cost for work in facts.work),
    )


def workspace_page(facts: WorkspaceFacts, *, language: str) -> str:
    """The report of a workspace; `language` is one of UI_LANGUAGES."""
    t = teller(language)
    done = [row for row in facts.rows if row.finished]
    charts = [
        ("trend.check", figures.trend([[_times(row.check, 100) for row in done]], unit=" %", label=t("trend.check"))),
        ("trend.findings", figures.trend([[row.findings for row in done]], unit="", label=t("trend.findings"))),
        ("trend.pace", figures.trend([[row.pace for row in done]], unit=" ×", label=t("trend.pace"))),
    ]
    people = [
        (name, figures.trend([[100 * far for _, far in values]], unit=" %", label=t("trend.distance")))
        for name, values in facts.trend
    ]
    return _fill(
        "workspace.html",
        language,
        title=facts.name,
        facts=facts,
        charts=charts,
        people=people,
        failed=[row for row in facts.rows if row.problem],
        minutes=sum(row.minutes or 0.0 for row in facts.rows),
        total=sum(seconds for _, seconds in facts.work),
        cost=sum(row.cost for row in facts.rows),
    )


@functools.cache
def texts(language: str) -> dict[str, str]:
    """The words of reports in a language; what it lacks is English."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(("en", language)):
        rules = json.loads((_RULES / f"{name}.json").read_text(encoding="utf-8"))
        found |= {key: text for key, text in rules.items() if key.startswith("rule.")}
        found |= json.loads((HERE / "texts" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def teller(language: str) -> Any:
    """A function from a key, and what goes into it, to words."""
    known = texts(language)

    def tell(key: str, **values: Any) -> str:
        text = known.get(key, key.partition(".")[2] or key)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    return tell


def clock(ms: float) -> str:
    """A time as players show it: 2:03 or 1:02:03."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def duration(seconds: float) -> str:
    """How long something took: 4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def money(amount: float) -> str:
    """An amount with as many digits as say something."""
    return f"{amount:,.2f}" if amount >= 0.1 else f"{amount:.4f}"


def content_policy(style: str, script: str) -> str:
    """What the page may load: its own style, script and sounds, and nothing else from anywhere."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _fill(template: str, language: str, **values: Any) -> str:
    style = (HERE / "templates" / "report.css").read_text(encoding="utf-8")
    script = (HERE / "templates" / "report.js").read_text(encoding="utf-8")
    return (
        _templates()
        .get_template(template)
        .render(
            t=teller(language),
            ui=language,
            version=__version__,
            policy=content_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            clock=clock,
            duration=duration,
            money=money,
            bar=figures.bar,
            **values,
        )
    )


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _marks(looks: Sequence[tuple[str, Look]], start_ms: int, end_ms: int, t: Any) -> list[tuple[int, str, str, str]]:
    """The places of a strip; lines that were never spoken have marks of their own there."""
    return [
        (look.at_ms, look.kind, look.name or t("look.extra.mark"), target)
        for target, look in looks
        if start_ms <= look.at_ms < end_ms and look.kind != "unspoken"
    ]


def _speeds(tongue: Tongue, t: Any) -> Markup:
    limit = tongue.speed_limit
    return figures.histogram(
        tongue.speeds,
        lines=[(limit, f"{limit:g}")],
        unit=t("unit.cps"),
        label=t("speed.label", language=tongue.name),
        good=lambda value: value <= limit * 1.001,
    )


def _lengths(tongue: Tongue, t: Any) -> Markup:
    return figures.histogram(
        tongue.lengths,
        lines=[(tongue.shortest, f"{tongue.shortest:.2g}"), (tongue.longest, f"{tongue.longest:.2g}")],
        unit=t("unit.s"),
        label=t("length.label", language=tongue.name),
        good=lambda value: tongue.shortest <= value + 0.001 and value <= tongue.longest + 0.001,
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
