"""HTTP as far as a plain SPARQL query needs it: read from the bytes of a request, answered with a head.

It is strict: whatever is not exactly what most clients send for a query, or carries credentials, conditions, a transfer
coding or a second request, is nobody's plain request, and is left to the server that knows HTTP in full.
"""

from __future__ import annotations

import hashlib
import re
import time
from binascii import a2b_qp
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache

from kg import __version__
from kg.query.encodings import chosen
from kg.query.formats import prefers_html

# A longer request is not plain.
MAX_BYTES = 1 << 16
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"

_LINE = re.compile(rb"(GET|HEAD|POST) /sparql(?:\?([\x21-\x7e]*))? HTTP/1\.1")
_PRINTABLE = re.compile(rb"[\x21\x24-\x7e]*")
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
    media: str | None
    html: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain request: the query, the name of the format asked for, its headers, how many bytes it has, and whether only
    the answer's head is wanted."""

    query: str
    format: str | None
    headers: Headers
    size: int
    head: bool


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
    post, asked = found[1] == b"POST", found[2] or b""
    if post == (headers.media is None) or (body and not post):
        return None
    if headers.media == DIRECT:
        given = _parameters(asked) if asked else {}
        if given is None or "query" in given or not _is_utf8(body):
            return None
        given["query"] = body.decode()
    else:
        given = _parameters(body if post else asked) if not (post and asked) else None
        if given is None or "query" not in given:
            return None
    if not given.keys() <= {"query", "format"}:
        return None
    shown = given.get("format")
    if shown == "html" or (not shown and not post and headers.html):
        return None
    return Plain(given["query"], shown, headers, len(data), found[1] == b"HEAD")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parameters(encoded: bytes) -> dict[str, str] | None:
    """The parameters of a form or an address; None if one is given twice, or the encoding is not as it should be."""
    found: dict[str, str] = {}
    if not _PRINTABLE.fullmatch(encoded):
        return None
    for pair in encoded.split(b"&"):
        name, equals, text = pair.partition(b"=")
        try:
            key, value = _decoded(name), _decoded(text)
        except ValueError:
            return None
        if not equals or key in found:
            return None
        found[key] = value
    return found


def _decoded(text: bytes) -> str:
    """Percent-encoding undone. `ValueError` if it is malformed or no UTF-8.

    Quoted-printable is the same with another sign, and decoded in C: a twentieth of urllib's time, which is a quarter of
    what a short query takes.
    """
    escapes = text.count(b"%")
    text = text.replace(b"+", b" ")
    if not escapes:
        return text.decode()
    found = a2b_qp(text.replace(b"=", b"%3D").replace(b"%", b"="))
    if len(found) != len(text) - 2 * escapes:
        raise ValueError("a sign of percent stands alone")
    return found.decode()


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
    if not found.get("host") or connection not in ("keep-alive", "close") or media not in (None, FORM, DIRECT):
        return None
    if not length.isdecimal() or len(length) > 5:
        return None
    accept = found.get("accept")
    return Headers(
        accept,
        chosen(found.get("accept-encoding", "")),
        connection == "close",
        int(length),
        media,
        prefers_html(accept),
    )


def tag(snapshot: str, accept: str, extra: str) -> str:
    """The weak ETag of a representation of that snapshot; `extra` is what else of the request chooses it. Another
    version of the server may represent the same data otherwise."""
    choice = "\n".join((__version__, accept, extra))
    return f'W/"{snapshot}.{hashlib.sha256(choice.encode()).hexdigest()[:8]}"'


def truncated(rows: int) -> tuple[str, str]:
    """The header that says that an answer was cut after so many rows."""
    return "X-Newskg-Truncated", f"rows={rows}"


def content_type(media_type: str) -> str:
    """A media type as a header says it: text with its charset."""
    return media_type + "; charset=utf-8" if media_type.startswith("text/") else media_type


_date = (0, b"")


def date() -> bytes:
    """The Date header of now."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode())
    return _date[1]
