"""A short way to write the terms of the vocabularies."""

from __future__ import annotations

import pyoxigraph as ox

from kg.prefixes import PREFIXES

ONTOLOGY = "https://w3id.org/newskg/ontology"
GEONAMES = "https://sws.geonames.org/"


class Namespace:
    """`NKG.Figure` and `NKG["measure"]` are the namespace's terms."""

    def __init__(self, prefix: str) -> None:
        self._iri = PREFIXES[prefix]
        self._terms: dict[str, ox.NamedNode] = {}

    def __getitem__(self, name: str) -> ox.NamedNode:
        term = self._terms.get(name)
        if term is None:
            term = self._terms[name] = ox.NamedNode(self._iri + name)
        return term

    def __getattr__(self, name: str) -> ox.NamedNode:
        return self[name]


NKG, SCHEMA, SEM, NIF = Namespace("nkg"), Namespace("schema"), Namespace("sem"), Namespace("nif")
ITSRDF, PROV, SKOS, GEO = Namespace("itsrdf"), Namespace("prov"), Namespace("skos"), Namespace("geo")
WD, DCTERMS, OWL = Namespace("wd"), Namespace("dcterms"), Namespace("owl")
RDF, RDFS, XSD = Namespace("rdf"), Namespace("rdfs"), Namespace("xsd")
