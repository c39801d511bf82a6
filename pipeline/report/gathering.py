"""An episode's report from what lies there: alignment, sound, tracks, units, their history, the manifest. No model runs
but the small one for voice activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.alignment.result import Alignment
from pipeline.alignment.timeline import Strip, envelope, plan_strips, strip_ms
from pipeline.job import Job
from pipeline.languages import Language
from pipeline.manifest import StepRecord
from pipeline.report.clips import clips
from pipeline.report.differences import distance, edits, mean
from pipeline.report.facts import Accuracy, Change, EpisodeFacts, Look, Rule, Tongue, Wave, Work
from pipeline.runner import NotReady
from pipeline.settings import ServerSettings
from pipeline.stages.terms import episode_glossary
from pipeline.stages.views import transcript_rows, voice_spans
from pipeline.store import Store, StoredUnit
from pipeline.store.corrections import Correction
from pipeline.subtitles import check
from pipeline.subtitles.display import reading_speed
from pipeline.track import Finding
from pipeline.translation.engines import Rates, Usage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

STAGES = ("align", "translate", "subtitle", "render")
_COLUMNS = 480
_FULL_SCALE = 100
_PAD_MS = 300
# Of a rule's findings, of changes and of places to look at so many are written out.
MOST_FINDINGS, MOST_CHANGES, MOST_LOOKS = 30, 60, 200
# How many full-width characters of notes plan_strips may lay side by side: the page writes them elsewhere.
_CHARS_PER_STRIP = 40.0


def gather_episode(job: Job) -> EpisodeFacts:
    """Everything that the report of an episode shows.

    Raises:
        NotReady: it was never aligned.
        EpisodeError: the transcript has changed since it was aligned.
        InputError: the sound can't be decoded.
    """
    alignment = job.alignment
    rows = transcript_rows(job, alignment)
    sound = job.sound
    strips = plan_strips(alignment, voice_spans(job, sound), rows, chars_per_strip=_CHARS_PER_STRIP)
    looks, spans = places(alignment, rows)
    limits = job.settings.report
    heard = clips(
        sound, spans[: limits.clips], pad_ms=_PAD_MS, longest_s=limits.clip_s, bit_rate=limits.clip_bits_per_second
    )
    shown = looks[:MOST_LOOKS]
    with_sound = [
        Look(look.kind, look.name, look.at_ms, look.text, look.confidence, clip)
        for look, clip in zip(shown, [*heard, *[""] * len(shown)], strict=False)
    ]
    status = [line.status for line in alignment.lines]
    records = {name: step for name, step in job.manifest.steps.items() if stage_of(name) in STAGES}
    facts = EpisodeFacts(
        title=job.episode.title,
        path=job.episode.id,
        finished=max((record.finished for record in records.values()), default=""),
        duration_ms=alignment.duration_ms,
        lines=len(alignment.lines),
        ok=status.count("ok"),
        check=status.count("check"),
        unspoken=status.count("unspoken"),
        extra=len(alignment.extra),
        strip_ms=strip_ms(alignment.duration_ms),
        strips=tuple(strips),
        waves=tuple(_wave(sound, strip) for strip in strips),
        looks=tuple(sorted(with_sound, key=lambda look: look.at_ms)),
        looks_left=max(0, len(looks) - MOST_LOOKS),
        tongues=tuple(_tongues(job)),
        work=tuple(work_of(records, rates_of(job.settings.server))),
        currency=job.settings.server.currency,
    )
    job.forget_sound()
    return facts


def stage_of(step: str) -> str:
    """The stage that a step belongs to: the first word of its name."""
    return step.partition(" ")[0]


def places(alignment: Alignment, rows: dict[int, int]) -> tuple[list[Look], list[tuple[int, int]]]:
    """Where to look, the worst first, and the span of the sound there (empty where nothing is said).

    Lines to check come by confidence, then speech that nobody wrote, then lines that were never spoken.
    """
    found: list[tuple[tuple[int, float], Look, tuple[int, int]]] = []
    before = 0
    for line in alignment.lines:
        name = str(rows[line.index])
        if line.start_ms is None or line.end_ms is None:
            look = Look("unspoken", name, before, line.text, line.confidence)
            found.append(((2, before), look, (before, before)))
            continue
        before = line.end_ms
        if line.status == "check":
            look = Look("check", name, line.start_ms, line.text, line.confidence)
            found.append(((0, line.confidence), look, (line.start_ms, line.end_ms)))
    for extra in alignment.extra:
        look = Look("extra", "", extra.start_ms, extra.text, extra.confidence)
        found.append(((1, extra.start_ms), look, (extra.start_ms, extra.end_ms)))
    found.sort(key=lambda each: each[0])
    return [look for _, look, _ in found], [span for _, look, span in found if look.kind != "unspoken"]


def work_of(records: Mapping[str, StepRecord], rates: Rates) -> Iterable[Work]:
    """Time and money of each step, in the order in which the stages follow."""
    for name, record in sorted(records.items(), key=lambda item: STAGES.index(stage_of(item[0]))):
        said = record.summary.get("server") or {}
        used = Usage(tokens_in=said.get("tokens_in", 0), tokens_out=said.get("tokens_out", 0))
        yield Work(stage_of(name), name, record.seconds, used.tokens_in + used.tokens_out, rates.cost(used))


def rates_of(server: ServerSettings) -> Rates:
    """What the server's tokens cost."""
    return Rates(server.price_in, server.price_out, server.currency, server.max_tokens, server.max_cost)


def by_rule(findings: Iterable[Finding]) -> tuple[Rule, ...]:
    """Findings by their rule, those with most errors first, then by number."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule].append(finding)
    rules = []
    for name, found in groups.items():
        errors = sum(finding.severity == "error" for finding in found)
        worst = sorted(found, key=lambda finding: finding.severity != "error")
        rules.append(Rule(name, errors, len(found) - errors, tuple(worst[:MOST_FINDINGS])))
    return tuple(sorted(rules, key=lambda rule: (-rule.errors, -rule.warnings, rule.name)))


def accuracy(units: Sequence[StoredUnit], has: Sequence[bool], rules: frozenset[str]) -> Accuracy:
    """Of the translated units that have something, how many no rule of those finds fault with."""
    concerned = [unit for unit, yes in zip(units, has, strict=True) if yes and unit.text]
    wrong = sum(any(finding.rule in rules for finding in unit.findings) for unit in concerned)
    return Accuracy(len(concerned) - wrong, len(concerned))


def _wave(sound: Samples, strip: Strip) -> Wave:
    from pipeline.media import SAMPLE_RATE

    low, high = envelope(sound, strip, _COLUMNS, SAMPLE_RATE)
    return tuple(
        (max(-_FULL_SCALE, round(float(down) * _FULL_SCALE)), min(_FULL_SCALE, round(float(up) * _FULL_SCALE)))
        for down, up in zip(low, high, strict=True)
    )


def _tongues(job: Job) -> Iterable[Tongue]:
    """The spoken language, then those that there are translations in."""
    yield _tongue(job, job.source, (), ())
    if not job.targets:
        return
    made: dict[str, list[Correction]] = defaultdict(list)
    for correction in job.store.corrections(job.episode_id):
        made[correction.language].append(correction)
    for language in job.targets:
        units = _open(job.store, job.episode_id, language.tag)
        try:
            yield _tongue(job, language, units, made[language.tag])
        except NotReady:
            continue


def _open(store: Store, episode: str, language: str) -> list[StoredUnit]:
    """The units, without the findings that people dismissed."""
    dismissed = store.episode_dismissals(episode, language)

    def stands(unit: StoredUnit, finding: Finding) -> bool:
        return not any(
            each.rule == finding.rule and each.value in ("", finding.value)
            for each in dismissed.get(unit.id, ())
            if not each.void
        )

    return [
        unit._replace(findings=tuple(finding for finding in unit.findings if stands(unit, finding)))
        for unit in store.units(episode, language)
    ]


def _tongue(job: Job, language: Language, units: Sequence[StoredUnit], corrections: Sequence[Correction]) -> Tongue:
    track, profile = job.track(language), language.profile
    findings = [*check(track, profile), *(finding for unit in units for finding in unit.findings)]
    seconds = [cue.duration_ms / 1000 for cue in track.cues]
    changes = sorted(
        (change_of(correction) for correction in corrections), key=lambda change: change.distance, reverse=True
    )
    changed = [change for change in changes if change.distance > 0 or len(change.edits) > 1]
    states = [
        (state, sum(unit.status == state for unit in units)) for state in ("approved", "edited", "machine", "new")
    ]
    terms = numbers = None
    if units:
        from pipeline.translation.numbers import count_numbers

        glossary = episode_glossary(job, language)
        hits = [any(not term.is_advice for term in glossary.hits(unit.source)) for unit in units]
        terms = accuracy(units, hits, frozenset({"glossary-term", "glossary-forbidden"}))
        counted = [count_numbers(unit.source) > 0 for unit in units]
        numbers = accuracy(units, counted, frozenset({"number", "number-side", "currency", "unit-of-measure"}))
    return Tongue(
        tag=language.tag,
        name=language.own_name,
        direction=language.direction,
        cues=len(track.cues),
        speeds=tuple(reading_speed(cue.text, cue.duration_ms, profile) for cue in track.cues if cue.duration_ms > 0),
        speed_limit=profile.cps,
        lengths=tuple(seconds),
        shortest=profile.min_ms / 1000,
        longest=profile.max_ms / 1000,
        states=tuple((state, count) for state, count in states if count),
        rules=by_rule(findings),
        terms=terms,
        numbers=numbers,
        changes=tuple(changed[:MOST_CHANGES]),
        changed=len(changed),
        confirmed=len(changes) - len(changed),
        distance=mean([change.distance for change in changes]),
    )


def change_of(correction: Correction) -> Change:
    """A correction with what is different in it."""
    first, last = correction.first + 1, correction.last + 1
    return Change(
        rows=str(first) if first == last else f"{first}–{last}",
        source=correction.source,
        engine=correction.engine,
        who=correction.who,
        distance=distance(correction.machine, correction.person),
        edits=edits(correction.machine, correction.person),
    )
