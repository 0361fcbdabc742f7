"""A query worker: `python -m kg.query.worker --memory MIB`. Evaluates queries on a published snapshot, contained.

It reads requests from its standard input and writes frames to its standard output; nobody is meant to run it by hand.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache, partial
from itertools import islice
from typing import IO, Any, cast

import pyoxigraph as ox

from kg import errors
from kg.prefixes import PREFIXES
from kg.query import formats, results
from kg.query.entry import begin, guard, reporter, start
from kg.query.frames import ANSWER, DATA, END, frame, json_frame, read_frame, write_all
from kg.query.tokens import changes_by_itself, check_nesting, check_remote, has_from, notable, syntax_message
from kg.store import current_snapshot

# An answer up to this size is sent in one piece with its length; a longer one in pieces of this size.
PIECE_BYTES = 1 << 18

RESULT_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
# Formats of graphs that have comments.
COMMENTED = ("turtle", "ntriples", "trig", "nquads")


class Output:
    """A binary file that sends an answer in frames: small ones whole, long ones while they are made."""

    def __init__(self, head: dict[str, Any], descriptor: int) -> None:
        self.head = head
        self.rows = results.RowCounter(str(head["format"]))
        self._descriptor = descriptor
        self._parts: list[bytes] = []
        self._size = 0
        self._started = False

    def write(self, data: bytes) -> int:
        """Takes a part of the answer."""
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= PIECE_BYTES:
            self._pass(last=False)
        return len(data)

    @property
    def file(self) -> IO[bytes]:
        """Itself, as the engine's signatures want it; `write` and `flush` are all that the engine uses."""
        return cast(IO[bytes], self)

    def flush(self) -> None:
        """Does nothing: pieces are sent when they are full."""

    def _pass(self, *, last: bool) -> None:
        piece = b"".join(self._parts)
        self._parts, self._size = [], 0
        self.rows.feed(piece)
        first, self._started = not self._started, True
        self.send(piece, first=first, last=last)

    def send(self, piece: bytes, *, first: bool, last: bool) -> None:
        """Sends a piece of the answer; one that is both first and last is the whole."""
        data = frame(DATA, piece) if piece else b""
        if first:
            data = json_frame(ANSWER, {**self.head, **({"length": len(piece)} if last else {})}) + data
        if last:
            data += json_frame(END, {"rows": self.rows.total})
        write_all(self._descriptor, data)

    def close(self) -> None:
        """Sends the rest and says that the answer is complete."""
        self._pass(last=True)


# Opens the output of an answer whose head is known.
Opener = Callable[[dict[str, Any]], Output]


class Worker:
    """Answers requests one after another; keeps the snapshot open that the last one named."""

    def __init__(self) -> None:
        self._path = ""
        self._store: ox.Store | None = None

    def store(self, path: str) -> ox.Store:
        """The snapshot at that path, opened read-only. `WorkerDied` if it is gone: the parent asks again with a newer
        one."""
        if path != self._path or self._store is None:
            self._store, self._path = None, ""
            try:
                self._store = ox.Store.read_only(path)
            except OSError as error:
                raise errors.WorkerDied(f"the snapshot cannot be opened ({error}): send the request again") from None
            self._path = path
        return self._store

    def open_ahead(self, folder: str) -> None:
        """Opens what is published now, so that the first query need not wait for it."""
        with suppress(errors.NewskgError):
            found = current_snapshot(folder)
            if found is not None:
                self.store(str(found.path))

    def answer(self, request: dict[str, Any], out: Opener) -> None:
        """Answers one request through the output that `out` opens."""
        operations = {"query": self.query, "graph": self.graph}
        operations[request["do"]](self.store(request["snapshot"]), request, out)

    def query(self, store: ox.Store, request: dict[str, Any], out: Opener) -> None:
        """Evaluates a query and sends its result in the format that was asked for or that suits the Accept header."""
        text = request["query"]
        tokens = notable(text)
        defaults, named = request.get("default_graphs"), request.get("named_graphs")
        protocol = defaults is not None or named is not None
        found: Any
        try:
            check_nesting(text)
            check_remote(tokens, "SERVICE", ())
            if protocol:
                found = store.query(
                    text, base_iri=request.get("base"), default_graph=_graphs(defaults), named_graphs=_graphs(named)
                )
            else:
                # The engine's union switch would override the query's own FROM.
                union = bool(request.get("union")) and not has_from(tokens)
                found = store.query(text, base_iri=request.get("base"), use_default_graph_as_union=union)
        except SyntaxError as error:
            raise errors.QueryError(f"the query is not well-formed: {syntax_message(text, error)}") from None
        except RuntimeError as error:
            raise errors.Unsupported(f"{error}: remove it, or compute it after the query") from None
        kind = _kind(found)
        item, media = _choose(request, kind)
        head: dict[str, Any] = {"kind": kind, "format": item.name, "media_type": media}
        head["changing"] = changes_by_itself(tokens)
        limit = int(request.get("max_rows") or 0)
        safe = bool(request.get("safe")) and item.name == "csv"
        if kind == "bindings" and (limit or safe):
            rows, cut = found, False
            if limit:
                kept_rows = list(islice(found, limit + 1))
                rows, cut = kept_rows[:limit], len(kept_rows) > limit
                head["cut"] = cut
            names = [variable.value for variable in found.variables]
            output = out(head)
            results.write(item.name, names, rows, output, cut=cut, safe=safe)
        elif kind == "graph":
            triples: Any = found
            if limit:
                kept = list(islice(found, limit + 1))
                head["cut"], triples = len(kept) > limit, kept[:limit]
            output = out(head)
            if head.get("cut") and item.name in COMMENTED:
                output.file.write(f"# truncated: only the first {limit} triples are here\n".encode())
            _serialise(triples, output, item.name)
        else:
            output = out(head)
            found.serialize(output.file, RESULT_FORMATS[item.name])
        output.close()

    def graph(self, store: ox.Store, request: dict[str, Any], out: Opener) -> None:
        """Sends one graph (`graph` is its IRI, empty for the default graph) or, without `graph`, the whole dataset."""
        name = request.get("graph")
        graph = ox.NamedNode(name) if name else ox.DefaultGraph()
        if name and not store.contains_named_graph(graph):
            raise errors.UnknownName(f"there is no graph {name}")
        item, media = _choose(request, "dataset" if name is None else "graph")
        output = out({"kind": "graph", "format": item.name, "media_type": media})
        if name is None:
            store.dump(output.file, GRAPH_FORMATS[item.name], prefixes=PREFIXES)
        else:
            _serialise((quad.triple for quad in store.quads_for_pattern(None, None, None, graph)), output, item.name)
        output.close()


def _serialise(triples: Iterable[Any], output: Output, name: str) -> None:
    if isinstance(triples, ox.QueryTriples) and name in ("ntriples", "nquads", "jsonld"):
        triples.serialize(output.file, GRAPH_FORMATS[name])
        return
    ox.serialize(triples, output.file, GRAPH_FORMATS[name], prefixes=PREFIXES)


def _kind(found: Any) -> formats.Kind:
    if isinstance(found, ox.QuerySolutions):
        return "bindings"
    return "boolean" if isinstance(found, ox.QueryBoolean) else "graph"


def _choose(request: dict[str, Any], kind: formats.Kind) -> tuple[formats.Format, str]:
    if request.get("format"):
        item = formats.named(request["format"], kind)
        return item, item.media_type
    return _negotiate(request.get("accept"), kind)


_negotiate = lru_cache(256)(formats.negotiate)


def _graphs(names: list[str] | None) -> list[Any]:
    try:
        return [ox.NamedNode(name) for name in names or ()]
    except ValueError as error:
        raise errors.QueryError(f"default-graph-uri and named-graph-uri must be absolute IRIs: {error}") from None


def serve(worker: Worker, output: int) -> bool:
    """Answers one request from standard input; False once it is closed."""
    try:
        _, payload = read_frame(0)
        action = partial(worker.answer, json.loads(payload), partial(Output, descriptor=output))
        guard(action, reporter(output), "query", "")
    except (EOFError, BrokenPipeError):
        return False
    return True


def main() -> None:
    """Runs the worker until its input is closed."""
    _, output = start("query worker")
    worker = Worker()
    while serve(worker, output):
        pass


def run(memory: int, direct: dict[str, Any]) -> None:
    """Runs a worker that is also lent connections, with the settings of `kg.query.direct`, until its input is closed."""
    from kg.query.direct import Direct

    worker, at_work = Worker(), threading.Lock()
    output = begin(memory, partial(worker.open_ahead, direct["folder"]), at_work)
    Direct(worker, direct, at_work).run(partial(serve, worker, output))


if __name__ == "__main__":
    main()
