"""Episodes in, tracks on platforms out: look at what is there, plan within the quota, carry out, keep receipts."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.episode import open_episode
from pipeline.errors import PlatformError, ZimuError
from pipeline.files import atomic_path, sha256_json
from pipeline.job import Job, Workbench
from pipeline.progress import Reporter, SilentReporter
from pipeline.publishing.base import (
    DONE_WORDS,
    Action,
    LocalTrack,
    QuotaError,
    find_adapter,
)
from pipeline.publishing.executing import Executor, Outcome
from pipeline.publishing.planning import (
    VideoPlan,
    allot,
)
from pipeline.runner import Step, episode_lock
from pipeline.stages.publish_looking import Looked, look_at, open_platform, setup_for
from pipeline.stages.publish_tracks import (
    Wanted,
    local_texts,
    local_tracks,
    platforms_of,
    published_path,
    video_of,
)
from pipeline.store import Receipt
from pipeline.store.receipts import latest

if TYPE_CHECKING:
    from pipeline.settings import PublishSettings

VERSION = 1
__all__ = ["Wanted", "plan", "publish_episodes", "published_before", "setup_for", "sign_in"]


@dataclass(frozen=True, slots=True)
class Quota:
    """A platform's quota after a run: `left` is None where it has none."""

    platform: str
    title: str
    spent: int
    limit: int | None
    left: int | None
    renewed: datetime


@dataclass(slots=True)
class Published:
    """What was found, planned and done.

    Attributes:
        plans: a video each, in the order of the episodes.
        outcomes: of all that was to be sent; none after a dry run.
        errors: an episode's path, and why nothing could be planned for it.
        quotas: a platform each.
    """

    plans: list[VideoPlan] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[tuple[str, ZimuError]] = field(default_factory=list)
    quotas: list[Quota] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Tracks and titles that the quota did not suffice for, without videos that were not looked at."""
        return sum(len(plan.waiting) for plan in self.plans) + sum(
            isinstance(outcome.error, QuotaError) for outcome in self.outcomes
        )

    @property
    def unlooked(self) -> int:
        """Videos that were not looked at for want of quota."""
        return sum(not plan.looked for plan in self.plans)

    @property
    def held(self) -> list[tuple[VideoPlan, Action]]:
        return [(plan, action) for plan in self.plans for action in plan.actions if action.kind == "hold"]

    @property
    def exit_code(self) -> int:
        """0: all is there that should be; 1: a person has to decide; 5: a platform refused, or its quota is gone."""
        codes = {error.exit_code for _, error in self.errors}
        codes |= {outcome.error.exit_code for outcome in self.outcomes if outcome.error is not None}
        if self.waiting or self.unlooked:
            codes.add(PlatformError.exit_code)
        if not codes:
            return 1 if self.held else 0
        return codes.pop() if len(codes) == 1 else 1


def publish_episodes(
    folders: Sequence[Path],
    wanted: Wanted,
    reporter: Reporter,
    *,
    flags: dict[str, dict[str, object]] | None = None,
    dry_run: bool = False,
    who: str = "",
    on_done: Callable[[Outcome], None] = lambda outcome: None,
    agreed: Callable[[Sequence[VideoPlan]], None] | None = None,
) -> Published:
    """Bring episodes' tracks to the platforms; what is right there already is left alone.

    All videos are looked at first, then the quota is given to what matters most, then it is done. An episode's
    failure is part of the result; the others go on.

    Arguments:
        dry_run: only look and plan; nothing that changes anything is sent.
        who: who asks for it, for the receipts; empty: the user of this machine.
        on_done: called as each thing is done or refused.
        agreed: called with a platform's plans before anything is sent there; it raises where they are not what a
            person agreed to, and nothing is sent.
    """
    result = Published()
    bench = Workbench()
    with ExitStack() as stack:
        stack.callback(bench.close)
        jobs = []
        for folder in folders:
            try:
                job = Job(open_episode(folder, flags), bench, reporter)
                if not dry_run:
                    stack.enter_context(episode_lock(job.episode))
                jobs.append(job)
            except ZimuError as error:
                result.errors.append((folder.absolute().name, error))
        _publish(jobs, wanted, reporter, result, dry_run=dry_run, who=who, on_done=on_done, agreed=agreed)
    # What is wrong with an episode is the same for each platform.
    result.errors = list({(path, str(error)): (path, error) for path, error in result.errors}.values())
    return result


def plan(job: Job) -> list[Step]:
    """A step for each platform that a run publishes to and the episode has a video on."""
    settings = job.settings.publish
    return [_step(job, name) for name in dict.fromkeys(settings.to) if settings.videos.get(name)]


def published_before(job: Job, platform: str) -> dict[str, Receipt]:
    """The last receipt of each language on a platform, by BCP-47 tag: nothing is asked of it."""
    receipts = job.store.receipts(job.episode_id, platform=platform, video=video_of(job, platform))
    return {each.language: each for each in latest(receipts).values() if each.language}


def receipts_of(
    folders: Sequence[Path], *, flags: dict[str, dict[str, object]] | None = None
) -> list[tuple[str, Receipt]]:
    """The last receipt of each track of episodes, with the episode's path: no platform is asked.

    Raises:
        ZimuError: a folder is no episode, or the database can't be read.
    """
    bench = Workbench()
    try:
        jobs = [Job(open_episode(folder, flags), bench, SilentReporter()) for folder in folders]
        return [
            (job.episode.id, receipt) for job in jobs for receipt in latest(job.store.receipts(job.episode_id)).values()
        ]
    finally:
        bench.close()


def sign_in(settings: PublishSettings, workspace: Path, platform: str, reporter: Reporter, client: Path | None, *,
            open_browser: bool) -> str:  # fmt: skip
    """Let a person sign in to a platform; returns the account's name.

    Raises:
        UsageError: there is no such platform, it needs no sign-in, or a file is missing.
        SignInError: it was refused.
    """
    setup = setup_for(settings, workspace, platform, reporter)
    return find_adapter(platform).sign_in(replace(setup, client=client, open_browser=open_browser))


def _step(job: Job, name: str) -> Step:
    adapter = find_adapter(name)
    tracks, left = local_tracks(job, adapter, Wanted())
    texts, _, _ = local_texts(job, adapter, Wanted())
    settings = job.settings.publish
    return Step(
        name=f"publish {name}",
        inputs={
            **{f"track {each.language}": f"{each.digest} {each.name} {each.live}" for each in tracks},
            **{f"left {each.language}": each.why for each in left},
            "texts": sha256_json({code: [text.title, text.description] for code, text in texts.items()}),
        },
        settings={"video": settings.videos[name], "endpoint": settings.endpoints.get(name, "")},
        outputs=(),
        run=lambda: _run_step(job, name),
        state=lambda: sha256_json(
            [[each.track, each.code, each.digest, each.state] for each in published_before(job, name).values()]
        ),
    )


def _run_step(job: Job, name: str) -> dict[str, object]:
    """Publish one episode to one platform as part of a run, which holds its lock.

    Raises:
        PlatformError: something was refused, or the quota is used up.
    """
    result = Published()
    _publish([job], Wanted(to=(name,)), job.reporter, result, dry_run=False, who="", on_done=lambda outcome: None)
    for _, error in result.errors:
        raise error
    for outcome in result.outcomes:
        if outcome.error is not None:
            raise outcome.error
    for plan in result.plans:
        for action in plan.actions:
            if action.kind in ("hold", "leave"):
                job.reporter.warn(f"{name} {action.language}: {action.why}.")
    if result.waiting or result.unlooked:
        raise QuotaError(
            f"{name}'s quota for today does not suffice.",
            where=job.episode.folder,
            remedy="The same command goes on when it is renewed; zimu publish status tells what is left.",
        )
    sent = [f"{outcome.action.language} {DONE_WORDS[outcome.action.kind]}" for outcome in result.outcomes]
    job.reporter.info(f"published to {find_adapter(name).title}: {', '.join(sent) or 'nothing had changed'}")
    return {"done": sent}


def _publish(
    jobs: Sequence[Job],
    wanted: Wanted,
    reporter: Reporter,
    result: Published,
    *,
    dry_run: bool,
    who: str,
    on_done: Callable[[Outcome], None],
    agreed: Callable[[Sequence[VideoPlan]], None] | None = None,
) -> None:
    by_platform: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        try:
            for name in platforms_of(job, wanted):
                by_platform.setdefault((name, job.store.where), []).append(job)
        except ZimuError as error:
            result.errors.append((job.episode.id, error))
    for (name, _), those in by_platform.items():
        try:
            asking = open_platform(those[0], name)
        except ZimuError as error:
            result.errors += [(job.episode.id, error) for job in those]
            continue
        found = look_at(those, asking, wanted, result.errors)
        plans = allot([each.plan for each in found], asking.ledger.left, lambda plan, a=asking: a.platform.costs)  # type: ignore[misc]
        result.plans += plans
        if not dry_run and agreed is not None:
            agreed(plans)
        if not dry_run:
            executor = Executor(asking, who or getpass.getuser(), _keeper(found))
            _keep_replaced(found, plans)
            result.outcomes += executor.run(plans, on_done)
        ledger = asking.ledger
        result.quotas.append(Quota(name, ledger.title, ledger.spent, ledger.limit, ledger.left, ledger.renewed))


def _keeper(found: Sequence[Looked]) -> Callable[[str, str, LocalTrack], None]:
    """Keeps a copy of what is sent, to know it again when the platform says that it changed."""
    jobs = {each.plan.episode: each.job for each in found}

    def keep(episode: str, platform: str, track: LocalTrack) -> None:
        with atomic_path(published_path(jobs[episode], platform, track)) as part:
            part.write_bytes(track.data)

    return keep


def _keep_replaced(found: Sequence[Looked], plans: Sequence[VideoPlan]) -> None:
    """Keep what other people made before it is replaced."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    for looked, plan in zip(found, plans, strict=True):
        for action in plan.changes:
            remote = action.remote
            if action.kind != "update" or remote is None or remote.id not in looked.content:
                continue
            data, suffix = looked.content[remote.id]
            folder = looked.job.episode.output / "published" / "replaced"
            path = folder / f"{plan.platform}.{_file_part(remote.code)}.{moment}.{suffix}"
            with atomic_path(path) as part:
                part.write_bytes(data)
            looked.job.reporter.info(f"What is replaced on {plan.platform} is kept in {path}.")


def _file_part(code: str) -> str:
    """A platform's word as a part of a file's name."""
    return "".join(char if char.isalnum() or char == "-" else "_" for char in code)[:40]
