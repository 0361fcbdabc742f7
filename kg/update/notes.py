"""What resolution compares of each article, kept by article and by blocking key.

A note is a compact record of one thing that is compared across articles. Its keys say with which others: two notes that
share no key, directly or by others between them, have nothing to do with each other. So a change concerns the notes that
are reached from it by keys, and no other is read.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar

import orjson

from kg.update.codec import Codec
from kg.update.numbers import Numbers

N = TypeVar("N")
SCHEMA = """
CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, article TEXT NOT NULL, stage INTEGER NOT NULL, note BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS notes_by_article ON notes(article, stage);
CREATE TABLE IF NOT EXISTS commons(
    article TEXT, stage INTEGER, note BLOB NOT NULL, PRIMARY KEY(article, stage)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys(
    key INTEGER, rank TEXT, note INTEGER, size INTEGER NOT NULL, PRIMARY KEY(key, rank, note)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS new_keys(key INTEGER, rank TEXT, note INTEGER, size INTEGER);
CREATE TEMP TABLE IF NOT EXISTS fewest(
    size INTEGER, other INTEGER, shared INTEGER NOT NULL, PRIMARY KEY(size, other)) WITHOUT ROWID;
"""
# Keys are digests: one by one they would each change another page of the table. What is new is put in as a whole, in order.
FILE = ("INSERT INTO keys SELECT * FROM new_keys ORDER BY 1, 2, 3", "DELETE FROM new_keys")
ANY = "SELECT keys.key, note FROM json_each(?) look CROSS JOIN keys ON keys.key = look.value AND keys.rank < ? LIMIT ?"
# All that share any of the keys.
BESIDE = "SELECT note FROM json_each(?) look CROSS JOIN keys ON keys.key = look.value"
# What `ANY` finds of each note, for all notes at once: the table is read once, in the order of its keys. Without those that are
# too small or too large to be alike, or share too few keys; how many two share is not known where both have a crowded one.
ALL = """
WITH shared AS (SELECT key FROM keys WHERE rank > '' GROUP BY key HAVING COUNT(*) BETWEEN 2 AND ?1),
crowded AS (SELECT key FROM keys WHERE rank > '' GROUP BY key HAVING COUNT(*) > ?1),
amid AS (SELECT DISTINCT note FROM keys WHERE key IN crowded),
firsts AS (SELECT key, rank, note, size, row_number() OVER (PARTITION BY key ORDER BY rank, note) AS place
    FROM keys WHERE key IN crowded)
SELECT later.note, earlier.note FROM shared CROSS JOIN keys AS earlier ON earlier.key = shared.key
    CROSS JOIN keys AS later ON later.key = shared.key AND later.rank > earlier.rank
    WHERE min(later.size, earlier.size) >= ?2 * max(later.size, earlier.size)
    GROUP BY later.note, earlier.note
    HAVING COUNT(*) >= ifnull((SELECT shared FROM fewest WHERE size = later.size AND other = earlier.size), 1)
    OR (later.note IN amid AND earlier.note IN amid)
UNION SELECT later.note, firsts.note FROM firsts CROSS JOIN keys AS later
    ON later.key = firsts.key AND later.rank > firsts.rank
    WHERE place <= ?1 AND min(later.size, firsts.size) >= ?2 * max(later.size, firsts.size)
ORDER BY 1, 2
"""
# All keys are looked at together, unless there is so many times as much under them as is looked at under one.
MANY = 8
# Articles whose notes have something in common that is kept in memory: those of a large block ask for it again and again. A story
# takes some ten kilobytes.
NEAR = 1024


class Stage(IntEnum):
    """What is compared. The numbers are kept in the state of a store."""

    THING = 1
    ENTITY = 2
    OUTLET = 3
    COPY = 4
    ACCOUNT = 5
    FIGURE = 6
    STATEMENT = 7


@dataclass
class Changes(Generic[N]):
    """What changed in the notes of a stage: identifiers of new ones, and notes that are gone."""

    added: Numbers = field(default_factory=Numbers)
    gone: list[N] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.gone)


@dataclass(frozen=True, slots=True)
class Made:
    """The notes of one article, ready to be kept: each as it is packed, with the rows that file it, and what they have in common.
    Made by any process."""

    notes: tuple[tuple[bytes, tuple[tuple[Any, ...], ...]], ...] = ()
    common: bytes | None = None


class Notes(Generic[N]):
    """The notes of one stage. `keys` gives the blocking keys of a note, `rank` orders the notes of one key, `size` tells how much
    there is of a note to be alike to others; `common` are the fields that are the same in all notes of an article."""

    def __init__(
        self,
        db: sqlite3.Connection,
        stage: Stage,
        cls: type[N],
        keys: Callable[[N], Iterable[object]],
        rank: Callable[[N], str] = lambda note: "",
        size: Callable[[N], int] = lambda note: 0,
        common: tuple[str, ...] = (),
    ) -> None:
        self.db, self.stage, self._keys, self._rank, self._size = db, stage, keys, rank, size
        self._codec, self._apart = Codec(cls, common), bool(common)
        self.common = lru_cache(NEAR)(self._read_common)
        """What the notes of an article have in common."""
        self.changes: Changes[N] = Changes()

    def key(self, key: object) -> int:
        """A key as it is kept: 63 bits of its digest. Two that meet cost time, not truth: what is not alike is not joined."""
        return int.from_bytes(blake2b(f"{self.stage.value} {key!r}".encode(), digest_size=8).digest(), "big") >> 1

    def keys(self, note: N) -> set[int]:
        """The keys of a note as they are kept."""
        return {self.key(key) for key in self._keys(note)}

    def make(self, notes: Iterable[N]) -> Made:
        """Notes ready to be kept; without a look at what is kept."""
        wanted = list(notes)
        common = self._codec.pack_common(wanted[0]) if wanted and self._apart else None
        return Made(tuple((self._codec.pack(note), self._rows_of(note)) for note in wanted), common)

    def replace(self, article: str, made: Made) -> bool:
        """Makes these the notes of an article; whether they were others before."""
        rows = self.db.execute(
            "SELECT id, note FROM notes WHERE article = ? AND stage = ? ORDER BY id", (article, self.stage)
        ).fetchall()
        if [blob for _, blob in rows] == [blob for blob, _ in made.notes] and self._common_row(article) == made.common:
            return False
        for identifier, blob in rows:
            note = self._unpack(article, blob)
            self._unfile(identifier, note)
            self.changes.gone.append(note)
        if rows:
            self.db.execute("DELETE FROM notes WHERE article = ? AND stage = ?", (article, self.stage))
            self.changes.added -= {identifier for identifier, _ in rows}
        self._put_common(article, made.common)
        for blob, filed in made.notes:
            identifier = self.db.execute(
                "INSERT INTO notes(article, stage, note) VALUES (?, ?, ?)", (article, self.stage, blob)
            ).lastrowid
            assert identifier is not None
            self._file(identifier, filed)
            self.changes.added.add(identifier)
        return True

    def _unpack(self, article: str, blob: bytes) -> N:
        return self._codec.unpack(blob, self.common(article)) if self._apart else self._codec.unpack(blob)

    def _read_common(self, article: str) -> list[Any]:
        return self._codec.unpack_common(self._common_row(article) or b"")

    def _common_row(self, article: str) -> bytes | None:
        query = "SELECT note FROM commons WHERE article = ? AND stage = ?"
        row = self.db.execute(query, (article, self.stage)).fetchone()
        return row[0] if row else None

    def _put_common(self, article: str, common: bytes | None) -> None:
        if self._apart:
            self.common.cache_clear()
            self.db.execute("DELETE FROM commons WHERE article = ? AND stage = ?", (article, self.stage))
            if common is not None:
                self.db.execute("INSERT INTO commons VALUES (?, ?, ?)", (article, self.stage, common))

    def _rows_of(self, note: N) -> tuple[tuple[Any, ...], ...]:
        """Under what a note is filed."""
        rank, size = self._rank(note), self._size(note)
        return tuple((key, rank, size) for key in sorted(self.keys(note)))

    def _file(self, identifier: int, rows: Iterable[tuple[Any, ...]]) -> None:
        filed = [(key, rank, identifier, size) for key, rank, size in rows]
        self.db.executemany("INSERT INTO new_keys VALUES (?, ?, ?, ?)", filed)

    def _unfile(self, identifier: int, note: N) -> None:
        rows = [(key, self._rank(note), identifier) for key in sorted(self.keys(note))]
        self.db.executemany("DELETE FROM keys WHERE key = ? AND rank = ? AND note = ?", rows)

    def take_changes(self) -> Changes[N]:
        """What changed since this was last asked. New notes are found by their keys from now on."""
        for statement in FILE:
            self.db.execute(statement)
        changes, self.changes = self.changes, Changes()
        return changes

    def get(self, identifier: int) -> N:
        """A note by its identifier."""
        return self._unpack(*self.db.execute("SELECT article, note FROM notes WHERE id = ?", (identifier,)).fetchone())

    def article(self, identifier: int) -> str:
        """The article of a note."""
        return str(self.db.execute("SELECT article FROM notes WHERE id = ?", (identifier,)).fetchone()[0])

    def of(self, article: str) -> list[N]:
        """The notes of an article."""
        rows = self.db.execute(
            "SELECT note FROM notes WHERE article = ? AND stage = ? ORDER BY id", (article, self.stage)
        )
        return [self._unpack(article, blob) for (blob,) in rows]

    def under(self, key: int, limit: int = -1, before: str | None = None) -> list[int]:
        """The notes with a key, by rank; the first `limit`, of those that rank before another."""
        if before is None:
            rows = self.db.execute("SELECT note FROM keys WHERE key = ? ORDER BY rank, note LIMIT ?", (key, limit))
        else:
            rows = self.db.execute(
                "SELECT note FROM keys WHERE key = ? AND rank < ? ORDER BY rank, note LIMIT ?", (key, before, limit)
            )
        return [note for (note,) in rows]

    def under_any(self, keys: set[int], limit: int, before: str) -> set[int]:
        """The notes with any of the keys that rank before another; of each key the first `limit`."""
        most = MANY * limit
        rows = self.db.execute(ANY, (orjson.dumps(sorted(keys)).decode(), before, most)).fetchall()
        found = {note for _, note in rows}
        if len(rows) <= limit:
            return found
        crowded = keys if len(rows) == most else {k for k, n in Counter(k for k, _ in rows).items() if n > limit}
        if crowded:
            found = {note for key, note in rows if key not in crowded}
            found.update(note for key in crowded for note in self.under(key, limit, before))
        return found

    def all_under_any(
        self, limit: int, share: float, fewest: Iterable[tuple[int, int, int]]
    ) -> Iterator[tuple[int, list[int]]]:
        """What `under_any` finds by the keys and the rank of each note, for those that find any, in order. Only the notes of one
        stage have ranks; nothing ranks before what has none. Of these, notes are alike only if the size of one is at least this
        share of that of the other; `fewest` tells for two sizes how many keys they share then at least."""
        self.db.execute("DELETE FROM fewest")
        self.db.executemany("INSERT INTO fewest VALUES (?, ?, ?)", fewest)
        rows = self.db.execute(ALL, (limit, share))
        for note, found in groupby(rows, key=itemgetter(0)):
            yield note, [other for _, other in found]

    def with_key(self, key: object) -> list[N]:
        """The notes with a key."""
        rows = self.db.execute(
            "SELECT n.article, n.note FROM keys k JOIN notes n ON n.id = k.note WHERE k.key = ? ORDER BY k.note",
            (self.key(key),),
        )
        return [self._unpack(*row) for row in rows]

    def articles(self, key: object) -> list[str]:
        """The articles that have a note with a key."""
        rows = self.db.execute(
            "SELECT DISTINCT n.article FROM keys k JOIN notes n ON n.id = k.note WHERE k.key = ?", (self.key(key),)
        )
        return [article for (article,) in rows]

    def components(self, changes: Changes[N]) -> Iterator[list[N]]:
        """The notes that a change concerns, all that are connected by keys together."""
        seeds = Numbers(changes.added)
        for key in sorted({key for note in changes.gone for key in self.keys(note)}):
            seeds.update(self.under(key))
        seen = Numbers()
        for seed in seeds:
            if seed not in seen:
                yield self._component(seed, seen)

    def _component(self, seed: int, seen: Numbers) -> list[N]:
        found: list[N] = []
        waiting, met = [seed], set[int]()
        seen.add(seed)
        while waiting:
            note = self.get(waiting.pop())
            found.append(note)
            keys = self.keys(note) - met
            met |= keys
            for (identifier,) in self.db.execute(BESIDE, (orjson.dumps(sorted(keys)).decode(),)):
                if identifier not in seen:
                    seen.add(identifier)
                    waiting.append(identifier)
        return found
