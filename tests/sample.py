"""A small store with two invented reports of one flood, by the contract's shape, for the tests of the server. No NLP
is needed."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg.prefixes import PREFIXES
from kg.store import Store

BASE = "http://localhost:8000/"
TEXTS = {
    "flood-1": "Lindow Gazette\n\nMayor Ilse Varn met Governor Tam Oru in Lindow on 3 May 2031.\n"
    "“We will rebuild the bridge,” Varn said.\nThe fire service counted at least 12 dead 🌊 after the flood.\n",
    "flood-2": "Harbour Times\n\nThe hospital counted 15 dead in Lindow.\n“We will rebuild the bridge,” Mayor Ilse "
    "Varn said, according to the Gazette.\nOfficials demanded a ceasefire between the <b>two</b> ferry firms.\n",
}
MARKUP = '<script>alert("x")</script>'


class Sample:
    """Collects quads; short names are prefixed, others are relative to the base."""

    def __init__(self) -> None:
        self.quads: list[ox.Quad] = []

    def iri(self, name: str) -> ox.NamedNode:
        """`schema:name` or a path in the base namespace."""
        prefix, colon, local = name.partition(":")
        return ox.NamedNode(PREFIXES[prefix] + local if colon and prefix in PREFIXES else BASE + name)

    def add(self, graph: str, subject: str, *pairs: tuple[str, str | int | ox.Literal]) -> None:
        """Adds properties of a subject to a graph; a str is an IRI, an int or a literal is a literal."""
        for predicate, value in pairs:
            term = (
                self.iri(value)
                if isinstance(value, str)
                else value
                if isinstance(value, ox.Literal)
                else ox.Literal(value)
            )
            self.quads.append(ox.Quad(self.iri(subject), self.iri(predicate), term, self.iri(graph)))

    def span(self, article: str, words: str, kind: str = "nif:Phrase", **more: str) -> str:
        """The span of those words in an article; returns its name."""
        text = TEXTS[article]
        begin = text.index(words)
        end = begin + len(words)
        name = f"article/{article}#char={begin},{end}"
        self.add(
            f"article/{article}/text",
            name,
            ("rdf:type", kind),
            ("nif:anchorOf", ox.Literal(words)),
            ("nif:beginIndex", begin),
            ("nif:endIndex", end),
            ("nif:referenceContext", f"article/{article}#char=0,{len(text)}"),
        )
        for key, value in more.items():
            self.add(
                f"article/{article}/text",
                name,
                ({"entity": "itsrdf:taIdentRef", "sentence": "nif:sentence"}[key], value),
            )
        return name


def _text(words: str) -> ox.Literal:
    return ox.Literal(words, language="en")


def _day(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))


def _instant(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "dateTime"))


def _sure(text: str) -> tuple[str, ox.Literal]:
    return "nkg:confidence", ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal"))


def quads() -> list[ox.Quad]:
    """The quads of the sample."""
    s = Sample()
    entities = {
        "person/ilse-varn": ("schema:Person", "Ilse Varn"),
        "person/tam-oru": ("schema:Person", "Tam Oru"),
        "place/lindow": ("schema:Place", "Lindow"),
        "organisation/fire-service": ("schema:Organization", "fire service"),
        "organisation/hospital": ("schema:Organization", "hospital"),
        "organisation/gazette": ("schema:Organization", "Lindow Gazette"),
        "group/ferry-firms": ("nkg:Group", MARKUP),
    }
    for name, (kind, label) in entities.items():
        s.add("graph/entities", name, ("rdf:type", kind), ("skos:prefLabel", _text(label)))
    s.add("graph/entities", "person/ilse-varn", ("skos:exactMatch", "wd:Q1"))
    s.add("graph/entities", "place/lindow", ("geo:hasDefaultGeometry", "place/lindow#point"))
    s.add(
        "graph/entities",
        "place/lindow#point",
        ("geo:asWKT", ox.Literal("POINT(12.5 53.1)", datatype=s.iri("geo:wktLiteral"))),
    )
    for article, (title, day) in {
        "flood-1": ("Flood hits Lindow", "2031-05-03"),
        "flood-2": (MARKUP, "2031-05-04"),
    }.items():
        text = TEXTS[article]
        s.add(
            f"article/{article}",
            f"article/{article}",
            ("rdf:type", "schema:NewsArticle"),
            ("schema:headline", _text(title)),
            ("schema:datePublished", _day(day)),
            ("dcterms:source", ox.Literal(article + ".txt")),
            ("nkg:sha256", ox.Literal("00" * 32)),
            ("schema:publisher", "organisation/gazette"),
            ("schema:contributor", "organisation/fire-service"),
        )
        s.add(
            f"article/{article}/text",
            f"article/{article}#char=0,{len(text)}",
            ("rdf:type", "nif:Context"),
            ("nif:isString", ox.Literal(text)),
            ("nif:beginIndex", 0),
            ("nif:endIndex", len(text)),
            ("nif:sourceUrl", f"article/{article}"),
        )

    met = s.span("flood-1", "Mayor Ilse Varn met Governor Tam Oru in Lindow on 3 May 2031.", "nif:Sentence")
    said = s.span("flood-1", "“We will rebuild the bridge,” Varn said.", "nif:Sentence")
    counted = s.span("flood-1", "The fire service counted at least 12 dead 🌊 after the flood.", "nif:Sentence")
    s.span("flood-1", "Ilse Varn", entity="person/ilse-varn", sentence=met)
    s.span("flood-1", "Tam Oru", entity="person/tam-oru", sentence=met)
    s.span("flood-1", "fire service", entity="organisation/fire-service", sentence=counted)
    counted2 = s.span("flood-2", "The hospital counted 15 dead in Lindow.", "nif:Sentence")
    said2 = s.span(
        "flood-2", "“We will rebuild the bridge,” Mayor Ilse Varn said, according to the Gazette.", "nif:Sentence"
    )
    demanded = s.span("flood-2", "Officials demanded a ceasefire between the <b>two</b> ferry firms.", "nif:Sentence")
    s.span("flood-2", "Lindow", entity="place/lindow", sentence=counted2)
    s.span("flood-2", "ferry firms", entity="group/ferry-firms", sentence=demanded)

    s.span("flood-2", "Harbour Times", "nkg:Furniture")
    relation = "article/flood-2#relation-1"
    s.add(
        "article/flood-2",
        relation,
        ("rdf:type", "nkg:Relation"),
        ("nkg:source", "article/flood-2#figure-37"),
        ("nkg:target", "article/flood-1#figure-150"),
        ("nkg:linkProperty", "nkg:conflictsWith"),
        ("nkg:ground", _text("at least 12 and 15 exclude each other")),
    )
    one, two = "article/flood-1", "article/flood-2"
    for graph, evidence, trigger in (
        (one, met, s.span("flood-1", "met")),
        (two, counted2, s.span("flood-2", "counted")),
    ):
        s.add(
            graph,
            "event/meeting",
            ("rdf:type", "sem:Event"),
            ("rdf:type", "nkg:Meeting"),
            ("nkg:factuality", "nkg:Asserted"),
            ("rdfs:label", _text("meeting in Lindow")),
            ("nkg:participant", "person/ilse-varn"),
            ("nkg:participant", "person/tam-oru"),
            ("sem:hasActor", "person/ilse-varn"),
            ("sem:hasActor", "person/tam-oru"),
            ("sem:hasPlace", "place/lindow"),
            ("sem:hasBeginTimeStamp", _day("2031-05-03")),
            ("nkg:trigger", trigger),
            ("prov:wasDerivedFrom", evidence),
            _sure("0.9"),
        )
    s.add(
        two,
        "event/ceasefire",
        ("rdf:type", "nkg:UnassertedEvent"),
        ("nkg:eventType", "nkg:Ceasefire"),
        ("nkg:factuality", "nkg:Demanded"),
        ("rdfs:label", _text("ceasefire")),
        ("sem:hasActor", "group/ferry-firms"),
        ("nkg:participant", "group/ferry-firms"),
        ("prov:wasDerivedFrom", demanded),
        ("nkg:trigger", s.span("flood-2", "ceasefire")),
        _sure("0.6"),
    )
    words = ox.Literal("We will rebuild the bridge,", language="en")
    for graph, node, evidence in ((one, one + "#statement-80", said), (two, two + "#statement-56", said2)):
        s.add(
            graph,
            node,
            ("rdf:type", "nkg:Statement"),
            ("rdf:type", "schema:Quotation"),
            ("schema:text", words),
            ("nkg:speaker", "person/ilse-varn"),
            ("prov:wasAttributedTo", "person/ilse-varn"),
            ("prov:wasDerivedFrom", evidence),
            _sure("0.95"),
        )
    s.add(two, two + "#statement-56", ("nkg:relayedBy", "organisation/gazette"), ("nkg:repeats", one + "#statement-80"))
    for graph, node, evidence, value, surface, source in (
        (one, one + "#figure-150", counted, 12, "at least 12", "organisation/fire-service"),
        (two, two + "#figure-37", counted2, 15, "15", "organisation/hospital"),
    ):
        s.add(
            graph,
            node,
            ("rdf:type", "nkg:Figure"),
            ("rdf:type", "schema:Claim"),
            ("nkg:measure", "nkg:Killed"),
            ("nkg:value", value),
            ("nkg:comparator", "nkg:Exactly"),
            ("nkg:surface", _text(surface)),
            ("nkg:population", _text("dead")),
            ("sem:hasPlace", "place/lindow"),
            ("prov:wasAttributedTo", source),
            ("nkg:countsEvent", "event/meeting"),
            ("prov:wasDerivedFrom", evidence),
            _sure("0.8"),
        )
    s.add(two, two, ("prov:wasRevisionOf", one))
    s.add(two, two + "#figure-37", ("nkg:conflictsWith", one + "#figure-150"), ("nkg:updates", one + "#figure-150"))
    s.add(
        one,
        one + "#position-16",
        ("rdf:type", "nkg:Position"),
        ("nkg:holder", "person/ilse-varn"),
        ("nkg:title", _text("Mayor")),
        ("nkg:organisation", "place/lindow"),
        ("nkg:asOf", _day("2031-05-03")),
        ("prov:wasDerivedFrom", met),
        _sure("0.9"),
    )
    s.add(
        "graph/provenance",
        "build/1",
        ("rdf:type", "prov:Activity"),
        ("rdfs:label", _text("kg build 1: 2 articles written")),
        ("prov:startedAtTime", _instant("2031-05-05T10:00:00Z")),
        ("prov:endedAtTime", _instant("2031-05-05T10:00:09Z")),
        ("prov:wasAssociatedWith", "software/newskg-1"),
    )
    s.add(
        "graph/provenance", "software/newskg-1", ("rdf:type", "prov:SoftwareAgent"), ("rdfs:label", _text("newskg 1"))
    )
    for article in (one, two):
        s.add("graph/provenance", article, ("prov:wasGeneratedBy", "build/1"))
    return s.quads


def make_store(folder: Path) -> Path:
    """A store folder with the sample, published."""
    with Store.open(folder, base=BASE, create=True) as store:
        store.quads.extend(quads())
        store.publish("sample")
    return folder
