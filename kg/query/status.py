"""What a query worker and its parent both see: a page of shared memory, with a lock.

The worker says there what it is doing, so that a plain request costs no message between the two processes; the parent
reads it when it looks after the worker. The lock is a POSIX record lock, which the kernel lets go when a process ends.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import time
from bisect import bisect_left

# Seconds of the histogram's buckets (Prometheus' convention: each counts what took at most so long).
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

# Places of the page, each of 8 bytes.
GENERATION = 0  # leases of an earlier one are the parent's again
BUSY = 1  # the lease whose request is being answered; 0: none
BEGIN = 2  # when its time began to count, in ns of the monotonic clock; waiting for the client does not count
STARTED = 3  # when the request came
WAITING = 4  # 1: the answer waits for its client
SENT = 5  # 1: some of the answer may have reached the client
NAME = 6  # the query's hash, as a number
NANOSECONDS = 7  # spent on requests so far
COUNTS = 8  # requests by bucket, the last of which is for all that took longer
SIZE = 4096


class Status:
    """The page, from either side. Everything that is read and then acted upon is read under the lock."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._map = mmap.mmap(descriptor, SIZE)
        self.words = memoryview(self._map).cast("Q")

    @classmethod
    def create(cls) -> Status:
        """A new page, all zero."""
        descriptor = os.memfd_create("newskg")
        os.ftruncate(descriptor, SIZE)
        return cls(descriptor)

    def lock(self) -> None:
        """Waits for the lock; it is held for microseconds only."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX)

    def unlock(self) -> None:
        """Lets the lock go."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_UN)

    def begin(self, lease: int, generation: int) -> bool:
        """Notes that the worker turns to a lease's request. False if the parent has taken the lease back."""
        words, now = self.words, time.monotonic_ns()
        self.lock()
        valid = words[GENERATION] == generation
        if valid:
            words[WAITING] = words[SENT] = words[NAME] = 0
            words[BEGIN] = words[STARTED] = now
            words[BUSY] = lease
        self.unlock()
        return valid

    def done(self, generation: int) -> bool:
        """Notes that the worker is free. False if the parent wants the lease back."""
        words = self.words
        self.lock()
        words[BUSY] = 0
        valid = words[GENERATION] == generation
        self.unlock()
        return valid

    def reclaim(self) -> int:
        """Takes back all leases but that of the request being answered, which is returned; 0: the worker is free."""
        self.lock()
        self.words[GENERATION] += 1
        busy = self.words[BUSY]
        self.unlock()
        return busy

    def waits(self, waiting: bool, since: int) -> None:
        """Notes that the answer waits for its client, or that it goes on after having waited since then."""
        words = self.words
        if not waiting:
            words[BEGIN] += time.monotonic_ns() - since
        words[WAITING] = int(waiting)

    def count(self, nanoseconds: int) -> None:
        """Counts a request that was answered."""
        self.words[NANOSECONDS] += nanoseconds
        self.words[COUNTS + bucket(nanoseconds / 1e9)] += 1

    def close(self) -> None:
        """Lets go of the page."""
        self.words.release()
        self._map.close()
        os.close(self.descriptor)


def bucket(seconds: float) -> int:
    """The place of a duration among the buckets."""
    return bisect_left(BUCKETS, seconds)


class Durations:
    """A histogram of durations. Adding to it is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds = 0.0
        self.counts = [0] * (len(BUCKETS) + 1)

    def add(self, seconds: float) -> None:
        """Counts one."""
        with self._lock:
            self.seconds += seconds
            self.counts[bucket(seconds)] += 1

    def add_all(self, status: Status) -> None:
        """Counts what a worker has counted."""
        self.seconds += status.words[NANOSECONDS] / 1e9
        for place in range(len(self.counts)):
            self.counts[place] += status.words[COUNTS + place]

    def merge(self, other: Durations) -> None:
        """Counts what another histogram has counted."""
        self.seconds += other.seconds
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]

    def lines(self, name: str) -> list[str]:
        """The histogram in Prometheus' text format."""
        found, total = [f"# TYPE {name} histogram"], 0
        for limit, number in zip([*map(str, BUCKETS), "+Inf"], self.counts, strict=True):
            total += number
            found.append(f'{name}_bucket{{le="{limit}"}} {total}')
        return [*found, f"{name}_sum {self.seconds:.6f}", f"{name}_count {total}"]
