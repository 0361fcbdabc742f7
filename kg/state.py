"""What a store's last build knew: extraction records by article, links found online, and a digest of each graph.

One SQLite file.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from kg.link.candidates import Choice
from kg.records import Extraction, from_json, to_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles(id TEXT PRIMARY KEY, key TEXT NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS graphs(iri TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links(entity TEXT PRIMARY KEY, choice TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# The fastest level: records are read as often as they are written, and text shrinks to a third with any level.
LEVEL = 1


class State:
    """The state of one store. Nothing here is lost by a kill: every change is a transaction of SQLite."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(SCHEMA)

    def keys(self) -> dict[str, str]:
        """The key of each article: a digest of its input and of the pipeline that read it."""
        return dict(self._db.execute("SELECT id, key FROM articles"))

    def put(self, records: Iterable[tuple[str, Extraction]]) -> None:
        """Keeps records with their keys, all or none of them, and marks the graphs as behind."""
        rows = [(record.id, key, _pack(to_json(record))) for key, record in records]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO articles VALUES (?, ?, ?)", rows)
            self._set("behind", "1")

    def drop(self, identifiers: Iterable[str]) -> None:
        """Forgets articles, and marks the graphs as behind."""
        with self._transaction():
            self._db.executemany("DELETE FROM articles WHERE id = ?", [(i,) for i in identifiers])
            self._set("behind", "1")

    def records(self) -> Iterator[Extraction]:
        """All records, by identifier."""
        with closing(self._db.execute("SELECT record FROM articles ORDER BY id")) as rows:
            for (blob,) in rows:
                yield from_json(Extraction, _unpack(blob))

    def digests(self) -> dict[str, str]:
        """The digest of each graph as it was last written."""
        return dict(self._db.execute("SELECT iri, digest FROM graphs"))

    def set_digests(self, changed: dict[str, str | None]) -> None:
        """Notes graphs that are written now; None is a graph that is gone."""
        with self._transaction():
            for iri, digest in changed.items():
                if digest is None:
                    self._db.execute("DELETE FROM graphs WHERE iri = ?", (iri,))
                else:
                    self._db.execute("INSERT OR REPLACE INTO graphs VALUES (?, ?)", (iri, digest))

    def links(self) -> dict[str, Choice]:
        """What was chosen for entities by services on the network, by entity."""
        rows = self._db.execute("SELECT entity, choice FROM links ORDER BY entity")
        return {entity: from_json(Choice, json.loads(choice)) for entity, choice in rows}

    def put_links(self, choices: dict[str, Choice]) -> None:
        """Keeps choices, all or none of them, and marks the graphs as behind."""
        rows = [(entity, json.dumps(to_json(choice), ensure_ascii=False)) for entity, choice in choices.items()]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO links VALUES (?, ?)", rows)
            self._set("behind", "1")

    def drop_links(self, entities: Iterable[str]) -> None:
        """Forgets what was chosen for entities that are no more."""
        with self._transaction():
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


def _pack(data: Any) -> bytes:
    return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), LEVEL)


def _unpack(blob: bytes) -> Any:
    return json.loads(zlib.decompress(blob))
