"""Dumps of a store: sorted, so that the same data gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import FormatError, InputError, UnknownName
from kg.prefixes import PREFIXES

# Formats that name graphs, and those that hold one graph, into which all are merged.
DATASET_FORMATS = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD}
GRAPH_FORMATS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML}
FORMATS = (*GRAPH_FORMATS, *DATASET_FORMATS)
EXTENSIONS = {
    "turtle": "ttl",
    "ntriples": "nt",
    "rdfxml": "rdf",
    "trig": "trig",
    "nquads": "nq",
    "jsonld": "jsonld",
}
MANIFEST = "manifest.json"
# What stays as it is in the name of a file; the rest is percent-encoded.
SAFE = "-._~!$'()+,;=@"
LONGEST = 200
# Lines that are sorted in memory: about a hundred megabytes.
PART = 250_000
RDF_TYPE = PREFIXES["rdf"] + "type"


def export(
    database: ox.Store, format_name: str, output: IO[bytes], graph: str | None = None, *, packed: bool = False
) -> None:
    """Writes all graphs, or the one named, in a format of `FORMATS`; `packed` with gzip.

    One graph is in memory at a time where the format names graphs, all of them where it does not.
    Raises `FormatError` for an unknown format, `UnknownName` for a graph that is not there.
    """
    if format_name not in FORMATS:
        raise FormatError(f"no format {format_name!r}: use one of {', '.join(FORMATS)}")
    graphs = sorted((g for g in database.named_graphs() if isinstance(g, ox.NamedNode)), key=lambda g: g.value)
    if graph is not None:
        graphs = [g for g in graphs if g.value == graph]
        if not graphs:
            raise UnknownName(
                f"no graph <{graph}> in this store: `SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} }}` lists them"
            )
    with _packed(output) if packed else nullcontext(output) as file:
        write_graphs(database, format_name, file, _names(graphs, graph))


def _packed(output: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    """A stream that packs with gzip, without name and time: the same data gives the same bytes."""
    return cast(AbstractContextManager[IO[bytes]], gzip.GzipFile(filename="", fileobj=output, mode="wb", mtime=0))


def write_graphs(
    database: ox.Store, format_name: str, output: IO[bytes], names: Iterable[ox.NamedNode | ox.DefaultGraph]
) -> None:
    """Writes graphs, in the order given, in a format of `FORMATS`."""
    if format_name == "nquads":
        for line in _lines(database, names):
            output.write(line)
    elif format_name in DATASET_FORMATS:
        quads = (q for name in names for q in sorted(database.quads_for_pattern(None, None, None, name), key=_order))
        ox.serialize(quads, output, DATASET_FORMATS[format_name], prefixes=PREFIXES)
    else:
        triples = {q.triple for name in names for q in database.quads_for_pattern(None, None, None, name)}
        ox.serialize(sorted(triples, key=_order), output, GRAPH_FORMATS[format_name], prefixes=PREFIXES)


def _names(graphs: list[ox.NamedNode], graph: str | None) -> list[ox.NamedNode | ox.DefaultGraph]:
    return [*([] if graph else [ox.DefaultGraph()]), *graphs]


def export_split(
    database: ox.Store, format_name: str, folder: Path, base: str, snapshot: str, *, packed: bool = False
) -> int:
    """Writes one file for each article and for each other graph, and `manifest.json` with their SHA-256. The number of files.

    `packed` files are gzip, without a time, so that the same data gives the same bytes. The folder must be new or empty:
    `InputError` if it is not or cannot be written.
    """
    if format_name not in FORMATS:
        raise FormatError(f"no format {format_name!r}: use one of {', '.join(FORMATS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty: name a new folder with -o")
        files = [
            _write_file(database, format_name, folder, name, graphs, packed)
            for name, graphs in sorted(_groups(database, base).items())
        ]
        manifest = {"snapshot": snapshot, "base": base, "format": format_name, "files": files}
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror or error}): name another folder with -o"
        ) from None
    return len(files)


def _groups(database: ox.Store, base: str) -> dict[str, list[ox.NamedNode]]:
    """The graphs that go into one file: an article's two, and each other by itself. The names have no extension."""
    groups: dict[str, list[ox.NamedNode]] = {}
    named = sorted((g for g in database.named_graphs() if isinstance(g, ox.NamedNode)), key=lambda g: g.value)
    for graph in named:
        local = graph.value.removeprefix(base)
        if local.startswith("article/"):
            name = "articles/" + local.removeprefix("article/").removesuffix("/text")
        else:
            name = "graphs/" + local.removeprefix("graph/")
        groups.setdefault(name, []).append(graph)
    return groups


def _write_file(
    database: ox.Store, format_name: str, folder: Path, name: str, graphs: list[ox.NamedNode], packed: bool
) -> dict[str, object]:
    """Writes one file; its line of the manifest."""
    kind, _, rest = name.partition("/")
    safe = quote(rest, safe=SAFE)
    if len(safe) > LONGEST:  # file systems allow names of 255 bytes
        safe = f"{safe[:LONGEST]}-{hashlib.sha256(rest.encode()).hexdigest()[:16]}"
    path = folder / kind / f"{safe}.{EXTENSIONS[format_name]}{'.gz' if packed else ''}"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as raw, _packed(raw) if packed else nullcontext(raw) as file:
        write_graphs(database, format_name, file, graphs)
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return {
        "path": path.relative_to(folder).as_posix(),
        "graphs": [graph.value for graph in graphs],
        "bytes": path.stat().st_size,
        "sha256": digest,
    }


def _lines(database: ox.Store, names: Iterable[ox.NamedNode | ox.DefaultGraph]) -> Iterator[bytes]:
    """N-Quads, sorted within each graph, the graphs in the order given."""
    for name in names:
        quads = database.quads_for_pattern(None, None, None, name)
        yield from _sorted(ox.serialize([q], format=ox.RdfFormat.N_QUADS) or b"" for q in quads)


def _sorted(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines in order. More of them than fit into memory are sorted in parts, which are then merged from files."""
    with ExitStack() as parts:
        files: list[IO[bytes]] = []
        part = sorted(islice(lines, PART))
        while len(part) == PART:
            file = parts.enter_context(TemporaryFile())
            file.writelines(part)
            file.seek(0)
            files.append(file)
            part = sorted(islice(lines, PART))
        yield from heapq.merge(*files, part)


def _order(statement: ox.Quad | ox.Triple) -> tuple[str, bool, str, str]:
    """By subject, its type first, as a reader expects it."""
    predicate = statement.predicate.value
    return str(statement.subject), predicate != RDF_TYPE, predicate, str(statement.object)
