"""Several requests at once, their answers handed over one at a time by the thread that asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
Deliver = Callable[[str, str], None]


def in_parallel(work: Callable[[T, Deliver], None], items: Iterable[T], *, threads: int, on_done: Deliver) -> None:
    """Do `work` on every item, `threads` of them at once, begun in their order.

    What `work` delivers is given to `on_done` in the calling thread at once. After the first failure nothing new is
    begun; what is in work is waited for, since it is paid for, and the failure raised. An interruption waits for
    nothing: the threads die with the process.
    """
    results: queue.SimpleQueue[tuple[str, str] | BaseException | None] = queue.SimpleQueue()
    todo = iter(list(items))
    lock, stop = threading.Lock(), threading.Event()

    def run() -> None:
        try:
            while not stop.is_set():
                with lock:
                    item = next(todo)
                work(item, lambda unit_id, text: results.put((unit_id, text)))
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            stop.set()
            results.put(error)
        finally:
            results.put(None)

    workers = [threading.Thread(target=run, daemon=True, name=f"translate-{n}") for n in range(threads)]
    failure: BaseException | None = None
    try:
        for worker in workers:
            worker.start()
        alive = len(workers)
        while alive:
            result = results.get()
            if result is None:
                alive -= 1
            elif isinstance(result, BaseException):
                failure = failure or result
            else:
                on_done(*result)
    finally:
        stop.set()
    if failure is not None:
        raise failure
