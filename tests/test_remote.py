"""Graphs of a store in real servers: sent once, sent again when they differ, checked, and taken away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.remote import Mirrored, Remote, mirror
from kg.remote.mirror import canonical, content_digest
from kg.remote.server import checked, kinds
from kg.store import Store
from server import free_port, running

BASE = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
GEO = "http://www.opengis.net/ont/geosparql#wktLiteral"
VIRTUOSO = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = .
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 4
"""


def wait(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Returns when the server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """`oxigraph serve`, empty."""
    program, port = Path(sys.executable).with_name("oxigraph"), free_port()
    found = str(program) if program.exists() else shutil.which("oxigraph")
    assert found, "oxigraph is in the lock file"
    command = [found, "serve", "-l", str(tmp_path_factory.mktemp("oxigraph")), "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D", process)
        yield Remote(f"http://127.0.0.1:{port}", pause=0.01)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """Virtuoso, empty."""
    if not shutil.which("virtuoso-t"):
        pytest.skip("apt-get install virtuoso-opensource-7")
    folder, http = tmp_path_factory.mktemp("virtuoso"), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(sql=free_port(), http=http))
    process = subprocess.Popen(["virtuoso-t", "-f"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(f"http://127.0.0.1:{http}/sparql?query=ASK%7B%7D", process)
        yield Remote(f"http://127.0.0.1:{http}/", user="dba", password="dba", pause=0.01)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["oxigraph", "virtuoso"])
def remote(request: pytest.FixtureRequest) -> Remote:
    """Each server in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Remote)
    return found


def quad(subject: str, value: ox.Literal, graph: str) -> ox.Quad:
    """A statement about a thing in a graph of its own."""
    return ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(BASE + "p"), value, ox.NamedNode(f"{BASE}graph/{graph}"))


def typed(value: str, name: str) -> ox.Literal:
    """A literal of an XML Schema type."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + name))


VALUES = (
    ox.Literal('a "quoted"\nline \\ with a tab\t and 字 🌍', language="en"),
    typed("11000000000", "integer"),
    typed("1.50", "decimal"),
    typed("5E-1", "double"),
    typed("true", "boolean"),
    typed("2024-03-05", "date"),
    typed("2024-03", "gYearMonth"),
    typed("2024-03-05T06:07:08.90Z", "dateTime"),
    ox.Literal("POINT(38.28 37.77)", datatype=ox.NamedNode(GEO)),
    ox.Literal(""),
)


def fill(folder: Path, graphs: dict[str, list[ox.Literal]]) -> None:
    """Makes a store hold just these graphs."""
    with Store.open(folder, base=BASE, create=True) as store:
        store.quads.clear()
        store.quads.extend(quad(f"thing-{i}", v, g) for g, values in graphs.items() for i, v in enumerate(values))


def test_sent_checked_sent_again_and_taken_away(remote: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"values": list(VALUES), "one": [ox.Literal("1")], "two": [ox.Literal("2")]})
    assert mirror(tmp_path / "store", remote) == Mirrored(3, 0, 0)
    assert remote.counts([f"{BASE}graph/values", f"{BASE}graph/one"]) == {
        f"{BASE}graph/values": len(VALUES),
        f"{BASE}graph/one": 1,
    }
    assert mirror(tmp_path / "store", remote) == Mirrored(0, 0, 3)
    fill(tmp_path / "store", {"values": list(VALUES), "one": [ox.Literal("changed")]})
    assert mirror(tmp_path / "store", remote) == Mirrored(1, 1, 1)
    assert [str(t.object) for t in remote.triples(f"{BASE}graph/one")] == ['"changed"']
    assert remote.counts([f"{BASE}graph/two"]) == {f"{BASE}graph/two": 0}


def test_lost_graph_is_sent_again_and_others_are_left_alone(remote: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"mine": [ox.Literal("1")]})
    remote.put(f"{BASE}graph/other", [quad("x", ox.Literal("not ours"), "other")])
    mirror(tmp_path / "store", remote)
    remote.delete(f"{BASE}graph/mine")
    assert mirror(tmp_path / "store", remote) == Mirrored(1, 0, 0)
    assert remote.counts([f"{BASE}graph/other"]) == {f"{BASE}graph/other": 1}


def fetch(url: str, accept: str, **fields: str) -> tuple[int, str, bytes]:
    """Status, media type and body of an answer."""
    data = urlencode(fields).encode() if fields else None
    try:
        with urlopen(Request(url, data=data, headers={"Accept": accept}), timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def test_the_server_stands_in_front(remote: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"front": list(VALUES)})
    mirror(tmp_path / "store", remote)
    graph = f"{BASE}graph/front"
    ask = f"SELECT ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    with running(tmp_path / "front", server=remote.server.url, base=BASE, timeout=20.0) as address:
        status, media, body = fetch(f"{address}/sparql", "application/sparql-results+json", query=ask)
        assert (status, media) == (200, "application/sparql-results+json")
        rows = [row["o"] for row in json.loads(body)["results"]["bindings"]]
        assert len(rows) == len(VALUES)
        assert {"type": "literal", "value": VALUES[0].value, "xml:lang": "en"} in rows
        assert len(fetch(f"{address}/sparql", "text/csv", query=ask + " LIMIT 3")[2].splitlines()) >= 4
        found = fetch(
            f"{address}/sparql", "application/sparql-results+json", query=f"ASK {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        )
        assert json.loads(found[2])["boolean"] is True
        found = fetch(f"{address}/sparql", "application/sparql-results+json", query="ASK { ?s <urn:none> ?o }")
        assert json.loads(found[2])["boolean"] is False
        status, media, body = fetch(f"{address}/data?graph={quote(graph)}", "text/turtle")
        assert (status, media.partition(";")[0]) == (200, "text/turtle")
        assert len(list(ox.parse(body, format=ox.RdfFormat.TURTLE))) == len(VALUES)
        assert fetch(f"{address}/data?graph=urn:none", "text/turtle")[0] == 404
        assert fetch(f"{address}/sparql", "text/csv", query="SELECT ?s WHERE { ?s ?p }")[0] == 400
        assert (
            fetch(f"{address}/sparql", "text/csv", query="SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")[0]
            == 403
        )
        assert fetch(f"{address}/update", "*/*", update="CLEAR ALL")[0] in (401, 403)
        assert fetch(f"{address}/", "text/html")[0] == 200


def test_a_server_that_is_gone_is_said() -> None:
    with pytest.raises(StoreError, match="start the server or correct the address"):
        Remote(f"http://127.0.0.1:{free_port()}", pause=0.001)


def test_a_graph_of_many_triples(remote: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"large": [typed(str(n), "integer") for n in range(30_000)]})
    assert mirror(tmp_path / "store", remote, hashes=False).sent == 1


def test_wrong_password_is_said(virtuoso: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"mine": [ox.Literal("1")]})
    stranger = Remote(virtuoso.server.url, user="dba", password="wrong", pause=0.01)
    with pytest.raises(StoreError, match="NEWSKG_STORE_PASSWORD"):
        mirror(tmp_path / "store", stranger)


class Failing(BaseHTTPRequestHandler):
    """Answers 503 so often as `failures` says, then takes what is put and gives it back, changed if `spoils` is set."""

    failures, spoils = 0, False
    graphs: dict[str, bytes] = {}  # noqa: RUF012

    def _answer(self, status: int, body: bytes = b"", kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if type(self).failures:
            type(self).failures -= 1
            self._answer(503)
        else:
            self.graphs[self.path] = body.replace(b'"1"', b'"one"') if self.spoils else body
            self._answer(204)

    def do_GET(self) -> None:
        self._answer(200, self.graphs.get(self.path, b""), "application/n-triples")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        row = (
            f'{{"g":{{"type":"uri","value":"{BASE}graph/mine"}},"n":{{"type":"literal","value":"{len(self.graphs)}"}}}}'
        )
        self._answer(
            200,
            f'{{"head":{{"vars":["g","n"]}},"results":{{"bindings":[{row}]}}}}'.encode(),
            "application/sparql-results+json",
        )

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def failing() -> Iterator[Remote]:
    """A stand-in that can fail."""
    Failing.failures, Failing.spoils, Failing.graphs = 0, False, {}
    server = HTTPServer(("127.0.0.1", 0), Failing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Remote(f"http://127.0.0.1:{server.server_port}", "oxigraph", pause=0.01)
    server.shutdown()


def test_a_busy_server_is_asked_again(failing: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"mine": [ox.Literal("1")]})
    Failing.failures = 3
    assert mirror(tmp_path / "store", failing).sent == 1
    assert Failing.failures == 0


def test_a_server_that_stays_away_leaves_the_rest_for_the_next_run(failing: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"mine": [ox.Literal("1")]})
    Failing.failures = 99
    with pytest.raises(StoreError, match="the same command goes on from here"):
        mirror(tmp_path / "store", failing)
    Failing.failures = 0
    assert mirror(tmp_path / "store", failing).sent == 1


def test_another_content_is_seen(failing: Remote, tmp_path: Path) -> None:
    fill(tmp_path / "store", {"mine": [ox.Literal("1")]})
    Failing.spoils = True
    with pytest.raises(StoreError, match=r'missing .*"1".* instead .*"one"'):
        mirror(tmp_path / "store", failing)


@pytest.mark.parametrize("url", ["http://a:b@example.org/", "http://example.org/?x=1", "http:///x"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(StoreError, match="is no address of a store"):
        checked(url)


def test_kinds_name_their_paths() -> None:
    assert {"oxigraph", "virtuoso", "fuseki", "rdf4j", "newskg"} == set(kinds())
    assert {kind.auth for kind in kinds().values()} <= {"basic", "digest", "bearer"}


def test_content_is_compared_by_value() -> None:
    def triple(value: ox.Literal) -> ox.Triple:
        return quad("x", value, "g").triple

    same = [(typed("1.50", "decimal"), typed("1.5", "decimal")), (typed("1", "boolean"), typed("true", "boolean"))]
    for a, b in same:
        assert canonical(triple(a)) == canonical(triple(b))
    for a, b in [(typed("1.5", "decimal"), typed("1.6", "decimal")), (ox.Literal("1"), typed("1", "integer"))]:
        assert content_digest([triple(a)]) != content_digest([triple(b)])
