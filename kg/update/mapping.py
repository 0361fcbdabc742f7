"""The graphs of one article, as lines of N-Quads, from its record and what is known of it across articles.

A task holds all that they depend on, so that any process can do it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.rdf.article import article_graphs
from kg.records import Extraction
from kg.resolve import Resolution
from kg.resolve.entities import Entity
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


def article_lines(task: Task) -> tuple[bytes, bytes]:
    """The two graphs of the article, what it reports and its text, each as sorted N-Quads."""
    reported, text = article_graphs(task.shared(), task.resolution(), task.base)
    return _lines(reported), _lines(text)


def _lines(quads: list[ox.Quad]) -> bytes:
    lines = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))  # an N-Quads line has no other line end in it
