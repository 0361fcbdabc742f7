"""What the server says of itself: service description, VoID, the ontology, the saved queries as RDF, health and
metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pyoxigraph as ox
from flask import Blueprint, Response, request

from kg import __version__
from kg.prefixes import PREFIXES
from kg.query.formats import FORMATS, named, negotiate, prefers_html
from kg.query.worker import GRAPH_FORMATS
from kg.web.site import site

blueprint = Blueprint("description", __name__)

SD = PREFIXES["sd"]
RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")


def triple(subject: str, predicate: str, value: str | ox.Literal) -> ox.Triple:
    """A triple of an IRI, a prefixed name, and an IRI or a literal."""
    prefix, _, local = predicate.partition(":")
    return ox.Triple(
        ox.NamedNode(subject),
        ox.NamedNode(PREFIXES[prefix] + local),
        ox.NamedNode(value) if isinstance(value, str) else value,
    )


def rdf_response(triples: list[ox.Triple], shown: str | None = None) -> Response:
    """A small graph in the format asked for."""
    if not shown and prefers_html(request.headers.get("Accept")):
        shown = "turtle"  # a person who looks at it
    if shown:
        item = named(shown, "graph")
        media = item.media_type
    else:
        item, media = negotiate(request.headers.get("Accept"), "graph")
    data = ox.serialize(triples, format=GRAPH_FORMATS[item.name], prefixes=PREFIXES)
    return Response(data, content_type=media, headers={"Vary": "Accept"})


def service_description(shown: str | None, examples: Iterable[ox.Triple]) -> Response:
    """The SPARQL 1.1 Service Description of /sparql. It has the saved queries and prefixes as well: the SIB editor looks
    for them in the data by SPARQL and, where it finds none, here."""
    endpoint = request.base_url
    service, dataset = endpoint + "#service", endpoint + "#dataset"
    found = [
        triple(service, "rdf:type", SD + "Service"),
        triple(service, "sd:endpoint", endpoint),
        triple(service, "sd:supportedLanguage", SD + "SPARQL11Query"),
        triple(service, "sd:defaultDataset", dataset),
        triple(dataset, "rdf:type", SD + "Dataset"),
        triple(dataset, "sd:defaultGraph", dataset + "-default"),
        triple(dataset + "-default", "rdf:type", SD + "Graph"),
    ]
    if site().token:
        found.append(triple(service, "sd:supportedLanguage", SD + "SPARQL11Update"))
    if site().union:
        found.append(triple(service, "sd:feature", SD + "UnionDefaultGraph"))
    if site().pool.limits.service:
        found.append(triple(service, "sd:feature", SD + "BasicFederatedQuery"))
    iris = {
        "json": "SPARQL_Results_JSON",
        "xml": "SPARQL_Results_XML",
        "csv": "SPARQL_Results_CSV",
        "tsv": "SPARQL_Results_TSV",
    }
    for item in FORMATS:
        iri = "http://www.w3.org/ns/formats/" + iris[item.name] if item.name in iris else GRAPH_FORMATS[item.name].iri
        found.append(triple(service, "sd:resultFormat", iri))
        if item.name not in iris:
            found.append(triple(service, "sd:inputFormat", iri))
    return rdf_response([*found, *examples], shown)


@blueprint.route("/health")
def health() -> Response:
    """Whether queries are answered, on which snapshot, and how the workers are contained."""
    pool = site().pool
    pool.run({"do": "query", "query": "ASK {}", "format": "json"}).read()
    body = {
        "ok": True,
        "version": __version__,
        "snapshot": site().snapshot_id,
        "workers": pool.limits.workers,
        "systemCallFilter": pool.filtered,
        "writing": bool(site().token),
    }
    return Response(json.dumps(body) + "\n", mimetype="application/json", headers={"Cache-Control": "no-store"})


@blueprint.route("/metrics")
def metrics() -> Response:
    """Counters, and how long queries took, in Prometheus' text format."""
    lines, durations = [], site().pool.durations()
    counts = {**site().pool.counts}
    counts["queries"] += sum(durations.counts)  # those that workers answered by themselves
    durations.merge(site().durations)
    lines += durations.lines("newskg_query_seconds")
    for name, number in sorted(counts.items()):
        lines += [f"# TYPE newskg_{name}_total counter", f"newskg_{name}_total {number}"]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
