"""Strangers, foreign pages and hostile paths get nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from pipeline.review.security import Access, Keys
from pipeline.store import Store
from tests.cli import Result
from tests.review.serving import SPOKEN, Browser, Server, make_workspace, serving


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8437", True), ("localhost", True), ("[::1]:8437", True), ("LOCALHOST:1", True),
        ("evil.example", False), ("127.0.0.1.evil.example", False), ("10.0.0.1", False), ("", False),
    ],
)  # fmt: skip
def test_on_loopback_only_loopback_names_are_answered(host: str, known: bool) -> None:
    assert Access().knows(host) is known


@pytest.mark.parametrize(
    ("host", "known"),
    [("192.168.1.7:8437", True), ("zimu.example.org", True), ("evil.example", False), ("localhost", True)],
)
def test_beyond_loopback_addresses_and_named_hosts_are_answered(host: str, known: bool) -> None:
    assert Access("0.0.0.0", ("zimu.example.org",), "t" * 20).knows(host) is known


def test_a_session_is_only_taken_as_it_was_signed() -> None:
    keys = Keys(b"k" * 32)
    cookie = keys.seal("Ada", "mark")
    assert keys.unseal(cookie, 60) == ("Ada", "mark")
    assert keys.unseal(cookie, -1) is None
    assert keys.unseal(cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), 60) is None
    assert Keys(b"x" * 32).unseal(cookie, 60) is None
    for foreign in ("", ".", "a.b", "ä.ö", "=" * 50):
        assert keys.unseal(foreign, 60) is None


def test_another_host_name_is_refused(server: Server) -> None:
    answer = httpx.get(f"{server.url}/", headers={"Host": "evil.example"}, trust_env=False)
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "file://"])
def test_a_write_from_another_origin_is_refused(server: Server, ada: Browser, origin: str | None) -> None:
    unit = ada.episode()["units"][0]
    headers = {name: value for name, value in {**ada.headers, "Origin": origin}.items() if value is not None}
    body = {"text": "evil", "revision": unit["revision"]}
    answer = ada.http.put(f"/api/units/{unit['id']}/text", json=body, headers=headers)
    assert answer.status_code == 403
    assert ada.episode()["units"][0]["text"] == unit["text"]


@pytest.mark.parametrize("missing", ["X-Zimu", "X-CSRF-Token"])
def test_a_write_without_the_pages_token_is_refused(ada: Browser, missing: str) -> None:
    unit = ada.episode()["units"][0]
    headers = {name: value for name, value in ada.headers.items() if name != missing}
    answer = ada.http.put(f"/api/units/{unit['id']}/text", json={"text": "x", "revision": 1}, headers=headers)
    assert answer.status_code == 403


def test_a_token_of_another_session_is_refused(ada: Browser, bob: Browser) -> None:
    headers = {**ada.headers, "X-CSRF-Token": bob.csrf}
    answer = ada.http.post("/api/run", json={"id": "talk", "stage": "align"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/api/episode?id=talk", "/media?id=talk", "/peaks?id=talk", "/api/events", "/list"])
def test_without_a_session_nothing_is_told(server: Server, path: str) -> None:
    assert httpx.get(server.url + path, trust_env=False).status_code == 401


def test_every_answer_carries_the_policy(ada: Browser) -> None:
    for path in ("/", "/episode?id=talk", "/api/episode?id=talk", "/static/icon.svg", "/nowhere", "/media?id=talk"):
        headers = ada.http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_has_a_script_or_style_of_its_own(ada: Browser) -> None:
    for path in ("/", "/episode?id=talk", "/search", "/signin", "/help"):
        html = ada.http.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"<style|\sstyle=|\son\w+=", html)


def test_the_cookie_is_kept_from_scripts_and_other_sites(server: Server) -> None:
    headers = {"Origin": server.url}
    answer = httpx.post(f"{server.url}/signin", data={"name": "Eve"}, headers=headers, trust_env=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(server: Server, to: str) -> None:
    data = {"name": "Eve", "to": to}
    answer = httpx.post(f"{server.url}/signin", data=data, headers={"Origin": server.url}, trust_env=False)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "identity",
    ["../talk", "/etc", "talk/../../etc", "..", ".", "talk/zimu", "talk\x00", "%2e%2e", "", "\\\\host\\share"],
)
def test_no_path_leads_out_of_the_workspace(ada: Browser, identity: str) -> None:
    for path in ("/media", "/peaks", "/api/episode", "/api/export"):
        answer = ada.get(path, id=identity, format="srt")
        assert answer.status_code in (404, 422), (path, answer.text)
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"]
)
def test_static_files_are_only_those_of_the_page(server: Server, path: str) -> None:
    raw = subprocess.run(
        [sys.executable, "-c", _RAW, server.url.rpartition(":")[2], path], capture_output=True, text=True, check=True
    ).stdout
    assert "404" in raw.splitlines()[0]


_RAW = """
import socket, sys
port, path = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port)), 20) as sock:
    sock.sendall(f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nConnection: close\\r\\n\\r\\n".encode())
    print(sock.recv(65536).decode("utf-8", "replace"))
"""


def test_more_than_the_limit_is_not_taken(ada: Browser) -> None:
    unit = ada.episode()["units"][0]
    answer = ada.http.put(
        f"/api/units/{unit['id']}/text",
        content=b" " * 5_000_000,
        headers={**ada.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 413

    def endless() -> object:
        for _ in range(100):
            yield b" " * 100_000

    answer = ada.http.put(f"/api/units/{unit['id']}/text", content=endless(), headers=ada.headers)  # type: ignore[arg-type]
    assert answer.status_code == 413


def test_links_out_of_the_workspace_are_not_followed(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    workspace = make_workspace(tmp_path / "workspace", settings=f'[review]\nmedia_folders = ["{allowed}"]\n')
    for name in ("lawful", "script"):
        shutil.copytree(workspace / "talk", workspace / name, ignore=shutil.ignore_patterns("episode-id", "zimu"))
    _link_out(workspace / "talk" / "video.mp4", tmp_path / "elsewhere.mp4")
    _link_out(workspace / "lawful" / "video.mp4", allowed / "lawful.mp4")
    _link_out(workspace / "script" / "transcript.txt", tmp_path / "private.txt")
    with serving(workspace) as server:
        ada = server.browser("Ada")
        assert ada.get("/media", id="talk").status_code == 404
        assert ada.get("/peaks", id="talk").status_code == 404
        assert ada.get("/media", id="lawful").status_code == 200
        for path in ("/api/episode", "/episode", "/media", "/api/export", "/api/cues"):
            answer = ada.get(path, id="script", language="en", format="csv")
            assert answer.status_code == 404
            assert SPOKEN[0] not in answer.text


def _link_out(file: Path, target: Path) -> None:
    file.rename(target)
    file.symlink_to(target)


@pytest.mark.parametrize("number", ["9" * 19, "9" * 30, "9" * 5000, "-1", "1e3"])
def test_numbers_that_no_database_holds_are_refused(ada: Browser, number: str) -> None:
    assert ada.get("/api/units", ids=f"{number},1").status_code == 200
    answers = [
        ada.send("DELETE", f"/api/pins/1?id=talk&revision={number}"),
        *(
            ada.send("POST", f"/api/{path}", {"revision": 1})
            for path in (f"comments/{number}/resolve", f"units/{number}/approve")
        ),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3


def test_beyond_this_machine_a_token_is_needed(tmp_path: Path, zimu: Callable[..., Result]) -> None:
    (tmp_path / "zimu.toml").write_text("", encoding="utf-8")
    everywhere = "0.0.0.0"
    refused = zimu("review", tmp_path, "--host", everywhere)
    assert refused.code == 2
    assert "--token" in refused.err
    short = zimu("review", tmp_path, "--host", everywhere, "--token", "abc")
    assert short.code == 2
    assert "abc" not in short.err


def test_a_shared_token_and_peoples_own(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    with Store.open(workspace / "zimu.db") as store:
        _, token = store.add_person("Ada")
    shared = "a-shared-token-for-all"
    with serving(workspace, env={"ZIMU_REVIEW_TOKEN": shared}) as server:
        guest = Browser(server.url)
        page = guest.http.get("/", headers={"Accept": "text/html"})
        assert page.status_code == 303
        assert page.headers["location"].startswith("/signin")
        for name, wrong in (
            ("Ada", shared),
            ("Bob", token),
            ("Bob", ""),
            ("Ada", "x"),
            ("", shared),
            ("machine:x", shared),
        ):
            answer = guest.http.post("/signin", data={"name": name, "token": wrong}, headers={"Origin": server.url})
            assert answer.status_code == 403, (name, wrong)
        ada = server.browser("Ada", token=token)
        bob = server.browser("Bob", token=shared)
        assert (ada.episode()["me"], bob.episode()["me"]) == ("Ada", "Bob")
        for browser in (ada, bob):
            for path in ("/", "/signin", "/api/episode?id=talk", "/api/runs"):
                text = browser.http.get(path).text
                assert shared not in text
                assert token not in text
        with Store.open(workspace / "zimu.db") as store:
            store.revoke("Ada")
        assert _until_refused(ada)
        assert bob.get("/api/runs").status_code == 200


def _until_refused(browser: Browser) -> bool:
    import time

    for _ in range(50):
        if browser.get("/api/runs").status_code == 401:
            return True
        time.sleep(0.2)
    return False


def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace", settings="[review]\nfailures = 3\n")
    with serving(workspace, env={"ZIMU_REVIEW_TOKEN": "a-shared-token-for-all"}) as server:
        guest = Browser(server.url)
        answers = [
            guest.http.post("/signin", data={"name": "Eve", "token": "x"}, headers={"Origin": server.url}).status_code
            for _ in range(5)
        ]
        assert answers == [403, 403, 403, 429, 429]


def test_the_key_of_sessions_is_for_the_owners_eyes_only(server: Server, ada: Browser) -> None:
    files = [path for path in server.home.rglob("*") if path.is_file() and path.parent.name == "review"]
    assert len(files) == 1
    assert files[0].stat().st_mode & 0o077 == 0
    assert os.path.getsize(files[0]) == 32  # noqa: PTH202
