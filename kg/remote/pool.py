"""Queries passed on to a server, for `kg serve --store URL`: the same requests and answers as the pool of workers has.

An answer is read whole before it is passed on, up to a limit: a server that breaks off shows as an error, not as a short answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox

from kg.errors import (
    Busy,
    DeadlineExceeded,
    NewskgError,
    NotAllowed,
    QueryError,
    ResourceExceeded,
    StoreError,
    UnknownName,
)
from kg.prefixes import PREFIXES
from kg.query import formats, results
from kg.query.answers import Answer
from kg.query.pool import Limits
from kg.query.status import Durations
from kg.query.tokens import Token, changes_by_itself, check_remote, has_from, tokenise
from kg.query.worker import GRAPH_FORMATS
from kg.remote.client import Remote
from kg.store import Snapshot

# Bytes of one answer; beyond this a client should ask the server itself.
MOST = 512 * 2**20
PIECE = 1 << 16
EXCERPT = 300
KINDS: dict[str, formats.Kind] = {"SELECT": "bindings", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
ACCEPT = {"bindings": "application/sparql-results+json", "boolean": "application/sparql-results+json"}


class RemotePool:
    """Evaluates queries on a server. As many at a time as `limits` has workers and places in the queue."""

    leases = None

    def __init__(self, folder: Path, base: str, remote: Remote, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self._base, self._remote = base, remote
        self._places = threading.BoundedSemaphore(limits.workers + limits.queue)
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._started = f"{time.time_ns():x}"
        self.counts = {"queries": 0, "timeouts": 0, "busy": 0, "memory": 0, "restarts": 0}

    @property
    def filtered(self) -> bool:
        """Whether the kernel filters the system calls of what evaluates queries: that is not ours to say."""
        return False

    @property
    def version_id(self) -> str:
        """See `version`."""
        return self.version().id

    def version(self) -> Snapshot:
        """A version that is never given twice: a server may change at any time, so no answer may be kept."""
        return Snapshot(f"remote-{self._started}-{next(self._numbers)}", self.folder, self._base)

    def run(self, request: dict[str, Any], timeout: float | None = None) -> Answer:
        """The answer to a request (see `kg.query.worker`). Raises as `kg.query.pool.Pool.run` does."""
        if not self._places.acquire(blocking=False):
            self._count("busy")
            raise Busy("all places at the server are taken: try again shortly")
        try:
            self._count("queries")
            operations = {"query": self._query, "graph": self._graph}
            head, data, rows = operations[request["do"]](request, timeout or self.limits.timeout)
            return Answer({**head, "length": len(data)}, self.version(), _Bytes(data), {"rows": rows})
        except DeadlineExceeded:
            self._count("timeouts")
            raise
        except ResourceExceeded:
            self._count("memory")
            raise
        finally:
            self._places.release()

    def durations(self) -> Durations:
        """None of its own: all requests go through the application."""
        return Durations()

    def close(self) -> None:
        """Nothing is kept open."""

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1

    def _query(self, request: dict[str, Any], timeout: float) -> tuple[dict[str, Any], bytes, int | None]:
        text = request["query"]
        tokens = tokenise(text)
        check_remote(tokens, "SERVICE", tuple(self.limits.service.split()))
        kind = _kind(tokens)
        item, media = _choose(request, kind)
        fields = [("query", _with_base(text, tokens, request.get("base")))]
        fields += [("default-graph-uri", name) for name in request.get("default_graphs") or ()]
        fields += [("named-graph-uri", name) for name in request.get("named_graphs") or ()]
        if len(fields) == 1 and request.get("union") and not has_from(tokens):
            fields += parse_qsl(self._remote.server.kind.union, keep_blank_values=True)
        data = self._ask(urlencode(fields).encode(), ACCEPT.get(kind, "application/n-triples"), timeout)
        head: dict[str, Any] = {"kind": kind, "format": item.name, "media_type": media}
        head["changing"] = changes_by_itself(tokens)
        limit = int(request.get("max_rows") or 0)
        if kind == "graph":
            # Virtuoso repeats a triple that stands in several graphs.
            triples = list(dict.fromkeys(found.triple for found in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)))
            head["cut"] = bool(limit) and len(triples) > limit
            return head, _graph_bytes(triples[: limit or None], item.name), len(triples)
        found = ox.parse_query_results(_modern(data), format=ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QueryBoolean):
            return head, found.serialize(format=_result_format(item.name)) or b"", None
        variables = [variable.value for variable in found.variables]
        rows = list(islice(found, limit + 1)) if limit else list(found)
        head["cut"] = bool(limit) and len(rows) > limit
        sink = _Sink()
        results.write(item.name, variables, rows[: limit or None], sink, cut=head["cut"])
        return head, b"".join(sink.parts), len(rows)

    def _graph(self, request: dict[str, Any], timeout: float) -> tuple[dict[str, Any], bytes, int | None]:
        name = request.get("graph")
        if not name:
            raise NotAllowed("the whole dataset is not passed on: ask the server behind this one, or name a graph")
        item, media = _choose(request, "graph")
        # A query, since Virtuoso gives graphs out only to those who may write.
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {ox.NamedNode(name)} {{ ?s ?p ?o }} }}"
        data = self._ask(urlencode({"query": text}).encode(), "application/n-triples", timeout)
        triples = list(dict.fromkeys(found.triple for found in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)))
        if not triples:
            raise UnknownName(f"there is no graph {name}")
        return (
            {"kind": "graph", "format": item.name, "media_type": media},
            _graph_bytes(triples, item.name),
            len(triples),
        )

    def _ask(self, body: bytes, accept: str, timeout: float) -> bytes:
        """What the server answers to a query, read to its end within the time."""
        url, end, parts, size = self._remote.server.query, time.monotonic() + timeout, [], 0
        try:
            with self._remote.query(body, accept, timeout) as answer:
                while piece := answer.read1(PIECE):
                    size += len(piece)
                    if size > MOST:
                        raise ResourceExceeded(
                            f"the answer is larger than {MOST >> 20} MiB: ask for less, or {url} itself"
                        )
                    if time.monotonic() > end:
                        raise DeadlineExceeded(f"the query took longer than {timeout:g} seconds: ask for less")
                    parts.append(piece)
        except HTTPError as error:
            said = error.read(4096).decode("utf-8", "replace").strip()[:EXCERPT]
            raise _refused(error.code, said, url) from None
        except TimeoutError:
            raise DeadlineExceeded(f"the query took longer than {timeout:g} seconds: ask for less") from None
        except (URLError, HTTPException, OSError) as error:
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise DeadlineExceeded(f"the query took longer than {timeout:g} seconds: ask for less") from None
            raise StoreError(
                f"{url} cannot be reached ({getattr(error, 'reason', error)}): start that server"
            ) from None
        return b"".join(parts)


def _refused(status: int, said: str, url: str) -> NewskgError:
    if status in (408, 504):
        return DeadlineExceeded(f"the server behind this one gave up ({said}): ask for less")
    if status in (429, 503):
        return Busy(f"the server behind this one is busy ({said}): try again shortly")
    if status in (401, 403):
        return StoreError(
            f"{url} refuses ({status}): set NEWSKG_STORE_USER and NEWSKG_STORE_PASSWORD, or NEWSKG_STORE_TOKEN"
        )
    return QueryError(f"the query was refused ({status}): {said}")


def _kind(tokens: list[Token]) -> formats.Kind:
    """The kind of answer of a query, by its first form. `QueryError` if it has none."""
    for token in tokens:
        if token.keyword in KINDS:
            return KINDS[token.keyword]
    raise QueryError("the query has no SELECT, ASK, CONSTRUCT or DESCRIBE: send one")


def _with_base(text: str, tokens: list[Token], base: str | None) -> str:
    """The query with its base, unless it states one; on the first line, so that lines keep their numbers."""
    if not base or any(token.keyword == "BASE" for token in tokens):
        return text
    return f"BASE <{base}> {text}"


def _choose(request: dict[str, Any], kind: formats.Kind) -> tuple[formats.Format, str]:
    if request.get("format"):
        item = formats.named(request["format"], kind)
        return item, item.media_type
    return formats.negotiate(request.get("accept"), kind)


def _modern(data: bytes) -> bytes:
    """SPARQL 1.1 JSON; Virtuoso 7 still writes `typed-literal`, the name before the Recommendation, and a row for ASK."""
    if b"typed-literal" not in data and b"__ASK_RETVAL" not in data:
        return data
    answer = json.loads(data)
    if answer.get("head", {}).get("vars") == ["__ASK_RETVAL"]:
        rows = answer["results"]["bindings"]
        return json.dumps({"head": {}, "boolean": any(r["__ASK_RETVAL"]["value"] == "1" for r in rows)}).encode()
    for row in answer.get("results", {}).get("bindings", ()):
        for term in row.values():
            if term.get("type") == "typed-literal":
                term["type"] = "literal"
    return json.dumps(answer).encode()


def _result_format(name: str) -> ox.QueryResultsFormat:
    return {
        "json": ox.QueryResultsFormat.JSON,
        "xml": ox.QueryResultsFormat.XML,
        "csv": ox.QueryResultsFormat.CSV,
        "tsv": ox.QueryResultsFormat.TSV,
    }[name]


def _graph_bytes(triples: list[ox.Triple], name: str) -> bytes:
    return ox.serialize(sorted(triples, key=str), format=GRAPH_FORMATS[name], prefixes=PREFIXES) or b""


class _Sink:
    """Takes the parts of an answer."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Takes bytes."""
        self.parts.append(data)
        return len(data)


class _Bytes:
    """An answer that is complete."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._data,) if self._data else ())

    def close(self) -> None:
        """Nothing is left to do."""
