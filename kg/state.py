"""What a store's last build knew: extraction records by article, links found online, and a digest of each graph.

One SQLite file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import orjson

from kg.link.candidates import Choice
from kg.records import Extraction, from_json, to_json

# Records are longer than a page: in a tree by identifier each would be moved about (sqlite.org/withoutrowid.html, section 4).
SCHEMA = """
CREATE TABLE IF NOT EXISTS articles(id TEXT PRIMARY KEY, key TEXT NOT NULL, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS graphs(iri TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links(entity TEXT PRIMARY KEY, choice TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mirrored(url TEXT, iri TEXT, digest TEXT NOT NULL, PRIMARY KEY(url, iri)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity_lines(owner TEXT PRIMARY KEY, digest BLOB NOT NULL, lines BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queues(queue TEXT, item TEXT, PRIMARY KEY(queue, item)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, stamp TEXT NOT NULL, articles TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents(content TEXT PRIMARY KEY, article TEXT NOT NULL, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# The fastest level: records are read as often as they are written, and text shrinks to a third with any level.
LEVEL = 1
# KiB of pages kept in memory, and of rows while they are sorted. Ten thousand articles are compared as fast as with four times
# that, since what is new is put in as a whole and compared day by day.
CACHE = 16384
VERSION = "2"


class State:
    """The state of one store. Nothing here is lost by a kill: every change is a transaction of SQLite."""

    def __init__(self, folder: Path) -> None:
        new = not (folder / "state.sqlite").exists()
        self._db = sqlite3.connect(folder / "state.sqlite", isolation_level=None, cached_statements=256)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA cache_size=-{CACHE}")
        self._db.executescript(SCHEMA)
        if new:
            self.set("version", VERSION)
        elif self.get("version") != VERSION:  # an older version of newskg kept no queues
            with self._transaction():
                self.requeue()
                self._set("version", VERSION)

    def keys(self) -> dict[str, str]:
        """The key of each article: a digest of its input and of the pipeline that read it."""
        return dict(self._db.execute("SELECT id, key FROM articles"))

    def size(self) -> int:
        """How many articles there are."""
        return int(self._db.execute("SELECT COUNT(*) FROM articles").fetchone()[0])

    def put(self, records: Iterable[tuple[str, Extraction]]) -> None:
        """Keeps records with their keys, all or none of them, and marks the graphs as behind."""
        rows = [(record.id, key, _pack(to_json(record))) for key, record in records]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO articles VALUES (?, ?, ?)", rows)
            self.queue("changed", (identifier for identifier, *_ in rows))
            self.queue("written", (identifier for identifier, *_ in rows))
            self._set("behind", "1")

    def drop(self, identifiers: Iterable[str]) -> None:
        """Forgets articles, and marks the graphs as behind."""
        gone = list(identifiers)
        with self._transaction():
            self._db.executemany("DELETE FROM articles WHERE id = ?", [(i,) for i in gone])
            self.queue("changed", gone)
            self.queue("removed", gone)
            self.unqueue("written", gone)
            self._set("behind", "1")

    @property
    def db(self) -> sqlite3.Connection:
        """The file, for what is kept beside the records."""
        return self._db

    def record(self, identifier: str) -> Extraction | None:
        """The record of an article; None if there is none."""
        packed = self.packed(identifier)
        return read_record(packed) if packed else None

    def packed(self, identifier: str) -> bytes | None:
        """The record of an article as it is kept, for `read_record`; None if there is none."""
        row = self._db.execute("SELECT record FROM articles WHERE id = ?", (identifier,)).fetchone()
        return cast(bytes, row[0]) if row else None

    def record_digest(self, identifier: str) -> str:
        """A digest of the record of an article as it is kept."""
        row = self._db.execute("SELECT record FROM articles WHERE id = ?", (identifier,)).fetchone()
        return hashlib.sha256(zlib.decompress(row[0])).hexdigest()

    def queue(self, name: str, items: Iterable[str]) -> None:
        """Notes what is still to be done. Only within a transaction."""
        self.waiting(name).update(items)

    def waiting(self, name: str) -> Queue:
        """A queue to put items into. Only within a transaction."""
        return Queue(self._db, name)

    def unqueue(self, name: str, items: Iterable[str]) -> None:
        """Notes what is done. Only within a transaction."""
        self._db.executemany("DELETE FROM queues WHERE queue = ? AND item = ?", [(name, item) for item in items])

    def unqueue_all(self, name: str) -> None:
        """Notes that all of a queue is done. Only within a transaction."""
        self._db.execute("DELETE FROM queues WHERE queue = ?", (name,))

    def parts(self, name: str, size: int) -> Iterator[list[str]]:
        """What is still to be done, sorted, so much of it at a time."""
        last = ""
        query = "SELECT item FROM queues WHERE queue = ? AND item > ? ORDER BY item LIMIT ?"
        while part := [item for (item,) in self._db.execute(query, (name, last, size))]:
            yield part
            last = part[-1]

    def queued(self, name: str) -> list[str]:
        """What is still to be done, sorted."""
        rows = self._db.execute("SELECT item FROM queues WHERE queue = ? ORDER BY item", (name,))
        return [item for (item,) in rows]

    def length(self, name: str) -> int:
        """How much is still to be done."""
        return int(self._db.execute("SELECT COUNT(*) FROM queues WHERE queue = ?", (name,)).fetchone()[0])

    def requeue(self) -> None:
        """Marks all articles as changed, so that everything is compared and mapped anew. Only within a transaction."""
        self._db.execute("INSERT OR IGNORE INTO queues SELECT 'changed', id FROM articles")
        self._db.execute("INSERT OR IGNORE INTO queues SELECT 'stale', id FROM articles")

    def note(self, name: str, value: str) -> None:
        """Notes a fact about the store. Only within a transaction."""
        self._set(name, value)

    def transaction(self) -> sqlite3.Connection:
        """All that is done in a `with` block of this is kept, or nothing."""
        return self._transaction()

    def with_content(self, content: str) -> Extraction | None:
        """The record of an article with this content, if there is one."""
        query = """SELECT a.record FROM contents c JOIN articles a ON a.id = c.article AND a.key = c.key WHERE c.content = ?"""
        row = self._db.execute(query, (content,)).fetchone()
        return from_json(Extraction, _unpack(row[0])) if row else None

    def put_contents(self, contents: Iterable[tuple[str, str, str]]) -> None:
        """Keeps which article (the second) has which content (the first), and the key of its record."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", list(contents))

    def files(self) -> dict[str, tuple[str, dict[str, str]]]:
        """By path what a file of the sources looked like when it was read, and the keys of the articles that it gave."""
        rows = self._db.execute("SELECT path, stamp, articles FROM files")
        return {path: (stamp, orjson.loads(articles)) for path, stamp, articles in rows}

    def put_files(self, files: dict[str, tuple[str, dict[str, str]]]) -> None:
        """Keeps what files looked like, and the articles that they gave."""
        rows = [(path, stamp, json.dumps(articles)) for path, (stamp, articles) in files.items()]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)

    def records(self) -> Iterator[Extraction]:
        """All records, by identifier."""
        with closing(self._db.execute("SELECT record FROM articles ORDER BY id")) as rows:
            for (blob,) in rows:
                yield from_json(Extraction, _unpack(blob))

    def digests(self) -> dict[str, str]:
        """The digest of each graph as it was last written."""
        return dict(self._db.execute("SELECT iri, digest FROM graphs"))

    def digest(self, iri: str) -> str | None:
        """The digest of a graph as it was last written; empty while it is being written, None if there is no such graph."""
        row = self._db.execute("SELECT digest FROM graphs WHERE iri = ?", (iri,)).fetchone()
        return cast(str, row[0]) if row else None

    def unsure(self) -> set[str]:
        """The graphs that were being written when a run ended."""
        return {iri for (iri,) in self._db.execute("SELECT iri FROM graphs WHERE digest = ''")}

    def set_digests(self, changed: dict[str, str | None]) -> None:
        """Notes graphs that are written now; None is a graph that is gone."""
        with self._transaction():
            for iri, digest in changed.items():
                if digest is None:
                    self._db.execute("DELETE FROM graphs WHERE iri = ?", (iri,))
                else:
                    self._db.execute("INSERT OR REPLACE INTO graphs VALUES (?, ?)", (iri, digest))

    def mirrored(self, url: str) -> dict[str, str]:
        """The digest of each graph as it was last sent to a server."""
        return dict(self._db.execute("SELECT iri, digest FROM mirrored WHERE url = ? ORDER BY iri", (url,)))

    def note_mirrored(self, url: str, changed: dict[str, str | None]) -> None:
        """Notes graphs that a server holds now; None is a graph that it holds no more."""
        with self._transaction():
            for iri, digest in changed.items():
                if digest is None:
                    self._db.execute("DELETE FROM mirrored WHERE url = ? AND iri = ?", (url, iri))
                else:
                    self._db.execute("INSERT OR REPLACE INTO mirrored VALUES (?, ?, ?)", (url, iri, digest))

    def links(self) -> dict[str, Choice]:
        """What was chosen for entities by services on the network, by entity."""
        rows = self._db.execute("SELECT entity, choice FROM links ORDER BY entity")
        return {entity: from_json(Choice, json.loads(choice)) for entity, choice in rows}

    def put_links(self, choices: dict[str, Choice]) -> None:
        """Keeps choices, all or none of them, and marks the graphs as behind."""
        rows = [(entity, json.dumps(to_json(choice), ensure_ascii=False)) for entity, choice in choices.items()]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO links VALUES (?, ?)", rows)
            self.queue("owners", choices)
            self._set("behind", "1")

    def forget_links(self, entities: Iterable[str]) -> None:
        """Forgets what was chosen for entities that are no more. Only within a transaction."""
        self._db.executemany("DELETE FROM links WHERE entity = ?", [(e,) for e in entities])

    @property
    def behind(self) -> bool:
        """Whether records changed since the graphs were last published."""
        return self.get("behind") != "0"

    def caught_up(self) -> None:
        """Marks the graphs as published."""
        self.set("behind", "0")

    def get(self, name: str) -> str | None:
        """A fact about the store."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return cast(str, row[0]) if row else None

    def set(self, name: str, value: str) -> None:
        """Notes a fact about the store."""
        with self._transaction():
            self._set(name, value)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _transaction(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db  # as a context manager it commits, or rolls back on an error

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Queue:
    """What is still to be done of one kind, each item once: kept in the file, so that it may be more than fits into memory."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self._db, self._name = db, name

    def add(self, item: str) -> None:
        """Puts an item in."""
        self.update((item,))

    def update(self, items: Iterable[str]) -> None:
        """Puts items in."""
        self._db.executemany("INSERT OR IGNORE INTO queues VALUES (?, ?)", ((self._name, item) for item in items))


def read_record(packed: bytes) -> Extraction:
    """A record from what is kept of it."""
    return from_json(Extraction, _unpack(packed))


def _pack(data: Any) -> bytes:
    return zlib.compress(orjson.dumps(data), LEVEL)


def _unpack(blob: bytes) -> Any:
    return orjson.loads(zlib.decompress(blob))
