"""Brings what is known across articles, and the graphs, up to the records that changed: nothing else is read or written.

The result is the one that all records together give (`kg.resolve.resolve`, `kg.rdf`), byte for byte; what is kept between
runs is only what was found before, and may be thrown away. `docs/architecture.md` has the design.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sized
from typing import Any

from kg.decisions import Outcome, active, decide, reserved
from kg.identities import choices_as_decided, decided_entity
from kg.parallel import Pool, ordered
from kg.rdf.decisions import read_decisions
from kg.rdf.terms import Mint
from kg.resolve.rewriting import Rewriting
from kg.state import State
from kg.store import Store
from kg.update import accounts, entities, notes, relations, things
from kg.update.entities import Entities
from kg.update.noting import CHUNK, WORTH, Shared, made_others, made_things
from kg.update.relations import PARTS, Relations
from kg.update.things import Moved, Things

KEPT = (notes, things, entities, accounts, relations)
# The tables of these parts: what one version of the code has found is nothing to another, whose tables may have other columns.
TABLES = tuple(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", "".join(part.SCHEMA for part in KEPT)))
Progress = Callable[..., None]


class Update:
    """One run over the changes of a store. `version` is that of the code that compares and maps; a `pool` makes notes."""

    def __init__(self, store: Store, state: State, version: str, pool: Pool | None = None) -> None:
        self.store, self.state, self.version = store, state, version
        for part in KEPT:
            state.db.executescript(part.SCHEMA)
        self.things, self.entities, self.relations = (
            Things(state.db),
            Entities(state.db),
            Relations(state.db),
        )
        self._pool = pool
        self.outcome: Outcome | None = None
        self.rewriting = Rewriting()

    def resolve(self, progress: Progress) -> None:
        """Compares what changed, and queues the graphs that are to be written. All or nothing."""
        with self.state.transaction():
            if self.state.get("resolved") != self.version:
                for table in TABLES:
                    self.state.db.execute(f"DROP TABLE {table}")
                for statement in "".join(part.SCHEMA for part in KEPT).split(";"):  # a script would end the transaction
                    self.state.db.execute(statement)
                self.state.db.execute("DELETE FROM entity_lines")
                graph = Mint(self.store.base).graph("entities").value
                self.state.db.execute("UPDATE graphs SET digest = '' WHERE iri = ?", (graph,))
                self.state.requeue()
                self.state.note("resolved", self.version)
            changed = self.state.queued("changed")
            fresh = self.state.db.execute("SELECT 1 FROM notes LIMIT 1").fetchone() is None
            records = map(self.state.packed, changed)
            made = ordered(self._several(changed), made_things, records, chunk=CHUNK)
            for count, (article, things) in enumerate(zip(changed, made, strict=True), 1):
                self.things.note(article, things)
                progress("compare", count, len(changed))
            moved = self._identities()
            touched = sorted({*changed, *moved.articles})
            others = ordered(self._several(touched), made_others, map(self._shared, touched), chunk=CHUNK)
            for count, (article, (entities, relations)) in enumerate(zip(touched, others, strict=True), 1):
                self.entities.note(article, entities)
                self.relations.note(article, relations)
                progress("resolve", count, len(touched))
            links, labels = self.rewriting.links, self.rewriting.labels
            owners = self.state.waiting("owners")
            renamed = self.entities.settle(lambda e: decided_entity(e, links.get(e.id), labels.get(e.id)), owners)
            related = self.relations.settle(lambda part: progress("relate", part, PARTS), fresh=fresh)
            self.state.queue("stale", {*touched, *renamed.articles, *related})
            self._forget_links()
            self.state.unqueue("changed", changed)

    def _identities(self) -> Moved:
        """The identities, as a person decided on them. Decisions may move anything: with them, all identities are read."""
        decisions = read_decisions(self.store.quads, self.store.base)
        standing = bool(active(decisions))
        apply_all = standing or self.state.get("decided") == "1"
        moved = self.things.settle(reserved(decisions), self.state.waiting("owners"), decided=apply_all)
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

    def _shared(self, article: str) -> Shared:
        """A record with the identifiers, links and labels that hold across articles."""
        rewriting = Rewriting(self.things.ids(article), self.rewriting.links, self.rewriting.labels)
        return Shared(self.state.packed(article), rewriting)

    def _several(self, articles: Sized) -> Pool | None:
        """The pool, where there is enough to do for it. What a person decided goes with each article: it is kept here."""
        pool = self._pool
        return pool if pool and pool.started and len(articles) >= WORTH and self.outcome is None else None

    def choices(self) -> dict[str, Any]:
        """What was chosen online, as decided."""
        links = self.state.links()
        return choices_as_decided(links, self.outcome) if self.outcome else links
