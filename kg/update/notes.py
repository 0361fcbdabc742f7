"""What resolution compares of each article, kept by article and by blocking key.

A note is a compact record of one thing that is compared across articles. Its keys say with which others: two notes that
share no key, directly or by others between them, have nothing to do with each other. So a change concerns the notes that
are reached from it by keys, and no other is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b
from typing import Generic, TypeVar

from kg.update.codec import pack, unpack

N = TypeVar("N")
SCHEMA = """
CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, article TEXT NOT NULL, stage INTEGER NOT NULL, note BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS notes_by_article ON notes(article, stage);
CREATE TABLE IF NOT EXISTS keys(key INTEGER, rank TEXT, note INTEGER, PRIMARY KEY(key, rank, note)) WITHOUT ROWID;
"""


class Stage(IntEnum):
    """What is compared. The numbers are kept in the state of a store."""

    THING = 1
    SURROUNDING = 2
    ENTITY = 3
    OUTLET = 4
    COPY = 5
    ACCOUNT = 6
    FIGURE = 7
    STATEMENT = 8


@dataclass
class Changes(Generic[N]):
    """What changed in the notes of a stage: identifiers of new ones, notes that are gone, and the keys of both."""

    added: set[int] = field(default_factory=set)
    gone: list[N] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)
    """Each key with the least rank of what changed under it."""

    def __bool__(self) -> bool:
        return bool(self.added or self.gone)


class Notes(Generic[N]):
    """The notes of one stage. `keys` gives the blocking keys of a note, `rank` orders the notes of one key."""

    def __init__(
        self,
        db: sqlite3.Connection,
        stage: Stage,
        cls: type[N],
        keys: Callable[[N], Iterable[object]],
        rank: Callable[[N], str] = lambda note: "",
    ) -> None:
        self.db, self.stage, self.cls, self._keys, self._rank = db, stage, cls, keys, rank
        self.changes: Changes[N] = Changes()

    def key(self, key: object) -> int:
        """A key as it is kept: 63 bits of its digest. Two that meet cost time, not truth: what is not alike is not joined."""
        return int.from_bytes(blake2b(f"{self.stage.value} {key!r}".encode(), digest_size=8).digest(), "big") >> 1

    def keys(self, note: N) -> set[int]:
        """The keys of a note as they are kept."""
        return {self.key(key) for key in self._keys(note)}

    def replace(self, article: str, notes: Iterable[N]) -> bool:
        """Makes these the notes of an article; whether they were others before."""
        wanted = [(pack(note), note) for note in notes]
        rows = self.db.execute(
            "SELECT id, note FROM notes WHERE article = ? AND stage = ? ORDER BY id", (article, self.stage)
        ).fetchall()
        if [blob for _, blob in rows] == [blob for blob, _ in wanted]:
            return False
        for identifier, blob in rows:
            note = unpack(self.cls, blob)
            rank = self._rank(note)
            for key in self.keys(note):
                self.db.execute("DELETE FROM keys WHERE key = ? AND rank = ? AND note = ?", (key, rank, identifier))
                self._touch(key, rank)
            self.changes.gone.append(note)
        if rows:
            self.db.execute("DELETE FROM notes WHERE article = ? AND stage = ?", (article, self.stage))
            self.changes.added.difference_update(identifier for identifier, _ in rows)
        for blob, note in wanted:
            identifier = self.db.execute(
                "INSERT INTO notes(article, stage, note) VALUES (?, ?, ?)", (article, self.stage, blob)
            ).lastrowid
            assert identifier is not None
            rank, keys = self._rank(note), self.keys(note)
            self.db.executemany("INSERT INTO keys VALUES (?, ?, ?)", [(key, rank, identifier) for key in sorted(keys)])
            for key in keys:
                self._touch(key, rank)
            self.changes.added.add(identifier)
        return True

    def _touch(self, key: int, rank: str) -> None:
        before = self.changes.keys.get(key)
        if before is None or rank < before:
            self.changes.keys[key] = rank

    def take_changes(self) -> Changes[N]:
        """What changed since this was last asked."""
        changes, self.changes = self.changes, Changes()
        return changes

    def get(self, identifier: int) -> N:
        """A note by its identifier."""
        return unpack(self.cls, self.db.execute("SELECT note FROM notes WHERE id = ?", (identifier,)).fetchone()[0])

    def of(self, article: str) -> list[N]:
        """The notes of an article."""
        rows = self.db.execute(
            "SELECT note FROM notes WHERE article = ? AND stage = ? ORDER BY id", (article, self.stage)
        )
        return [unpack(self.cls, blob) for (blob,) in rows]

    def under(self, key: int, limit: int = -1, before: str | None = None) -> list[int]:
        """The notes with a key, by rank; the first `limit`, of those that rank before another."""
        if before is None:
            rows = self.db.execute("SELECT note FROM keys WHERE key = ? ORDER BY rank, note LIMIT ?", (key, limit))
        else:
            rows = self.db.execute(
                "SELECT note FROM keys WHERE key = ? AND rank < ? ORDER BY rank, note LIMIT ?", (key, before, limit)
            )
        return [note for (note,) in rows]

    def with_key(self, key: object) -> list[N]:
        """The notes with a key."""
        rows = self.db.execute(
            "SELECT n.note FROM keys k JOIN notes n ON n.id = k.note WHERE k.key = ? ORDER BY k.note", (self.key(key),)
        )
        return [unpack(self.cls, blob) for (blob,) in rows]

    def articles(self, key: object) -> list[str]:
        """The articles that have a note with a key."""
        rows = self.db.execute(
            "SELECT DISTINCT n.article FROM keys k JOIN notes n ON n.id = k.note WHERE k.key = ?", (self.key(key),)
        )
        return [article for (article,) in rows]

    def components(self, changes: Changes[N]) -> Iterator[list[N]]:
        """The notes that a change concerns, all that are connected by keys together."""
        seeds = set(changes.added)
        if changes.gone:
            seeds.update(identifier for key in changes.keys for identifier in self.under(key))
        seen: set[int] = set()
        for seed in sorted(seeds):
            if seed not in seen:
                yield self._component(seed, seen)

    def _component(self, seed: int, seen: set[int]) -> list[N]:
        found: list[N] = []
        waiting, met = [seed], set[int]()
        seen.add(seed)
        while waiting:
            note = self.get(waiting.pop())
            found.append(note)
            for key in self.keys(note) - met:
                met.add(key)
                for identifier in self.under(key):
                    if identifier not in seen:
                        seen.add(identifier)
                        waiting.append(identifier)
        return found
