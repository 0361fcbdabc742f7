"""Counts of a store: by class, source, event type and coverage of links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.prefixes import PREFIXES
from kg.vocabulary import EventType

# Each gives rows (what, count); a row belongs to the group that the query is listed under.
QUERIES = {
    "class": """
        SELECT ?what (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing a ?what
          FILTER(STRSTARTS(STR(?what), STR(nkg:)) || STRSTARTS(STR(?what), STR(schema:)) || STRSTARTS(STR(?what), STR(sem:))
                 || STRSTARTS(STR(?what), STR(nif:))) } GROUP BY ?what""",
    "event type": """
        SELECT ?what (COUNT(DISTINCT ?event) AS ?count) WHERE {
          { ?event a sem:Event, ?what FILTER(?what != sem:Event) } UNION { ?event nkg:eventType ?what } } GROUP BY ?what""",
    "factuality": "SELECT ?what (COUNT(DISTINCT ?event) AS ?count) WHERE { ?event nkg:factuality ?what } GROUP BY ?what",
    "publisher": """
        SELECT ?what (COUNT(DISTINCT ?article) AS ?count) WHERE { ?article a schema:NewsArticle
          OPTIONAL { ?article schema:publisher/skos:prefLabel ?label }
          BIND(COALESCE(STR(?label), "not stated") AS ?what) } GROUP BY ?what""",
    "linked to Wikidata": """
        SELECT ?what (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing skos:exactMatch ?item ; a ?what
          FILTER(STRSTARTS(STR(?item), STR(wd:))) } GROUP BY ?what""",
    "quads": 'SELECT ("all graphs" AS ?what) (COUNT(*) AS ?count) WHERE { GRAPH ?g { ?s ?p ?o } }',
}
EVENT_CLASSES = {f"nkg:{event_type.term}" for event_type in EventType}


@dataclass(frozen=True, slots=True)
class Count:
    """One number: how many of `what` there are, in a `group` of numbers."""

    group: str
    what: str
    count: int


def stats(database: ox.Store) -> Iterator[Count]:
    """The counts of a store, largest first within each group."""
    for group, query in QUERIES.items():
        rows = database.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        counts = [Count(group, _short(row["what"]), int(row["count"].value)) for row in rows if row["what"] is not None]  # type: ignore
        if group == "class":  # event classes have a group of their own
            counts = [count for count in counts if count.what not in EVENT_CLASSES]
        yield from sorted(counts, key=lambda c: (-c.count, c.what))


def _short(term: ox.NamedNode | ox.Literal) -> str:
    """A term's value, an IRI with its prefix."""
    for prefix, namespace in PREFIXES.items():
        if isinstance(term, ox.NamedNode) and term.value.startswith(namespace):
            return f"{prefix}:{term.value.removeprefix(namespace)}"
    return term.value
