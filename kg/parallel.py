"""One function over many items in several processes: results in the order of the items, few of them in memory at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeVar

from kg.errors import NewskgError
from kg.memory import search_seldom

T = TypeVar("T")
R = TypeVar("R")

# Chunks that wait for each worker: it never idles, and no more than a few items are in memory.
AHEAD = 2


class Pool(Protocol):
    """What runs functions elsewhere: processes of this machine, or a cluster."""

    @property
    def jobs(self) -> int:
        """How many items are worked on at once."""

    @property
    def started(self) -> bool:
        """Whether it runs already, so that few items are worth handing over."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Starts a function that a worker can import; the answer's `result()` is its value."""


# In a worker: whether what it is given is still wanted.
_stopped: Callable[[], bool] | None = None


def start(stopped: Callable[[], bool]) -> None:
    """Begins a worker."""
    global _stopped
    _stopped = stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work in order
    threading.Thread(target=_end_with_parent, daemon=True).start()
    search_seldom()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread a process: the processes are the parallelism


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed: it would wait for work for ever, with the model in its memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Processes:
    """Processes of this machine, which are started when there is work for them."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._executor: ProcessPoolExecutor | None = None

    @property
    def started(self) -> bool:
        """Whether they run."""
        return self._executor is not None

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Runs a function that a worker can import."""
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._stop = context.Event()
            begin = (self._stop.is_set,)
            self._executor = ProcessPoolExecutor(self.jobs, mp_context=context, initializer=start, initargs=begin)
        return self._executor.submit(function, *arguments)

    def end(self, *, stop: bool) -> None:
        """Ends them when their work is done; with `stop`, what waits is left undone."""
        if self._executor:
            if stop:
                self._stop.set()
            self._executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def workers(jobs: int) -> Iterator[Processes | None]:
    """That many processes; None for one job, which is done in this process. `NewskgError` if one is ended from outside."""
    if jobs <= 1:
        yield None
        return
    processes = Processes(jobs)
    stop = True  # when nobody takes what waits for them: Ctrl-C is not to wait for it
    try:
        yield processes
        stop = False
    except BrokenProcessPool:
        raise NewskgError(
            "a worker process was ended from outside, as for want of memory: what was done is kept, the same command with fewer "
            "--jobs goes on from there"
        ) from None
    finally:
        processes.end(stop=stop)


def ordered(pool: Pool | None, function: Callable[[T], R], items: Iterable[T], *, chunk: int = 1) -> Iterator[R]:
    """The results of a function that a worker can import, in the order of the items; in this process without a pool."""
    if pool is None:
        yield from map(function, items)
        return
    stream = iter(items)
    waiting: deque[Any] = deque()
    while True:
        while len(waiting) < pool.jobs * AHEAD and (part := list(islice(stream, chunk))):
            waiting.append(pool.submit(_each, function, part))
        if not waiting:
            return
        yield from waiting.popleft().result()


def _each(function: Callable[[T], R], items: list[T]) -> list[R]:
    return [function(item) for item in items if not (_stopped and _stopped())]
