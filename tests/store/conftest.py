"""Stores for the tests: SQLite files, and databases of a real PostgreSQL server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.store import Store
from pipeline.translation.units import Unit
from tests.postgres import another_postgresql_url, postgresql, postgresql_url

__all__ = ["another_postgresql_url", "postgresql", "postgresql_url"]

TEXTS = ["大家好，欢迎来到今天的节目", "它在2010年由几位研究者开始", "可是太复杂于是他们自己写了一套", "我们下期再见"]


def units(*texts: str, first: int = 0) -> list[Unit]:
    """Units of two lines each, a second long."""
    return [
        Unit(f"u{first + 2 * n}", first + 2 * n, first + 2 * n + 1, text, 1000 * n, 1000 * n + 900)
        for n, text in enumerate(texts)
    ]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: an SQLite file, and then a PostgreSQL database."""
    if request.param == "sqlite":
        return str(tmp_path / "zimu.db")
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store of either kind."""
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def translated(store: Store) -> Callable[..., list[int]]:
    """Makes units with machine translations, and gives their numbers."""

    def make(*texts: str, episode: str = "ep", language: str = "en", sources: list[str] | None = None) -> list[int]:
        stored = store.sync(episode, language, units(*(sources or TEXTS)[: len(texts)]), title="标题")
        for unit, text in zip(stored, texts, strict=True):
            store.save_machine(unit.id, text, engine="argos", fingerprint="f")
        return [unit.id for unit in stored]

    return make
