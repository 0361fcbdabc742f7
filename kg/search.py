"""Names to things: a search index over the labels of a snapshot, made at its first use and kept beside it.

SQLite finds candidates (equal names by an ordinary index, similar ones by the trigrams of FTS5), rapidfuzz scores them.
An index is a pure function of its snapshot, and never changes once it is there: any thread or process may read it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rapidfuzz import fuzz

from kg.errors import StoreError
from kg.prefixes import PREFIXES
from kg.store import Snapshot

# What can be found; an IRI's path begins with its kind.
KINDS = ("person", "organisation", "place", "group", "event", "article")
# Raised whenever the tables change: an index of another version is not read.
VERSION = 1
# Candidates that are scored: enough that bm25 over trigrams does not lose the best one.
CANDIDATES = 200
# A name longer than this many trigrams is told apart by fewer.
TRIGRAMS = 64
# Below this, names have little more in common than the letters of the language.
FLOOR = 50.0
# A part of a name (the surname alone) is less than the name; an alias a little less than the label.
PART, ALIAS = 0.85, 0.99

_SCHEMA = """
CREATE TABLE thing (row INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, label TEXT, types TEXT, date TEXT,
                    weight INTEGER);
CREATE TABLE name (row INTEGER PRIMARY KEY, thing INTEGER, name TEXT, folded TEXT);
CREATE INDEX name_folded ON name (folded);
CREATE INDEX name_thing ON name (thing);
CREATE VIRTUAL TABLE gram USING fts5(folded, content='name', content_rowid='row', tokenize='trigram', detail='none');
"""
_COLUMNS = "iri, kind, label, types, date, weight, name.name, name.folded"
_FROM = f"SELECT {_COLUMNS} FROM name JOIN thing ON thing.row = name.thing WHERE "
SKOS, RDFS, RDF = PREFIXES["skos"], PREFIXES["rdfs"], PREFIXES["rdf"]
SCHEMA, ITSRDF = PREFIXES["schema"], PREFIXES["itsrdf"]
DATES = (PREFIXES["sem"] + "hasBeginTimeStamp", SCHEMA + "datePublished")
_building = threading.Lock()


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found: its label, the name that matched, 0–100 how well, classes, first date (events, articles),
    and how often it is mentioned (entities) or reported (events)."""

    iri: str
    kind: str
    label: str
    name: str
    score: float
    types: tuple[str, ...] = ()
    date: str = ""
    weight: int = 0


# Names and headlines are shorter; what stands beyond in what is asked for is not looked at.
LONGEST = 1000


def fold(text: str) -> str:
    """A name without case, accents, punctuation and doubled spaces, as names are compared."""
    plain = (c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else "" if c in ".'’" else " " for c in plain).split())


def search(snapshot: Snapshot, text: str, kinds: Collection[str] = (), limit: int = 10) -> list[Hit]:
    """The things whose names are like `text`, the likest first, among equals the one mentioned more, then by IRI.

    `kinds` are some of `KINDS`; none means all. An index that is not there yet is made, which takes a second on a
    million quads. Raises `StoreError` if the snapshot cannot be read.
    """
    wanted = fold(text[:LONGEST])
    if not wanted or limit < 1:
        return []
    with closing(_open(snapshot)) as database:
        rows = [*database.execute(_FROM + "name.folded = ?", (wanted,)), *_similar(database, wanted, kinds)]
    return _best(rows, kinds, limit, lambda folded: similarity(wanted, folded))


def suggest(snapshot: Snapshot, prefix: str, kinds: Collection[str] = (), limit: int = 10) -> list[Hit]:
    """The things of which a name, or a word in one, begins with `prefix`; names first, then the most mentioned."""
    wanted = fold(prefix[:LONGEST])
    if not wanted or limit < 1:
        return []
    only = f"kind IN ({', '.join('?' * len(kinds))}) AND " if kinds else ""
    order = " ORDER BY weight DESC, iri LIMIT ?"
    with closing(_open(snapshot)) as database:
        values = (*kinds, wanted, wanted + "\U0010ffff", CANDIDATES)
        rows = list(database.execute(_FROM + only + "name.folded >= ? AND name.folded < ?" + order, values))
        if len(wanted) >= 3:
            inside = "name.row IN (SELECT rowid FROM gram WHERE folded LIKE ?)"
            rows += database.execute(_FROM + only + inside + order, (*kinds, f"% {wanted}%", CANDIDATES))
    return _best(rows, kinds, limit, lambda folded: 100.0 if folded.startswith(wanted) else 90.0)


def things(snapshot: Snapshot, iris: Collection[str]) -> list[Hit]:
    """The things with these IRIs, in the order of their IRIs; those that have no name are left out."""
    with closing(_open(snapshot)) as database:
        query = f"SELECT {_COLUMNS} FROM thing JOIN name ON name.thing = thing.row WHERE iri = ? ORDER BY name.row"
        rows = [row for iri in sorted(set(iris)) for row in database.execute(query, (iri,)).fetchmany(1)]
    return sorted(_best(rows, (), len(rows), lambda _: 100.0), key=lambda hit: hit.iri)


def names(snapshot: Snapshot, iri: str) -> list[str]:
    """All names of a thing, its label first."""
    with closing(_open(snapshot)) as database:
        query = "SELECT name.name FROM thing JOIN name ON name.thing = thing.row WHERE iri = ? ORDER BY name.row"
        return [row[0] for row in database.execute(query, (iri,))]


def similarity(wanted: str, folded: str) -> float:
    """How alike two folded names are, 0–100: by letters, in any order of words; a name within the other counts as a
    part."""
    if wanted == folded:
        return 100.0
    # Unequal names are never taken for sure, however long they are.
    whole = min(max(fuzz.ratio(wanted, folded), fuzz.token_sort_ratio(wanted, folded) * ALIAS), 99.0)
    shorter = min((wanted, folded), key=len)
    part = fuzz.token_set_ratio(wanted, folded) * PART if len(shorter) >= 3 else 0.0
    return max(whole, part)


def _similar(database: sqlite3.Connection, wanted: str, kinds: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """The rows whose names share the most, and the rarest, trigrams."""
    grams = list(dict.fromkeys(wanted[at : at + 3] for at in range(len(wanted) - 2)))[:TRIGRAMS]
    if not grams:
        return iter(())
    only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    query = f"""SELECT {_COLUMNS} FROM gram JOIN name ON name.row = gram.rowid JOIN thing ON thing.row = name.thing
                WHERE gram MATCH ?{only} ORDER BY bm25(gram), name.row LIMIT ?"""
    return database.execute(query, (" OR ".join(f'"{gram}"' for gram in grams), *kinds, CANDIDATES))


def _best(
    rows: Iterable[tuple[Any, ...]], kinds: Collection[str], limit: int, score: Callable[[str], float]
) -> list[Hit]:
    best: dict[str, Hit] = {}
    for iri, kind, label, types, date, weight, name, folded in rows:
        if kinds and kind not in kinds:
            continue
        likeness = round(score(folded) * (1.0 if name == label else ALIAS), 1)
        if likeness >= FLOOR and (iri not in best or likeness > best[iri].score):
            best[iri] = Hit(iri, kind, label, name, likeness, tuple(types.split()), date, weight)
    return sorted(best.values(), key=lambda hit: (-hit.score, -hit.weight, hit.iri))[:limit]


def _open(snapshot: Snapshot) -> sqlite3.Connection:
    """A connection to the index of a snapshot, for the calling thread alone; makes the index if there is none."""
    path = _path(snapshot)
    if not path.exists():
        with _building:
            if not path.exists():
                _build(snapshot, path)
    return sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)


def _path(snapshot: Snapshot) -> Path:
    return _folder(snapshot) / f"{snapshot.id}.{VERSION}.sqlite"


def _folder(snapshot: Snapshot) -> Path:
    """`search/` in the store folder; where that cannot be written, one of this process, gone with it."""
    folder = snapshot.path.parent.parent / "search"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return _own_folder()
    return folder if os.access(folder, os.W_OK) else _own_folder()


@cache
def _own_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="newskg-search-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _build(snapshot: Snapshot, path: Path) -> None:
    """Writes the index under another name and puts it in place whole, so that a reader sees all of it or nothing."""
    try:
        database = ox.Store.read_only(str(snapshot.path))
    except OSError as error:
        raise StoreError(f"{snapshot.path} cannot be opened ({error}): run `kg build` again") from None
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with closing(sqlite3.connect(temporary)) as index:
        index.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        rows = enumerate(_things(database, snapshot.base), 1)
        number = 0
        for row, (thing, names) in rows:
            index.execute("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?)", (row, *thing))
            for name in names:
                number += 1
                index.execute("INSERT INTO name VALUES (?, ?, ?, ?)", (number, row, name, fold(name)))
        index.execute("INSERT INTO gram (gram) VALUES ('rebuild')")
        index.commit()
    temporary.replace(path)
    for old in path.parent.glob("*.sqlite"):
        if not (snapshot.path.parent / old.name.partition(".")[0]).exists():
            old.unlink(missing_ok=True)


def _things(database: ox.Store, base: str) -> Iterator[tuple[tuple[str, str, str, str, str, int], list[str]]]:
    """Everything with a name, by IRI: the row of the table, and its names with the label first."""
    names: dict[str, list[str]] = defaultdict(list)
    for predicate in (SKOS + "prefLabel", RDFS + "label", SCHEMA + "headline", SKOS + "altLabel"):
        found = {(quad.subject.value, quad.object.value) for quad in _with(database, predicate)}
        for iri, name in sorted(found):
            if _kind(iri, base) and name not in names[iri]:
                names[iri].append(name)
    weights = Counter(quad.object.value for quad in _with(database, ITSRDF + "taIdentRef"))
    for iri in sorted(names):
        kind = _kind(iri, base)
        about: list[Any] = list(database.quads_for_pattern(ox.NamedNode(iri), None, None, None))
        types = sorted({quad.object.value for quad in about if quad.predicate.value == RDF + "type"})
        dates = sorted(quad.object.value for quad in about if quad.predicate.value in DATES)
        weight = len({quad.graph_name for quad in about}) if kind == "event" else weights[iri]
        yield (iri, kind, names[iri][0], " ".join(types), dates[0] if dates else "", weight), names[iri]


def _with(database: ox.Store, predicate: str) -> Iterator[Any]:
    return database.quads_for_pattern(None, ox.NamedNode(predicate), None, None)


def _kind(iri: str, base: str) -> str:
    """The kind that an IRI of the base begins with; empty for other IRIs and for parts of things (`#…`)."""
    kind, slash, name = iri.removeprefix(base).partition("/")
    return kind if iri.startswith(base) and slash and name and "#" not in name and kind in KINDS else ""
