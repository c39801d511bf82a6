"""Looking at a platform: what is there of an episode, and what there is to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UsageError, ZimuError
from pipeline.files import atomic_path, sha256_json
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.publishing.base import Action, Format, Platform, QuotaError, RemoteTrack, RemoteVideo, Setup, find_adapter
from pipeline.publishing.comparing import read_cues, same_cues
from pipeline.publishing.credentials import Vault
from pipeline.publishing.executing import Asking, Pacing
from pipeline.publishing.ledger import Ledger
from pipeline.publishing.planning import Match, Seen, VideoPlan, Wishes, match, plan_texts, plan_tracks, same_code
from pipeline.stages.publish_tracks import Wanted, local_texts, local_tracks, published_path, refused, video_of
from pipeline.store.receipts import DONE, Receipt, latest

if TYPE_CHECKING:
    from pipeline.settings import PublishSettings


_FORMATS: tuple[Format, ...] = ("srt", "vtt")


@dataclass(slots=True)
class Looked:
    """A video as it was found, and what there is to do about it; `content`: tracks that were downloaded, by id."""

    job: Job
    plan: VideoPlan
    content: dict[str, tuple[bytes, str]] = field(default_factory=dict)


def setup_for(settings: PublishSettings, workspace: Path, platform: str, reporter: Reporter) -> Setup:
    """What an adapter works with, by the settings."""
    file = Path(settings.credentials).expanduser().absolute() if settings.credentials else None
    return Setup(settings.endpoints.get(platform, ""), settings.timeout_s, Vault(file, workspace), reporter)


def open_platform(job: Job, name: str) -> Asking:
    """A platform that is signed in to, with its quota as the episode's workspace counts it.

    Raises:
        UsageError: there is no such platform. SignInError: nobody is signed in.
    """
    settings = job.settings.publish
    adapter = find_adapter(name)

    def make() -> Platform:
        return adapter.open(setup_for(settings, job.episode.workspace, name, job.reporter))

    platform = job.bench.get(("platform", name, job.store.where), make)
    ledger = Ledger(job.store, name, adapter.title, settings.quota_per_day.get(name))
    pacing = Pacing(
        settings.retries, settings.backoff_s, settings.max_wait_s, polls=settings.polls, poll_s=settings.poll_s
    )
    return Asking(platform, ledger, pacing, job.reporter)


def look_at(jobs: Sequence[Job], asking: Asking, wanted: Wanted, errors: list[tuple[str, ZimuError]]) -> list[Looked]:
    """What there is to do about each video. Looking stops where what it found already needs the rest of the quota.

    Videos that something changed for here are looked at first, so that the quota is not spent on those that are as
    they were; the order of the episodes stays otherwise. What is wrong with an episode is added to `errors`.
    """
    found: dict[int, Looked] = {}
    order = list(range(len(jobs)))
    if len(jobs) > 1:
        order.sort(key=lambda number: _seems_done(jobs[number], asking, wanted))
    costs = asking.platform.costs
    stopped = False
    for number in order:
        job = jobs[number]
        needed = sum(action.cost for each in found.values() for action in each.plan.actions if action.changes)
        left = asking.ledger.left
        try:
            if stopped or (left is not None and needed + costs.video + costs.tracks > left):
                found[number] = Looked(job, _not_looked(job, asking))
            else:
                found[number] = look(job, asking, wanted)
        except QuotaError:
            stopped = True
            found[number] = Looked(job, _not_looked(job, asking))
        except ZimuError as error:
            errors.append((job.episode.id, error))
    return [found[number] for number in sorted(found)]


def look(job: Job, asking: Asking, wanted: Wanted) -> Looked:
    """Ask the platform about one video, and plan what there is to do.

    Raises:
        PlatformError: there is no such video, or it is another account's.
        EpisodeError: the episode is not aligned yet. UsageError: it names no video.
    """
    platform, adapter = asking.platform, type(asking.platform)
    name = video_of(job, platform.name)
    tracks, left = local_tracks(job, adapter, wanted)
    texts, tags, more = local_texts(job, adapter, wanted)
    video = asking.patiently(platform.costs.video, lambda: platform.video(name))
    there = asking.tracks(name)
    bad = refused(tracks, adapter, duration_ms=video.duration_ms)
    barred = {action.language for action in bad}
    receipts = job.store.receipts(job.episode_id, platform=platform.name, video=name)
    matches = [match(each, there, receipts) for each in tracks if each.language not in barred]
    looked = Looked(job, VideoPlan(job.episode_id, job.episode.id, platform.name, video, there))
    seen = _see(job, asking, name, matches, looked.content)
    wishes = Wishes(wanted.live is False, wanted.overwrite, platform.rename)
    actions = [
        *plan_tracks(matches, there, receipts, seen, platform.costs, wishes),
        *plan_texts(texts, tags, video, receipts, platform.costs, overwrite=wanted.overwrite),
        *(_beside(job, adapter, each, there, receipts) for each in (*bad, *left)), *more,
    ]  # fmt: skip
    looked.plan = replace(looked.plan, actions=tuple(actions), spoken=_spelling(job, adapter))
    return looked


def _beside(
    job: Job, adapter: type[Platform], action: Action, there: Sequence[RemoteTrack], receipts: Sequence[Receipt]
) -> Action:
    """What is held or left, with what is there of its language."""
    with suppress(UsageError):  # a language that the platform does not know
        code = adapter.spell(job.languages[action.language])
        ours = {each.track for each in receipts if each.track}
        found = sorted((each for each in there if same_code(each.code, code)), key=lambda each: each.id not in ours)
        return replace(action, remote=found[0] if found else None)
    return action


def _see(
    job: Job, asking: Asking, video: str, matches: Sequence[Match], content: dict[str, tuple[bytes, str]]
) -> dict[str, Seen]:
    """What the doubtful tracks are: they are downloaded."""
    seen: dict[str, Seen] = {}
    for each in matches:
        remote = each.remote
        if remote is None or not each.doubtful:
            continue
        found = _content_of(job, asking, video, remote)
        if found is None:
            seen[remote.id] = "unknown"
            continue
        data, suffix = found
        content[remote.id] = (data, suffix)
        cues = read_cues(data, suffix)
        before = published_path(job, asking.platform.name, each.local)
        if cues is not None and same_cues(cues, each.local.cues):
            seen[remote.id] = "local"
        elif cues is not None and before.is_file() and same_cues(cues, read_cues(before.read_bytes(), suffix) or ()):
            seen[remote.id] = "published"
        else:
            seen[remote.id] = "other"
    return seen


def _content_of(job: Job, asking: Asking, video: str, remote: RemoteTrack) -> tuple[bytes, Format] | None:
    """A track's file: downloaded once for each state that the platform gave it, since that takes quota."""
    name = asking.platform.name
    folder = job.episode.output / "published" / "seen"
    state = sha256_json([name, video, remote.id, remote.updated])
    for kind in _FORMATS if remote.updated else ():
        if (kept := folder / f"{state}.{kind}").is_file():
            return kept.read_bytes(), kind
    found = asking.patiently(asking.platform.costs.download, lambda: asking.platform.download(video, remote))
    if found is not None and remote.updated and asking.platform.costs.download:
        data, suffix = found
        with atomic_path(folder / f"{state}.{suffix}") as part:
            part.write_bytes(data)
    return found


def _seems_done(job: Job, asking: Asking, wanted: Wanted) -> bool:
    """Whether the receipts say that everything is there as it is here; not whether that is still so."""
    adapter = type(asking.platform)
    try:
        receipts = latest(job.store.receipts(job.episode_id, platform=adapter.name, video=video_of(job, adapter.name)))
        tracks, _ = local_tracks(job, adapter, wanted)
    except ZimuError:  # looking at it will say so
        return False
    done = {(each.code.casefold(), each.digest, each.live) for each in receipts.values() if each.state in DONE}
    return all((track.code.casefold(), track.digest, track.live) in done for track in tracks)


def _not_looked(job: Job, asking: Asking) -> VideoPlan:
    name = asking.platform.name
    video = RemoteVideo(video_of(job, name), "")
    return VideoPlan(job.episode_id, job.episode.id, name, video, looked=False)


def _spelling(job: Job, adapter: type[Platform]) -> str:
    try:
        return adapter.spell(job.source)
    except UsageError:  # only asked for where there are titles
        return job.source.tag
