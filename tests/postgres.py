"""A real PostgreSQL server on loopback, and databases of it: fixtures for whoever names this module as a plugin."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.store import Store


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL: `url(name)` is a database's; `bin` has its programs, `folder` its data."""

    bin: Path
    folder: Path
    port: int
    password: str
    durable: bool = False

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://zimu:{self.password}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def control(self, *words: str) -> None:
        log = self.folder / "log"
        command = [self.bin / "pg_ctl", "-D", self.folder / "data", "-l", log, "-w", "-t", "120", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **_user())
        assert done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")

    def start(self) -> None:
        # What tests write need not outlive the machine, so they don't wait for the disk.
        fsync = "on" if self.durable else "off"
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync={fsync} -c max_connections=120"
        self.control("-o", options, "start")


def _user() -> dict[str, str]:
    """PostgreSQL does not run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}  # type: ignore[dict-item]


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server of this test run's own, in a temporary folder."""
    programs = _programs()
    if programs is None:
        said = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("CI") or os.environ.get("ZIMU_CI"):
            pytest.fail(said)
        pytest.skip(said)
    with running(programs) as server:
        yield server


@contextmanager
def running(programs: Path | None = None, *, durable: bool = False) -> Iterator[Server]:
    """A server in a temporary folder; `durable`: what it has acknowledged is on the disk."""
    programs = programs or _programs()
    assert programs is not None, "apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="zimu-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(programs, folder, port, secrets.token_hex(16), durable)
    password = folder / "password"
    password.write_text(server.password)
    password.chmod(0o644)
    # However the tests end, killed or not: this ends with them, and takes the server along.
    stop = 'read _; "$0/pg_ctl" -D data -m immediate stop >/dev/null 2>&1; rm -rf "$PWD"'
    guard = subprocess.Popen(
        ["sh", "-c", stop, programs], stdin=subprocess.PIPE, cwd=folder, start_new_session=True, **_user()
    )
    try:
        command = [programs / "initdb", "-D", folder / "data", "-U", "zimu", "-A", "scram-sha-256", "-E", "UTF8"]
        command += ["--locale=C", "--no-sync", f"--pwfile={password}"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **_user())
        server.start()
        server.execute("CREATE DATABASE template_zimu")
        Store.open(server.url("template_zimu")).close()
        yield server
    finally:
        assert guard.stdin is not None
        guard.stdin.close()
        guard.wait(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


_numbers = itertools.count()


def _own_database(server: Server) -> Iterator[str]:
    name = f"zimu_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE template_zimu")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql: Server) -> Iterator[str]:
    """An own database with this Zimu's tables."""
    yield from _own_database(postgresql)


@pytest.fixture
def another_postgresql_url(postgresql: Server) -> Iterator[str]:
    """A second one."""
    yield from _own_database(postgresql)
