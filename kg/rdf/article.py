"""The two named graphs of one article: what it reports, and the text that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kg.rdf.namespaces import DCTERMS, NKG, PROV, RDF, RDFS, SCHEMA, SEM
from kg.rdf.terms import Mint, confidence, date, english, first_day, last_day, number, url
from kg.rdf.text import Triple, text_triples
from kg.records import Event, Extraction, Figure, Position, Quote, Span, part_names
from kg.resolve import Resolution
from kg.resolve.relations import Relation
from kg.vocabulary import Factuality, QuoteKind, Role

ROLES = {Role.AGENT: NKG.agent, Role.PATIENT: NKG.patient, Role.PARTICIPANT: NKG.participant}
# A statement whose cue and words stand further apart than this is evidenced by its words alone.
WIDEST_EVIDENCE = 1500


def article_quads(record: Extraction, resolution: Resolution, base: str) -> list[ox.Quad]:
    """All quads of the article's two graphs, sorted."""
    return sorted((quad for graph in article_graphs(record, resolution, base) for quad in graph), key=str)


def article_graphs(record: Extraction, resolution: Resolution, base: str) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """What the article reports, and its text: the quads of its two graphs, in no order."""
    mapping = _Mapping(record, resolution, Mint(base))
    graph, text_graph = mapping.mint.article(record.id), mapping.mint.text_graph(record.id)
    reported = [ox.Quad(*triple, graph) for triple in mapping.report()]
    text = [ox.Quad(*triple, text_graph) for triple in text_triples(record, mapping.mint, mapping.cited)]
    return list(dict.fromkeys(reported)), list(dict.fromkeys(text))


def property_term(name: str) -> ox.NamedNode:
    """The term that a relation names: one of ours, or of PROV (`prov:…`)."""
    return PROV[name.removeprefix("prov:")] if name.startswith("prov:") else NKG[name]


class _Mapping:
    """One article on its way to triples; collects the spans that its assertions cite."""

    def __init__(self, record: Extraction, resolution: Resolution, mint: Mint) -> None:
        self.record, self.resolution, self.mint = record, resolution, mint
        self.cited: dict[Span, None] = {}
        self.labels = {m.id: resolution.entities[m.id].label for m in record.entities}

    def report(self) -> Iterator[Triple]:
        """The triples of the graph that is named by the article."""
        yield from self.article()
        for event in self.record.happenings:
            yield from self.event(event)
        record = self.record
        for quote, name in zip(
            record.quotes, part_names("statement", [q.content[0] for q in record.quotes]), strict=True
        ):
            yield from self.statement(quote, name)
        for figure, name in zip(record.figures, part_names("figure", [f.number for f in record.figures]), strict=True):
            yield from self.figure(figure, name)
        for position, name in zip(
            record.positions, part_names("position", [p.evidence for p in record.positions]), strict=True
        ):
            yield from self.position(position, name)
        for relation in self.resolution.relations.get(self.record.id, ()):
            yield from self.relation(relation)

    def relation(self, relation: Relation) -> Iterator[Triple]:
        """The triple that relates two accounts, and the node that gives its ground."""
        subject, object_ = self.mint_any(relation.subject), self.mint_any(relation.object)
        term = property_term(relation.property)
        yield subject, term, object_
        key = f"{relation.subject} {relation.property} {relation.object}"
        node = self.mint.part(self.record.id, "relation-" + hashlib.sha256(key.encode()).hexdigest()[:16])
        yield node, RDF.type, NKG.Relation
        yield node, NKG.source, subject
        yield node, NKG.target, object_
        yield node, NKG.linkProperty, term
        yield node, NKG.ground, english(relation.ground)

    def mint_any(self, reference: str) -> ox.NamedNode:
        """The IRI of a reference: `event/…`, or `ARTICLE#figure-…` for a part of an article."""
        article, mark, fragment = reference.rpartition("#")
        return self.mint.part(article, fragment) if mark else self.mint.node(reference)

    def article(self) -> Iterator[Triple]:
        """The article itself."""
        record, node = self.record, self.mint.article(self.record.id)
        yield node, RDF.type, SCHEMA.NewsArticle
        yield node, SCHEMA.inLanguage, ox.Literal(record.lang)
        yield node, DCTERMS.source, ox.Literal(record.source)
        yield node, NKG.sha256, ox.Literal(record.sha256)
        if record.title:
            yield node, SCHEMA.headline, ox.Literal(record.title, language=record.lang)
        if published := date(record.date):
            yield node, SCHEMA.datePublished, published
        if address := url(record.url):
            yield node, SCHEMA.url, address
        if record.publisher:
            yield node, SCHEMA.publisher, self.mint.node(self.resolution.outlets[record.publisher])
        for agency in record.agencies:
            yield node, SCHEMA.contributor, self.mint.node(self.resolution.outlets[agency])
        for identifier in self.labels:
            yield node, SCHEMA.mentions, self.mint.node(identifier)

    def event(self, event: Event) -> Iterator[Triple]:
        """An event as this article presents it; only an asserted one is an instance of its event class."""
        node = self.mint.node(self.resolution.events.get((self.record.id, event.id), event.id))
        asserted = event.factuality is Factuality.ASSERTED
        yield node, RDF.type, SEM.Event if asserted else NKG.UnassertedEvent
        yield (node, RDF.type, NKG[event.type.term]) if asserted else (node, NKG.eventType, NKG[event.type.term])
        yield node, NKG.factuality, NKG[event.factuality.term]
        yield node, RDFS.label, english(self.event_label(event))
        for argument in event.args:
            if argument.id and argument.role in ROLES:
                yield node, ROLES[argument.role], self.mint.node(argument.id)
                yield node, SEM.hasActor, self.mint.node(argument.id)
            elif argument.id and argument.role is Role.PLACE:
                yield node, SEM.hasPlace, self.mint.node(argument.id)
        if event.time:
            yield from self.period(node, event.time.start, event.time.end)
        yield node, NKG.trigger, self.cite(event.trigger)
        for span in event.also:
            yield node, NKG.trigger, self.cite(span)
        yield from self.assertion(node, event.evidence, event.attributed_to, event.confidence)

    def event_label(self, event: Event) -> str:
        """The trigger's words with who, where and when, as the article gives them."""

        def of(*roles: Role) -> str:
            ids = dict.fromkeys(a.id for a in event.args if a.role in roles and a.id)
            return " and ".join(self.labels.get(i, i) for i in ids)

        words = self.record.text[slice(*event.trigger)]
        parts = [
            of(Role.AGENT),
            of(Role.PATIENT),
            of(Role.PARTICIPANT),
            of(Role.PLACE),
            (event.time and event.time.start) or "",
        ]
        return ": ".join(filter(None, [words, ", ".join(filter(None, dict.fromkeys(parts)))]))

    def period(self, node: ox.NamedNode, start: str | None, end: str | None) -> Iterator[Triple]:
        """Begin and end as precise as the text has them, and the days that bound them, which compare with each other."""
        if begin := date(start):
            yield node, SEM.hasBeginTimeStamp, begin
        if earliest := first_day(start):
            yield node, SEM.hasEarliestBeginTimeStamp, earliest
        if finish := date(end):
            yield node, SEM.hasEndTimeStamp, finish
        if latest := last_day(end):
            yield node, SEM.hasLatestEndTimeStamp, latest

    def statement(self, quote: Quote, name: str) -> Iterator[Triple]:
        """What somebody is reported to have said, or, kept apart from that, not to have said or to be about to say."""
        node = self.mint.part(self.record.id, name)
        text = self.record.text
        if quote.factuality is Factuality.ASSERTED:
            yield node, RDF.type, NKG.Statement
            if quote.kind is QuoteKind.DIRECT:
                yield node, RDF.type, SCHEMA.Quotation
        else:
            yield node, RDF.type, NKG.UnassertedStatement
            yield node, NKG.sayingFactuality, NKG[quote.factuality.term]
        yield node, NKG.quoteKind, NKG[quote.kind.term]
        if quote.attitude:
            yield node, NKG.attitude, NKG[quote.attitude.term]
        yield node, SCHEMA.text, ox.Literal(" … ".join(text[a:b] for a, b in quote.content), language=self.record.lang)
        for speaker in dict.fromkeys(filter(None, (quote.speaker, *(quote.together_with or ())))):
            yield node, NKG.speaker, self.mint.node(speaker)
            yield node, PROV.wasAttributedTo, self.mint.node(speaker)
        if quote.relayed_by:
            yield node, NKG.relayedBy, self.mint.node(quote.relayed_by)
        if quote.addressee:
            yield node, NKG.addressee, self.mint.node(quote.addressee)
        if quote.cue:
            yield node, NKG.cue, self.cite(quote.cue)
        yield from self.assertion(node, self.statement_evidence(quote), None, quote.confidence)

    def statement_evidence(self, quote: Quote) -> Span:
        """The characters from the first to the last of speaker, cue and words, widened to whole sentences."""
        spans = [*quote.content, *filter(None, (quote.source, quote.cue))]
        start, end = min(a for a, _ in spans), max(b for _, b in spans)
        if end - start > WIDEST_EVIDENCE:
            start, end = quote.content[0]
        touched = [(a, b) for a, b in self.record.sentences if a < end and start < b]
        return min([start, *(a for a, _ in touched)]), max([end, *(b for _, b in touched)])

    def figure(self, figure: Figure, name: str) -> Iterator[Triple]:
        """A number that the article gives, with what it counts and whose number it is."""
        node = self.mint.part(self.record.id, name)
        yield node, RDF.type, NKG.Figure
        yield node, RDF.type, SCHEMA.Claim
        yield node, NKG.measure, NKG[figure.measure.term]
        yield node, NKG.comparator, NKG[figure.comparator.term]
        yield node, NKG.surface, english(self.record.text[slice(*(figure.surface or figure.number))])
        if figure.scope:
            yield node, NKG.scope, NKG[figure.scope.term]
        for property_, value in (
            (NKG.value, figure.value),
            (SCHEMA.minValue, figure.min),
            (SCHEMA.maxValue, figure.max),
        ):
            if value is not None:
                yield node, property_, number(value)
        if figure.unit:
            yield node, SCHEMA.unitText, english(figure.unit)
        if figure.population:
            yield node, NKG.population, english(figure.population)
        if figure.place:
            yield node, SEM.hasPlace, self.mint.node(figure.place)
        for property_, day in ((NKG.since, date(figure.since)), (NKG.asOf, date(figure.as_of))):
            if day is not None:
                yield node, property_, day
        if figure.event:
            yield (
                node,
                NKG.countsEvent,
                self.mint.node(self.resolution.events.get((self.record.id, figure.event), figure.event)),
            )
        for relay in figure.relayed_by:
            yield node, NKG.relayedBy, self.mint.node(relay)
        yield from self.assertion(node, figure.evidence, figure.attributed_to, figure.confidence)

    def position(self, position: Position, name: str) -> Iterator[Triple]:
        """A title that somebody holds, as of the article's date."""
        node = self.mint.part(self.record.id, name)
        yield node, RDF.type, NKG.Position
        yield node, NKG.holder, self.mint.node(position.holder)
        yield node, NKG.title, english(position.title)
        if position.organisation:
            yield node, NKG.organisation, self.mint.node(position.organisation)
        if day := date(self.record.date):
            yield node, NKG.asOf, day
        yield from self.assertion(node, position.evidence, None, position.confidence)

    def assertion(self, node: ox.NamedNode, evidence: Span, source: str | None, sure: float) -> Iterator[Triple]:
        """What every assertion has: its evidence, its confidence, and its source where the text gives one."""
        yield node, PROV.wasDerivedFrom, self.cite(evidence)
        yield node, NKG.confidence, confidence(sure)
        if source:
            yield node, PROV.wasAttributedTo, self.mint.node(source)

    def cite(self, span: Span) -> ox.NamedNode:
        """The IRI of characters that an assertion points at; the text graph describes them."""
        self.cited[span] = None
        return self.mint.characters(self.record.id, span)
