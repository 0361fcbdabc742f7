"""The SPARQL 1.1 Graph Store HTTP Protocol at /data; graphs may also be addressed directly, as /data/NAME."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, quote

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from kg.errors import QueryError
from kg.query.formats import UPLOADS
from kg.web import respond
from kg.web.security import check_token
from kg.web.site import site

blueprint = Blueprint("graphstore", __name__)


def graph_name() -> str | None:
    """The graph that the request is for: its IRI, empty for the default graph, None for the whole dataset.
    `QueryError`."""
    try:
        pairs = parse_qsl(request.query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise QueryError("the parameters are not UTF-8, percent-encoded: encode them so") from None
    graphs = [text for name, text in pairs if name == "graph"]
    default = any(name == "default" for name, _ in pairs)
    if len(graphs) + default > 1:
        raise QueryError("more than one graph is named: give either ?default or ?graph=IRI, once")
    if default:
        return ""
    if not graphs:
        return None
    return check_name(graphs[0])


def check_name(name: str) -> str:
    """The name of a graph, if it is an absolute IRI."""
    try:
        return ox.NamedNode(name).value
    except ValueError as error:
        raise QueryError(f"graph={name} is no absolute IRI ({error}): give one") from None


def direct_name(path: str) -> str:
    """The IRI of a graph that is addressed directly: the request's own address."""
    return check_name(request.base_url if path else "")


@blueprint.route("/data", methods=["GET"])
def read() -> Response:
    """A graph, or the whole dataset."""
    return _read(graph_name())


@blueprint.route("/data/<path:path>", methods=["GET"])
def read_direct(path: str) -> Response:
    """A graph by its own address."""
    return _read(direct_name(path))


def _read(name: str | None) -> Response:
    shown = request.args.get("format")
    tag = respond.tag_or_304(shown or "")
    message: dict[str, Any] = {"do": "graph", "format": shown, "accept": request.headers.get("Accept")}
    if name is not None:
        message["graph"] = name
    return respond.run(message, tag)


@blueprint.route("/data", methods=["PUT", "POST", "DELETE"])
def write() -> Response:
    """Replaces, adds to or drops a graph; needs the token. A POST without a graph makes a new one."""
    check_token(request, site().token)
    name = graph_name()
    if name is None:
        if request.method != "POST":
            raise QueryError("no graph is named: give ?default or ?graph=IRI")
        digest = hashlib.sha256(site().snapshot_id.encode() + b"\n" + request.get_data()).hexdigest()[:16]
        return _write(f"{site().base}graph/upload-{digest}", created=True)
    return _write(name)


@blueprint.route("/data/<path:path>", methods=["PUT", "POST", "DELETE"])
def write_direct(path: str) -> Response:
    """As `write`, for a graph by its own address."""
    check_token(request, site().token)
    return _write(direct_name(path))


def _parts() -> list[tuple[str, bytes]]:
    """The documents of a request with their media types: the body, or the files of a form. `UnsupportedMediaType`."""
    if request.mimetype == "multipart/form-data":
        parts = [(upload.mimetype, upload.read()) for _, upload in request.files.items(multi=True)]
        if not parts:  # a PUT of nothing would empty the graph
            raise QueryError("the form has no files: send each document as a file of the form, with its media type")
    else:
        parts = [(request.mimetype, request.get_data())]
    for media, _ in parts:
        if media not in UPLOADS:
            raise UnsupportedMediaType(f"{media or 'no media type'} is not accepted: send one of {', '.join(UPLOADS)}")
    return parts


def _write(name: str, created: bool = False) -> Response:
    message: dict[str, Any] = {"do": request.method.lower(), "graph": name}
    body = b""
    if request.method != "DELETE":
        parts = _parts()
        body = b"".join(data for _, data in parts)
        message |= {"parts": [[media, len(data)] for media, data in parts], "base": name or site().base}
    writer = site().writer
    assert writer is not None
    outcome = writer.run(message, body)
    headers = {"X-Newskg-Snapshot": outcome["snapshot"]}
    if created or outcome.get("created"):
        headers["Location"] = name if created else "/data?graph=" + quote(name, safe="")
        return Response(status=201, headers=headers)
    return Response(status=204, headers=headers)
