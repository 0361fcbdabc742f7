"""The pool: deadline, memory, queue, replacement, snapshots, containment. Real worker processes."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample import BASE, make_store

from kg.errors import Busy, DeadlineExceeded, FormatError, NotAllowed, QueryError, ResourceExceeded, Unsupported
from kg.query.pool import Limits, Pool
from kg.query.writer import Writer

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LONG = "SELECT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("pool") / "store")


@pytest.fixture(scope="module")
def pool(store: Path) -> Iterator[Pool]:
    found = Pool(store, Limits(workers=2, timeout=20, queue=1))
    yield found
    found.close()


def query(text: str, **more: object) -> dict[str, object]:
    return {"do": "query", "query": text, "union": True, "base": BASE, **more}


def test_rows_and_head(pool: Pool) -> None:
    answer = pool.run(query("SELECT ?s { ?s a <https://schema.org/Person> } ORDER BY ?s", format="csv"))
    assert answer.head["kind"] == "bindings"
    assert answer.head["media_type"] == "text/csv"
    body = answer.read()
    assert body == f"s\r\n{BASE}person/ilse-varn\r\n{BASE}person/tam-oru\r\n".encode()
    assert answer.length == len(body)
    assert answer.end == {"rows": 2}


def test_deadline_ends_the_worker_and_replaces_it(pool: Pool) -> None:
    before = pool.counts["timeouts"]
    begin = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        pool.run(query(SLOW), timeout=0.4)
    assert time.monotonic() - begin < 5
    assert pool.counts["timeouts"] == before + 1
    assert pool.run(query("ASK {}")).read()


def test_memory_ends_only_the_worker(store: Path) -> None:
    # Enough address space for a worker to start and answer, too little for a sort of a product.
    small = Pool(store, Limits(workers=1, timeout=60, memory=1200))
    try:
        with pytest.raises(ResourceExceeded):
            small.run(query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"))
        assert small.run(query("ASK {}", format="json")).read() == b'{"head":{},"boolean":true}'
    finally:
        small.close()


def test_a_full_queue_is_busy(pool: Pool) -> None:
    taken = [pool.run(query(LONG)) for _ in range(2)]  # long answers hold their workers
    assert all(answer.length is None for answer in taken)
    waiting = threading.Thread(target=lambda: pool.run(query("ASK {}")).read())
    waiting.start()
    time.sleep(0.2)
    with pytest.raises(Busy):
        pool.run(query("ASK {}"))
    for answer in taken:
        answer.close()
    waiting.join(10)
    assert not waiting.is_alive()


def test_an_answer_left_unread_costs_its_worker(pool: Pool) -> None:
    before = pool.counts["restarts"]
    answer = pool.run(query(LONG))
    next(iter(answer))
    answer.close()
    assert pool.counts["restarts"] == before + 1
    assert pool.run(query("ASK {}")).read()


def test_long_answers_come_in_parts(pool: Pool) -> None:
    answer = pool.run(query("SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f }", format="tsv"))
    parts = list(answer)
    assert len(parts) > 1
    assert answer.end["rows"] == sum(part.count(b"\n") for part in parts) - 1


def resident(pid: int) -> int:
    """MiB that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) >> 10


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_long_answer_takes_constant_memory(pool: Pool) -> None:
    answer = pool.run(query(LONG + " LIMIT 200000", format="csv"))
    sizes, memory = [], []
    for number, part in enumerate(answer):
        sizes.append(len(part))
        if number > 4:  # its first pieces take the worker to its working size
            memory.append(max(resident(child.pid) for child in pool._all) + resident(os.getpid()))
    assert answer.end["rows"] == 200_000
    assert sum(sizes) > 20_000_000
    assert max(sizes) < 1 << 20
    assert max(memory) - memory[0] < 16


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * { ?s ?p", QueryError),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", QueryError),
        ("SELECT (<urn:f>(1) AS ?x) {}", Unsupported),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", NotAllowed),
    ],
)
def test_errors_keep_the_worker(pool: Pool, text: str, error: type[Exception]) -> None:
    before = pool.counts["restarts"]
    with pytest.raises(error):
        pool.run(query(text))
    assert pool.counts["restarts"] == before


def test_formats_follow_the_kind_of_answer(pool: Pool) -> None:
    assert pool.run(query("CONSTRUCT WHERE { ?s ?p ?o }", accept="text/turtle, text/csv")).head["format"] == "turtle"
    assert pool.run(query("SELECT * {}", accept="text/turtle, text/csv")).head["format"] == "csv"
    with pytest.raises(FormatError, match="turtle"):
        pool.run(query("CONSTRUCT WHERE { ?s ?p ?o }", format="csv"))


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_the_row_cap_says_so(pool: Pool, name: str) -> None:
    import pyoxigraph as ox

    text = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
    whole = pool.run(query(text, format=name))
    assert "cut" not in whole.head
    cut = pool.run(query(text, format=name, max_rows=7))
    assert cut.head["cut"] is True
    kind = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "tsv": ox.QueryResultsFormat.TSV}.get(
        name
    )
    if kind is None:
        assert cut.read() == b"".join(whole.read().splitlines(keepends=True)[:8])
        return
    rows = [[str(term) for term in row] for row in ox.parse_query_results(cut.read(), kind)]
    assert rows == [[str(term) for term in row] for row in ox.parse_query_results(whole.read(), kind)][:7]
    assert pool.run(query(text, format=name, max_rows=10_000)).head["cut"] is False


def test_a_dead_worker_is_replaced_unseen(pool: Pool) -> None:
    for child in list(pool._idle):
        os.kill(child.pid, 9)
    assert pool.run(query("ASK {}")).read()


def test_a_write_is_seen_by_the_next_query(tmp_path: Path) -> None:
    folder = make_store(tmp_path / "store")
    limits = Limits(workers=1, timeout=20)
    pool, writer = Pool(folder, limits), Writer(folder, limits)
    try:
        first = pool.run(query("ASK { <urn:a> ?p ?o }", format="json"))
        assert b"false" in first.read()
        outcome = writer.run({"do": "update", "update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }", "base": BASE})
        second = pool.run(query("ASK { <urn:a> ?p ?o }", format="json"))
        assert b"true" in second.read()
        assert second.snapshot.id == outcome["snapshot"] != first.snapshot.id
        with pytest.raises(NotAllowed):
            writer.run(
                {
                    "do": "update",
                    "update": "INSERT DATA { <urn:d> <urn:b> <urn:c> } ; LOAD <http://127.0.0.1/>",
                    "base": BASE,
                }
            )
        assert json.loads(pool.run(query("ASK { <urn:d> ?p ?o }", format="json")).read())["boolean"] is False
    finally:
        writer.close()
        pool.close()


def test_relative_iris_are_relative_to_the_store(pool: Pool) -> None:
    request = {"do": "query", "query": "ASK { GRAPH ?g { <person/ilse-varn> ?p ?o } }", "format": "json"}
    assert b"true" in pool.run(request).read()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {\n ?s foo:bar ?x }", "prefix foo: is not declared"),
        ("SELECT * {\n ?s ?p }", "line 2, column"),
        ("SELECT * { ?s ?p", "at the end"),
    ],
)
def test_a_malformed_query_is_told_where(pool: Pool, text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        pool.run(query(text))
    assert len(str(caught.value)) < 300
