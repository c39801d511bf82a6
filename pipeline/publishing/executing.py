"""Carries plans out: each request with a receipt before and after it, doubts settled by looking again.

A receipt in the state `sending` is written before a request, so that a run that was killed in it is known to have been
there: the next one finds the track by its language and name, and its content tells whether it arrived.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pipeline.errors import PlatformError
from pipeline.progress import Reporter
from pipeline.publishing.base import (
    Action,
    BusyError,
    ExistsError,
    GoneError,
    LocalTrack,
    Platform,
    QuotaError,
    RemoteTrack,
    SignInError,
    VideoText,
)
from pipeline.publishing.comparing import same_content
from pipeline.publishing.ledger import Ledger
from pipeline.publishing.planning import VideoPlan, in_order, same_code, text_digest
from pipeline.store import Receipt

T = TypeVar("T")

# How often one track may be there when it is added, and gone when it is replaced: more is somebody else at work.
_TURNS = 2


@dataclass(frozen=True, slots=True)
class Pacing:
    """How patient it is.

    Attributes:
        retries: how often a request that failed for now is sent again, after `backoff_s`, doubled each time, or what
            the platform asks for, at most `max_wait_s`.
        polls: how often is looked whether a track was processed, after `poll_s`, doubled each time.
    """

    retries: int
    backoff_s: float
    max_wait_s: float
    polls: int
    poll_s: float
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Outcome:
    """What became of an action: the receipts of what was done, or the error that ended it."""

    plan: VideoPlan
    action: Action
    receipts: list[Receipt] = field(default_factory=list)
    error: PlatformError | None = None
    done: bool = False


class Asking:
    """Requests of one platform: counted, repeated where that does no harm."""

    def __init__(self, platform: Platform, ledger: Ledger, pacing: Pacing, reporter: Reporter) -> None:
        self.platform = platform
        self.ledger = ledger
        self.pacing = pacing
        self.reporter = reporter

    def once(self, cost: int, request: Callable[[], T]) -> T:
        """Send a request.

        Raises:
            QuotaError: the day's quota is used up, by our count or by the platform's.
            BusyError: it can't tell now.
        """
        self.ledger.charge(cost)
        try:
            return request()
        except QuotaError as error:
            raise self.ledger.exhaust() from error

    def patiently(self, cost: int, request: Callable[[], T]) -> T:
        """Send a request that may be sent again; the last BusyError is raised."""
        for attempt in range(self.pacing.retries):
            try:
                return self.once(cost, request)
            except BusyError as error:
                self.wait(error, attempt)
        return self.once(cost, request)

    def wait(self, error: BusyError, attempt: int) -> None:
        """Pause before another try."""
        pause = min(max(error.after_s, self.pacing.backoff_s * 2**attempt), self.pacing.max_wait_s)
        self.reporter.detail(f"{self.platform.title}: {error.what} Again in {pause:.0f} s.")
        self.pacing.sleep(pause)

    def tracks(self, video: str) -> tuple[RemoteTrack, ...]:
        return self.patiently(self.platform.costs.tracks, lambda: self.platform.tracks(video))

    def holds(self, video: str, remote: RemoteTrack, local: LocalTrack) -> bool:
        """Whether a track's content is what is here; not where the platform does not give it out."""
        found = self.patiently(self.platform.costs.download, lambda: self.platform.download(video, remote))
        return found is not None and same_content(*found, local.cues)


class Executor:
    """Carries out the plans of one platform.

    Arguments:
        asking: the platform.
        who: who asked for it, for the receipts.
        on_sent: called when a file is on the platform: episode's id, the track.
    """

    def __init__(self, asking: Asking, who: str, on_sent: Callable[[str, str, LocalTrack], None]) -> None:
        self._asking = asking
        self._platform = asking.platform
        self._store = asking.ledger.store
        self._who = who
        self._on_sent = on_sent

    def run(self, plans: Sequence[VideoPlan], on_done: Callable[[Outcome], None]) -> list[Outcome]:
        """Do what is planned, the most important first; a refusal ends its action, not the others.

        When the quota is used up, or the sign-in holds no longer, the rest is left: its outcomes have that error.
        """
        adopted = self._adopt(plans)
        outcomes = [Outcome(plan, action) for plan, action in in_order(plans)]
        stopped: PlatformError | None = None
        for outcome in outcomes:
            if stopped is not None:
                outcome.error = stopped
                continue
            try:
                self._do(outcome)
                outcome.done = True
            except (QuotaError, SignInError) as error:
                outcome.error = stopped = error
            except PlatformError as error:
                outcome.error = error
            on_done(outcome)
        if stopped is None or isinstance(stopped, QuotaError):
            self._follow([*outcomes, *adopted])
        return [*outcomes, *(each for each in adopted if each.error is not None)]

    def _adopt(self, plans: Sequence[VideoPlan]) -> list[Outcome]:
        """Write receipts of what a killed run, or a person, brought there already; they are followed like our own."""
        found = []
        for plan in plans:
            for action in plan.actions:
                if action.adopt and action.remote is not None and action.local is not None:
                    receipt = self._receipt(plan, "adopt", action.local, cost=0)
                    settled = self._settle(receipt, action.remote, action.local)
                    found.append(Outcome(plan, action, [settled], done=True))
        return found

    def _do(self, outcome: Outcome) -> None:
        plan, action = outcome.plan, outcome.action
        if action.kind == "texts":
            self._put_texts(outcome)
        elif action.kind == "delete" and action.remote is not None:
            self._delete(plan, action, action.remote)
        elif action.local is not None and action.kind == "insert":
            outcome.receipts.append(self._insert(plan, action.local))
        elif action.local is not None and action.remote is not None and action.kind == "update":
            outcome.receipts.append(self._update(plan, action.remote, action.local))
        elif action.local is not None and action.remote is not None:
            outcome.receipts.append(self._activate(plan, action.remote, action.local))

    def _insert(self, plan: VideoPlan, local: LocalTrack, *, turns: int = _TURNS) -> Receipt:
        """Add a track. Where it is not known whether it arrived, the platform's list decides, never a second try.

        Arguments:
            turns: how often it may still be found that the track came or went meanwhile.
        """
        video, cost = plan.video.id, self._platform.costs.insert
        receipt = self._receipt(plan, "insert", local, cost)
        error: PlatformError
        for attempt in range(self._asking.pacing.retries + 1):
            try:
                remote = self._asking.once(cost, lambda: self._platform.insert(video, local))
            except ExistsError as refused:
                error = refused
            except BusyError as busy:
                error = busy
                self._asking.wait(busy, attempt)
            except PlatformError as refused:
                raise self._refused(receipt, refused) from refused
            else:
                return self._settle(receipt, remote, local, sent=True)
            there = self._find(plan, local)
            if there is not None:
                if self._asking.holds(video, there, local):
                    return self._settle(receipt, there, local, sent=True)
                return self._update(plan, there, local, receipt, turns=turns)
        raise self._refused(receipt, error)

    def _find(self, plan: VideoPlan, local: LocalTrack) -> RemoteTrack | None:
        """The track of that language and name, as the platform lists it now."""
        tracks = self._asking.tracks(plan.video.id)
        return next((each for each in tracks if same_code(each.code, local.code) and each.name == local.name), None)

    def _update(
        self,
        plan: VideoPlan,
        remote: RemoteTrack,
        local: LocalTrack,
        receipt: Receipt | None = None,
        *,
        turns: int = _TURNS,
    ) -> Receipt:
        """Replace a track's file. After a lost connection the list tells whether it arrived."""
        video, cost = plan.video.id, self._platform.costs.update
        receipt = replace(receipt or self._receipt(plan, "update", local, cost), kind="update", track=remote.id)
        receipt = self._store.write_receipt(receipt)
        error: PlatformError
        for attempt in range(self._asking.pacing.retries + 1):
            try:
                done = self._asking.once(cost, lambda: self._platform.update(video, remote, local))
            except GoneError as gone:
                self._store.write_receipt(replace(receipt, state="gone"))
                if not turns:
                    raise self._refused(receipt, gone) from gone
                return self._insert(plan, local, turns=turns - 1)
            except BusyError as busy:
                error = busy
                self._asking.wait(busy, attempt)
                there = next((each for each in self._asking.tracks(video) if each.id == remote.id), None)
                changed = there is not None and there.updated != remote.updated and there.live == local.live
                if there is not None and changed and self._asking.holds(video, there, local):
                    return self._settle(receipt, there, local, sent=True)
            except PlatformError as refused:
                raise self._refused(receipt, refused) from refused
            else:
                return self._settle(receipt, done, local, sent=True)
        raise self._refused(receipt, error)

    def _activate(self, plan: VideoPlan, remote: RemoteTrack, local: LocalTrack) -> Receipt:
        cost = self._platform.costs.activate
        receipt = self._receipt(plan, "activate", local, cost, track=remote.id)
        try:
            done = self._asking.patiently(cost, lambda: self._platform.activate(plan.video.id, remote, live=local.live))
        except GoneError:
            self._store.write_receipt(replace(receipt, state="gone"))
            return self._insert(plan, local)
        except PlatformError as error:
            raise self._refused(receipt, error) from error
        return self._settle(receipt, done, local)

    def _delete(self, plan: VideoPlan, action: Action, remote: RemoteTrack) -> None:
        cost = self._platform.costs.delete
        receipt = self._store.write_receipt(
            Receipt(
                episode=plan.episode,
                platform=self._platform.name,
                video=plan.video.id,
                kind="delete",
                track=remote.id,
                language=action.language,
                code=remote.code,
                name=remote.name,
                account=plan.video.account,
                cost=cost,
                who=self._who,
            )
        )
        try:
            self._asking.patiently(cost, lambda: self._platform.delete(plan.video.id, remote))
        except PlatformError as error:
            raise self._refused(receipt, error) from error
        self._store.write_receipt(replace(receipt, state="gone"))

    def _put_texts(self, outcome: Outcome) -> None:
        plan, action = outcome.plan, outcome.action
        cost = self._platform.costs.texts
        receipts = [
            self._store.write_receipt(
                Receipt(
                    episode=plan.episode,
                    platform=self._platform.name,
                    video=plan.video.id,
                    kind="texts",
                    code=code,
                    name=text.title,
                    digest=text_digest(text),
                    live=True,
                    account=plan.video.account,
                    cost=0 if number else cost,
                    who=self._who,
                )
            )
            for number, (code, text) in enumerate(action.texts.items())
        ]
        texts: dict[str, VideoText] = dict(action.texts)
        try:
            self._asking.patiently(cost, lambda: self._platform.put_texts(plan.video.id, texts, spoken=plan.spoken))
        except PlatformError as error:
            for receipt in receipts:
                self._refused(receipt, error)
            raise
        outcome.receipts += [self._store.write_receipt(replace(each, state="serving")) for each in receipts]

    def _follow(self, outcomes: Sequence[Outcome]) -> None:
        """Wait until the platform has processed what was sent, video by video; what takes longer is seen next time."""
        pacing = self._asking.pacing
        pending = {
            (number, index): receipt
            for number, outcome in enumerate(outcomes)
            for index, receipt in enumerate(outcome.receipts)
            if receipt.state == "processing"
        }
        for attempt in range(pacing.polls):
            if not pending:
                return
            pacing.sleep(pacing.poll_s * 2**attempt)
            for video in dict.fromkeys(receipt.video for receipt in pending.values()):
                try:
                    there = {each.id: each for each in self._asking.tracks(video)}
                except PlatformError as error:
                    self._asking.reporter.warn(f"It is not known yet whether {video} was processed: {error.what}")
                    return
                for place, receipt in list(pending.items()):
                    if receipt.video != video or (
                        receipt.track in there and there[receipt.track].state == "processing"
                    ):
                        continue
                    outcome = outcomes[place[0]]
                    outcome.receipts[place[1]] = self._processed(receipt, there.get(receipt.track), outcome)
                    del pending[place]

    def _processed(self, receipt: Receipt, remote: RemoteTrack | None, outcome: Outcome) -> Receipt:
        if remote is not None and remote.state == "serving":
            return self._store.write_receipt(
                replace(receipt, state="serving", updated=remote.updated, live=remote.live)
            )
        outcome.done = False
        if remote is None:
            outcome.error = PlatformError(
                "The track vanished while it was processed.", remedy="Publish again: it is sent anew."
            )
            return self._store.write_receipt(replace(receipt, state="gone"))
        outcome.error = PlatformError(
            f"{self._platform.title} could not process the track: {remote.reason or 'it gives no reason'}.",
            remedy="See what is special in its text; then publish again with --overwrite.",
        )
        return self._store.write_receipt(replace(receipt, state="failed", reason=remote.reason, updated=remote.updated))

    def _receipt(self, plan: VideoPlan, kind: str, local: LocalTrack, cost: int, *, track: str = "") -> Receipt:
        return self._store.write_receipt(
            Receipt(
                episode=plan.episode,
                platform=self._platform.name,
                video=plan.video.id,
                kind=kind,
                track=track,
                language=local.language,
                code=local.code,
                name=local.name,
                digest=local.digest,
                live=local.live,
                account=plan.video.account,
                cost=cost,
                who=self._who,
            )
        )

    def _settle(self, receipt: Receipt, remote: RemoteTrack, local: LocalTrack, *, sent: bool = False) -> Receipt:
        """Complete a receipt with what the platform says."""
        done = self._store.write_receipt(
            replace(
                receipt,
                track=remote.id,
                state=remote.state,
                reason=remote.reason,
                updated=remote.updated,
                live=remote.live,
            )
        )
        if sent:
            self._on_sent(receipt.episode, self._platform.name, local)
        return done

    def _refused(self, receipt: Receipt, error: PlatformError) -> PlatformError:
        """Note how a request ended; one that may have arrived stays `sending`."""
        if not isinstance(error, BusyError):
            self._store.write_receipt(replace(receipt, state="refused", reason=error.what))
        return error
