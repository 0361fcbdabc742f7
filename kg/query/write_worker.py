"""The write worker: `python -m kg.query.write_worker --folder STORE --memory MIB`. Applies updates to the live store,
contained.

It opens the store at the first write, keeps it while writes come in, and then lets it go, so that `kg build` can have
it.
"""

from __future__ import annotations

import json
import select
from contextlib import suppress
from functools import partial
from typing import Any

import pyoxigraph as ox

from kg import errors
from kg.query.entry import guard, reporter, start
from kg.query.formats import UPLOADS
from kg.query.frames import ANSWER, json_frame, read_frame, write_all
from kg.query.tokens import add_using, check_nesting, check_remote, silent_load, syntax_message, tokenise
from kg.query.worker import GRAPH_FORMATS
from kg.store import Snapshot, Store, current_snapshot

# How long the store stays open after a write: opening it takes about 0.05 s, a `kg build` waits at most this long.
LINGER_SECONDS = 3.0


class WriteWorker:
    """Applies one write after another, each as a transaction, and publishes a snapshot after each."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._store: Store | None = None

    @property
    def busy(self) -> bool:
        """True while the store is open."""
        return self._store is not None

    def release(self) -> None:
        """Closes the store, so that another process may write it."""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    def answer(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Applies a write and publishes it. `StoreError` if the disk does not take it."""
        try:
            return self._answer(request, body)
        except OSError as error:
            with suppress(OSError):
                self.release()  # after one write that failed the engine refuses all, until it is opened anew
            raise errors.StoreError(
                f"{self._folder} cannot be written, nothing was published ({error}): make room, then send it again"
            ) from None

    def _answer(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        if self._store is None:
            self._store = Store.open(self._folder)
        before = current_snapshot(self._folder)
        outcome: dict[str, Any] = {}
        if request["do"] == "update":
            self.update(self._store.quads, request)
        else:
            outcome = self.graph(self._store.quads, request, body)
        # The same history of writes on the same data gives the same identifiers.
        digest = f"{before.id if before else ''}\n{json.dumps(request, sort_keys=True)}\n{body.hex()}"
        snapshot: Snapshot = self._store.publish(digest)
        return {**outcome, "snapshot": snapshot.id}

    def update(self, store: ox.Store, request: dict[str, Any]) -> None:
        """Applies a SPARQL update as one transaction."""
        text = request["update"]
        check_nesting(text)
        clauses = _clauses("USING", request.get("using")) + _clauses("USING NAMED", request.get("using_named"))
        if clauses:
            text = add_using(text, clauses)
        tokens = tokenise(text)
        try:
            try:
                check_remote(tokens, "SERVICE", ())
                if not silent_load(tokens):
                    check_remote(tokens, "LOAD", ())
            except errors.NotAllowed:
                _check_syntax(text, request.get("base"))
                raise
            store.update(text, base_iri=request.get("base"))
        except SyntaxError as error:
            raise errors.QueryError(f"the update is not well-formed: {syntax_message(text, error)}") from None
        except RuntimeError as error:
            raise errors.Unsupported(f"{error}: remove it from the update") from None

    def graph(self, store: ox.Store, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Replaces (`put`), adds to (`post`) or drops (`delete`) a graph; an empty name is the default graph."""
        name = request["graph"]
        graph = ox.NamedNode(name) if name else ox.DefaultGraph()
        existed = store.contains_named_graph(graph) if name else True
        target = f"GRAPH {graph}" if name else "DEFAULT"
        if request["do"] == "delete":
            if not existed:
                raise errors.UnknownName(f"there is no graph {name}")
            store.update(f"DROP {target}")
            return {}
        triples, begin = [], 0
        for media_type, length in request["parts"]:
            part = body[begin : begin + length]
            begin += length
            rename = request["do"] == "post" or len(request["parts"]) > 1
            triples += _parse(part, media_type, request["base"], rename=rename)
        if request["do"] == "post":
            store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])
            if name:
                store.add_graph(graph)
            return {"created": not existed}
        # One update is one transaction: a graph is never seen empty between the old content and the new.
        data = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
        block = f"GRAPH {graph} {{ {data} }}" if name else data
        create = f"CREATE SILENT {target} ; " if name else ""
        store.update(f"DROP SILENT {target} ; {create}INSERT DATA {{ {block} }}")
        return {"created": not existed}


def _clauses(keyword: str, names: list[str] | None) -> str:
    try:
        return "".join(f" {keyword} {ox.NamedNode(name)}" for name in names or ())
    except ValueError as error:
        raise errors.QueryError(f"using-graph-uri and using-named-graph-uri must be absolute IRIs: {error}") from None


def _check_syntax(text: str, base: str | None) -> None:
    """Raises `SyntaxError` if the update is not well-formed: tried on an empty store in memory."""
    with suppress(OSError, RuntimeError):
        ox.Store().update(text, base_iri=base)


def _parse(body: bytes, media_type: str, base: str, *, rename: bool) -> list[ox.Triple]:
    if media_type == "application/rdf+xml" and b"<!DOCTYPE" in body.replace(b"\x00", b""):
        # Nested entities blow up to gigabytes in the parser ("billion laughs").
        raise errors.QueryError("RDF/XML with a DOCTYPE is not accepted: write the entities out and remove it")
    try:
        text_format = GRAPH_FORMATS[UPLOADS[media_type].name]
        quads = list(ox.parse(body, text_format, base_iri=base, rename_blank_nodes=rename))
    except (SyntaxError, ValueError, UnicodeDecodeError) as error:
        raise errors.QueryError(f"the body is no well-formed {media_type}: {error}") from None
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads):
        raise errors.QueryError("the body has named graphs, but the request is for one graph: send its triples alone")
    return [quad.triple for quad in quads]


def main() -> None:
    """Runs the write worker until its input is closed."""
    arguments, output = start("write worker")
    report = reporter(output)
    worker = WriteWorker(arguments.folder)
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    while True:
        if worker.busy and not waiting.poll(LINGER_SECONDS * 1000):
            worker.release()
        try:
            request = json.loads(read_frame(0)[1])
            body = read_frame(0)[1]
        except EOFError:
            worker.release()
            return
        guard(partial(_write, worker, request, body, output), report, "write", ", nothing was changed")


def _write(worker: WriteWorker, request: dict[str, Any], body: bytes, output: int) -> None:
    write_all(output, json_frame(ANSWER, worker.answer(request, body)))


if __name__ == "__main__":
    main()
