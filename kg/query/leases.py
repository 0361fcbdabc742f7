"""Connections lent to query workers, so that plain requests need no second process (see `kg.query.direct`).

The parent keeps its own descriptor of each connection. It looks at the workers' pages of shared memory a hundred times a
second while anything is lent: a worker that is at one request for longer loses the connections beside it, which another
worker gets; one past the deadline is ended, and its request, still unread, goes the way of all others, with the error
that it is answered with. Where every worker is at a longer request, connections wait here for the first that is free.
"""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import Protocol

from kg import errors
from kg.query import journal
from kg.query.entry import from_report
from kg.query.frames import HEAD, LEASE
from kg.query.process import TOO_LONG, Child
from kg.query.status import BEGIN, BUSY, GENERATION, NAME, SENT, STARTED, WAITING, Durations

# A request that computes for longer than this no longer holds up the connections beside it. It is time of a core, not of the
# clock: on a machine that is full a worker waits as long for a core, and lending its connections anew would only add to that.
STEAL_SECONDS = 0.02
# A request that computes for longer than this goes on when nothing else wants a core, if there are others. With a deadline
# of ten seconds, half a per cent of the time goes by before that, which leaves the 99th percentile of the others alone.
DEMOTE_SECONDS = 0.05
# A request of that age is treated so whatever it computes: it waits for the disk.
OLD_SECONDS = 1.0
# How often the workers are looked after: a request that times out is ended so much too late at most.
TICK_SECONDS = 0.01
NANO = 1_000_000_000
# What fails for a reason that nobody knows is not tried again at once.
FAILED_SECONDS = 0.1

_log = logging.getLogger("newskg.query")


class Connection(Protocol):
    """A client's connection that can be lent."""

    @property
    def gone(self) -> bool:
        """True if it was closed meanwhile."""

    def fileno(self) -> int:
        """Its descriptor. `OSError` if it was closed."""

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


class Workers(Protocol):
    """Who has the workers. What is asked here is asked under its lock."""

    def present(self) -> Iterable[Child]:
        """Those that no request of the parent has taken."""

    def wanted(self) -> bool:
        """True while requests of the parent wait for one."""

    def lost(self, child: Child, error: errors.NewskgError | None) -> None:
        """One has ended: by itself, or for that error."""

    def demote(self, child: Child) -> bool:
        """Puts another in the place of one that is at a long request; False if there is none, or no need."""


class Leases:
    """Lends connections to the workers that no request of the parent has taken.

    `lock` guards the workers. At most `queue` connections wait for one, for `timeout` seconds at most.
    """

    def __init__(
        self, lock: threading.Condition, workers: Workers, timeout: float, patience: float, queue: int
    ) -> None:
        self._lock, self._workers, self._queue = lock, workers, queue
        self._timeout, self._patience = int(timeout * NANO), int(patience * NANO)
        self._lent: dict[Child, dict[int, Connection]] = {}
        self._waiting: deque[tuple[Connection, int]] = deque()
        self._buffers: dict[Child, bytearray] = {}
        # Of each worker, the request that it was seen at, by its beginning, and what it had computed before.
        self._seen: dict[Child, tuple[int, float]] = {}
        self._verdicts: dict[Child, errors.NewskgError] = {}
        self._numbers = count(1)
        self._closed = False
        self._wake = os.eventfd(0)
        self.durations = Durations()
        """Of the requests that ended with their worker."""
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many connections wait for a worker."""
        return len(self._waiting)

    @property
    def active(self) -> bool:
        """True if any connection is lent, or waits."""
        return bool(self._waiting) or any(self._lent.values())

    def lend(self, connection: Connection) -> bool:
        """Lends a connection to the worker with the fewest, now or when one is free; False if too many wait for that."""
        with self._lock:
            if self._closed:
                return False
            if self._waiting or not self._place(connection):
                if len(self._waiting) >= self._queue:
                    return False
                self._waiting.append((connection, time.monotonic_ns()))
                self.look()
            elif sum(map(len, self._lent.values())) == 1:
                self.look()
            return True

    def _place(self, connection: Connection) -> bool:
        """Hands a connection to a worker; False if none is free for it."""
        if self._workers.wanted():
            return False
        free = [child for child in self._workers.present() if child.ready and self._free(child)]
        for child in sorted(free, key=lambda child: len(self._lent.get(child, ()))):
            assert child.status is not None
            assert child.control is not None
            number = next(self._numbers)
            message = LEASE.pack(number, child.status.words[GENERATION])
            try:
                socket.send_fds(child.control, [message], [connection.fileno()])
            except OSError:  # it has just ended, or the connection has
                continue
            self._lent.setdefault(child, {})[number] = connection
            return True
        return False

    def _serve_waiting(self) -> None:
        """Lends what waits; what has waited for too long goes back with that error."""
        while self._waiting:
            connection, since = self._waiting[0]
            if connection.gone:
                pass
            elif time.monotonic_ns() - since > self._timeout:
                connection.returned(failed=errors.Busy("all query workers stayed taken: try again shortly"))
            elif not self._place(connection):
                return
            self._waiting.popleft()

    def look(self) -> None:
        """Looks after the workers from now on, while anything is lent or waits."""
        os.eventfd_write(self._wake, 1)

    def _free(self, child: Child) -> bool:
        if child.status is None or child.demoted or child in self._verdicts:
            return False
        words = child.status.words
        return not words[BUSY] or self._computed(child, words[STARTED]) < STEAL_SECONDS

    def _computed(self, child: Child, started: int) -> float:
        """How long a worker has computed for the request that began then, since it was first seen at it."""
        if self._seen.get(child, (0, 0.0))[0] != started:
            self._seen[child] = (started, child.seconds)
        if time.monotonic_ns() - started > OLD_SECONDS * NANO:
            return OLD_SECONDS
        return child.seconds - self._seen[child][1]

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
        while not self._closed:
            try:
                self._look_once()
            except Exception:  # whatever it is: without this thread every query would wait for ever
                _log.exception("looking after the query workers failed")
                time.sleep(FAILED_SECONDS)

    def _look_once(self) -> None:
        waiting = select.poll()
        waiting.register(self._wake, select.POLLIN)
        with self._lock:
            if self._closed:
                return
            watched = {child.control.fileno(): child for child in self._workers.present() if child.control}
            active = self._workers.wanted() or self.active
        for descriptor in watched:
            waiting.register(descriptor, select.POLLIN)
        events = waiting.poll(TICK_SECONDS * 1000 if active else None)
        with self._lock:
            if self._closed:
                return
            for descriptor, _ in events:
                if descriptor == self._wake:
                    os.eventfd_read(self._wake)
                elif watched[descriptor] in self._workers.present() and not self._receive(watched[descriptor]):
                    self._ended(watched[descriptor])
            for child in list(self._workers.present()):
                self._look_at(child)
            self._serve_waiting()
            if active:
                self._lock.notify_all()

    def _look_at(self, child: Child) -> None:
        if child.status is None or child in self._verdicts:
            return
        lent = self._lent.get(child)
        words = child.status.words
        busy = words[BUSY]
        if not lent or not busy:
            if child.demoted and not lent:
                self._finish(child, None)
            return
        # `busy` may have ended meanwhile and another begun: then the times are the newer one's, and nothing is due.
        begin, started, waits, now = words[BEGIN], words[STARTED], words[WAITING], time.monotonic_ns()
        # A client that reads slowly may keep a worker for longer than a query may take, but not while others wait for one.
        patience = self._timeout if waits and (self._workers.wanted() or self._waiting) else self._patience
        if (now - begin > self._timeout and not waits) or now - started > patience:
            self._verdicts[child] = errors.DeadlineExceeded(TOO_LONG)
            child.terminate()  # its connections come back when its end is seen
            return
        computed = self._computed(child, started)
        if computed > STEAL_SECONDS and any(number != busy for number in lent):
            self.reclaim(child)
        if computed > DEMOTE_SECONDS and not child.demoted and self._others(child) and self._workers.demote(child):
            self.reclaim(child)  # so that it gives back what it is at, once that is done

    def _others(self, child: Child) -> bool:
        """True if anything else is lent, or waits."""
        return bool(self._waiting) or any(lent for other, lent in self._lent.items() if other is not child)

    def _ended(self, child: Child) -> None:
        """A worker has ended: what it was at is answered with the reason, or asked again if there is none."""
        error = self._verdicts.pop(child, None) or child.ended()
        self._finish(child, None if isinstance(error, errors.WorkerDied) else error)

    def _finish(self, child: Child, error: errors.NewskgError | None) -> None:
        """Gives the connections of a worker back that has ended, or that has nothing more to do and ends now."""
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
        self._seen.pop(child, None)
        self._workers.lost(child, error)

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
