"""Nothing a request says makes the server open a connection or a file: a listening socket and a canary file see nothing.

Allowed services are asked by the server itself, at public addresses only. Tests have none: an environment variable that is
there for them lets loopback pass.
"""

from __future__ import annotations

import http.server
import ipaddress
import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from sample import make_store

from kg.errors import NotAllowed, OnlineError
from kg.query.federation import with_services
from kg.query.guarded import LOOPBACK, MAX_ROWS, Guard, public
from server import running

TOKEN = "reaching"
CANARY = "canary-that-nobody-may-see"


class Standin(http.server.BaseHTTPRequestHandler):
    """Another endpoint: what it answers is chosen by the path."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = urllib.parse.parse_qs(body)["query"][0]
        Standin.asked.append(query)
        kind = self.path.rpartition("/")[2]
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        targets = {
            "moved": here + "/sparql/rows",
            "inside": "http://localhost:9/sparql/x",
            "outside": here + "/other/rows",
            "private": "http://10.0.0.1/sparql",
            "file": "file:///etc/passwd",
            "loop": here + "/sparql/loop",
        }
        if kind in targets:
            self.send_response(307)
            self.send_header("Location", targets[kind])
            self.end_headers()
            return
        if kind == "slow":
            time.sleep(30)
        rows = [
            {
                "who": {"type": "uri", "value": "http://localhost:8000/person/ilse-varn"},
                "n": {"type": "literal", "value": '1"} x'},
            },
            {"who": {"type": "bnode", "value": "b0"}, "n": {"type": "literal", "value": "zwei", "xml:lang": "de"}},
        ]
        answer = json.dumps({"head": {"vars": ["who", "n"]}, "results": {"bindings": rows}}).encode()
        if kind == "huge":
            answer = b'{"head": {"vars": ["who"]}, "results": {"bindings": [' + b" " * (11 << 20) + b"]}}"
        if kind == "many":
            answer = json.dumps({"head": {"vars": ["who"]}, "results": {"bindings": [{}] * (MAX_ROWS + 1)}}).encode()
        if kind in ("evil", "nojson"):
            evil = {"head": {"vars": ["x) } SERVICE <http://a> {"]}, "results": {"bindings": []}}
            answer = json.dumps(evil).encode() if kind == "evil" else b"<html>"
        if kind == "evilterm":
            row = {"who": {"type": "uri", "value": "http://x> } SERVICE <http://y"}}
            answer = json.dumps({"head": {"vars": ["who"]}, "results": {"bindings": [row]}}).encode()
        self.send_response(500 if kind == "broken" else 200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def standin() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Standin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/sparql/"
    server.shutdown()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOOPBACK, "1")


def guard(*allowed: str, seconds: float = 5) -> Guard:
    return Guard(allowed, time.monotonic() + seconds)


@pytest.mark.usefixtures("loopback")
def test_rows_of_a_service_stand_in_its_place(standin: str) -> None:
    text = f"PREFIX s: <http://s/> SELECT * {{ ?who s:p ?o . SERVICE <{standin}rows> {{ ?who s:knows ?n }} ?x ?y ?z }}"
    found = with_services(text, "http://base/", guard(standin))
    assert "SERVICE" not in found
    assert (
        'VALUES (?who ?n) { (<http://localhost:8000/person/ilse-varn> "1\\"} x") (<urn:newskg:bnode:b0> "zwei"@de) }'
        in found
    )
    assert found.endswith(" ?x ?y ?z }")
    assert Standin.asked[-1] == "BASE <http://base/>\nPREFIX s: <http://s/> SELECT * WHERE { ?who s:knows ?n }"
    assert "VALUES" in with_services(f"SELECT * {{ SERVICE <{standin}moved> {{ ?s ?p ?o }} }}", None, guard(standin))


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("kind", ["huge", "many", "broken", "loop", "nojson", "evil", "evilterm", "slow"])
def test_a_service_that_misbehaves_gives_an_error(standin: str, kind: str) -> None:
    begin = time.monotonic()
    text = f"SELECT * {{ SERVICE <{standin}{kind}> {{ ?s ?p ?o }} }}"
    with pytest.raises(OnlineError):
        with_services(text, None, guard(standin, seconds=2))
    assert time.monotonic() - begin < 6
    if kind == "broken":
        silent = with_services(text.replace("SERVICE", "SERVICE SILENT"), None, guard(standin))
        assert silent == "SELECT * { {} }"


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("kind", ["inside", "outside", "private", "file"])
def test_a_redirect_leads_nowhere_else(standin: str, kind: str) -> None:
    with pytest.raises(NotAllowed):
        with_services(f"SELECT * {{ SERVICE <{standin}{kind}> {{ ?s ?p ?o }} }}", None, guard(standin))


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://[::ffff:127.0.0.1]:9/", "http://0.0.0.0:9/",
     "http://169.254.169.254/latest/", "http://10.1.2.3/", "http://192.168.0.1/", "http://2130706433:9/", "http://0x7f.1:9/",
     "http://[64:ff9b::7f00:1]/", "http://[fe80::1]/", "http://100.64.0.1/"],
)  # fmt: skip
def test_private_addresses_are_not_asked_even_if_allowed(address: str) -> None:
    """An address that is not public, however it is spelt; or one that leads nowhere."""
    with pytest.raises((NotAllowed, OnlineError)) as caught:
        guard(address).rows(address, "SELECT * {}")
    assert isinstance(caught.value, NotAllowed) or "not known" in str(caught.value) or "resolution" in str(caught.value)


def test_what_is_public() -> None:
    for text in ("8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"):
        assert public(ipaddress.ip_address(text)), text
    for text in (
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "::1",
        "fc00::1",
        "2002:7f00:1::",
    ):
        assert not public(ipaddress.ip_address(text)), text


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("https://query.example", "https://query.example.evil/x"),
        ("https://query.example/", "https://query.example@evil/x"),
        ("https://query.example/", "http://query.example/x"),
        ("https://query.example", "https://query.example:99/x"),
        ("file:///", "file:///etc/passwd"),
        ("", "https://query.example/"),
    ],
)
def test_a_prefix_is_of_one_host(prefix: str, address: str) -> None:
    with pytest.raises(NotAllowed):
        guard(prefix).rows(address, "SELECT * {}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("reaching")
    with running(make_store(folder / "store"), TOKEN, log=folder / "log", timeout=10) as address:
        yield address, folder


def send(url: str, body: bytes, media: str, method: str = "POST") -> tuple[int, str]:
    headers = {"Content-Type": media, "Authorization": "Bearer " + TOKEN}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


QUERIES = [
    "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ sErViCe silent <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE\t#c\r<{0}> {{ ?s ?p ?o }} }}",
    "PREFIX e: <{0}> SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}",
    "BASE <{0}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND(<{0}> AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p ?o FILTER NOT EXISTS {{ SERVICE <{0}> {{ ?a ?b ?c }} }} }}",
    "SELECT * {{ OPTIONAL {{ SERVICE <{0}> {{ ?a ?b ?c }} }} }}",
    "SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ SERVICE <{0}> {{ ?a ?b ?c }} }} }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "ASK {{ \\u0053ERVICE <{0}> {{ ?s ?p ?o }} }}",
    "ASK {{ ?a ?b ?c FILTER(1<2)SERVICE#>\n<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?a ?b '''x''' SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{0}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{0}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * {{ GRAPH <{0}> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{0}>",
    "LOAD <{0}>",
]
UPDATES = [
    "LOAD <{0}>",
    "LOAD SILENT <{0}> INTO GRAPH <urn:x>",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "INSERT {{ ?s ?p ?o }} USING <{0}> WHERE {{ ?s ?p ?o }}",
    "WITH <{0}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
    "COPY SILENT <{0}> TO <urn:y>",
    "ADD SILENT <{0}> TO <urn:y>",
]
UPLOADS = [
    ("application/ld+json", '{{"@context": "{0}", "@id": "urn:a", "p": "x"}}'),
    ("application/ld+json", '{{"@context": {{"@import": "{0}"}}, "@id": "urn:a"}}'),
    ("application/ld+json", '{{"@context": [{{"@vocab": "urn:"}}, "{0}"], "@id": "urn:a", "p": "x"}}'),
    ("application/rdf+xml", '<!DOCTYPE r [<!ENTITY x SYSTEM "{0}">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
     '<rdf:Description rdf:about="urn:a"><p xmlns="urn:">&x;</p></rdf:Description></rdf:RDF>'),
    ("application/rdf+xml", '<!DOCTYPE r SYSTEM "{0}"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'),
    ("text/turtle", '@import <{0}> . <urn:a> <http://www.w3.org/2002/07/owl#imports> <{0}> .'),
]  # fmt: skip


def test_no_packet_and_no_file(server: tuple[str, Path]) -> None:
    """Every spelling, for an address that listens and for a file that would tell."""
    address, folder = server
    canary = folder / "canary.ttl"
    canary.write_text(f"<urn:{CANARY}> <urn:p> <urn:{CANARY}> .")
    tried = 0
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        for target in (f"http://127.0.0.1:{port}/x.ttl", f"http://localhost:{port}/x", canary.as_uri(), str(canary)):
            for text in QUERIES:
                status, body = send(address + "/sparql", text.format(target).encode(), "application/sparql-query")
                assert status in (200, 400, 403), (status, text, body)
                assert "urn:" + CANARY not in body
                tried += 1
            for text in UPDATES:
                status, body = send(address + "/update", text.format(target).encode(), "application/sparql-update")
                assert status in (204, 400, 403), (status, text, body)
                tried += 1
            for media, text in UPLOADS:
                status, body = send(address + "/data?graph=urn:u", text.format(target).encode(), media, "PUT")
                assert status in (201, 204, 400), (status, text, body)
                tried += 1
        _, body = send(address + "/sparql", b"SELECT * { GRAPH ?g { ?s ?p ?o } }", "application/sparql-query")
        assert "urn:" + CANARY not in body
        with pytest.raises(TimeoutError):
            listener.accept()
    assert tried == 4 * (len(QUERIES) + len(UPDATES) + len(UPLOADS))


def test_an_allowed_service_through_the_server(standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    text = f"SELECT ?name ?n {{ SERVICE <{standin}rows> {{ ?who <urn:n> ?n }} ?who {label} ?name }}"
    monkeypatch.setenv(LOOPBACK, "1")
    store = make_store(tmp_path / "store")

    with running(store, TOKEN, service=standin, timeout=5) as address:
        for way in (
            lambda: send(address + "/sparql", text.encode(), "application/sparql-query"),
            lambda: send(
                address + "/sparql",
                urllib.parse.urlencode({"query": text}).encode(),
                "application/x-www-form-urlencoded",
            ),
        ):
            status, body = way()
            assert status == 200, body
            assert "Ilse Varn" in body
        update = f"INSERT {{ GRAPH <urn:f> {{ ?who <urn:n> ?n }} }} WHERE {{ SERVICE <{standin}rows> {{ ?who <urn:n> ?n }} }}"
        assert send(address + "/update", update.encode(), "application/sparql-update")[0] == 204
        assert (
            "zwei"
            in send(address + "/sparql", b"SELECT * { GRAPH <urn:f> { ?s ?p ?o } }", "application/sparql-query")[1]
        )
        for kind, expected in (("broken", 502), ("private", 403), ("inside", 403), ("slow", 502)):
            text = f"SELECT * {{ SERVICE <{standin}{kind}> {{ ?s ?p ?o }} }}"
            assert send(address + "/sparql", text.encode(), "application/sparql-query")[0] == expected, kind
        assert send(address + "/update", f"LOAD <{standin}rows>".encode(), "application/sparql-update")[0] == 403
    monkeypatch.delenv(LOOPBACK)
    with running(store, service=standin) as address:  # without the tests' variable loopback is no public address
        text = f"SELECT * {{ SERVICE <{standin}rows> {{ ?s ?p ?o }} }}"
        assert send(address + "/sparql", text.encode(), "application/sparql-query")[0] == 403
