"""Sources in shards: a worker reads the files of one and extracts what changed; the results are joined in their order.

Files that hold one article are put together; a file of many is a shard of its own, as long as it is not too large to come
back in one piece. What is larger is read here, and its articles are handed out.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from kg.cluster.pool import Cluster
from kg.parallel import ordered
from kg.read import read_inputs, repeated
from kg.read.files import SINGLE, Input, discover
from kg.records import Article, Extraction, Refusal
from kg.settings import value

# Files of one article in a shard: minutes of work for a worker at most, and few enough to lose when it dies.
FILES = 32
# The largest file of many articles that a worker takes whole: its records come back in one piece, some ten times its size.
BYTES = 32 * 2**20
# Articles of a larger file that are handed out at once.
ARTICLES = 16
# spaCy's objects are not made for several threads; a worker may have many.
ONE = threading.Lock()


@dataclass(frozen=True, slots=True)
class Shard:
    """Files to read, or articles read here; `known` has the keys of records that are there already."""

    model: str
    authority: str
    inputs: tuple[Input, ...] = ()
    articles: tuple[Article | Refusal, ...] = ()
    known: frozenset[str] = frozenset()

    def items(self) -> Iterator[Article | Refusal]:
        """Its articles, read where this runs."""
        if self.inputs:
            yield from read_inputs(self.inputs)
        yield from self.articles


@dataclass(frozen=True, slots=True)
class Found:
    """What a shard holds of one article: its record with its key, or None if it is known; or why it was refused."""

    id: str = ""
    source: str = ""
    single: bool = False
    key: str = ""
    record: Extraction | None = None
    refusal: Refusal | None = None


def shards(inputs: Iterable[Input], known: dict[str, str], model: str, authority: str) -> Iterator[Shard]:
    """The inputs in shards, in their order; `known` has the keys of the articles that were read before."""
    waiting: list[Input] = []
    keys = frozenset(known.values())

    def gathered() -> Iterator[Shard]:
        if waiting:
            part = frozenset(known[one.id] for one in waiting if one.id in known)
            yield Shard(model, authority, tuple(waiting), known=part)
            waiting.clear()

    for one in inputs:
        if one.format in SINGLE:
            waiting.append(one)
            if len(waiting) == FILES:
                yield from gathered()
            continue
        yield from gathered()
        if one.path is not None and one.path.stat().st_size <= BYTES:
            yield Shard(model, authority, (one,), known=keys)
            continue
        items = read_inputs((one,))
        while part := list(islice(items, ARTICLES)):
            yield Shard(model, authority, (), tuple(part), keys)
    yield from gathered()


def gather(cluster: Cluster, sources: Iterable[str], known: dict[str, str], model: str) -> Iterator[list[Found]]:
    """What the sources hold, shard by shard, in the order and with the refusals that reading in one process gives."""
    inputs, refusals = discover(sources, fetch=True)
    yield [Found(refusal=refusal) for refusal in refusals]
    taken = {one.id for one in inputs if one.format in SINGLE}
    for results in ordered(cluster, found, shards(inputs, known, model, value("authority"))):
        part = []
        for one in results:
            if one.refusal is None and not one.single:
                if one.id in taken:
                    one = Found(refusal=repeated(one.id, one.source))
                taken.add(one.id)
            part.append(one)
        yield part


def found(shard: Shard) -> list[Found]:
    """Reads and extracts a shard; run by a worker."""
    from kg.build import article_key, readable
    from kg.extract import attempted, pipeline_version

    os.environ["NEWSKG_AUTHORITY"] = shard.authority
    with ONE:
        version = pipeline_version(shard.model)
        results: list[Found] = []
        changed: list[Article] = []
        places: list[int] = []
        for item in shard.items():
            item = readable(item)
            if isinstance(item, Refusal):
                results.append(Found(refusal=item))
                continue
            key = article_key(item, version)
            single = bool(shard.inputs) and shard.inputs[0].format in SINGLE
            if key not in shard.known:  # a key is a digest of the article, its identifier and all
                places.append(len(results))
                changed.append(item)
            results.append(Found(item.id, item.source, single, key))
        for place, record in zip(places, attempted(changed, shard.model) if changed else (), strict=True):
            if isinstance(record, Refusal):
                results[place] = Found(refusal=record)
                continue
            before = results[place]
            results[place] = Found(before.id, before.source, before.single, before.key, record)
        return results
