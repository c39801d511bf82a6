"""A workspace's report: what each episode's manifest and the store say, together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.alignment.result import Alignment
from pipeline.episode import Episode, find_episodes, open_episode
from pipeline.errors import ZimuError
from pipeline.manifest import Manifest
from pipeline.report.differences import distance, mean
from pipeline.report.facts import Pair, Row, WorkspaceFacts
from pipeline.report.gathering import STAGES, rates_of, stage_of, work_of
from pipeline.settings import Settings
from pipeline.store import Store, Tally
from pipeline.store.corrections import Correction
from pipeline.store.where import database, has_database


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sentence that a person judged, and how far their text is from the machine's."""

    path: str
    engine: str
    language: str
    distance: float


def gather_workspace(folder: Path, settings: Settings) -> WorkspaceFacts:
    """Everything that the report of a workspace shows; an episode that can't be read is a row with its problem.

    Raises:
        EpisodeError: the database is damaged or can't be reached.
    """
    judged, tallies = _people(folder, settings)
    by_path = defaultdict(list)
    for one in judged:
        by_path[one.path].append(one.distance)
    rows, work = [], dict.fromkeys(STAGES, 0.0)
    for path in find_episodes(folder):
        row, seconds = _row(path, settings)
        counted = tallies.get(row.path, ())
        rows.append(
            replace(
                row,
                distance=mean(by_path[row.path]),
                approved=sum(tally.approved for tally in counted),
                units=sum(tally.units for tally in counted),
            )
        )
        for stage, spent in seconds:
            work[stage] += spent
    rows.sort(key=lambda row: (row.finished == "", row.finished, row.path))
    return WorkspaceFacts(
        name=folder.name,
        rows=tuple(rows),
        pairs=pairs(judged),
        trend=trends(judged, [row.path for row in rows]),
        work=tuple(work.items()),
        currency=settings.server.currency,
    )


def pairs(judged: Iterable[_Judged]) -> tuple[Pair, ...]:
    """Each engine's work in each language, the most judged first."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in judged:
        groups[one.engine, one.language].append(one.distance)
    found = [
        Pair(engine, language, len(values), sum(value == 0 for value in values), sum(values) / len(values))
        for (engine, language), values in groups.items()
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.judged, pair.engine, pair.language)))


def trends(judged: Iterable[_Judged], order: Sequence[str]) -> tuple[tuple[str, tuple[tuple[str, float], ...]], ...]:
    """For each language the mean distance in each episode that people worked on, in the order of the episodes."""
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in judged:
        groups[one.language][one.path].append(one.distance)
    return tuple(
        (
            language,
            tuple((path, sum(episodes[path]) / len(episodes[path])) for path in order if path in episodes),
        )
        for language, episodes in sorted(groups.items())
    )


def _people(folder: Path, settings: Settings) -> tuple[list[_Judged], dict[str, tuple[Tally, ...]]]:
    if not has_database(settings, folder):
        return [], {}
    with Store.open(database(settings, folder)) as store:
        paths = {episode.id: episode.path for episode in store.episodes()}
        judged = [_judged(correction, paths) for correction in store.corrections()]
        tallies: dict[str, tuple[Tally, ...]] = {}
        for tally in store.overview():
            tallies[tally.path] = (*tallies.get(tally.path, ()), tally)
    return judged, tallies


def _judged(correction: Correction, paths: Mapping[str, str]) -> _Judged:
    far = distance(correction.machine, correction.person)
    path = paths.get(correction.episode, correction.episode)
    return _Judged(path, correction.engine, correction.language, far)


def _row(folder: Path, settings: Settings) -> tuple[Row, list[tuple[str, float]]]:
    """An episode's numbers, and its seconds by stage."""
    try:
        episode = open_episode(folder)
    except ZimuError as error:
        row = Row(folder.name, folder.name, "", None, 0, None, None, None, None, 0, 0, 0.0, error.what)
        return row, []
    manifest = Manifest.load(episode.output / "manifest.json")
    records = {name: step for name, step in manifest.steps.items() if stage_of(name) in STAGES}
    work = list(work_of(records, rates_of(episode.loaded.settings.server)))
    stage, problem = next(iter(manifest.failures.items()), ("", ""))
    alignment = _alignment(episode)
    row = Row(
        path=episode.id,
        title=episode.title,
        finished=max((record.finished for record in records.values()), default=""),
        minutes=alignment.duration_ms / 60_000 if alignment else None,
        lines=len(alignment.lines) if alignment else 0,
        check=_share(alignment) if alignment else None,
        findings=_findings([record.summary for record in records.values()]),
        pace=1000 * sum(each.seconds for each in work) / alignment.duration_ms
        if alignment and alignment.duration_ms
        else None,
        distance=None,
        approved=0,
        units=0,
        cost=sum(each.cost for each in work),
        problem=_without(folder, problem),
        stage=stage,
    )
    return row, [(each.stage, each.seconds) for each in work]


def _without(folder: Path, problem: str) -> str:
    """What a failure said first, without where the workspace lies on this machine."""
    first = problem.splitlines()[0] if problem else ""
    return first.replace(f"{folder.absolute()}: ", "").replace(f"{folder.absolute()}/", "")


def _alignment(episode: Episode) -> Alignment | None:
    path = episode.output / "alignment.json"
    try:
        return Alignment.load(path) if path.is_file() else None
    except ZimuError:
        return None


def _share(alignment: Alignment) -> float:
    doubtful = sum(line.status != "ok" for line in alignment.lines)
    return doubtful / len(alignment.lines) if alignment.lines else 0.0


def _findings(summaries: Iterable[Mapping[str, object]]) -> float | None:
    """Findings of a hundred cues and sentences, as the steps told of them."""
    counted = found = 0
    for summary in summaries:
        findings = summary.get("findings")
        if isinstance(findings, list):
            found += len(findings)
            counted += _number(summary.get("cues")) + _number(summary.get("units"))
    return 100 * found / counted if counted else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
