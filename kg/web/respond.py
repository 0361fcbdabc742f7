"""Answers of the workers as HTTP responses: streamed, with the snapshot's ETag, each noted in the query log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Response, abort, request

from kg.errors import NewskgError
from kg.query import journal
from kg.query.answers import Answer
from kg.query.plain import content_type, tag, truncated
from kg.query.status import Durations
from kg.web.site import site


def tag_or_304(extra: str = "") -> str:
    """The weak ETag of what is asked for: the snapshot and whatever of the request chooses the representation. Ends the
    request with 304 if the client has that already."""
    known = tag(site().snapshot_id, request.headers.get("Accept", ""), extra)
    if request.method in ("GET", "HEAD"):
        given = {part.strip() for part in request.headers.get("If-None-Match", "").split(",")}
        if known in given:
            abort(Response(status=304, headers={"ETag": known, "Vary": "Accept"}))
    return known


def tagged(response: Response, known: str) -> Response:
    """A response with its ETag, to be asked for anew each time."""
    response.headers["ETag"], response.headers["Cache-Control"] = known, "no-cache"
    return response


def run(message: dict[str, Any], known: str = "") -> Response:
    """Runs a request in the pool and streams its answer. Errors before the first byte are raised; after it the
    connection breaks."""
    begin = time.monotonic()
    name, durations = journal.query_hash(str(message.get("query", message.get("graph")))), site().durations
    try:
        answer = site().pool.run(message)
    except NewskgError as error:
        note(durations, name, begin, None, type(error).__name__)
        raise
    response = Response(
        body(answer, name, begin, durations), mimetype=None, content_type=content_type(answer.head["media_type"])
    )
    response.call_on_close(answer.close)
    if answer.length is not None:
        response.content_length = answer.length
    response.headers["X-Newskg-Snapshot"] = answer.snapshot.id
    if answer.head.get("cut"):
        response.headers.update([truncated(site().pool.limits.max_rows)])
    response.headers["Vary"] = "Accept"
    if known:
        tagged(response, known)
    if request.method == "HEAD":
        answer.close()
    return response


def body(answer: Answer, name: str, begin: float, durations: Durations) -> Iterator[bytes]:
    """The bytes of an answer; the log has its line when they are done."""
    outcome = "closed"
    try:
        yield from answer
        outcome = "ok"
    except NewskgError as error:
        outcome = type(error).__name__
        # An OSError makes the WSGI server close the connection without the last chunk: the client sees that the answer
        # is not whole.
        raise ConnectionAbortedError(str(error)) from None
    finally:
        answer.close()
        note(durations, name, begin, answer.end.get("rows"), outcome)


def note(durations: Durations, name: str, begin: float, rows: int | None, outcome: str) -> None:
    """One line of the query log, and a query in the histogram."""
    seconds = time.monotonic() - begin
    durations.add(seconds)
    journal.log(name, seconds, rows, outcome)
