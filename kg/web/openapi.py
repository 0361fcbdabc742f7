"""The server's description in OpenAPI 3.1 at /openapi.json, for clients and for tools that try a server's limits.

The table below has every route; a test compares it with the routes that there are. Each saved query is a path of its own.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, json

from kg import __version__
from kg.query.formats import FORMATS, UPLOADS
from kg.query.saved import Parameter, SavedQuery
from kg.web.site import site

blueprint = Blueprint("openapi", __name__)
FORM = "application/x-www-form-urlencoded"
TYPES = {"integer": {"type": "integer"}, "decimal": {"type": "number"}, "boolean": {"type": "boolean"}}
ERROR = {
    "type": "object",
    "required": ["ok", "error", "errors", "status"],
    "properties": {
        "ok": {"const": False},
        "error": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "string"}},
        "status": {"type": "integer"},
    },
}
_ROWS = ("json", "xml", "csv", "tsv")


def _query(name: str, about: str, **schema: Any) -> dict[str, Any]:
    """A parameter in the URL."""
    return {"name": name, "in": "query", "description": about, "schema": schema or {"type": "string"}}


FORMAT = _query(
    "format", "format of the answer, in place of Accept", type="string", enum=[f.name for f in FORMATS] + ["html"]
)
DATASET = [
    _query(name, "graph of the dataset", type="string", format="iri")
    for name in ("default-graph-uri", "named-graph-uri")
]
USING = [
    _query(name, "graph of the dataset", type="string", format="iri")
    for name in ("using-graph-uri", "using-named-graph-uri")
]
GRAPH = [
    _query("graph", "IRI of the graph", type="string", format="iri"),
    _query("default", "the default graph", type="string", maxLength=0),
]
PREFIX = _query("prefix", "beginning of the name")
SAFE = _query("safe", "1: cells of CSV and TSV that a spreadsheet would run are text", type="string", enum=["1"])
# Route to methods, each with what it does, its parameters, the media types of its body, and whether it needs the token.
Operation = tuple[str, list[dict[str, Any]], dict[str, Any], bool]
_TEXT = {"schema": {"type": "string"}}


def _form(*names: str) -> dict[str, Any]:
    return {FORM: {"schema": {"type": "object", "properties": {name: {"type": "string"} for name in names}}}}


_QUERY: dict[str, Any] = {"application/sparql-query": _TEXT, **_form("query", "format")}
_UPLOAD: dict[str, Any] = dict.fromkeys(UPLOADS, _TEXT)
ROUTES: dict[str, dict[str, Operation]] = {
    "/": {"get": ("What is inside", [], {}, False)},
    "/search": {"get": ("Names and headlines like the words", [_query("q", "words"), _query("kind", "kind of thing")], {}, False)},
    "/articles": {"get": ("All articles", [], {}, False)},
    "/sparql": {
        "get": ("SPARQL query; without one the service description", [_query("query", "query"), FORMAT, SAFE, *DATASET], {}, False),
        "post": ("SPARQL query", [FORMAT, SAFE, *DATASET], _QUERY, False),
        "options": ("What scripts of other sites may send", [], {}, False),
    },
    "/update": {
        "post": ("SPARQL update", USING, {"application/sparql-update": _TEXT, **_form("update")}, True),
        "options": ("What scripts of other sites may send", [], {}, False),
    },
    "/data": {
        "get": ("A graph, or the whole dataset", [*GRAPH, FORMAT], {}, False),
        "put": ("Replaces a graph", GRAPH, _UPLOAD, True),
        "post": ("Adds to a graph, or makes a new one", GRAPH, _UPLOAD, True),
        "delete": ("Drops a graph", GRAPH, {}, True),
    },
    "/data/{path}": {
        "get": ("A graph by its own address", [FORMAT], {}, False),
        "put": ("Replaces a graph", [], _UPLOAD, True),
        "post": ("Adds to a graph", [], _UPLOAD, True),
        "delete": ("Drops a graph", [], {}, True),
    },
    "/queries": {"get": ("The saved queries", [FORMAT], {}, False)},
    "/queries/": {"get": ("The saved queries: moved to /queries", [], {}, False)},
    "/queries/{name}": {"get": ("A saved query and its answer", [FORMAT, SAFE, _query("snapshot", "the data cited")], {}, False)},
    "/article/{name}": {"get": ("An article", [FORMAT], {}, False)},
    "/assertion/{name}/{part}": {"get": ("A statement or figure of an article", [FORMAT], {}, False)},
    "/{kind}/{name}": {"get": ("A thing, a build, or a named graph", [FORMAT], {}, False)},
    "/ontology": {"get": ("The ontology", [FORMAT], {}, False)},
    "/.well-known/void": {"get": ("Statistics", [FORMAT], {}, False)},
    "/.well-known/sparql-examples": {"get": ("The saved queries as RDF", [FORMAT], {}, False)},
    "/openapi.json": {"get": ("This description", [], {}, False)},
    "/health": {"get": ("Whether queries are answered", [], {}, False)},
    "/metrics": {"get": ("Counts for monitoring", [], {}, False)},
    "/robots.txt": {"get": ("For crawlers", [], {}, False)},
    "/sitemap.xml": {"get": ("For crawlers", [], {}, False)},
    "/sitemap-{number}.xml": {"get": ("For crawlers", [], {}, False)},
    "/reconcile": {
        "get": ("Reconciliation: manifest, queries or extension", [_query("queries", "JSON"), _query("extend", "JSON")], {}, False),
        "post": ("Reconciliation: queries or extension", [], _form("queries", "extend"), False),
        "options": ("What scripts of other sites may send", [], {}, False),
    },
    "/reconcile/suggest/entity": {"get": ("Things by the beginning of a name", [PREFIX, _query("cursor", "from here")], {}, False)},
    "/reconcile/suggest/{kind}": {"get": ("Types or properties", [PREFIX, _query("cursor", "from here")], {}, False)},
    "/reconcile/properties": {"get": ("Properties of a type", [_query("type", "type"), _query("limit", "at most")], {}, False)},
    "/reconcile/preview": {"get": ("A thing in a frame", [_query("id", "identifier")], {}, False)},
    "/reconcile/{path}": {"options": ("What scripts of other sites may send", [], {}, False)},
    "/review": {
        "get": ("The review desk", [], {}, False),
        "post": ("A decision, with the session's secret", [], _form("decision", "secret"), False),
    },
    "/review/sign-in": {"post": ("Exchanges the token for a session", [], _form("token", "author"), False)},
    "/review/sign-out": {"post": ("Ends the session", [], {}, False)},
    "/review/log": {"get": ("All decisions", [], {}, False)},
    "/review/pending": {"get": ("How many decisions are still to be taken over", [], {}, False)},
}  # fmt: skip


def description(queries: dict[str, SavedQuery]) -> dict[str, Any]:
    """The document."""
    paths = {
        path: {method: _operation(path, *about) for method, about in methods.items()}
        for path, methods in ROUTES.items()
    }
    for query in queries.values():
        given = [_parameter(parameter) for parameter in query.parameters]
        shown = _query("format", "format of the answer", type="string", enum=[*_ROWS, "html"])
        paths["/queries/" + query.name] = {"get": _operation("", query.summary, [*given, shown, SAFE], {}, False)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "newskg",
            "version": __version__,
            "description": "What articles say, each row with its sentence",
        },
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    path: str, summary: str, given: list[dict[str, Any]], body: dict[str, Any], token: bool
) -> dict[str, Any]:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    inside = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    problem = {
        "description": "what is wrong and what to do",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    found: dict[str, Any] = {
        "summary": summary,
        "parameters": [*inside, *given],
        "responses": {"2XX": {"description": "the answer"}, "304": {"description": "unchanged"}, "default": problem},
    }  # fmt: skip
    if body:
        found["requestBody"] = {"required": True, "content": body}
    if token:
        found["security"] = [{"token": []}]
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(TYPES.get(parameter.type, {"type": "string"}))
    if parameter.type == "date":
        schema["format"] = "date"
    if parameter.values:
        schema["enum"] = list(parameter.values)
    return _query(parameter.name, parameter.description, **schema)


@blueprint.route("/openapi.json")
def document() -> Response:
    """The document as JSON."""
    return Response(json.dumps(description(site().queries), ensure_ascii=False) + "\n", mimetype="application/json")
