"""Answers compressed as they stream, where the client accepts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.wsgi import ClosingIterator

from kg.query.encodings import CODERS, MINIMUM
from kg.query.encodings import chosen as coding_for

Environ = dict[str, Any]
TEXTS = ("json", "xml", "turtle", "trig", "n-triples", "n-quads", "javascript", "sparql-query")


class Compression:
    """WSGI middleware. Text of some length, or of unknown length, is compressed piece by piece; an ETag is weakened."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        chosen: list[bool] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            about = {name.lower(): text for name, text in headers}
            if not _is_text(about.get("content-type", "")) and not status.startswith("304"):
                return start_response(status, headers, *more)
            headers = _with_vary(headers, about)
            length = about.get("content-length")
            worth = length is None or int(length) >= MINIMUM
            if coding and worth and status.startswith("200") and "content-encoding" not in about:
                chosen.append(True)
                headers = [_weak(name, text) for name, text in headers if name.lower() != "content-length"]
                headers.append(("Content-Encoding", coding))
            return start_response(status, headers, *more)

        parts = self._app(environ, start)
        if not coding:
            return parts
        close = getattr(parts, "close", None)
        pieces = _coded(parts, coding, chosen, environ["REQUEST_METHOD"] == "HEAD")
        return ClosingIterator(pieces, close) if close is not None else pieces


def _coded(parts: Iterable[bytes], coding: str, chosen: list[bool], head: bool) -> Iterator[bytes]:
    """The parts, compressed if that was chosen when the answer started. The first one is sent at once."""
    coder, first = CODERS[coding](), True
    for part in parts:
        if not chosen or head:
            yield part
            continue
        data = coder.add(part, flush=first)
        first = False
        if data:
            yield data
    if chosen and not head:
        yield coder.end()


def _is_text(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media.startswith("text/") or any(media.endswith(name) for name in TEXTS) or media == "image/svg+xml"


def _with_vary(headers: list[tuple[str, str]], about: dict[str, str]) -> list[tuple[str, str]]:
    vary = ", ".join(filter(None, (about.get("vary"), "Accept-Encoding")))
    return [(name, text) for name, text in headers if name.lower() != "vary"] + [("Vary", vary)]


def _weak(name: str, text: str) -> tuple[str, str]:
    """An ETag says of the compressed answer only that it means the same."""
    return (name, "W/" + text) if name.lower() == "etag" and not text.startswith("W/") else (name, text)
