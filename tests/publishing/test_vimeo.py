"""Vimeo's adapter against a server that behaves like Vimeo's API, over real sockets."""

from __future__ import annotations

import io
import json
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import PlatformError, UsageError
from pipeline.files import config_file
from pipeline.languages import load_languages
from pipeline.progress import SilentReporter
from pipeline.publishing import LocalTrack, Setup, find_adapter
from pipeline.publishing.base import BusyError, ExistsError, GoneError, SignInError
from pipeline.publishing.credentials import Vault
from pipeline.publishing.vimeo import Vimeo
from pipeline.publishing.vimeo.client import ADDRESS, Client
from pipeline.track import Cue
from tests.publishing.vimeo_server import OTHERS, TOKEN, Fault, VimeoServer, vimeo_server

VIDEO = "900100200"
VTT = b"WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n"
LANGUAGES = load_languages(config_file("languages.toml"))
# Each a request that an upload makes, in its order.
UPLOAD = [("POST", "/texttracks$"), ("PUT", "/captions/"), ("PATCH", "/texttracks/")]
REPLACE = [*UPLOAD[:2], ("DELETE", "/texttracks/"), UPLOAD[2]]


def track(text: str = "Hello.", code: str = "en", name: str = "English", *, live: bool = True) -> LocalTrack:
    data = f"WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n{text}\n".encode()
    return LocalTrack(code, code, name, data, "vtt", (Cue(0, 1500, text),), live)


@pytest.fixture
def server() -> Iterator[VimeoServer]:
    with vimeo_server() as running:
        running.add_video(VIDEO)
        yield running


@pytest.fixture
def setup(server: VimeoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    monkeypatch.delenv("ZIMU_VIMEO_TOKEN", raising=False)
    vault = Vault(tmp_path / "user" / "credentials.json", tmp_path / "workspace")
    vault.write("vimeo", {"token": TOKEN, "account": "频道"})
    return Setup(server.url, 5.0, vault, SilentReporter())


@pytest.fixture
def vimeo(setup: Setup) -> Iterator[Vimeo]:
    platform = Vimeo.open(setup)
    yield platform
    platform.close()


def test_it_is_among_the_platforms() -> None:
    assert find_adapter("vimeo") is Vimeo
    assert [Vimeo.spell(LANGUAGES[tag]) for tag in ("zh-Hans", "zh-Hant-HK", "en")] == ["zh-CN", "zh-HK", "en"]


def test_a_track_is_created_given_its_file_and_activated(server: VimeoServer, vimeo: Vimeo) -> None:
    done = vimeo.insert(VIDEO, track())
    assert server.of(VIDEO) == [("en", "English", True, track().data)]
    assert server.requests("POST", "PUT", "PATCH", "DELETE")[0] == f"POST /videos/{VIDEO}/texttracks"
    assert (done.code, done.name, done.state, done.live) == ("en", "English", "serving", True)
    assert vimeo.tracks(VIDEO) == (done,)
    assert vimeo.download(VIDEO, done) == (track().data, "vtt")


def test_viewers_see_nothing_before_the_file_is_there(server: VimeoServer, vimeo: Vimeo) -> None:
    seen: list[list[tuple[str, str, bool, bytes | None]]] = []
    server.on_request = lambda _, done: bool(done and seen.append(server.of(VIDEO)))
    vimeo.insert(VIDEO, track())
    assert all(data is not None for state in seen for _, _, active, data in state if active)
    assert all(name != "English" or data is not None for state in seen for _, name, _, data in state)


def test_a_draft_is_not_active_until_it_is_published(server: VimeoServer, vimeo: Vimeo) -> None:
    draft = vimeo.insert(VIDEO, track(live=False))
    assert (draft.live, server.of(VIDEO)[0][2]) == (False, False)
    published = vimeo.activate(VIDEO, draft, live=True)
    assert (published.id, published.live, server.of(VIDEO)[0][2]) == (draft.id, True, True)
    assert published.updated == draft.updated


def test_a_track_is_replaced_by_one_and_never_by_two_of_its_name(server: VimeoServer, vimeo: Vimeo) -> None:
    vimeo.insert(VIDEO, track("另一种", "zh-CN", "简体中文"))
    old = vimeo.insert(VIDEO, track("Old."))
    names: list[list[str]] = []
    server.on_request = lambda _, done: bool(done and names.append([name for _, name, _, _ in server.of(VIDEO)]))
    new = vimeo.update(VIDEO, old, track("New."))
    assert (new.id != old.id, new.updated != old.updated) == (True, True)
    assert [each[:3] for each in server.of(VIDEO)] == [("zh-CN", "简体中文", True), ("en", "English", True)]
    assert server.of(VIDEO)[1][3] == track("New.").data
    assert max(each.count("English") for each in names) == 1


def test_an_update_gives_the_new_name_too(server: VimeoServer, vimeo: Vimeo) -> None:
    old = vimeo.insert(VIDEO, track(name="Old name"))
    vimeo.update(VIDEO, old, track(name="English"))
    assert [each[1] for each in server.of(VIDEO)] == ["English"]


def test_a_second_track_of_a_language_and_name_is_never_made(server: VimeoServer, vimeo: Vimeo) -> None:
    vimeo.insert(VIDEO, track())
    with pytest.raises(ExistsError):
        vimeo.insert(VIDEO, track("Other."))
    assert len(server.of(VIDEO)) == 1
    vimeo.insert(VIDEO, track(name="English (SDH)"))
    assert len(server.of(VIDEO)) == 2


def test_what_vimeo_made_itself_is_no_track_of_ours(server: VimeoServer, vimeo: Vimeo) -> None:
    server.add_track(VIDEO, "en-x-autogen", "English (auto-generated)", VTT)
    server.tracks[server.add_track(VIDEO, "de", "Deutsch", VTT)]["provenance"] = "autogen_dubbed"
    server.tracks[server.add_track(VIDEO, "en", "Kapitel", VTT)]["type"] = "chapters"
    mine = server.add_track(VIDEO, "ja", "日本語", VTT)
    assert [each.id for each in vimeo.tracks(VIDEO)] == [mine]


def test_a_list_is_read_over_all_its_pages(server: VimeoServer, vimeo: Vimeo) -> None:
    for number in range(5):
        server.add_track(VIDEO, "en", f"English {number}", VTT, active=False)
    assert [each.name for each in vimeo.tracks(VIDEO)] == [f"English {number}" for number in range(5)]


def test_a_change_behind_our_back_is_seen(server: VimeoServer, vimeo: Vimeo) -> None:
    before = vimeo.insert(VIDEO, track())
    server.files[before.id] = track("Edited on Vimeo.").data
    (after,) = vimeo.tracks(VIDEO)
    assert (after.id, after.updated != before.updated) == (before.id, True)
    del server.tracks[before.id]
    with pytest.raises(GoneError):
        vimeo.update(VIDEO, after, track())
    with pytest.raises(GoneError):
        vimeo.activate(VIDEO, after, live=False)
    vimeo.delete(VIDEO, after)
    assert server.of(VIDEO) == []


def test_a_track_without_a_file_has_failed_and_a_new_one_is_being_processed(server: VimeoServer, vimeo: Vimeo) -> None:
    server.add_track(VIDEO, "ja", "日本語", None)
    (broken,) = vimeo.tracks(VIDEO)
    assert (broken.state, broken.reason) == ("failed", "Vimeo has no file for it")
    server.keeps_files = False
    assert vimeo.insert(VIDEO, track()).state == "processing"
    assert vimeo.download(VIDEO, broken) is None


def settle(vimeo: Vimeo, wanted: LocalTrack) -> None:
    """As publishing does: what is there is replaced, what is not is added; a lost connection is tried again."""
    for _ in range(4):
        try:
            there = [each for each in vimeo.tracks(VIDEO) if (each.code, each.name) == (wanted.code, wanted.name)]
            if not there:
                vimeo.insert(VIDEO, wanted)
            elif vimeo.download(VIDEO, there[0]) != (wanted.data, "vtt") or there[0].live != wanted.live:
                vimeo.update(VIDEO, there[0], wanted)
        except (BusyError, GoneError, ExistsError):
            continue
        return
    raise AssertionError


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("method", "path"), UPLOAD)
def test_a_connection_lost_in_an_upload_leaves_one_right_track(
    server: VimeoServer, vimeo: Vimeo, method: str, path: str, after: bool
) -> None:
    server.faults.append(Fault(method, path, after=after))
    with pytest.raises(BusyError):
        vimeo.insert(VIDEO, track())
    settle(vimeo, track())
    assert server.of(VIDEO) == [("en", "English", True, track().data)]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("method", "path"), REPLACE)
def test_a_connection_lost_in_a_replacement_leaves_one_right_track(
    server: VimeoServer, vimeo: Vimeo, method: str, path: str, after: bool
) -> None:
    old = vimeo.insert(VIDEO, track("Old."))
    server.faults.append(Fault(method, path, after=after))
    with pytest.raises(BusyError):
        vimeo.update(VIDEO, old, track("New."))
    assert len([each for each in vimeo.tracks(VIDEO) if each.name == "English"]) <= 1
    settle(vimeo, track("New."))
    assert server.of(VIDEO) == [("en", "English", True, track("New.").data)]


def test_only_unfinished_tracks_of_its_own_are_removed(server: VimeoServer, vimeo: Vimeo) -> None:
    server.add_track(VIDEO, "en", "zimu upload 0123", None, active=False)
    server.add_track(VIDEO, "ja", "zimu upload 4567", None, active=False)
    server.add_track(VIDEO, "en", "somebody's draft", VTT, active=False)
    assert [each.name for each in vimeo.tracks(VIDEO)] == ["somebody's draft"]
    vimeo.insert(VIDEO, track())
    assert [each[:2] for each in server.of(VIDEO)] == [
        ("ja", "zimu upload 4567"), ("en", "somebody's draft"), ("en", "English"),
    ]  # fmt: skip


def test_a_file_that_is_refused_leaves_nothing_and_the_old_track(server: VimeoServer, vimeo: Vimeo) -> None:
    old = vimeo.insert(VIDEO, track("Old."))
    server.faults.append(Fault("PUT", "/captions/", status=415))
    with pytest.raises(PlatformError, match=r"does not take the file \(415\)") as refused:
        vimeo.update(VIDEO, old, track("New."))
    assert not isinstance(refused.value, BusyError)
    assert server.of(VIDEO) == [("en", "English", True, track("Old.").data)]


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (429, {"Retry-After": "7"}, 7, 7),
        (429, {}, 50, 60),  # X-RateLimit-Reset, in a minute
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
        (502, {}, 0, 0),
        (408, {}, 0, 0),
    ],
)
def test_what_may_be_asked_again_later_says_when(
    server: VimeoServer, vimeo: Vimeo, status: int, headers: dict[str, str], least: float, most: float
) -> None:
    server.faults.append(Fault("GET", "/texttracks", status=status, headers=headers))
    with pytest.raises(BusyError) as busy:
        vimeo.tracks(VIDEO)
    assert least <= busy.value.after_s <= most
    assert busy.value.exit_code == 5
    assert vimeo.tracks(VIDEO) == ()


def test_an_upload_is_not_begun_that_the_rate_limit_would_cut_in_two(server: VimeoServer, vimeo: Vimeo) -> None:
    server.remaining, server.reset_s = 3, 1.2
    vimeo.tracks(VIDEO)
    before = len(server.seen)
    with pytest.raises(BusyError, match="no more requests for now") as busy:
        vimeo.insert(VIDEO, track())
    assert 0 < busy.value.after_s <= 1.2
    assert len(server.seen) == before
    server.remaining = 1000
    time.sleep(busy.value.after_s + 0.05)
    vimeo.insert(VIDEO, track())
    assert len(server.of(VIDEO)) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Fault("GET", "/texttracks", 401, body={"error": f"Token {TOKEN} expired"}), SignInError, "zimu auth vimeo"),
        (Fault("GET", "/texttracks", 403, body={"error": "You can't do it."}), PlatformError, "may edit the video"),
        (Fault("GET", "/texttracks", 403, body={"error": "no 'edit' scope"}), SignInError, "scopes private, edit"),
        (Fault("GET", "/texttracks", 404), GoneError, "does not have it"),
        (Fault("GET", "/texttracks", 400, body={"developer_message": "x" * 9999}), PlatformError, "xxx"),
        (Fault("GET", "/texttracks", 200, body={"data": [{"uri": 5, "type": "subtitles"}]}), None, ""),
        (Fault("GET", "/texttracks"), BusyError, "lost"),
    ],
)
def test_refusals_say_what_to_do_and_no_secret(
    server: VimeoServer, vimeo: Vimeo, fault: Fault, kind: type[PlatformError] | None, said: str
) -> None:
    server.faults.append(fault)
    if kind is None:
        assert [each.state for each in vimeo.tracks(VIDEO)] == ["failed"]
        return
    with pytest.raises(PlatformError) as refused:
        vimeo.tracks(VIDEO)
    assert type(refused.value) is kind
    assert said in str(refused.value)
    assert VIDEO in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert len(str(refused.value)) < 700


def test_a_wrong_parameter_is_named(server: VimeoServer, vimeo: Vimeo) -> None:
    with pytest.raises(
        PlatformError, match=r"refused it \(400\): The parameters passed were invalid\. language: Invalid"
    ):
        vimeo.insert(VIDEO, track(code="xx"))
    assert server.of(VIDEO) == []


def test_a_video_is_found_by_its_number(server: VimeoServer, vimeo: Vimeo) -> None:
    found = vimeo.video(VIDEO)
    assert (found.id, found.title, found.account, found.duration_ms) == (VIDEO, "第12集", "频道", 15_000)
    server.add_video("77:abcdef0123")
    assert vimeo.video("77:abcdef0123").id == "77:abcdef0123"
    vimeo.insert("77:abcdef0123", track())
    assert len(server.of("77:abcdef0123")) == 1


@pytest.mark.parametrize(
    ("video", "said"),
    [
        ("", "the number in the video's address"),
        ("１", "the number"),
        ("1/../me", "the number"),
        ("1?fields=x", "the number"),
        ("https://evil.example/12", "the number"),
        ("https://vimeo.com/77?share=copy", 'Write publish.videos.vimeo = "77"'),
        ("https://vimeo.com/manage/videos/77", 'vimeo = "77"'),
        ("https://vimeo.com/77/abcdef0123", 'vimeo = "77:abcdef0123"'),
    ],
)
def test_what_is_no_video_is_never_asked_for(server: VimeoServer, vimeo: Vimeo, video: str, said: str) -> None:
    with pytest.raises(PlatformError, match="is no video of Vimeo") as refused:
        vimeo.video(video)
    assert said in refused.value.remedy
    assert server.seen == []


def test_an_unknown_video_and_another_accounts_are_told_apart(server: VimeoServer, vimeo: Vimeo) -> None:
    with pytest.raises(PlatformError, match="no such video"):
        vimeo.video("123")
    server.add_video("456", token=OTHERS)
    with pytest.raises(SignInError, match="belongs to Somebody else"):
        vimeo.video("456")
    with pytest.raises(PlatformError, match="does not allow it"):
        vimeo.insert("456", track())


def test_the_token_goes_to_the_api_and_nowhere_else(server: VimeoServer, vimeo: Vimeo) -> None:
    vimeo.update(VIDEO, vimeo.insert(VIDEO, track()), track("New."))
    assert {token for _, path, token in server.seen if not path.startswith("/captions/")} == {f"Bearer {TOKEN}"}
    assert {token for _, path, token in server.seen if path.startswith("/captions/")} == {""}
    assert len([1 for method, _, _ in server.seen if method == "PUT"]) == 2


def test_a_file_is_not_sent_to_an_address_that_is_not_safe() -> None:
    client = Client(TOKEN, timeout_s=1.0)
    assert ADDRESS.startswith("https://")
    for link in ("http://127.0.0.1:9/x", "file:///etc/passwd", ""):
        with pytest.raises(PlatformError, match="not safe"):
            client.put_file(link, b"x", "x")
    client.close()


def test_a_platform_that_can_not_be_reached_is_said(setup: Setup, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    vimeo = Vimeo.open(Setup(f"http://127.0.0.1:{port}", 1.0, setup.vault, SilentReporter()))
    with pytest.raises(BusyError, match="could not be reached"):
        vimeo.tracks(VIDEO)


def test_signing_in_verifies_the_token_and_keeps_it_to_oneself(
    server: VimeoServer, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.vault.forget("vimeo")
    with pytest.raises(SignInError, match="Nobody is signed in to Vimeo"):
        Vimeo.open(setup)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\n"))
    assert Vimeo.sign_in(setup) == "频道"
    assert [path.split("?")[0] for _, path, _ in server.seen] == ["/me", "/oauth/verify"]
    assert setup.vault.file is not None
    assert stat.S_IMODE(setup.vault.file.stat().st_mode) == 0o600
    assert json.loads(setup.vault.file.read_text())["vimeo"]["token"] == TOKEN
    Vimeo.open(setup).close()


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "no access token"),
        ("two words", "no access token"),
        ("wrong", "does not accept the token"),
        ("päss", "no access"),
    ],
)
def test_a_wrong_token_is_not_kept(setup: Setup, monkeypatch: pytest.MonkeyPatch, pasted: str, said: str) -> None:
    setup.vault.forget("vimeo")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{pasted}\n"))
    with pytest.raises(SignInError, match=said) as refused:
        Vimeo.sign_in(setup)
    assert "developer.vimeo.com" in refused.value.remedy
    assert setup.vault.read("vimeo") is None


def test_a_token_that_lacks_a_scope_is_not_kept(
    server: VimeoServer, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.vault.forget("vimeo")
    server.tokens[TOKEN] = "public private edit"
    monkeypatch.setattr(sys, "stdin", io.StringIO(TOKEN))
    with pytest.raises(SignInError, match="lacks upload, delete"):
        Vimeo.sign_in(setup)
    assert setup.vault.read("vimeo") is None


def test_the_variables_token_comes_first(server: VimeoServer, setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMU_VIMEO_TOKEN", OTHERS)
    assert Vimeo.sign_in(setup) == "Somebody else"
    Vimeo.open(setup).tracks(VIDEO)
    assert server.seen[-1][2] == f"Bearer {OTHERS}"
    assert setup.vault.read("vimeo") == {"token": TOKEN, "account": "频道"}


def test_the_token_goes_nowhere_unencrypted(server: VimeoServer, setup: Setup) -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match=r"publish\.endpoints has"):
        Vimeo.open(replace(setup, endpoint="http://vimeo.example.com"))
    assert not server.seen


def test_a_language_without_a_spelling_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match="does not know the language ja"):
        Vimeo.spell(replace(LANGUAGES["ja"], vimeo=""))
