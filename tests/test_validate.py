"""A small store passes; every planted fault is found and named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.store import Store
from kg.validate import validate

BASE = "http://localhost:8000/"
TEXT = "The quake struck Lisbon on Monday. At least 12 people were hurt, Mayor Ana Reis said: “We are calm.”"
PREFIXES = """
@prefix nkg: <https://w3id.org/newskg/ontology#> . @prefix schema: <https://schema.org/> .
@prefix sem: <http://semanticweb.cs.vu.nl/2009/11/sem/> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def string(words: str, kind: str = "nif:Phrase", more: str = "", text: str = TEXT) -> str:
    """The triples of some words of the text, as the mapping writes them."""
    start = text.index(words)
    end = start + len(words)
    return (
        f'<article/a1#char={start},{end}> a {kind} ; nif:anchorOf "{words}" ; nif:beginIndex {start} ; '
        f"nif:endIndex {end} ; nif:referenceContext <article/a1#char=0,{len(text)}> {more} ."
    )


def node(words: str) -> str:
    start = TEXT.index(words)
    return f"<article/a1#char={start},{start + len(words)}>"


DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
FIRST, SECOND = "The quake struck Lisbon on Monday.", TEXT[35:]
ARTICLE = f"""
<article/a1> a schema:NewsArticle ; schema:headline "Quake in Lisbon"@en ; dcterms:source "a1.txt" ;
    schema:inLanguage "en" ; schema:datePublished "2024-03-05"^^xsd:date ; nkg:sha256 "{DIGEST}" ;
    schema:mentions <place/lisbon> , <person/ana-reis> .
<event/e1> a sem:Event , nkg:Disaster ; nkg:factuality nkg:Asserted ; sem:hasPlace <place/lisbon> ;
    sem:hasBeginTimeStamp "2024-03-04"^^xsd:date ; sem:hasEndTimeStamp "2024-03"^^xsd:gYearMonth ;
    nkg:trigger {node("struck")} ; prov:wasDerivedFrom {node(FIRST)} ; nkg:confidence 0.9 .
<event/e2> a nkg:UnassertedEvent ; nkg:eventType nkg:Visit ; nkg:factuality nkg:Planned ;
    prov:wasDerivedFrom {node(FIRST)} .
<article/a1#statement-1> a nkg:Statement , schema:Quotation ; schema:text "We are calm."@en ;
    nkg:speaker <person/ana-reis> ; prov:wasDerivedFrom {node(SECOND)} ; nkg:confidence 0.8 .
<article/a1#figure-1> a nkg:Figure , schema:Claim ; nkg:measure nkg:Injured ; nkg:value 12 ;
    nkg:comparator nkg:AtLeast ; schema:minValue 12 ; nkg:surface "At least 12"@en ; nkg:asOf "2024-03-05"^^xsd:date ;
    prov:wasDerivedFrom {node(SECOND)} .
<article/a1#position-1> a nkg:Position ; nkg:holder <person/ana-reis> ; nkg:title "Mayor"@en ;
    prov:wasDerivedFrom {node(SECOND)} .
"""
STRINGS = "\n".join(
    (
        f'<article/a1#char=0,{len(TEXT)}> a nif:Context ; nif:isString "{TEXT}" ; nif:beginIndex 0 ; '
        f"nif:endIndex {len(TEXT)} ; nif:sourceUrl <article/a1> .",
        string(FIRST, "nif:Sentence"),
        string(SECOND, "nif:Sentence"),
        string("struck"),
        string("Lisbon", more="; itsrdf:taIdentRef <place/lisbon> ; itsrdf:taConfidence 0.95"),
        string("Ana Reis", more="; itsrdf:taIdentRef <person/ana-reis> ; itsrdf:taConfidence 0.9"),
    )
)
ENTITIES = """
<person/ana-reis> a schema:Person ; skos:prefLabel "Ana Reis"@en ; skos:altLabel "Reis"@en .
<place/lisbon> a schema:Place ; skos:prefLabel "Lisbon"@en ; skos:exactMatch <http://www.wikidata.org/entity/Q597> ;
    geo:hasDefaultGeometry <place/lisbon#point> .
<place/lisbon#point> geo:asWKT "POINT(-9.13 38.71)"^^geo:wktLiteral .
"""
PROVENANCE = """
<build/1> a prov:Activity ;
    prov:startedAtTime "2024-03-06T08:00:00Z"^^xsd:dateTime ; prov:endedAtTime "2024-03-06T08:00:09Z"^^xsd:dateTime ;
    prov:wasAssociatedWith <software/newskg-0.1> .
<software/newskg-0.1> a prov:SoftwareAgent ; schema:softwareVersion "0.1" .
"""
GRAPHS = {"article/a1": ARTICLE, "article/a1/text": STRINGS, "graph/entities": ENTITIES, "graph/provenance": PROVENANCE}


def store(folder: Path, graphs: dict[str, str]) -> Path:
    with Store.open(folder, base=BASE, create=True) as opened:
        for name, turtle in graphs.items():
            graph = ox.NamedNode(BASE + name)
            opened.quads.load((PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE, to_graph=graph)
        opened.publish("test")
    return folder


def changed(graph: str, old: str, new: str) -> dict[str, str]:
    assert old in GRAPHS[graph]
    return GRAPHS | {graph: GRAPHS[graph].replace(old, new, 1)}


def test_a_valid_store_passes(tmp_path: Path) -> None:
    report = validate(store(tmp_path / "s", GRAPHS))
    assert report.conforms, str(report)
    assert (report.articles, report.entities) == (1, 3)
    assert "no violations" in str(report)


LISBON = TEXT.index("Lisbon")
# Fault: graph, what stands there, what is put in its place, where the report must point, what it must say.
FAULTS = {
    "no evidence": (
        "article/a1",
        f"prov:wasDerivedFrom {node(FIRST)} ; nkg:confidence 0.9",
        "nkg:confidence 0.9",
        "event/e1",
        "evidence is missing",
    ),
    "evidence not described": (
        "article/a1",
        f'nkg:title "Mayor"@en ;\n    prov:wasDerivedFrom {node(SECOND)}',
        'nkg:title "Mayor"@en ; prov:wasDerivedFrom <article/a1#char=1,2>',
        "char=1,2",
        "evidence is not described",
    ),
    "wrong offset": (
        "article/a1/text",
        f"nif:beginIndex {LISBON} ;",
        f"nif:beginIndex {LISBON - 1} ;",
        f"char={LISBON},",
        "wrong offset",
    ),
    "begin not below end": (
        "article/a1/text",
        f"nif:endIndex {LISBON + 6}",
        f"nif:endIndex {LISBON}",
        f"char={LISBON},",
        "wrong offset",
    ),
    "surface": (
        "article/a1/text",
        'nif:anchorOf "Lisbon"',
        'nif:anchorOf "Lisboa"',
        f"char={LISBON},",
        "the surface does not stand there",
    ),
    "text changed": ("article/a1/text", 'We are calm.”" ;', 'We are Calm.”" ;', "char=0,", "SHA-256"),
    "digest": ("article/a1", 'nkg:sha256 "', 'nkg:sha256 "X', "article/a1", "64 lower-case hexadecimal"),
    "illegal date": (
        "article/a1",
        'schema:datePublished "2024-03-05"',
        'schema:datePublished "2024-02-30"',
        "article/a1",
        "schema:datePublished",
    ),
    "illegal event date": (
        "article/a1",
        '"2024-03-04"^^xsd:date',
        '"2024-13-04"^^xsd:date',
        "event/e1",
        "sem:hasBeginTimeStamp",
    ),
    "date as string": (
        "article/a1",
        '"2024-03"^^xsd:gYearMonth',
        '"March 2024"',
        "event/e1",
        "sem:hasEndTimeStamp",
    ),
    "confidence above 1": ("article/a1", "nkg:confidence 0.9", "nkg:confidence 1.2", "event/e1", "between 0 and 1"),
    "mention's confidence": (
        "article/a1/text",
        "taConfidence 0.95",
        "taConfidence 1.2",
        f"char={LISBON},",
        "between 0 and 1",
    ),
    "confidence on a person": (
        "graph/entities",
        'skos:altLabel "Reis"@en',
        "nkg:confidence 0.9",
        "person/ana-reis",
        "no nkg:confidence",
    ),
    "confidence on a person in an article": (
        "article/a1",
        "<event/e2>",
        "<person/ana-reis> nkg:confidence 0.5 . <event/e2>",
        "person/ana-reis",
        "never on a person",
    ),
    "same as": (
        "graph/entities",
        "skos:exactMatch",
        "owl:sameAs",
        "place/lisbon",
        "only in the graph of decisions",
    ),
    "two labels": (
        "graph/entities",
        "skos:altLabel",
        "skos:prefLabel",
        "person/ana-reis",
        "exactly one skos:prefLabel",
    ),
    "a match elsewhere": (
        "graph/entities",
        "http://www.wikidata.org/entity/Q597",
        "http://dbpedia.org/resource/Lisbon",
        "place/lisbon",
        "Wikidata",
    ),
    "a point off the globe": (
        "graph/entities",
        "POINT(-9.13 38.71)",
        "POINT(-9.13 138.71)",
        "place/lisbon#point",
        "POINT(longitude",
    ),
    "no class": ("article/a1", "sem:Event , nkg:Disaster", "sem:Event", "event/e1", "leaf of the event classes"),
    "planned as asserted": (
        "article/a1",
        "nkg:factuality nkg:Asserted",
        "nkg:factuality nkg:Planned",
        "event/e1",
        "nkg:Asserted",
    ),
    "no type": ("article/a1", "nkg:eventType nkg:Visit ;", "", "event/e2", "nkg:eventType"),
    "no measure": ("article/a1", "nkg:measure nkg:Injured ;", "", "figure-1", "nkg:measure"),
    "no number": (
        "article/a1",
        "nkg:value 12 ;\n    nkg:comparator nkg:AtLeast ; schema:minValue 12 ;",
        "nkg:comparator nkg:AtLeast ;",
        "figure-1",
        "nkg:value",
    ),
    "bounds": ("article/a1", "schema:minValue 12", "schema:minValue 13", "figure-1", "schema:minValue"),
    "no holder": ("article/a1", "nkg:holder <person/ana-reis> ;", "", "position-1", "nkg:holder"),
    "no statement text": ("article/a1", 'schema:text "We are calm."@en ;', "", "statement-1", "schema:text"),
    "unknown entity": (
        "article/a1",
        "nkg:speaker <person/ana-reis>",
        "nkg:speaker <person/nobody>",
        "person/nobody",
        "graph of entities",
    ),
    "build without software": (
        "graph/provenance",
        "prov:wasAssociatedWith <software/newskg-0.1>",
        "prov:used <x>",
        "build/1",
        "names the software",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named(tmp_path: Path, fault: str) -> None:
    graph, old, new, where, message = FAULTS[fault]
    report = validate(store(tmp_path / "s", changed(graph, old, new)))
    hits = [f for f in report.findings if where in f.node and message in f.message]
    assert hits, str(report)
    assert all(f.shape.startswith("nks:") for f in report.findings)
    assert BASE + graph.removesuffix("/text") in {f.graph for f in hits}
    assert message in str(report)


@pytest.mark.parametrize("graph", ["article/a1", "graph/decisions", "graph/other"])
def test_a_blank_node_is_found_in_any_graph(tmp_path: Path, graph: str) -> None:
    report = validate(store(tmp_path / "s", GRAPHS | {graph: GRAPHS.get(graph, "") + "<x> schema:about [] ."}))
    assert any("blank node" in f.message and f.graph == BASE + graph for f in report.findings), str(report)


def test_a_person_may_decide_that_two_are_the_same(tmp_path: Path) -> None:
    decisions = "<person/ana-reis> owl:sameAs <http://www.wikidata.org/entity/Q1> ."
    assert validate(store(tmp_path / "s", GRAPHS | {"graph/decisions": decisions})).conforms


def test_one_event_may_be_asserted_by_one_article_and_planned_by_another(tmp_path: Path) -> None:
    text = {key: GRAPHS[key].replace("article/a1", "article/a2") for key in ("article/a1", "article/a1/text")}
    planned = text["article/a1"].replace(
        "a sem:Event , nkg:Disaster ; nkg:factuality nkg:Asserted",
        "a nkg:UnassertedEvent ; nkg:eventType nkg:Disaster ; nkg:factuality nkg:Planned",
    )
    graphs = GRAPHS | {"article/a2": planned, "article/a2/text": text["article/a1/text"]}
    report = validate(store(tmp_path / "s", graphs))
    assert report.conforms, str(report)


def test_a_folder_that_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not a newskg store"):
        validate(tmp_path)
