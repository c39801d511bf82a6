"""The translate stage: engines in turn, checks, retries, resume, and people's work left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alignment import AlignedLine
from pipeline.errors import MissingError, PlatformError
from pipeline.progress import SilentReporter
from pipeline.store import Store
from pipeline.translation import Context, Knowledge, group_sentences, translate_episode
from pipeline.translation.engines import EngineUnavailableError, resolve_order
from pipeline.translation.engines.llm import LlmEngine
from pipeline.translation.engines.server import ServerModel
from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.memory import Entry, Memory
from pipeline.translation.memory_store import load_memory
from pipeline.translation.numbers import with_values
from pipeline.translation.prompts import Prompts
from pipeline.translation.terms import Candidate
from tests.translation import chat_server as chat
from tests.translation.chat_server import ChatServer, default_translation

SENTENCES = [
    "大家好，这里是第一句话。",
    "它在2010年从一个项目开始。",
    "后来卖出了100亿颗芯片。",
    "英伟达也在用它做控制器。",
    "我们下期再见，谢谢大家。",
]
PROMPTS = Prompts(
    "Into {language}.", "{title}\n\n{terms}\n\n{before}\n\n{complaints}\n\nTranslate into {language}:\n{units}"
)


def sentences(texts=SENTENCES):
    return group_sentences([AlignedLine(n, text, 3000 * n, 3000 * n + 2500, "ok", 1.0) for n, text in enumerate(texts)])


def translation(text):
    """English that passes the checks."""
    return default_translation(with_values(text, "en")).replace("10 billion", "ten billion")


def server_engine(server, name="server", batch_units=3, prompts=PROMPTS):
    model = ServerModel(
        server.url, "m", key="", temperature=0, seed=1, timeout_s=5, retries=1, backoff_s=0.01, max_wait_s=1
    )
    return LlmEngine(name, model, prompts, batch_units=batch_units)


class Words:
    """An engine in the process: gives each unit what a function says, and counts."""

    follows_instructions = False
    next_token = None
    through = ""
    refused = frozenset()

    def __init__(self, name="argos", say=translation):
        self.name, self.identity, self.say, self.asked, self.closed = name, f"{name} 1", say, [], 0

    def translate(self, requests, context, on_done):
        for request in requests:
            self.asked.append(request.id)
            on_done(request.id, self.say(request.text))

    def close(self):
        self.closed += 1


class Loud(SilentReporter):
    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "zimu.db") as opened:
        yield opened


def run(store, engines, texts=SENTENCES, glossary=Glossary(), reporter=None, title="标题", episode="ep", **known):  # noqa: B008
    def open_engine(name, context):
        engine = engines[name]
        if isinstance(engine, Exception):
            raise engine
        return engine() if callable(engine) else engine

    return translate_episode(
        sentences(texts),
        context=Context("zh-Hans", "en", "English", title),
        episode_id=episode,
        store=store,
        order=tuple(engines),
        open_engine=open_engine,
        known=Knowledge(glossary=glossary, **known),
        reporter=reporter or SilentReporter(),
        context_before=2,
        context_after=1,
    )


def texts(store):
    return [unit.text for unit in store.units("ep", "en")]


def test_every_sentence_is_translated_and_the_engine_said(store):
    with ChatServer(translate=translation) as server:
        result = run(store, {"server": lambda: server_engine(server)})
    assert texts(store) == [translation(text) for text in SENTENCES]
    assert (result.units, result.translated, result.kept, result.engines) == (5, 5, 0, ("server",))
    assert result.findings == ()


def test_a_second_run_asks_nothing(store):
    with ChatServer(translate=translation) as server:
        run(store, {"server": lambda: server_engine(server)})
        calls = len(server.calls)
        result = run(store, {"server": lambda: server_engine(server)})
        assert len(server.calls) == calls
    assert (result.translated, result.kept) == (0, 5)


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"texts": [*SENTENCES[:4], "我们下下期再见，谢谢大家。"]}, 2),  # the sentence, and its neighbour's context
        ({"title": "另一个标题"}, 5),
        ({"glossary": Glossary((Term("英伟达", ("Well",)),))}, 1),
        ({"glossary": Glossary((Term("没有出现", ("x",)),))}, 0),
    ],
)
def test_only_what_depends_on_a_change_is_translated_again(store, change, again):
    run(store, {"argos": Words()})
    assert run(store, {"argos": Words()}, **change).translated == again


def test_a_new_prompt_or_model_translates_all_again(store):
    with ChatServer(translate=translation) as server:
        run(store, {"server": lambda: server_engine(server)})
        other = replace(PROMPTS, system="Now into {language}.")
        assert run(store, {"server": lambda: server_engine(server, prompts=other)}).translated == 5


def test_a_refused_translation_is_asked_for_again_with_the_reason_then_alone(store):
    wrong = {"u2": 2}

    def misjudge(handler, body):
        answers = chat.well(body, translation)
        for key in answers:
            if wrong.get(key, 0) > 0:
                wrong[key] -= 1
                answers[key] = answers[key].replace("ten billion", "100 billion")
        chat.say(handler, chat.json.dumps(answers))

    with ChatServer(*[misjudge] * 9) as server:
        result = run(store, {"server": lambda: server_engine(server)})
        assert server.asked == [["u0", "u1", "u2"], ["u3", "u4"], ["u2"], ["u2"]]
        second, alone = (body["messages"][1]["content"] for body in server.calls[2:])
    assert "Correct the number" in second
    assert "100亿" in second
    assert SENTENCES[1] in second
    assert SENTENCES[1] not in alone
    assert result.findings == ()
    assert "ten billion" in texts(store)[2]


def test_what_one_engine_can_not_do_the_next_one_does(store):
    with ChatServer(translate=lambda text: text if "2010" in text else translation(text)) as server:
        second = Words()
        result = run(store, {"server": lambda: server_engine(server), "argos": second})
    assert second.asked == ["u1"]
    assert texts(store)[1] == translation(SENTENCES[1])
    assert result.engines == ("server", "argos")
    assert result.findings == ()


def test_what_no_engine_can_do_is_kept_with_its_finding_for_a_person(store):
    with ChatServer(translate=lambda text: translation(text).replace("2010", "2011")) as server:
        result = run(store, {"server": lambda: server_engine(server)})
        calls = len(server.calls)
        (finding,) = result.findings
        assert (finding.rule, finding.where) == ("number", "line 2")
        assert "2011" in texts(store)[1]
        again = run(store, {"server": lambda: server_engine(server)})
        assert (again.translated, len(server.calls), again.findings) == (0, calls, result.findings)


def test_the_best_of_the_refused_translations_is_kept(store):
    answers = iter(["it", "它在2010年从一个项目开始", "It began in 2011 with a single project, they say."])

    def worse_and_better(text):
        return next(answers, "") if "2010" in text else translation(text)

    with ChatServer(translate=worse_and_better) as server:
        run(store, {"server": lambda: server_engine(server)})
    assert texts(store)[1] == "It began in 2011 with a single project, they say."


def test_swapped_answers_are_noticed_by_what_they_lack(store):
    with ChatServer(chat.swapped_ids, translate=translation) as server:
        result = run(store, {"server": lambda: server_engine(server)})
    assert result.findings == ()
    assert [("2010" in text, "billion" in text) for text in texts(store)[1:3]] == [(True, False), (False, True)]


def test_an_answer_in_the_wrong_language_is_asked_for_again(store):
    with ChatServer(chat.wrong_language, translate=translation) as server:
        assert run(store, {"server": lambda: server_engine(server)}).findings == ()


def test_a_unit_without_any_answer_is_a_finding_and_the_others_stand(store):
    def never_u1(handler, body):
        (chat.refused if "u1" in chat.units_of(body) else chat.answer_well)(handler, body)

    with ChatServer(*[never_u1] * 30, translate=translation) as server:
        result = run(store, {"server": lambda: server_engine(server)})
    (finding,) = result.findings
    assert (finding.rule, "because of what it says" in finding.value) == ("no-answer", True)
    assert [bool(text) for text in texts(store)] == [True, False, True, True, True]


def test_refused_content_is_not_asked_for_again_but_given_to_the_next_engine(store):
    def never_u1(handler, body):
        (chat.refused if "u1" in chat.units_of(body) else chat.answer_well)(handler, body)

    second = Words()
    with ChatServer(*[never_u1] * 30, translate=translation) as server:
        result = run(store, {"server": lambda: server_engine(server), "argos": second})
        assert server.asked.count(["u1"]) == 1
    assert (second.asked, result.findings) == (["u1"], ())


def test_an_engine_that_can_not_be_had_is_said_once_and_the_next_takes_over(store):
    reporter = Loud()
    missing = EngineUnavailableError("There is no package.", remedy="Get one.")
    result = run(store, {"argos": missing, "embedded": Words("embedded")}, reporter=reporter)
    assert result.engines == ("embedded",)
    assert len(reporter.warnings) == 1
    assert "argos" in reporter.warnings[0]


def test_a_server_that_dies_halfway_loses_nothing(store):
    with ChatServer(chat.answer_well, *[chat.status(500)] * 9, translate=translation) as server:
        second = Words()
        result = run(store, {"server": lambda: server_engine(server), "argos": second})
    assert second.asked == ["u3", "u4"]
    assert result.engines == ("server", "argos")
    assert all(texts(store))


def test_without_any_engine_it_is_an_error_with_the_reason(store):
    missing = EngineUnavailableError("There is no package.", remedy="Get one.")
    with pytest.raises(MissingError, match="no package"):
        run(store, {"argos": missing})


def test_a_refused_key_is_an_error_where_no_other_engine_is_in_the_order(store):
    with ChatServer(*[chat.status(401)] * 3) as server, pytest.raises(PlatformError, match="refused the key"):
        run(store, {"server": lambda: server_engine(server)})


def test_engines_are_closed_whatever_happens(store):
    def broken(text):
        raise KeyboardInterrupt

    engine = Words(say=broken)
    with pytest.raises(KeyboardInterrupt):
        run(store, {"argos": engine})
    assert engine.closed == 1


def test_what_people_wrote_is_left_alone_and_not_even_asked_for(store):
    run(store, {"argos": Words()})
    units = store.units("ep", "en")
    store.edit(units[0].id, "Hi!", "li", units[0].revision)
    store.approve(units[1].id, "li", units[1].revision)
    engine = Words("embedded")
    result = run(store, {"embedded": engine})
    assert engine.asked == ["u2", "u3", "u4"]
    assert result.by_people == 2
    assert texts(store)[:2] == ["Hi!", units[1].text]


def test_an_edited_sentence_that_changed_gets_a_proposal_once_and_a_finding(store):
    run(store, {"argos": Words()})
    unit = store.units("ep", "en")[1]
    store.edit(unit.id, "It began in 2010.", "li", unit.revision)
    changed = [SENTENCES[0], "它在2011年从一个项目开始。", *SENTENCES[2:]]
    result = run(store, {"argos": Words()}, texts=changed)
    after = store.units("ep", "en")[1]
    assert (after.text, after.status, after.stale) == ("It began in 2010.", "edited", True)
    assert "2011" in after.proposal
    assert [finding.rule for finding in result.findings] == ["stale"]
    again = Words()
    run(store, {"argos": again}, texts=changed)
    assert again.asked == []


def test_an_episode_without_speech_needs_no_engine(store):
    assert run(store, {}, texts=[]).units == 0


def test_what_people_approved_in_any_episode_is_used_and_no_engine_is_asked_for_it(store):
    run(store, {"argos": Words()})
    unit = store.units("ep", "en")[4]
    store.approve(unit.id, "li", unit.revision)
    memory = load_memory(store, source="zh-Hans", target="en")
    engine = Words()
    result = run(store, {"argos": engine}, texts=["今天说别的事情。", SENTENCES[4]], episode="next", memory=memory)
    assert engine.asked == ["u0"]
    assert (result.translated, result.engines) == (2, ("memory", "argos"))
    known = store.units("next", "en")[1]
    assert (known.text, known.engine, known.status) == (unit.text, "memory", "machine")
    again = run(store, {"argos": engine}, texts=["今天说别的事情。", SENTENCES[4]], episode="next", memory=memory)
    assert (again.translated, again.kept, engine.asked) == (0, 2, ["u0"])


def test_what_the_memory_has_takes_the_place_of_a_machines_translation_but_not_of_a_persons(store):
    run(store, {"argos": Words()})
    unit = store.units("ep", "en")[0]
    store.edit(unit.id, "Hi!", "li", unit.revision)
    memory = Memory(
        [Entry(SENTENCES[0], "Hello, this is the first sentence."), Entry(SENTENCES[4], "See you, thanks!")]
    )
    assert run(store, {"argos": Words()}, memory=memory).translated == 1
    assert [texts(store)[0], texts(store)[4]] == ["Hi!", "See you, thanks!"]


def test_the_memory_is_checked_too_and_what_is_refused_goes_to_the_engine(store):
    memory = Memory([Entry(SENTENCES[2], "It sold 100 billion chips later on.")])
    assert run(store, {"argos": Words()}, memory=memory).findings == ()
    assert texts(store)[2] == translation(SENTENCES[2])


def near(text="后来卖出了200亿颗芯片。", target="It later sold twenty billion chips."):
    return {"memory": Memory([Entry(text, target)]), "near_percent": 85, "near_limit": 2}


def test_sentences_like_it_are_shown_to_the_model_but_new_ones_translate_nothing_again(store):
    prompts = replace(PROMPTS, user="{similar}\n\n" + PROMPTS.user)
    with ChatServer(translate=translation) as server:
        run(store, {"server": lambda: server_engine(server, prompts=prompts)}, **near())
        assert (
            "后来卖出了200亿颗芯片。 = It later sold twenty billion chips.\n"
            in server.calls[0]["messages"][1]["content"]
        )
        result = run(store, {"server": lambda: server_engine(server, prompts=prompts)}, **near(target="Other words."))
        assert result.translated == 0


DOUBTFUL = ["他从来没有去过那里。", "后来大家都知道了。"]


def answers_to_the_doubtful(*said):
    answers = iter(said)
    return lambda text: next(answers) if "没有" in text else "Later on everybody knew about it."


def test_a_warning_is_asked_about_once_more_and_the_better_answer_stays(store):
    say = answers_to_the_doubtful("He has been there a few times.", "He has never been there.")
    with ChatServer(translate=say) as server:
        result = run(store, {"server": lambda: server_engine(server)}, DOUBTFUL)
        assert server.asked == [["u0", "u1"], ["u0"]]
        assert "See whether it says the opposite" in server.calls[1]["messages"][1]["content"]
    assert (texts(store)[0], result.findings, result.translated) == ("He has never been there.", (), 2)


def test_a_warning_that_stays_is_asked_about_alone_too(store):
    say = answers_to_the_doubtful("He went there.", "He has been there a few times.", "He has never been there.")
    with ChatServer(translate=say) as server:
        result = run(store, {"server": lambda: server_engine(server)}, DOUBTFUL[::-1])
        asked = [body["messages"][1]["content"] for body in server.calls]
        assert server.asked == [["u0", "u1"], ["u1"], ["u1"]]
        assert [DOUBTFUL[1] in each for each in asked] == [True, True, False]
        assert "“He went there.”" in asked[1]
        assert "He went there." not in asked[2]
    assert (texts(store)[1], result.findings) == ("He has never been there.", ())


def test_a_warning_that_stays_is_kept_with_the_first_answer_and_costs_two_questions(store):
    say = answers_to_the_doubtful("He has been there often.", "It was he who was there.", "He was often there.")
    with ChatServer(translate=say) as server:
        result = run(store, {"server": lambda: server_engine(server)}, DOUBTFUL)
        assert server.asked == [["u0", "u1"], ["u0"], ["u0"]]
    assert texts(store)[0] == "He has been there often."
    assert [finding.rule for finding in result.findings] == ["lost-negation"]


def test_the_translation_of_another_sentence_is_asked_for_again(store):
    answers = iter(["Everybody knew about it later on.", "Everybody knew about it later.", "He has never been there."])
    with ChatServer(translate=lambda text: next(answers)) as server:
        result = run(store, {"server": lambda: server_engine(server, batch_units=1)}, DOUBTFUL[::-1])
        assert server.asked == [["u0"], ["u1"], ["u1"]]
    assert (texts(store)[1], result.findings) == ("He has never been there.", ())


def test_a_sentence_ends_in_its_mark_even_if_the_engine_left_it_out(store):
    run(store, {"argos": Words(say=lambda text: translation(text).rstrip("."))})
    assert all(text.endswith(".") for text in texts(store))


NAMES = ["帕特尔认为这件事做得对。", "可是没有人相信这件事。", "后来帕特尔又说了一次。"]
PATEL = {"candidates": (Candidate("帕特尔", "name", 2, NAMES[0]),)}


def patel(later):
    def say(text):
        if "帕特尔" not in text:
            return "But nobody at all believed in it."
        return "Patel thinks they did it right." if "认为" in text else f"Later on {later} said it once more."

    return say


def test_a_name_is_told_to_the_model_as_it_was_first_translated(store):
    prompts = replace(PROMPTS, user="Names: {names}\n\n" + PROMPTS.user)
    with ChatServer(translate=patel("Patel")) as server:
        result = run(store, {"server": lambda: server_engine(server, prompts=prompts, batch_units=1)}, NAMES, **PATEL)
        asked = [body["messages"][1]["content"] for body in server.calls]
    assert ["Names: 帕特尔 = Patel" in each for each in asked] == [False, False, True]
    assert result.findings == ()


def test_a_name_in_two_translations_is_a_warning_also_when_nothing_is_to_do(store):
    for _ in range(2):
        result = run(store, {"argos": Words(say=patel("Pattel"))}, NAMES, **PATEL)
        (finding,) = result.findings
        assert (finding.rule, finding.severity, finding.where) == ("term-drift", "warning", "帕特尔")
        assert finding.value == "Patel (1), Pattel (1)"


def test_a_persons_rendering_of_a_name_is_the_one_that_counts(store):
    run(store, {"argos": Words(say=patel("Pattel"))}, NAMES, **PATEL)
    unit = store.units("ep", "en")[2]
    store.approve(unit.id, "li", unit.revision)
    prompts = replace(PROMPTS, user="Names: {names}\n\n" + PROMPTS.user)
    with ChatServer(translate=patel("Patel")) as server:
        run(store, {"server": lambda: server_engine(server, prompts=prompts, batch_units=1)}, NAMES, **PATEL)
        assert "Names: 帕特尔 = Pattel" in server.calls[0]["messages"][1]["content"]


def test_a_forbidden_translation_is_refused_and_the_model_is_told_before(store):
    glossary = Glossary((Term("奥特曼", ("Altman",), forbidden=("Ultraman",)),))
    answers = iter(["Altman, the Ultraman, came along as well.", "Altman came along as well."])
    with ChatServer(translate=lambda text: next(answers)) as server:
        result = run(store, {"server": lambda: server_engine(server)}, ["奥特曼后来也来了。"], glossary)
        assert "奥特曼 = Altman (never Ultraman)" in server.calls[0]["messages"][1]["content"]
        assert "The glossary forbids" in server.calls[1]["messages"][1]["content"]
    assert (texts(store), result.findings) == (["Altman came along as well."], ())


def test_a_newly_forbidden_translation_translates_again_what_has_the_term(store):
    run(store, {"argos": Words(say=lambda text: translation(text) + " NVIDIA.")}, glossary=Glossary((NVIDIA,)))
    stricter = Glossary((replace(NVIDIA, forbidden=("Nvidia Corp",)),))
    assert (
        run(store, {"argos": Words(say=lambda text: translation(text) + " NVIDIA.")}, glossary=stricter).translated == 1
    )


NVIDIA = Term("英伟达", ("NVIDIA",))


RUN = """
import os, sys, time
from pathlib import Path
from pipeline.store import Store
from tests.translation.test_stage import Words, run, translation

class Slow(Words):
    def translate(self, requests, context, on_done):
        for request in requests:
            with open(sys.argv[2], "a") as log:
                log.write(request.id + "\\n")
            on_done(request.id, translation(request.text))
            time.sleep(float(sys.argv[3]))

with Store.open(sys.argv[1]) as store:
    run(store, {"argos": Slow()})
"""


def test_a_run_that_was_killed_goes_on_at_the_next_unit(tmp_path):
    log = tmp_path / "asked.txt"
    command = [sys.executable, "-c", RUN, str(tmp_path / "zimu.db"), str(log)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    first = subprocess.Popen([*command, "0.5"], env=environment)
    while not log.exists() or log.read_text().count("\n") < 3:
        assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed = log.read_text().split()
    subprocess.run([*command, "0"], env=environment, check=True, timeout=60)
    asked = log.read_text().split()
    assert asked[len(killed) :] in (["u2", "u3", "u4"], ["u3", "u4"])
    with Store.open(tmp_path / "zimu.db") as store:
        assert texts(store) == [translation(text) for text in SENTENCES]
        assert {len(store.history(unit.id)) for unit in store.units("ep", "en")} == {1}


def test_the_order_of_engines_is_one_line():
    order = ("server", "argos", "embedded")
    assert resolve_order("auto", order, server_configured=True) == order
    assert resolve_order("auto", order, server_configured=False) == ("argos", "embedded")
    assert resolve_order("llm", order, server_configured=False) == ("embedded",)
    assert resolve_order("argos", order, server_configured=True) == ("argos",)
