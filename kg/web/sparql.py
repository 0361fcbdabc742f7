"""The SPARQL 1.1 Protocol: queries at /sparql, updates at /update."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from kg.errors import QueryError
from kg.query.formats import prefers_html
from kg.query.tokens import changes_by_itself, notable
from kg.web import respond
from kg.web.description import service_description
from kg.web.editor import editor_page
from kg.web.lending import FAILED
from kg.web.security import PREFLIGHT, check_token
from kg.web.site import site
from kg.web.wellknown import published

blueprint = Blueprint("sparql", __name__)
FORM = "application/x-www-form-urlencoded"
# Whoever reaches the server may send queries, and a few copies of each are in its memory at once.
MAX_QUERY = 16 << 20
# A longer query is not looked at for what changes by itself, which takes the server's own time; it has no ETag.
LOOKED_AT = 1 << 16
MAX_FIELDS = 10_000


@dataclass(slots=True)
class Protocol:
    """A protocol request: the text of the query or update, and its parameters with all their values."""

    text: str | None = None
    values: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """The value of a parameter that may stand once. `QueryError` if it stands more often."""
        found = self.values.get(name, [])
        if len(found) > 1:
            raise QueryError(f"parameter {name} is given {len(found)} times: give it once")
        return found[0] if found else None


def read_protocol(word: str, media_type: str) -> Protocol:
    """Reads a request by the three ways of the protocol: in the URL (queries only), as a form, or as the body itself.

    `word` is `query` or `update`; `media_type` is that of a direct POST. Raises `QueryError` or `UnsupportedMediaType`.
    """
    found = Protocol()
    _add(found, request.query_string)
    if request.method != "POST":
        found.text = found.one(word)
        return found
    if word in found.values and word == "update":
        raise QueryError("an update cannot be sent in the URL: send it in the body of a POST")
    if word == "query" and (request.content_length or 0) > MAX_QUERY:
        raise RequestEntityTooLarge(f"a query may have {MAX_QUERY >> 20} MiB: send it in parts")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"charset {charset} is not accepted: send UTF-8")
    if request.mimetype == FORM:
        _add(found, request.get_data())
        found.text = found.one(word)
        if found.text is None:
            raise QueryError(f"the form has no parameter {word}: send the {word} in it")
    elif request.mimetype == media_type:
        if word in found.values:
            raise QueryError(f"the {word} is given both in the URL and in the body: give it once")
        found.text = _decode(request.get_data())
    else:
        raise UnsupportedMediaType(
            f"{request.mimetype or 'no media type'} is not accepted here: send {media_type} or {FORM}"
        )
    return found


def _add(found: Protocol, encoded: bytes) -> None:
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            encoding="utf-8",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise QueryError("the parameters are not UTF-8, percent-encoded: encode them so") from None
    except ValueError as error:
        raise QueryError(f"the parameters cannot be read: {error}") from None
    for name, text in pairs:
        found.values.setdefault(name, []).append(text)


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError(f"the body is not UTF-8 ({error}): send UTF-8") from None


@blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def query() -> Response:
    """A query, or the editor for a browser, or the service description."""
    failed = request.environ.get(FAILED)
    if failed is not None:
        raise failed
    found = read_protocol("query", "application/sparql-query")
    shown = next(iter(found.values.get("format", ())), None)  # some clients send it twice
    page = shown == "html" or (not shown and request.method == "GET" and prefers_html(request.headers.get("Accept")))
    if page:
        return editor_page(found.text or "", found.values)
    if found.text is None:
        if set(found.values) & {"default-graph-uri", "named-graph-uri"}:
            raise QueryError("the request has no query: send it as the parameter query")
        tag = respond.tag_or_304("description" + (shown or ""))
        return respond.tagged(service_description(shown, published()), tag)
    return run_query(found, shown)


def run_query(found: Protocol, shown: str | None) -> Response:
    """Runs the query of a protocol request, answered in the format of that name or by the Accept header."""
    assert found.text is not None
    tag = ""
    if len(found.text) <= LOOKED_AT and not changes_by_itself(notable(found.text)):
        tag = respond.tag_or_304((shown or "") + " safe" * ("safe" in found.values))
    return respond.run(message_of(found, shown, request.headers.get("Accept")), tag)


def message_of(found: Protocol, shown: str | None, accept: str | None) -> dict[str, Any]:
    """The worker's request for a protocol request."""
    message: dict[str, Any] = {
        "do": "query",
        "query": found.text,
        "format": shown,
        "accept": accept,
        "union": site().union,
        "base": site().base + "sparql",
        "safe": found.values.get("safe") == ["1"],
    }
    defaults, named = found.values.get("default-graph-uri"), found.values.get("named-graph-uri")
    if defaults is not None or named is not None:
        message |= {"default_graphs": defaults or [], "named_graphs": named or []}
    return message


@blueprint.route("/update", methods=["POST"], provide_automatic_options=False)
def update() -> Response:
    """An update; needs the token."""
    check_token(request, site().token)
    found = read_protocol("update", "application/sparql-update")
    writer = site().writer
    assert writer is not None
    outcome = writer.run(
        {
            "do": "update",
            "update": found.text,
            "base": site().base + "sparql",
            "using": found.values.get("using-graph-uri"),
            "using_named": found.values.get("using-named-graph-uri"),
        }
    )
    return Response(status=204, headers={"X-Newskg-Snapshot": outcome["snapshot"]})


@blueprint.route("/sparql", methods=["OPTIONS"])
@blueprint.route("/update", methods=["OPTIONS"])
def preflight() -> Response:
    """What scripts of other sites may send."""
    return Response(status=204, headers={**PREFLIGHT, "Allow": "GET, HEAD, POST, OPTIONS"})
