"""Connections lent to query workers, so that plain requests need no second process (see `kg.query.direct`).

The parent keeps its own descriptor of each connection. It looks at the workers' pages of shared memory a few hundred
times a second while anything is lent: a worker that is at one request for longer loses the connections beside it, which
another worker gets; one past the deadline is ended, and its request, still unread, goes the way of all others, with the
error that it is answered with.
"""

from __future__ import annotations

import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Protocol

from kg import errors
from kg.query import journal
from kg.query.entry import from_report
from kg.query.frames import HEAD, LEASE
from kg.query.process import Child
from kg.query.status import BEGIN, BUSY, GENERATION, NAME, SENT, STARTED, WAITING, Durations

# A request that takes longer than this no longer holds up the connections beside it. On a machine that is full, a worker may
# wait as long for a core, and lending its connections anew would only add to that.
STEAL_SECONDS = 0.02
# How often the workers are looked after: a request that times out is ended so much too late at most.
TICK_SECONDS = 0.01
NANO = 1_000_000_000
TOO_LONG = "the query took longer than it may: make it more selective, or add a LIMIT"


class Connection(Protocol):
    """A client's connection that can be lent."""

    def fileno(self) -> int:
        """Its descriptor."""

    def returned(
        self,
        *,
        failed: errors.NewskgError | None = None,
        refused: bool = False,
        broken: bool = False,
        close: bool = False,
        rest: bytes = b"",
    ) -> None:
        """It is the lender's again. `failed`: the answer to the request that can be read from it; `refused`: that
        request is not for a worker; `broken`: it is to be closed at once; `rest`: what is still to be sent; `close`:
        to be closed then."""


class Leases:
    """Lends connections to the workers that no request of the parent has taken.

    `lock` guards the workers; `idle` are those not taken, in no order; `busy` is true while requests of the parent wait
    for one; `end` takes a worker that has ended, or is to be ended, out and puts another in its place.
    """

    def __init__(
        self,
        lock: threading.Condition,
        idle: Callable[[], Iterable[Child]],
        busy: Callable[[], bool],
        end: Callable[[Child, errors.NewskgError | None], None],
        timeout: float,
        patience: float,
    ) -> None:
        self._lock, self._idle, self._busy, self._end = lock, idle, busy, end
        self._timeout, self._patience = int(timeout * NANO), int(patience * NANO)
        self._lent: dict[Child, dict[int, Connection]] = {}
        self._buffers: dict[Child, bytearray] = {}
        self._numbers = count(1)
        self._closed = False
        self._wake = os.eventfd(0)
        self.durations = Durations()
        """Of the requests that ended with their worker."""
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()

    def lend(self, connection: Connection) -> bool:
        """Lends a connection to the worker with the fewest; False if none is free for it."""
        with self._lock:
            if self._closed or self._busy():
                return False
            now = time.monotonic_ns()
            free = [child for child in self._idle() if child.ready and self._free(child, now)]
            if not free:
                return False
            child = min(free, key=lambda child: len(self._lent.get(child, ())))
            assert child.status is not None
            assert child.control is not None
            number = next(self._numbers)
            message = LEASE.pack(number, child.status.words[GENERATION])
            try:
                socket.send_fds(child.control, [message], [connection.fileno()])
            except OSError:
                return False
            self._lent.setdefault(child, {})[number] = connection
            if sum(map(len, self._lent.values())) == 1:
                self.look()
            return True

    def look(self) -> None:
        """Looks after the workers from now on, while anything is lent or waits."""
        os.eventfd_write(self._wake, 1)

    @staticmethod
    def _free(child: Child, now: int) -> bool:
        if child.status is None:
            return False
        words = child.status.words
        return not words[BUSY] or now - words[STARTED] < STEAL_SECONDS * NANO

    def reclaim(self, child: Child) -> bool:
        """Takes all connections back from a worker but that whose request it is answering; True if there is none."""
        if child.status is None:
            return True
        busy = child.status.reclaim()
        self._receive(child)
        lent = self._lent.get(child, {})
        for number in [number for number in lent if number != busy]:
            lent.pop(number).returned()
        return not busy

    def close(self) -> None:
        """Lends nothing any more."""
        with self._lock:
            self._closed = True
            self.look()

    def _look_after(self) -> None:
        while True:
            waiting = select.poll()
            waiting.register(self._wake, select.POLLIN)
            with self._lock:
                if self._closed:
                    return
                watched = {child.control.fileno(): child for child in self._idle() if child.control is not None}
                active = self._busy() or any(self._lent.values())
            for descriptor in watched:
                waiting.register(descriptor, select.POLLIN)
            events = waiting.poll(TICK_SECONDS * 1000 if active else None)
            with self._lock:
                if self._closed:
                    return
                for descriptor, _ in events:
                    if descriptor == self._wake:
                        os.eventfd_read(self._wake)
                    elif watched[descriptor] in self._idle() and not self._receive(watched[descriptor]):
                        self._ended(watched[descriptor])
                now = time.monotonic_ns()
                for child in list(self._idle()):
                    self._look_at(child, now)
                if active:
                    self._lock.notify_all()

    def _look_at(self, child: Child, now: int) -> None:
        lent = self._lent.get(child)
        if not lent or child.status is None:
            return
        words = child.status.words
        busy = words[BUSY]
        if not busy:
            return
        # `busy` may have ended meanwhile and another begun: then the times are the newer one's, and nothing is due.
        begin, started, waits = words[BEGIN], words[STARTED], words[WAITING]
        # A client that reads slowly may keep a worker for longer than a query may take, but not while others wait for one.
        patience = self._timeout if waits and self._busy() else self._patience
        if (now - begin > self._timeout and not waits) or now - started > patience:
            self._finish(child, errors.DeadlineExceeded(TOO_LONG))
        elif now - started > STEAL_SECONDS * NANO and any(number != busy for number in lent):
            self.reclaim(child)

    def _ended(self, child: Child) -> None:
        """A worker has ended by itself: what it was at is answered with the reason, or asked again if there is none."""
        error = child.ended()
        self._finish(child, error if isinstance(error, errors.ResourceExceeded) else None)

    def _finish(self, child: Child, error: errors.NewskgError | None) -> None:
        """Ends a worker and gives its connections back."""
        child.kill()
        assert child.status is not None
        words = child.status.words
        busy, sent, name = words[BUSY], words[SENT], words[NAME]
        seconds = (time.monotonic_ns() - words[STARTED]) / NANO
        self._receive(child)
        for number, connection in self._lent.pop(child, {}).items():
            if number != busy:
                connection.returned()
                continue
            if sent:
                connection.returned(broken=True)
            else:
                connection.returned(failed=error)
            if error is not None or sent:
                self.durations.add(seconds)
                journal.log(f"{name:012x}", seconds, None, type(error).__name__ if error else "closed")
        self._buffers.pop(child, None)
        self._end(child, error)

    def _receive(self, child: Child) -> bool:
        """Reads what a worker gives back; False if it has ended."""
        if child.control is None:
            return False
        buffer = self._buffers.setdefault(child, bytearray())
        alive = False
        try:
            while part := child.control.recv(1 << 20):
                buffer += part
        except BlockingIOError:
            alive = True
        except ConnectionError:  # it has ended with something of ours unread
            pass
        while len(buffer) >= HEAD.size:
            _, length = HEAD.unpack_from(buffer)
            if len(buffer) < HEAD.size + length:
                break
            report = json.loads(bytes(buffer[HEAD.size : HEAD.size + length]))
            end = HEAD.size + length + report["rest"]
            if len(buffer) < end:
                break
            rest = bytes(buffer[HEAD.size + length : end])
            del buffer[:end]
            connection = self._lent.get(child, {}).pop(report["lease"], None)
            if connection is not None:
                failed = from_report(report) if "error" in report else None
                flags = {name: bool(report.get(name)) for name in ("refused", "broken", "close")}
                connection.returned(failed=failed, rest=rest, **flags)
        return alive
