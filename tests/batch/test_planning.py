"""Which episodes are worked on, in which order, and when a folder counts as whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.batch.estimates import clock, time_left
from pipeline.batch.marks import common_digest
from pipeline.batch.memory import Needs, need_mb
from pipeline.batch.planning import Seen, first_stage, plan, settle, stage_names

ALL = stage_names(None, publish=False)


def seen(name: str, modified: int = 0, state: str = "open") -> Seen:
    return Seen(Path(name), name, modified, state)  # type: ignore[arg-type]


def test_finished_ones_are_left_out_and_refused_ones_unless_asked_for() -> None:
    episodes = [seen("a", state="done"), seen("b"), seen("c", state="refused")]
    usual = plan(episodes, order="name", limit=None, retry_refused=False)
    assert [each.place for each in usual.work] == ["b"]
    assert (usual.done, [each.place for each in usual.refused]) == (1, ["c"])
    again = plan(episodes, order="name", limit=None, retry_refused=True)
    assert [each.place for each in again.work] == ["b", "c"]


@pytest.mark.parametrize(("order", "expected"), [("name", "abc"), ("newest", "bca"), ("oldest", "acb")])
def test_the_order_is_the_one_that_was_asked_for(order, expected) -> None:
    episodes = [seen("c", 2), seen("a", 1), seen("b", 3)]
    assert "".join(each.place for each in plan(episodes, order=order, limit=None, retry_refused=False).work) == expected
    limited = plan(episodes, order=order, limit=2, retry_refused=False)
    assert ("".join(each.place for each in limited.work), limited.later) == (expected[:2], 1)


def test_an_episode_goes_on_where_its_manifest_ends() -> None:
    assert first_stage(frozenset(), ALL) == "align"
    assert first_stage(frozenset({"align"}), ALL) == "translate"
    assert first_stage(frozenset({"align", "translate en", "subtitle en"}), ALL) == "render"
    assert (
        first_stage(frozenset({"align", "translate en", "subtitle en", "render soft.mp4", "report"}), ALL) == "report"
    )
    assert stage_names("translate", publish=False) == ("align", "translate")
    assert stage_names(None, publish=True)[-1] == "publish"


def test_a_folder_is_whole_when_it_has_not_changed_for_a_while() -> None:
    known, whole = settle({}, {"a": "1"}, now=0, settle_s=30)
    assert whole == ()
    known, whole = settle(known, {"a": "2", "b": "1"}, now=20, settle_s=30)  # still growing
    assert whole == ()
    known, whole = settle(known, {"a": "2", "b": "1"}, now=49, settle_s=30)
    assert whole == ()
    known, whole = settle(known, {"a": "2", "b": "1"}, now=50, settle_s=30)
    assert whole == ("a", "b")
    assert settle(known, {}, now=60, settle_s=30) == ({}, ())


def test_memory_is_expected_and_then_learned() -> None:
    needs = Needs(align=1500, align_hour=500, translate=2500, encode=1000)
    assert need_mb("align", needs) == 1500
    assert need_mb("align", needs, hours=3) == 2500
    assert need_mb("align", needs, seen_mb=900) == 1500  # a longer one may come
    assert need_mb("translate", needs) == 2500
    assert need_mb("translate", needs, seen_mb=400) == 400  # a server translates
    assert need_mb("encode", needs, seen_mb=1800) == 1800


def test_the_time_left_is_that_of_the_resource_with_most_to_do() -> None:
    slots = {"align": 1, "translate": 1, "encode": 2}
    means = {"align": 10.0, "translate": 20.0, "subtitle": 1.0, "render": 60.0}
    assert time_left({"align": 1, "translate": 5, "subtitle": 5, "render": 2}, means, slots) == 105
    assert time_left({"render": 10}, means, slots) == 300
    assert time_left({"align": 1}, {}, slots) is None
    assert time_left({}, {}, slots) == 0
    assert [clock(value) for value in (None, 5, 65, 12_000)] == ["–", "5 s", "1:05 min", "3:20 h"]


def test_how_a_batch_goes_about_it_makes_nothing_anew(tmp_path) -> None:
    plain = common_digest(tmp_path, {}, ALL)
    assert common_digest(tmp_path, {"batch": {"metrics_port": 9437}}, ALL) == plain
    assert common_digest(tmp_path, {"align": {"check_below": 0.5}}, ALL) != plain
