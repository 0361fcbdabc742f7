"""The graph `{base}graph/entities`: types, labels, coordinates and links of everything the articles name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.link.candidates import Choice
from kg.rdf.links import choice_triples
from kg.rdf.namespaces import GEO, GEONAMES, RDF, SKOS, WD
from kg.rdf.terms import Mint, english, number
from kg.rdf.text import CLASSES, Triple
from kg.resolve import Resolution
from kg.resolve.entities import Entity

POINT = ox.NamedNode("http://www.opengis.net/ont/sf#Point")
# Five places are about a metre, more than any gazetteer knows.
DEGREES = 5


def entity_quads(resolution: Resolution, base: str, links: Mapping[str, Choice] | None = None) -> list[ox.Quad]:
    """All quads of the graph of entities, sorted. `links` are choices made online: they stand where the records have no link."""
    mint = Mint(base)
    graph = mint.graph("entities")
    triples = [triple for entity in resolution.entities.values() for triple in entity_triples(entity, mint)]
    for identifier, choice in (links or {}).items():
        entity = resolution.entities.get(identifier)
        if entity is not None and not entity.wikidata:
            triples += choice_triples(mint.node(identifier), choice)
    return sorted((ox.Quad(*triple, graph) for triple in dict.fromkeys(triples)), key=str)


def entity_triples(entity: Entity, mint: Mint) -> Iterator[Triple]:
    """One entity. A link is a skos:exactMatch; it is never owl:sameAs, which only a person may decide."""
    node = mint.node(entity.id)
    yield node, RDF.type, CLASSES[entity.type]
    yield node, SKOS.prefLabel, english(entity.label)
    for name in entity.names:
        yield node, SKOS.altLabel, english(name)
    if entity.wikidata:
        yield node, SKOS.exactMatch, WD[entity.wikidata]
    if entity.geonames is not None:
        yield node, SKOS.exactMatch, ox.NamedNode(f"{GEONAMES}{entity.geonames}/")
    if entity.lat is not None and entity.lon is not None:
        point = ox.NamedNode(node.value + "#point")
        lon, lat = (number(round(d, DEGREES)).value for d in (entity.lon, entity.lat))
        yield node, GEO.hasDefaultGeometry, point
        yield point, RDF.type, POINT
        yield point, GEO.asWKT, ox.Literal(f"POINT({lon} {lat})", datatype=GEO.wktLiteral)
