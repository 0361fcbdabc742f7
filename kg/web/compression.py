"""Answers compressed as they stream, where the client accepts gzip (RFC 9110, section 12.5.3)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.wsgi import ClosingIterator

Environ = dict[str, Any]
# Below this, the header of gzip and the work are worth more than what is saved.
MINIMUM = 1000
# Two thirds of the best level's time, a few per cent more bytes: results are repetitive.
LEVEL = 4
GZIP = 16 + zlib.MAX_WBITS
TEXTS = ("json", "xml", "turtle", "trig", "n-triples", "n-quads", "javascript", "sparql-query")


class Compression:
    """WSGI middleware. Text of some length, or of unknown length, is compressed piece by piece; an ETag is weakened."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        chosen = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            about = {name.lower(): text for name, text in headers}
            if not _is_text(about.get("content-type", "")) and not status.startswith("304"):
                return start_response(status, headers, *more)
            headers = _with_vary(headers, about)
            length = about.get("content-length")
            worth = length is None or int(length) >= MINIMUM
            if asked and worth and status.startswith("200") and "content-encoding" not in about:
                chosen.append(True)
                headers = [_weak(name, text) for name, text in headers if name.lower() != "content-length"]
                headers.append(("Content-Encoding", "gzip"))
            return start_response(status, headers, *more)

        parts = self._app(environ, start)
        if not asked:
            return parts
        close = getattr(parts, "close", None)
        pieces = _gzip(parts, chosen, environ["REQUEST_METHOD"] == "HEAD")
        return ClosingIterator(pieces, close) if close is not None else pieces


def accepts_gzip(header: str) -> bool:
    """True if an Accept-Encoding header names gzip, or everything, with a weight above 0."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        key, _, text = parameter.partition("=")
        try:
            weights[name.strip()] = float(text) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _gzip(parts: Iterable[bytes], chosen: list[bool], head: bool) -> Iterator[bytes]:
    """The parts, compressed if that was chosen when the answer started. The first one is sent at once."""
    packer, first = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP), True
    for part in parts:
        if not chosen or head:
            yield part
            continue
        data = packer.compress(part) + (packer.flush(zlib.Z_SYNC_FLUSH) if first else b"")
        first = False
        if data:
            yield data
    if chosen and not head:
        yield packer.flush()


def _is_text(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media.startswith("text/") or any(media.endswith(name) for name in TEXTS) or media == "image/svg+xml"


def _with_vary(headers: list[tuple[str, str]], about: dict[str, str]) -> list[tuple[str, str]]:
    vary = ", ".join(filter(None, (about.get("vary"), "Accept-Encoding")))
    return [(name, text) for name, text in headers if name.lower() != "vary"] + [("Vary", vary)]


def _weak(name: str, text: str) -> tuple[str, str]:
    """An ETag says of the compressed answer only that it means the same."""
    return (name, "W/" + text) if name.lower() == "etag" and not text.startswith("W/") else (name, text)
