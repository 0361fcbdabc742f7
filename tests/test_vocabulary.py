"""The enumerations of the code and the ontology say the same, both ways, and every own term is documented."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SKOS, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from kg.files import ontology_dir
from kg.vocabulary import Attitude, Comparator, EntityType, EventType, Factuality, Measure, QuoteKind, Role, Scope, Term

NKG = Namespace("https://w3id.org/newskg/ontology#")
NKS = Namespace("https://w3id.org/newskg/shapes#")
SEM = Namespace("http://semanticweb.cs.vu.nl/2009/11/sem/")
SCHEMA = Namespace("https://schema.org/")
ONTOLOGY = URIRef("https://w3id.org/newskg/ontology")
FILES = ("newskg", "attitudes", "measures", "comparators", "factuality", "scopes")
SCHEMES: dict[str, type[Term]] = {
    "MeasureScheme": Measure,
    "ComparatorScheme": Comparator,
    "FactualityScheme": Factuality,
    "QuoteKindScheme": QuoteKind,
    "ScopeScheme": Scope,
    "AttitudeScheme": Attitude,
}
# What the entity types and roles are called in the vocabularies that the graph reuses.
CLASSES = {
    EntityType.PERSON: SCHEMA.Person,
    EntityType.ORGANISATION: SCHEMA.Organization,
    EntityType.PLACE: SCHEMA.Place,
    EntityType.GROUP: NKG.Group,
}
OWN_ROLES = {Role.AGENT: NKG.agent, Role.PATIENT: NKG.patient, Role.PARTICIPANT: NKG.participant}
# Words that judge, which no label or comment of ours may use; what an article says stands in its own words.
LOADED = re.compile(
    r"\b(terror\w*|regime|massacre\w*|brutal\w*|innocent\w*|heroic|martyr\w*|atrocit\w*|barbar\w*|murder\w*|evil)\b",
    re.IGNORECASE,
)


def parse(*names: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    for name in names:
        graph.parse(ontology_dir() / f"{name}.ttl")
    return graph


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return parse(*FILES)


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return parse("shapes")


def own_terms(graph: rdflib.Graph) -> set[URIRef]:
    return {s for s in graph.subjects(RDF.type) if isinstance(s, URIRef) and s.startswith(NKG)}


def leaves(graph: rdflib.Graph) -> set[URIRef]:
    below = set(graph.transitive_subjects(RDFS.subClassOf, SEM.Event)) - {SEM.Event}
    return {c for c in below if isinstance(c, URIRef) and next(graph.subjects(RDFS.subClassOf, c), None) is None}


def terms(enumeration: type[StrEnum]) -> set[URIRef]:
    return {NKG[member.term] for member in enumeration}


def test_event_types_are_the_leaves_of_the_event_classes(ontology: rdflib.Graph) -> None:
    assert leaves(ontology) == terms(EventType)
    for leaf in leaves(ontology) - {NKG.OtherEvent}:  # what has no kind has no class above it
        between = [p for p in ontology.objects(leaf, RDFS.subClassOf) if str(p).startswith(NKG)]
        assert len(between) == 1, f"{leaf} has one class between it and sem:Event"
        assert (between[0], RDFS.subClassOf, SEM.Event) in ontology


def test_unasserted_events_are_no_events(ontology: rdflib.Graph) -> None:
    assert SEM.Event not in set(ontology.transitive_objects(NKG.UnassertedEvent, RDFS.subClassOf))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_concepts_of_a_scheme_are_the_members_of_its_enumeration(ontology: rdflib.Graph, scheme: str) -> None:
    concepts = set(ontology.subjects(SKOS.inScheme, NKG[scheme]))
    assert concepts == set(ontology.subjects(SKOS.topConceptOf, NKG[scheme])) == terms(SCHEMES[scheme])
    for concept in concepts:
        assert (concept, RDF.type, SKOS.Concept) in ontology
        assert ontology.value(concept, SKOS.prefLabel), concept
        assert ontology.value(concept, SKOS.definition), concept
        if scheme != "QuoteKindScheme":
            assert ontology.value(concept, SKOS.scopeNote), concept


def test_no_scheme_of_the_ontology_is_without_an_enumeration(ontology: rdflib.Graph) -> None:
    assert set(ontology.subjects(RDF.type, SKOS.ConceptScheme)) == {NKG[scheme] for scheme in SCHEMES}


def test_entity_types_are_the_classes_that_the_entity_shape_targets(shapes: rdflib.Graph) -> None:
    assert set(CLASSES) == set(EntityType)
    assert set(shapes.objects(NKS.Entity, SH.targetClass)) == set(CLASSES.values())


def test_roles_are_properties_of_events(ontology: rdflib.Graph) -> None:
    own = set(ontology.subjects(RDFS.subPropertyOf, SEM.hasActor))
    assert own == set(OWN_ROLES.values())
    assert set(Role) - set(OWN_ROLES) == {Role.PLACE, Role.TIME}  # sem:hasPlace and sem's time stamps


@pytest.mark.parametrize(
    ("shape", "enumeration"),
    [
        ("Event-class", EventType),
        ("Unasserted-type", EventType),
        ("Figure-measure", Measure),
        ("Figure-comparator", Comparator),
        ("Figure-scope", Scope),
        ("Statement-attitude", Attitude),
        ("Unasserted-factuality", Factuality),
        ("Saying-factuality", Factuality),
    ],
)
def test_the_shapes_list_the_enumerations(shapes: rdflib.Graph, shape: str, enumeration: type[StrEnum]) -> None:
    listed = set(Collection(shapes, shapes.value(NKS[shape], SH["in"]))) - {SEM.Event}
    expected = terms(enumeration) - ({NKG.Asserted} if enumeration is Factuality else set())
    assert listed == expected


def test_every_own_term_is_documented(ontology: rdflib.Graph) -> None:
    for term in own_terms(ontology):
        for property_ in (RDFS.label, RDFS.comment):
            values = list(ontology.objects(term, property_))
            assert [v.language for v in values] == ["en"], f"{term} needs one {property_} in English"
        assert ontology.value(term, RDFS.isDefinedBy) == ONTOLOGY, term


def test_labels_and_comments_are_neutral(ontology: rdflib.Graph) -> None:
    for property_ in (RDFS.label, RDFS.comment, SKOS.definition, SKOS.scopeNote):
        for term, text in ontology.subject_objects(property_):
            assert not LOADED.search(text), f"{term}: {text}"


def test_labels_are_unique_among_classes(ontology: rdflib.Graph) -> None:
    labels = [str(ontology.value(c, RDFS.label)) for c in ontology.subjects(RDF.type, OWL.Class)]
    assert len(labels) == len(set(labels))


def test_no_blank_nodes_but_the_lists_of_the_shapes(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    assert not [n for n in ontology.all_nodes() if isinstance(n, rdflib.BNode)]
    blank = {n for n in shapes.all_nodes() if isinstance(n, rdflib.BNode)}
    assert all(set(shapes.predicates(n)) == {RDF.first, RDF.rest} for n in blank)
