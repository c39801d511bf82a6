"""What people did in the store, and what the next `zimu run` makes of it: their work stays, and learns what changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.stages.realign import take_over
from pipeline.store import Store, StoredUnit
from pipeline.translation.units import Unit, join_lines
from tests.cli import Result
from tests.episodes import LINES, SHORT_LINES, stored_units
from tests.stages.aligned import aligned_episode, job, mark_aligned
from tests.translation.chat_server import ChatServer, default_translation

Zimu = Callable[..., Result]
TEXTS = LINES[:SHORT_LINES]


class Show:
    """An aligned episode, translated by a server that answers as the test says."""

    def __init__(self, folder: Path, server: ChatServer, zimu: Zimu) -> None:
        self.folder = folder
        self.server = server
        self.store = Store.open(folder / "zimu.db")
        self.zimu = zimu

    def settings(self, *, model: str = "m", to: str = '["en"]', more: str = "") -> None:
        text = (
            f'[episode]\nto = {to}\n[translate]\nengine = "server"\n{more}'
            f'[server]\nbase_url = "{self.server.url}"\nmodel = "{model}"\n'
        )
        (self.folder / "episode.toml").write_text(text, encoding="utf-8")

    def run(self) -> Result:
        done = self.zimu("run", "--until", "translate", self.folder)
        assert done.code == 0, done.err
        return done

    def units(self, language: str = "en") -> tuple[StoredUnit, ...]:
        return stored_units(self.store, self.folder, language)

    def spans(self, language: str = "en") -> list[tuple[int, int]]:
        return [(unit.first, unit.last) for unit in self.units(language)]

    def part(self, first: int, last: int) -> Unit:
        lines = job(self.folder).alignment.lines[first : last + 1]
        text = join_lines([line.text for line in lines])
        return Unit(f"u{first}", first, last, text, lines[0].start_ms or 0, lines[-1].end_ms or 0)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return aligned_episode(tmp_path_factory.mktemp("template") / "episode")


@pytest.fixture
def show(tmp_path: Path, template: Path, zimu: Zimu) -> Iterator[Show]:
    folder = Path(shutil.copytree(template, tmp_path / "episode"))
    with ChatServer() as server:
        made = Show(folder, server, zimu)
        made.settings()
        mark_aligned(folder)
        made.run()
        yield made
        made.store.close()


def splittable(show: Show) -> StoredUnit:
    return next(unit for unit in show.units() if unit.last > unit.first)


def test_what_a_person_split_stays_split_and_an_empty_part_is_translated(show: Show) -> None:
    unit = splittable(show)
    parts = [(show.part(unit.first, unit.first), "Mine."), (show.part(unit.first + 1, unit.last), "")]
    show.store.split(unit.id, parts, "li", unit.revision, lines=TEXTS)
    show.run()
    first, second = (each for each in show.units() if unit.first <= each.first <= unit.last)
    assert (first.last, first.text, first.status) == (unit.first, "Mine.", "edited")
    assert (second.first, second.last, second.status) == (unit.first + 1, unit.last, "machine")
    assert second.text


def test_what_a_person_merged_stays_merged_beyond_every_limit(show: Show) -> None:
    units = show.units()
    seen = [(unit.id, unit.revision) for unit in units]
    show.store.merge(seen, show.part(0, SHORT_LINES - 1), "All in one.", "li", lines=TEXTS)
    show.settings(more="max_lines = 1\n")
    show.run()
    assert [(unit.first, unit.last, unit.text) for unit in show.units()] == [(0, SHORT_LINES - 1, "All in one.")]


def test_a_split_for_all_languages_reaches_them_at_their_next_run_and_one_for_a_language_only_that(show: Show) -> None:
    show.settings(to='["en", "ja"]')
    show.server.translate = lambda text: "日本語の文です" + default_translation(text)
    show.run()
    before = show.spans("ja")
    unit = splittable(show)
    cut = [(show.part(unit.first, unit.first), "A."), (show.part(unit.first + 1, unit.last), "B.")]
    one, two = show.store.split(unit.id, cut, "li", unit.revision, lines=TEXTS)
    show.run()
    assert show.spans("ja") == before
    assert show.spans("en") != before
    merged = show.store.merge(
        [(one.id, one.revision), (two.id, two.revision)], show.part(unit.first, unit.last), "AB.", "li", lines=TEXTS
    )
    show.store.split(merged.id, cut, "li", merged.revision, everywhere=True, lines=TEXTS)
    show.run()
    assert show.spans("ja") == show.spans("en") != before


def test_the_lines_of_a_text_that_a_person_wrote_stay_together_whatever_the_rules_say_by_now(show: Show) -> None:
    unit = splittable(show)
    show.store.approve(unit.id, "li", unit.revision)
    show.settings(more="max_lines = 1\n")
    show.run()
    assert (unit.first, unit.last) in show.spans()
    assert all(first == last for first, last in show.spans() if first != unit.first)
    assert next(each for each in show.units() if each.id == unit.id).status == "approved"


def glossary(show: Show, *rows: str) -> None:
    path = show.folder / "config" / "glossary" / "zh-en.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["term\ttranslation", *rows]) + "\n", encoding="utf-8")


def test_a_changed_term_marks_only_the_work_that_has_it_and_puts_the_new_text_beside(show: Show) -> None:
    has, *others = sorted(show.units(), key=lambda unit: "暑期项目" not in unit.source)
    assert "暑期项目" in has.source
    has = show.store.edit(has.id, "Mine.", "li", has.revision)
    for unit in others:
        show.store.approve(unit.id, "li", unit.revision)
    show.server.translate = lambda text: default_translation(text) + " Summer work."
    asked = len(show.server.calls)
    glossary(show, "暑期项目\tSummer work")
    done = show.run()
    found = {unit.id: unit for unit in show.units()}
    after = found[has.id]
    changed = {name: (each.before, each.after) for name, each in after.stale_because.items()}
    assert list(changed) == ["glossary"]
    before_it, now = (set(said.split("; ")) for said in changed["glossary"])
    assert now - before_it == {"暑期项目 = Summer work"}
    assert (after.text, after.status) == ("Mine.", "edited")
    assert "Summer work" in after.proposal
    assert not any(found[unit.id].stale or found[unit.id].proposal for unit in others)
    assert len(show.server.calls) > asked
    assert "stale" in done.out + done.err
    glossary(show)
    show.run()
    again = {unit.id: unit for unit in show.units()}[has.id]
    assert (again.stale, again.text, again.proposal) == (False, "Mine.", "")


def other_model(show: Show) -> None:
    show.settings(model="bigger")


def other_prompt(show: Show) -> None:
    own = show.folder / "config" / "prompts" / "translate.system.md"
    own.parent.mkdir(parents=True)
    own.write_text(job(show.folder).table("prompts/translate.system.md").read_text("utf-8") + "\nBriefly.", "utf-8")


def other_engine(show: Show) -> None:
    toml = show.folder / "episode.toml"
    # Argos is asked first, and has no package for the pair: the server answers in the end.
    order = 'engine = "auto"\norder = ["argos", "server"]\n'
    text = toml.read_text("utf-8").replace('engine = "server"\n', order)
    toml.write_text(text + 'seed = 99\n[argos]\nindex_url = ""\n', "utf-8")


@pytest.mark.parametrize("change", [other_model, other_prompt, other_engine])
def test_another_model_prompt_or_engine_marks_peoples_work_and_never_touches_it(
    show: Show, change: Callable[[Show], None]
) -> None:
    unit = show.units()[0]
    approved = show.store.approve(unit.id, "li", unit.revision)
    show.server.translate = lambda text: "Other " + default_translation(text)
    change(show)
    show.run()
    after, other = show.units()[:2]
    assert (after.text, after.status, after.stale) == (approved.text, "approved", True)
    assert change.__name__.removeprefix("other_") in after.stale_because
    assert after.proposal.startswith("Other")
    assert (other.status, other.text[:5]) == ("machine", "Other")
    kept = show.store.approve(after.id, "li", after.revision)
    show.run()
    assert (show.units()[0].stale, show.units()[0].revision) == (False, kept.revision)


def test_a_machines_text_is_shown_until_the_one_for_the_corrected_line_is_there(show: Show) -> None:
    unit = show.units()[0]
    transcript = show.folder / "transcript.txt"
    transcript.write_text(transcript.read_text("utf-8").replace("今天的节目", "今日的节目"), encoding="utf-8")
    take_over(job(show.folder), current=True)
    between = show.units()[0]
    assert (between.id, between.text, between.status, between.stale) == (unit.id, unit.text, "machine", True)
    assert list(between.stale_because) == ["transcript"]
    mark_aligned(show.folder)
    show.server.translate = lambda text: "Newer " + default_translation(text)
    show.run()
    after = show.units()[0]
    assert (after.id, after.text[:5], after.stale, after.proposal) == (unit.id, "Newer", False, "")
