"""Writes the graphs that are queued: those that differ from what is there, in batches that a kill may fall between.

Graphs that are new go through a file of N-Quads into the bulk loader; others are brought up to their new content quad by
quad. A graph that is being written has no digest until it is noted as written, so that a killed run is taken up.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from kg.parallel import Pool, ordered
from kg.rdf.terms import Mint
from kg.resolve.entities import outlet_names
from kg.resolve.identity import Distinction, Merge
from kg.update import Progress, Update
from kg.update.mapping import Task, ThingTask, article_lines, thing_lines

# Articles whose graphs are written between two notes of it. Their records are in memory; several processes share more of them,
# so that none waits for the last of a batch all the time.
BATCH, SHARED = 64, 256
# Things whose lines are made between two transactions.
THINGS = 2048
# Fewer new articles than these are added without the bulk loader, which writes files of its own each time.
BULK = 200
# Quads that are loaded at once: the loader takes about 0.8 KiB of memory for each, so that 400,000 take more than the language
# model, and these as much as the quads of a hundred articles do. Smaller parts leave the engine more files to merge: 2.3 M quads
# took 65 CPU s in parts of 100,000, 51 in parts of 400,000.
PART = 100_000
# Quads that are loaded at once where nothing is being loaded beside: loading takes longer than two processes take to map, so it
# begins early.
SOME = 25_000
# Articles that a worker maps at once.
CHUNK = 16
# Things that a worker describes at once, and fewer than which it is not asked for.
CHUNK_THINGS = 256
# Fewer articles than these are mapped in this process: handing them over takes longer, and more so where processes are to
# be started for them.
WORTH, WORTH_STARTING = 2 * CHUNK, 400
Lines = tuple[bytes, bytes]
Work = tuple[Task, str]


class Graphs:
    """The graphs of a store, brought up to what is known now. `changed` has the new digests; None for a graph that is gone."""

    def __init__(self, update: Update, pool: Pool | None) -> None:
        self.update, self.store, self.state, self.pool = update, update.store, update.state, pool
        self.mint = Mint(self.store.base)
        self.changed: dict[str, str | None] = {}

    def write(self, progress: Progress) -> dict[str, str | None]:
        """Writes what is queued. Returns the new digests."""
        stale = self.state.queued("stale")
        unsure = self.state.unsure()
        if unsure:
            known_articles = self.state.keys()
            stale = sorted({*stale, *(i for i in known_articles if self._iris(i)[0].value in unsure)})
        pool = self.pool
        if pool and len(stale) < (WORTH if pool.started else WORTH_STARTING):
            pool = None
        done = 0
        tasks = iter(stale)
        bulk = Bulk(self.store.quads, self.store.folder / "bulk.nq", len(stale) >= BULK, beside=pool is not None)
        with bulk:
            while batch := list(islice(tasks, SHARED if pool else BATCH)):
                self._batch(batch, pool, bulk)
                done += len(batch)
                progress("write", done, len(stale))
            self._entities(unsure, bulk)
            bulk.load()
        self._note(bulk.digests, bulk.articles)
        if 2 * len(bulk.articles) > self.state.size():  # not for a few new ones: it goes through all that is there
            progress("merge", bulk.count)
            self.store.optimize()
        return self.changed

    def _iris(self, article: str) -> tuple[ox.NamedNode, ox.NamedNode]:
        return self.mint.article(article), self.mint.text_graph(article)

    def _task(self, article: str) -> Task | None:
        update = self.update
        record = self.state.record(article)
        if record is None:
            return None
        ids = {own: shared for (_, own), shared in update.things.ids(article).items()}
        shared = sorted({ids.get(m.id, m.id) for m in record.entities})
        rewriting = update.rewriting
        found = {i: update.entities.get(i) for i in shared}
        return Task(
            record=record,
            record_digest=self.state.record_digest(article),
            base=self.store.base,
            version=update.version,
            ids=ids,
            links={i: rewriting.links[i] for i in shared if i in rewriting.links},
            renamed={i: rewriting.labels[i] for i in shared if i in rewriting.labels},
            labels={i: entity.label for i, entity in found.items() if entity},
            outlets={name: update.entities.outlet(name) for name in outlet_names(record)},
            events={event: same for (_, event), same in update.relations.events(article).items()},
            relations=update.relations.of(article),
        )

    def _batch(self, articles: list[str], pool: Pool | None, bulk: Bulk) -> None:
        """Maps a batch and writes what differs."""
        work: list[Work] = []
        digests: dict[str, str | None] = {}
        for article in articles:
            task = self._task(article)
            iris = self._iris(article)
            if task is None:
                digests |= {g.value: None for g in iris if self.state.digest(g.value) is not None}
                continue
            digest = task.digest()
            if any(self.state.digest(g.value) != digest for g in iris):
                work.append((task, digest))
        self._unsure([g.value for task, _ in work for g in self._iris(task.record.id)] + list(digests))
        later: set[str] = set()
        mapped = ordered(pool, article_lines, [task for task, _ in work], chunk=CHUNK)
        for (task, digest), lines in zip(work, mapped, strict=True):
            iris = self._iris(task.record.id)
            if bulk.enough and not any(_holds(self.store.quads, g) for g in iris):
                bulk.add(b"".join(lines))
                bulk.articles.append(task.record.id)
                bulk.digests |= dict.fromkeys((g.value for g in iris), digest)
                later.add(task.record.id)
                continue
            for graph, text in zip(iris, lines, strict=True):
                replace_graph(self.store.quads, graph, _quads(text))
                digests[graph.value] = digest
        for iri, gone in digests.items():
            if gone is None:
                self.store.quads.remove_graph(ox.NamedNode(iri))
        self._note(digests, [a for a in articles if a not in later])

    def _unsure(self, iris: Iterable[str]) -> None:
        """Marks graphs as being written."""
        self.state.set_digests(dict.fromkeys(iris, ""))

    def _note(self, digests: dict[str, Any], articles: list[str]) -> None:
        """Notes graphs as written, and articles as done."""
        self.state.set_digests(digests)
        self.changed |= digests
        with self.state.transaction():
            self.state.unqueue("stale", articles)

    def _entities(self, unsure: set[str], bulk: Bulk) -> None:
        """Writes the graph of entities, thing by thing. Its digest is the sum of theirs, whatever their order and history
        (Bellare and Micciancio, A new paradigm for collision-free hashing, 1997: AdHash)."""
        graph = self.mint.graph("entities")
        if graph.value in unsure or (not _holds(self.store.quads, graph) and self._any_lines()):
            self.store.quads.remove_graph(graph)
            with self.state.transaction():
                self.state.db.execute("INSERT OR IGNORE INTO queues SELECT 'owners', owner FROM entity_lines")
                self.state.db.execute("INSERT OR IGNORE INTO queues SELECT 'owners', id FROM entities")
                self.state.db.execute("DELETE FROM entity_lines")
                self.state.note("entities_sum", "0")
        parts = self.state.parts("owners", THINGS)
        first = next(parts, None)
        if first is None:
            return
        self._unsure([graph.value])
        fresh = bulk.enough and not _holds(self.store.quads, graph)
        total = int(self.state.get("entities_sum") or "0", 16)
        choices, reasons = self.update.choices(), _Reasons(self.update)
        for batch in chain((first,), parts):
            total = self._owners(batch, total, choices, reasons, bulk if fresh else None)
        with self.state.transaction():
            self.state.note("entities_sum", f"{total:x}")
            self.state.unqueue_all("owners")
        digest = f"{total:064x}" if total else None  # no things: no graph
        if fresh:
            bulk.digests[graph.value] = digest
        else:
            self._note({graph.value: digest}, [])

    def _any_lines(self) -> bool:
        return self.state.db.execute("SELECT 1 FROM entity_lines LIMIT 1").fetchone() is not None

    def _owners(
        self,
        owners: list[str],
        total: int,
        choices: dict[str, Any],
        reasons: _Reasons,
        bulk: Bulk | None,
    ) -> int:
        """Writes a batch of things; the sum of all digests after it."""
        gone: list[ox.Quad] = []
        new: list[ox.Quad] = []
        entities, base = self.update.entities, self.store.base
        tasks = (ThingTask(entities.get(o), choices.get(o), reasons.of(o), base) for o in owners)
        pool = self.pool if self.pool and self.pool.started and len(owners) >= CHUNK_THINGS else None
        made = ordered(pool, thing_lines, tasks, chunk=CHUNK_THINGS)
        with self.state.transaction() as db:
            for owner, wanted in zip(owners, made, strict=True):
                row = db.execute("SELECT digest, lines FROM entity_lines WHERE owner = ?", (owner,)).fetchone()
                before, text = (row[0], zlib.decompress(row[1])) if row else (b"", b"")
                digest = hashlib.sha256(wanted).digest() if wanted else b""
                if digest == before:
                    continue
                total = (total - int.from_bytes(before, "big") + int.from_bytes(digest, "big")) % (1 << 256)
                db.execute("DELETE FROM entity_lines WHERE owner = ?", (owner,))
                if wanted:
                    db.execute("INSERT INTO entity_lines VALUES (?, ?, ?)", (owner, digest, zlib.compress(wanted, 1)))
                if bulk:
                    bulk.add(wanted)
                    continue
                old_lines, new_lines = set(text.splitlines()), set(wanted.splitlines())
                gone += _quads(b"\n".join(sorted(old_lines - new_lines)))
                new += _quads(b"\n".join(sorted(new_lines - old_lines)))
        self.store.quads.extend(new)
        for quad in gone:
            self.store.quads.remove(quad)
        return total


class _Reasons:
    """Why things are one or two: as found, or where a person decided on some, as decided."""

    def __init__(self, update: Update) -> None:
        self._things, self._decided = update.things, update.outcome is not None
        self._reasons: dict[str, list[Merge | Distinction]] = {}
        if update.outcome:
            reasons: list[Merge | Distinction] = [*update.outcome.merges, *update.outcome.distinctions]
            for reason in reasons:
                self._reasons.setdefault(reason.id, []).append(reason)

    def of(self, owner: str) -> tuple[Merge | Distinction, ...]:
        """The reasons."""
        if self._decided:
            return tuple(self._reasons.get(owner, ()))
        return (*self._things.merges(owner), *self._things.distinctions(owner))


class Bulk:
    """New graphs on their way into the store. `articles` and `digests` are noted when they are loaded. With `beside`, a part is
    loaded while the next is taken in: the engine needs the interpreter for none of it."""

    def __init__(self, quads: ox.Store, path: Path, enough: bool, beside: bool = False) -> None:
        self.path, self.enough, self.count = path, enough, 0
        self.articles: list[str] = []
        self.digests: dict[str, str | None] = {}
        self._quads = quads
        self._file: IO[bytes] | None = None
        self._waiting = 0
        self._part = path.with_name(path.name + ".part")
        self._thread = ThreadPoolExecutor(1) if beside else None
        self._loading: Future[None] | None = None

    def add(self, lines: bytes) -> None:
        """Takes lines of N-Quads in."""
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(lines)
        self._waiting += lines.count(b"\n")
        idle = self._thread is not None and (self._loading is None or self._loading.done())
        if self._waiting >= (SOME if idle else PART):
            self._begin()

    def load(self) -> None:
        """Loads what was taken in since the last time; then all is loaded."""
        self._begin()
        self._end()

    def _begin(self) -> None:
        self._end()
        if self._file:
            self._file.close()
            self.path.replace(self._part)
            self.count += self._waiting
            self._file, self._waiting = None, 0
            if self._thread:
                self._loading = self._thread.submit(self._load)
            else:
                self._load()

    def _end(self) -> None:
        if self._loading:
            self._loading.result()
            self._loading = None

    def _load(self) -> None:
        self._quads.bulk_load(path=str(self._part), format=ox.RdfFormat.N_QUADS)

    def __enter__(self) -> Bulk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()
        if self._thread:
            self._thread.shutdown()
        self.path.unlink(missing_ok=True)
        self._part.unlink(missing_ok=True)


def replace_graph(quads: ox.Store, graph: ox.NamedNode, wanted: Collection[ox.Quad]) -> None:
    """Makes the graph hold just these quads; adds first, so that a reader of the live data misses nothing that stays."""
    new = set(wanted)
    old = list(quads.quads_for_pattern(None, None, None, graph))
    quads.extend(wanted if not old else new.difference(old))
    for quad in old:
        if quad not in new:
            quads.remove(quad)


def _holds(quads: ox.Store, graph: ox.NamedNode) -> bool:
    return next(iter(quads.quads_for_pattern(None, None, None, graph)), None) is not None


def _quads(lines: bytes) -> list[ox.Quad]:
    return list(ox.parse(lines, format=ox.RdfFormat.N_QUADS)) if lines else []
