"""The pool of query workers: started ahead, taken for one request, ended at the deadline, replaced.

A query in the engine cannot be interrupted, so its worker process is killed; see `kg.query.containment` for what
workers may not do.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kg.errors import Busy, DeadlineExceeded, NewskgError, ResourceExceeded, StoreError, WorkerDied
from kg.query.answers import Answer, Stream, Whole
from kg.query.federation import with_services
from kg.query.forks import Forks
from kg.query.frames import END
from kg.query.guarded import Guard
from kg.query.leases import Leases
from kg.query.process import Child, environment
from kg.query.status import Durations
from kg.store import Snapshot, current_snapshot

# How often a request is sent again, without the client seeing it, when its worker or its snapshot is gone.
ATTEMPTS = 3
# A client that reads slowly may stretch an answer to this many times the deadline; then its worker is taken away.
SLOW_CLIENT = 10
# A query that takes longer lets others go first (`kg.query.leases` has it in time of a core, which is not known here so cheaply).
LONG_SECONDS = 0.1
# When the server ends, an answer that is all but done still goes out, and gets its line in the log.
LAST_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may use: worker processes, seconds, MiB of address space, rows (0: any), places in the queue."""

    workers: int = 2
    timeout: float = 30.0
    memory: int = 4096
    max_rows: int = 0
    queue: int = 64
    service: str = ""


class Evaluator(Protocol):
    """What answers queries: workers on a snapshot, or a server elsewhere."""

    limits: Limits
    counts: dict[str, int]

    @property
    def filtered(self) -> bool:
        """True if the kernel filters the system calls of what evaluates queries."""

    @property
    def version_id(self) -> str:
        """The identifier of the data as of now."""

    def run(self, request: dict[str, Any], timeout: float | None = None) -> Answer:
        """The answer to a request."""

    def durations(self) -> Durations:
        """How long the requests took that the application did not see."""

    def close(self) -> None:
        """Ends it."""


class Pool:
    """Worker processes that evaluate queries on the current snapshot of the store folder. Thread-safe.

    With `direct`, the settings of `kg.query.direct` but for the workers' own, they also take connections on loan.
    """

    def __init__(self, folder: Path, limits: Limits, direct: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.limits = limits
        self._direct = direct
        self._forks = Forks(environment(), direct["log"]) if direct is not None else None
        self._condition = threading.Condition()
        self._waiting = 0
        self._closed = False
        self._all: set[Child] = set()
        self._idle: deque[Child] = deque(self._start() for _ in range(max(limits.workers, 1)))
        self.counts = {"queries": 0, "timeouts": 0, "busy": 0, "memory": 0, "restarts": 0}
        self._ended = Durations()
        # Started ahead, so that a worker that is ended has a successor at once.
        self._spare: Child | None = None
        self.leases: Leases | None = None
        """Where connections are lent to the workers; None without `direct`."""
        if direct is not None:
            patience = limits.timeout * SLOW_CLIENT
            self.leases = Leases(self._condition, self, limits.timeout, patience, limits.queue)

        if direct is None:
            for child in self._idle:
                child.wait_ready()

    def wait_ready(self) -> None:
        """Waits until the workers have started, which with `direct` is not done at first; then starts a spare one."""
        for child in list(self._idle):
            child.wait_ready()
        with self._condition:
            self._spare = self._start()

    def _start(self) -> Child:
        arguments = ["--memory", str(self.limits.memory)]
        child = Child("kg.query.worker", arguments, self._forks, self._direct)
        self._all.add(child)
        return child

    @property
    def filtered(self) -> bool:
        """True if the kernel filters the workers' system calls."""
        with self._condition:
            return all(child.about.get("filtered", True) for child in self._all)

    def run(self, request: dict[str, Any], timeout: float | None = None) -> Answer:
        """Starts a request (see `kg.query.worker`) on the current snapshot and waits until its answer begins.

        Raises `Busy` if the queue is full, `DeadlineExceeded`, `ResourceExceeded`, or what the worker reports.
        """
        budget = timeout or self.limits.timeout
        if self.limits.service and request["do"] == "query":
            guard = Guard(tuple(self.limits.service.split()), time.monotonic() + budget)
            base = request.get("base") or self._snapshot().base
            request = {**request, "query": with_services(request["query"], base, guard)}
        for attempt in range(1, ATTEMPTS + 1):
            child = self._take(budget)
            try:
                snapshot = self._snapshot()
                child.wait_ready()
                deadline = time.monotonic() + budget
                message = {"max_rows": self.limits.max_rows, "base": snapshot.base, **request}
                child.send({**message, "snapshot": str(snapshot.path)})
                self._give_way(child, deadline)
                _, payload = child.receive(deadline)
            except WorkerDied:
                self.replace(child)
                if attempt == ATTEMPTS:
                    raise
                continue
            except (DeadlineExceeded, ResourceExceeded) as error:
                self.count("timeouts" if isinstance(error, DeadlineExceeded) else "memory")
                self.replace(child)
                raise
            except NewskgError:
                self.give_back(child)
                raise
            except BaseException:
                self.replace(child)
                raise
            self.count("queries")
            head = json.loads(payload)
            end: dict[str, Any] = {}
            if "length" in head:  # all of it is in the pipe already: give the worker back before the client reads
                data = self._drain(child, deadline, end)
                return Answer(head, snapshot, Whole(data), end)
            patience = self.limits.timeout * SLOW_CLIENT
            return Answer(head, snapshot, Stream(self, child, deadline, patience, self.limits.timeout, end), end)
        raise AssertionError

    def _give_way(self, child: Child, deadline: float) -> None:
        """Waits until an answer begins, and demotes its worker if that takes long and others want one."""
        while self._spare is not None and not child.demoted and child.waits(LONG_SECONDS):
            with self._condition:
                if self._waiting or (self.leases is not None and self.leases.active):
                    self.demote(child)
            if time.monotonic() > deadline:
                return

    @property
    def version_id(self) -> str:
        """The identifier of the data as of now; `0` if nothing was published yet."""
        snapshot = current_snapshot(self.folder)
        return snapshot.id if snapshot else "0"

    def _snapshot(self) -> Snapshot:
        snapshot = current_snapshot(self.folder)
        if snapshot is None:
            raise StoreError(f"{self.folder} has nothing published yet: run `kg build SOURCE --store {self.folder}`")
        return snapshot

    def _drain(self, child: Child, deadline: float, end: dict[str, Any]) -> bytes:
        data = b""
        try:
            while True:
                kind, payload = child.receive(deadline)
                if kind == END:
                    end.update(json.loads(payload))
                    break
                data += payload
        except BaseException:
            self.replace(child)
            raise
        self.give_back(child)
        return data

    def _take(self, patience: float) -> Child:
        with self._condition:
            child = self._free()
            if child is None and not self._closed:
                lent = self.leases.waiting if self.leases is not None else 0
                if self._waiting + lent >= self.limits.queue:
                    self.counts["busy"] += 1
                    raise Busy("all query workers are taken and the queue is full: try again shortly")
                self._waiting += 1
                if self.leases is not None:
                    self.leases.look()
                end = time.monotonic() + patience
                try:
                    while child is None and not self._closed:
                        if not self._condition.wait(end - time.monotonic()):
                            self.counts["busy"] += 1
                            raise Busy("all query workers stayed taken: try again shortly")
                        child = self._free()
                finally:
                    self._waiting -= 1
            if self._closed or child is None:
                raise Busy("the server is shutting down")
            return child

    def _free(self) -> Child | None:
        """Takes a worker that does nothing, the one used last if there are several; None if there is none."""
        for child in self._idle:
            if child.demoted:
                continue
            if self.leases is None or self.leases.reclaim(child):
                self._idle.remove(child)
                return child
        return None

    def give_back(self, child: Child) -> None:
        """Makes a worker free for the next request; one that still has something to say, or whose place another has
        taken, is ended."""
        if not child.idle or child.demoted:
            self.replace(child, done=child.idle)
            return
        with self._condition:
            self._idle.appendleft(child)  # the one used last has its snapshot open and its caches warm
            self._condition.notify()
            if self.leases is not None and self.leases.waiting:
                self.leases.look()

    def replace(self, child: Child, done: bool = False) -> None:
        """Ends a worker, and starts another unless that was done when it gave way. `done`: its request has ended, so that it
        is no restart if it had given way."""
        child.kill()
        with self._condition:
            self._all.discard(child)
            if child.status is not None:
                self._ended.add_all(child.status)
            child.forget()
            if not (done and child.demoted):
                self.counts["restarts"] += 1
            if not child.demoted and not self._closed:
                self._supply()

    def _supply(self) -> None:
        """Makes the spare worker, or a new one, free for requests."""
        if self._spare is None:
            self._idle.append(self._start())
        else:
            self._idle.append(self._spare)
            self._spare = self._start()
        self._condition.notify()
        if self.leases is not None:
            self.leases.look()

    def present(self) -> Iterable[Child]:
        """The workers that no request has taken."""
        return self._idle

    def wanted(self) -> bool:
        """True while requests wait for one."""
        return self._waiting > 0

    def lost(self, child: Child, error: NewskgError | None) -> None:
        """Replaces a worker that ended while it had connections on loan, or was ended for that error."""
        if isinstance(error, DeadlineExceeded | ResourceExceeded):
            self.count("timeouts" if isinstance(error, DeadlineExceeded) else "memory")
        self._idle.remove(child)
        self.replace(child, done=error is None)

    def demote(self, child: Child) -> bool:
        """Lets everything else go before a worker that is at a long request, and puts another in its place. It ends
        with that request. As many may be so as there are workers; False beyond that."""
        if self._spare is None or sum(other.demoted for other in self._all) >= max(self.limits.workers, 1):
            return False
        child.demote()
        self._supply()
        return True

    def durations(self) -> Durations:
        """How long the requests on loan took."""
        found = Durations()
        with self._condition:
            found.merge(self._ended)
            if self.leases is not None:
                found.merge(self.leases.durations)
            for child in self._all:
                if child.status is not None:
                    found.add_all(child.status)
        return found

    def count(self, name: str, number: int = 1) -> None:
        """Counts for `/metrics`."""
        with self._condition:
            self.counts[name] += number

    def close(self) -> None:
        """Ends all workers."""
        if self.leases is not None:
            self.leases.close()
        with self._condition:
            self._closed = True
            children = list(self._all)
            self._condition.notify_all()
        end = time.monotonic() + LAST_SECONDS
        while any(child.busy for child in children) and time.monotonic() < end:
            time.sleep(0.005)
        for child in children:
            child.kill()
        if self._forks is not None:
            self._forks.close()
