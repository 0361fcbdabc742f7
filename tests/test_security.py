"""The attack matrix: what a request must not reach, and what a page must not run."""

from __future__ import annotations

import html
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from sample import MARKUP, make_store

from kg.errors import NotAllowed
from kg.query.tokens import check_remote, tokenise
from kg.web.security import read_token
from server import running

TOKEN = 'a token with "quotes"'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("security") / "store")


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[str]:
    with running(store, TOKEN, timeout=3, max_body=1) as address:
        yield address


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        found.listen()
        found.settimeout(0.2)
        yield found


def lower(headers: Message) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}


def send(method: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    request = urllib.request.Request(url, body, names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, lower(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, lower(error.headers), error.read().decode()


def query(server: str, text: str, **headers: str) -> tuple[int, dict[str, str], str]:
    return send("POST", server + "/sparql", text.encode(), Content_Type="application/sparql-query", **headers)


def update(server: str, text: str) -> tuple[int, dict[str, str], str]:
    return send(
        "POST",
        server + "/update",
        text.encode(),
        Content_Type="application/sparql-update",
        Authorization="Bearer " + TOKEN,
    )


def put(server: str, body: bytes, media: str, token: str = TOKEN) -> tuple[int, dict[str, str], str]:
    return send("PUT", server + "/data?graph=urn:g", body, Content_Type=media, Authorization="Bearer " + token)


def untouched(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except TimeoutError:
        return True
    return False


FORMS = [
    "SERVICE <{0}> {{ ?s ?p ?o }}",
    "SERVICE SILENT <{0}> {{ ?s ?p ?o }}",
    "service <{0}> {{ ?s ?p ?o }}",
    "SERVICE#c\n<{0}> {{ ?s ?p ?o }}",
    "{{ SERVICE e: {{ ?s ?p ?o }} }}",
    "VALUES ?e {{ <{0}> }} SERVICE ?e {{ ?s ?p ?o }}",
    "?s ?p ?o FILTER EXISTS {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "{{ SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "?a ?b ?c FILTER(1<?c)SERVICE#>\n<{0}>{{ ?s ?p ?o }}",
]


@pytest.mark.parametrize("form", FORMS)
def test_service_is_refused(server: str, listener: socket.socket, form: str) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    status, _, body = query(server, f"PREFIX e: <{address}> SELECT * {{ {form.format(address)} }}")
    assert status == 403, body
    assert "SERVICE" in body
    assert untouched(listener)


def test_the_word_service_is_no_crime(server: str) -> None:
    text = """PREFIX service: <http://x.example/service#>
        SELECT ("SERVICE <http://x>" AS ?service) { OPTIONAL { ?s service:service <http://x/service#a> } }"""
    assert query(server, text + " # SERVICE <http://x> {}")[0] == 200


@pytest.mark.parametrize("text", ["FROM <{0}>", "FROM NAMED <{0}>"])
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_from_fetches_nothing(server: str, listener: socket.socket, tmp_path: Path, text: str, scheme: str) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<urn:secret> a <urn:Secret> .")
    address = secret.as_uri() if scheme == "file" else f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    status, _, body = query(
        server, f"SELECT * {text.format(address)} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    )
    assert status == 200
    assert "Secret" not in body
    assert untouched(listener)


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_load_fetches_nothing(server: str, listener: socket.socket, tmp_path: Path, silent: str) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<urn:secret> a <urn:Secret> .")
    for address in (f"http://127.0.0.1:{listener.getsockname()[1]}/x", secret.as_uri()):
        status, _, body = update(server, f"LOAD {silent}<{address}> INTO GRAPH <urn:loaded>")
        assert status == (204 if silent else 403), body
    assert '"bindings":[]' in query(server, "SELECT * { GRAPH <urn:loaded> { ?s ?p ?o } }")[2]
    assert untouched(listener)


def test_the_kernel_refuses_what_the_tokens_would_miss(listener: socket.socket) -> None:
    """The guarantee: a contained process cannot connect, whatever the query says, nor start a program."""
    code = """if True:
        import os, sys
        import pyoxigraph as ox
        from kg.query.containment import contain
        assert contain(2048)
        try:
            list(ox.Store().query("SELECT * { SERVICE <" + sys.argv[1] + "> { ?s ?p ?o } }"))
        except OSError as error:
            print("refused", error)
        try:
            os.fork()
        except OSError as error:
            print("no process", error.errno)
        try:
            os.execv("/bin/true", ["true"])
        except OSError as error:
            print("no program", error.errno)
    """
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    found = subprocess.run([sys.executable, "-c", code, address], capture_output=True, text=True, check=False)
    assert "refused" in found.stdout, found.stderr
    assert "no process 1" in found.stdout
    assert "no program 1" in found.stdout
    assert untouched(listener)


def test_an_allow_list_allows_nothing_else() -> None:
    allowed = ("https://query.example/",)
    check_remote(tokenise("SELECT * { SERVICE <https://query.example/sparql> { ?s ?p ?o } }"), "SERVICE", allowed)
    check_remote(
        tokenise("SELECT * { SERVICE SILENT <https://query.example/sparql> { ?s ?p ?o } }"), "SERVICE", allowed
    )
    for other in (
        "<https://query.example.evil/>",
        "?e",
        "e:x",
        "<https://query.example/\\u0041>",
        "SILENT ?e",
        "<http://query.example/>",
    ):
        with pytest.raises(NotAllowed):
            check_remote(tokenise(f"SELECT * {{ SERVICE {other} {{ ?s ?p ?o }} }}"), "SERVICE", allowed)


def test_a_query_that_takes_too_long_is_ended(server: str) -> None:
    status, _, body = query(server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }")
    assert status == 504
    assert "longer" in body
    assert query(server, "ASK {}")[0] == 200


def test_a_regular_expression_cannot_explode(server: str) -> None:
    assert query(server, f'ASK {{ FILTER(REGEX("{"a" * 40}!", "^(a+)+$")) }}')[0] == 200


def test_an_answer_cut_by_the_deadline_is_never_whole(server: str) -> None:
    """Past the first byte the connection is broken off: no last chunk, which an HTTP client takes for an error."""
    text = "SELECT ?a ?d ?g ?j { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    host, port = server.removeprefix("http://").split(":")
    path = "/sparql?" + urllib.parse.urlencode({"query": text, "format": "csv"})
    last = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        while part := connection.recv(1 << 20):
            last = (last + part)[-64:]
    # With the line end of the chunk before: a row that ends in 0 is no last chunk.
    assert not last.endswith(b"\r\n0\r\n\r\n")


def test_bodies_are_limited(server: str) -> None:
    assert query(server, "ASK {} #" + "x" * (2 << 20))[0] == 413
    assert put(server, b"#" * (2 << 20), "text/turtle")[0] == 413


def test_rdfxml_with_a_doctype_is_refused(server: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "lol">{entities}]><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:a">'
        '<p xmlns="urn:">&e9;</p>'
        "</rdf:Description></rdf:RDF>"
    )
    for body in (bomb.encode(), bomb.encode("utf-16")):
        status, _, text = put(server, body, "application/rdf+xml")
        assert status == 400
        assert "DOCTYPE" in text


def test_jsonld_contexts_are_not_fetched(server: str, listener: socket.socket) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/context.jsonld"
    status, _, _ = put(server, f'{{"@context": "{address}", "@id": "urn:a", "p": "x"}}'.encode(), "application/ld+json")
    assert status == 400
    assert untouched(listener)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Bearer " + TOKEN + "x", "Basic eDp5", "Bearer \xff"]
)
def test_writing_needs_the_token(server: str, authorization: str) -> None:
    for method, path, media in (
        ("POST", "/update", "application/sparql-update"),
        ("PUT", "/data?graph=urn:x", "text/turtle"),
        ("POST", "/data", "text/turtle"),
        ("DELETE", "/data?default", "text/turtle"),
    ):
        status, headers, _ = send(method, server + path, b"CLEAR ALL", Content_Type=media, Authorization=authorization)
        assert status == 401
        assert headers["www-authenticate"].startswith("Bearer")


def test_a_token_in_the_url_is_no_token(server: str) -> None:
    quoted = urllib.parse.quote(TOKEN)
    assert (
        send(
            "POST",
            f"{server}/update?token={quoted}&access_token={quoted}",
            b"CLEAR ALL",
            Content_Type="application/sparql-update",
        )[0]
        == 401
    )


def test_without_a_token_nobody_writes(tmp_path: Path) -> None:
    with running(tmp_path / "other") as address:
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
            assert (
                send("POST", address + "/update", b"CLEAR ALL", Content_Type="application/sparql-update", **headers)[0]
                == 403
            )
            assert send("PUT", address + "/data?default", b"", Content_Type="text/turtle", **headers)[0] == 403


def test_token_files(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("secret\n")
    assert read_token(str(path), "other") == "secret"
    assert read_token("", " other ") == "other"
    for bad in (tmp_path / "none", tmp_path):
        with pytest.raises(Exception, match="token file"):
            read_token(str(bad), "")


PAGES = [
    "/",
    "/articles",
    "/article/flood-1",
    "/article/flood-2",
    "/group/ferry-firms",
    "/person/ilse-varn",
    "/event/meeting",
    "/event/ceasefire",
    "/queries",
    "/queries/who-said-what?text=%3Cscript%3E",
    "/queries/link-coverage",
    "/queries/articles",
    "/ontology",
    "/sparql?format=html&query="
    + urllib.parse.quote('SELECT ("<script>alert(1)</script>" AS ?x) (<javascript:alert(1)> AS ?y) {}'),
    "/sparql?format=html&query=%3C/textarea%3E%3Cscript%3E",
    "/nothing/%3Cscript%3E",
    "/queries/%3Cscript%3E",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_nothing_of_the_data(server: str, path: str) -> None:
    _, headers, body = send("GET", server + path, Accept="text/html")
    assert headers["content-type"].startswith("text/html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    # The query editor's page loads its own two files beside, where the editor is installed; nothing else ever runs.
    own = ['<script src="/static/newskg.js" defer>']
    if path.startswith("/sparql") and "yasgui" in body:
        own.append('<script src="/static/vendor/yasgui.min.js" defer>')
        own.append('<script src="/static/sparql.js" type="module">')
    assert re.findall(r"<script[^>]*>", body) == own
    assert not re.search(r"<[a-z]+[^>]*\s(on\w+|style)\s*=", body)
    for address in re.findall(r'(?:href|src|action)="([^"]*)"', body):
        assert re.match(r"(https?://|/|#)", html.unescape(address)), address


def test_markup_in_the_data_is_shown_as_text(server: str) -> None:
    _, _, body = send("GET", server + "/group/ferry-firms", Accept="text/html")
    assert MARKUP not in body
    assert MARKUP in html.unescape(body)
    _, _, body = send("GET", server + "/article/flood-2", Accept="text/html")
    assert "&lt;b&gt;two&lt;/b&gt;" in body
    assert "<b>two" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/queries/..%2F..%2Fetc%2Fpasswd",
        "/queries/%2e%2e/secret.rq",
        "/static/..%2fapp.py",
        "/static/../app.py",
        "/article/..%2F..%2Fsecret",
        "/ontology/../../kg/store.py",
        "/person/%3E%20x",
        "/person/%0A",
    ],
)
def test_no_path_leads_out(server: str, path: str) -> None:
    status, _, body = send("GET", server + path)
    assert status in (400, 404)
    assert "create_app" not in body


def test_parameters_cannot_inject(server: str) -> None:
    for value in ('" } SERVICE <http://127.0.0.1/> { ?s ?p ?o', "x\\", "}\n#", '"""', "\\u0022 }"):
        status, _, body = send("GET", f"{server}/queries/who-said-what.json?text={urllib.parse.quote(value)}")
        assert status == 200, body
        assert '"bindings":[]' in body
    assert send("GET", f"{server}/queries/who-said-what.json?speaker={urllib.parse.quote('x> . ?s ?p <')}")[0] == 400


def test_workers_do_not_know_the_token(server: str) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        if b"kg.query.worker" in command or b"kg.query.write_worker" in command:
            assert TOKEN.encode() not in environment
