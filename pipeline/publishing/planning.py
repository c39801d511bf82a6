"""What there is to do: local tracks, what a platform has, and receipts in; actions out, the most important first.

insert    nothing of ours is there, or somebody deleted it
update    what is there is not what it should be
activate  the right file is there as a draft
skip      it is there, unchanged on both sides
hold      somebody changed it on the platform: a person decides
leave     it is not to be there yet
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from pipeline.publishing.base import Action, Costs, LocalTrack, RemoteTrack, RemoteVideo, VideoText
from pipeline.publishing.reasons import Reason, ReasonCode
from pipeline.store import Receipt
from pipeline.store.receipts import DONE

Seen = Literal["local", "published", "other", "unknown"]
"""What a downloaded track is: what is here now, what was published last, something else; or it can't be had."""

# What a viewer gains most comes first: something where there was nothing, then titles, then something better.
_RANKS = {"delete": 0, "activate": 1, "insert": 2, "texts": 3, "update": 4}
_DRAFTS = 10


class Match(NamedTuple):
    """A local track with what a platform has of it.

    Attributes:
        remote: None: nothing.
        receipt: of the last request about it that is known to have ended well, or to have failed.
        unsure: a later request was sent, and how it ended is not known.
    """

    local: LocalTrack
    remote: RemoteTrack | None
    receipt: Receipt | None
    unsure: bool

    @property
    def doubtful(self) -> bool:
        """Only the track's content can tell what is to be done."""
        if self.remote is None or self.remote.state == "failed":
            return False
        if self.receipt is None or self.unsure:
            return True
        return bool(self.remote.updated) and self.remote.updated != self.receipt.updated


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants it.

    Attributes:
        retract: what is live, but is to be a draft, is taken back from viewers.
        overwrite: what somebody changed on the platform is replaced.
        rename: the platform can give a track another name.
    """

    retract: bool = False
    overwrite: bool = False
    rename: bool = False


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """What there is to do about one video.

    Attributes:
        episode: its id in the store; `path`: as people know it.
        looked: the platform was asked; else the quota was gone before, and `actions` is empty.
        spoken: the platform's spelling of the language that is spoken.
    """

    episode: str
    path: str
    platform: str
    video: RemoteVideo
    tracks: tuple[RemoteTrack, ...] = ()
    actions: tuple[Action, ...] = ()
    looked: bool = True
    spoken: str = ""

    @property
    def changes(self) -> tuple[Action, ...]:
        """What is to be sent, and the quota suffices for it."""
        return tuple(action for action in self.actions if action.changes and not action.waits)

    @property
    def waiting(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.changes and action.waits)


def match(local: LocalTrack, remotes: Sequence[RemoteTrack], receipts: Iterable[Receipt]) -> Match:
    """What a platform has of a track: the one we have a receipt of, else the one of its language and name."""
    ours = [each for each in receipts if same_code(each.code, local.code) and each.kind != "texts"]
    candidates = [remote for remote in remotes if same_code(remote.code, local.code)]
    known = {each.track for each in ours if each.track}
    remote = (
        next((each for each in candidates if each.id in known and each.name == local.name), None)
        or next((each for each in candidates if each.id in known), None)
        or next((each for each in candidates if each.name == local.name), None)
    )
    about = [each for each in ours if each.name == local.name or (remote is not None and each.track == remote.id)]
    ended = [each for each in about if each.state in (*DONE, "failed") and (remote is None or each.track == remote.id)]
    sending = [each for each in about if each.state == "sending"]
    receipt = ended[-1] if ended else None
    unsure = bool(sending) and (receipt is None or sending[-1].id > receipt.id)
    return Match(local, remote, receipt, unsure)


def plan_tracks(
    matches: Sequence[Match],
    remotes: Sequence[RemoteTrack],
    receipts: Sequence[Receipt],
    seen: Mapping[str, Seen],
    costs: Costs,
    wishes: Wishes,
) -> list[Action]:
    """An action for each track, in their order, and one for each of our own that is there twice.

    Arguments:
        seen: of the doubtful ones: track id → what its content is.
    """
    actions = [_action(each, remotes, seen, costs, wishes) for each in matches]
    return actions + _leftovers(matches, remotes, receipts, costs)


def plan_texts(
    wanted: Mapping[str, VideoText],
    languages: Mapping[str, str],
    video: RemoteVideo,
    receipts: Iterable[Receipt],
    costs: Costs,
    *,
    overwrite: bool,
) -> list[Action]:
    """What is to be done about the titles and descriptions: one action for all that differ, one for each to decide.

    Arguments:
        wanted: by the platform's spelling of the language; `languages` has the BCP-47 tag of each.
    """
    sent = {each.code: each.digest for each in receipts if each.kind == "texts" and each.state in DONE}
    change: dict[str, VideoText] = {}
    actions = []
    for code, text in wanted.items():
        there = next((each for spelling, each in video.texts.items() if same_code(spelling, code)), VideoText())
        full = VideoText(text.title or there.title, text.description or there.description)
        if full == there:
            continue
        if same_code(code, video.language):
            actions.append(Action("leave", languages[code], (Reason("own-title"),)))
            continue
        if there not in (VideoText(), full) and not overwrite and sent.get(code) != text_digest(there):
            actions.append(Action("hold", languages[code], (Reason("title-there"),)))
            continue
        change[code] = full
    if change:
        tags = ", ".join(languages[code] for code in change)
        actions.insert(0, Action("texts", tags, (Reason("titles-differ"),), costs.texts, texts=change))
    return actions


def text_digest(text: VideoText) -> str:
    """SHA-256 of a title and a description, in hexadecimal."""
    return hashlib.sha256(f"{text.title}\0{text.description}".encode()).hexdigest()


def allot(plans: Sequence[VideoPlan], left: int | None, costs: Callable[[VideoPlan], Costs]) -> list[VideoPlan]:
    """The same plans, with what the quota does not suffice for marked as waiting.

    What matters most is served first, over all videos: a track that nobody can see yet before one that gets better,
    the first language of every video before the second of any, drafts last. A video with changes is looked at once
    more after them.

    Arguments:
        left: units; None: no limit.
    """
    if left is None:
        return list(plans)
    order = sorted(
        (
            (_rank(action), index, number)
            for number, plan in enumerate(plans)
            for index, action in enumerate(plan.actions)
            if action.changes
        ),
    )
    waiting: set[tuple[int, int]] = set()
    looked: set[int] = set()
    for _, index, number in order:
        need = plans[number].actions[index].cost + (0 if number in looked else costs(plans[number]).tracks)
        if need <= left:
            left -= need
            looked.add(number)
        else:
            waiting.add((number, index))
    return [
        replace(
            plan,
            actions=tuple(
                replace(action, waits=(number, index) in waiting) for index, action in enumerate(plan.actions)
            ),
        )
        for number, plan in enumerate(plans)
    ]


def in_order(plans: Sequence[VideoPlan]) -> list[tuple[VideoPlan, Action]]:
    """What is to be sent, the most important first."""
    found = [
        (_rank(action), index, number, plan, action)
        for number, plan in enumerate(plans)
        for index, action in enumerate(plan.actions)
        if action.changes and not action.waits
    ]
    return [(plan, action) for _, _, _, plan, action in sorted(found, key=lambda each: each[:3])]


def same_code(one: str, other: str) -> bool:
    """Whether two spellings are the same language's: platforms do not keep capitals."""
    return one.casefold() == other.casefold()


def _action(
    found: Match, remotes: Sequence[RemoteTrack], seen: Mapping[str, Seen], costs: Costs, wishes: Wishes
) -> Action:
    local, remote, receipt, _ = found
    if remote is None:
        return _insert(found, remotes, costs)
    if remote.state == "failed":
        return _failed(found, remote, costs, wishes)
    content = _content(found, seen)
    if content == "local":
        return _same(found, remote, costs, wishes)
    held: ReasonCode | None = None
    if content == "other" and receipt is not None and not wishes.overwrite:
        held = "changed-both" if receipt.digest != local.digest else "changed-there"
    elif content == "unknown" and receipt is not None and not found.unsure and not wishes.overwrite:
        held = "not-comparable"
    if held is not None:
        return Action("hold", local.language, (Reason(held),), local=local, remote=remote)
    if remote.live and not local.live and local.unapproved is not None and not wishes.retract:
        reasons = (Reason("earlier-live"), unapproved_reason(*local.unapproved))
        return Action("leave", local.language, reasons, local=local, remote=remote)
    why: dict[Seen, ReasonCode] = {
        "published": "changed-here",
        "other": "replaces-changed" if receipt else "replaces-foreign",
        "unknown": "unknown-there",
    }
    return _update(found, remote, Reason(why[content]), costs, wishes)


def unapproved_reason(n: int, total: int) -> Reason:
    """Of `total` sentences `n` are not approved."""
    return Reason("unapproved", {"n": n, "total": total})


def _content(found: Match, seen: Mapping[str, Seen]) -> Seen:
    """What a track's content is, by its receipt or, where that does not tell, by what was seen."""
    assert found.remote is not None
    if found.doubtful:
        return seen.get(found.remote.id, "unknown")
    assert found.receipt is not None
    return "local" if found.receipt.digest == found.local.digest else "published"


def _insert(found: Match, remotes: Sequence[RemoteTrack], costs: Costs) -> Action:
    local = found.local
    reasons = [Reason("deleted-there" if found.receipt is not None else "new")]
    others = [f"“{each.name}”" for each in remotes if same_code(each.code, local.code)]
    if others:
        reasons.append(Reason("beside", {"names": ", ".join(others)}))
    return Action("insert", local.language, (*reasons, *_drafted(local)), costs.insert, local)


def _failed(found: Match, remote: RemoteTrack, costs: Costs, wishes: Wishes) -> Action:
    local = found.local
    said = {"said": remote.reason or "–"}
    if found.receipt is not None and found.receipt.digest == local.digest and not wishes.overwrite:
        return Action("hold", local.language, (Reason("not-processed", said),), local=local, remote=remote)
    return _update(found, remote, Reason("failed-there", said), costs, wishes)


def _same(found: Match, remote: RemoteTrack, costs: Costs, wishes: Wishes) -> Action:
    local = found.local
    # One that is still being processed is taken up again, to see how that ends.
    known = found.receipt is not None and found.receipt.state == remote.state == "serving"
    adopt = found.doubtful or not known
    if wishes.rename and remote.name != local.name:
        return _update(found, remote, Reason("named-there", {"name": remote.name}), costs, wishes)
    if remote.live == local.live or (remote.live and not wishes.retract):
        state: ReasonCode = "processing" if remote.state == "processing" else "live" if remote.live else "draft"
        kept = replace(local, live=remote.live)
        return Action("skip", local.language, (Reason(state),), local=kept, remote=remote, adopt=adopt)
    reasons = (Reason("draft-live" if local.live else "live-draft"), *_drafted(local))
    return Action("activate", local.language, reasons, costs.activate, local, remote, adopt=adopt)


def _update(found: Match, remote: RemoteTrack, why: Reason, costs: Costs, wishes: Wishes) -> Action:
    local = found.local
    # What viewers see already is not taken from them because new work is uploaded as drafts.
    live = local.live or (remote.live and not wishes.retract and local.unapproved is None)
    stays = (Reason("name-stays", {"name": remote.name}),) if not wishes.rename and remote.name != local.name else ()
    local = replace(local, live=live)
    return Action("update", local.language, (why, *stays, *_drafted(local)), costs.update, local, remote)


def _drafted(local: LocalTrack) -> tuple[Reason, ...]:
    """Why a track is a draft, where its sentences are the reason."""
    if local.live or local.unapproved is None:
        return ()
    return (replace(unapproved_reason(*local.unapproved), code="draft-unapproved"),)


def _leftovers(
    matches: Sequence[Match], remotes: Sequence[RemoteTrack], receipts: Sequence[Receipt], costs: Costs
) -> list[Action]:
    """Our own tracks that are there twice: what a killed run may leave where names are not unique."""
    inserted = {each.track for each in receipts if each.track and each.kind == "insert"}
    kept = {each.remote.id: each for each in matches if each.remote is not None}
    found = []
    for remote in remotes:
        twin = next((each for each in kept.values() if same_code(each.local.code, remote.code)), None)
        if remote.id not in kept and remote.id in inserted and twin is not None:
            found.append(
                Action("delete", twin.local.language, (Reason("twice"),), costs.delete, remote=remote),
            )
    return found


def _rank(action: Action) -> int:
    drafts = _DRAFTS if action.local is not None and not action.local.live else 0
    return _RANKS[action.kind] + drafts
