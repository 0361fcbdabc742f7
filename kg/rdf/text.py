"""The graph `<article>/text`: the text, its sentences and its mentions, as NIF 2.0 strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.rdf.namespaces import ITSRDF, NIF, NKG, RDF, SCHEMA
from kg.rdf.terms import Mint, confidence, integer
from kg.records import Coreference, Extraction, Mention, Span
from kg.vocabulary import EntityType

Triple = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]
CLASSES = {
    EntityType.PERSON: SCHEMA.Person,
    EntityType.ORGANISATION: SCHEMA.Organization,
    EntityType.PLACE: SCHEMA.Place,
    EntityType.GROUP: NKG.Group,
}


def text_triples(record: Extraction, mint: Mint, cited: Iterable[Span]) -> Iterator[Triple]:
    """The context, every sentence, every mention, page furniture and every other span in `cited` (what events, statements, … point
    at)."""
    text, context = record.text, mint.characters(record.id, (0, len(record.text)))
    yield context, RDF.type, NIF.Context
    yield context, NIF.isString, ox.Literal(text)
    yield context, NIF.beginIndex, integer(0)
    yield context, NIF.endIndex, integer(len(text))
    yield context, NIF.sourceUrl, mint.article(record.id)

    sentences = dict.fromkeys(record.sentences)
    names = {(m.start, m.end): m for m in record.entities}
    others = {(c.start, c.end): c for c in record.coreference if (c.start, c.end) not in names}
    furniture = dict.fromkeys(record.noise)
    phrases = {*names, *others, *cited, *furniture} - {*sentences}
    for kind, spans in ((NIF.Sentence, sentences), (NIF.Phrase, phrases | names.keys() | others.keys())):
        for span in spans:
            yield mint.characters(record.id, span), RDF.type, kind
    for span in furniture:
        yield mint.characters(record.id, span), RDF.type, NKG.Furniture
    for span in sorted(sentences.keys() | phrases | names.keys() | others.keys()):
        node = mint.characters(record.id, span)
        yield node, NIF.anchorOf, ox.Literal(text[slice(*span)])
        yield node, NIF.beginIndex, integer(span[0])
        yield node, NIF.endIndex, integer(span[1])
        yield node, NIF.referenceContext, context
    for (start, end), sentence in _sentences_of(record.sentences, phrases):
        yield mint.characters(record.id, (start, end)), NIF.sentence, mint.characters(record.id, sentence)
    everything: dict[Span, Mention | Coreference] = {**names, **others}
    for span, mention in everything.items():
        node = mint.characters(record.id, span)
        yield node, ITSRDF.taIdentRef, mint.node(mention.id)
        yield node, ITSRDF.taConfidence, confidence(mention.confidence)
        if span in names:
            yield node, ITSRDF.taClassRef, CLASSES[names[span].type]


def _sentences_of(sentences: tuple[Span, ...], phrases: Iterable[Span]) -> Iterator[tuple[Span, Span]]:
    """Each phrase that lies wholly inside a sentence, with that sentence."""
    position = 0
    for start, end in sorted(phrases):
        while position < len(sentences) and sentences[position][1] <= start:
            position += 1
        if position < len(sentences) and sentences[position][0] <= start and end <= sentences[position][1]:
            yield (start, end), sentences[position]
