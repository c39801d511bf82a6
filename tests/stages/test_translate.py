"""The translate stage on an episode's folder: where its knowledge comes from, and what it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.runner import Stage, Step, fingerprint
from pipeline.stages import translate
from pipeline.stages.sentences import episode_units, scores_path
from pipeline.store import Store
from pipeline.translation.engines import EmbeddedModel
from tests.stages.aligned import aligned_episode, job
from tests.translation.chat_server import ChatServer, default_translation

STAGE = Stage("translate", translate.VERSION, translate.plan)
SETTINGS = """
[episode]
to = ["en"]
[translate]
engine = "server"
[server]
base_url = "{url}"
model = "m"
"""


def steps(folder: Path) -> list[Step]:
    return list(translate.plan(job(folder)))


def marks(folder: Path) -> list[str]:
    return [fingerprint(STAGE, step) for step in steps(folder)]


def translated(folder: Path, url: str) -> dict[str, Any]:
    (folder / "episode.toml").write_text(SETTINGS.format(url=url), encoding="utf-8")
    (step,) = steps(folder)
    return dict(step.run())


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    return aligned_episode(tmp_path / "episode")


def test_only_approved_rows_of_the_episodes_table_are_terms(episode: Path) -> None:
    with ChatServer(translate=lambda text: default_translation(text) + " Library") as server:
        rows = ["approved\tterm\ttranslation", "yes\t暑期项目\tLibrary", "\t故事\tNever", "no\t节目\tNo"]
        (episode / "terms.en.tsv").write_text("\n".join(rows), "utf-8")
        translated(episode, server.url)
        asked = "\n".join(body["messages"][1]["content"] for body in server.calls)
    assert "暑期项目 = Library" in asked
    assert "故事 =" not in asked
    assert "节目 =" not in asked


def test_a_changed_table_of_terms_or_rule_for_sentences_makes_the_step_again(episode: Path) -> None:
    before = marks(episode)
    (episode / "terms.en.tsv").write_text("approved\tterm\ttranslation\nyes\t指令集\tLibrary\n", "utf-8")
    with_table = marks(episode)
    own = episode / "config" / "sentences.toml"
    own.parent.mkdir()
    own.write_text(job(episode).table("sentences.toml").read_text("utf-8") + "\n", "utf-8")
    assert len({*before, *with_table, *marks(episode)}) == 3


def test_a_wrong_rule_for_sentences_is_named(episode: Path) -> None:
    own = episode / "config" / "sentences.toml"
    own.parent.mkdir()
    own.write_text("base = 1", "utf-8")
    with ChatServer() as server, pytest.raises(UsageError, match=r"rules for sentences"):
        translated(episode, server.url)


def test_what_was_approved_since_is_no_reason_to_translate_again(episode: Path) -> None:
    with ChatServer() as server:
        translated(episode, server.url)
        before = marks(episode)
        with Store.open(episode / "zimu.db") as store:
            unit = store.units(episode.name, "en")[0]
            store.approve(unit.id, "li", unit.revision)
        assert marks(episode) == before


def test_without_the_sentence_model_nothing_of_it_is_kept(episode: Path) -> None:
    with ChatServer() as server:
        translated(episode, server.url)
    assert not scores_path(job(episode)).exists()


@pytest.mark.model
def test_the_sentence_model_is_asked_once_and_its_scores_are_kept(episode: Path, small_llm: Path) -> None:
    def model() -> EmbeddedModel:
        return EmbeddedModel(
            lambda: small_llm, checksum="a", threads=2, context_tokens=1024, seed=7, temperature=0.0, gpu_layers=0
        )

    units = episode_units(job(episode), model=model)
    path = scores_path(job(episode))
    kept = json.loads(path.read_text("utf-8"))
    assert len(kept["scores"]) == 5
    path.write_text(json.dumps({**kept, "scores": [-9.0, 9.0, -9.0, 9.0, -9.0]}), "utf-8")
    assert [(unit.first, unit.last) for unit in episode_units(job(episode), model=model)] == [(0, 1), (2, 3), (4, 5)]
    path.write_text("not ours", "utf-8")
    assert episode_units(job(episode), model=model) == units
    assert json.loads(path.read_text("utf-8"))["key"] == kept["key"]


def test_where_the_sentence_model_can_not_be_had_the_rules_alone_decide(episode: Path, tmp_path: Path) -> None:
    def model() -> EmbeddedModel:
        return EmbeddedModel(
            lambda: tmp_path, checksum="a", threads=1, context_tokens=512, seed=7, temperature=0.0, gpu_layers=0
        )

    assert episode_units(job(episode), model=model) == episode_units(job(episode), model=None)
    assert not scores_path(job(episode)).exists()
