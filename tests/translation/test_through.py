"""Translating from another translation: what is started from, what the answer is judged by, and the other way round."""

from __future__ import annotations

import pytest

from pipeline.store import Store
from pipeline.track import Finding
from pipeline.translation.engines.base import Context, EngineUnavailableError, Request
from pipeline.translation.engines.through import NO_PIVOT, Pivot, ThroughEngine, routes, usable_texts
from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.renderings import Decided
from pipeline.translation.requests import Knowledge, build_requests, fingerprint
from pipeline.translation.run import Run
from tests.translation.test_stage import Loud, Words, sentences

CHINESE = ["它从一个项目开始的。", "后来卖出了100亿颗芯片。", "我们下期再见，谢谢大家。"]
ENGLISH = ["It began as a project.", "It later sold 10 billion NVIDIA chips.", "See you next time."]
JAPANESE = {
    ENGLISH[0]: "それは一つのプロジェクトから始まりました。",
    ENGLISH[1]: "その後、100億個のチップを販売しました。",
    ENGLISH[2]: "また次回お会いしましょう、ありがとう。",
}
DIRECT = {CHINESE[1]: "後に100億個のチップが売れました。", CHINESE[0]: "プロジェクトとして始まりました。"}
JA = Context("zh-Hans", "ja", "Japanese", "")


def pivot(texts=ENGLISH, glossary=Glossary()):  # noqa: B008
    units = sentences(CHINESE)
    known = {(u.first, u.last, u.text): text for u, text in zip(units, texts, strict=True) if text}
    return Pivot("en", known, glossary)


class Both(Words):
    """One engine for both ways, by a table of what it says to what; keeps the requests."""

    follows_instructions = True

    def __init__(self, says):
        super().__init__("embedded", says)
        self.requests = []

    def translate(self, requests, context, on_done):
        self.requests += [(context.source, request) for request in requests]
        super().translate(requests, context, on_done)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "zimu.db") as opened:
        yield opened


def translate(store, engine, order, started_from=NO_PIVOT, glossary=Glossary()):  # noqa: B008
    units = sentences(CHINESE)
    stored = dict(zip([unit.id for unit in units], store.sync("ep", "ja", units), strict=True))
    reporter = Loud()
    run = Run(store, JA, stored, {unit_id: {} for unit_id in stored}, Decided((), glossary), reporter)
    requests = build_requests(units, Knowledge(glossary=glossary, pivot=started_from), before=2, after=0)

    def open_engine(name, context):
        if isinstance(engine, Exception):
            raise engine
        return ThroughEngine(engine, "en") if " via " in name else engine

    run.work(requests, {}, order, open_engine)
    return run, reporter


def texts(store):
    return [unit.text for unit in store.units("ep", "ja")]


def test_the_engine_gets_the_english_with_its_neighbours_and_its_terms(store):
    glossary = Glossary((Term("芯片", ("チップ",)),))
    english = Glossary((Term("芯片", ("chip", "NVIDIA chip")),))
    engine = Both(JAPANESE.__getitem__)
    translate(store, engine, ("embedded via en", "embedded"), pivot(glossary=english), glossary)
    source, request = engine.requests[1]
    assert (source, request.text, request.before) == ("en", ENGLISH[1], (ENGLISH[0],))
    assert [(term.source, term.forms) for term in request.terms] == [("chip", ("チップ",))]
    assert texts(store) == list(JAPANESE.values())
    assert {unit.engine for unit in store.units("ep", "ja")} == {"embedded via en"}


def test_a_number_is_judged_by_the_chinese_then_retried_then_taken_the_other_way(store):
    wrong = {**JAPANESE, ENGLISH[1]: "その後、10億個のチップを販売しました。", **DIRECT}
    engine = Both(wrong.__getitem__)
    translate(store, engine, ("embedded via en", "embedded"), pivot())
    asked = [(source, bool(request.complaint)) for source, request in engine.requests if request.id == "u1"]
    assert asked == [("en", False), ("en", True), ("en", True), ("zh-Hans", False)]
    assert "100亿" in engine.requests[3][1].complaint
    unit = store.units("ep", "ja")[1]
    assert (unit.text, unit.engine, unit.findings) == (DIRECT[CHINESE[1]], "embedded", ())


def test_what_is_wrong_every_way_is_kept_with_its_finding(store):
    wrong = {**JAPANESE, ENGLISH[1]: "その後、10億個のチップを販売しました。", CHINESE[1]: "10億個が売れました。"}
    translate(store, Both(wrong.__getitem__), ("embedded via en", "embedded"), pivot())
    assert [finding.rule for finding in store.units("ep", "ja")[1].findings] == ["number"]


def test_a_unit_without_english_is_translated_from_the_chinese_and_again_when_there_is_some(store):
    engine = Both({**JAPANESE, **DIRECT}.__getitem__)
    order = ("embedded via en", "embedded")
    translate(store, engine, order, pivot(["", *ENGLISH[1:]]))
    assert [source for source, request in engine.requests if request.id == "u0"] == ["zh-Hans"]
    assert texts(store)[0] == DIRECT[CHINESE[0]]
    engine.requests.clear()
    run, _ = translate(store, engine, order, pivot())
    assert [(source, request.id) for source, request in engine.requests] == [("en", "u0")]
    assert run.translated == 1
    engine.requests.clear()
    run, _ = translate(store, engine, order, pivot())
    assert (run.translated, run.kept, engine.requests) == (0, 3, [])


def test_a_changed_english_sentence_is_translated_again_and_people_are_left_alone(store):
    engine = Both({**JAPANESE, "Goodbye.": "さようなら、またね、皆さん。"}.__getitem__)
    translate(store, engine, ("embedded via en", "embedded"), pivot())
    unit = store.units("ep", "ja")[0]
    store.edit(unit.id, "人が書いた文です。", "li", unit.revision)
    run, _ = translate(store, engine, ("embedded via en", "embedded"), pivot([ENGLISH[0], ENGLISH[1], "Goodbye."]))
    assert run.translated == 1
    assert (texts(store)[0], texts(store)[2]) == ("人が書いた文です。", "さようなら、またね、皆さん。")


def test_an_engine_that_can_not_be_had_is_not_tried_the_other_way(store):
    missing = EngineUnavailableError("There is no package.", remedy="Get one.")
    with pytest.raises(Exception, match="no package"):
        translate(store, missing, ("argos via en", "argos"), pivot())
    units = sentences(CHINESE)
    stored = dict(zip([unit.id for unit in units], store.sync("ep", "ja", units), strict=True))
    reporter, tried = Loud(), []

    def open_engine(name, context):
        tried.append(name)
        if name.startswith("argos"):
            raise missing
        return Words(say={**DIRECT, CHINESE[2]: "また次回お会いしましょう。"}.__getitem__)

    requests = build_requests(units, Knowledge(pivot=pivot()), before=0, after=0)
    Run(store, JA, stored, {unit_id: {} for unit_id in stored}, Decided((), Glossary()), reporter).work(
        requests, {}, ("argos via en", "embedded", "argos"), open_engine
    )
    assert tried == ["argos via en", "embedded"]


def test_only_what_can_be_relied_on_is_started_from(store):
    units = sentences(CHINESE)
    error = Finding("number", "error", "line 2", "a", "b", "c")
    first, second, _ = store.sync("ep", "en", units)
    store.save_machine(first.id, ENGLISH[0], engine="x", fingerprint="1")
    store.save_machine(second.id, "It sold 1 billion chips.", engine="x", fingerprint="2", findings=[error])
    assert list(usable_texts(store.units("ep", "en")).values()) == [ENGLISH[0]]
    store.edit(second.id, ENGLISH[1], "li", store.units("ep", "en")[1].revision)
    assert list(usable_texts(store.units("ep", "en")).values()) == ENGLISH[:2]
    changed = sentences([CHINESE[0], "后来卖出了200亿颗芯片。", CHINESE[2]])
    store.sync("ep", "en", changed)
    assert [text for _, _, text in usable_texts(store.units("ep", "en"))] == [CHINESE[0]]  # a stale edit says less


def test_the_ways_are_tried_as_the_engine_does_it_better_first():
    preferred = {"argos": ("*",), "embedded": ("ja", "ko"), "server": ()}
    order = ("server", "argos", "embedded")
    assert routes(order, "ja", pivot(), preferred) == (
        "server", "argos via en", "embedded via en", "server via en", "argos", "embedded",
    )  # fmt: skip
    assert routes(order, "es", pivot(), preferred)[2] == "embedded"
    assert routes(order, "ja", None, preferred) == order


def test_a_direct_translation_is_known_by_nothing_of_the_english():
    engine, units = Words(), sentences(CHINESE)
    one, other = (
        build_requests(units, Knowledge(pivot=each), before=0, after=0)[1] for each in (pivot(), pivot(["", "A", "B"]))
    )
    assert fingerprint(one, JA, engine) == fingerprint(other, JA, engine)
    through = ThroughEngine(engine, "en")
    assert fingerprint(one, JA, through) != fingerprint(other, JA, through)
    assert fingerprint(one, JA, through) != fingerprint(one, JA, engine)


def test_an_empty_request_reaches_no_engine():
    inner = Words()
    ThroughEngine(inner, "en").translate([Request("u0", "句子")], JA, lambda *_: None)
    assert inner.asked == []
