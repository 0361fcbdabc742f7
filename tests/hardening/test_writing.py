"""Every route that writes refuses: no token, a wrong one, another method, a trick of content types, another origin.

Tokens never show in logs, errors, pages, or the command lines of processes; the log of decisions only grows, with names.
"""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from sample import make_store

from server import running

TOKEN = "the-token-nobody-sees-7f3a"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("writing")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with running(make_store(folder / "store"), TOKEN, log=folder / "log", timeout=10) as address:
        yield address


def send(server: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return (
            answer.status,
            {name.lower(): text for name, text in answer.getheaders()},
            answer.read().decode(errors="replace"),
        )
    finally:
        connection.close()


def whole(server: str) -> str:
    return send(server, "GET", "/data", Accept="application/n-quads")[2]


INSERT = b"INSERT DATA { GRAPH <urn:evil> { <urn:evil> <urn:p> 1 } }"
TURTLE = b"<urn:evil> <urn:p> 1 ."
WRITES = [
    ("POST", "/update", "application/sparql-update", INSERT),
    ("POST", "/update", FORM, b"update=" + urllib.parse.quote(INSERT).encode()),
    ("PUT", "/data?graph=urn:evil", "text/turtle", TURTLE),
    ("PUT", "/data?default", "text/turtle", TURTLE),
    ("POST", "/data?graph=urn:evil", "text/turtle", TURTLE),
    ("POST", "/data", "text/turtle", TURTLE),
    ("PUT", "/data/evil", "text/turtle", TURTLE),
    ("POST", "/data/evil", "text/turtle", TURTLE),
    ("DELETE", "/data?default", "text/turtle", b""),
    ("DELETE", "/data/article/flood-1", "text/turtle", b""),
]
CREDENTIALS = [
    {}, {"Authorization": ""}, {"Authorization": "Bearer"},
    {"Authorization": "Bearer wrong"}, {"Authorization": "Basic " + TOKEN},
    {"Authorization": TOKEN}, {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": "Bearer " + TOKEN + "x"},
    {"Authorization": "Bearer " + TOKEN.upper()}, {"Authorization": "Bearer \xe9"},
    {"X_Token": TOKEN}, {"Cookie": "token=" + TOKEN},
    {"Cookie": "newskg-review=" + TOKEN}, {"Authorization": "Bearer " + "x" * 5000},
]  # fmt: skip


def test_nobody_writes_without_the_token(server: str) -> None:
    before, tried = whole(server), 0
    for (method, path, media, body), credentials in product(WRITES, CREDENTIALS):
        status, headers, text = send(server, method, path, body, Content_Type=media, **credentials)
        assert status == 401, (method, path, credentials, text)
        assert headers["www-authenticate"].startswith("Bearer")
        tried += 1
    for (method, path, media, body), name in product(WRITES, ("token", "access_token", "authorization")):
        mark = "&" if "?" in path else "?"
        assert send(server, method, f"{path}{mark}{name}={TOKEN}", body, Content_Type=media)[0] == 401
        tried += 1
    assert whole(server) == before
    assert tried == len(WRITES) * (len(CREDENTIALS) + 3)


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "post", "UPDATE"]
)
def test_other_methods_write_nothing(server: str, method: str) -> None:
    before = whole(server)
    bearer = {"Authorization": "Bearer " + TOKEN}
    query = urllib.parse.quote(INSERT)
    status, _, _ = send(
        server, method, "/update?update=" + query, INSERT, Content_Type="application/sparql-update", **bearer
    )
    assert status in (204, 400, 405, 501)
    assert (status == 204) == (method == "OPTIONS")
    for path in ("/sparql?update=" + query, "/sparql?query=" + query, "/queries/articles?update=" + query):
        assert send(server, method, path, INSERT, Content_Type="application/sparql-update", **bearer)[0] in (
            204,
            400,
            405,
            415,
            501,
            200,
        )
    if method in ("PATCH", "TRACE", "PROPFIND", "post", "UPDATE"):
        assert send(server, method, "/data?graph=urn:evil", TURTLE, Content_Type="text/turtle", **bearer)[0] in (
            400,
            405,
            501,
        )
    headers = {"X_HTTP_Method_Override": "PUT", "X_HTTP_Method": "PUT", "X_Method_Override": "PUT"}
    send(server, "GET", "/data?graph=urn:evil&_method=PUT", TURTLE, Content_Type="text/turtle", **headers, **bearer)
    assert whole(server) == before


@pytest.mark.parametrize(
    "media",
    ["text/plain", "text/plain; application/sparql-update", "multipart/form-data; boundary=x", "application/json", "",
     "application/sparql-query", "application/sparql-update; charset=utf-16", "application/x-www-form-urlencoded; charset=utf-7",
     "text/html", "application/xml", "application/sparql-updatex"],
)  # fmt: skip
def test_content_types_play_no_tricks(server: str, media: str) -> None:
    """The types that a form of another site can send need the token as well, which no form can send as a header."""
    before = whole(server)
    assert send(server, "POST", "/update", INSERT, Content_Type=media)[0] == 401
    bearer = {"Authorization": "Bearer " + TOKEN}
    assert send(server, "POST", "/update", INSERT, Content_Type=media, **bearer)[0] in (400, 415)
    assert send(server, "PUT", "/data?graph=urn:evil", TURTLE, Content_Type=media, **bearer)[0] in (400, 415)
    assert send(server, "POST", "/sparql", INSERT, Content_Type=media)[0] in (400, 415)
    assert whole(server) == before


def test_other_origins(server: str) -> None:
    """A page of another site may read what is public; it has no token, and a browser sends none for it."""
    origin = {"Origin": "http://evil.example", "Access_Control_Request_Method": "POST"}
    for path in ("/update", "/data?default", "/sparql"):
        _, headers, _ = send(server, "OPTIONS", path, **origin)
        assert headers.get("access-control-allow-credentials") is None
        assert "PUT" not in headers.get("access-control-allow-methods", "")
        assert "DELETE" not in headers.get("access-control-allow-methods", "")
    for method, path, media, body in WRITES:
        assert send(server, method, path, body, Content_Type=media, Origin="http://evil.example")[0] == 401


def test_the_review_desk(server: str) -> None:
    """Signing in needs the token; the session is a cookie for /review alone; a decision needs the session's own secret."""
    before = whole(server)
    decision = b"decision=rename&entity=person%2Filse-varn&label=Evil"
    for body in (decision, decision + b"&token=" + TOKEN.encode(), decision + b"&secret="):
        assert send(server, "POST", "/review", body, Content_Type=FORM)[0] in (302, 303, 400, 401, 403)
    status, headers, _ = send(server, "POST", "/review/sign-in", b"token=wrong&author=Eve", Content_Type=FORM)
    assert status in (401, 403)
    assert "set-cookie" not in headers
    status, headers, _ = send(
        server, "POST", "/review/sign-in", f"token={TOKEN}&author=Ann".encode(), Content_Type=FORM
    )
    assert status in (302, 303), status
    cookie = headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/review"):
        assert word in cookie
    assert TOKEN not in cookie
    session = cookie.partition(";")[0]
    for forged in ("", "&secret=x", "&secret=" + TOKEN):  # as another site would send it, were the cookie sent with it
        status, _, _ = send(server, "POST", "/review", decision + forged.encode(), Content_Type=FORM, Cookie=session)
        assert status in (400, 401, 403), (forged, status)
    broken = session[:-3] + "abc"
    assert send(server, "POST", "/review", decision, Content_Type=FORM, Cookie=broken)[0] in (302, 303, 400, 401, 403)
    for method, path, media, body in WRITES:
        assert send(server, method, path, body, Content_Type=media, Cookie=session)[0] == 401
    assert whole(server) == before


def test_the_token_shows_nowhere(server: str, folder: Path) -> None:
    bearer = {"Authorization": "Bearer " + TOKEN}
    shown = [send(server, "GET", path, Accept=accept, **bearer) for path, accept in product(
        ("/", "/update", "/health", "/metrics", "/openapi.json", "/review", "/nothing", "/data/%00", "/sparql?query=x"),
        ("text/html", "application/json"),
    )]  # fmt: skip
    shown += [send(server, "POST", "/update", body, Content_Type=media, **bearer) for body, media in (
        (b"NONSENSE", "application/sparql-update"), (INSERT, "text/plain"), (b"\xff", "application/sparql-update"),
    )]  # fmt: skip
    send(server, "POST", "/update", b"", Authorization="Bearer " + TOKEN + "\x01")
    assert all(TOKEN not in body and TOKEN not in str(headers) for _, headers, body in shown)
    assert TOKEN not in (folder / "log").read_text(errors="replace")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            assert TOKEN.encode() not in (process / "cmdline").read_bytes()
        except OSError:
            continue
    for path in (folder / "store").rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()


def test_decisions_are_added_and_signed(tmp_path: Path) -> None:
    """No command changes or removes a decision: an undo is one more. Each names its author and its time."""
    from crash import ARTICLES, MODEL, build_store, write_articles

    from kg.decisions import Kind
    from kg.review import log, take

    write_articles(tmp_path / "articles", {"b": ARTICLES["b"]})
    build_store(tmp_path / "articles", tmp_path / "s")
    who, seen = "organisation/world-health-organization", []
    for number, (kind, more) in enumerate(
        ((Kind.RENAME, {"label": "WHO"}), (Kind.RENAME, {"label": "W.H.O."}), (Kind.UNDO, {}), (Kind.UNDO, {}))
    ):
        subject = "" if kind is Kind.UNDO else who
        time = f"2031-05-04T10:0{number}:00.000Z"
        take(tmp_path / "s", kind, subject, author=f"Ann {number}", note=None, time=time, model=MODEL, **more)
        found = [decision for decision, _ in log(tmp_path / "s")]
        assert [d.id for d in found[: len(seen)]] == seen
        assert len(found) == len(seen) + 1
        seen = [d.id for d in found]
        assert (found[-1].author, found[-1].time) == (f"Ann {number}", time) or found[-1].author == f"Ann {number}"
        build_store(tmp_path / "articles", tmp_path / "s")
        assert [decision.id for decision, _ in log(tmp_path / "s")] == seen
