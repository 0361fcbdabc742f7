"""What editors and crawlers read: the ontology, VoID statistics, the saved queries as SHACL executables."""

from __future__ import annotations

import threading

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.files import ontology_dir
from kg.prefixes import NKG, PREFIXES
from kg.query.formats import prefers_html
from kg.web import respond
from kg.web.description import rdf_response, triple
from kg.web.site import Row, site
from kg.web.terms import short

blueprint = Blueprint("wellknown", __name__)
XSD = PREFIXES["xsd"]
LABEL, COMMENT = PREFIXES["rdfs"] + "label", PREFIXES["rdfs"] + "comment"
# The statistics of the snapshot that was asked about last; counting takes a second on a million quads.
_void: dict[str, list[ox.Triple]] = {}
_counting = threading.Lock()

CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class ORDER BY ?class"
PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
OF_CLASSES = "SELECT ?class ?p (COUNT(*) AS ?n) WHERE { ?s a ?class ; ?p ?o } GROUP BY ?class ?p ORDER BY ?class ?p"
LINKS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT ?target ?link (COUNT(*) AS ?n) WHERE {
  VALUES ?link { skos:exactMatch skos:closeMatch owl:sameAs } ?s ?link ?o
  VALUES ?target { <http://www.wikidata.org/> <https://sws.geonames.org/> } FILTER(STRSTARTS(STR(?o), STR(?target)))
} GROUP BY ?target ?link ORDER BY ?target ?link"""
NAMES = {"http://www.wikidata.org/": "wikidata", "https://sws.geonames.org/": "geonames"}


@blueprint.route("/ontology")
def ontology() -> Response:
    """The ontology with its concept schemes: a page for a person, RDF for a machine."""
    shown = request.args.get("format")
    tag = respond.tag_or_304("ontology" + (shown or ""))
    triples = _ontology()
    if shown != "html" and (shown or not prefers_html(request.headers.get("Accept"))):
        return respond.tagged(rdf_response(triples, shown), tag)
    terms: dict[str, dict[str, str]] = {}
    for item in triples:
        if isinstance(item.subject, ox.NamedNode) and item.subject.value.startswith(NKG):
            about = terms.setdefault(item.subject.value, {"type": "", "label": "", "comment": ""})
            if item.predicate.value == PREFIXES["rdf"] + "type" and isinstance(item.object, ox.NamedNode):
                about["type"] = short(item.object.value)
            elif item.predicate.value in (LABEL, COMMENT) and isinstance(item.object, ox.Literal):
                about["label" if item.predicate.value == LABEL else "comment"] = item.object.value
    groups: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for iri, about in sorted(terms.items()):
        groups.setdefault(about["type"], []).append((iri, about))
    page = render_template("ontology.html", groups=sorted(groups.items()))
    return respond.tagged(Response(page, mimetype="text/html", headers={"Vary": "Accept"}), tag)


def _ontology() -> list[ox.Triple]:
    found = []
    for path in sorted(ontology_dir().glob("*.ttl")):
        if path.name != "shapes.ttl":
            found += [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]
    return found


@blueprint.route("/.well-known/void")
def void() -> Response:
    """VoID: counts, class and property partitions, links. Query editors complete names from it."""
    tag = respond.tag_or_304("void" + request.args.get("format", ""))
    snapshot = site().snapshot_id
    with _counting:
        if snapshot not in _void:
            _void.clear()
            _void[snapshot] = _statistics(site().base + ".well-known/void")
        triples = _void[snapshot]
    return respond.tagged(rdf_response(triples, request.args.get("format")), tag)


def _number(row: Row) -> ox.Literal:
    return ox.Literal(row["n"]["value"], datatype=ox.NamedNode(XSD + "integer"))


def _statistics(dataset: str) -> list[ox.Triple]:
    select = site().select
    properties, classes = select(PROPERTIES), select(CLASSES)
    total = sum(int(row["n"]["value"]) for row in properties)
    found = [
        triple(dataset, "rdf:type", PREFIXES["void"] + "Dataset"),
        triple(dataset, "void:sparqlEndpoint", site().base + "sparql"),
        triple(dataset, "void:uriSpace", ox.Literal(site().base)),
        triple(dataset, "void:triples", ox.Literal(total)),
        triple(dataset, "void:classes", ox.Literal(len(classes))),
        triple(dataset, "void:properties", ox.Literal(len(properties))),
        *(
            triple(dataset, "void:vocabulary", namespace)
            for prefix, namespace in PREFIXES.items()
            if prefix not in ("wd", "sd", "sh", "void")
        ),
    ]
    names: dict[str, str] = {}
    for row in classes:
        part = names[row["class"]["value"]] = f"{dataset}#class-{len(names) + 1}"
        found += [
            triple(dataset, "void:classPartition", part),
            triple(part, "void:class", row["class"]["value"]),
            triple(part, "void:entities", _number(row)),
        ]
    for number, row in enumerate(properties, 1):
        part = f"{dataset}#property-{number}"
        found += [
            triple(dataset, "void:propertyPartition", part),
            triple(part, "void:property", row["p"]["value"]),
            triple(part, "void:triples", _number(row)),
        ]
    for number, row in enumerate(select(OF_CLASSES), 1):
        part = f"{names[row['class']['value']]}-property-{number}"
        found += [
            triple(names[row["class"]["value"]], "void:propertyPartition", part),
            triple(part, "void:property", row["p"]["value"]),
            triple(part, "void:triples", _number(row)),
        ]
    for row in select(LINKS):
        part = f"{dataset}#{NAMES[row['target']['value']]}-{short(row['link']['value']).partition(':')[2]}"
        found += [
            triple(part, "rdf:type", PREFIXES["void"] + "Linkset"),
            triple(part, "void:subjectsTarget", dataset),
            triple(part, "void:objectsTarget", row["target"]["value"]),
            triple(part, "void:linkPredicate", row["link"]["value"]),
            triple(part, "void:triples", _number(row)),
        ]
    return found


@blueprint.route("/.well-known/sparql-examples")
def examples() -> Response:
    """The saved queries and the prefixes."""
    shown = request.args.get("format")
    tag = respond.tag_or_304("examples" + (shown or ""))
    return respond.tagged(rdf_response(published(), shown), tag)


def published() -> list[ox.Triple]:
    """The saved queries as `sh:SPARQLExecutable` and the prefixes as `sh:declare`, as the SIB editor reads them."""
    here = site().base + ".well-known/sparql-examples"
    found = [triple(here, "rdf:type", PREFIXES["owl"] + "Ontology")]
    for prefix, namespace in PREFIXES.items():
        declared = f"{here}#prefix-{prefix}"
        found += [
            triple(here, "sh:declare", declared),
            triple(declared, "sh:prefix", ox.Literal(prefix)),
            triple(declared, "sh:namespace", ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI"))),
        ]
    for query in site().queries.values():
        node = site().base + "queries/" + query.name
        found += [
            triple(node, "rdf:type", PREFIXES["sh"] + "SPARQLExecutable"),
            triple(node, "rdf:type", PREFIXES["sh"] + "SPARQLSelectExecutable"),
            triple(node, "rdfs:label", ox.Literal(query.summary, language="en")),
            triple(node, "rdfs:comment", ox.Literal(query.summary, language="en")),
            triple(node, "dcterms:description", ox.Literal(query.description, language="en")),
            triple(node, "sh:prefixes", here),
            triple(node, "sh:select", ox.Literal(query.body)),
            triple(node, "schema:target", site().base + "sparql"),
            *(triple(node, "schema:keywords", ox.Literal(tag)) for tag in query.tags),
        ]
    return found
