"""Workspaces that earlier releases left open in this one, with every text, state, comment and row of history."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.store import SCHEMA_VERSION, Store, StoredUnit
from pipeline.translation.memory_store import load_memory
from tests.cli import Result
from tests.review.serving import serving
from tests.stages.aligned import mark_aligned
from tests.translation.chat_server import ChatServer

Zimu = Callable[..., Result]
LETTERS = dict.fromkeys(range(0x4E00, 0xA000), "x")  # Han
WORKSPACES = sorted((Path(__file__).parent / "workspaces").glob("*.zip"))


@dataclass(frozen=True)
class Kept:
    """A copy of a release's workspace, and what that release read in it."""

    folder: Path
    expected: dict[str, Any]

    @property
    def episode(self) -> Path:
        return self.folder / self.expected["episode"]["path"]

    @property
    def database(self) -> Path:
        return self.folder / "zimu.db"


@pytest.fixture(scope="module", params=WORKSPACES, ids=lambda path: path.stem)
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Kept(folder / "workspace", expected)


@pytest.fixture
def kept(unpacked: Kept, tmp_path: Path) -> Kept:
    """A copy to upgrade: the archive's own files stay as they are."""
    return Kept(Path(shutil.copytree(unpacked.folder, tmp_path / "workspace")), unpacked.expected)


def same(expected: Any, found: Any) -> bool:
    """Whether all that a release knew of a thing is still so; what later ones know besides does not count."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(name in found and same(value, found[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    return bool(expected == found)


def check_all_work(kept: Kept, store: Store) -> None:
    """Every text, state, comment and row of history is there, and reads as it did."""
    expected = kept.expected
    lines = (kept.episode / "transcript.txt").read_text(encoding="utf-8").splitlines()
    episode = store.episode(expected["episode"]["id"])
    assert episode is not None
    assert same(expected["episode"], plain(episode))
    units = store.units_by_id([unit["id"] for unit in expected["units"]])
    for before, now in zip(expected["units"], units, strict=True):
        assert same(before, plain(now)), (before, now)
        number = str(now.id)
        for name, rows in (
            ("history", store.history(now.id)), ("comments", store.comments(now.id)),
            ("dismissals", store.dismissals(now.id)),
        ):  # fmt: skip
            assert same(expected[name][number], [plain(row) for row in rows]), (name, number)
    assert same(expected["pins"], [plain(pin) for pin in store.pins(episode.id, lines)])
    assert same(expected["borders"], [plain(border) for border in store.all_borders(episode.id, lines)])
    assert same(expected["line_edits"], [plain(edit) for edit in store.line_edits(episode.id)])
    assert same(expected["people"], [plain(person) for person in store.people()])
    assert same(expected["tallies"], [plain(tally) for tally in store.overview()])
    memory = load_memory(store, source="zh-Hans", target="en")
    for source, target in expected["memory"].items():
        found = memory.exact(source)
        assert found is not None
        assert found.entry.target == target


def plain(record: Any) -> Any:
    """A record as the archive has it: JSON."""
    return json.loads(json.dumps(record._asdict() if isinstance(record, StoredUnit) else record, default=asdict))


def rows(database: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


def test_there_is_one_for_every_schema_that_people_may_have() -> None:
    schemas = [int(re.findall(r"\d+", path.stem)[0]) for path in WORKSPACES]
    assert 2 in schemas
    assert all(schema <= SCHEMA_VERSION for schema in schemas)


def test_the_kept_workspace_has_every_kind_of_work(unpacked: Kept) -> None:
    """Or the tests below would compare nothing with nothing."""
    expected = unpacked.expected
    units = expected["units"]
    assert {unit["status"] for unit in units} >= {"machine", "edited", "approved"}
    for name in ("stale", "flagged", "proposal", "cue_set", "open_comments", "errors", "made_from"):
        assert any(unit[name] for unit in units), name
    kinds = {row["kind"] for history in expected["history"].values() for row in history}
    assert kinds >= {
        "machine", "edit", "import", "approve", "reopen", "flag", "unflag", "accept", "reject", "split", "merge",
        "undo", "redo", "revert", "stale",
    }  # fmt: skip
    for name in ("comments", "dismissals"):
        assert any(expected[name].values()), name
    for name in ("pins", "borders", "line_edits", "people", "tallies", "memory"):
        assert expected[name], name


def test_opening_it_upgrades_it_with_all_work_and_keeps_what_it_was(kept: Kept, unpacked: Kept) -> None:
    with Store.open(kept.database) as store:
        assert store.check() == ()
        check_all_work(kept, store)
        tokens = kept.expected["tokens"]
        for person in kept.expected["people"]:
            signed = store.person_of(tokens[person["name"]])
            assert (signed.name if signed else None) == (None if person["revoked_at"] else person["name"])
    if kept.expected["schema"] < SCHEMA_VERSION:
        (backup,) = kept.folder.glob(f"zimu.db.schema-{kept.expected['schema']}*.bak")
        for table in ("units", "revisions", "comments"):
            assert rows(backup, table) == rows(unpacked.database, table)


def test_no_row_of_what_people_did_is_lost_or_changed(kept: Kept, unpacked: Kept) -> None:
    Store.open(kept.database).close()
    for table in ("units", "revisions", "comments", "dismissals", "people", "line_pins", "unit_borders", "tmx_units"):
        before, after = rows(unpacked.database, table), rows(kept.database, table)
        assert before, table
        assert same(before, after), table


def test_its_history_goes_on(kept: Kept) -> None:
    """Undoing goes back over what was done before the upgrade."""
    edited = next(unit for unit in kept.expected["units"] if unit["status"] == "approved")
    with Store.open(kept.database) as store:
        before = kept.expected["history"][str(edited["id"])]
        unit = store.undo(edited["id"], "Ada", edited["revision"])
        assert (unit.status, unit.revision) == ("edited", edited["revision"] + 1)
        assert same(before, [plain(each) for each in store.history(unit.id)[:-1]])
        first = store.revert(unit.id, 1, "Ada", unit.revision)
        assert first.text == before[0]["text"]


def test_commands_know_its_episode(kept: Kept, zimu: Zimu) -> None:
    """Its machine work may be stale, since this release may do it otherwise; none of it is unknown."""
    (state,) = zimu("status", kept.folder, "--json").json
    assert state["problem"] == ""
    assert {state["stages"][stage] for stage in ("align", "translate", "subtitle")} <= {"done", "stale"}
    checked = zimu("store", "check", "--in", kept.folder)
    assert checked.code == 0, checked.out
    with Store.open(kept.database) as store:
        check_all_work(kept, store)


def test_a_run_leaves_peoples_work_whatever_it_makes_anew(kept: Kept, zimu: Zimu) -> None:
    """The release's own alignment stands here, so that no model is needed; all else is as this release makes it."""
    mark_aligned(kept.episode)
    transcript = (kept.episode / "transcript.txt").read_bytes()
    with ChatServer(translate=lambda text: "Third " + text.translate(LETTERS)) as server:
        again = ["--set", f"server.base_url={server.url}", "--set", "server.model=third"]
        done = zimu("run", "--until", "subtitle", "--to", "en", *again, kept.episode)
        assert done.code == 0, done.err
        assert server.calls
        once_more = zimu("run", "--until", "subtitle", "--to", "en", *again, kept.episode)
    assert "nothing to do" in once_more.out
    assert (kept.episode / "transcript.txt").read_bytes() == transcript
    with Store.open(kept.database) as store:
        assert store.check() == ()
        for before in kept.expected["units"]:
            (now,) = store.units_by_id([before["id"]])
            if before["status"] != "machine":
                assert (now.text, now.status, now.flagged) == (before["text"], before["status"], before["flagged"])
                assert plain(now)["cue_set"] == before["cue_set"]
            told = [plain(each) for each in store.history(now.id)]
            assert same(kept.expected["history"][str(now.id)], told[: before["revision"]])
    english = (kept.episode / "zimu" / "subtitles" / "en.srt").read_text(encoding="utf-8")
    people = [unit for unit in kept.expected["units"] if unit["language"] == "en" and unit["status"] != "machine"]
    shown = " ".join(english.split())
    assert all(unit["text"].split()[0] in shown for unit in people)
    assert "Third" in english


def test_the_review_page_shows_all_of_it(kept: Kept) -> None:
    identity = kept.expected["episode"]["path"]
    with serving(kept.folder) as server:
        browser = server.browser("Ada", token=kept.expected["tokens"]["Ada"])
        for language in ("en", "ja"):
            shown = {unit["id"]: unit for unit in browser.episode(identity, language)["units"]}
            stored = [unit for unit in kept.expected["units"] if unit["language"] == language and unit["attached"]]
            assert len(shown) == len(stored)
            for unit in stored:
                now = shown[unit["id"]]
                assert (now["text"], now["status"], now["revision"]) == (unit["text"], unit["status"], unit["revision"])
        unit = next(each for each in browser.episode(identity)["units"] if each["status"] == "edited")
        saved = browser.save(unit, "Written after the upgrade.")
        assert saved.status_code == 200, saved.text
