"""What counts as a plain request, which a worker answers by itself; everything else is left to the server."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.query.plain import plain_request

GET = b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
DIRECT = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


def with_body(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_the_three_ways_of_the_protocol() -> None:
    for data in (
        GET + b"\r\n",
        with_body(POST, b"query=ASK+%7b%7D"),
        with_body(DIRECT, b"ASK {}"),
        b"GET /sparql?query=ASK+{} HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        found = plain_request(data)
        assert found is not None
        assert (found.query, found.format, found.size) == ("ASK {}", None, len(data))


def test_what_the_headers_say() -> None:
    found = plain_request(GET + b"Accept: text/csv\r\nAccept-Encoding: br\r\nConnection: Close\r\nDNT: 1\r\n\r\n")
    assert found is not None
    assert (found.headers.accept, found.headers.coding, found.headers.close) == ("text/csv", "br", True)
    found = plain_request(GET.replace(b"query", b"format=csv&query") + b"accept-encoding:  gzip\r\n\r\n")
    assert found is not None
    assert (found.format, found.headers.coding, found.headers.close) == ("csv", "gzip", False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GET,
        GET[:-2],
        GET + b"\r\n" + GET + b"\r\n",  # the answer to the second would be a guess
        GET + b"\r\nx",
        GET + b"Authorization: Bearer x\r\n\r\n",
        GET + b"Cookie: a=b\r\n\r\n",
        GET + b'If-None-Match: "x"\r\n\r\n',
        GET + b"Range: bytes=0-9\r\n\r\n",
        GET + b"Expect: 100-continue\r\n\r\n",
        GET + b"Transfer-Encoding: chunked\r\n\r\n",
        GET + b"Upgrade: h2c\r\n\r\n",
        GET + b"Connection: keep-alive, X\r\n\r\n",
        GET + b"Host: y\r\n\r\n",
        GET + b"Content-Length: 2\r\n\r\nab",
        GET + b"Accept : text/csv\r\n\r\n",
        GET + b" folded: x\r\n\r\n",
        GET + b"Accept: text/csv\nX: y\r\n\r\n",
        GET + b"Accept: text/csv\r\nAccept: text/html\r\n\r\n",
        GET + b"Accept: text/html\r\n\r\n",
        GET + b"X-Other: 1\r\n\r\n",
        GET.replace(b"1.1", b"1.0") + b"\r\n",
        GET.replace(b"GET", b"PUT") + b"\r\n",
        GET.replace(b"GET /", b"GET http://x/") + b"\r\n",
        GET.replace(b"/sparql?", b"/sparql/?") + b"\r\n",
        GET.replace(b"/sparql?", b"/sparql?default-graph-uri=urn:a&") + b"\r\n",
        GET.replace(b"/sparql?", b"/sparql?format=html&") + b"\r\n",
        GET.replace(b"/sparql?", b"/sparql?query=x&") + b"\r\n",
        GET.replace(b"%20", b"%2") + b"\r\n",
        GET.replace(b"%20", b"%%20") + b"\r\n",
        GET.replace(b"%20", b"%ff") + b"\r\n",
        GET.replace(b"%20", b"\xc3\xa4") + b"\r\n",
        GET.replace(b"Host: x\r\n", b"") + b"\r\n",
        with_body(POST, b"query=ASK %7b%7D"),
        with_body(POST, b"query=ASK%\n%7b%7D"),
        with_body(POST.replace(b"/sparql", b"/sparql?format=csv"), b"query=ASK"),
        with_body(POST.replace(b"/sparql", b"/update"), b"query=ASK"),
        with_body(POST, b"update=CLEAR+ALL"),
        with_body(POST + b"Content-Length: 9\r\n", b"query=ASK"),
        with_body(POST, b"query=ASK")[:-1],
        with_body(POST.replace(b"urlencoded", b"urlencoded; charset=utf-8"), b"query=ASK"),
        with_body(DIRECT.replace(b"/sparql", b"/sparql?query=x"), b"ASK {}"),
        with_body(DIRECT, b"ASK {} # \xff"),
        POST + b"Content-Length: 1_0\r\n\r\nquery=ASK+",
        POST + b"Content-Length: +9\r\n\r\nquery=ASK",
    ],
)
def test_everything_else_is_not_plain(data: bytes) -> None:
    assert plain_request(data) is None


@given(st.text(), st.one_of(st.none(), st.sampled_from(["csv", "json"])))
def test_parameters_are_read_as_by_the_standard_library(query: str, shown: str | None) -> None:
    try:
        encoded = urlencode({"query": query, **({"format": shown} if shown else {})})
    except UnicodeEncodeError:
        return
    found = plain_request(f"GET /sparql?{encoded} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert found is not None
    assert (found.query, found.format) == (query, shown)


@given(st.text(alphabet="%=&+ab0Fé\n\r _", max_size=12))
def test_odd_parameters_are_read_so_or_not_at_all(text: str) -> None:
    body = b"query=" + text.encode()
    found = plain_request(with_body(POST, body))
    if found is not None:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
        assert [("query", found.query)] == [pair for pair in pairs if pair[0] != "format"]
