"""The saved queries: their list, and each as a form with its result."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kg.errors import FormatError, NewskgError, QueryError, UnknownName
from kg.query.formats import prefers_html
from kg.query.saved import SavedQuery, find
from kg.web import page_queries, respond
from kg.web.errors import status_of
from kg.web.labels import snapshot_date
from kg.web.site import site
from kg.web.suggestions import suggestions
from kg.web.tables import Table, result_table
from kg.web.views import draw

blueprint = Blueprint("queries", __name__)
FORMATS = ("csv", "tsv", "json", "xml", "ttl")
# Formats of RDF: what the graph says of the things in the rows, and what the sentences in them support.
GRAPHS = {"ttl": "turtle", "turtle": "turtle", "jsonld": "jsonld", "nt": "ntriples", "rdf": "rdfxml"}
NAMES = {"ttl": "Turtle"}
# More things than these are not described in one answer.
MOST = 5000


@blueprint.route("/queries")
def listing() -> Response:
    """All saved queries."""
    queries = site().queries
    shown = request.args.get("format", "")
    if shown not in ("", "html", "json"):
        raise FormatError(
            f"no format {shown!r} for the list: use html or json, or /.well-known/sparql-examples for RDF"
        )
    tag = respond.tag_or_304("list" + shown)
    if shown == "json" or (not shown and not prefers_html(request.headers.get("Accept"))):
        body = {"snapshot": site().snapshot_id, "queries": [_described(query) for query in queries.values()]}
        text, media = json.dumps(body, ensure_ascii=False) + "\n", "application/json"
    else:
        text, media = render_template("queries.html", topics=topics(queries)), "text/html"
    return respond.tagged(Response(text, mimetype=media, headers={"Vary": "Accept"}), tag)


def topics(queries: dict[str, SavedQuery]) -> list[tuple[str, list[SavedQuery]]]:
    """The saved queries by their first tag."""
    found: dict[str, list[SavedQuery]] = {}
    for query in queries.values():
        found.setdefault(query.tags[0] if query.tags else "others", []).append(query)
    return sorted(found.items())


def _described(query: SavedQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "summary": query.summary,
        "description": query.description,
        "tags": query.tags,
        "view": query.view,
        "url": request.host_url + "queries/" + query.name,
        "parameters": [
            {
                "name": item.name,
                "type": item.type,
                "default": item.default,
                "values": item.values,
                "description": item.description,
            }
            for item in query.parameters
        ],
    }


@blueprint.route("/queries/<name>")
def run(name: str) -> Response:
    """One saved query with the parameters of the request: a page, or its result in the format asked for."""
    stem, dot, suffix = name.rpartition(".")
    if dot and stem in site().queries:
        if suffix == "rq":
            return Response(site().queries[stem].text, content_type="application/sparql-query; charset=utf-8")
        name = stem
    else:
        suffix = ""
    query = find(site().queries, name)
    given = {key: request.args.getlist(key) for key in request.args if key not in ("format", "snapshot", "safe")}
    cited = request.args.get("snapshot", "")
    shown = suffix or request.args.get("format") or ""
    page = shown == "html" or (not shown and prefers_html(request.headers.get("Accept")))
    if not page:
        if cited not in ("", site().snapshot_id):
            raise UnknownName(
                f"snapshot {cited} is not served any more: leave `snapshot` out for the answer of {site().snapshot_id}"
            )
        text = query.bind(given, site().base)
        safe = request.args.get("safe") == "1"
        tag = respond.tag_or_304(shown + " safe" * safe)
        if shown in GRAPHS:
            return respond.run(_described_rows(text, GRAPHS[shown]), tag)
        message = {
            "do": "query",
            "query": text,
            "format": shown or None,
            "accept": request.headers.get("Accept"),
            "union": True,
            "safe": safe,
        }
        response = respond.run({**message, "base": site().base}, tag)
        if shown in ("csv", "tsv"):
            response.headers["Content-Disposition"] = f'inline; filename="{name}.{shown}"'
        return response
    return _page(query, given, cited)


def _described_rows(text: str, shown: str) -> dict[str, Any]:
    """The worker's request for a graph of what the rows of a query name and rest on."""
    answer = site().pool.run({"do": "query", "query": text, "format": "json", "union": True, "base": site().base})
    rows = json.loads(answer.read())["results"]["bindings"]
    terms = {term["value"] for row in rows for term in row.values() if term["type"] == "uri"}
    iris = sorted(iri for iri in terms if iri.startswith(site().base))
    if len(iris) > MOST:
        raise QueryError(f"the rows name {len(iris)} things, more than {MOST}: narrow the query by its parameters")
    slots = " ".join(f"<{iri}>" for iri in iris)  # from the graph, where they were checked
    query = page_queries.ROWS.replace("VALUES ?thing {}", f"VALUES ?thing {{ {slots} }}")
    return {"do": "query", "query": query, "format": shown, "union": True, "base": site().base}


def _page(query: SavedQuery, given: dict[str, list[str]], cited: str) -> Response:
    tag = respond.tag_or_304("page")
    table: Table | None = None
    message, status, text, drawing = "", 200, query.body, None
    try:
        text = query.bind(given, site().base)
        answer = site().pool.run({"do": "query", "query": text, "format": "json", "union": True, "base": site().base})
        cut = bool(answer.head.get("cut"))
        table = result_table(json.loads(answer.read()), cut=cut).named()
        drawing = draw(query.view, dict(query.axes), table)
    except NewskgError as error:
        message, status = str(error), status_of(error)
    kept = {key: values for key, values in given.items() if any(values)}
    parameters = urlencode(kept, doseq=True)
    snapshot = site().snapshot_id
    page = render_template(
        "query.html",
        query=query,
        suggested=suggestions(query),
        given=given,
        table=table,
        message=message,
        text=text,
        drawing=drawing,
        formats=FORMATS,
        format_names=NAMES,
        parameters=parameters,
        permalink=f"{request.base_url}?{urlencode({**kept, 'snapshot': snapshot}, doseq=True)}",
        shown_parameters=", ".join(f"{key}: {' or '.join(values)}" for key, values in kept.items()),
        old_snapshot=cited if cited != snapshot else "",
        snapshot_date=snapshot_date(),
        edit="/sparql?" + urlencode({"query": text, "format": "html", "view": query.view, **dict(query.axes)}),
        snapshot=snapshot,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
    )
    response = Response(page, status, mimetype="text/html", headers={"Vary": "Accept", "X-Newskg-Snapshot": snapshot})
    return response if message else respond.tagged(response, tag)


@blueprint.route("/queries/")
def slash() -> Response:
    """The list has no slash at its end."""
    return Response(status=301, headers={"Location": "/queries"})
