"""The graph `{base}graph/provenance`: what each build read, wrote and removed, with which software. Only this graph has a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyoxigraph as ox

from kg.rdf.namespaces import ONTOLOGY, PROV, RDF, RDFS, SCHEMA, XSD
from kg.rdf.terms import Mint, english
from kg.rdf.text import Triple


@dataclass(frozen=True, slots=True)
class Software:
    """The versions that a build's output depends on."""

    package: str
    model: str
    ontology: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One run that changed the store. `written` and `removed` are article identifiers."""

    number: int
    name: str
    began: datetime
    ended: datetime
    software: Software
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def activity_quads(activity: Activity, base: str) -> list[ox.Quad]:
    """The quads that describe one run; earlier runs stay as they are."""
    mint = Mint(base)
    graph = mint.graph("provenance")
    return [ox.Quad(*triple, graph) for triple in _triples(activity, mint)]


def _triples(activity: Activity, mint: Mint) -> Iterator[Triple]:
    node = mint.node(f"build/{activity.number}")
    yield node, RDF.type, PROV.Activity
    yield (
        node,
        RDFS.label,
        english(
            f"kg {activity.name} {activity.number}: {len(activity.written)} articles written, "
            f"{len(activity.removed)} removed"
        ),
    )
    yield node, PROV.startedAtTime, _instant(activity.began)
    yield node, PROV.endedAtTime, _instant(activity.ended)
    yield node, PROV.used, ox.NamedNode(ONTOLOGY)
    for name, version in (
        ("newskg", activity.software.package),
        ("model", activity.software.model),
        ("ontology", activity.software.ontology),
    ):
        agent = mint.node(f"software/{name}-{version}")
        yield node, PROV.wasAssociatedWith, agent
        yield agent, RDF.type, PROV.SoftwareAgent
        yield agent, RDFS.label, english(f"{name} {version}")
        yield agent, SCHEMA.softwareVersion, ox.Literal(version)
    for identifier in activity.written:
        yield mint.article(identifier), PROV.wasGeneratedBy, node
    for identifier in activity.removed:
        yield mint.article(identifier), PROV.wasInvalidatedBy, node


def _instant(moment: datetime) -> ox.Literal:
    return ox.Literal(
        moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), datatype=XSD.dateTime
    )
