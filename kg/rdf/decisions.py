"""Decisions as RDF: the graph `{base}graph/decisions`, their one source. A build reads it and never writes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote

import pyoxigraph as ox

from kg.decisions import Decision, Kind, active, ordered
from kg.errors import StoreError
from kg.link.authority import slug
from kg.rdf.namespaces import NKG, OWL, PROV, RDF, RDFS, SKOS, XSD
from kg.rdf.terms import Mint, english
from kg.rdf.text import Triple

TERMS = {
    Kind.ACCEPT: NKG.LinkAcceptance,
    Kind.REJECT: NKG.LinkRejection,
    Kind.REPLACE: NKG.LinkReplacement,
    Kind.MERGE: NKG.MergeDecision,
    Kind.SPLIT: NKG.SplitDecision,
    Kind.RENAME: NKG.Renaming,
    Kind.RETYPE: NKG.Retyping,
    Kind.UNDO: NKG.Undoing,
}
KINDS = {term.value: kind for kind, term in TERMS.items()}
LINKING = (Kind.ACCEPT, Kind.REPLACE)


def decision_quads(decision: Decision, base: str) -> list[ox.Quad]:
    """The quads that state one decision."""
    mint = Mint(base)
    graph = mint.graph("decisions")
    return [ox.Quad(*triple, graph) for triple in _triples(decision, mint)]


def same_as_quads(decisions: Iterable[Decision], base: str) -> list[ox.Quad]:
    """The identities that the standing decisions state: the one place where owl:sameAs is."""
    mint, graph = Mint(base), Mint(base).graph("decisions")
    return [
        ox.Quad(mint.node(d.subject), OWL.sameAs, ox.NamedNode(d.item), graph)
        for d in active(decisions)
        if d.same_as and d.item
    ]


def _triples(decision: Decision, mint: Mint) -> Iterator[Triple]:
    node = mint.node(f"decision/{decision.id}")
    author = mint.node(f"reviewer/{slug(decision.author)}")
    yield node, RDF.type, NKG.Decision
    yield node, RDF.type, TERMS[decision.kind]
    subject = f"decision/{decision.subject}" if decision.kind is Kind.UNDO else decision.subject
    yield node, NKG.decidesOn, mint.node(subject)
    yield node, PROV.generatedAtTime, ox.Literal(decision.time, datatype=XSD.dateTime)
    yield node, PROV.wasAttributedTo, author
    yield author, RDF.type, PROV.Person
    yield author, RDFS.label, ox.Literal(decision.author)
    if decision.item:
        yield node, NKG.decidedItem, ox.NamedNode(decision.item)
    if decision.kind in LINKING:
        yield node, NKG.decidedProperty, OWL.sameAs if decision.same_as else SKOS.exactMatch
    for other in decision.others:
        yield node, NKG.decidedThing, mint.node(other)
    for article in decision.articles:
        yield node, NKG.inArticle, mint.article(article)
    if decision.label:
        yield node, NKG.newLabel, english(decision.label)
    if decision.note:
        yield node, RDFS.comment, ox.Literal(decision.note)


def read_decisions(quads: ox.Store, base: str) -> list[Decision]:
    """The decisions of a store, by time. `StoreError` names one that cannot be read: none is ever passed over."""
    graph = Mint(base).graph("decisions")
    nodes = {q.subject for q in quads.quads_for_pattern(None, RDF.type, NKG.Decision, graph)}
    return ordered(_read(quads, graph, node, base) for node in nodes if isinstance(node, ox.NamedNode))


def _read(quads: ox.Store, graph: ox.NamedNode, node: ox.NamedNode, base: str) -> Decision:
    def values(property_: ox.NamedNode, subject: ox.NamedNode = node) -> list[str]:
        return sorted(str(q.object.value) for q in quads.quads_for_pattern(subject, property_, None, graph))  # type: ignore

    def one(property_: ox.NamedNode) -> str | None:
        found = values(property_)
        return found[0] if found else None

    kinds = [KINDS[t] for t in values(RDF.type) if t in KINDS]
    subject, time, author = one(NKG.decidesOn), one(PROV.generatedAtTime), one(PROV.wasAttributedTo)
    if len(kinds) != 1 or not subject or not time or not author:
        raise StoreError(
            f"{node.value} in {graph.value} is no whole decision: it needs one class of decision, nkg:decidesOn, "
            "prov:generatedAtTime and prov:wasAttributedTo; complete it or delete it with an update"
        )
    names = values(RDFS.label, ox.NamedNode(author))
    local = _local(subject, base)
    decision = Decision(
        kind=kinds[0],
        subject=local.removeprefix("decision/") if kinds[0] is Kind.UNDO else local,
        author=names[0] if names else _local(author, base),
        time=time,
        item=one(NKG.decidedItem),
        others=tuple(_local(i, base) for i in values(NKG.decidedThing)),
        articles=tuple(_local(i, base).removeprefix("article/") for i in values(NKG.inArticle)),
        label=one(NKG.newLabel),
        note=one(RDFS.comment),
        same_as=OWL.sameAs.value in values(NKG.decidedProperty),
    )
    try:
        decision.instant  # noqa: B018
    except ValueError:
        raise StoreError(
            f"{node.value} in {graph.value}: {time!r} is no xsd:dateTime; correct it with an update"
        ) from None
    key = _local(node.value, base).removeprefix("decision/")
    return decision if decision.id == key else replace(decision, key=key)


def _local(iri: str, base: str) -> str:
    """The identifier relative to the base."""
    return unquote(iri.removeprefix(base))


def decisions_digest(quads: ox.Store, base: str) -> str | None:
    """A digest of the graph of decisions as it is; None where there is none."""
    graph = Mint(base).graph("decisions")
    rows = sorted(str(q) for q in quads.quads_for_pattern(None, None, None, graph))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest() if rows else None
