"""Reading an authority index: a folder of three files that never change once it is there.

`aliases.marisa` maps a name's key to entries, `entities.sqlite` holds the entries, `meta.json` says what they were made
from. The trie is mapped into memory and shared by all processes that read it; entries are fetched when asked for.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import marisa_trie
from rapidfuzz import fuzz, process

from kg.authority import names
from kg.authority.entry import NAMES, AliasKind, Candidate, Entry
from kg.errors import InputError

# Of the files together. An index of another format is refused, with what to do.
FORMAT = 1
# What the trie holds for a name and an entry: the entry's row, the kind of alias, the prior in 65535ths.
RECORD = ">IBH"
SHARE = 65535
META, ALIASES, ENTITIES = "meta.json", "aliases.marisa", "entities.sqlite"
# Entries and names kept in memory: an article names a few hundred things, a day's news some thousands.
CACHED = 20_000
_SELECT = f"SELECT {', '.join(NAMES)} FROM entity WHERE "


class Authority:
    """An open index. Safe in several processes and threads; it can be pickled, and then opens itself again."""

    def __init__(self, folder: Path, meta: dict[str, Any], trie: Any) -> None:
        self.folder = folder
        self.meta = meta
        self._trie = trie
        self._local = threading.local()
        self._row = lru_cache(CACHED)(self._fetch)
        self._lookup = lru_cache(CACHED)(self._candidates)

    @classmethod
    def open(cls, folder: Path | str) -> Authority:
        """Opens a folder that `kg authority build` wrote. `InputError` if it is none, or of another version."""
        folder = Path(folder)
        try:
            meta = json.loads((folder / META).read_text("utf-8"))
            made = (meta["format"], meta["names"])
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(
                f"{folder} is not an authority index: make one with `kg authority build SOURCE... -o {folder}`"
            ) from None
        if made != (FORMAT, names.VERSION):
            raise InputError(
                f"{folder} is an authority index of another version ({made[0]}.{made[1]}, not "
                f"{FORMAT}.{names.VERSION}): build it again with `kg authority build`"
            )
        trie = marisa_trie.RecordTrie(RECORD)
        try:
            trie.mmap(str(folder / ALIASES))
            if not (folder / ENTITIES).is_file():
                raise OSError
        except (OSError, RuntimeError):
            raise InputError(f"{folder} is damaged: build it again with `kg authority build`") from None
        return cls(folder, meta, trie)

    def __reduce__(self) -> tuple[Any, ...]:
        return Authority.open, (self.folder,)

    def __len__(self) -> int:
        return int(self.meta["entries"])

    @property
    def hash(self) -> str:
        """The digest of all that the index says, the same wherever it was built from the same input."""
        return str(self.meta["hash"])

    def find(self, name: str) -> list[tuple[int, int, int]]:
        """Rows, kinds of alias and priors (in 65535ths) of a name, without fetching the entries; not sorted."""
        keys = names.lookup_keys(name)
        if not keys:
            return []
        found: list[tuple[int, int, int]] = self._trie.get(keys[0], [])
        if len(keys) > 1:
            more = self._trie.get(keys[1], ())
            found = found + [(row, AliasKind.CASELESS.value, share) for row, _, share in more]
        return found

    def __contains__(self, name: str) -> bool:
        return any(key in self._trie for key in names.lookup_keys(name))

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """The entries that bear a name, the likeliest first; among equals in the order of their keys."""
        return self._lookup(name)

    def similar(self, name: str, least: float) -> tuple[Candidate, ...]:
        """The entries with a name that is all but this one, for names that are misspelt: at least `least` (0–100) alike by
        `rapidfuzz.fuzz.ratio`, with the same first word and initial of the second; the most alike first."""
        key = names.key(name)
        first, _, rest = key.partition(" ")
        if not rest:
            return ()
        keys = dict.fromkeys(self._trie.keys(f"{first} {rest[0]}"))
        alike = process.extract(key, list(keys), scorer=fuzz.ratio, score_cutoff=least, limit=None)
        found: dict[int, Candidate] = {}
        for other, _, _ in sorted(alike, key=lambda hit: (-hit[1], hit[0])):
            for row, kind, share in sorted(self._trie.get(other, ())):
                found.setdefault(row, Candidate(self._row(row), AliasKind(kind), share / SHARE))
        return tuple(found.values())

    def _candidates(self, name: str) -> tuple[Candidate, ...]:
        best: dict[int, tuple[bool, int, int]] = {}
        for row, kind, share in self.find(name):
            rank = (kind == AliasKind.CASELESS, -share, kind)
            if row not in best or rank < best[row]:
                best[row] = rank
        ranked = sorted((rank, row) for row, rank in best.items())
        return tuple(Candidate(self._row(row), AliasKind(rank[2]), -rank[1] / SHARE) for rank, row in ranked)

    def entry(self, key: str) -> Entry | None:
        """The entry of a Wikidata item (`Q1218`) or of `geonames:281184`; None if there is none."""
        found = self._database.execute(_SELECT + "key = ?", (key,)).fetchone()
        return _entry(found) if found else None

    def of_geonames(self, number: int) -> Entry | None:
        """The entry with that GeoNames number, whatever its key."""
        found = self._database.execute(_SELECT + "geonames = ? ORDER BY row LIMIT 1", (number,)).fetchone()
        return _entry(found) if found else None

    def suggest(self, prefix: str, limit: int = 10, type: str = "") -> tuple[Entry, ...]:
        """Entries whose label begins with `prefix`, then those that have it inside; the best known first."""
        prefix = " ".join(prefix.split())
        if not prefix or limit < 1:
            return ()
        begins = prefix.replace("%", "_") + "%"  # of LIKE's two wildcards, the harmless one
        only, values = (" AND type = ?", (type,)) if type else ("", ())
        order = f"{only} ORDER BY label NOT LIKE ?, weight DESC, row LIMIT ?"
        if len(prefix) < 3:  # below a trigram: along the index of weights, where a match comes soon
            order = f"label LIKE ?{only} ORDER BY weight DESC, row LIMIT ?"
            found = self._database.execute(_SELECT + order, (begins, *values, limit))
        else:
            inside = _SELECT + "row IN (SELECT rowid FROM labels WHERE label LIKE ?)" + order
            found = self._database.execute(inside, ("%" + begins, *values, begins, limit))
        return tuple(_entry(values) for values in found)

    def _fetch(self, row: int) -> Entry:
        return _entry(self._database.execute(_SELECT + "row = ?", (row,)).fetchone())

    @property
    def _database(self) -> sqlite3.Connection:
        """This thread's and process's own connection: SQLite's must not cross a fork."""
        local = self._local
        if getattr(local, "process", None) != os.getpid():
            address = (self.folder / ENTITIES).absolute().as_uri() + "?mode=ro&immutable=1"
            local.database = sqlite3.connect(address, uri=True)
            local.process = os.getpid()
        database: sqlite3.Connection = local.database
        return database


def _entry(values: tuple[Any, ...]) -> Entry:
    """The entry of a row of the table, whose columns are in the order of the record's fields."""
    named = dict(zip(NAMES, values, strict=True))
    for name in ("aliases", "sources"):
        named[name] = tuple(named[name].split("\n")) if named[name] else ()
    return Entry(**named)
