"""Brings what is known across articles, and the graphs, up to the records that changed: nothing else is read or written.

The result is the one that all records together give (`kg.resolve.resolve`, `kg.rdf`), byte for byte; what is kept between
runs is only what was found before, and may be thrown away. `docs/architecture.md` has the design.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kg.decisions import Outcome, active, decide, reserved
from kg.identities import choices_as_decided, decided_entity
from kg.rdf.decisions import read_decisions
from kg.rdf.terms import Mint
from kg.records import Extraction
from kg.resolve.rewriting import Rewriting, apply
from kg.state import State
from kg.store import Store
from kg.update import accounts, entities, notes, relations, things
from kg.update.entities import Entities
from kg.update.relations import Relations
from kg.update.things import Moved, Things

TABLES = (
    "notes",
    "keys",
    "filings",
    "joins",
    "things",
    "places",
    "pairs",
    "entities",
    "names",
    "outlets",
    "same_events",
    "copies",
    "relations",
)
Progress = Callable[..., None]
# Records that are read one after the other are looked at several times each.
FEW = 64


class Update:
    """One run over the changes of a store. `version` is that of the code that compares and maps."""

    def __init__(self, store: Store, state: State, version: str) -> None:
        self.store, self.state, self.version = store, state, version
        for part in (notes, things, entities, accounts, relations):
            state.db.executescript(part.SCHEMA)
        self.things, self.entities, self.relations = (
            Things(state.db),
            Entities(state.db),
            Relations(state.db),
        )
        self.outcome: Outcome | None = None
        self.rewriting = Rewriting()

    def resolve(self, progress: Progress) -> None:
        """Compares what changed, and queues the graphs that are to be written. All or nothing."""
        with self.state.transaction():
            if self.state.get("resolved") != self.version:
                for table in (*TABLES, "entity_lines"):
                    self.state.db.execute(f"DELETE FROM {table}")
                graph = Mint(self.store.base).graph("entities").value
                self.state.db.execute("UPDATE graphs SET digest = '' WHERE iri = ?", (graph,))
                self.state.requeue()
                self.state.note("resolved", self.version)
            changed = self.state.queued("changed")
            fresh = self.state.db.execute("SELECT 1 FROM notes LIMIT 1").fetchone() is None
            for count, article in enumerate(changed, 1):
                self.things.note(article, self.state.record(article))
                progress("compare", count, len(changed))
            moved = self._identities()
            touched = sorted({*changed, *moved.articles})
            for count, article in enumerate(touched, 1):
                record = self.shared(article)
                self.entities.note(article, record)
                self.relations.note(article, record)
                progress("resolve", count, len(touched))
            links, labels = self.rewriting.links, self.rewriting.labels
            renamed = self.entities.settle(lambda e: decided_entity(e, links.get(e.id), labels.get(e.id)))
            related = self.relations.settle(fresh=fresh)
            self.state.queue("stale", {*touched, *renamed.articles, *related})
            self.state.queue("owners", {*moved.owners, *renamed.owners})
            self._forget_links()
            self.state.unqueue("changed", changed)

    def _identities(self) -> Moved:
        """The identities, as a person decided on them. Decisions may move anything: with them, all identities are read."""
        decisions = read_decisions(self.store.quads, self.store.base)
        standing = bool(active(decisions))
        apply_all = standing or self.state.get("decided") == "1"
        moved = self.things.settle(reserved(decisions), decided=apply_all)
        if apply_all:
            self.outcome = decide(self.things.found(), decisions)
            self.rewriting = self.outcome.rewriting
            self.things.decide(self.outcome, moved)
            moved.owners.update(self.outcome.members)
            moved.owners.update(o for (o,) in self.state.db.execute("SELECT owner FROM entity_lines"))
        said = self._said()
        before: dict[str, Any] = json.loads(self.state.get("said") or "{}")
        different = {i for i in said.keys() | before.keys() if said.get(i) != before.get(i)}
        for identifier in different:
            moved.articles.update(self.entities.naming(identifier))
        self.entities.touch(different)
        moved.owners.update(different)
        self.state.note("said", json.dumps(said))
        self.state.note("decided", "1" if standing else "0")
        return moved

    def _said(self) -> dict[str, Any]:
        """What decisions say of links and labels, by thing."""
        links, labels = self.rewriting.links, self.rewriting.labels
        return {
            i: [labels.get(i), links[i].item if i in links else None, sorted(links[i].rejected) if i in links else None]
            for i in sorted(links.keys() | labels.keys())
        }

    def _forget_links(self) -> None:
        """Forgets what was chosen online for things that are no more."""
        gone = [i for i in self.state.links() if self.entities.get(i) is None and not self.things.has(i)]
        self.state.forget_links(gone)

    def shared(self, article: str) -> Extraction | None:
        """A record with the identifiers, links and labels that hold across articles; None if there is none."""
        record = self.state.record(article)
        if record is None:
            return None
        ids = self.things.ids(article)
        return apply(record, Rewriting(ids, self.rewriting.links, self.rewriting.labels))

    def choices(self) -> dict[str, Any]:
        """What was chosen online, as decided."""
        links = self.state.links()
        return choices_as_decided(links, self.outcome) if self.outcome else links
