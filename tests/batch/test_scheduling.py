"""What may start: a free worker of its resource, and memory for all; nobody is overtaken for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.scheduling import Load, Waiting, choose
from pipeline.batch.tasks import RESOURCES

ONE_EACH = dict.fromkeys(RESOURCES, 1)


def load(*running, idle=None, slots=ONE_EACH, limit=None) -> Load:
    return Load(running, idle or {}, slots, limit)


def started(choice) -> list[int]:
    return [task.key for task in choice.start]


def test_different_resources_work_side_by_side_and_each_has_its_workers() -> None:
    waiting = [Waiting(0, "align", 1), Waiting(1, "align", 1), Waiting(2, "encode", 1), Waiting(3, "translate", 1)]
    assert started(choose(waiting, load())) == [0, 2, 3]
    assert started(choose(waiting, load(("align", 1)))) == [2, 3]
    assert started(choose(waiting, load(slots={**ONE_EACH, "align": 2}))) == [0, 1, 2, 3]


def test_nothing_starts_that_does_not_fit() -> None:
    waiting = [Waiting(0, "align", 1500), Waiting(1, "translate", 2500), Waiting(2, "encode", 100)]
    assert started(choose(waiting, load(limit=2000))) == [0, 2]
    assert [task.key for task in choose(waiting, load(limit=2000)).too_big] == [1]
    assert started(choose(waiting, load(limit=4000))) == [0, 1]


def test_one_that_waits_for_memory_is_not_overtaken() -> None:
    waiting = [Waiting(0, "translate", 2500), Waiting(1, "encode", 100)]
    assert started(choose(waiting, load(("align", 1500), limit=3000))) == []
    assert started(choose(waiting, load(limit=3000))) == [0, 1]


def test_idle_models_give_way_only_where_their_memory_is_needed() -> None:
    waiting = [Waiting(0, "translate", 2500)]
    roomy = choose(waiting, load(idle={"align": 1400, "encode": 200}, limit=5000))
    assert (started(roomy), roomy.unload) == ([0], ())
    tight = choose(waiting, load(idle={"align": 1400, "encode": 200}, limit=3000))
    assert (started(tight), tight.unload) == ([0], ("align",))
    # Its own resource's idle worker takes the task: what that holds is part of what the task needs.
    own = choose(waiting, load(idle={"translate": 2400}, limit=2600))
    assert (started(own), own.unload) == ([0], ())


tasks = st.builds(Waiting, st.integers(0, 99), st.sampled_from(RESOURCES), st.integers(1, 4000))
busy = st.tuples(st.sampled_from(RESOURCES), st.integers(1, 1000))
held = st.dictionaries(st.sampled_from(RESOURCES), st.integers(0, 3000))


@given(st.lists(tasks, max_size=12, unique_by=lambda task: task.key), st.lists(busy, max_size=3), held)
def test_whatever_waits_slots_and_memory_are_kept(waiting, running, idle) -> None:
    slots = dict.fromkeys(RESOURCES, 2)
    limit = 4000
    choice = choose(waiting, Load(running, idle, slots, limit))
    used = sum(need for _, need in running) + sum(task.need_mb for task in choice.start)
    kept = sum(
        size
        for name, size in idle.items()
        if name not in choice.unload and name not in {task.resource for task in choice.start}
    )
    if choice.start:
        assert used + kept <= limit
    for resource in RESOURCES:
        count = sum(each == resource for each, _ in running) + sum(task.resource == resource for task in choice.start)
        assert count <= max(2, sum(each == resource for each, _ in running))
    # Where nothing runs, something starts: a batch never stands still.
    if not running and waiting and not choice.too_big:
        assert choice.start
