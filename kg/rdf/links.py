"""What a linker chose for an entity and from which candidates, as triples of the graph of entities."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.link.candidates import Candidate, Choice
from kg.rdf.namespaces import NKG, RDF, RDFS, SKOS, XSD
from kg.rdf.terms import english, number, segment
from kg.rdf.text import Triple

# Candidates beyond these are noise to a reader; "no item" always stands among them.
KEPT = 10


def choice_triples(node: ox.NamedNode, choice: Choice) -> Iterator[Triple]:
    """The match of an entity, if one was made, and a nkg:Candidate for each item that was considered, and for none of them."""
    if choice.target and choice.property:
        yield node, SKOS[choice.property], ox.NamedNode(choice.target)
    for candidate in choice.candidates[:KEPT]:
        name = candidate.target.rstrip("/").rpartition("/")[2]
        stated = choice.property if candidate.target == choice.target else None
        yield from _candidate(ox.NamedNode(f"{node.value}#candidate-{segment(name)}"), node, candidate, stated)
    if choice.candidates:
        nothing = ox.NamedNode(f"{node.value}#candidate-none")
        yield nothing, RDF.type, NKG.Candidate
        yield nothing, NKG.source, node
        yield nothing, NKG.target, NKG.NoMatch
        yield nothing, NKG.score, score(choice.none)


def _candidate(this: ox.NamedNode, entity: ox.NamedNode, candidate: Candidate, stated: str | None) -> Iterator[Triple]:
    yield this, RDF.type, NKG.Candidate
    yield this, NKG.source, entity
    yield this, NKG.target, ox.NamedNode(candidate.target)
    yield this, NKG.score, score(candidate.score)
    yield this, NKG.method, ox.Literal(candidate.method)
    if candidate.label:
        yield this, RDFS.label, english(candidate.label)
    if candidate.ground:
        yield this, NKG.ground, english(candidate.ground)
    if candidate.index:
        yield this, NKG.indexHash, ox.Literal(candidate.index)
    if stated:
        yield this, NKG.linkProperty, SKOS[stated]


def score(value: float) -> ox.Literal:
    """A score as an xsd:decimal."""
    return ox.Literal(number(min(max(value, 0.0), 1.0)).value, datatype=XSD.decimal)
