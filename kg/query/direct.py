"""The worker's side of plain requests: it answers them on the client's own connection, which its parent lends it.

A request that goes through two processes costs twice what it costs in one. So the parent hands the descriptor of a
connection over (`kg.query.leases`), and the worker reads the plain queries that come on it and answers them itself. The
worker keeps nothing of a request: it looks at the bytes without taking them from the socket, until the answer begins.
So a connection can be given back at any moment before, with the request unread: when the request is not plain, when it
fails, when the parent ends the worker.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from kg import errors
from kg.query import journal
from kg.query.encodings import CODERS, MINIMUM, Coder
from kg.query.entry import as_report, guard
from kg.query.frames import LEASE, RELEASE, json_frame, write_all
from kg.query.plain import MAX_BYTES, Plain, content_type, date, plain_request, tag, truncated
from kg.query.status import NAME, SENT, Status
from kg.query.worker import Output, Worker
from kg.store import current_snapshot

# An unused connection goes back to the parent after this many seconds, which knows how long to keep it.
IDLE_SECONDS = 1.0
PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT


class NotPlain(Exception):
    """The request is for the parent."""


class Gone(Exception):
    """The client has gone, or the answer broke off: the connection is of no more use."""


@dataclass(slots=True)
class Lease:
    """A connection on loan."""

    number: int
    generation: int
    socket: socket.socket
    used: float


class Direct:
    """Waits for requests on leased connections, for new leases, and for the parent's own requests.

    `settings`: descriptors `status`, `leases`, `log`; `folder` of the store; `base`, `union` and `max_rows` of
    queries; `headers` that all answers have. `at_work` is held from where a request's answer may begin to its end.
    """

    def __init__(self, worker: Worker, settings: dict[str, Any], at_work: threading.Lock) -> None:
        self._worker = worker
        self._at_work = at_work
        self._folder = Path(settings["folder"])
        self._asked = {name: settings[name] for name in ("base", "union", "max_rows")}
        self._headers = tuple((name, text) for name, text in settings["headers"])
        self._lines = lru_cache(256)(self._make_lines)
        self._log = settings["log"]
        self._status = Status(settings["status"])
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=settings["leases"])
        self._leases: dict[int, Lease] = {}
        self._poll = select.epoll()
        # One for all: allocating so much for each request costs a tenth of a short query's time.
        self._buffer = memoryview(bytearray(MAX_BYTES + 1))

    def run(self, serve: Callable[[], bool]) -> None:
        """Answers until the parent closes its end; `serve` answers one request from the parent."""
        for descriptor in (0, self._control.fileno()):
            self._poll.register(descriptor, select.EPOLLIN)
        sweep = 0.0
        while True:
            for descriptor, _ in self._poll.poll(IDLE_SECONDS if self._leases else None):
                if descriptor == 0:
                    with self._at_work:
                        if not serve():
                            return
                elif descriptor == self._control.fileno():
                    if not self._take():
                        return
                elif descriptor in self._leases:
                    self._turn_to(self._leases[descriptor])
            now = time.monotonic()
            if now >= sweep:
                sweep = now + IDLE_SECONDS
                for lease in [lease for lease in self._leases.values() if lease.used < now - IDLE_SECONDS]:
                    self._release(lease)

    def _take(self) -> bool:
        """Takes a new lease; False if the parent is gone."""
        data, descriptors, _, _ = socket.recv_fds(self._control, LEASE.size, 1)
        if not data or not descriptors:
            return False
        number, generation = LEASE.unpack(data)
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=descriptors[0])
        lease = Lease(number, generation, connection, time.monotonic())
        self._leases[descriptors[0]] = lease
        self._turn_to(lease)
        if descriptors[0] in self._leases:
            self._poll.register(descriptors[0], select.EPOLLIN)
        return True

    def _drop(self, lease: Lease) -> None:
        """Forgets a lease."""
        descriptor = lease.socket.fileno()
        del self._leases[descriptor]
        with suppress(OSError):  # one that has only just come is not registered
            self._poll.unregister(descriptor)
        lease.socket.close()

    def _release(self, lease: Lease, **why: Any) -> None:
        """Gives a lease back. `close`: its client is done; `broken`: what was sent must not look whole; `rest`: how
        many bytes of the answer follow, which the client was too slow for; `error`, `message`: why the request, still
        unread, failed."""
        self._drop(lease)
        rest = why.pop("rest", b"")
        report = json_frame(RELEASE, {"lease": lease.number, "rest": len(rest), **why})
        write_all(self._control.fileno(), report + rest)

    def _turn_to(self, lease: Lease) -> None:
        """Answers the request that has come on a leased connection."""
        with self._at_work:
            self._see_to(lease)

    def _see_to(self, lease: Lease) -> None:
        if not self._status.begin(lease.number, lease.generation):
            self._drop(lease)
            return
        why: dict[str, Any] | None = None
        try:
            why = self._request(lease)
            lease.used = time.monotonic()
        except NotPlain:
            why = {"refused": True}
        except Gone:
            why = {"broken": True}
        # The parent takes the connection back on its own once the worker is free; so what it must know comes before.
        if why is not None:
            self._release(lease, **why)
        if not self._status.done(lease.generation) and why is None:
            self._release(lease)

    def _request(self, lease: Lease) -> dict[str, Any] | None:
        """Answers a request; what to give the lease back for, if for anything."""
        try:
            size = lease.socket.recv_into(self._buffer, 0, PEEK)
            request = plain_request(bytes(self._buffer[:size]))
        except BlockingIOError:
            return None
        if request is None or "service" in request.query.lower():  # the server asks other endpoints, a worker cannot
            raise NotPlain
        name = journal.query_hash(request.query)
        self._status.words[NAME] = int(name, 16)
        begin = time.monotonic_ns()
        failures: list[errors.NewskgError] = []
        answer: Answer | None = None

        def open_output(head: dict[str, Any]) -> Output:
            nonlocal answer
            answer = Answer(head, self._status, lease.socket, request, self._fields(head, request))
            return answer

        guard(partial(self._answer, request, open_output), failures.append, "query", "")
        if answer is not None and answer.stopped:
            failures.clear()
        if failures and isinstance(failures[0], errors.NotAllowed):
            raise NotPlain  # the parent may ask a service that it allows
        taken = time.monotonic_ns() - begin
        gone = answer is not None and answer.gone
        outcome = "closed" if gone else type(failures[0]).__name__ if failures else "ok"
        rows = answer.rows.total if answer is not None and answer.begun else None
        self._status.count(taken)
        os.write(self._log, journal.line(journal.message(name, taken / 1e9, rows, outcome)))
        if gone or (failures and answer is not None and answer.begun):
            raise Gone
        if failures:
            return as_report(failures[0])
        assert answer is not None
        if answer.rest or request.headers.close:
            return {"rest": answer.rest, "close": request.headers.close}
        return None

    def _answer(self, request: Plain, out: Callable[[dict[str, Any]], Output]) -> None:
        snapshot = current_snapshot(self._folder)
        if snapshot is None:
            raise errors.WorkerDied("nothing is published")
        self._snapshot = snapshot.id
        self._worker.answer(
            {
                "do": "query",
                "query": request.query,
                "format": request.format,
                "accept": request.headers.accept,
                "snapshot": str(snapshot.path),
                **self._asked,
            },
            out,
        )

    def _fields(self, head: dict[str, Any], request: Plain) -> bytes:
        asked = (request.headers.accept, request.format, request.headers.close)
        return self._lines(head["media_type"], bool(head.get("cut")), self._snapshot, head["changing"], *asked)

    def _make_lines(
        self, media: str, cut: bool, snapshot: str, changing: bool, accept: str | None, shown: str | None, close: bool
    ) -> bytes:
        """The header lines of an answer, but for its length."""
        found = [*self._headers, ("Content-Type", content_type(media))]
        found += [("X-Newskg-Snapshot", snapshot), ("Vary", "Accept, Accept-Encoding")]
        if cut:
            found.append(truncated(self._asked["max_rows"]))
        if not changing:
            found += [("ETag", tag(snapshot, accept or "", shown or "")), ("Cache-Control", "no-cache")]
        if close:
            found.append(("Connection", "close"))
        return "".join(f"{name}: {text}\r\n" for name, text in found).encode("latin-1")


class Answer(Output):
    """An answer written to a client's connection: with its length if it is short, else in chunks while it is made."""

    def __init__(
        self, head: dict[str, Any], status: Status, connection: socket.socket, request: Plain, lines: bytes
    ) -> None:
        super().__init__(head, connection.fileno())
        self._status = status
        self._socket = connection
        self._request = request
        self._lines = lines
        self._coder: Coder | None = None
        self.begun = False
        self.gone = self.stopped = False
        self.rest = b""
        """What of a short answer the client was too slow for."""

    def send(self, piece: bytes, *, first: bool, last: bool) -> None:
        """Sends a piece."""
        start = b""
        if first:
            coding = self._request.headers.coding
            lines = self._lines
            if coding and (not last or len(piece) >= MINIMUM):
                self._coder = CODERS[coding]()
                lines += b"Content-Encoding: %b\r\n" % coding.encode()
            if last:
                piece = self._coded(piece, last=True)
                lines += b"Content-Length: %d\r\n" % len(piece)
            else:
                lines += b"Transfer-Encoding: chunked\r\n"
            start = b"HTTP/1.1 200 OK\r\n" + date() + lines + b"\r\n"
            self._status.words[SENT] = 1
            self.begun = True
            self._socket.recv(self._request.size)  # from here on the request is not unread any more
        if self._request.head:
            self._write_whole(start)
            if not last:
                self.stopped = True
                raise ConnectionAbortedError  # ends the evaluation, of which no more is wanted
            return
        if first and last:
            self._write_whole(start + piece)
            return
        data = self._coded(piece, flush=first, last=last)
        chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        self._write(start + chunk + (b"0\r\n\r\n" if last else b""))

    def _coded(self, piece: bytes, *, flush: bool = False, last: bool = False) -> bytes:
        if self._coder is None:
            return piece
        data = self._coder.add(piece, flush)
        return data + self._coder.end() if last else data

    def _write_whole(self, data: bytes) -> None:
        """Writes as much as the client takes at once; the parent gets the rest, so that the worker need not wait."""
        try:
            sent = os.write(self._descriptor, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.gone = True
            return
        self.rest = data[sent:]

    def _write(self, data: bytes) -> None:
        """Writes everything, waiting for the client. The time of waiting is not the query's."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:
                since = time.monotonic_ns()
                self._status.waits(True, since)
                waiting = select.poll()
                waiting.register(self._descriptor, select.POLLOUT)
                waiting.poll()
                self._status.waits(False, since)
            except OSError:
                self.gone = True
                raise ConnectionAbortedError from None
