"""Receipts of what was done on platforms, the quota they took, and titles in other languages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from pipeline.store import Receipt, TextConflictError
from pipeline.store.receipts import latest

SENT = Receipt("ep", "youtube", "v1", "insert", language="en", code="en", name="", digest="d1", cost=400, who="li")


def test_a_receipt_is_written_before_the_request_and_completed_after_it(store, translated):
    translated("a")
    sending = store.write_receipt(SENT)
    assert (sending.state, sending.id > 0, bool(sending.at)) == ("sending", True, True)
    done = store.write_receipt(replace(sending, track="t1", state="serving", updated="2026-01-01"))
    assert store.receipts("ep") == (done,)
    assert store.receipts("ep", platform="vimeo") == ()
    assert store.receipts("ep", platform="youtube", video="v2") == ()


def test_the_last_receipt_of_a_track_is_what_counts(store, translated):
    translated("a")
    store.write_receipt(replace(SENT, track="t1", state="serving"))
    store.write_receipt(replace(SENT, kind="texts", code="", language=""))
    last = store.write_receipt(replace(SENT, kind="update", track="t1", digest="d2", state="failed"))
    other = store.write_receipt(replace(SENT, code="ja", language="ja"))
    assert latest(store.receipts("ep")) == {
        ("youtube", "v1", "en", ""): last,
        ("youtube", "v1", "ja", ""): other,
    }


def test_a_receipt_moves_the_episodes_pulse(store, translated):
    translated("a")
    before = store.pulse("ep")
    store.write_receipt(SENT)
    assert store.pulse("ep") != before


def test_quota_is_counted_by_platform_and_day(store):
    assert store.spent("youtube", "2026-11-25") == 0
    assert store.reserve("youtube", "2026-11-25", 50, 450)
    assert not store.reserve("youtube", "2026-11-25", 401, 450)
    assert store.reserve("youtube", "2026-11-25", 400, 450)
    assert store.reserve("youtube", "2026-11-26", 1, 450)
    assert (store.spent("youtube", "2026-11-25"), store.spent("youtube", "2026-11-26")) == (450, 1)
    for units in (10_000, 9_000):
        store.spend_all("youtube", "2026-11-25", units)
        assert store.spent("youtube", "2026-11-25") == 10_000
    assert store.spent("vimeo", "2026-11-25") == 0


PUBLISHER = """
import sys, time
from pipeline.store import Store

def reserved(day):
    time.sleep(0.003)  # what is sent takes its time, and lets the other one in
    return store.reserve("youtube", day, 400, 1100)

with Store.open(sys.argv[1]) as store:
    print("open", flush=True)
    for line in sys.stdin:
        print(sum(reserved(line.strip()) for _ in range(2)), flush=True)
"""


def test_two_publishers_at_once_never_pass_the_quota_together(store, url):
    """Each wants two tracks a day, and two a day is all that the quota suffices for. They begin each day together."""
    command = [sys.executable, "-c", PUBLISHER, url]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [each.stdout.readline() for each in both] == ["open\n"] * 2
    sent = []
    for day in range(40):
        for each in both:
            each.stdin.write(f"day {day}\n")
            each.stdin.flush()
        sent.append(tuple(int(each.stdout.readline()) for each in both))
    for each in both:
        each.communicate(timeout=60)
    assert {sum(day) for day in sent} == {2}, sent
    assert (1, 1) in sent, "they were at work at the same time"
    assert {store.spent("youtube", f"day {day}") for day in range(40)} == {800}


def test_a_machine_never_writes_over_a_persons_title(store, translated):
    translated("a")
    assert store.save_machine_text("ep", "en", "title", source="题", text="Title", engine="argos")
    assert store.save_machine_text("ep", "en", "title", source="题", text="A title", engine="argos")
    store.save_text("ep", "en", "title", source="题", text="The title", who="li", approved=True)
    assert not store.save_machine_text("ep", "en", "title", source="新题", text="New title", engine="argos")
    (kept,) = store.video_texts("ep")
    assert (kept.text, kept.status, kept.who, kept.source, kept.by_person) == (
        "The title",
        "approved",
        "li",
        "题",
        True,
    )


def test_titles_have_revisions_a_history_and_conflicts_as_units_have(store, translated):
    translated("a")
    here = ("ep", "en", "title")
    store.save_machine_text(*here, source="题", text="Title", engine="argos")
    edited = store.save_text(*here, source="题", text="A title", who="li", approved=False, expected_revision=1)
    assert (edited.revision, edited.status) == (2, "edited")
    with pytest.raises(TextConflictError) as refused:
        store.save_text(*here, source="题", text="My title", who="wang", approved=True, expected_revision=1)
    assert (refused.value.theirs, refused.value.base) == (edited, "Title")
    assert store.video_texts("ep") == (edited,)
    approved = store.save_text(
        *here, source="题", text="A title", who="wang", approved=True, expected_revision=2, kind="approve"
    )
    opened = store.save_text(
        *here, source="题", text="A title", who="li", approved=False, expected_revision=3, kind="reopen"
    )
    assert (approved.status, opened.status, opened.revision) == ("approved", "edited", 4)
    store.save_text(*here, source="题", text="A title", who="li", approved=False)
    assert store.video_texts("ep") == (opened,), "what is there already is no change"
    told = [(each.revision, each.kind, each.text, each.status, each.who) for each in store.text_history(*here)]
    assert told == [
        (1, "machine", "Title", "machine", "machine:argos"), (2, "edit", "A title", "edited", "li"),
        (3, "approve", "A title", "approved", "wang"), (4, "reopen", "A title", "edited", "li"),
    ]  # fmt: skip
    with pytest.raises(TextConflictError) as refused:
        store.save_text("ep", "ja", "title", source="题", text="題", who="li", approved=False, expected_revision=1)
    assert (refused.value.theirs, refused.value.base) == (None, None)
