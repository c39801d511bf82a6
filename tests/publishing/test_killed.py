"""A publish that is killed at any moment, and run again, leaves exactly one right track a language."""

from __future__ import annotations

import multiprocessing
import sys
from typing import Any

import pytest

from pipeline.store import Store
from tests.publishing.conftest import TEXTS, Desk
from tests.publishing.test_youtube import right_tracks

LANGUAGES = "zh-Hans,en"


def _publish(folder: str, languages: str) -> None:
    """In a process of its own: the command line as a person starts it."""
    from pipeline.cli import main

    sys.argv = ["zimu", "publish", folder, "--languages", languages, "--quiet"]
    main()


@pytest.fixture(scope="module")
def processes() -> Any:
    """New processes that have loaded what they need, so that a test can kill many of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["pipeline.cli", "pipeline.stages.publish", "pipeline.cli.publish_output", "pipeline.publishing.youtube"]
    )
    return context


def _killed_at(desk: Desk, processes: Any, request: int, *, after: bool, languages: str = LANGUAGES) -> bool:
    """Publish in a process that is killed at a request; whether it came so far."""
    state = desk.state
    state.seen, state.kill, state.kill_after = 0, request, after
    with state.lock:  # no request is answered before the server knows whom to kill
        process = processes.Process(target=_publish, args=(str(desk.episode), languages))
        process.start()
        state.victim = process.pid
    process.join(60)
    state.kill = 0
    assert process.exitcode is not None
    return process.exitcode < 0


def _went_on(desk: Desk, languages: str = LANGUAGES) -> None:
    """The same command goes on: all is right, by the server and by the receipts."""
    done = desk.publish("--languages", languages)
    assert done.code == 0, done
    right_tracks(desk, languages=tuple(sorted(languages.split(","))))
    last = {each.code: each for each in desk.receipts()}
    for track in desk.state.tracks.values():
        receipt = last[track.language]
        assert (receipt.track, receipt.state, receipt.updated) == (track.id, "serving", track.updated)


@pytest.mark.parametrize(("after", "languages"), [(False, "en"), (True, LANGUAGES)], ids=["before", "after"])
def test_killed_at_every_request_of_a_first_publish(desk: Desk, processes: Any, after: bool, languages: str) -> None:
    """Before the server has done what is asked, or after: then only the answer is lost."""
    killed = 0
    for request in range(1, 30):
        desk.state.tracks.clear()
        _forget(desk)
        desk.state.processing = request % 2  # one look more at every second time
        if not _killed_at(desk, processes, request, after=after, languages=languages):
            break
        killed += 1
        _went_on(desk, languages)
    # A token, two looks, for each language an address and its bytes; and looking whether it is processed.
    assert killed >= 3 + 2 * len(languages.split(","))


def test_killed_at_every_request_of_a_replacement(desk: Desk, processes: Any) -> None:
    killed = 0
    for request in range(1, 30):
        desk.state.tracks.clear()
        _forget(desk)
        desk.approve("en", texts=TEXTS)
        desk.publish("--languages", LANGUAGES)
        changed = ["Hello, welcome to the show.", *TEXTS["en"][1:]]
        desk.approve("en", texts={**TEXTS, "en": changed})
        if not _killed_at(desk, processes, request, after=True):
            break
        killed += 1
        _went_on(desk)
        assert b"Hello, welcome" in desk.state.of("en")[0].data
    assert killed >= 4


def _forget(desk: Desk) -> None:
    with Store.open(desk.workspace / "zimu.db") as store, store.connection(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM receipts")
        connection.exec_driver_sql("DELETE FROM quota_spent")
    desk.state.units = 0
