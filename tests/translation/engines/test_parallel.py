"""Several requests at once: begun in order, handed over by one thread, stopped by the first failure."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.translation.engines.parallel import in_parallel


def test_so_many_run_at_once_and_all_answers_come_to_the_calling_thread():
    barrier, got, threads = threading.Barrier(3, timeout=20), [], set()

    def work(item, deliver):
        barrier.wait()  # passes only if three are in work together
        deliver(f"u{item}", str(item))

    def on_done(unit_id, text):
        threads.add(threading.get_ident())
        got.append((unit_id, text))

    in_parallel(work, range(6), threads=3, on_done=on_done)
    assert sorted(got) == [(f"u{n}", str(n)) for n in range(6)]
    assert threads == {threading.get_ident()}


def test_after_a_failure_nothing_new_is_begun_and_what_is_in_work_is_kept():
    begun, got, failed = [], [], threading.Event()

    def work(item, deliver):
        begun.append(item)
        if item == 1:
            failed.set()
            raise ValueError("one")
        failed.wait(20)
        time.sleep(0.05)
        deliver(f"u{item}", "")

    with pytest.raises(ValueError, match="one"):
        in_parallel(work, range(10), threads=2, on_done=lambda unit_id, _: got.append(unit_id))
    assert begun == [0, 1]
    assert got == ["u0"]


def test_a_receiver_that_fails_stops_the_rest():
    begun = []

    def work(item, deliver):
        begun.append(item)
        deliver(f"u{item}", "")
        time.sleep(0.05)

    def on_done(unit_id, text):
        raise KeyError(unit_id)

    with pytest.raises(KeyError):
        in_parallel(work, range(1000), threads=2, on_done=on_done)
    time.sleep(0.2)
    assert len(begun) < 20
