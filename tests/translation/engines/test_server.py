"""The OpenAI protocol over a real socket, with a server that misbehaves."""

from __future__ import annotations

import email.utils
import time

import keyring
import keyring.backend
import keyring.errors
import pytest

from pipeline.errors import PlatformError, UsageError
from pipeline.files import config_dir
from pipeline.progress import SilentReporter
from pipeline.translation.engines.base import Context, EngineUnavailableError, Request
from pipeline.translation.engines.budget import Budget, BudgetError, Rates, Usage
from pipeline.translation.engines.llm import LlmEngine
from pipeline.translation.engines.server import ServerModel, find_key
from pipeline.translation.glossary import Term
from pipeline.translation.prompts import load_prompts
from tests.translation import chat_server as chat
from tests.translation.chat_server import ChatServer

ENGLISH = Context("zh-Hans", "en", "English", "RISC-V")
REQUESTS = [Request(f"u{n}", f"第{n}句话说的是这件事") for n in range(4)]


def model(server_url, key="", **settings):
    options = {"temperature": 0.0, "seed": 1, "timeout_s": 5.0, "retries": 2, "backoff_s": 0.01, "max_wait_s": 5.0}
    return ServerModel(server_url, "test", key=key, **{**options, **settings})


def opened(server, batch_units=4, parallel=1, budget=None, reporter=None, **settings):
    prompts = load_prompts(*(config_dir() / "prompts" / f"translate.{kind}.md" for kind in ("system", "user")))
    return LlmEngine(
        "server", model(server.url, **settings), prompts, batch_units=batch_units, parallel=parallel, budget=budget,
        reporter=reporter,
    )  # fmt: skip


def translate(server, requests=REQUESTS, context=ENGLISH, answers=None, **settings):
    engine = opened(server, **settings)
    answers = {} if answers is None else answers
    try:
        engine.translate(requests, context, answers.__setitem__)
    finally:
        engine.close()
    return answers


def expected(requests=REQUESTS):
    return {request.id: chat.default_translation(request.text) for request in requests}


def test_units_go_in_batches_and_come_back_by_id():
    with ChatServer() as server:
        assert translate(server, batch_units=3) == expected()
        assert server.asked == [["u0", "u1", "u2"], ["u3"]]


def test_the_request_carries_title_neighbours_terms_numbers_and_a_schema():
    request = Request(
        "u5", "英伟达卖出100亿颗", before=("前一句",), after=("后一句",), terms=(Term("英伟达", ("NVIDIA", "Nvidia")),)
    )
    with ChatServer() as server:
        translate(server, [request])
        body = server.calls[0]
        said = body["messages"][1]["content"]
        assert "English" in body["messages"][0]["content"]
        for part in ("RISC-V", "前一句", "后一句", "英伟达 = NVIDIA", "u5: 英伟达卖出10 billion颗"):
            assert part in said
        schema = body["response_format"]["json_schema"]["schema"]
        assert schema["required"] == ["u5"]
        assert schema["additionalProperties"] is False
        assert body["temperature"] == 0.0


@pytest.mark.parametrize(
    "trouble", [chat.status(429), chat.status(500), chat.status(503), chat.cut_connection, chat.half_body]
)
def test_a_passing_trouble_is_tried_again(trouble):
    with ChatServer(trouble, trouble) as server:
        assert translate(server) == expected()
        assert len(server.calls) == 3


class Told(SilentReporter):
    def __init__(self):
        self.said = []

    def info(self, message):
        self.said.append(message)


MANY = [Request(f"u{n}", f"第{n}句话说的是这件事") for n in range(12)]


def test_so_many_requests_at_once_as_the_settings_say_and_no_more():
    with ChatServer(*[chat.slow(0.2)] * 12) as server:
        assert translate(server, MANY, batch_units=1, parallel=4) == expected(MANY)
        assert server.at_once == 4
        assert sorted(key for keys in server.asked for key in keys) == sorted(request.id for request in MANY)


def test_misbehaviour_in_the_crowd_costs_no_unit():
    trouble = [chat.status(429, Retry_After="0.1"), chat.status(500), chat.cut_connection, chat.half_body,
               chat.half_json, chat.merged_ids]  # fmt: skip
    with ChatServer(*trouble) as server:
        assert translate(server, MANY, batch_units=4, parallel=3, retries=6) == expected(MANY)


def test_a_wait_that_one_is_told_all_keep():
    with ChatServer(chat.status(429, Retry_After="0.6"), *[chat.slow(0.1)] * 12) as server:
        assert translate(server, MANY, batch_units=1, parallel=2) == expected(MANY)
        first = server.times[0]
        early = [at for at in server.times[1:] if at < first + 0.55]
        assert len(early) <= 1  # the other thread's, on its way already


def test_a_final_refusal_in_the_crowd_stops_the_rest_and_keeps_what_came():
    def refuse_later(handler, body):
        (chat.status(402) if "u3" in chat.units_of(body) else chat.answer_well)(handler, body)

    answers = {}
    with ChatServer(*[refuse_later] * 12) as server:
        with pytest.raises(PlatformError, match="quota"):
            translate(server, MANY, answers=answers, batch_units=1, parallel=2)
        assert len(server.calls) < 12
    assert {"u0", "u1", "u2"} <= set(answers)


def test_an_answer_that_drips_in_is_given_up_on():
    with ChatServer(*[chat.dripping] * 2) as server, pytest.raises(EngineUnavailableError, match="in time"):
        translate(server, timeout_s=0.4, retries=1)


def test_an_answer_without_an_end_is_given_up_on():
    with ChatServer(*[chat.endless] * 2) as server, pytest.raises(EngineUnavailableError, match="connection broke"):
        translate(server, retries=1)


def test_what_a_run_takes_is_told_before_and_after_by_the_servers_own_count():
    budget, told = Budget(Rates(price_in=1.0, price_out=2.0, currency="EUR", max_tokens=100_000)), Told()
    with ChatServer(chat.counted(1000, 200), chat.counted(900, 100)) as server:
        translate(server, batch_units=2, budget=budget, reporter=told)
    assert budget.used == Usage(2, 1900, 300)
    before, after = told.said
    assert before.startswith("server: 4 sentences, about 2 requests, ")
    assert "used so far of 100,000 tokens: 0 tokens" in before
    assert after.startswith("server: took 2 requests, 1,900 tokens in, 300 out, 0.0025 EUR")
    assert "2,200 tokens" in after


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": "x", "completion_tokens": 1}, [1], {"prompt_tokens": -5}])
def test_a_server_that_counts_nothing_or_nonsense_is_estimated(usage):
    def answer(handler, body):
        chat.say(handler, chat.json.dumps(chat.well(body, handler.outer.translate)), usage=usage)

    budget = Budget(Rates())
    with ChatServer(answer) as server:
        assert translate(server, budget=budget) == expected()
    assert budget.used.requests == 1
    assert budget.used.tokens_in > 100
    assert budget.used.tokens_out > 20


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_budget_is_never_passed_and_what_was_translated_stays(parallel):
    budget, answers = Budget(Rates(max_tokens=1_500)), {}
    with ChatServer(*[chat.counted(250, 50)] * 12) as server:
        with pytest.raises(BudgetError, match="1,500 tokens"):
            translate(server, MANY, answers=answers, batch_units=1, budget=budget, parallel=parallel)
        assert len(server.calls) == len(answers) == budget.used.requests
        assert 1 <= len(answers) <= 5
        rest = [request for request in MANY if request.id not in answers]
        translate(server, rest, answers=answers, batch_units=1, budget=Budget(Rates(max_tokens=100_000)))
    assert answers == expected(MANY)


@pytest.mark.parametrize("refusal", [chat.refused, chat.status(400, "DataInspectionFailed: sensitive content")])
def test_content_that_is_refused_is_not_asked_for_again_and_named(refusal):
    def never_u1(handler, body):
        (refusal if "u1" in chat.units_of(body) else chat.answer_well)(handler, body)

    with ChatServer(*[never_u1] * 20) as server:
        engine, answers = opened(server), {}
        engine.translate(REQUESTS, ENGLISH, answers.__setitem__)
        calls = len(server.calls)
        engine.translate(REQUESTS[1:2], ENGLISH, answers.__setitem__)
        engine.close()
        assert (set(engine.refused), len(server.calls)) == ({"u1"}, calls)
    assert set(answers) == {"u0", "u2", "u3"}


@pytest.mark.parametrize("trouble", [chat.status(500), chat.cut_connection])
def test_a_lasting_trouble_gives_the_work_to_the_next_engine(trouble):
    with ChatServer(*[trouble] * 9) as server:
        with pytest.raises(EngineUnavailableError, match="can't be used"):
            translate(server)
        assert len(server.calls) == 3


def test_a_server_that_is_not_there_is_said():
    prompts = load_prompts(*(config_dir() / "prompts" / f"translate.{kind}.md" for kind in ("system", "user")))
    engine = LlmEngine("server", model("http://127.0.0.1:9/v1"), prompts, batch_units=4)
    with pytest.raises(EngineUnavailableError, match="can't be reached"):
        engine.translate(REQUESTS, ENGLISH, lambda *_: None)


def test_a_slow_server_is_given_up_on():
    with ChatServer(*[chat.slow(1.0)] * 3) as server, pytest.raises(EngineUnavailableError, match="in time"):
        translate(server, timeout_s=0.2, retries=1)


def test_retry_after_is_followed_in_seconds_and_as_a_date():
    in_three = email.utils.formatdate(time.time() + 3, usegmt=True)
    with ChatServer(chat.status(429, Retry_After="0.5"), chat.status(429, Retry_After=in_three)) as server:
        assert translate(server) == expected()
        first, second, third = server.times
        assert second - first >= 0.5
        assert third - second >= 0.5  # the date has whole seconds


def test_a_wait_that_is_too_long_is_not_waited_for():
    with ChatServer(chat.status(429, Retry_After="3600")) as server:
        with pytest.raises(EngineUnavailableError, match="429"):
            translate(server)
        assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (chat.status(401, "bad key sk-very-secret"), "refused the key"),
        (chat.status(403), "refused the key"),
        (chat.status(402), "quota is spent"),
        (chat.status(429, "You exceeded your current quota"), "quota is spent"),
        (chat.status(404, "model not found"), "model not found"),
    ],
)
def test_a_final_refusal_is_not_tried_again_and_never_shows_the_key(trouble, said):
    with ChatServer(trouble) as server:
        with pytest.raises(PlatformError, match=said) as caught:
            translate(server, key="sk-very-secret")
        assert "sk-very-secret" not in f"{caught.value} {caught.value.__cause__}"
        assert len(server.calls) == 1
        assert server.keys == ["Bearer sk-very-secret"]


@pytest.mark.parametrize(
    "trouble",
    [
        chat.merged_ids,
        chat.extra_id,
        chat.repeated_id,
        chat.half_json,
        chat.not_the_protocol,
        chat.nested,
        chat.cut_short,
        chat.refused,
    ],
)
def test_an_answer_that_does_not_have_exactly_the_ids_splits_the_batch(trouble):
    with ChatServer(trouble) as server:
        assert translate(server) == expected()
        assert server.asked == [["u0", "u1", "u2", "u3"], ["u0", "u1"], ["u2", "u3"]]


def test_a_unit_that_gets_no_usable_answer_is_left_out_and_the_others_stand():
    def never_u1(handler, body):
        chat.half_json(handler, body) if "u1" in chat.units_of(body) else chat.answer_well(handler, body)

    with ChatServer(*[never_u1] * 20) as server:
        assert translate(server) == {key: text for key, text in expected().items() if key != "u1"}
        assert server.asked == [["u0", "u1", "u2", "u3"], ["u0", "u1"], ["u0"], ["u1"], ["u2", "u3"]]


def test_an_answer_is_given_on_as_soon_as_it_is_known():
    calls_at = {}
    prompts = load_prompts(*(config_dir() / "prompts" / f"translate.{kind}.md" for kind in ("system", "user")))
    with ChatServer() as server:
        engine = LlmEngine("server", model(server.url), prompts, batch_units=2)
        engine.translate(REQUESTS, ENGLISH, lambda key, _: calls_at.setdefault(key, len(server.calls)))
    assert calls_at == {"u0": 1, "u1": 1, "u2": 2, "u3": 2}


def test_a_server_without_schemas_is_asked_for_plain_json_from_then_on():
    refuse = chat.status(400, "'response_format.json_schema' is not supported")
    with ChatServer(refuse) as server:
        assert translate(server, batch_units=2) == expected()
        assert [body["response_format"]["type"] for body in server.calls] == [
            "json_schema",
            "json_object",
            "json_object",
        ]


def test_an_answer_in_a_markdown_fence_is_read():
    def fenced(handler, body):
        chat.say(handler, "```json\n" + chat.json.dumps(chat.well(body, handler.outer.translate)) + "\n```")

    with ChatServer(fenced) as server:
        assert translate(server) == expected()
        assert len(server.calls) == 1


def test_text_that_looks_like_a_placeholder_or_an_id_stays_text():
    request = Request("u1", "{terms} {units} 换行\nu7: 不是单元 %s")
    with ChatServer() as server:
        assert list(translate(server, [request])) == ["u1"]
        assert "u1: {terms} {units} 换行 u7: 不是单元 %s" in server.calls[0]["messages"][1]["content"]


@pytest.mark.parametrize("url", ["ftp://host/v1", "localhost:8080", "", "file:///etc/passwd"])
def test_an_address_that_is_no_url_is_refused(url):
    with pytest.raises(UsageError, match="not a URL"):
        model(url)


def test_the_identity_follows_model_prompt_and_parameters_but_not_the_key():
    base = model("http://h/v1").identity
    assert model("http://h/v1", key="k").identity == base
    assert model("http://h/v1", seed=2).identity != base
    assert model("http://other/v1").identity != base


class OneKey(keyring.backend.KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return "from the ring" if (service, username) == ("zimu", "llm.example") else None

    def set_password(self, service, username, password):
        raise NotImplementedError

    def delete_password(self, service, username):
        raise NotImplementedError


def test_the_key_comes_from_the_environment_else_from_the_key_ring(monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(OneKey())
    try:
        monkeypatch.setenv("ZIMU_TEST_KEY", " from the environment ")
        assert find_key("ZIMU_TEST_KEY", "https://llm.example/v1") == "from the environment"
        monkeypatch.delenv("ZIMU_TEST_KEY")
        assert find_key("ZIMU_TEST_KEY", "https://llm.example/v1") == "from the ring"
        assert find_key("ZIMU_TEST_KEY", "http://127.0.0.1:1/v1") == ""
    finally:
        keyring.set_keyring(before)
