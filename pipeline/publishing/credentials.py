"""Where sign-ins are kept: the system's key ring, else a file that nobody else may read, outside of every workspace."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from pipeline.errors import UsageError
from pipeline.files import guard_output
from pipeline.publishing.base import SignInError

SERVICE = "zimu"
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Vault:
    """Keeps what signs in to platforms.

    Attributes:
        file: the file to keep it in; None: the key ring, or where there is none a file among the user's settings.
        workspace: the folder that it must not lie in, since workspaces are shared and put under version control.
    """

    file: Path | None
    workspace: Path

    def read(self, platform: str) -> dict[str, Any] | None:
        """A platform's sign-in; None: nobody is signed in.

        Raises:
            UsageError: the file lies in the workspace, others may read it, or it is damaged.
        """
        if self.file is None:
            said = _ring_get(platform)
            if said is not None:
                return _parsed(said, "the key ring")
        file = self.file or default_file()
        return self._read_file(file).get(platform)

    def write(self, platform: str, secret: dict[str, Any]) -> str:
        """Keep a sign-in; returns where it is, in words.

        Raises:
            UsageError: the file lies in the workspace, or others may read it.
        """
        if self.file is None and _ring_set(platform, json.dumps(secret)):
            return "the system's key ring"
        file = self.file or default_file()
        self._write_file(file, {**self._read_file(file), platform: secret})
        return str(file)

    def forget(self, platform: str) -> bool:
        """Remove a sign-in; whether there was one."""
        there = self.file is None and _ring_delete(platform)
        file = self.file or default_file()
        kept = self._read_file(file)
        if kept.pop(platform, None) is not None:
            self._write_file(file, kept)
            there = True
        return there

    def _read_file(self, file: Path) -> dict[str, dict[str, Any]]:
        self._refuse_place(file)
        try:
            with file.open(encoding="utf-8") as opened:
                mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
                if os.name == "posix" and mode & 0o077:
                    raise UsageError(
                        f"Others may read the file with the sign-ins (mode {mode:o}).",
                        where=file,
                        remedy=f"Make it yours alone: chmod 600 {file}; if others had access, sign in again.",
                    )
                return _parsed(opened.read(), file)
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError as error:
            raise _damaged(file) from error

    def _write_file(self, file: Path, content: dict[str, Any]) -> None:
        with guard_output(file):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)  # made with mode 0600
            part = Path(name)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as opened:
                    json.dump(content, opened, indent=1)
                    opened.flush()
                    os.fsync(opened.fileno())
                part.chmod(_PRIVATE)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)

    def _refuse_place(self, file: Path) -> None:
        if file.resolve().is_relative_to(self.workspace.resolve()):
            raise UsageError(
                "The file with the sign-ins must not lie in the workspace.",
                where=file,
                remedy="Give publish.credentials a path outside of it, or leave it empty.",
            )


def default_file() -> Path:
    """Where sign-ins are kept on a machine without a key ring."""
    return Path(platformdirs.user_config_dir("zimu", appauthor=False)) / "credentials.json"


def _parsed(text: str, where: Path | str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _damaged(where)
    return value


def _damaged(where: Path | str) -> UsageError:
    # The content is secret: no word of it may stand in an error.
    return UsageError("The sign-ins can't be read.", where=where, remedy="Remove it, and sign in again.")


def _ring_get(platform: str) -> str | None:
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(SERVICE, platform)
    except keyring.errors.KeyringError:  # there is none on this machine, or it is locked
        return None


def _ring_set(platform: str, secret: str) -> bool:
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, platform, secret)
    except keyring.errors.KeyringError:
        return False
    return True


def _ring_delete(platform: str) -> bool:
    import keyring
    import keyring.errors

    try:
        if keyring.get_password(SERVICE, platform) is None:
            return False
        keyring.delete_password(SERVICE, platform)
    except keyring.errors.KeyringError:
        return False
    return True


def signed_out(platform: str, title: str) -> SignInError:
    """The error for a platform that nobody is signed in to."""
    return SignInError(f"Nobody is signed in to {title}.", remedy=f"Sign in: zimu auth {platform}")
