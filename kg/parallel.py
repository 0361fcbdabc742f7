"""One function over many items in several processes: results in the order of the items, few of them in memory at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Chunks that wait for each worker: it never idles, and no more than a few items are in memory.
AHEAD = 2


class Pool(Protocol):
    """What runs functions elsewhere: processes of this machine, or a cluster."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Starts a function that a worker can import; the answer's `result()` is its value."""


# In a worker: whether what it is given is still wanted.
_stopped: Callable[[], bool] | None = None


def start(stopped: Callable[[], bool], function: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    """Begins a worker."""
    global _stopped
    _stopped = stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work in order
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if function:
        function(*arguments)


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed: it would wait for work for ever, with the model in its memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def workers(
    jobs: int, initializer: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor | None]:
    """That many processes; None for one job, which is done in this process."""
    if jobs <= 1:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    begin = (stop.is_set, initializer, arguments)
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=start, initargs=begin) as pool:
        try:
            yield pool
        except BaseException:
            stop.set()  # nobody takes what waits for them: Ctrl-C is not to wait for it
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def ordered(
    pool: Pool | None, function: Callable[[T], R], items: Iterable[T], *, jobs: int, chunk: int = 1
) -> Iterator[R]:
    """The results of a function that a worker can import, in the order of the items; in this process without a pool."""
    if pool is None:
        yield from map(function, items)
        return
    stream = iter(items)
    waiting: deque[Any] = deque()
    while True:
        while len(waiting) < jobs * AHEAD and (part := list(islice(stream, chunk))):
            waiting.append(pool.submit(_each, function, part))
        if not waiting:
            return
        yield from waiting.popleft().result()


def _each(function: Callable[[T], R], items: list[T]) -> list[R]:
    return [function(item) for item in items if not (_stopped and _stopped())]
