"""The graphs of one article, and what the graph of entities says of one thing, as lines of N-Quads.

A task holds all that they depend on, so that any process can do it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.link.candidates import Choice
from kg.rdf.article import article_graphs
from kg.rdf.entities import described
from kg.rdf.identity import distinction_triples, merge_triples
from kg.rdf.terms import Mint
from kg.records import Extraction
from kg.resolve import Resolution
from kg.resolve.entities import Entity
from kg.resolve.identity import Distinction, Merge
from kg.resolve.relations import Relation
from kg.resolve.rewriting import LinkChange, Rewriting, apply
from kg.update.codec import pack
from kg.vocabulary import EntityType


@dataclass(frozen=True, slots=True)
class Task:
    """What the graphs of an article are made from. `record` is as extracted; `labels` are those of the entities by their
    shared identifiers."""

    record: Extraction
    record_digest: str
    base: str
    version: str
    ids: dict[str, str] = field(default_factory=dict)
    links: dict[str, LinkChange] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    outlets: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    def digest(self) -> str:
        """A digest of all that the graphs depend on."""
        parts = (self.ids, self.labels, self.outlets, self.events, self.renamed)
        known = [sorted(part.items()) for part in parts]
        links = [(i, change.item, sorted(change.rejected)) for i, change in sorted(self.links.items())]
        head = [self.version, self.base, self.record_digest, known, links]
        digest = hashlib.sha256(json.dumps(head).encode())
        for relation in self.relations:
            digest.update(pack(relation))
        return digest.hexdigest()

    def shared(self) -> Extraction:
        """The record with the identifiers, links and labels that hold across articles."""
        article = self.record.id
        ids = {(article, own): shared for own, shared in self.ids.items()}
        return apply(self.record, Rewriting(ids, self.links, self.renamed))

    def resolution(self) -> Resolution:
        """What is known across articles, as far as it concerns this one."""
        article = self.record.id
        return Resolution(
            entities={i: Entity(i, EntityType(i.partition("/")[0]), label) for i, label in self.labels.items()},
            outlets=self.outlets,
            events={(article, event): shared for event, shared in self.events.items()},
            relations={article: self.relations},
        )


@dataclass(frozen=True, slots=True)
class ThingTask:
    """What the lines of a thing are made from: the entity, if there is one by that name, what was chosen for it online, and why
    things are it or are kept apart from it."""

    entity: Entity | None
    online: Choice | None
    reasons: tuple[Merge | Distinction, ...]
    base: str


def thing_lines(task: ThingTask) -> bytes:
    """What the graph of entities says of a thing, as sorted N-Quads; empty if nothing."""
    mint = Mint(task.base)
    graph = mint.graph("entities")
    triples = list(described(task.entity, mint, task.online)) if task.entity else []
    for reason in task.reasons:
        triples += merge_triples(reason, mint) if isinstance(reason, Merge) else distinction_triples(reason, mint)
    return _lines([ox.Quad(*triple, graph) for triple in dict.fromkeys(triples)])


def article_lines(task: Task) -> tuple[bytes, bytes]:
    """The two graphs of the article, what it reports and its text, each as sorted N-Quads."""
    reported, text = article_graphs(task.shared(), task.resolution(), task.base)
    return _lines(reported), _lines(text)


def _lines(quads: list[ox.Quad]) -> bytes:
    lines = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))  # an N-Quads line has no other line end in it
