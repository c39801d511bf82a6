"""The translation memory: what was approved in any episode is found again, exactly or nearly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.store import Store
from pipeline.translation.memory import Entry, Memory, normalise
from pipeline.translation.memory_store import export_tmx, import_tmx, load_memory, memory_version
from pipeline.translation.tmx import Tmx, TmxUnit, Variant, read_tmx, write_tmx
from pipeline.translation.units import Unit

SENTENCES = ["大家好，欢迎来到今天的节目", "这一期我们来聊聊RISC-V", "我们下期再见"]
ENGLISH = ["Hello, and welcome to today's show.", "In this episode we talk about RISC-V.", "See you next time."]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "zimu.db") as opened:
        yield opened


def units(texts):
    return [Unit(f"u{n}", n, n, text, 1000 * n, 1000 * n + 900) for n, text in enumerate(texts)]


def fill(store, episode="one", texts=SENTENCES, translations=ENGLISH, approve=(0, 1, 2), language="en"):
    for place, unit in enumerate(store.sync(episode, language, units(texts), title="标题")):
        saved = store.save_machine(unit.id, translations[place], engine="argos", fingerprint="f")
        if place in approve:
            store.approve(unit.id, "li", saved.revision)


def memory(store, source="zh-Hans", target="en"):
    return load_memory(store, source=source, target=target)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("大家好，欢迎！", "大家好欢迎"),
        ("ＲＩＳＣ－Ｖ 很开放。", "risc-v很开放"),
        ("他说：“好”", "他说好"),
        ("用 Python 写", "用Python写"),
    ],
)
def test_marks_width_case_and_blanks_do_not_make_another_sentence(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("涨了3.5倍", "涨了35倍"),
        ("他来了？", "他来了。"),
        ("零下-5度", "零下5度"),
        ("C#很好", "C很好"),
        ("涨了5%", "涨了5"),
        ("1 2", "12"),
    ],
)
def test_what_changes_the_sense_makes_another_sentence(one, other):
    assert normalise(one) != normalise(other)


def test_a_sentence_is_found_exactly_with_who_approved_it(store):
    fill(store)
    hit = memory(store).exact("我们下期再见！")
    assert (hit.entry.target, hit.score, hit.entry.origin, hit.entry.who) == ("See you next time.", 100, "one", "li")
    assert hit.entry.unit == store.units("one", "en")[2].id
    assert memory(store).exact("我们下期不见") is None


def test_only_what_is_approved_counts(store):
    fill(store, approve=(0,))
    unit = store.units("one", "en")[1]
    store.edit(unit.id, "Edited.", "li", unit.revision)
    assert len(memory(store)) == 1
    approved = store.units("one", "en")[0]
    store.edit(approved.id, "Hm.", "li", approved.revision)
    assert len(memory(store)) == 0


def test_the_languages_are_kept_apart(store):
    fill(store)
    fill(store, language="ja", translations=["みなさん、こんにちは。", "RISC-Vの話です。", "また次回。"])
    assert memory(store, target="ja").exact(SENTENCES[2]).entry.target == "また次回。"
    assert memory(store).exact(SENTENCES[2]).entry.target == "See you next time."


def test_of_several_translations_the_one_in_the_same_context_is_used(store):
    fill(store)
    fill(store, "two", ["第一句话", SENTENCES[2], "第三句话"], ["One.", "Goodbye!", "Three."])
    both = memory(store)
    assert both.exact(SENTENCES[2], before="第一句话", after="第三句话").entry.target == "Goodbye!"
    assert both.exact(SENTENCES[2], before=SENTENCES[1]).entry.target == "See you next time."
    assert both.exact(SENTENCES[2], before="第一句话", after="第三句话").context == 2


def test_of_several_translations_without_context_none_is_used_but_all_are_shown(store):
    fill(store)
    fill(store, "two", ["第一句话", SENTENCES[2], "第三句话"], ["One.", "Goodbye!", "Three."])
    assert memory(store).exact(SENTENCES[2]) is None
    shown = memory(store).near(SENTENCES[2], least=85, limit=5)
    assert [(hit.entry.target, hit.score) for hit in shown] == [("Goodbye!", 100), ("See you next time.", 100)]


def test_a_sentence_approved_before_its_line_was_corrected_keeps_its_own_source(store):
    fill(store)
    store.sync("one", "en", units([SENTENCES[0], "这一期我们来聊聊ARM", SENTENCES[2]]))
    assert store.units("one", "en")[1].stale
    found = memory(store)
    assert found.exact("这一期我们来聊聊ARM") is None
    assert found.exact(SENTENCES[1]).entry.target == ENGLISH[1]


def test_a_sentence_that_left_its_episode_is_still_remembered(store):
    fill(store)
    store.sync("one", "en", units(SENTENCES[:2]))
    hit = memory(store).exact(SENTENCES[2], before=SENTENCES[1])
    assert (hit.entry.target, hit.context) == (ENGLISH[2], 0)


def test_near_sentences_come_with_their_score_best_first():
    known = Memory(
        [Entry("英伟达卖出了100亿颗芯片", "a"), Entry("英伟达卖出了200亿颗芯片", "b"), Entry("完全不同", "c")]
    )
    hits = known.near("英伟达卖出了100亿颗芯片了", least=85, limit=3)
    assert [hit.entry.target for hit in hits] == ["a", "b"]
    assert hits[0].score == pytest.approx(200 * 13 / 27)
    assert known.near("英伟达卖出了100亿颗芯片了", least=85, limit=1) == hits[:1]
    assert known.near("英伟达卖出了100亿颗芯片了", least=99, limit=3) == ()


def test_an_empty_memory_and_an_empty_sentence_find_nothing():
    assert Memory().exact("你好") is None
    assert Memory().near("你好", least=85, limit=3) == ()
    known = Memory([Entry("。", "x"), Entry("你好", " ")])
    assert (len(known), known.exact(""), known.near("", least=0, limit=3)) == (0, None, ())


def common(one, other):
    """Length of a longest common subsequence, by the textbook."""
    rows = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            rows[i + 1][j + 1] = rows[i][j] + 1 if a == b else max(rows[i][j + 1], rows[i + 1][j])
    return rows[-1][-1]


@settings(max_examples=150, deadline=None)
@given(
    query=st.text("一二三四五", min_size=1, max_size=12),
    keys=st.lists(st.text("一二三四五六", min_size=1, max_size=12), min_size=1, max_size=8, unique=True),
    least=st.sampled_from([50.0, 70.0, 85.0]),
)
def test_nothing_that_is_alike_enough_is_missed(query, keys, least):
    scores = {key: 200 * common(query, key) / (len(query) + len(key)) for key in keys}
    found = Memory(Entry(key, key) for key in keys).near(query, least=least, limit=len(keys))
    assert {hit.entry.source: hit.score for hit in found} == pytest.approx(
        {key: score for key, score in scores.items() if score >= least}
    )


def test_the_version_changes_with_what_is_approved_or_imported(store):
    versions = [memory_version(store)]
    fill(store)
    versions.append(memory_version(store))
    assert memory_version(store) == versions[-1]
    unit = store.units("one", "en")[0]
    store.edit(unit.id, "Hi.", "li", unit.revision)
    versions.append(memory_version(store))
    import_tmx(store, Tmx((TmxUnit((Variant("zh", "你好"), Variant("en", "Hello"))),)), file="a.tmx")
    versions.append(memory_version(store))
    assert len(set(versions)) == 4


def roundtrip(tmp_path, tmx):
    path = tmp_path / "memory.tmx"
    path.write_text(write_tmx(tmx), "utf-8")
    return read_tmx(path, max_bytes=10**6, max_units=100, max_chars=1000)


def test_an_exported_memory_works_in_another_workspace_as_it_did(store, tmp_path):
    fill(store)
    fill(store, language="ja", translations=["みなさん、こんにちは。", "RISC-Vの話です。", "また次回。"], approve=(2,))
    tmx = roundtrip(tmp_path, export_tmx(store, source="zh-Hans", version="1.0", now="2026-11-23T10:00:00+00:00"))
    assert [[variant.language for variant in unit.variants] for unit in tmx.units][-1] == ["zh-Hans", "en", "ja"]
    with Store.open(tmp_path / "other.db") as other:
        assert import_tmx(other, tmx, file="memory.tmx") == 3
        hit = memory(other).exact(SENTENCES[1], before=SENTENCES[0], after=SENTENCES[2])
        assert (hit.entry.target, hit.context, hit.entry.origin, hit.entry.who) == (ENGLISH[1], 2, "memory.tmx", "li")
        assert hit.entry.at[:19] == store.units("one", "en")[1].updated_at[:19]
        assert memory(other, target="ja").exact(SENTENCES[2]).entry.target == "また次回。"
        again = export_tmx(other, source="zh-Hans", version="1.0", now="2026-11-23T10:00:00+00:00")
        assert again == tmx


def test_what_is_known_is_not_imported_again(store, tmp_path):
    fill(store)
    tmx = roundtrip(tmp_path, export_tmx(store, source="zh-Hans", version="1.0", now="2026-11-23T10:00:00+00:00"))
    assert import_tmx(store, tmx, file="own.tmx") == 0
    other = Tmx((TmxUnit((Variant("zh-CN", "你好"), Variant("en-US", "Hello"))),), (("srclang", "zh-CN"),))
    assert [import_tmx(store, other, file="a.tmx") for _ in range(2)] == [1, 0]
    assert len(memory(store)) == 4


@pytest.mark.parametrize(
    ("srclang", "source", "target", "found"),
    [
        ("zh-CN", "zh-CN", "en-US", True),
        ("*all*", "ZH", "EN", True),
        ("", "zh", "en", True),
        ("zh-CN", "zh-CN", "ja", False),
        ("zh-TW", "zh-TW", "en", False),
        ("en", "zh-CN", "en", False),
        ("zh", "zh", "tlh", False),
    ],
)
def test_an_imported_unit_counts_for_the_languages_that_it_is_in(store, srclang, source, target, found):
    unit = TmxUnit((Variant(source, "你好"), Variant(target, "Hello")))
    import_tmx(store, Tmx((unit,), (("srclang", srclang),)), file="a.tmx")
    assert (memory(store).exact("你好") is not None) == found


def test_what_was_approved_here_comes_before_what_was_imported(store):
    unit = TmxUnit((Variant("zh", SENTENCES[0]), Variant("en", "Hi all.")), (("changedate", "20990101T000000Z"),))
    import_tmx(store, Tmx((unit,)), file="a.tmx")
    fill(store)
    assert [hit.entry.target for hit in memory(store).near(SENTENCES[0], least=85, limit=3)] == [ENGLISH[0], "Hi all."]
