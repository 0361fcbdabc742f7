"""The graph `{base}graph/entities`: types, labels, coordinates and links of everything the articles name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.link.candidates import Candidate, Choice
from kg.rdf.links import choice_triples
from kg.rdf.namespaces import GEO, GEONAMES, NKG, RDF, SKOS, WD
from kg.rdf.terms import Mint, english, number
from kg.rdf.text import CLASSES, Triple
from kg.records import EntityLink, LinkCandidate
from kg.resolve import Resolution
from kg.resolve.entities import Entity

POINT = ox.NamedNode("http://www.opengis.net/ont/sf#Point")
# Five places are about a metre, more than any gazetteer knows.
DEGREES = 5


def entity_quads(resolution: Resolution, base: str, links: Mapping[str, Choice] | None = None) -> list[ox.Quad]:
    """All quads of the graph of entities, sorted. `links` are choices made online: they stand where the records have no
    exact match, in the place of the candidates that the records have."""
    mint = Mint(base)
    graph = mint.graph("entities")
    triples = [
        triple
        for entity in resolution.entities.values()
        for triple in described(entity, mint, links.get(entity.id) if links else None)
    ]
    return sorted((ox.Quad(*triple, graph) for triple in dict.fromkeys(triples)), key=str)


def described(entity: Entity, mint: Mint, online: Choice | None) -> Iterator[Triple]:
    """An entity with its candidates; `online` is what was chosen for it online, if anything was."""
    yield from entity_triples(entity, mint)
    choice = (online if not entity.wikidata else None) or (choice_of(entity.link) if entity.link else None)
    if choice:
        yield from choice_triples(mint.node(entity.id), choice)


def entity_triples(entity: Entity, mint: Mint) -> Iterator[Triple]:
    """One entity. A link is a skos:exactMatch, or a closeMatch; it is never owl:sameAs, which only a person may decide."""
    node = mint.node(entity.id)
    yield node, RDF.type, CLASSES[entity.type]
    yield node, SKOS.prefLabel, english(entity.label)
    for name in entity.names:
        yield node, SKOS.altLabel, english(name)
    if entity.wikidata:
        yield node, SKOS.exactMatch, WD[entity.wikidata]
    if entity.geonames is not None:
        close = entity.link is not None and entity.link.property == "closeMatch"
        yield node, SKOS.closeMatch if close else SKOS.exactMatch, geonames(entity.geonames)
    if entity.lat is not None and entity.lon is not None:
        point = ox.NamedNode(node.value + "#point")
        lon, lat = (number(round(d, DEGREES)).value for d in (entity.lon, entity.lat))
        yield node, GEO.hasDefaultGeometry, point
        yield point, RDF.type, POINT
        yield point, GEO.asWKT, ox.Literal(f"POINT({lon} {lat})", datatype=GEO.wktLiteral)
    if entity.country:
        yield node, NKG.country, WD[entity.country]
    if entity.region:
        yield node, NKG.region, english(entity.region)


def geonames(number: int) -> ox.NamedNode:
    """The IRI of a place in GeoNames."""
    return ox.NamedNode(f"{GEONAMES}{number}/")


def choice_of(link: EntityLink) -> Choice:
    """What the records say of an entity's link, in the form that choices made online have."""
    candidates = tuple(
        Candidate(target=_target(c), label=c.label, score=c.score, method=link.method, index=link.index)
        for c in link.candidates
    )
    target = candidates[0].target if link.property and candidates else None
    return Choice(question="", none=link.none, candidates=candidates, target=target, property=link.property)


def _target(candidate: LinkCandidate) -> str:
    return WD[candidate.wikidata].value if candidate.wikidata else geonames(candidate.geonames or 0).value
