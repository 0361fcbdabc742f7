"""Builds a store from sources: extracts what changed, resolves, writes the graphs that differ, publishes a snapshot.

Records are kept as they come, so a build that was killed runs on from there. What is published is a pure function of the set
of records: no order of inputs, number of processes or history of builds shows in it, save in the graph of provenance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from pathlib import Path

import pyoxigraph as ox

import kg
from kg.cluster.pool import Cluster
from kg.copied import content_key, copied
from kg.errors import UnknownName
from kg.extract import extract, forget_model, model_version, pipeline_version
from kg.files import ontology_dir
from kg.identities import decisions_changed, generic_words
from kg.memory import give_back
from kg.parallel import Pool, workers
from kg.rdf.decisions import decisions_digest
from kg.rdf.namespaces import ONTOLOGY, OWL
from kg.rdf.provenance import Activity, Software, activity_quads
from kg.rdf.terms import Mint
from kg.read import read
from kg.read.language import LANGUAGE
from kg.read.memory import Memory, Seen
from kg.records import Article, Extraction, Refusal, to_json
from kg.state import State
from kg.store import Store
from kg.versions import versions_of, with_versions

# Records are kept after so many articles: a kill loses at most their extraction.
BATCH = 32
# After so many articles the memory of what extracted them is given back before they are compared: loading it again would take
# as long as ten of them.
MANY = 200
# What the graphs of an article depend on beside its record.
MAPPING = ("rdf", "resolve", "update")
CODE = ("decisions.py", "families.py", "identities.py")
# Word lists that comparing depends on, beside those of identity.
LISTS = ("common_stems.txt", "function_words.txt", "negations.tsv", "demonyms.tsv", "scope.toml", "word_families.tsv")
Progress = Callable[..., None]


@dataclass
class Report:
    """What a run did. `snapshot` is what readers see now."""

    written: list[str] = field(default_factory=list)
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    graphs: int = 0
    snapshot: str = ""
    expected: int | None = None
    """Articles to be read, as far as it is known."""


def build(
    sources: Iterable[str],
    folder: str | Path,
    *,
    base: str | None,
    model: str,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
    refused: Callable[[Refusal], None] = lambda refusal: None,
    default_base: str = "http://localhost:8000/",
    versions: int = 0,
    cluster: Cluster | None = None,
) -> Report:
    """Reads the sources into the store at `folder`, which is made if there is none. See `Store.open` for the errors.

    `progress` is told (stage, articles done) as the work goes; `refused` is told each input that cannot be read.
    `versions` is how many earlier versions stay of an article whose text changes under its identifier. With a `cluster`, its
    workers read, extract and map; the store is the same.
    """
    began, report = datetime.now(UTC), Report()
    files: dict[str, Seen] = {}

    def failed(refusal: Refusal) -> None:
        report.refused.append(refusal)
        refused(refusal)

    copies = _Copies()
    with _open(folder, base, default_base) as store, State(store.folder) as state, workers(jobs) as processes:
        if cluster:
            new = _gathered(cluster, sources, state, model, report, refused)
        else:
            changed = _uncopied(_changed(sources, state, model, report, progress, refused, files), state, model, copies)
            new = _extracted(iter(lambda: list(islice(changed, BATCH)), []), model, processes, failed)
        for records in chain(new, iter([[]])):
            records += copies.take()
            state.put(list(with_versions(state, records, versions)))
            state.put_contents(copies.contents(records))
            report.written += [record.id for _, record in records]
            progress("extract", len(report.written), report.expected)
        state.put_files(files)
        publish(store, state, report, "build", began, model, progress, cluster or processes)
    return report


def remove(articles: Iterable[str], folder: str | Path, *, model: str, progress: Progress = lambda *_: None) -> Report:
    """Takes articles (identifiers or IRIs) out of the store, and what only they supported. `UnknownName` names a wrong one."""
    began, report = datetime.now(UTC), Report()
    with Store.open(folder) as store, State(store.folder) as state:
        mint, known = Mint(store.base), state.keys()
        by_iri = {mint.article(identifier).value: identifier for identifier in known}
        for name in dict.fromkeys(articles):
            identifier = name if name in known else by_iri.get(name)
            if identifier is None:
                raise UnknownName(
                    f"{folder} has no article {name!r}: `kg stats --store {folder}` counts them; nothing was removed"
                )
            report.removed += [identifier, *(v for v in versions_of(state, identifier) if v not in report.removed)]
        state.drop(report.removed)
        publish(store, state, report, "remove", began, model, progress)
    return report


def _open(folder: str | Path, base: str | None, default_base: str) -> Store:
    """The store, made with the default base if there is none and no base is given."""
    from kg.store import MARKER

    if base is None and not (Path(folder) / MARKER).exists():
        base = default_base
    return Store.open(folder, base=base, create=True)


def _changed(
    sources: Iterable[str],
    state: State,
    model: str,
    report: Report,
    progress: Progress,
    refused: Callable[[Refusal], None],
    files: dict[str, Seen],
) -> Iterator[tuple[str, Article]]:
    """Every article of the sources whose key differs from the one its record was made under, with its key. `files` takes
    in what the files look like that were read: to be kept when their articles are."""
    known, version = state.keys(), pipeline_version(model)
    memory = Memory(state.files(), known, version)
    for count, item in enumerate(read(sources, memory), 1):
        item = readable(item)
        if isinstance(item, Refusal):
            memory.spoil()
            report.refused.append(item)
            refused(item)
            continue
        key = article_key(item, version)
        memory.article(item.id, key)
        if known.get(item.id) == key:
            report.unchanged += 1
            progress("read", count)
        else:
            if memory.total is not None:
                report.expected = memory.total - memory.unchanged - report.unchanged
            yield key, item
    report.unchanged += memory.unchanged
    files.update(memory.fresh)


def _gathered(
    cluster: Cluster,
    sources: Iterable[str],
    state: State,
    model: str,
    report: Report,
    refused: Callable[[Refusal], None],
) -> Iterator[list[tuple[str, Extraction]]]:
    """The records of every article that changed, read and extracted by the workers, each with its key."""
    from kg.cluster.shards import gather

    cluster.check(pipeline_version, model)
    for results in gather(cluster, sources, state.keys(), model):
        batch = []
        for one in results:
            if one.refusal:
                report.refused.append(one.refusal)
                refused(one.refusal)
            elif one.record:
                batch.append((one.key, one.record))
            else:
                report.unchanged += 1
        if batch:
            yield batch


class _Copies:
    """Records that need no extraction, and the contents of those that are on their way."""

    def __init__(self) -> None:
        self.ready: list[tuple[str, Extraction]] = []
        self.waiting: dict[str, str] = {}

    def take(self) -> list[tuple[str, Extraction]]:
        """The records that wait to be kept."""
        ready, self.ready = self.ready, []
        return ready

    def contents(self, records: list[tuple[str, Extraction]]) -> list[tuple[str, str, str]]:
        """What the state is to know of the contents of records."""
        return [(self.waiting.pop(key), record.id, key) for key, record in records if key in self.waiting]


def _uncopied(
    changed: Iterator[tuple[str, Article]], state: State, model: str, copies: _Copies
) -> Iterator[tuple[str, Article]]:
    """The articles whose content no record has; of the others, the record is made from that."""
    version = pipeline_version(model)
    for key, article in changed:
        content = content_key(article, version)
        record = state.with_content(content)
        if record is None:
            copies.waiting[key] = content
            yield key, article
        else:
            copies.ready.append((key, copied(record, article)))


def readable(item: Article | Refusal) -> Article | Refusal:
    """The article, or why it is set aside."""
    if isinstance(item, Article) and item.lang != LANGUAGE:
        return Refusal(source=item.source, reason=f"is in the language {item.lang!r}: only English is read")
    return item


def article_key(article: Article, version: str) -> str:
    """A digest of everything that the article's record depends on."""
    return hashlib.sha256((version + json.dumps(to_json(article), sort_keys=True)).encode()).hexdigest()


def _extracted(
    batches: Iterator[list[tuple[str, Article]]], model: str, pool: Pool | None, failed: Callable[[Refusal], None]
) -> Iterator[list[tuple[str, Extraction]]]:
    """The records of the batches, each with its article's key."""
    keys: dict[str, str] = {}

    def articles() -> Iterator[Article]:
        for batch in batches:
            for key, article in batch:
                keys[article.id] = key
                yield article

    records = extract(articles(), model, refused=failed, pool=pool)
    while batch := list(islice(records, BATCH)):
        yield [(keys.pop(record.id), record) for record in batch]


def publish(
    store: Store,
    state: State,
    report: Report,
    name: str,
    began: datetime,
    model: str,
    progress: Progress,
    pool: Pool | None = None,
) -> None:
    """Brings the graphs up to the records, links and decisions and publishes them; does nothing if nothing differs. A `pool`
    shares in the work."""
    if state.behind or state.get("mapping") != mapping_version() or decisions_changed(store, state):
        changed = _write_graphs(store, state, progress, pool)
        report.graphs = len(changed)
        written, removed = state.queued("written"), state.queued("removed")
        if changed:
            software = Software(kg.__version__, f"{model}-{model_version(model)}", ontology_version())
            number = int(state.get("runs") or 0) + 1
            activity = Activity(number, name, began, datetime.now(UTC), software, tuple(written), tuple(removed))
            state.set("runs", str(number))  # first: a number that was written is never given again
            store.quads.extend(activity_quads(activity, store.base))
        with state.transaction():
            state.unqueue("written", written)
            state.unqueue("removed", removed)
    rows = "\n".join(f"{iri} {digest}" for iri, digest in sorted(state.digests().items()))
    report.snapshot = store.publish(hashlib.sha256(rows.encode()).hexdigest()).id
    state.set("mapping", mapping_version())
    state.caught_up()


def _write_graphs(store: Store, state: State, progress: Progress, pool: Pool | None) -> dict[str, str | None]:
    """Writes every graph that differs. Returns the new digests; None for a graph that is gone."""
    from kg.update import Update
    from kg.update.graphs import Graphs, replace_graph

    many = state.length("changed") >= MANY
    if many:
        forget_model()
        give_back()
    update = Update(store, state, mapping_version(), pool)
    update.resolve(progress)
    if many:
        give_back()
    changed = Graphs(update, pool).write(progress)
    mint = Mint(store.base)
    quads = ontology_quads()
    digest = hashlib.sha256("\n".join(map(str, quads)).encode()).hexdigest()
    if state.digest(ONTOLOGY) != digest:
        state.set_digests({ONTOLOGY: ""})
        replace_graph(store.quads, ox.NamedNode(ONTOLOGY), quads)
        changed[ONTOLOGY] = digest
    decided = mint.graph("decisions").value  # a person's: its digest is noted, it is never written
    digest_or_none = decisions_digest(store.quads, store.base)
    if digest_or_none != state.digest(decided):
        changed[decided] = digest_or_none
    state.set_digests(changed)
    return changed


@cache
def mapping_version() -> str:
    """A digest of the code that resolves and maps, and of the ontology."""
    digest, root = hashlib.sha256(), Path(kg.__file__).parent
    files = [f for part in MAPPING for f in sorted((root / part).rglob("*.py"))] + sorted(ontology_dir().glob("*.ttl"))
    files += [*(root / name for name in CODE), *(root / "data" / name for name in LISTS)]
    digest.update(generic_words())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@cache
def ontology_quads() -> tuple[ox.Quad, ...]:
    """The ontology and its concept schemes, in the graph of that name. The shapes are a tool, not data, and stay out."""
    graph = ox.NamedNode(ONTOLOGY)
    files = [f for f in sorted(ontology_dir().glob("*.ttl")) if f.name != "shapes.ttl"]
    triples = {str(q.triple): q.triple for f in files for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE)}
    return tuple(ox.Quad(t.subject, t.predicate, t.object, graph) for _, t in sorted(triples.items()))


def ontology_version() -> str:
    """The last part of the ontology's version IRI."""
    versions = (q.object for q in ontology_quads() if q.predicate == OWL.versionIRI)
    return next((str(v.value).rstrip("/").rpartition("/")[2] for v in versions), "unknown")  # type: ignore[union-attr]
