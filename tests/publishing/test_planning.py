"""Plans as pure decisions: what is here, what is there, and receipts in; actions out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import get_args

import pytest

import pipeline.review
from pipeline.publishing.base import Action, Costs, Limits, LocalTrack, RemoteTrack, RemoteVideo, VideoText
from pipeline.publishing.checking import check_track
from pipeline.publishing.comparing import same_cues
from pipeline.publishing.ledger import quota_day, renewal
from pipeline.publishing.planning import VideoPlan, Wishes, allot, in_order, match, plan_texts, plan_tracks
from pipeline.publishing.reasons import OVERWRITABLE, WORDS, ReasonCode
from pipeline.store import Receipt
from pipeline.track import Cue

STATIC_TEXTS = Path(pipeline.review.__file__).parent / "static" / "texts"
PREFIX = "publish.why."
PLACE = re.compile(r"\{(\w+)\}")
HAN = re.compile(r"[\u4e00-\u9fff]")
COSTS = Costs(video=1, tracks=50, insert=400, update=450, activate=450, delete=50, download=200, texts=51)
LOCAL = LocalTrack("en", "en", "", b"new", "srt", (Cue(0, 1000, "a"),))
THERE = RemoteTrack("t1", "en", "", "serving", live=True, updated="u1")
SENT = Receipt(
    "ep", "youtube", "v", "insert", track="t1", language="en", code="en", digest=LOCAL.digest, state="serving",
    live=True, updated="u1", id=1,
)  # fmt: skip
OLD = replace(SENT, digest="old")
EDITED = replace(THERE, updated="u2")
DRAFT = replace(THERE, live=False)


@pytest.mark.parametrize(
    ("local", "remotes", "receipts", "seen", "wishes", "kind"),
    [
        (LOCAL, [], [], "", Wishes(), "insert"),
        (LOCAL, [], [SENT], "", Wishes(), "insert"),
        (LOCAL, [THERE], [SENT], "", Wishes(), "skip"),
        (LOCAL, [replace(THERE, code="EN")], [SENT], "", Wishes(), "skip"),
        (LOCAL, [replace(THERE, updated="")], [SENT], "", Wishes(), "skip"),
        (LOCAL, [THERE], [OLD], "", Wishes(), "update"),
        (LOCAL, [replace(THERE, name="old name")], [replace(SENT, name="old name")], "", Wishes(), "skip"),
        (LOCAL, [replace(THERE, name="old")], [replace(SENT, name="old")], "", Wishes(rename=True), "update"),
        (LOCAL, [EDITED], [SENT], "local", Wishes(), "skip"),
        (LOCAL, [EDITED], [SENT], "other", Wishes(), "hold"),
        (LOCAL, [EDITED], [SENT], "other", Wishes(overwrite=True), "update"),
        (LOCAL, [EDITED], [OLD], "published", Wishes(), "update"),
        (LOCAL, [EDITED], [OLD], "unknown", Wishes(), "hold"),
        (LOCAL, [EDITED], [OLD, replace(SENT, state="sending", id=2)], "unknown", Wishes(), "update"),
        (LOCAL, [THERE], [], "local", Wishes(), "skip"),
        (LOCAL, [THERE], [], "other", Wishes(), "update"),
        (LOCAL, [THERE], [replace(SENT, track="", state="sending")], "local", Wishes(), "skip"),
        (LOCAL, [DRAFT], [SENT], "", Wishes(), "activate"),
        (replace(LOCAL, live=False), [THERE], [SENT], "", Wishes(), "skip"),
        (replace(LOCAL, live=False), [THERE], [SENT], "", Wishes(retract=True), "activate"),
        (replace(LOCAL, live=False, unapproved=(1, 3)), [THERE], [OLD], "", Wishes(), "leave"),
        (replace(LOCAL, live=False, unapproved=(1, 3)), [DRAFT], [OLD], "", Wishes(), "update"),
        (LOCAL, [replace(THERE, state="failed")], [SENT], "", Wishes(), "hold"),
        (LOCAL, [replace(THERE, state="failed")], [OLD], "", Wishes(), "update"),
    ],
)  # fmt: skip
def test_what_is_to_be_done_about_a_track(local, remotes, receipts, seen, wishes, kind) -> None:
    found = match(local, remotes, receipts)
    told = {remote.id: seen for remote in remotes} if seen else {}
    assert found.doubtful == bool(seen), "it is downloaded only where nothing else tells"
    (action,) = plan_tracks([found], remotes, receipts, told, COSTS, wishes)
    assert (action.kind, action.cost) == (kind, getattr(COSTS, kind, 0))


def test_new_work_that_is_a_draft_by_setting_takes_nothing_from_viewers() -> None:
    found = match(replace(LOCAL, live=False), [THERE], [OLD])
    (action,) = plan_tracks([found], [THERE], [OLD], {}, COSTS, Wishes())
    assert action.local is not None
    assert (action.kind, action.local.live) == ("update", True)


def test_our_own_track_that_is_there_twice_is_removed_and_nobody_elses() -> None:
    mine, other = replace(THERE, id="t2"), replace(THERE, id="t3", name="by hand")
    receipts = [replace(SENT, track="t2", id=1), replace(SENT, id=2)]
    remotes = [THERE, mine, other]
    actions = plan_tracks([match(LOCAL, remotes, receipts)], remotes, receipts, {}, COSTS, Wishes())
    assert [(each.kind, each.remote and each.remote.id) for each in actions] == [("skip", "t1"), ("delete", "t2")]


def plans(*kinds: tuple[str, bool]) -> list[VideoPlan]:
    """Two videos with the same actions each: kind, and whether viewers would see it."""
    actions = tuple(
        Action(kind, f"l{place}", (), getattr(COSTS, kind), replace(LOCAL, live=live))  # type: ignore[arg-type]
        for place, (kind, live) in enumerate(kinds)
    )
    return [VideoPlan(f"e{n}", f"e{n}", "youtube", RemoteVideo(f"v{n}", ""), (), actions) for n in range(2)]


def test_quota_goes_to_what_nobody_can_see_yet_then_to_the_first_languages_then_to_drafts() -> None:
    wanted = plans(("update", True), ("insert", False), ("insert", True), ("activate", True))
    order = [(plan.path, action.kind, action.language) for plan, action in in_order(wanted)]
    assert order == [
        ("e0", "activate", "l3"), ("e1", "activate", "l3"), ("e0", "insert", "l2"), ("e1", "insert", "l2"),
        ("e0", "update", "l0"), ("e1", "update", "l0"), ("e0", "insert", "l1"), ("e1", "insert", "l1"),
    ]  # fmt: skip


@pytest.mark.parametrize(("left", "sent"), [(0, 0), (449, 0), (450, 1), (849, 1), (850, 2), (1300, 3), (10_000, 4)])
def test_the_quota_is_never_planned_beyond(left: int, sent: int) -> None:
    planned = allot(plans(("insert", True), ("insert", True)), left, lambda plan: COSTS)
    assert sum(len(plan.changes) for plan in planned) == sent
    assert sum(len(plan.waiting) for plan in planned) == 4 - sent


def test_without_a_limit_nothing_waits() -> None:
    assert not any(plan.waiting for plan in allot(plans(("insert", True)), None, lambda plan: COSTS))


def test_titles_are_merged_and_somebody_elses_stay() -> None:
    there = {"en": VideoText("Theirs", "Their words"), "ko": VideoText("이야기", "")}
    video = RemoteVideo("v", "", texts=there)
    wanted = {"en": VideoText("Ours"), "ja": VideoText("", "説明")}
    tags = {"en": "en", "ja": "ja"}
    change, held = plan_texts(wanted, tags, video, [], COSTS, overwrite=False)
    assert (change.kind, change.texts, held.kind, held.language) == (
        "texts",
        {"ja": VideoText("", "説明")},
        "hold",
        "en",
    )
    (change,) = plan_texts(wanted, tags, video, [], COSTS, overwrite=True)
    assert change.texts["en"] == VideoText("Ours", "Their words")
    assert plan_texts({"ko": VideoText("이야기")}, {"ko": "ko"}, video, [], COSTS, overwrite=False) == []


def test_what_a_platform_refuses_is_found() -> None:
    limits = Limits(name_chars=3, file_bytes=2, formats=("vtt",))
    bad = replace(LOCAL, name="long", cues=(Cue(0, 2000, "a"), Cue(1500, 9000, " ")))
    found = [reason.code.removeprefix("refused-") for reason in check_track(bad, limits, "Shelf", duration_ms=5000)]
    assert found == ["name", "size", "format", "overlap", "no-text", "past-end"]
    (empty,) = check_track(replace(LOCAL, cues=()), Limits(9, 9, ("srt",)), "Shelf")
    assert str(empty) == "Shelf would refuse it: it has no cues. Run the stages before it again"
    assert check_track(LOCAL, Limits(9, 9, ("srt",)), "Shelf", duration_ms=1000) == []


def test_every_reason_has_its_words_in_the_terminal_and_in_each_language_of_the_page() -> None:
    assert set(WORDS) == set(get_args(ReasonCode)) >= OVERWRITABLE
    for file in STATIC_TEXTS.glob("*.json"):
        texts = json.loads(file.read_text("utf-8"))
        there = {
            key.removeprefix("publish.why."): words for key, words in texts.items() if key.startswith("publish.why.")
        }
        assert set(there) == set(WORDS), file
        for code, words in there.items():
            own = set(PLACE.findall(WORDS[code]))  # type: ignore[index]
            assert set(PLACE.findall(words)) == own, (file, code)
            assert file.stem != "zh-Hans" or code == "not-spelt" or HAN.search(words), code


def test_files_that_a_platform_wrote_anew_are_the_same_but_for_rounding() -> None:
    cues = (Cue(100, 900, "a  b"), Cue(1000, 1500, "c"))
    assert same_cues(cues, (Cue(110, 900, "a\nb"), Cue(1000, 1490, "c")))
    assert not same_cues(cues, (Cue(100, 900, "a b"), Cue(1000, 1500, "d")))
    assert not same_cues(cues, (Cue(100, 900, "a b"), Cue(1030, 1500, "c")))
    assert not same_cues(cues, cues[:1])


@pytest.mark.parametrize(
    ("now", "day", "renewed"),
    [
        ("2026-11-26T07:59", "2026-11-25", "2026-11-26T08:00"),
        ("2026-11-26T08:00", "2026-11-26", "2026-11-27T08:00"),
        ("2026-07-01T06:59", "2026-06-30", "2026-07-01T07:00"),
        # The day on which summer time ends there has 25 hours.
        ("2026-11-01T07:30", "2026-11-01", "2026-11-02T08:00"),
    ],
)
def test_googles_day_begins_at_midnight_in_california(now: str, day: str, renewed: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    assert quota_day(moment) == day
    assert renewal(moment) == datetime.fromisoformat(renewed).replace(tzinfo=timezone.utc)
