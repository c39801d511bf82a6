"""The translate stage on an episode's folder: where its knowledge comes from, and what it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.languages import find
from pipeline.runner import Stage, Step, fingerprint
from pipeline.stages import translate
from pipeline.stages.sentences import episode_units, scores_path
from pipeline.store import Store
from pipeline.translation.engines import BudgetError, EmbeddedModel, argos, resolve_order
from tests.episodes import stored_units
from tests.stages.aligned import aligned_episode, job
from tests.translation.chat_server import ChatServer, default_translation

ENGLISH = find("en")
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
    terms = [row for row in asked.split("\n") if row.startswith("Terms:")]
    assert any("暑期项目 = Library" in row for row in terms)
    assert not any("故事" in row or "节目" in row for row in terms)


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
            unit = stored_units(store, episode, "en")[0]
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

    units = episode_units(job(episode), ENGLISH, model=model)
    path = scores_path(job(episode))
    kept = json.loads(path.read_text("utf-8"))
    assert len(kept["scores"]) == 5
    path.write_text(json.dumps({**kept, "scores": [-9.0, 9.0, -9.0, 9.0, -9.0]}), "utf-8")
    assert [(unit.first, unit.last) for unit in episode_units(job(episode), ENGLISH, model=model)] == [
        (0, 1),
        (2, 3),
        (4, 5),
    ]
    path.write_text("not ours", "utf-8")
    assert episode_units(job(episode), ENGLISH, model=model) == units
    assert json.loads(path.read_text("utf-8"))["key"] == kept["key"]


@pytest.mark.parametrize(
    ("engine", "packages", "mode", "asked"),
    [
        ("auto", set(), "auto", True),
        ("auto", {"en"}, "auto", True),  # Japanese is the embedded model's
        ("auto", {"en", "ja"}, "auto", False),
        ("argos", set(), "auto", False),
        ("embedded", {"en", "ja"}, "auto", True),
        ("embedded", set(), "off", False),
    ],
)
def test_the_model_is_asked_for_sentences_where_it_translates(
    episode: Path, monkeypatch: pytest.MonkeyPatch, engine: str, packages: set[str], mode: str, asked: bool
) -> None:
    monkeypatch.setattr(argos, "has_packages", lambda options, source, target, reporter: target in packages)
    config = episode / "episode.toml"
    config.write_text(f'[episode]\nto = ["en", "ja"]\n[translate]\nengine = "{engine}"\nsentence_model = "{mode}"\n')
    work = job(episode)
    order = resolve_order(engine, ("argos", "embedded"), server_configured=False)
    assert translate.asks_for_ends(work, translate.engine_tools(work), order) is asked


def test_where_the_sentence_model_can_not_be_had_the_rules_alone_decide(episode: Path, tmp_path: Path) -> None:
    def model() -> EmbeddedModel:
        return EmbeddedModel(
            lambda: tmp_path, checksum="a", threads=1, context_tokens=512, seed=7, temperature=0.0, gpu_layers=0
        )

    assert episode_units(job(episode), ENGLISH, model=model) == episode_units(job(episode), ENGLISH, model=None)
    assert not scores_path(job(episode)).exists()


def several(folder: Path, url: str, to: str, more: str = "") -> None:
    settings = SETTINGS.format(url=url).replace('["en"]', to)
    (folder / "episode.toml").write_text(settings + more, encoding="utf-8")


def test_traditional_chinese_is_converted_by_region_and_no_engine_is_asked(episode: Path) -> None:
    with ChatServer() as server:
        several(episode, server.url, '["zh-TW", "zh-Hant-HK"]', '[glossary."zh-Hant-TW"]\n"节目" = "頻道節目"\n')
        taiwan, hong_kong = steps(episode)
        assert (taiwan.name, hong_kong.name) == ("translate zh-Hant-TW", "translate zh-Hant-HK")
        summary = dict(taiwan.run())
        assert (summary["engines"], summary["findings"]) == (["opencc"], [])
        hong_kong.run()
        assert server.calls == []
    with Store.open(episode / "zimu.db") as store:
        units = {tag: stored_units(store, episode, tag) for tag in ("zh-Hant-TW", "zh-Hant-HK")}
        assert any("頻道節目" in unit.text for unit in units["zh-Hant-TW"])
        assert not any(unit.text.endswith("。") for unit in units["zh-Hant-TW"])  # as the captions have none
        assert all("頻道節目" not in unit.text for unit in units["zh-Hant-HK"])


def test_a_person_corrects_traditional_chinese_and_it_is_never_overwritten(episode: Path) -> None:
    several(episode, "http://127.0.0.1:9/v1", '["zh-TW"]')
    (step,) = steps(episode)
    step.run()
    with Store.open(episode / "zimu.db") as store:
        unit = stored_units(store, episode, "zh-Hant-TW")[0]
        store.edit(unit.id, "我改過了", "li", unit.revision)
    (step,) = steps(episode)
    assert dict(step.run())["by_people"] == 1
    with Store.open(episode / "zimu.db") as store:
        assert stored_units(store, episode, "zh-Hant-TW")[0].text == "我改過了"


THROUGH = '[pivot]\nserver = ["*"]\n'


def test_the_language_that_others_start_from_comes_first_and_its_corrections_make_theirs_again(episode: Path) -> None:
    with ChatServer() as server:
        several(episode, server.url, '["id", "en"]', THROUGH)
        plan = translate.plan(job(episode))
        english = next(plan)
        assert english.name == "translate en"
        english.run()
        asked = len(server.calls)
        next(plan).run()
        said = "\n".join(body["messages"][1]["content"] for body in server.calls[asked:])
        assert "Well then" in said  # the English, as the server gave it
        before = marks(episode)
        with Store.open(episode / "zimu.db") as store:
            unit = stored_units(store, episode, "en")[0]
            store.approve(unit.id, "li", unit.revision)
            assert marks(episode) == before  # approved as it is: nothing to do
            unit = stored_units(store, episode, "en")[0]
            store.edit(unit.id, "A person's English.", "li", unit.revision)
        after = marks(episode)
        assert (after[0], after[1] != before[1]) == (before[0], True)
        asked = len(server.calls)
        steps(episode)[1].run()
        again = [body["messages"][1]["content"] for body in server.calls[asked:]]
        assert "A person's English." in again[0]


def test_what_others_start_from_is_made_only_where_it_is_asked_for(episode: Path) -> None:
    with ChatServer() as server:
        for more, expected in (
            (THROUGH, ["translate ja"]),
            (THROUGH + "make = true\n", ["translate en", "translate ja"]),
            ('[pivot]\nlanguage = ""\nmake = true\n', ["translate ja"]),
        ):
            several(episode, server.url, '["ja"]', more)
            assert [step.name for step in steps(episode)] == expected


def test_a_run_stops_at_its_budget_and_the_next_one_goes_on(episode: Path) -> None:
    url = "[server]\n"
    with ChatServer() as server:
        several(episode, server.url, '["en"]')
        path = episode / "episode.toml"
        limited = path.read_text("utf-8").replace(url, url + "batch_units = 1\nconcurrency = 1\nmax_tokens = 400\n")
        path.write_text(limited, encoding="utf-8")
        (step,) = steps(episode)
        with pytest.raises(BudgetError, match="400 tokens"):
            step.run()
        done = len(server.calls)
        assert done == 1
        path.write_text(limited.replace("400", "100000"), encoding="utf-8")
        (step,) = steps(episode)
        summary = dict(step.run())
    assert summary["kept"] == done
    assert summary["server"]["requests"] == len(server.calls) - done
