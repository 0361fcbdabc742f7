"""Requests of every kind, generated from the server's own description: no 500, no hang, each refusal in the documented form.

`NEWSKG_FUZZ=2000` tries so many. `scripts/fuzz/schemathesis.sh` runs schemathesis on the same description.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import make_store

from kg.errors import NewskgError
from kg.query.formats import FORMATS, negotiate, parse_accept, prefers_html
from kg.query.header import read_header
from kg.query.saved import load_queries
from kg.query.tokens import tokenise
from server import running

TOKEN = "requests"
BEARER = {"Authorization": "Bearer " + TOKEN}
EXAMPLES = int(os.environ.get("NEWSKG_FUZZ", "25"))
tried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)
STATUSES = {200, 201, 204, 301, 302, 303, 304, 400, 401, 403, 404, 405, 406, 413, 414, 415, 431, 501}
QUERIES = load_queries()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("requests")
    with running(make_store(folder / "store"), TOKEN, timeout=10, max_body=1) as address:
        yield address


def send(
    server: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def proper(answer: tuple[int, dict[str, str], bytes], what: object) -> None:
    """An answer of a documented status, with the security headers, and an error in the documented form."""
    status, headers, body = answer
    assert status in STATUSES, (status, what, body[:500])
    assert headers.get("x-content-type-options") == "nosniff" or status in (400, 413, 431), (headers, what)
    assert b"Traceback" not in body
    if status >= 400 and headers.get("content-type") == "application/json":
        found = json.loads(body)
        assert (found["ok"], found["status"], found["errors"]) == (False, status, [found["error"]])
        assert 5 < len(found["error"]) < 5000


def test_the_description_has_every_route(server: str) -> None:
    from flask import Flask

    from kg.query.pool import Limits
    from kg.web.app import create_app
    from kg.web.openapi import ROUTES, description
    from kg.web.site import Site

    class NoPool:
        limits = Limits()
        leases = None

    app = create_app(Site(Path(), "http://localhost/", NoPool(), QUERIES))  # type: ignore[arg-type]
    assert isinstance(app, Flask)
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.rule.startswith("/static"):
            continue
        path = re.sub(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>", lambda name: "{" + name[1].lstrip("_") + "}", rule.rule)
        automatic = {"HEAD"} | ({"OPTIONS"} if rule.provide_automatic_options is not False else set())
        found.setdefault(path, set()).update(method.lower() for method in (rule.methods or set()) - automatic)
    assert {path: set(methods) for path, methods in ROUTES.items()} == {
        path: methods for path, methods in found.items() if methods
    }
    status, _, body = send(server, "GET", "/openapi.json")
    assert status == 200
    assert json.loads(body) == json.loads(json.dumps(description(QUERIES)))


TEXT = st.text(max_size=30) | st.sampled_from(
    ["", "\0", "%", "%zz", "../../etc/passwd", "<script>", "' OR 1=1", "\ud7ff\ue000", "🌊", "x" * 3000, "-1", "1e999", "NaN",
     "2031-02-30", "?x", "}", "{", "person/ilse-varn", "http://localhost:8000/person/ilse-varn", "SELECT * {", "text/turtle"]
)  # fmt: skip


def operations() -> list[tuple[str, str, dict[str, object]]]:
    from kg.web.openapi import description

    paths = description(QUERIES)["paths"]
    return [(path, method, about) for path, methods in paths.items() for method, about in methods.items()]


@tried
@given(st.data())
def test_every_operation_takes_anything(server: str, data: st.DataObject) -> None:
    path, method, about = data.draw(st.sampled_from(operations()))
    pairs = []
    for parameter in about["parameters"]:  # type: ignore[attr-defined]
        schema = parameter["schema"]
        values = TEXT | st.sampled_from(schema["enum"]) if "enum" in schema else TEXT
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", urllib.parse.quote(data.draw(values) or "x", safe="/"))
        elif data.draw(st.booleans()):
            pairs.append((parameter["name"], data.draw(values)))
    if data.draw(st.booleans()):
        pairs.append((data.draw(TEXT), data.draw(TEXT)))
    headers = {"Accept": data.draw(st.sampled_from(["text/html", "*/*", "", "text/turtle", "application/json", "a/b"]))}
    body = None
    if "requestBody" in about:
        media = data.draw(st.sampled_from(sorted(about["requestBody"]["content"])))  # type: ignore[index]
        headers["Content-Type"] = media
        fields = [(data.draw(st.sampled_from(["query", "update", "queries", "extend", "token", "x"])), data.draw(TEXT))]
        body = urllib.parse.urlencode(fields).encode() if "form" in media else data.draw(TEXT).encode(errors="replace")
    if about.get("security") and data.draw(st.booleans()):
        headers["Authorization"] = "Bearer " + TOKEN
    target = path + ("?" + urllib.parse.urlencode(pairs, errors="replace") if pairs else "")
    proper(send(server, method.upper(), target, body, headers), (method, target, body))


@tried
@given(st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80))
def test_accept_headers(server: str, accept: str) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/queries/articles", "/person/ilse-varn", "/data?default"):
        proper(send(server, "GET", path, headers={"Accept": accept}), accept)


@tried
@given(st.text(max_size=60))
def test_negotiation_takes_any_text(accept: str) -> None:
    prefers_html(accept)
    assert all(0 <= weight <= 1 for _, weight in parse_accept(accept))
    for kind in ("bindings", "boolean", "graph", "dataset"):
        try:
            item, _ = negotiate(accept, kind)  # type: ignore[arg-type]
        except NewskgError:
            continue
        assert item in FORMATS


SIGNS = """SELECT * { } ?s ?p ?o . ; FILTER ( ) OPTIONAL UNION GRAPH VALUES ORDER BY LIMIT 1 -1 COUNT(*) AS ?n GROUP BIND REGEX 'a'
<a> <http://x/> <> a:b : ASK CONSTRUCT DESCRIBE FROM NAMED SERVICE PREFIX BASE MINUS / ^ | + @en ^^ xsd:int INSERT DATA << >> _:b []
true 1e1 é 🌊"""
SPARQL = st.lists(
    st.sampled_from([*SIGNS.split(), "#c\n", '"""', "\\u0041", "\0"]) | st.text(max_size=4), max_size=25
).map(" ".join)


@tried
@given(SPARQL, st.sampled_from(["/sparql", "/update"]))
def test_sparql_of_any_tokens(server: str, text: str, path: str) -> None:
    assert "".join(text.split()) or not tokenise(text)
    media = "application/sparql-" + ("query" if path == "/sparql" else "update")
    headers = {"Content-Type": media, "Authorization": "Bearer " + TOKEN}
    proper(send(server, "POST", path, text.encode(errors="replace"), headers), text)
    get = path + "?" + urllib.parse.urlencode({"query": text}, errors="replace")
    if path == "/sparql":
        proper(send(server, "GET", get), text)


@tried
@given(st.sampled_from(sorted(QUERIES)), st.data())
def test_parameters_of_saved_queries(name: str, data: st.DataObject) -> None:
    """What is taken is one term in its slot: the query around it is the same."""
    query = QUERIES[name]
    given_values = {p.name: data.draw(TEXT) for p in query.parameters if data.draw(st.booleans())}
    try:
        text = query.bind(given_values, "http://localhost:8000/")
    except NewskgError:
        return
    import pyoxigraph as ox

    ox.Store().query(text)
    assert len(tokenise(text)) <= len(tokenise(query.body)) + 4 * len(given_values)


RDF = {
    "text/turtle": b'@prefix : <urn:> . :a :p "x"@en, 1, <b>, [ :q ( 1 2 ) ] .',
    "application/n-triples": b'<urn:a> <urn:p> "x" .\n',
    "application/ld+json": b'{"@context": {"p": "urn:p"}, "@id": "urn:a", "p": ["x", {"@id": "urn:b"}]}',
    "application/rdf+xml": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:x#">'
    b'<rdf:Description rdf:about="urn:a"><u:p>x</u:p></rdf:Description></rdf:RDF>',
    "application/trig": b"<urn:a> <urn:p> <urn:b> .",
    "application/n-quads": b"<urn:a> <urn:p> <urn:b> .\n",
}


@tried
@given(st.sampled_from(sorted(RDF)), st.data())
def test_uploads_that_are_damaged(server: str, media: str, data: st.DataObject) -> None:
    body = bytearray(RDF[media])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 6))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"<" * 50, b"\xff", b"[" * 99])
        )
    headers = {"Content-Type": media, "Authorization": "Bearer " + TOKEN}
    proper(
        send(server, data.draw(st.sampled_from(["PUT", "POST"])), "/data?graph=urn:fuzz", bytes(body), headers), body
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "ids", "id", "q0"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@tried
@given(st.sampled_from(["queries", "extend"]), JSON)
def test_reconciliation_takes_any_json(server: str, name: str, value: object) -> None:
    body = urllib.parse.urlencode({name: json.dumps(value)}).encode()
    proper(send(server, "POST", "/reconcile", body, {"Content-Type": "application/x-www-form-urlencoded"}), value)


@tried
@given(st.text(max_size=80))
def test_headers_of_saved_queries(text: str) -> None:
    with suppress(NewskgError):
        read_header("#+ " + text.replace("\n", "\n#+ "))


def test_odd_requests(server: str) -> None:
    for method, path, headers, body in (
        ("GET", "/sparql?query=" + "a" * 200_000, {}, None),
        ("GET", "/" + "a/" * 5000, {}, None),
        ("GET", "/health", {f"X-{n}": "x" * 1000 for n in range(90)}, None),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query; charset=utf-16"}, b"ASK {}"),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"\xff\xfe"),
        ("POST", "/sparql", {"Content-Type": ""}, b"ASK {}"),
        ("POST", "/data?graph=urn:a", {"Content-Type": "text/turtle", "Content-Encoding": "gzip", **BEARER}, b"x"),
        ("TRACE", "/", {}, None),
        ("PATCH", "/data?default", {}, b"x"),
        ("GET", "/person/%ff%fe", {}, None),
        ("GET", "/article/%00", {}, None),
        ("GET", "/queries/figures-by-source?from=2031-13-45", {}, None),
        ("GET", "/queries/figures-by-source?" + "&".join(f"p{n}=1" for n in range(3000)), {}, None),
        ("GET", "/search?q=" + "%F0%9F%8C%8A" * 300, {}, None),
        ("GET", "/reconcile/suggest/entity?prefix=" + "a" * 100_000, {}, None),
        ("POST", "/reconcile", {"Content-Type": "application/x-www-form-urlencoded"}, b"queries=" + b"[" * 100_000),
        ("POST", "/sparql", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=&" * 100_000),
    ):  # fmt: skip
        proper(send(server, method, path, body, headers), (method, path[:80]))
    assert send(server, "GET", "/health")[0] == 200
