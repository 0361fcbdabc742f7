"""The one table from exceptions to HTTP, one JSON shape for machines and one page for people."""

from __future__ import annotations

import json

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from kg import errors
from kg.query.formats import prefers_html
from kg.web.security import TokenRequired, TooMany, add_headers

STATUS: dict[type[errors.NewskgError], int] = {
    errors.InputError: 400,
    errors.QueryError: 400,
    TokenRequired: 401,
    errors.NotAllowed: 403,
    TooMany: 429,
    errors.UnknownName: 404,
    errors.FormatError: 406,
    errors.NewskgError: 500,
    errors.Unsupported: 501,
    errors.OnlineError: 502,
    errors.StoreError: 503,
    errors.ResourceExceeded: 503,
    errors.WorkerDied: 503,
    errors.Busy: 503,
    errors.DeadlineExceeded: 504,
}
RETRY_SECONDS = "2"
TITLES = {
    400: "That request cannot be understood",
    401: "A token is needed",
    403: "That is not allowed",
    404: "There is no such page",
    405: "That method is not possible here",
    406: "There is no such format",
    413: "That is too large",
    415: "That media type is not accepted",
    429: "Too many attempts",
    500: "The server failed",
    501: "That function does not exist here",
    502: "Another server gave no answer",
    503: "The server is busy",
    504: "That took too long",
}


def status_of(error: errors.NewskgError) -> int:
    """The HTTP status of an error: that of the nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def as_json(status: int, message: str) -> str:
    """An error as machines get it."""
    body = {"ok": False, "error": message, "errors": [message], "status": status}
    return json.dumps(body, ensure_ascii=False) + "\n"


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error in the shape that suits the client."""
    if prefers_html(request.headers.get("Accept")):
        text = render_template("error.html", status=status, title=TITLES.get(status, "Error"), message=message)
        response = Response(text, status, mimetype="text/html")
    else:
        response = Response(as_json(status, message), status, mimetype="application/json")
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return add_headers(response)


def told(error: HTTPException, allowed: str) -> str:
    """What went wrong and what to do, also where Werkzeug says only that it did."""
    if allowed:
        return f"{request.method} is not possible at this address: use {allowed}"
    if type(error) is NotFound and error.description == NotFound.description:
        return "there is nothing at this address: see / for the pages and /openapi.json for all routes"
    return error.description or error.name


def register(app: Flask) -> None:
    """Makes the application answer errors by the table."""

    @app.errorhandler(errors.NewskgError)
    def newskg_error(error: errors.NewskgError) -> Response:
        status = status_of(error)
        headers = {}
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="newskg"'
        if status == 503:
            headers["Retry-After"] = RETRY_SECONDS
        if isinstance(error, TooMany):
            headers["Retry-After"] = str(error.seconds)
        return error_response(status, str(error), headers)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        given = error.response
        status = given.status_code if given is not None else error.code or 500
        headers = {}
        valid = getattr(error, "valid_methods", None)
        if valid:
            headers["Allow"] = ", ".join(sorted(valid))
        if given is not None or 300 <= status < 400:
            return Response(status=status, headers=dict(error.get_response().headers))
        return error_response(status, told(error, headers.get("Allow", "")), headers)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.exception("unexpected error")
        return error_response(500, "the server failed unexpectedly: see its log")
