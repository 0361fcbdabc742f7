"""HTTP as far as a plain SPARQL query needs it: read from the bytes of a request, answered with a head.

It is strict: whatever is not exactly what most clients send for a query, or carries credentials, conditions, a transfer
coding or a second request, is nobody's plain request, and is left to the server that knows HTTP in full.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import parse_qsl

from kg.query.encodings import chosen
from kg.query.formats import prefers_html

# A longer request is not plain.
MAX_BYTES = 1 << 16
FORM = "application/x-www-form-urlencoded"

_LINE = re.compile(rb"(GET|POST) /sparql(?:\?([\x21\x24-\x7e]*))? HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*?)[ \t]*")
# Headers that change nothing about a plain request; a request with any other is not plain.
_HARMLESS = frozenset(
    [
        "accept-language",
        "accept-charset",
        "cache-control",
        "pragma",
        "dnt",
        "priority",
        "origin",
        "referer",
        "user-agent",
        "x-requested-with",
        "upgrade-insecure-requests",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-user",
        "sec-gpc",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-real-ip",
        "x-request-id",
        "traceparent",
        "tracestate",
    ]
)
_READ = frozenset({"host", "accept", "accept-encoding", "connection", "content-length", "content-type"})


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers of a plain request say."""

    accept: str | None
    coding: str
    close: bool
    length: int
    form: bool
    html: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain request: the query, the name of the format asked for, its headers, and how many bytes it has."""

    query: str
    format: str | None
    headers: Headers
    size: int


def plain_request(data: bytes) -> Plain | None:
    """The plain request that the bytes are, whole and alone; None if they are anything else."""
    head, blank, body = data.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    found = _LINE.fullmatch(line)
    if not blank or found is None:
        return None
    headers = _headers(rest)
    if headers is None or len(body) != headers.length:
        return None
    post = found[1] == b"POST"
    if post != headers.form or (post and found[2]) or (body and not post):
        return None
    try:
        pairs = parse_qsl((body if post else found[2] or b"").decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    given = dict(pairs)
    if len(given) != len(pairs) or "query" not in given or not given.keys() <= {"query", "format"}:
        return None
    shown = given.get("format")
    if shown == "html" or (not shown and not post and headers.html):
        return None
    return Plain(given["query"], shown, headers, len(data))


@lru_cache(256)
def _headers(lines: bytes) -> Headers | None:
    """The headers, if all of them are known and none is given twice."""
    found: dict[str, str] = {}
    for line in lines.split(b"\r\n"):
        match = _HEADER.fullmatch(line)
        if match is None:
            return None
        name = match[1].decode().lower()
        if name in _READ and name not in found:
            found[name] = match[2].decode()
        elif name not in _HARMLESS:
            return None
    length, connection = found.get("content-length", "0"), found.get("connection", "keep-alive").lower()
    media = found.get("content-type")
    if not found.get("host") or connection not in ("keep-alive", "close") or media not in (None, FORM):
        return None
    if not length.isdecimal() or len(length) > 5:
        return None
    accept = found.get("accept")
    return Headers(
        accept,
        chosen(found.get("accept-encoding", "")),
        connection == "close",
        int(length),
        media == FORM,
        prefers_html(accept),
    )


def tag(snapshot: str, accept: str, extra: str) -> str:
    """The weak ETag of a representation of that snapshot; `extra` is what else of the request chooses it."""
    choice = accept + "\n" + extra
    return f'W/"{snapshot}.{hashlib.sha256(choice.encode()).hexdigest()[:8]}"'


def truncated(rows: int) -> tuple[str, str]:
    """The header that says that an answer was cut after so many rows."""
    return "X-Newskg-Truncated", f"rows={rows}"


def content_type(media_type: str) -> str:
    """A media type as a header says it: text with its charset."""
    return media_type + "; charset=utf-8" if media_type.startswith("text/") else media_type


@lru_cache(256)
def fields(headers: tuple[tuple[str, str], ...]) -> bytes:
    """Header lines as bytes."""
    return "".join(f"{name}: {text}\r\n" for name, text in headers).encode("latin-1")


_date = (0, b"")


def date() -> bytes:
    """The Date header of now."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode())
    return _date[1]
