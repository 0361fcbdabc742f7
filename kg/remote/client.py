"""A client of one SPARQL server: whole graphs in and out by the Graph Store Protocol, and queries.

On urllib: SPARQLWrapper with digest authentication installs its own opener for the whole process.

Requests are repeated where the server fails or is out of reach, with a pause that doubles; each is safe to repeat, since a
graph is put as a whole (SPARQL 1.1 Graph Store HTTP Protocol, 5.3).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException
from typing import Any, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    parse_http_list,
    parse_keqv_list,
)

import pyoxigraph as ox

from kg import __version__
from kg.errors import StoreError
from kg.remote.server import Kind, Server, checked, kinds

T = TypeVar("T")
# Seconds without an answer before a request counts as failed: a server may take long over one large graph.
TIMEOUT = 600.0
# Attempts at one request, and the pause in seconds after the first that fails; it doubles: about a minute in all.
ATTEMPTS, PAUSE = 6, 2.0
# Statuses after which the same request may succeed.
PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
# Graphs that one counting query asks for: its text stays under the 10,000 lines that Virtuoso takes.
COUNTED = 200
EXCERPT = 200


class Remote:
    """A server that holds graphs. `user`, `password` and `token` come from the environment by default.

    Methods raise `StoreError` with the address, what the server said, and what to do.
    """

    def __init__(
        self,
        url: str,
        kind: str = "",
        *,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        pause: float = PAUSE,
    ) -> None:
        environment = os.environ.get
        self._user = user if user is not None else environment("NEWSKG_STORE_USER", "")
        self._password = password if password is not None else environment("NEWSKG_STORE_PASSWORD", "")
        self._token = token if token is not None else environment("NEWSKG_STORE_TOKEN", "")
        self._pause = pause
        url = checked(url)
        self.server = Server(url, self._known(url, kind))
        self._digest: HTTPDigestAuthHandler | None = None
        self._challenge: dict[str, str] = {}
        self._opener = self._open(self.server)

    def put(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        """Makes the graph hold just these triples."""
        self._send("PUT", graph, _ntriples(quads))

    def delete(self, graph: str) -> None:
        """Removes the graph; one that is not there is no error."""
        self._send("DELETE", graph, None)

    def triples(self, graph: str) -> Iterator[ox.Triple]:
        """What the server has in the graph."""
        body = self._send("GET", graph, None)
        for item in ox.parse(body, format=ox.RdfFormat.N_TRIPLES):
            yield item.triple

    def counts(self, graphs: Iterable[str]) -> dict[str, int]:
        """Triples in each of the graphs, as the server counts them."""
        found, names = {}, list(graphs)
        for start in range(0, len(names), COUNTED):
            part = names[start : start + COUNTED]
            values = " ".join(f"<{name}>" for name in part)
            rows = self.select(
                f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
            )
            counted = {row["g"]: int(row["n"]) for row in rows if "g" in row}
            found.update({name: counted.get(name, 0) for name in part})
        return found

    def query(self, body: bytes, accept: str, timeout: float) -> Any:
        """The open answer to a form-encoded query. Raises what `urllib` raises; the caller closes it."""
        request = Request(self.server.query, data=body, method="POST")
        request.add_header("User-Agent", f"newskg/{__version__}")
        request.add_header("Accept", accept)
        request.add_header("Content-Type", "application/x-www-form-urlencoded")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        return self._opener.open(request, timeout=timeout)

    def select(self, query: str) -> list[dict[str, str]]:
        """The rows of a SELECT query: the values of the bound variables, without their types."""

        def ask() -> Any:
            with self.query(urlencode({"query": query}).encode(), "application/sparql-results+json", TIMEOUT) as answer:
                return json.load(answer)

        answer = self._repeated(ask, self.server.query)
        bindings = cast(list[dict[str, dict[str, str]]], answer["results"]["bindings"])
        return [{name: term["value"] for name, term in row.items()} for row in bindings]

    def _send(self, method: str, graph: str, body: bytes | None) -> bytes:
        address = f"{self.server.data}?graph={quote(graph, safe='')}"

        def run() -> bytes:
            request = Request(address, data=body, method=method)
            request.add_header("User-Agent", f"newskg/{__version__}")
            if method == "GET":
                request.add_header("Accept", "application/n-triples")
            if body is not None:  # without Accept: Virtuoso answers a PUT over a graph that is there with 406
                request.add_header("Content-Type", "application/n-triples")
            if self._token:
                request.add_header("Authorization", f"Bearer {self._token}")
            elif self._digest and body is not None:
                self._authorise(request, self._digest)
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    return cast(bytes, answer.read())
            except HTTPError as error:
                if error.code == 404 and method in ("DELETE", "GET"):
                    return b""
                raise

        return self._repeated(run, address)

    def _authorise(self, request: Request, digest: HTTPDigestAuthHandler) -> None:
        """Answers the server's challenge (RFC 7616) before the body is sent: a server that asks for it meanwhile, as
        Virtuoso does, breaks the connection."""
        if not self._challenge:
            try:
                build_opener(ProxyHandler({})).open(f"{self.server.data}?graph=urn:none", timeout=TIMEOUT).close()
            except HTTPError as error:
                scheme, _, rest = error.headers.get("WWW-Authenticate", "").partition(" ")
                if scheme.lower() == "digest":
                    self._challenge = parse_keqv_list(parse_http_list(rest))
        if self._challenge:
            answer = digest.get_authorization(request, self._challenge)
            request.add_unredirected_header(digest.auth_header, f"Digest {answer}")

    def _repeated(self, run: Callable[[], T], address: str) -> T:
        """What `run` gives, tried again where the server may recover."""
        pause = self._pause
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return run()
            except HTTPError as error:
                said = error.read(4096).decode("utf-8", "replace").strip()[:EXCERPT]
                if error.code in (401, 403):
                    raise StoreError(
                        f"{address} refuses ({error.code}): set NEWSKG_STORE_USER and NEWSKG_STORE_PASSWORD, or "
                        "NEWSKG_STORE_TOKEN, to an account that may write there"
                    ) from None
                if error.code not in PASSING or attempt == ATTEMPTS:
                    raise StoreError(
                        f"{address} answers {error.code} ({said or error.reason}): see the server's log; the same "
                        "command goes on from here"
                    ) from None
            except (URLError, HTTPException, OSError, json.JSONDecodeError) as error:
                if attempt == ATTEMPTS:
                    raise StoreError(
                        f"{address} cannot be reached ({getattr(error, 'reason', error)}): start the server or correct the "
                        "address; the same command goes on from here"
                    ) from None
            time.sleep(pause)
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _open(self, server: Server) -> OpenerDirector:
        """An opener that sends credentials where it has them, and goes through no proxy."""
        handlers: list[Any] = [ProxyHandler({})]
        if self._user and not self._token:
            manager = HTTPPasswordMgrWithDefaultRealm()
            manager.add_password(None, server.url, self._user, self._password)
            if server.kind.auth == "digest":
                self._digest = HTTPDigestAuthHandler(manager)
            handlers.append(self._digest or HTTPBasicAuthHandler(manager))
        return build_opener(*handlers)

    def _known(self, url: str, name: str) -> Kind:
        """The kind of that name, or the one that the server says it is."""
        known = kinds()
        if name:
            if name not in known:
                raise StoreError(f"there is no kind of store {name!r}: use one of {', '.join(known)}")
            return known[name]
        opener = build_opener(ProxyHandler({}))

        def ask(kind: Kind) -> str | None:
            """The `Server` header of an answer to a query there, None if none is given."""
            address = f"{Server(url, kind).query}?query={quote('ASK {}')}"
            try:
                with opener.open(
                    Request(address, headers={"Accept": "application/sparql-results+json"}), timeout=30
                ) as a:
                    return str(a.headers.get("Server", ""))
            except HTTPError as error:
                # A store that wants a name for reading, too.
                return str(error.headers.get("Server", "")) if error.code in (401, 403) else None

        def discover() -> Kind | None:
            headers = {kind.name: said for kind in known.values() if (said := ask(kind)) is not None}
            for kind in known.values():
                if headers.get(kind.name, "").startswith(kind.server):
                    return kind
            return known[next(iter(headers))] if headers else None

        found = self._repeated(discover, url)
        if found is None:
            raise StoreError(
                f"{url} answers no SPARQL query at any path that is known ({', '.join(known)}): correct the address, or "
                "name the kind of server with --store-kind"
            )
        return found


def _ntriples(quads: Iterable[ox.Quad]) -> bytes:
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES) or b""
