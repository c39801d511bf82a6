"""What is on a platform, brought here: to compare it, or to bring in what somebody corrected there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.episode import open_episode
from pipeline.errors import PlatformError, ZimuError
from pipeline.files import atomic_path
from pipeline.job import Job, Workbench
from pipeline.progress import Reporter
from pipeline.publishing.base import LocalTrack, RemoteTrack
from pipeline.publishing.comparing import read_cues, same_cues
from pipeline.publishing.executing import Asking
from pipeline.publishing.planning import match
from pipeline.runner import episode_lock
from pipeline.stages.exchange import Imported, Preview, apply_import, preview_import
from pipeline.stages.publish_looking import open_platform
from pipeline.stages.publish_tracks import Wanted, all_tracks, languages_of, platforms_of, spelt_alike, video_of


@dataclass(frozen=True, slots=True)
class Fetched:
    """A track as it is on a platform, beside the one that is here.

    Attributes:
        file: where the download is; None: there is none.
        same: its cues are those here.
        told: how it stands, in words.
        preview: what bringing it in would change, as `zimu import` shows it.
        imported: what was brought in.
    """

    platform: str
    language: str
    file: Path | None
    same: bool
    told: str
    preview: Preview | None = None
    imported: Imported | None = None


def fetch_episode(
    folder: Path,
    wanted: Wanted,
    reporter: Reporter,
    *,
    flags: dict[str, dict[str, object]] | None = None,
    who: str = "",
    take: Sequence[str] = (),
) -> tuple[list[Fetched], list[ZimuError]]:
    """Download an episode's tracks into its `zimu/published/fetched`, and compare them.

    A platform that refuses, or can't be reached, leaves the others to be asked: its error is among those returned.

    Arguments:
        who: bring in what differs, as this person's work; empty: only show it.
        take: the lines (as 12-14) of conflicts that are decided for the platform; or `all`.

    Raises:
        ZimuError: the episode can't be opened, or its settings name no platform.
    """
    bench = Workbench()
    try:
        job = Job(open_episode(folder, flags), bench, reporter)
        with episode_lock(job.episode):
            found: list[Fetched] = []
            errors: list[ZimuError] = []
            for name in platforms_of(job, wanted):
                try:
                    found += _fetch(job, name, wanted, who, take)
                except ZimuError as error:
                    errors.append(error)
            return found, errors
    finally:
        bench.close()


def _fetch(job: Job, name: str, wanted: Wanted, who: str, take: Sequence[str]) -> list[Fetched]:
    asking = open_platform(job, name)
    video = video_of(job, name)
    asking.patiently(asking.platform.costs.video, lambda: asking.platform.video(video))
    there = asking.tracks(video)
    receipts = job.store.receipts(job.episode_id, platform=name, video=video)
    alike = spelt_alike(type(asking.platform), languages_of(job, wanted))
    found = [Fetched(name, tag, None, False, str(reason)) for tag, reason in alike.items()]
    for local in all_tracks(job, type(asking.platform), wanted):
        if local.language in alike:
            continue
        remote = match(local, there, receipts).remote
        if remote is None:
            found.append(Fetched(name, local.language, None, False, "nothing is there"))
        else:
            found.append(_compare(job, asking, video, local, remote, who, take))
    return found


def _compare(
    job: Job, asking: Asking, video: str, local: LocalTrack, remote: RemoteTrack, who: str, take: Sequence[str]
) -> Fetched:
    platform = asking.platform
    answer = asking.patiently(platform.costs.download, lambda: platform.download(video, remote))
    if answer is None:
        return Fetched(platform.name, local.language, None, False, f"{platform.title} does not give it out")
    data, suffix = answer
    path = job.episode.output / "published" / "fetched" / f"{platform.name}.{local.language}.{suffix}"
    with atomic_path(path) as part:
        part.write_bytes(data)
    cues = read_cues(data, suffix)
    if cues is None:
        raise PlatformError(
            f"What {platform.title} gave out can't be read as .{suffix}.", where=path, remedy="Look at the file."
        )
    if same_cues(cues, local.cues):
        return Fetched(platform.name, local.language, path, True, "the same as here")
    told = f"it differs; downloaded to {path}"
    if local.language == job.source.tag:
        hint = "the spoken language is corrected in the transcript, or on the review page"
        return Fetched(platform.name, local.language, path, False, f"{told}; {hint}")
    try:
        preview = preview_import(job, path, language=local.language)
    except ZimuError as error:
        return Fetched(platform.name, local.language, path, False, f"{told}; it can't be brought in: {error.what}")
    imported = apply_import(job, preview, who, take=_taken(preview, take)) if who else None
    return Fetched(platform.name, local.language, path, False, told, preview, imported)


def _taken(preview: Preview, take: Sequence[str]) -> list[str]:
    """The ids of the units whose lines are named."""
    units = {change.unit.lines: change.unit.id for change in preview.changes if change.unit}
    return list(units.values()) if "all" in take else [units[lines] for lines in take if lines in units]
