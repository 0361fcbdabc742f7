"""One function over many items in several processes: results in the order of the items, few of them in memory at a time."""

from __future__ import annotations

import multiprocessing
import signal
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


def start(function: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    """Begins a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work in order
    if function:
        function(*arguments)


@contextmanager
def workers(
    jobs: int, initializer: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor | None]:
    """That many processes; None for one job, which is done in this process."""
    if jobs <= 1:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=start, initargs=(initializer, arguments)) as pool:
        try:
            yield pool
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
    return [function(item) for item in items]
