"""The WSGI server's connections, those with a plain SPARQL request lent to the query workers.

Everything else stays with waitress: requests of all other kinds, limits on their heads and bodies, slow clients,
keep-alive, and the request that a worker gives back unread.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from contextlib import suppress
from typing import Any

import waitress
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from kg.errors import NewskgError
from kg.query.leases import Leases
from kg.query.plain import MAX_BYTES, plain_request
from kg.web.errors import as_json
from kg.web.security import HEADERS

# Where the error that a worker met waits for the application, which does not ask again.
FAILED = "newskg.failed"
# Bytes of an answer that may wait for a slow client, four of the workers' pieces.
BUFFER = 1 << 20
# Connections open at once; waitress' own limit of 100 is low for clients that keep theirs.
CONNECTIONS = 1000


class Task(WSGITask):  # type: ignore[misc]
    """A request for the application, with the error that a worker met in it."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        if self.channel.failed is not None:
            environ[FAILED], self.channel.failed = self.channel.failed, None
        return environ


class Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses before it is a request for the application, in the form of all refusals."""

    def execute(self) -> None:
        """Answers, and ends the connection."""
        error = self.request.error
        body = as_json(error.code, f"{error.reason}: {error.body}").encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        self.response_headers.extend(HEADERS.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. While it is lent, this process neither reads from it nor writes to it."""

    task_class = Task
    error_task_class = Refusal

    def __init__(self, server: Any, *arguments: Any, **more: Any) -> None:
        self.lent = self.ever_lent = False
        self.failed: NewskgError | None = None
        self._kept = False  # the next request is for this process, whatever it is
        self._active = 0.0
        self._writing = self._unsent = 0.0  # since when a thread waits, and since when something is to be sent
        super().__init__(server, *arguments, **more)

    @property
    def gone(self) -> bool:
        """True if it was closed."""
        return not self.connected

    def fileno(self) -> int:
        """Its descriptor. `OSError` if it was closed."""
        found = self.socket
        if found is None:
            raise OSError(errno.EBADF, "the connection was closed")
        return int(found.fileno())

    @property
    def last_activity(self) -> float:
        """When anything last happened, by which waitress closes unused connections; one that is lent is in use."""
        return time.time() if self.lent else self._active

    @last_activity.setter
    def last_activity(self, now: float) -> None:
        self._active = now

    def readable(self) -> bool:
        """True if data is wanted."""
        return not self.lent and bool(super().readable())

    def writable(self) -> bool:
        """True if there is data to send, or the connection is to be closed."""
        return not self.lent and bool(super().writable())

    def write_soon(self, data: Any) -> int:
        """Takes a part of an answer from a thread, which waits here while too much of what was before is not sent."""
        self._writing = time.time()
        if not self.total_outbufs_len:
            self._unsent = self._writing
        try:
            return int(super().write_soon(data))
        finally:
            self._writing = 0.0

    def end_if_stalled(self, before: float) -> None:
        """Closes the connection if a thread has been waiting for its client since then, or nothing of what is to be sent
        was taken. (Waitress would wait until there is room to send, which such a client never makes.)"""
        untaken = self.total_outbufs_len and not self.lent and max(self.last_activity, self._unsent) < before
        if untaken or 0 < self._writing < before:
            self.handle_close()

    def handle_read(self) -> None:
        """Data has come: lends the connection, or reads."""
        if self._kept or self.request is not None or self.requests or self.total_outbufs_len or not self._lend():
            self._kept = False
            super().handle_read()

    def _lend(self) -> bool:
        leases: Leases | None = self.server.leases
        if leases is None:
            return False
        try:
            data = self.socket.recv(MAX_BYTES + 1, socket.MSG_PEEK)
        except OSError:
            return False
        if plain_request(data) is None:
            return False
        self.lent = True  # before it is, so that it may come back at once
        if leases.lend(self):
            self.ever_lent = True
            return True
        self.lent = False
        return False

    def returned(
        self,
        *,
        failed: NewskgError | None = None,
        refused: bool = False,
        broken: bool = False,
        close: bool = False,
        rest: bytes = b"",
    ) -> None:
        """A worker, or who looks after it, gives the connection back."""
        self.last_activity = time.time()
        self.failed = failed
        self._kept = refused or failed is not None
        if rest:
            with self.outbuf_lock:
                self.outbufs[-1].append(rest)
                self.current_outbuf_count += len(rest)
                self.total_outbufs_len += len(rest)
        if broken:
            self.will_close = True
        elif close:
            self.close_when_flushed = True
        self.lent = False
        self.server.pull_trigger()

    def handle_close(self) -> None:
        """Closes the connection; a worker may still have a descriptor of it, which alone would keep it open."""
        if self.ever_lent and self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        super().handle_close()


def create_server(
    app: Any,
    listener: socket.socket,
    leases: Leases | None,
    threads: int,
    max_body: int,
    patience: float,
    proxies: int = 0,
) -> Any:
    """The WSGI server on a listening socket. `max_body` is in MiB; a client has `patience` seconds to take a piece of an
    answer that does not fit into the buffer any more; what that many `proxies` say of the client is believed."""
    believed: dict[str, Any] = {}
    if proxies > 0:
        names = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
        believed = {"trusted_proxy": "*", "trusted_proxy_count": proxies, "trusted_proxy_headers": names}
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # requests wait for a thread: normal under load
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=threads,
        ident=None,
        log_socket_errors=False,
        asyncore_use_poll=True,  # select knows no descriptor beyond 1023
        connection_limit=CONNECTIONS,
        cleanup_interval=max(int(min(patience / 4, 10)), 1),
        # Somewhat too large a body is read to its end and answered with 413; only a far larger one is cut off.
        max_request_body_size=(max_body << 21) + (1 << 20),
        clear_untrusted_proxy_headers=True,
        **believed,
        # An answer waits for its client in memory up to this much, never in a temporary file.
        outbuf_high_watermark=BUFFER,
        outbuf_overflow=2 * BUFFER,
    )
    server.channel_class, server.leases = Channel, leases
    close_unused = server.maintenance

    def maintenance(now: float) -> None:
        close_unused(now)
        for channel in list(server.active_channels.values()):
            channel.end_if_stalled(now - patience)

    server.maintenance = maintenance
    return server
