"""The translate stage has what can't be read in its time made shorter, and does nothing twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.runner import Stage, fingerprint
from pipeline.stages import translate
from pipeline.store import Store
from tests.episodes import stored_units
from tests.stages.aligned import aligned_episode, job
from tests.translation.chat_server import ChatServer, default_translation

STAGE = Stage("translate", translate.VERSION, translate.plan)
SETTINGS = """
[episode]
to = ["en"]
[translate]
engine = "server"
shorten = {shorten}
[server]
base_url = "{url}"
model = "m"
"""


def wordy(text: str) -> str:
    """Far too much of a sentence; of a translation, its first three fifths."""
    if re.search(r"[\u4e00-\u9fff]", text):
        words = default_translation(text)[:-1].split()
        while len(" ".join(words)) < 5 * len(text):
            words.append(("and", "then", "they", "went", "home")[len(words) % 5])
        return " ".join(words) + "."
    return text[: len(text) * 3 // 5].rsplit(" ", 1)[0] + "."


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    return aligned_episode(tmp_path / "episode")


def _run(folder: Path, url: str, *, shorten: bool = True) -> dict[str, Any]:
    text = SETTINGS.format(url=url, shorten=str(shorten).lower())
    (folder / "episode.toml").write_text(text, encoding="utf-8")
    (step,) = translate.plan(job(folder))
    return dict(step.run())


def _texts(folder: Path) -> list[str]:
    with Store.open(folder / "zimu.db") as store:
        return [unit.text for unit in stored_units(store, folder, "en")]


def test_it_asks_again_only_for_what_can_not_be_read_and_once(episode: Path) -> None:
    with ChatServer(translate=wordy) as server:
        first = _run(episode, server.url)
        asked, texts = len(server.calls), _texts(episode)
        assert first["shortened"] > 0
        again = _run(episode, server.url)
        assert (again["shortened"], again["translated"], len(server.calls)) == (0, 0, asked)
        assert _texts(episode) == texts
        assert again["findings"] == first["findings"]


def test_a_workspaces_own_wordings_come_first_and_are_part_of_the_step(episode: Path) -> None:
    (before,) = translate.plan(job(episode))
    table = episode / "config" / "wordings" / "en.tsv"
    table.parent.mkdir(parents=True)
    table.write_text("long\tshort\tstep\nand then they\tand\t1\n", encoding="utf-8")
    (after,) = translate.plan(job(episode))
    assert before.inputs["wordings"] != after.inputs["wordings"]
    with ChatServer(translate=wordy) as server:
        done = _run(episode, server.url)
        assert done["reworded"] > 0
        with Store.open(episode / "zimu.db") as store:
            notes = [
                revision.note
                for unit in stored_units(store, episode, "en")
                for revision in store.history(unit.id)
                if revision.note
            ]
        assert "shorter: and then they → and" in "\n".join(notes)
        asked, texts = len(server.calls), _texts(episode)
        again = _run(episode, server.url)
        assert (again["reworded"], again["shortened"], len(server.calls)) == (0, 0, asked)
        assert _texts(episode) == texts


def test_without_the_setting_every_text_stays(episode: Path) -> None:
    with ChatServer(translate=wordy) as server:
        done = _run(episode, server.url, shorten=False)
        assert done["shortened"] == 0
        assert not [body for body in server.calls if "Shorten" in body["messages"][1]["content"]]


def test_the_prompt_is_part_of_the_step(episode: Path) -> None:
    with ChatServer(translate=wordy) as server:
        _run(episode, server.url)
        (before,) = translate.plan(job(episode))
        own = episode / "config" / "prompts" / "shorten.user.md"
        own.parent.mkdir(parents=True)
        own.write_text("Be brief, {before}:\n{units}\n{complaints}\n", encoding="utf-8")
        (after,) = translate.plan(job(episode))
    assert fingerprint(STAGE, before) != fingerprint(STAGE, after)
