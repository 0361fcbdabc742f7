"""The pool of query workers: started ahead, taken for one request, ended at the deadline, replaced.

A query in the engine cannot be interrupted, so its worker process is killed; see `kg.query.containment` for what workers may not do.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import Busy, DeadlineExceeded, NewskgError, ResourceExceeded, StoreError, WorkerDied
from kg.query.frames import DATA, END
from kg.query.process import Child
from kg.store import Snapshot, current_snapshot

# How often a request is sent again, without the client seeing it, when its worker or its snapshot is gone.
ATTEMPTS = 3
# A client that reads slowly may stretch an answer to this many times the deadline; then its worker is taken away.
SLOW_CLIENT = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may use: worker processes, seconds, MiB of address space, rows (0: any), places in the queue."""

    workers: int = 2
    timeout: float = 30.0
    memory: int = 4096
    max_rows: int = 0
    queue: int = 64
    service: str = ""


@dataclass(slots=True)
class Answer:
    """An answer under way. `head` has kind, format, media_type and perhaps cut; iterate to get the bytes; close it in any case."""

    head: dict[str, Any]
    snapshot: Snapshot
    parts: Iterator[bytes]
    end: dict[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int | None:
        """Number of bytes, where it is known beforehand."""
        return self.head.get("length")

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        """Gives the worker back; an answer that was not read to its end costs it its life."""
        self.parts.close()     # type: ignore[attr-defined]

    def read(self) -> bytes:
        """The whole answer."""
        try:
            return b"".join(self.parts)
        finally:
            self.close()


class Pool:
    """Worker processes that evaluate queries on the current snapshot of the store folder. Thread-safe."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self._condition = threading.Condition()
        self._waiting = 0
        self._closed = False
        self._all: set[Child] = set()
        self._idle: deque[Child] = deque(self._start() for _ in range(max(limits.workers, 1)))
        for child in self._idle:
            child.wait_ready()
        self.counts = {"queries": 0, "timeouts": 0, "busy": 0, "memory": 0, "restarts": 0}

    def _start(self) -> Child:
        child = Child("kg.query.worker", ["--memory", str(self.limits.memory), "--service", self.limits.service])
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
        for attempt in range(1, ATTEMPTS + 1):
            child = self._take(budget)
            try:
                snapshot = self._snapshot()
                child.wait_ready()
                deadline = time.monotonic() + budget
                child.send({"max_rows": self.limits.max_rows, **request, "snapshot": str(snapshot.path)})
                _, payload = child.receive(deadline)
            except WorkerDied:
                self._replace(child)
                if attempt == ATTEMPTS:
                    raise
                continue
            except (DeadlineExceeded, ResourceExceeded) as error:
                self._count("timeouts" if isinstance(error, DeadlineExceeded) else "memory")
                self._replace(child)
                raise
            except NewskgError:
                self._give_back(child)
                raise
            except BaseException:
                self._replace(child)
                raise
            self._count("queries")
            head = json.loads(payload)
            end: dict[str, Any] = {}
            if "length" in head:     # all of it is in the pipe already: give the worker back before the client reads
                data = self._drain(child, deadline, end)
                return Answer(head, snapshot, _whole(data), end)
            return Answer(head, snapshot, self._stream(child, deadline, end), end)
        raise AssertionError

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
            self._replace(child)
            raise
        self._give_back(child)
        return data

    def _stream(self, child: Child, deadline: float, end: dict[str, Any]) -> Iterator[bytes]:
        """The parts of a long answer. The deadline counts the time that the worker takes, not the client."""
        slow = threading.Timer(self.limits.timeout * SLOW_CLIENT, child.terminate)
        slow.daemon = True
        slow.start()
        try:
            while True:
                kind, payload = child.receive(deadline)
                if kind == END:
                    end.update(json.loads(payload))
                    break
                if kind == DATA:
                    sent = time.monotonic()
                    yield payload
                    deadline += time.monotonic() - sent
        except BaseException as error:
            if isinstance(error, DeadlineExceeded):
                self._count("timeouts")
            self._replace(child)
            raise
        finally:
            slow.cancel()
        self._give_back(child)

    def _take(self, patience: float) -> Child:
        with self._condition:
            if not self._idle:
                if self._waiting >= self.limits.queue:
                    self.counts["busy"] += 1
                    raise Busy("all query workers are taken and the queue is full: try again shortly")
                self._waiting += 1
                try:
                    if not self._condition.wait_for(lambda: bool(self._idle) or self._closed, patience):
                        self.counts["busy"] += 1
                        raise Busy("all query workers stayed taken: try again shortly")
                finally:
                    self._waiting -= 1
            if self._closed:
                raise Busy("the server is shutting down")
            return self._idle.popleft()

    def _give_back(self, child: Child) -> None:
        if not child.idle:
            self._replace(child)
            return
        with self._condition:
            self._idle.appendleft(child)     # the one used last has its snapshot open and its caches warm
            self._condition.notify()

    def _replace(self, child: Child) -> None:
        child.kill()
        with self._condition:
            self._all.discard(child)
            self.counts["restarts"] += 1
            if self._closed:
                return
            self._idle.append(self._start())
            self._condition.notify()

    def _count(self, name: str, number: int = 1) -> None:
        with self._condition:
            self.counts[name] += number

    def close(self) -> None:
        """Ends all workers."""
        with self._condition:
            self._closed = True
            children = list(self._all)
            self._condition.notify_all()
        for child in children:
            child.kill()


def _whole(data: bytes) -> Iterator[bytes]:
    if data:
        yield data
