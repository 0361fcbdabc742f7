"""From files to articles: every source that `kg build` and `kg extract` read.

Files are read one after the other and given on at once, so a collection may be larger than memory.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, cast

from kg.errors import InputError
from kg.read import feeds, html, jsonl, plain, warc
from kg.read.addresses import Address
from kg.read.files import SINGLE, Input, discover
from kg.read.memory import Memory
from kg.records import Article, Refusal

# No article, page or feed comes near this; a small .gz can unpack to more than any memory.
MAX_BYTES = 256 * 1024 * 1024
# Longer than any article, and what the language model works through in minutes and a few gigabytes.
MAX_CHARACTERS = 500_000
TOO_LONG = f"is longer than {MAX_CHARACTERS:,} characters: split it into its articles"
GZIP = b"\x1f\x8b"


def read(sources: Iterable[str], memory: Memory | None = None) -> Iterator[Article | Refusal]:
    """The articles of files, folders, patterns and `-`, and a `Refusal` for each input that gives none.

    The order is that of the ids of the files and, within a file, of its lines or entries; it does not depend on the
    order of `sources`. No two articles of a run have the same id: a line or entry that would repeat one is refused.
    Files that `memory` knows as unchanged are passed over.
    """
    inputs, refusals = discover(sources)
    yield from refusals
    taken = {one.id for one in inputs if one.format in SINGLE}
    if memory and len(taken) == len(inputs):
        memory.total = len(inputs)
    for one in inputs:
        several = one.format not in SINGLE
        known = memory.recall(one) if memory else None
        if memory and known is not None and not (several and not taken.isdisjoint(known)):
            memory.skip(known)
            if several:
                taken.update(known)
            continue
        if memory:
            memory.begin(one)
        for found in read_inputs((one,)):
            if isinstance(found, Article) and several:
                if found.id in taken:
                    yield repeated(found.id, found.source)
                    continue
                taken.add(found.id)
            yield found
        if memory:
            memory.end()


def repeated(identifier: str, source: str) -> Refusal:
    """Why an article that would repeat the identifier of another is not read."""
    reason = f"another article of this run has the id {identifier!r}: leave one out, or give it another id"
    return Refusal(source=source, reason=reason)


def read_inputs(inputs: Iterable[Input]) -> Iterator[Article | Refusal]:
    """The articles of files, and a `Refusal` for each that gives none; identifiers may repeat."""
    for one in inputs:
        try:
            for found in _read(one):
                if isinstance(found, Article) and len(found.text) > MAX_CHARACTERS:
                    yield Refusal(source=found.source, reason=TOO_LONG)
                else:
                    yield found
        except InputError as error:
            yield Refusal(source=one.source, reason=str(error))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            yield Refusal(
                source=one.source, reason=f"is damaged or no gzip file ({error}): unpack it, or fetch it again"
            )
        except OSError as error:
            yield Refusal(
                source=one.source,
                reason=f"cannot be read ({error.strerror or error}): check the file and its permissions",
            )


def _read(one: Input) -> Iterator[Article | Refusal]:
    with _open(one.path) as stream:
        form = _sniff(stream) if one.format == "sniff" else one.format
        if form == "jsonl":
            yield from jsonl.articles(stream, stem=one.id, source=one.source)
        elif form == "warc":
            yield from warc.articles(stream, source=one.source)
        elif form == "feed":
            yield from feeds.articles(_all(stream), stem=one.id, source=one.source)
        else:
            yield (html if form == "html" else plain).article(_all(stream), id=one.id, source=one.source)


@contextmanager
def _open(path: Path | Address | None) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if they are packed, whatever its name says."""
    with path.open("rb") if path else nullcontext(sys.stdin.buffer) as raw:
        # Standard input may be any binary stream, when a test or another program stands in for it.
        stream = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
        packed = stream.peek(len(GZIP)).startswith(GZIP)
        yield cast(IO[bytes], gzip.GzipFile(fileobj=stream) if packed else stream)


def _all(stream: IO[bytes]) -> bytes:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES >> 20} MiB: split it into one file an article, or into JSON Lines")
    return data


def _sniff(stream: IO[bytes]) -> str:
    """The format of standard input, by its first bytes."""
    head = stream.peek(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()  # type: ignore[attr-defined]
    if head.startswith(b"{"):
        return "jsonl"
    if head.startswith(b"warc/"):
        return "warc"
    if any(mark in head for mark in (b"<rss", b"<feed", b"<urlset", b"<rdf:rdf", b"<sitemapindex")):
        return "feed"
    return "html" if head.startswith(b"<") else "plain"
