"""`zimu publish` and `zimu auth` with Vimeo: the whole way, killed at every request, and run again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.store import Store
from tests.cli import Result
from tests.publishing.conftest import TEXTS, write_units
from tests.publishing.vimeo_server import OTHERS, TOKEN, Fault, VimeoServer, vimeo_server

VIDEO = "900100200"
SETTINGS = """[episode]
to = ["en", "ja"]
[publish]
credentials = "{credentials}"
endpoints = {{ vimeo = "{url}" }}
videos = {{ vimeo = "{video}" }}
backoff_s = 0.01
poll_s = 0.01
max_wait_s = 0.05
"""
NEW = {"en": [TEXTS["en"][0], TEXTS["en"][1], "It all begins in 2010."]}
Zimu = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[VimeoServer]:
    with vimeo_server() as running:
        running.add_video(VIDEO)
        yield running


def workspace(made: Path, folder: Path, server: VimeoServer) -> Path:
    """A copy of the workspace, with an episode that is on Vimeo."""
    copy = shutil.copytree(made, folder)
    text = SETTINGS.format(url=server.url, credentials=folder.parent / "credentials.json", video=VIDEO)
    (copy / "zimu.toml").write_text(text, "utf-8")
    (copy / "talk" / "episode.toml").unlink()
    return copy


@pytest.fixture
def talk(made: Path, tmp_path: Path, server: VimeoServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZIMU_VIMEO_TOKEN", TOKEN)
    return workspace(made, tmp_path / "workspace", server) / "talk"


def names(server: VimeoServer) -> list[tuple[str, str, bool]]:
    return sorted(each[:3] for each in server.of(VIDEO))


def test_a_first_publish_uploads_every_language_and_a_second_one_nothing(
    zimu: Zimu, talk: Path, server: VimeoServer
) -> None:
    planned = zimu("publish", talk, "--dry-run")
    assert (planned.code, planned.out.count("upload")) == (0, 3), planned
    assert not server.requests("POST", "PUT", "PATCH", "DELETE")
    done = zimu("publish", talk)
    assert (done.code, done.err.count("uploaded")) == (0, 3), done
    assert names(server) == [("en", "English", True), ("ja", "日本語", True), ("zh-CN", "简体中文", True)]
    assert all(data and data.startswith(b"WEBVTT") for *_, data in server.of(VIDEO))
    before = len(server.requests("POST", "PUT", "PATCH", "DELETE"))
    again = zimu("publish", talk)
    assert (again.code, "3 unchanged" in again.out) == (0, True), again
    assert len(server.requests("POST", "PUT", "PATCH", "DELETE")) == before
    assert TOKEN not in planned.out + done.out + done.err + (talk.parent / "zimu.db").read_bytes().decode("latin-1")


def test_what_somebody_changed_or_deleted_on_vimeo_is_noticed(zimu: Zimu, talk: Path, server: VimeoServer) -> None:
    zimu("publish", talk)
    by_code = {each["language"]: identity for identity, each in server.tracks.items()}
    server.files[by_code["en"]] = server.files[by_code["en"]].replace(b"welcome", b"WELCOME")
    del server.tracks[by_code["ja"]]
    held = zimu("publish", talk)
    assert held.code == 1, held
    assert "changed it there since it was published" in held.err
    assert names(server) == [("en", "English", True), ("ja", "日本語", True), ("zh-CN", "简体中文", True)]
    assert b"WELCOME" in server.files[by_code["en"]]
    assert zimu("publish", talk, "--overwrite").code == 0
    assert [data for code, *_, data in server.of(VIDEO) if code == "en" and b"WELCOME" in data] == []
    assert len(server.of(VIDEO)) == 3


def test_a_busy_vimeo_is_waited_for_and_a_failing_one_ends_with_its_exit_code(
    zimu: Zimu, talk: Path, server: VimeoServer
) -> None:
    server.faults += [
        Fault("GET", "/texttracks", 429, headers={"Retry-After": "1"}),
        Fault("POST", "/texttracks", 503),
        Fault("PUT", "/captions/", after=True),
        Fault("PATCH", "/texttracks/", 502, after=True),
    ]
    assert zimu("publish", talk).code == 0
    assert len(names(server)) == 3
    server.faults.append(Fault("GET", "/videos/", 401, times=99))
    refused = zimu("publish", talk)
    assert (refused.code, "zimu auth vimeo" in refused.err) == (5, True)


def test_a_draft_is_published_later_without_a_second_track(zimu: Zimu, talk: Path, server: VimeoServer) -> None:
    assert zimu("publish", talk, "--draft").code == 0
    assert {active for *_, active in names(server)} == {False}
    before = dict(server.files)
    assert zimu("publish", talk, "--live").code == 0
    assert {active for *_, active in names(server)} == {True}
    assert server.files == before


def test_signing_in_and_out_on_the_command_line(
    zimu: Zimu, talk: Path, server: VimeoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZIMU_VIMEO_TOKEN")
    unsigned = zimu("publish", talk)
    assert (unsigned.code, "Sign in: zimu auth vimeo" in unsigned.err) == (5, True)
    read, write = os.pipe()
    os.write(write, f"{OTHERS}\n".encode())
    os.close(write)
    with os.fdopen(read) as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        signed = zimu("auth", "vimeo", "--in", talk.parent)
    assert (signed.code, "Signed in to Vimeo as Somebody else" in signed.out) == (0, True), signed
    assert OTHERS not in signed.out + signed.err
    wrong = zimu("publish", talk)
    assert (wrong.code, "belongs to 频道" in wrong.err) == (5, True), wrong
    assert server.of(VIDEO) == []
    assert "Signed out" in zimu("auth", "vimeo", "--forget", "--in", talk.parent).out


def publish_and_die(server: VimeoServer, folder: Path, at: int, *, after: bool) -> bool:
    """Publish in a process that is killed at a request, before it arrives or when it is done; whether it got there."""
    start = len(server.seen)
    child = os.fork()
    if child == 0:
        sys.argv = ["zimu", "publish", str(folder), "--languages", "en"]
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            cli.main()
        finally:
            os._exit(0)
    killed = []

    def kill(number: int, done: bool) -> bool:
        if number - start == at and done == after and not killed:
            killed.append(number)
            os.kill(child, signal.SIGKILL)
            return True
        return bool(killed)

    server.on_request = kill
    os.waitpid(child, 0)
    server.on_request = None
    return bool(killed)


@pytest.mark.parametrize("replacing", [False, True])
def test_a_publish_that_is_killed_at_any_request_and_run_again_leaves_one_right_track(
    zimu: Zimu, made: Path, tmp_path: Path, server: VimeoServer, monkeypatch: pytest.MonkeyPatch, replacing: bool
) -> None:
    monkeypatch.setenv("ZIMU_VIMEO_TOKEN", TOKEN)
    ready = workspace(made, tmp_path / "ready", server)
    if replacing:
        assert zimu("publish", ready / "talk", "--languages", "en").code == 0
        write_units(ready / "talk", "en", approve=True, texts=NEW)
    tracks, files = dict(server.tracks), dict(server.files)
    wanted = b"It all begins" if replacing else b"The story begins"
    kills: list[str] = []
    for at in range(40):
        for after in (True, False):
            server.tracks, server.files = {key: dict(each) for key, each in tracks.items()}, dict(files)
            folder = shutil.copytree(ready, tmp_path / f"{at}-{after}") / "talk"
            start = len(server.seen)
            if not publish_and_die(server, folder, at, after=after):
                assert [kills.count(each) for each in ("POST", "PUT", "DELETE", "PATCH")] == [2, 2, 2 * replacing, 2]
                return
            method = server.seen[start + at][0]
            kills.append(method)
            assert [name for _, name, _ in names(server)].count("English") <= 1
            again = zimu("publish", folder, "--languages", "en")
            assert again.code == 0, (at, after, again)
            assert names(server) == [("en", "English", True)], (at, after)
            assert wanted in (server.of(VIDEO)[0][3] or b""), (at, after)
            with Store.open(folder.parent / "zimu.db") as store:
                done = [each for each in store.receipts(store.episode_at("talk").id) if each.state == "serving"]
            assert done[-1].track in server.tracks
            shutil.rmtree(folder.parent)
            if method == "GET":  # whether it arrived makes no difference
                break
    raise AssertionError("it never ended")


def test_two_languages_that_vimeo_spells_alike_are_refused_before_anything_is_sent(
    zimu: Zimu, talk: Path, server: VimeoServer
) -> None:
    both = zimu("publish", talk, "--languages", "zh-Hant,zh-Hant-TW,en")
    assert both.code == 1
    assert "zh-Hant: left: Vimeo spells it zh-TW, like zh-Hant-TW" in both.err
    assert "zh-Hant-TW: left: Vimeo spells it zh-TW, like zh-Hant, and has one track a language" in both.err
    assert "--languages" in both.err
    assert names(server) == [("en", "English", True)]
    fetched = zimu("publish", "fetch", talk, "--languages", "zh-Hant,zh-Hant-TW")
    assert fetched.out.count("Vimeo spells it zh-TW") == 2, "one's track is not taken for the other's"
    alone = zimu("publish", talk, "--languages", "zh-Hant")
    assert "it is not translated yet" in alone.err, alone
