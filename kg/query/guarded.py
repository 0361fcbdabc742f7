"""Asking another SPARQL endpoint for the rows of a pattern: only where the operator allows it, and never inside our network.

The address must begin with an allowed prefix, of the same scheme and host; every address that the host's name stands for
must be public, and the connection goes to the one that was checked, so that a name cannot change its meaning in between
(DNS rebinding). Redirects pass the same checks. See OWASP, Server-Side Request Forgery Prevention.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from kg import __version__
from kg.errors import NotAllowed, OnlineError

# More is no part of a query but a copy of another store; it would be held in the server's memory.
MAX_BYTES, MAX_ROWS = 10 << 20, 10_000
REDIRECTS = 3
ACCEPT = "application/sparql-results+json"
# For tests alone, which have no public address to ask: lets loopback addresses pass.
LOOPBACK = "KG_TEST_LOOPBACK_SERVICES"


@dataclass(frozen=True, slots=True)
class Guard:
    """Asks endpoints whose addresses begin with one of `allowed`, until `deadline` (of `time.monotonic`)."""

    allowed: tuple[str, ...]
    deadline: float

    def rows(self, address: str, query: str) -> tuple[list[str], list[dict[str, Any]]]:
        """The variables and the bindings that the endpoint answers. `NotAllowed`, or `OnlineError` if there is no answer."""
        body = urlencode({"query": query})
        for _ in range(REDIRECTS + 1):
            status, target, data = self._post(address, body)
            if status not in (301, 302, 303, 307, 308):
                break
            address = urljoin(address, target)
        else:
            raise OnlineError(f"SERVICE <{address}> redirects without end: write the address that it means")
        if status != 200:
            raise OnlineError(f"SERVICE <{address}> answered {status}: try the query there first")
        return _parse(address, data)

    def _post(self, address: str, body: str) -> tuple[int, str, bytes]:
        parts = self._check(address)
        try:
            connection = _connect(parts.scheme, str(parts.hostname), parts.port, self._left(address))
            try:
                path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
                head = {
                    "Host": parts.netloc,
                    "Accept": ACCEPT,
                    "Content-Type": "application/x-www-form-urlencoded",
                    "User-Agent": f"newskg/{__version__}",
                }
                connection.request("POST", path, body, head)
                answer = connection.getresponse()
                return answer.status, answer.headers.get("Location", ""), self._read(address, connection, answer)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OnlineError(f"SERVICE <{address}> gives no answer ({error}): try again later") from None

    def _check(self, address: str) -> Any:
        try:
            parts = urlsplit(address)
            allowed = any(
                address.startswith(prefix) and urlsplit(prefix)[:2] == parts[:2] and parts.scheme in ("http", "https")
                for prefix in self.allowed
            )
            if allowed and parts.hostname and "@" not in parts.netloc and parts.port != 0:
                return parts
        except ValueError:
            pass
        raise NotAllowed(f"SERVICE <{address}> is not allowed here: only what begins with {' or '.join(self.allowed)}")

    def _left(self, address: str) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OnlineError(f"SERVICE <{address}> took longer than a query may: make its pattern more selective")
        return left

    def _read(self, address: str, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            if connection.sock is not None:
                connection.sock.settimeout(self._left(address))
            part = answer.read1(1 << 16)
            self._left(address)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise OnlineError(
                    f"SERVICE <{address}> answers more than {MAX_BYTES >> 20} MiB: make it more selective"
                )


def _connect(scheme: str, host: str, port: int | None, timeout: float) -> http.client.HTTPConnection:
    """A connection to a checked address of the host."""
    found = socket.getaddrinfo(host, port or (443 if scheme == "https" else 80), type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    loopback = os.environ.get(LOOPBACK) == "1"
    if not addresses or not all(public(address) or (loopback and address.is_loopback) for address in addresses):
        raise NotAllowed(f"SERVICE of {host} is not allowed here: it is an address inside a network, not a public one")
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    connection.sock = socket.create_connection((str(addresses[0]), int(found[0][4][1])), timeout)
    if scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
    return connection


def public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """True for an address of the public internet; an IPv6 address that carries an IPv4 one is taken for that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 (RFC 6052)
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _parse(address: str, data: bytes) -> tuple[list[str], list[dict[str, Any]]]:
    try:
        found = json.loads(data)
        names, rows = found["head"]["vars"], found["results"]["bindings"]
        if not all(isinstance(name, str) and name.isidentifier() for name in names) or not isinstance(rows, list):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OnlineError(f"SERVICE <{address}> answers no SPARQL results in JSON: try the query there first") from None
    if len(rows) > MAX_ROWS:
        raise OnlineError(f"SERVICE <{address}> answers {len(rows)} rows, more than {MAX_ROWS}: make it more selective")
    return names, rows
