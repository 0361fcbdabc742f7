"""Entities and outlets over all articles, kept in a store's state and brought up to a change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from kg.records import Extraction
from kg.resolve.entities import Contribution, Entity, EntityTable, contributions, outlet_names, unknown_outlet
from kg.state import Queue
from kg.update.codec import pack, unpack
from kg.update.notes import Made, Notes, Stage
from kg.vocabulary import EntityType

SCHEMA = """
CREATE TABLE IF NOT EXISTS entities(id TEXT PRIMARY KEY, entity BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS names(name TEXT, entity TEXT, PRIMARY KEY(name, entity)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS names_by_entity ON names(entity);
CREATE TABLE IF NOT EXISTS outlets(name TEXT PRIMARY KEY, entity TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outlets_by_entity ON outlets(entity);
"""


@dataclass(frozen=True, slots=True)
class _Outlet:
    """That an article is from an outlet."""

    name: str


@dataclass(frozen=True, slots=True)
class MadeEntities:
    """What is noted of the things of one article, and the things; of its outlets, and their names."""

    ids: tuple[str, ...]
    notes: Made
    names: tuple[str, ...]
    outlets: Made


@dataclass(slots=True)
class Renamed:
    """What a change concerns: articles that show an entity by another label or outlet, and `owners`, entities that differ."""

    owners: Queue
    articles: set[str] = field(default_factory=set)


class Entities:
    """The entities of a store. `names` are those, without case, by which organisations are known as outlets."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._notes: Notes[Contribution] = Notes(db, Stage.ENTITY, Contribution, lambda one: (one.id,))
        self._outlets: Notes[_Outlet] = Notes(db, Stage.OUTLET, _Outlet, lambda one: (one.name.casefold(),))
        self._touched: set[str] = set()
        self._from: set[str] = set()

    def make(self, record: Extraction | None) -> MadeEntities:
        """What is noted of what an article says of things, by their shared identifiers; None: there is no such article any
        more."""
        said = {} if record is None else {c.id: c for c in contributions(record)}
        names = tuple(outlet_names(record)) if record else ()
        return MadeEntities(
            tuple(said), self._notes.make(said.values()), names, self._outlets.make(map(_Outlet, names))
        )

    def note(self, article: str, made: MadeEntities) -> None:
        """Keeps what was made of an article."""
        old = {c.id: pack(c) for c in self._notes.of(article)}
        if self._notes.replace(article, made.notes):
            new = {i: blob for i, (blob, _) in zip(made.ids, made.notes.notes, strict=True)}
            self._touched.update(i for i in old.keys() | new.keys() if old.get(i) != new.get(i))
        names = {o.name for o in self._outlets.of(article)}
        self._outlets.replace(article, made.outlets)
        self._from |= names.union(made.names)

    def touch(self, identifiers: set[str]) -> None:
        """Marks entities of which a person decided something else."""
        self._touched |= identifiers

    def settle(self, decide: Callable[[Entity], Entity], owners: Queue) -> Renamed:
        """Brings the entities up to the notes. `decide` gives an entity as a person decided on it."""
        for notes in (self._notes, self._outlets):
            notes.take_changes()
        touched, outlets = self._touched, self._from
        self._touched, self._from = set(), set()
        renamed = Renamed(owners)
        unstated: set[str] = set()
        for identifier in sorted(touched):
            table, entity = self._stated(identifier)
            if entity:
                self._keep(identifier, entity, decide, renamed)
            else:
                unstated.add(identifier)
            for name in self._known(identifier, table.known_as(identifier)):
                outlets.update(o.name for o in self._outlets.with_key(name))
        for name in sorted(outlets):
            unstated |= self._publish(name, renamed)
        for identifier in sorted(unstated):
            self._keep(identifier, self._stated(identifier)[1] or self._outlet(identifier), decide, renamed)
        return renamed

    def _stated(self, identifier: str) -> tuple[EntityTable, Entity | None]:
        """What articles say of a thing, and the entity that this makes; None if no article says anything."""
        table = EntityTable()
        stated = self._notes.with_key(identifier)
        for contribution in stated:
            table.take(contribution)
        return table, table.entity(identifier) if stated else None

    def _known(self, identifier: str, names: set[str]) -> set[str]:
        """Keeps the names by which an organisation is known as an outlet; those that are new or gone."""
        old = {name for (name,) in self._db.execute("SELECT name FROM names WHERE entity = ?", (identifier,))}
        gone, new = sorted(old - names), sorted(names - old)
        self._db.executemany("DELETE FROM names WHERE name = ? AND entity = ?", [(n, identifier) for n in gone])
        self._db.executemany("INSERT INTO names VALUES (?, ?)", [(n, identifier) for n in new])
        return {*gone, *new}

    def _publish(self, name: str, renamed: Renamed) -> set[str]:
        """Finds the entity of an outlet anew; the entities that gain or lose it."""
        row = self._db.execute("SELECT entity FROM outlets WHERE name = ?", (name,)).fetchone()
        old, new = row[0] if row else None, None
        folded = name.casefold()
        if any(one.name == name for one in self._outlets.with_key(folded)):
            (known,) = self._db.execute("SELECT MIN(entity) FROM names WHERE name = ?", (folded,)).fetchone()
            new = known or unknown_outlet(name)
        if old == new:
            return set()
        if new is None:
            self._db.execute("DELETE FROM outlets WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO outlets VALUES (?, ?)", (name, new))
            renamed.articles.update(self._outlets.articles(folded))
        return {i for i in (old, new) if i}

    def _outlet(self, identifier: str) -> Entity | None:
        """The entity of an outlet that no article names; None if it publishes none."""
        (name,) = self._db.execute("SELECT MIN(name) FROM outlets WHERE entity = ?", (identifier,)).fetchone()
        return Entity(identifier, EntityType.ORGANISATION, name) if name is not None else None

    def _keep(
        self, identifier: str, entity: Entity | None, decide: Callable[[Entity], Entity], renamed: Renamed
    ) -> None:
        before = self.get(identifier)
        if entity is not None:
            entity = decide(entity)
        if entity == before:
            return
        renamed.owners.add(identifier)
        if entity is None:
            self._db.execute("DELETE FROM entities WHERE id = ?", (identifier,))
            return
        self._db.execute("INSERT OR REPLACE INTO entities VALUES (?, ?)", (identifier, pack(entity)))
        if before is None or before.label != entity.label:
            renamed.articles.update(self._notes.articles(identifier))

    def get(self, identifier: str) -> Entity | None:
        """An entity; None if there is none."""
        row = self._db.execute("SELECT entity FROM entities WHERE id = ?", (identifier,)).fetchone()
        return unpack(Entity, row[0]) if row else None

    def outlet(self, name: str) -> str:
        """The entity of an outlet."""
        return str(self._db.execute("SELECT entity FROM outlets WHERE name = ?", (name,)).fetchone()[0])

    def naming(self, identifier: str) -> list[str]:
        """The articles that name an entity or refer to it."""
        return self._notes.articles(identifier)
