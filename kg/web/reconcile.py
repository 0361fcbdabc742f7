"""The Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group) at /reconcile, over the things of this
graph."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from kg import __version__, search
from kg.errors import QueryError, UnknownName
from kg.prefixes import NKG, PREFIXES
from kg.search import Hit
from kg.store import Snapshot, current_snapshot
from kg.web import candidates, properties
from kg.web.candidates import Candidate
from kg.web.security import PREFLIGHT
from kg.web.site import site

blueprint = Blueprint("reconcile", __name__)
# Queries in a batch, things in an extension: some hundred milliseconds of work.
BATCH, THINGS = 100, 1000
PREVIEW = {"width": 420, "height": 280}
# A preview is meant for other sites' frames; it runs nothing.
FRAMED = "default-src 'none'; style-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'"
SUGGESTED = 20
SENTENCES = f"""PREFIX nif: <{PREFIXES["nif"]}>
PREFIX itsrdf: <{PREFIXES["itsrdf"]}>
PREFIX prov: <{PREFIXES["prov"]}>
SELECT DISTINCT ?sentence ?words WHERE {{ VALUES ?thing {{}}
{{ ?mention itsrdf:taIdentRef ?thing ; nif:sentence ?sentence }} UNION {{ ?thing prov:wasDerivedFrom ?sentence }}
?sentence nif:anchorOf ?words }} ORDER BY ?sentence LIMIT 3"""


@blueprint.route("/reconcile", methods=["GET", "POST"], provide_automatic_options=False)
def endpoint() -> Response:
    """The manifest, or the answer to a batch of queries, or to a data extension."""
    given = request.values
    if "queries" in given:
        return _json(_batch(_object("queries", given["queries"])))
    if "extend" in given:
        return _json(_extension(_object("extend", given["extend"])))
    if request.method == "POST":
        raise QueryError("the request has neither queries nor extend: send one of them as a form, with JSON in it")
    return _json(manifest(request.host_url))


@blueprint.route("/reconcile", methods=["OPTIONS"])
@blueprint.route("/reconcile/<path:_path>", methods=["OPTIONS"])
def preflight(_path: str = "") -> Response:
    """What scripts of other sites may send."""
    return Response(status=204, headers={**PREFLIGHT, "Allow": "GET, HEAD, POST, OPTIONS"})


def manifest(host: str) -> dict[str, Any]:
    """The service manifest, for the address that the client used."""
    here = host + "reconcile"
    suggest = {
        kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": f"newskg {site().base}",
        "identifierSpace": site().base,
        "schemaSpace": NKG,
        "serviceVersion": __version__,
        "documentation": host + "ontology",
        "defaultTypes": [candidates.type_of(name) for name in list(candidates.CLASSES)[:5]],
        "view": {"url": host + "{{id}}"},
        "preview": {"url": here + "/preview?id={{id}}", **PREVIEW},
        "suggest": suggest,
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}, "property_settings": []},
        "batchSize": BATCH,
    }


@blueprint.route("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Things whose names begin with `prefix`, or the one with that identifier."""
    prefix, cursor = request.args.get("prefix", ""), _number("cursor", 0)
    found = search.things(_snapshot(), [site().base + prefix.removeprefix(site().base)])
    hits = found or search.suggest(_snapshot(), prefix, candidates.FOUND, cursor + SUGGESTED)[cursor:]
    return _json(
        {
            "result": [
                {
                    "id": properties.identifier(hit.iri),
                    "name": hit.label,
                    "description": _description(hit),
                    "notable": [candidates.type_of(name) for name in candidates.type_ids(hit)],
                }
                for hit in hits
            ]
        }
    )


@blueprint.route("/reconcile/suggest/<any(type, property):kind>")
def suggest_term(kind: str) -> Response:
    """Types or properties of which the identifier, the name or a word in it begins with `prefix`."""
    prefix, cursor = request.args.get("prefix", "").strip().lower(), _number("cursor", 0)
    terms = candidates.types() if kind == "type" else [item.about for item in properties.properties().values()]
    found = [
        term
        for term in terms
        if any(text.startswith(prefix) for text in (term["id"].lower(), term["id"].partition(":")[2].lower()))
        or any(word.startswith(prefix) for word in (term["name"].lower(), *term["name"].lower().split()))
    ]
    return _json({"result": found[cursor : cursor + SUGGESTED]})


@blueprint.route("/reconcile/properties")
def propose() -> Response:
    """The properties that things of a type have."""
    name = request.args.get("type", "")
    kind = candidates.CLASSES.get(name, "event" if name.startswith("nkg:") else "")
    found = [item.about for item in properties.properties().values() if not kind or kind in item.kinds]
    limit = _number("limit", 0)
    body: dict[str, Any] = {"type": name, "properties": found[:limit] if limit else found}
    return _json(body | ({"limit": limit} if limit else {}))


@blueprint.route("/reconcile/preview")
def preview() -> Response:
    """A thing in a small frame: its names, and sentences that name it."""
    name = request.args.get("id", "")
    hits = search.things(_snapshot(), [site().base + name.removeprefix(site().base)])
    if not hits:
        raise UnknownName(f"there is nothing at {name!r}: give the identifier of a candidate as id")
    hit = hits[0]
    page = render_template(
        "reconcile_preview.html",
        hit=hit,
        about=_description(hit),
        names=search.names(_snapshot(), hit.iri),
        sentences=site().select(SENTENCES, thing=ox.NamedNode(hit.iri)),
    )
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": FRAMED, "X-Frame-Options": ""})


def _batch(queries: dict[str, Any]) -> dict[str, Any]:
    if len(queries) > BATCH:
        raise RequestEntityTooLarge(f"{len(queries)} queries are in the batch: send at most {BATCH} at once")
    snapshot = _snapshot()
    body = {}
    for key, query in queries.items():
        if not isinstance(query, dict):
            raise QueryError(f"query {key!r} is no object: send {{{key!r}: {{'query': '…'}}}}")
        body[key] = {"result": [_candidate(item) for item in candidates.answer(snapshot, query)]}
    return body


def _candidate(item: Candidate) -> dict[str, Any]:
    features = [{"id": "name", "value": item.named}]
    if item.given is not None:
        features.append({"id": "properties", "value": item.given})
    return {
        "id": properties.identifier(item.hit.iri),
        "name": item.hit.label,
        "description": _description(item.hit),
        "score": item.score,
        "match": item.sure,
        "type": [candidates.type_of(name) for name in candidates.type_ids(item.hit)],
        "features": [*features, {"id": "mentions", "value": item.hit.weight}],
    }


def _extension(query: dict[str, Any]) -> dict[str, Any]:
    ids, wanted = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise QueryError("extend needs ids, a list of identifiers")
    if not isinstance(wanted, list) or not all(isinstance(item, dict) for item in wanted):
        raise QueryError("extend needs properties, a list of objects with an id: see /reconcile/properties")
    if len(ids) > THINGS:
        raise RequestEntityTooLarge(f"{len(ids)} ids are too many: send at most {THINGS} at once")
    items = [properties.find(str(item.get("id"))) for item in wanted]
    iris = {name: hit.iri for name in ids for hit in search.things(_snapshot(), [site().base + name])}
    rows: dict[str, dict[str, list[Any]]] = {name: {item.id: [] for item in items} for name in ids}
    for item in items:
        found = properties.values(item, sorted(set(iris.values())))
        for name, iri in iris.items():
            rows[name][item.id] = [properties.cell(item, row) for row in found.get(iri, ())]
    return {"meta": [item.about for item in items], "rows": rows}


def _description(hit: Hit) -> str:
    if hit.kind == "event":
        counted = f"reported by {hit.weight} article{'s' if hit.weight != 1 else ''}"
        return ", ".join(filter(None, (hit.kind, hit.date, counted)))
    return f"{hit.kind}, {hit.weight} mention{'s' if hit.weight != 1 else ''}"


def _snapshot() -> Snapshot:
    snapshot = current_snapshot(site().folder)
    assert snapshot is not None  # the server publishes one when it starts
    return snapshot


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise QueryError(f"{name} is no JSON ({error}): send a JSON object") from None
    if not isinstance(found, dict):
        raise QueryError(f"{name} is no JSON object: send one")
    return found


def _number(name: str, default: int) -> int:
    text = request.args.get(name) or str(default)
    if not text.isdecimal() or len(text) > 6:
        raise QueryError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _json(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False) + "\n", mimetype="application/json")
