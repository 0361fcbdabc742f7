"""Every refusal has the documented status and the one form: JSON for machines, a page for people, what to do in words."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import socket
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample import make_store

from kg import errors
from kg.web.errors import STATUS, status_of
from kg.web.security import HEADERS, TokenRequired, TooMany
from server import running

TOKEN = "refusals"
BEARER = {"Authorization": "Bearer " + TOKEN}
QUERY, UPDATE = {"Content-Type": "application/sparql-query"}, {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}
WHOLE = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o"
# What the contract and docs/server.md say; every class of error has its line.
DOCUMENTED = {
    errors.NewskgError: 500,
    errors.InputError: 400,
    errors.StoreError: 503,
    errors.QueryError: 400,
    errors.UnknownName: 404,
    errors.FormatError: 406,
    errors.DeadlineExceeded: 504,
    errors.ResourceExceeded: 503,
    errors.Busy: 503,
    errors.NotAllowed: 403,
    errors.Unsupported: 501,
    errors.TooComplex: 400,
    errors.WorkerDied: 503,
    errors.OnlineError: 502,
    TokenRequired: 401,
    TooMany: 429,
}


def get(query: str) -> str:
    return "/sparql?query=" + urllib.parse.quote(query)


# Status, method, path, headers, body.
REFUSALS: dict[str, tuple[int, str, str, dict[str, str], bytes | None]] = {
    "malformed query": (400, "GET", get("SELECT * {"), {}, None),
    "malformed query, posted": (400, "POST", "/sparql", QUERY, b"SELECT"),
    "no UTF-8": (400, "POST", "/sparql", QUERY, b"\xff"),
    "two queries": (400, "GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, None),
    "many fields": (400, "GET", "/sparql?" + "a&" * 12_000, {}, None),
    "levels": (400, "POST", "/sparql", QUERY, b"SELECT * " + b"{" * 300 + b"}" * 300),
    "levels that no bracket shows": (400, "POST", "/sparql", QUERY, b"ASK { FILTER(" + b"!" * 50_000 + b"true) }"),
    "a chain": (400, "POST", "/sparql", QUERY, b"ASK { FILTER(" + b"?a||" * 50_000 + b"true) }"),
    "levels of an update": (400, "POST", "/update", UPDATE | BEARER, b"DELETE WHERE " + b"{" * 300 + b"}" * 300),
    "a chain in an update": (
        400,
        "POST",
        "/update",
        UPDATE | BEARER,
        b"INSERT { <urn:a> <urn:b> 1 } WHERE { FILTER(" + b"!" * 50_000 + b"true) }",
    ),
    "levels of an upload": (
        400,
        "PUT",
        "/data?graph=urn:deep",
        {"Content-Type": "application/n-triples"} | BEARER,
        b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 100_000 + b"<urn:c>" + b" )>>" * 100_000 + b" .",
    ),
    "levels of JSON": (
        400,
        "POST",
        "/reconcile",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"queries=" + b"[" * 100_000,
    ),
    "malformed upload": (400, "PUT", "/data?graph=urn:a", TURTLE | BEARER, b"<urn:a> <urn:b>"),
    "relative graph": (400, "GET", "/data?graph=a", {}, None),
    "parameter of a wrong type": (400, "GET", "/queries/figures-by-source?from=2031-13-45", {}, None),
    "no token": (401, "POST", "/update", UPDATE, b"CLEAR ALL"),
    "wrong token": (401, "DELETE", "/data?graph=urn:a", {"Authorization": "Bearer x"}, None),
    "service": (403, "GET", get("ASK { SERVICE <http://127.0.0.1:1/> {} }"), {}, None),
    "load": (403, "POST", "/update", UPDATE | BEARER, b"LOAD <http://127.0.0.1:1/>"),
    "no such thing": (404, "GET", "/person/nobody", {}, None),
    "no such query": (404, "GET", "/queries/nothing", {}, None),
    "no such graph": (404, "GET", "/data?graph=urn:nothing", {}, None),
    "no such page": (404, "GET", "/nothing", {}, None),
    "no such method": (405, "PATCH", "/data?default", {}, b""),
    "no such format": (406, "GET", get("ASK {}") + "&format=pdf", {}, None),
    "no format that is accepted": (406, "GET", get("ASK {}"), {"Accept": "image/png"}, None),
    "large body": (413, "POST", "/sparql", QUERY, b"ASK {} #" + b"x" * (5 << 20)),
    "no such media type": (415, "POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}"),
    "no such media type of an upload": (415, "PUT", "/data?graph=urn:a", {"Content-Type": "text/csv"} | BEARER, b"a"),
    "large headers": (431, "GET", "/health", {f"X-{n}": "x" * 4000 for n in range(90)}, None),
    "no such function": (501, "GET", get("ASK { FILTER(<urn:f>(1)) }"), {}, None),
    "memory": (503, "POST", "/sparql", QUERY, f"SELECT * {{ {WHOLE} }} ORDER BY ?c ?f ?i".encode()),
}
ENDLESS = get(f"SELECT (COUNT(*) AS ?n) {{ {WHOLE} }}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_store(tmp_path_factory.mktemp("refusals") / "store")
    with running(store, TOKEN, timeout=60, max_body=4, memory=500, workers=2) as address:
        yield address


def send(
    server: str, method: str, path: str, headers: dict[str, str], body: bytes | None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=90)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def all_errors(kind: type[errors.NewskgError] = errors.NewskgError) -> list[type[errors.NewskgError]]:
    found = [kind]
    for child in kind.__subclasses__():
        found += all_errors(child)
    return [item for item in found if item.__module__ in ("kg.errors", "kg.web.security")]


def test_every_class_of_error_has_its_status() -> None:
    assert set(all_errors()) == set(DOCUMENTED)
    raised = {kind: kind("why", 1) if kind is TooMany else kind("why") for kind in DOCUMENTED}
    assert {kind: status_of(error) for kind, error in raised.items()} == DOCUMENTED
    assert set(STATUS) <= set(DOCUMENTED)


def check(answer: tuple[int, dict[str, str], bytes], status: int) -> None:
    """The status, the headers, and the JSON form."""
    got, headers, body = answer
    assert got == status, (got, body[:300])
    assert headers["content-type"] == "application/json"
    found = json.loads(body)
    assert found == {"ok": False, "error": found["error"], "errors": [found["error"]], "status": status}
    assert 8 < len(found["error"]) < 1000
    assert "Traceback" not in found["error"]
    assert headers["cache-control"] == "no-store"
    assert ("retry-after" in headers) == (status == 503)
    assert ("www-authenticate" in headers) == (status == 401)
    for name, text in HEADERS.items():
        assert headers[name.lower()] == text


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal(server: str, name: str) -> None:
    status, method, path, headers, body = REFUSALS[name]
    check(send(server, method, path, headers, body), status)
    if status not in (406, 413, 431, 503):  # once more, as a browser asks
        got, answered, text = send(server, method, path, {**headers, "Accept": "text/html"}, body)
        if method == "GET" and path.startswith("/sparql"):  # a browser is shown the editor, with the refusal in it
            return
        assert got == status
        assert answered["content-type"].startswith("text/html")
        assert b"<h1" in text
        assert TOKEN.encode() not in text
    assert send(server, "GET", get("ASK {}"), {}, None)[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /health HTTP/9.9\r\nHost: x\r\nBad header\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nASK", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    ],
)
def test_what_is_no_request(server: str, request_: bytes, status: int) -> None:
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request_)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        headers = {name.lower(): text for name, text in answer.getheaders()}
        check((answer.status, headers, answer.read()), status)


def test_the_deadline_and_the_queue(tmp_path: Path) -> None:
    """Past the deadline, and with more requests than may wait; both are told in the same form."""
    with running(make_store(tmp_path / "store"), workers=1, queue=1, timeout=2) as server:
        check(send(server, "GET", ENDLESS, {}, None), 504)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: send(server, "GET", ENDLESS, {}, None), range(12)))
        for answer in answers:
            check(answer, 504 if answer[0] == 504 else 503)
        assert {answer[0] for answer in answers} == {503, 504}
