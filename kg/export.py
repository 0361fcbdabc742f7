"""Dumps of a store: sorted, so that the same data gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import pyoxigraph as ox

from kg.errors import FormatError, UnknownName
from kg.prefixes import PREFIXES

# Formats that name graphs, and those that hold one graph, into which all are merged.
DATASET_FORMATS = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD}
GRAPH_FORMATS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML}
FORMATS = (*GRAPH_FORMATS, *DATASET_FORMATS)
RDF_TYPE = PREFIXES["rdf"] + "type"


def export(database: ox.Store, format_name: str, output: IO[bytes], graph: str | None = None) -> None:
    """Writes all graphs, or the one named, in a format of `FORMATS`.

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
    if format_name == "nquads":
        for line in _lines(database, graphs, whole=graph is None):
            output.write(line)
    elif format_name in DATASET_FORMATS:
        quads = (
            q
            for name in _names(graphs, graph)
            for q in sorted(database.quads_for_pattern(None, None, None, name), key=_order)
        )
        ox.serialize(quads, output, DATASET_FORMATS[format_name], prefixes=PREFIXES)
    else:
        triples = {
            q.triple for name in _names(graphs, graph) for q in database.quads_for_pattern(None, None, None, name)
        }
        ox.serialize(sorted(triples, key=_order), output, GRAPH_FORMATS[format_name], prefixes=PREFIXES)


def _names(graphs: list[ox.NamedNode], graph: str | None) -> list[ox.NamedNode | ox.DefaultGraph]:
    return [*([] if graph else [ox.DefaultGraph()]), *graphs]


def _lines(database: ox.Store, graphs: list[ox.NamedNode], whole: bool) -> Iterator[bytes]:
    """N-Quads, sorted within each graph, the graphs in order of their IRIs."""
    names: list[ox.NamedNode | ox.DefaultGraph] = [*([ox.DefaultGraph()] if whole else []), *graphs]
    for name in names:
        yield from sorted(
            ox.serialize([q], format=ox.RdfFormat.N_QUADS) or b""
            for q in database.quads_for_pattern(None, None, None, name)
        )


def _order(statement: ox.Quad | ox.Triple) -> tuple[str, bool, str, str]:
    """By subject, its type first, as a reader expects it."""
    predicate = statement.predicate.value
    return str(statement.subject), predicate != RDF_TYPE, predicate, str(statement.object)
