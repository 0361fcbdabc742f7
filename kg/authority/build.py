"""Writing an authority index from any number of sources, in memory that does not grow with them.

Entries are read as a stream into sorted runs on disk. Merged, the runs give every entry once, in the order of its key;
that order numbers the rows of `entities.sqlite`. Its names go through sorted runs of their own, which give each name
with all its bearers, and so its priors. The work is done in a folder beside the result, which is renamed at the end. A
checkpoint in it says how far each source was read, so that a killed build goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import marisa_trie
import orjson

from kg.authority import names
from kg.authority.entry import NAMES, AliasKind, Entry, pack, sort_key, unpack
from kg.authority.index import ALIASES, ENTITIES, FORMAT, META, RECORD, SHARE
from kg.authority.runs import LIMIT, Runs
from kg.errors import InputError
from kg.tables import table

# A label is what a thing is usually called; each of its other names counts half of it.
KIND_WEIGHT = {AliasKind.LABEL: 2, AliasKind.ACRONYM: 2, AliasKind.ALIAS: 1}
CHECKPOINT, SHARD, ENTRIES = "checkpoint.json", "shard.json", "entries.jsonl"
_INTEGER = ("population", "geonames", "sitelinks")
_REAL = ("lat", "lon")


@dataclass(frozen=True, slots=True)
class Step:
    """How far the work is: the stage, entries so far, and the part of the source that was read (0–1) where known."""

    stage: str
    count: int
    part: float | None = None


Progress = Callable[[Step], None]


class Source(Protocol):
    """Something that gives entries, and can go on from a position it gave."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def state(self) -> str:
        """Changes when its entries may have: a checkpoint of another state is not used."""

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """Entries after `position` (None: all), each with the position after it (any JSON value)."""

    def part(self) -> float | None:
        """The part that was read, 0–1, if it can be told."""


def build(
    sources: Sequence[Source],
    folder: Path,
    shard: tuple[int, int] | None = None,
    without: Iterable[str] = (),
    progress: Progress = lambda step: None,
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Writes the index of `sources` to `folder`, and returns its `meta.json`. An index that is there is replaced.

    With `shard` the folder holds the shard's sorted entries only; the shards together are the sources of the index.
    `without` names source tags: an entry that no other source supports is left out, and a tag that is left out does not
    count for how well known an entry is. Names that only such a source gave a supported entry stay: a table does not say
    which source gave a name.
    """
    occupied = folder.exists() and not any((folder / name).is_file() for name in (META, SHARD))
    if occupied and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there and is no authority index: name another folder with -o")
    work = folder.with_name(folder.name + ".part")
    dropped = frozenset(without)
    try:
        work.mkdir(parents=True, exist_ok=True)
        with _alone(work):
            runs = _collect(sources, work, dropped, shard, progress, limit)
            meta = _index(runs, work, progress, limit) if shard is None else _shard(runs, work, shard, progress)
            runs.remove()
            (work / CHECKPOINT).unlink()
            _publish(work, folder)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror or error}): name another folder with -o"
        ) from error
    return meta


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Holds the folder of the work; `InputError` if another process does."""
    folder = os.open(work, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{work} is in use by another build: wait for it, or name another folder with -o"
            ) from None
        yield
    finally:
        os.close(folder)


def _collect(
    sources: Sequence[Source],
    work: Path,
    dropped: frozenset[str],
    shard: tuple[int, int] | None,
    progress: Progress,
    limit: int,
) -> Runs:
    """Reads the sources into sorted runs, from the checkpoint on if there is one of the same work."""
    states = [[source.name, source.state] for source in sources]
    same = {"format": FORMAT, "names": names.VERSION, "sources": states, "without": sorted(dropped), "shard": shard}
    done = _checkpoint(work, orjson.loads(orjson.dumps(same)))
    runs = Runs(work, "entries", limit)
    runs.paths = [work / name for name in done["runs"]]
    for path in set(work.iterdir()) - {*runs.paths, work / CHECKPOINT}:
        path.unlink()
    count = done["count"]

    def keep(number: int, position: Any) -> None:
        runs.spill()
        found = same | {"at": [number, position], "count": count, "runs": [path.name for path in runs.paths]}
        new = work / (CHECKPOINT + ".new")
        new.write_bytes(orjson.dumps(found))
        new.replace(work / CHECKPOINT)

    first, start = done["at"]
    for number, source in enumerate(sources):
        if number < first:
            continue
        for position, entry in source.entries(start if number == first else None):
            if not dropped.isdisjoint(entry.sources):
                entry = replace(entry, sources=tuple(tag for tag in entry.sources if tag not in dropped))
                if not entry.sources:
                    continue
            count += 1
            if runs.add(sort_key(entry.key).encode() + b"\t" + pack(entry)):
                keep(number, position)
            if count % 5000 == 0:
                progress(Step(f"reading {source.name}", count, source.part()))
        keep(number + 1, None)
    return runs


def _checkpoint(work: Path, same: dict[str, Any]) -> dict[str, Any]:
    """What an earlier build of the same sources noted, or the beginning."""
    try:
        found = orjson.loads((work / CHECKPOINT).read_bytes())
        if all(found[name] == value for name, value in same.items()) and all(
            (work / name).is_file() for name in found["runs"]
        ):
            return dict(found)
    except (OSError, ValueError, KeyError):
        pass
    return {"at": [0, None], "count": 0, "runs": []}


def merged(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Each entry once, in the order of keys, from sorted lines of `sort_key`, tab, `pack`."""
    for _, group in groupby(lines, key=lambda line: line[: line.index(b"\t")]):
        found = [unpack(line[line.index(b"\t") + 1 :]) for line in group]
        yield found[0] if len(found) == 1 else merge(found)


def merge(found: list[Entry]) -> Entry:
    """One entry from several of the same key: the best supported one, its gaps filled from the others.

    Names and source tags are united; numbers of people and articles are the largest given.
    """
    found = sorted(found, key=lambda e: (-e.sitelinks, -len(e.sources), pack(e)))
    values = {name: next((v for e in found if (v := getattr(e, name)) not in ("", None)), None) for name in NAMES}
    # A coordinate is a pair: the two must not come from different entries.
    values["lat"], values["lon"] = next(((e.lat, e.lon) for e in found if e.lat is not None), (None, None))
    known = {name: value for name, value in values.items() if value is not None}
    every = dict.fromkeys(name for e in found for name in (e.label, *e.aliases))
    united = {
        "aliases": tuple(name for name in every if name and name != values["label"]),
        "sources": tuple(sorted({tag for e in found for tag in e.sources})),
        "population": max(e.population for e in found),
        "sitelinks": max(e.sitelinks for e in found),
    }
    return replace(found[0], **(known | united))


def _index(runs: Runs, work: Path, progress: Progress, limit: int) -> dict[str, Any]:
    """The three files of an index."""
    digest = hashlib.sha256(f"{FORMAT}.{names.VERSION}\n".encode())
    tags: Counter[str] = Counter()
    types: Counter[str] = Counter()
    aliases = Runs(work, "aliases", limit)
    count = 0
    database = _database(work / ENTITIES)
    place = ", ".join("?" * (len(NAMES) + 2))
    batch: list[tuple[Any, ...]] = []
    for entry in merged(runs):
        digest.update(pack(entry) + b"\n")
        tags.update(entry.sources)
        types[entry.type] += 1
        for line in _alias_lines(entry, count):
            if aliases.add(line):
                aliases.spill()
        batch.append(_values(entry, count))
        count += 1
        if len(batch) >= 5000:
            database.executemany(f"INSERT INTO entity VALUES ({place})", batch)
            batch.clear()
            progress(Step("writing entries", count))
    if not count:
        raise InputError("the sources gave no entry: check that they are authority tables, dumps or endpoints")
    database.executemany(f"INSERT INTO entity VALUES ({place})", batch)
    progress(Step("indexing labels", count))
    _finish(database)
    counts = {"pairs": 0, "names": 0, "ambiguous": 0}
    progress(Step("indexing names", count))
    trie = marisa_trie.RecordTrie(RECORD, _records(aliases, counts))
    trie.save(str(work / ALIASES))
    aliases.remove()
    meta = {
        "format": FORMAT, "names": names.VERSION, "hash": digest.hexdigest(), "entries": count,
        "aliases": counts, "types": dict(sorted(types.items())), "sources": sources_told(tags),
    }  # fmt: skip
    (work / META).write_bytes(orjson.dumps(meta, option=orjson.OPT_INDENT_2) + b"\n")
    return meta


def _alias_lines(entry: Entry, row: int) -> Iterator[bytes]:
    """For each key of the entry's names: the key, row, kind and weight. The label goes before an alias of its key."""
    found: dict[str, AliasKind] = {}
    for number, name in enumerate((entry.label, *entry.aliases)):
        key = names.stored_key(name)
        if key and key not in found:
            acronym = key.startswith(names.CASED)
            found[key] = AliasKind.LABEL if not number else AliasKind.ACRONYM if acronym else AliasKind.ALIAS
    weight = entry.weight
    for key, kind in found.items():
        yield f"{key}\t{row:010d}\t{kind:d}\t{weight * KIND_WEIGHT[kind]}".encode()


def _records(lines: Iterable[bytes], counts: dict[str, int]) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """The trie's pairs; each bearer's prior is its part of the weight of all bearers of the key."""
    for key, group in groupby(lines, key=lambda line: line[: line.index(b"\t")]):
        bearers = [tuple(map(int, line.split(b"\t")[1:])) for line in group]
        total = sum(weight for _, _, weight in bearers)
        counts["names"] += 1
        counts["pairs"] += len(bearers)
        counts["ambiguous"] += len(bearers) > 1
        for row, kind, weight in bearers:
            yield key.decode(), (row, kind, max(1, weight * SHARE // total))


def _database(path: Path) -> sqlite3.Connection:
    """An empty database for entries. No journal: a file that was not finished is never read."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "page_size = 8192", "cache_size = -65536"):
        database.execute("PRAGMA " + pragma)
    kinds = dict.fromkeys(_INTEGER, "INTEGER") | dict.fromkeys(_REAL, "REAL")
    columns = ", ".join(f"{name} {kinds.get(name, 'TEXT')}" for name in NAMES)
    database.execute(f"CREATE TABLE entity (row INTEGER PRIMARY KEY, weight INTEGER, {columns})")
    database.execute("BEGIN")
    return database


def _values(entry: Entry, row: int) -> tuple[Any, ...]:
    """The columns of an entry: row and weight, then its fields."""
    fields = [getattr(entry, name) for name in NAMES]
    return (row, entry.weight, *("\n".join(v) if isinstance(v, tuple) else v for v in fields))


def _finish(database: sqlite3.Connection) -> None:
    """The indexes, made when all is there."""
    database.execute("CREATE UNIQUE INDEX entity_key ON entity (key)")
    database.execute("CREATE INDEX entity_geonames ON entity (geonames) WHERE geonames IS NOT NULL")
    database.execute("CREATE INDEX entity_weight ON entity (weight DESC, row)")
    database.execute(
        "CREATE VIRTUAL TABLE labels USING fts5(label, content='entity', content_rowid='row', "
        "tokenize='trigram', detail=none)"
    )
    database.execute("INSERT INTO labels(labels) VALUES ('rebuild')")
    database.execute("INSERT INTO labels(labels) VALUES ('optimize')")
    database.execute("COMMIT")
    database.execute("ANALYZE")
    database.close()


def sources_told(tags: Counter[str]) -> list[dict[str, Any]]:
    """What is known of each source tag: licence, date and a line about it, and the entries that bear it."""
    known = {row["tag"]: row for row in table("authority_sources.tsv")}
    found = []
    for tag, count in sorted(tags.items()):
        row = known.get(tag) or known.get(tag.partition(":")[0]) or {}
        told = {name: row.get(name, "") for name in ("licence", "date", "about")}
        told["licence"] = told["licence"] or "not known: ask whoever made the table"
        found.append({"tag": tag, "entries": count, **told})
    return found


def _shard(runs: Runs, work: Path, shard: tuple[int, int], progress: Progress) -> dict[str, Any]:
    """The sorted entries of one shard, a source for the index of all."""
    count = 0
    with (work / ENTRIES).open("wb") as file:
        for count, entry in enumerate(merged(runs), 1):
            file.write(pack(entry) + b"\n")
            if count % 5000 == 0:
                progress(Step("writing entries", count))
    meta = {"format": FORMAT, "names": names.VERSION, "shard": list(shard), "entries": count}
    (work / SHARD).write_bytes(orjson.dumps(meta, option=orjson.OPT_INDENT_2) + b"\n")
    return meta


def _publish(work: Path, folder: Path) -> None:
    """Gives the finished work its name; readers of the folder before it keep the files they opened."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    os.rename(work, folder)  # noqa: PTH104
    shutil.rmtree(old, ignore_errors=True)
