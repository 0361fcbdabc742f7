"""Checks a store's published snapshot against the SHACL shapes in `ontology/shapes.ttl`, one article at a time.

The shapes are the reference (SHACL, W3C Recommendation 2017-07-20, evaluated by pySHACL). Two rules that a shape cannot
express over one article are checked here: that no graph has a blank node, and that every entity an article names is
described in the graph of entities.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import RDF, SH, XSD

from kg.files import ontology_dir
from kg.store import reading

SHAPES = "https://w3id.org/newskg/shapes#"
# Entities are checked in portions of this size, so that memory does not grow with the store.
PORTION = 2000
# Findings that a report prints; a fault of the mapping shows in every article, and the first ones tell enough.
SHOWN = 200

_NKG, _SCHEMA = "https://w3id.org/newskg/ontology#", "https://schema.org/"
_GEOMETRY = ox.NamedNode("http://www.opengis.net/ont/geosparql#hasDefaultGeometry")
_SAME_AS = ox.NamedNode("http://www.w3.org/2002/07/owl#sameAs")
_TYPE = ox.NamedNode(str(RDF.type))
# Properties whose values are people, organisations, places or groups.
_REFERENCES = frozenset(
    {
        "http://www.w3.org/2005/11/its/rdf#taIdentRef",
        "http://www.w3.org/ns/prov#wasAttributedTo",
        *("http://semanticweb.cs.vu.nl/2009/11/sem/" + name for name in ("hasActor", "hasPlace")),
        *(_SCHEMA + name for name in ("mentions", "publisher", "contributor")),
        *(_NKG + name for name in ("agent", "patient", "participant", "speaker", "relayedBy", "addressee")),
        *(_NKG + name for name in ("holder", "organisation")),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One violation: its graph (an article's or another), the node, the shape, what is wrong, the value at fault."""

    graph: str
    node: str
    shape: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        value = f"\n    value: {self.value}" if self.value else ""
        return f"{self.node}\n    in:    {self.graph}\n    shape: {self.shape}\n    wrong: {self.message}{value}"


@dataclass(slots=True)
class Report:
    """What was checked, and what is wrong with it; sorted findings."""

    snapshot: str
    articles: int = 0
    entities: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __str__(self) -> str:
        checked = f"snapshot {self.snapshot}: {self.articles} articles, {self.entities} entities checked"
        if self.conforms:
            return f"{checked}, no violations"
        shown = [str(finding) for finding in self.findings[:SHOWN]]
        if len(self.findings) > SHOWN:
            shown.append(f"… and {len(self.findings) - SHOWN} more")
        return "\n".join([*shown, f"{checked}, {len(self.findings)} violations"])


def validate(store_folder: str | Path) -> Report:
    """Checks the current snapshot of a store. `StoreError` if the folder is no store, or nothing was published."""
    with reading(store_folder) as (database, snapshot), _quiet():
        report = Report(snapshot.id)
        findings: set[Finding] = set()
        prefix, entities = snapshot.base + "article/", ox.NamedNode(snapshot.base + "graph/entities")
        names = sorted(graph.value for graph in database.named_graphs() if isinstance(graph, ox.NamedNode))
        articles = {name.removesuffix("/text") for name in names if name.startswith(prefix)}
        for name in sorted(articles):
            quads = [*_quads(database, name), *_quads(database, name + "/text")]
            findings.update(_check(quads, name))
            findings.update(_undescribed(quads, name, database, entities))
        for number, quads in _portions(database, entities):
            report.entities += number
            findings.update(_check(quads, entities.value))
        provenance = snapshot.base + "graph/provenance"
        findings.update(_check(list(_quads(database, provenance)), provenance))
        decisions = snapshot.base + "graph/decisions"  # the one graph in which a person may state owl:sameAs
        findings.update(_check([q for q in _quads(database, decisions) if q.predicate != _SAME_AS], decisions))
        findings.update(_blank_nodes(database))
        report.articles = len(articles)
    report.findings = sorted(findings)
    return report


def _quads(database: ox.Store, graph: str) -> Iterator[ox.Quad]:
    return database.quads_for_pattern(None, None, None, ox.NamedNode(graph))


def _portions(database: ox.Store, graph: ox.NamedNode) -> Iterator[tuple[int, list[ox.Quad]]]:
    """The graph of entities, some subjects at a time, each with its geometry beside it."""
    portion: list[ox.Quad] = []
    subjects: set[str] = set()
    for quad in database.quads_for_pattern(None, None, None, graph):
        if len(subjects) == PORTION and str(quad.subject) not in subjects:
            yield len(subjects), portion
            portion, subjects = [], set()
        portion.append(quad)
        subjects.add(str(quad.subject))
        if quad.predicate == _GEOMETRY and isinstance(quad.object, ox.NamedNode):
            portion.extend(database.quads_for_pattern(quad.object, None, None, graph))
    if portion:
        yield len(subjects), portion


def _check(quads: Iterable[ox.Quad], name: str) -> Iterator[Finding]:
    """The violations that pySHACL finds in quads taken as one graph."""
    data = rdflib.Graph()
    for quad in quads:
        data.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
    conforms, results, _ = pyshacl.validate(data, shacl_graph=_shapes(), inference="none", inplace=True)
    if conforms:
        return
    graph = cast(rdflib.Graph, results)
    for report in graph.subjects(RDF.type, SH.ValidationReport):
        for result in graph.objects(report, SH.result):
            yield _finding(graph, result, name)


def _finding(graph: rdflib.Graph, result: rdflib.term.Node, name: str) -> Finding:
    constraint = graph.value(result, SH.sourceConstraint)
    shape = constraint if isinstance(constraint, rdflib.URIRef) else graph.value(result, SH.sourceShape)
    node, value = graph.value(result, SH.focusNode), graph.value(result, SH.value)
    if shape == constraint and isinstance(value, rdflib.URIRef):  # a query over a whole text names the string
        node, value = value, None
    message = "; ".join(sorted(str(m) for m in graph.objects(result, SH.resultMessage)))
    shown = "" if value is None or value == node else str(value)
    return Finding(name, str(node), str(shape).replace(SHAPES, "nks:"), message, shown)


def _undescribed(quads: Iterable[ox.Quad], name: str, database: ox.Store, entities: ox.NamedNode) -> Iterator[Finding]:
    """Entities that the article refers to and the graph of entities does not describe."""
    named = {quad.object for quad in quads if quad.predicate.value in _REFERENCES}
    for node in named:
        if not isinstance(node, ox.NamedNode):
            continue  # the shapes say so
        if next(iter(database.quads_for_pattern(node, _TYPE, None, entities)), None) is None:
            message = "the article names it, but the graph of entities has no such node"
            yield Finding(name, node.value, "nks:Entity", message)


def _blank_nodes(database: ox.Store) -> Iterator[Finding]:
    for quad in database:
        for term in (quad.subject, quad.object, quad.graph_name):
            if isinstance(term, ox.BlankNode):
                graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else "default graph"
                message = f"a blank node in a triple of {quad.predicate}: every node has an IRI"
                yield Finding(graph, str(quad.subject), "no blank nodes", message)


def _term(term: object) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        return rdflib.Literal(term.value, datatype=None if datatype == str(XSD.string) else rdflib.URIRef(datatype))
    return rdflib.Literal(str(term))  # a triple term: no shape targets one


@cache
def _shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(ontology_dir() / "shapes.ttl")


@contextmanager
def _quiet() -> Iterator[None]:
    """rdflib warns of every ill-typed literal it meets; the shapes report them, with their node."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
