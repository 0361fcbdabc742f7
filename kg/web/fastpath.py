"""A short way for plain SPARQL requests: the same answers as `kg.web.sparql`, without the framework's work per request.

It stands before the application and answers only what is simple and succeeds; every other request, and every error, goes
on to the application, so that there is one place which knows the protocol's corners.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wsgi import ClosingIterator

from kg.errors import NewskgError
from kg.query.formats import prefers_html
from kg.query.tokens import changes_by_itself, notable
from kg.web import respond
from kg.web.security import CORS, HEADERS
from kg.web.site import Site

Environ = dict[str, Any]
# What every answer has; `Cache-Control` only together with an ETag.
FIXED = [*HEADERS.items(), *CORS.items(), ("Vary", "Accept")]
FORM = "application/x-www-form-urlencoded"
# A longer form takes the long way.
FORM_BYTES = 1 << 16
# Where an error that was met here waits for the application, which does not try again.
FAILED = "newskg.failed"

_html = lru_cache(256)(prefers_html)


class FastPath:
    """WSGI middleware that answers plain queries to /sparql itself."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]], site: Site) -> None:
        self._app, self._site = app, site

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        found = _plain(environ) if environ["PATH_INFO"] == "/sparql" else None
        if found is None:
            return self._app(environ, start_response)
        query, shown = found
        accept = environ.get("HTTP_ACCEPT")
        message = {
            "do": "query",
            "query": query,
            "format": shown,
            "accept": accept,
            "union": self._site.union,
            "base": self._site.base + "sparql",
        }
        begin, name = time.monotonic(), respond.query_hash(query)
        try:
            answer = self._site.pool.run(message)
        except NewskgError as error:
            respond.note(name, begin, None, type(error).__name__)
            environ[FAILED] = error
            return self._app(environ, start_response)
        headers = [
            *FIXED,
            ("Content-Type", respond.content_type(answer.head["media_type"])),
            ("X-Newskg-Snapshot", answer.snapshot.id),
        ]
        if answer.head.get("cut"):
            headers.append(respond.truncated(self._site.pool.limits.max_rows))
        if not changes_by_itself(notable(query)):
            tag = respond.tag(answer.snapshot.id, accept or "", shown or "")
            headers += [("ETag", tag), ("Cache-Control", "no-cache")]
        if answer.length is not None:
            headers.append(("Content-Length", str(answer.length)))
        start_response("200 OK", headers)
        return ClosingIterator(respond.body(answer, name, begin), answer.close)


def _plain(environ: Environ) -> tuple[str, str | None] | None:
    """The query and the format's name of a request without anything special; None for all others."""
    method, encoded = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
    if method == "POST":
        length = environ.get("CONTENT_LENGTH") or ""
        if encoded or environ.get("CONTENT_TYPE") != FORM or not length.isdecimal() or int(length) > FORM_BYTES:
            return None
        data = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(data)  # for the application, should it be asked
        encoded = data.decode("latin-1")
    elif method != "GET" or "HTTP_IF_NONE_MATCH" in environ:
        return None
    if not encoded.isascii():
        return None
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    given = dict(pairs)
    if len(given) != len(pairs) or "query" not in given or not given.keys() <= {"query", "format"}:
        return None
    shown = given.get("format")
    if shown == "html" or (not shown and method == "GET" and _html(environ.get("HTTP_ACCEPT"))):
        return None
    return given["query"], shown
