"""Translations that can't be read in their time: asked for once, checked, kept if better, else told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alignment.result import Alignment
from pipeline.errors import PlatformError
from pipeline.languages import Language, find
from pipeline.progress import Reporter, SilentReporter
from pipeline.store import Store
from pipeline.subtitles import translated_track
from pipeline.subtitles.budget import Excess, excesses
from pipeline.subtitles.checks import check
from pipeline.track import Cue, Finding
from pipeline.translation.brevity import is_shorter
from pipeline.translation.engines import LlmEngine, ServerModel
from pipeline.translation.engines.base import Context, EngineUnavailableError, NextToken
from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.prompts import load_prompts
from pipeline.translation.shortening import NOTE, RULE, Shortened, shorten_episode
from pipeline.translation.units import TranslatedUnit, Unit
from pipeline.translation.wording import NO_WORDINGS, Wording, Wordings
from tests.subtitles.episodes import alignment, spoken
from tests.translation.chat_server import ChatServer, cut_short, half_json, say, status
from tests.translation.reader import Reader

ENGLISH = find("en")
CONTEXT = Context("zh-Hans", "en", "English", "硬盘")
PROMPTS = Path(__file__).parents[2] / "config" / "prompts"
SOURCE = "能不能直接从硬盘上的文件里读出来"
LONG = "Is it not possible for us to read all of it directly from a file that is on the hard disk?"
SHORT = "Can't we read it straight from a file on disk?"
OTHER = "恰好那段时间，项目经费被冻结了"
OTHER_TEXT = "Just then the funds were frozen."
HURRIED = alignment(spoken(0, SOURCE, 0, 2500), spoken(1, OTHER, 2600, 6000))


class Killed(BaseException):
    """A kill: nothing may catch it."""


def open_store(folder: Path, *, first: str = LONG, second: str = OTHER_TEXT) -> Store:
    store = Store.open(folder / "zimu.db")
    units = [Unit("u0", 0, 0, SOURCE, 0, 2500), Unit("u1", 1, 1, OTHER, 2600, 6000)]
    for unit, text in zip(store.sync("episode", "en", units), (first, second), strict=True):
        store.save_machine(unit.id, text, engine="server", fingerprint="f")
    return store


def run(
    store: Store,
    server: ChatServer,
    *,
    glossary: Glossary = Glossary(),  # noqa: B008  # frozen
    made: Alignment = HURRIED,
    findings: Sequence[Finding] = (),
    prompt: str = "",
    wordings: Wordings = NO_WORDINGS,
    next_token: NextToken | None = None,
    language: Language = ENGLISH,
    reporter: Reporter | None = None,
) -> Shortened:
    prompts = load_prompts(PROMPTS / "shorten.system.md", PROMPTS / "shorten.user.md")
    if prompt:
        prompts = replace(prompts, system=prompt)

    def open_engine(name: str, context: Context) -> LlmEngine:
        model = ServerModel(
            server.url, "m", key="", temperature=0.0, seed=7, timeout_s=20.0, retries=0, backoff_s=0.01, max_wait_s=1.0
        )
        engine = LlmEngine(name, model, prompts, batch_units=1)
        engine.next_token = next_token or engine.next_token
        return engine

    return shorten_episode(
        made, episode_id="episode", language=language, store=store, context=CONTEXT, order=("server",),
        open_engine=open_engine, glossary=glossary, renderings=lambda units: {}, findings=findings,
        reporter=reporter or SilentReporter(), wordings=wordings,
    )  # fmt: skip


def texts(store: Store) -> list[str]:
    return [unit.text for unit in store.units("episode", "en")]


def rules(store: Store) -> list[list[str]]:
    return [[finding.rule for finding in unit.findings] for unit in store.units("episode", "en")]


def answering(text: str) -> ChatServer:
    return ChatServer(translate=lambda _: text)


def test_what_can_not_be_read_is_asked_for_once_with_its_budget_and_replaced(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(SHORT) as server:
        budget = excesses(HURRIED, [TranslatedUnit(0, 0, LONG)], ENGLISH)[0].budget
        done = run(store, server)
        assert (done.asked, done.shortened, len(server.calls)) == (1, 1, 1)
        said = server.calls[0]["messages"][1]["content"]
        assert LONG in said
        assert SOURCE in said
        assert f"to at most {budget} characters (it has {len(LONG)}):\nu0: {LONG}" in said
        assert texts(store) == [SHORT, OTHER_TEXT]
        assert rules(store) == [[], []]


def test_a_second_run_asks_nothing_again_whatever_was_answered(tmp_path: Path) -> None:
    for number, answer in enumerate((SHORT, LONG, "Read it?")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with open_store(folder) as store, answering(answer) as server:
            run(store, server)
            before = store.units("episode", "en")
            again = run(store, server)
            assert (again.asked, again.shortened, len(server.calls)) == (0, 0, 1)
            assert store.units("episode", "en") == before


@pytest.mark.parametrize("misbehave", [half_json, cut_short, lambda handler, body: say(handler, "{}")])
def test_an_unusable_answer_counts_as_asked(tmp_path: Path, misbehave: object) -> None:
    with open_store(tmp_path) as store, ChatServer(misbehave, misbehave, misbehave) as server:
        run(store, server)
        calls = len(server.calls)
        assert run(store, server).asked == 0
        assert len(server.calls) == calls
        assert rules(store) == [[RULE], []]


def test_an_answer_that_is_no_better_is_left_and_the_unit_gets_a_finding(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(LONG + " Yes.") as server:
        done = run(store, server)
        assert texts(store)[0] == LONG
        assert done.shortened == 0
        (finding,) = done.findings
        assert (finding.rule, finding.severity, finding.where) == (RULE, "warning", "line 1")
        assert finding.value == f"{len(LONG)} characters"


def test_every_cue_that_is_too_fast_belongs_to_a_unit_with_a_finding(tmp_path: Path) -> None:
    with open_store(tmp_path, second=LONG * 3) as store, answering(LONG) as server:
        run(store, server)
        units = store.units("episode", "en")
        track = translated_track(HURRIED, [TranslatedUnit(u.first, u.last, u.text) for u in units], ENGLISH)
        fast = [found for found in check(track, ENGLISH.profile) if found.rule == "reading-speed"]
        assert len(fast) >= 2
        assert rules(store) == [[RULE], [RULE]]


def test_findings_are_brought_up_to_date(tmp_path: Path) -> None:
    drift = Finding("term-drift", "warning", "x", "a, b", "one", "Fix it.")
    stays = Finding("lost-negation", "warning", "line 1", "不", "a negation", "See.")
    with open_store(tmp_path) as store, answering(LONG) as server:
        unit = store.units("episode", "en")[0]
        store.save_machine(unit.id, LONG, engine="server", fingerprint="f", findings=(stays,))
        found = run(store, server, findings=(stays, drift)).findings
        assert [finding.rule for finding in found] == ["lost-negation", RULE, "term-drift"]
        relaxed = alignment(spoken(0, SOURCE, 0, 9000), spoken(1, OTHER, 9100, 14_000))
        found = run(store, server, made=relaxed, findings=found).findings
        assert [finding.rule for finding in found] == ["lost-negation", "term-drift"]
        assert rules(store)[0] == ["lost-negation"]


def test_peoples_texts_are_never_touched(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(SHORT) as server:
        unit = store.units("episode", "en")[0]
        store.edit(unit.id, LONG, "li", unit.revision)
        before = store.units("episode", "en")
        assert run(store, server).asked == 0
        assert store.units("episode", "en") == before
        assert server.calls == []


def test_cues_that_a_person_made_are_counted_as_they_are(tmp_path: Path) -> None:
    fits = "Could we not read it straight from a file on disk?"
    with open_store(tmp_path, first=fits) as store, answering("") as server:
        assert run(store, server).asked == 0
        unit = store.units("episode", "en")[1]
        store.set_cues(unit.id, [Cue(1500, 6000, OTHER_TEXT)], "li", unit.revision)
        run(store, server)
        assert rules(store) == [[RULE], []]


def test_what_the_memory_has_from_people_is_not_touched(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(SHORT) as server:
        unit = store.units("episode", "en")[0]
        store.save_machine(unit.id, LONG, engine="memory", fingerprint="f")
        assert run(store, server).asked == 0
        assert texts(store)[0] == LONG
        assert rules(store)[0] == [RULE]


def test_a_killed_run_goes_on_with_the_next_unit(tmp_path: Path) -> None:
    long = "Just at that time it so happened that all of the money of the whole project was frozen by somebody."
    brief = "Just then, all of the money of the project was frozen."

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with (
        open_store(tmp_path, second=long) as store,
        ChatServer(translate=lambda text: SHORT if LONG in text else brief) as server,
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "save_machine", kill)
            with pytest.raises(Killed):
                run(store, server)
        assert len(server.calls) == 1
        done = run(store, server)
        assert (done.asked, done.shortened, len(server.calls)) == (1, 2, 2)
        assert texts(store) == [SHORT, brief]


def test_a_server_that_fails_stops_nothing_and_is_asked_at_the_next_run(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, ChatServer(status(503), translate=lambda _: SHORT) as server:
        assert run(store, server).shortened == 0
        assert rules(store)[0] == [RULE]
        assert run(store, server).shortened == 1
        assert rules(store)[0] == []


def test_another_prompt_asks_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(LONG) as server:
        run(store, server)
        assert run(store, server, prompt="Shorten this {language} text.").asked == 1


def test_a_text_translated_again_is_shortened_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(SHORT) as server:
        run(store, server)
        unit = store.units("episode", "en")[0]
        store.save_machine(unit.id, LONG, engine="server", fingerprint="g")
        done = run(store, server)
        assert (done.asked, done.shortened, len(server.calls)) == (0, 1, 1)  # the answer is known
        assert texts(store)[0] == SHORT


def test_a_sentence_keeps_its_mark(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(SHORT.rstrip("?")) as server:
        run(store, server)
        assert texts(store)[0] == SHORT


GLOSSARY = Glossary((Term("硬盘", ("hard disk",)),))
EXCESS = Excess(90, 50)


@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        ("能不能读出来", LONG, LONG[:-8]),  # hardly shorter
        ("能不能读出来", LONG, "Can we read it?"),  # a fragment
        ("他有15个人，今年是2010年", LONG + " 15, 2010", "He has a few people, and this year is 2010."),
        ("从硬盘上读出来", LONG, "Can't we read it straight from a file on it?"),
        ("用SQLite读出来", LONG + " SQLite", "Is it possible to read it all straight from a file?"),
        ("乌尔森读出来", LONG + " Ulsen", "Is it possible to read it all straight from a file?"),
        ("能不能读出来", LONG, "能不能直接从硬盘上的文件里读出来啊能不能直接从硬盘上的文件里读出来"),
    ],
    ids=["as long", "fragment", "number", "term", "latin name", "chinese name", "other language"],
)  # fmt: skip
def test_an_answer_that_loses_something_is_refused(source: str, before: str, after: str) -> None:
    names = {"乌尔森": {"Ulsen": 1}}
    assert not is_shorter(source, before, after, excess=EXCESS, language=ENGLISH, glossary=GLOSSARY, names=names)


@pytest.mark.parametrize(
    ("after", "taken"),
    [
        ("Core programmers maintain database; only three.", False),
        ("Core programmers maintaining database: three people.", False),
        ("Only three core programmers look after it.", True),
        ("It has only three core programmers in all.", True),
    ],
)
def test_a_telegram_is_no_subtitle(after: str, taken: bool) -> None:
    before = "The core programmers who are maintaining all of this database are, all in all, only three people."
    fits = is_shorter(
        "维护它的核心程序员，算下来只有三个人", before, after, excess=Excess(len(before), 50), language=ENGLISH,
        glossary=Glossary(), names={},
    )  # fmt: skip
    assert fits is taken


def test_an_answer_that_loses_nothing_is_taken() -> None:
    kept = "Can't Ulsen read it from a file on the hard disk?"
    assert is_shorter(
        "乌尔森能从硬盘上读出来", LONG + " Ulsen", kept, excess=EXCESS, language=ENGLISH, glossary=GLOSSARY,
        names={"乌尔森": {"Ulsen": 1}},
    )  # fmt: skip


def test_an_engine_that_can_not_be_had_leaves_the_findings(tmp_path: Path) -> None:
    def none(name: str, context: Context) -> LlmEngine:
        raise (EngineUnavailableError if name == "server" else PlatformError)("gone", remedy="Wait.")

    with open_store(tmp_path) as store:
        done = shorten_episode(
            HURRIED, episode_id="episode", language=ENGLISH, store=store, context=CONTEXT, order=("server",),
            open_engine=none, glossary=Glossary(), renderings=lambda units: {}, findings=(),
            reporter=SilentReporter(),
        )  # fmt: skip
    assert [finding.rule for finding in done.findings] == [RULE]
    assert json.dumps(done.asked) == "0"


GENTLE = Wordings((Wording("it is", "it's"), Wording("so as to", "to", 2), Wording("frozen", "shut")))
WORDY = "We opened the file that was on the disk so as to see if it is whole."


def test_rules_come_before_the_engine_and_the_history_says_what_they_changed(tmp_path: Path) -> None:
    with open_store(tmp_path, first=WORDY) as store, answering(SHORT) as server:
        done = run(store, server, wordings=GENTLE)
        assert (done.reworded, done.shortened, len(server.calls)) == (1, 0, 0)
        assert texts(store) == ["We opened the file that was on the disk to see if it's whole.", OTHER_TEXT]
        notes = [revision.note for revision in store.history(store.units("episode", "en")[0].id)]
        assert notes[1:] == [f"{NOTE}it is → it's", f"{NOTE}so as to → to"]
        assert rules(store) == [[], []]


def test_no_more_steps_are_taken_than_needed(tmp_path: Path) -> None:
    text = "We opened the file on the disk so as to see whether it is whole."
    with open_store(tmp_path, first=text) as store, answering(SHORT) as server:
        run(store, server, wordings=Wordings((Wording("whether", "if"), *GENTLE.rules)))
        assert texts(store)[0] == "We opened the file on the disk so as to see if it's whole."


def test_what_is_still_too_long_goes_to_the_engine_once_and_its_answer_is_reworded_too(tmp_path: Path) -> None:
    answer = "So is it not possible that it is read straight from the hard disk?"
    with open_store(tmp_path, first=LONG) as store, answering(answer) as server:
        done = run(store, server, wordings=GENTLE)
        assert (done.shortened, done.reworded, len(server.calls)) == (1, 1, 1)
        assert texts(store)[0] == "So is it not possible that it's read straight from the hard disk?"
        again = run(store, server, wordings=GENTLE)
        assert (again.shortened, again.reworded, len(server.calls)) == (0, 0, 1)


def test_rules_leave_alone_what_people_wrote(tmp_path: Path) -> None:
    with open_store(tmp_path, first=WORDY) as store, answering(WORDY) as server:
        unit = store.units("episode", "en")[0]
        run(store, server, wordings=Wordings((Wording("that was on the disk", ""),)))
        assert texts(store)[0] == "We opened the file so as to see if it is whole."
        store.edit(unit.id, WORDY, "ann", store.unit(unit.id).revision)
        run(store, server, wordings=GENTLE)
        assert texts(store)[0] == WORDY


def test_a_rule_that_would_lose_something_is_not_followed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, answering(LONG) as server:
        done = run(store, server, wordings=Wordings((Wording("all of it", "900"),)))
        assert (done.reworded, texts(store)[0]) == (0, LONG)


def test_terms_stay_as_they_are_but_advice_does_not_hold_a_rule_up(tmp_path: Path) -> None:
    terms = Glossary((Term("硬盘", ("so as to",)), Term("文件", ("it is", "*"))))
    with open_store(tmp_path, first=WORDY) as store, answering(WORDY) as server:
        run(store, server, wordings=GENTLE, glossary=terms)
        assert texts(store)[0] == "We opened the file that was on the disk so as to see if it's whole."


def test_an_engine_that_follows_no_instructions_has_its_texts_reworded_all_the_same(tmp_path: Path) -> None:
    with open_store(tmp_path, first=WORDY) as store, answering(SHORT) as server:
        unit = store.units("episode", "en")[0]
        store.save_machine(unit.id, WORDY, engine="argos", fingerprint="f")
        done = run(store, server, wordings=GENTLE)
        assert (done.reworded, server.calls) == (1, [])
        assert store.units("episode", "en")[0].engine == "argos"


WITH_ASIDE = "We can read it all straight from the file, as anybody knows, on the disk."
WITHOUT = "We can read it all straight from the file, on the disk."


def test_what_the_engine_can_not_shorten_has_words_left_out_and_the_history_says_which(tmp_path: Path) -> None:
    reader = Reader({WITH_ASIDE: 1, WITHOUT: 1})
    with open_store(tmp_path, first=WITH_ASIDE) as store, answering(WITH_ASIDE) as server:
        done = run(store, server, next_token=reader)
        assert (done.asked, done.shortened, done.condensed) == (1, 0, 1)
        assert texts(store) == [WITHOUT, OTHER_TEXT]
        assert rules(store) == [[], []]
        note = store.history(store.units("episode", "en")[0].id)[-1].note
        assert note == f"{NOTE}without “as anybody knows,”"
        prompts, before = len(reader.prompts), store.units("episode", "en")
        again = run(store, server, next_token=reader)
        assert (again.condensed, len(reader.prompts), len(server.calls)) == (0, prompts, 1)
        assert store.units("episode", "en") == before


def test_a_text_that_has_lost_words_loses_no_more(tmp_path: Path) -> None:
    reader = Reader({WITH_ASIDE: 1, WITHOUT: 1, "We can read it all straight.": 9})
    with open_store(tmp_path, first=WITH_ASIDE) as store, answering(WITH_ASIDE) as server:
        run(store, server, next_token=reader)
        faster = alignment(spoken(0, SOURCE, 0, 1400), spoken(1, OTHER, 1500, 6000))
        prompts = len(reader.prompts)
        done = run(store, server, next_token=reader, made=faster)
        assert (done.asked, done.condensed, len(reader.prompts)) == (0, 0, prompts)
        assert rules(store)[0] == [RULE]


def test_words_are_sought_once_where_none_can_go(tmp_path: Path) -> None:
    reader = Reader({LONG: 1})
    with open_store(tmp_path) as store, answering(LONG) as server:
        done = run(store, server, next_token=reader)
        prompts = len(reader.prompts)
        assert (done.condensed, prompts > 0, texts(store)[0]) == (0, True, LONG)
        run(store, server, next_token=reader)
        assert len(reader.prompts) == prompts


def test_a_way_that_loses_a_negation_is_passed_over_for_the_next_one(tmp_path: Path) -> None:
    long = "So it is simply not at all possible to read that from the file on this disk yet."
    turned, good = (
        "So it is possible to read that from the file on this disk yet.",
        "So it is not possible to read that from the file on this disk yet.",
    )
    reader = Reader({long: 9, turned: 9, good: 1})
    longer = alignment(spoken(0, "所以它现在还不能直接从硬盘上的文件里读出来", 0, 3000), spoken(1, OTHER, 3100, 7000))
    with Store.open(tmp_path / "zimu.db") as store, answering(long) as server:
        units = [Unit("u0", 0, 0, longer.lines[0].text, 0, 3000), Unit("u1", 1, 1, OTHER, 3100, 7000)]
        for unit, text in zip(store.sync("episode", "en", units), (long, OTHER_TEXT), strict=True):
            store.save_machine(unit.id, text, engine="server", fingerprint="f")
        run(store, server, next_token=reader, made=longer)
        assert texts(store)[0] == good


def test_a_model_that_fails_meanwhile_is_told_of_and_loses_nothing(tmp_path: Path) -> None:
    class Warned(SilentReporter):
        said = ""

        def warn(self, message: str) -> None:
            self.said = message

    def failing(prompt: str) -> dict[str, float]:
        raise EngineUnavailableError("The model failed.", remedy="Run again.")

    reporter = Warned()
    with open_store(tmp_path) as store, answering(LONG) as server:
        run(store, server, next_token=failing, reporter=reporter)
        assert texts(store)[0] == LONG
        assert rules(store)[0] == [RULE]
    assert reporter.said == "server can't shorten the en subtitles: The model failed. Run again."


def test_other_languages_keep_their_words(tmp_path: Path) -> None:
    spanish, reader = "Podemos leerlo todo, hasta donde se sabe por ahora, desde el archivo del disco.", Reader({})
    with Store.open(tmp_path / "zimu.db") as store, answering(spanish) as server:
        (unit,) = store.sync("episode", "es", [Unit("u0", 0, 0, SOURCE, 0, 2500)])
        store.save_machine(unit.id, spanish, engine="server", fingerprint="f")
        made = alignment(spoken(0, SOURCE, 0, 2500))
        done = run(store, server, next_token=reader, made=made, language=find("es"))
        assert (done.asked, done.condensed, reader.prompts) == (1, 0, [])
