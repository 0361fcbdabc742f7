"""Why things of several articles are one, or are kept apart: nodes of the graph of entities."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kg.decisions import Outcome
from kg.rdf.namespaces import DCTERMS, NKG, RDF
from kg.rdf.terms import Mint, confidence, english, integer
from kg.rdf.text import Triple
from kg.resolve.identity import Distinction, Merge


def identity_quads(outcome: Outcome, base: str) -> list[ox.Quad]:
    """The reasons of every merge and of every distinction."""
    mint = Mint(base)
    graph = mint.graph("entities")
    triples = [t for merge in outcome.merges for t in merge_triples(merge, mint)]
    triples += [t for distinction in outcome.distinctions for t in distinction_triples(distinction, mint)]
    return [ox.Quad(*triple, graph) for triple in triples]


def merge_triples(merge: Merge, mint: Mint) -> Iterator[Triple]:
    """One reason: from the words that it is about, with the identifier they have in their article, to the thing."""
    entity = mint.node(merge.id)
    node = ox.NamedNode(f"{entity.value}#merge-{_digest(merge.method, merge.article, merge.own)}")
    yield node, RDF.type, NKG.Merge
    yield node, NKG.source, mint.characters(merge.article, merge.first)
    yield node, NKG.target, entity
    yield node, DCTERMS.identifier, ox.Literal(merge.own)
    yield node, NKG.method, ox.Literal(merge.method)
    yield node, NKG.ground, english(merge.ground)
    yield node, NKG.confidence, confidence(merge.confidence)
    yield node, NKG.articleCount, integer(merge.articles)


def distinction_triples(distinction: Distinction, mint: Mint) -> Iterator[Triple]:
    """Two things of one name, and what keeps them apart."""
    one, two = mint.node(distinction.id), mint.node(distinction.other)
    node = ox.NamedNode(f"{one.value}#distinction-{_digest(distinction.other, distinction.ground)}")
    yield node, RDF.type, NKG.Distinction
    yield node, NKG.source, one
    yield node, NKG.target, two
    yield node, NKG.ground, english(distinction.ground)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
