"""Signing in to YouTube by Google's flow, in a real browser; where the sign-in is kept, and what is refused there."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from pipeline.errors import UsageError
from pipeline.publishing.credentials import Vault
from tests.cli import Result, start
from tests.publishing.conftest import Desk
from tests.publishing.youtube_server import YouTubeServer
from tests.review import browsing

Zimu = Callable[..., Result]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    browsing.chromium()
    with sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def client(tmp_path: Path, youtube: YouTubeServer) -> Path:
    """The file that the Google Cloud console gives out."""
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps({"installed": youtube.client}), "utf-8")
    return file


def auth(workspace: Path, *args: str | Path):
    """`zimu auth youtube` in a process of its own, and the address that it prints."""
    # The local server has no certificate, which Google's library insists on otherwise.
    env = {**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONUNBUFFERED": "1"}
    process = start("auth", "youtube", "--no-browser", "--in", workspace, *args, env=env)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.match(r"http://\S+", line):
            return process, found[0]
    raise AssertionError(process.communicate())


def test_a_person_signs_in_in_the_browser_and_publishes(desk: Desk, client: Path, page: Page) -> None:
    desk.credentials.unlink()
    process, address = auth(desk.workspace, "--client", client)
    page.goto(address)
    page.click("#allow")
    page.wait_for_selector("text=Zimu is signed in")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "Signed in to YouTube as Zimu Channel." in out) == (0, True), (out, err)
    assert f"kept in {desk.credentials}" in err
    assert stat.S_IMODE(desk.credentials.stat().st_mode) == 0o600
    assert "refresh-secret-abc" not in out + err
    (asked,) = [each["query"] for each in desk.state.requests if each["call"] == "auth"]
    assert asked["scope"] == "https://www.googleapis.com/auth/youtube.force-ssl"
    assert (asked["access_type"], asked["code_challenge_method"]) == ("offline", "S256")
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert desk.publish("--languages", "en").code == 0
    # Signing in again needs no file; signing out leaves nothing.
    process, address = auth(desk.workspace)
    page.goto(address)
    page.click("#allow")
    page.wait_for_selector("text=Zimu is signed in")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Signed out" in desk.zimu("auth", "youtube", "--forget", "--in", desk.workspace).out
    assert desk.publish().code == 5


def test_a_person_who_says_no_is_told_how_to_go_on(desk: Desk, client: Path, page: Page) -> None:
    desk.credentials.unlink()
    process, address = auth(desk.workspace, "--client", client)
    page.goto(address)
    page.click("#deny")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "refused the sign-in (access_denied)" in err) == (5, True), (out, err)
    assert not desk.credentials.exists()


def test_an_account_without_a_channel_is_told(desk: Desk, client: Path, page: Page) -> None:
    desk.state.channel = ""
    process, address = auth(desk.workspace, "--client", client)
    page.goto(address)
    page.click("#allow")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "has no YouTube channel" in err) == (5, True), (out, err)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "can't be read"),
        ("[]", "no file of an OAuth client"),
        ('{"web": {}}', "of the type “web”"),
        ('{"installed": {"client_id": "a"}}', "lacks client_secret, auth_uri, token_uri"),
    ],
)
def test_a_wrong_client_file_says_which_one_is_needed(desk: Desk, client: Path, content: str, said: str) -> None:
    client.write_text(content, "utf-8")
    failed = desk.zimu("auth", "youtube", "--client", client, "--in", desk.workspace)
    assert (failed.code, said in failed.err, "Desktop app" in failed.err) == (2, True, True), failed


def test_the_first_sign_in_needs_a_client(desk: Desk) -> None:
    desk.credentials.unlink()
    failed = desk.zimu("auth", "youtube", "--in", desk.workspace)
    assert (failed.code, "--client FILE" in failed.err) == (2, True), failed


def test_a_file_that_others_may_read_is_refused(desk: Desk) -> None:
    desk.credentials.chmod(0o644)
    failed = desk.publish()
    assert (failed.code, "mode 644" in failed.err, "chmod 600" in failed.err) == (2, True, True), failed
    assert desk.state.calls == []


def test_a_file_inside_the_workspace_is_refused(desk: Desk) -> None:
    inside = desk.workspace / "secrets.json"
    desk.credentials.rename(inside)
    failed = desk.publish("--set", f"publish.credentials={inside}")
    assert (failed.code, "must not lie in the workspace" in failed.err) == (2, True), failed
    link = desk.workspace.parent / "link.json"
    link.symlink_to(inside)
    assert desk.publish("--set", f"publish.credentials={link}").code == 2


def test_a_damaged_file_says_so_without_its_content(desk: Desk) -> None:
    desk.credentials.write_text("refresh-secret-abc{", "utf-8")
    failed = desk.publish()
    assert (failed.code, "can't be read" in failed.err, "secret" in failed.err) == (2, True, False), failed


def test_an_endpoint_in_the_clear_is_refused_beyond_this_machine(desk: Desk) -> None:
    failed = desk.publish("--set", 'publish.endpoints={youtube="http://example.org/"}')
    assert (failed.code, "https://" in failed.err) == (2, True), failed


def test_the_vault_keeps_platforms_apart(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "private" / "c.json", tmp_path / "workspace")
    assert vault.read("youtube") is None
    vault.write("youtube", {"a": 1})
    vault.write("vimeo", {"b": 2})
    assert (vault.read("youtube"), vault.read("vimeo")) == ({"a": 1}, {"b": 2})
    assert vault.forget("youtube")
    assert not vault.forget("youtube")
    assert (vault.read("youtube"), vault.read("vimeo")) == (None, {"b": 2})
    with pytest.raises(UsageError, match="must not lie"):
        Vault(tmp_path / "workspace" / "c.json", tmp_path / "workspace").write("vimeo", {})


def test_the_key_ring_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a real backend of keyring's, which keeps what it is given in memory."""
    import keyring
    from keyring.backend import KeyringBackend

    class InMemory(KeyringBackend):
        priority = 1
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    before = keyring.get_keyring()
    monkeypatch.setattr("pipeline.publishing.credentials.default_file", lambda: tmp_path / "none.json")
    try:
        keyring.set_keyring(InMemory())
        vault = Vault(None, tmp_path)
        monkeypatch.setattr("pipeline.publishing.credentials.default_file", lambda: tmp_path.parent / "none.json")
        assert vault.write("youtube", {"a": 1}) == "the system's key ring"
        assert vault.read("youtube") == {"a": 1}
        assert vault.forget("youtube")
        assert vault.read("youtube") is None
        assert not (tmp_path.parent / "none.json").exists()
    finally:
        keyring.set_keyring(before)
