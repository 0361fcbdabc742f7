"""Brings the graphs of a store folder into a server: what differs since the last time, graph by graph, then checked.

The folder remains the place where articles are read, resolved and decided on; the server answers queries. What was sent is
noted after each graph, so a run that was cut off goes on from there.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError
from kg.prefixes import PREFIXES
from kg.remote.client import Remote
from kg.state import State
from kg.store import Store

XSD = PREFIXES["xsd"]
NUMBERS = frozenset(XSD + n for n in ("decimal", "integer", "int", "long", "short", "byte", "nonNegativeInteger"))
# Virtuoso's own name for a geometry.
WKT = PREFIXES["geo"] + "wktLiteral"
SAME = {"http://www.openlinksw.com/schemas/virtrdf#Geometry": WKT}
FLOATS = frozenset((XSD + "double", XSD + "float"))
# Graphs that are counted in one go, and then noted as checked.
CHECKED = 200
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a run did: graphs sent, graphs taken away, graphs that were there already."""

    sent: int
    removed: int
    unchanged: int


def mirror(
    folder: str | Path, remote: Remote, *, hashes: bool = True, progress: Progress = lambda *_: None
) -> Mirrored:
    """Makes the server hold the graphs of the folder, and checks those it sent by count and, with `hashes`, by content.

    Only graphs that this folder sent are ever removed. `StoreError` names a graph that the server did not take as it is.
    """
    with Store.open(folder) as store, State(store.folder) as state:
        url = remote.server.url
        wanted = dict(_digests(store))
        noted = state.mirrored(url)
        there = remote.counts(noted)
        sent = []
        for iri, digest in wanted.items():
            # A graph that is noted but gone, as after a server lost its data, is sent again.
            if noted.get(iri) != digest or not there.get(iri):
                remote.put(iri, store.quads.quads_for_pattern(None, None, None, ox.NamedNode(iri)))
                sent.append(iri)
                if len(sent) % CHECKED == 0:
                    _check(store, remote, sent[-CHECKED:], hashes)
                    state.note_mirrored(url, {name: wanted[name] for name in sent[-CHECKED:]})
                progress("send", len(sent))
        rest = sent[len(sent) - len(sent) % CHECKED :]
        _check(store, remote, rest, hashes)
        state.note_mirrored(url, {name: wanted[name] for name in rest})
        gone = sorted(noted.keys() - wanted.keys())
        for iri in gone:
            remote.delete(iri)
            state.note_mirrored(url, {iri: None})
        return Mirrored(len(sent), len(gone), len(wanted) - len(sent))


def _digests(store: Store) -> Iterator[tuple[str, str]]:
    """Each named graph of the store with a digest of its content."""
    for graph in sorted(store.quads.named_graphs(), key=lambda g: str(g.value)):
        triples = (q.triple for q in store.quads.quads_for_pattern(None, None, None, graph))
        yield str(graph.value), content_digest(triples)


def _check(store: Store, remote: Remote, graphs: list[str], hashes: bool) -> None:
    """Compares what the server has with what was sent."""
    counts = remote.counts(graphs)
    for iri in graphs:
        mine = [q.triple for q in store.quads.quads_for_pattern(None, None, None, ox.NamedNode(iri))]
        if len(mine) != counts[iri]:
            raise StoreError(
                f"{remote.server.url} holds {counts[iri]} triples of <{iri}>, sent were {len(mine)}: see the server's log and "
                "limits, then run the same command again"
            )
        if hashes and content_digest(mine) != content_digest(remote.triples(iri)):
            raise StoreError(
                f"{remote.server.url} does not hold <{iri}> as it was sent: {_difference(mine, remote.triples(iri))}; see "
                "docs/scale.md for what is known of this server, or check counts alone with --verify counts"
            )


def _difference(mine: list[ox.Triple], theirs: Iterable[ox.Triple]) -> str:
    """One triple that was sent and is not there, and one that is there instead."""
    sent, held = set(map(canonical, mine)), set(map(canonical, theirs))
    lost, new = min(sent - held, default="nothing"), min(held - sent, default="nothing")
    return f"missing {lost[:300]}, instead {new[:300]}"


def content_digest(triples: Iterable[ox.Triple]) -> str:
    """SHA-256 of the sorted canonical triples: the same for the same content, however a server writes its numbers."""
    digest = hashlib.sha256()
    for line in sorted(map(canonical, triples)):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def canonical(triple: ox.Triple) -> str:
    """The triple with its literal in the canonical form of its datatype (XML Schema 1.1, Part 2): servers may keep values
    rather than spellings, as Virtuoso does."""
    term = triple.object
    if not isinstance(term, ox.Literal) or term.language:
        return f"{triple.subject} {triple.predicate} {term}"
    datatype, value = str(term.datatype.value), str(term.value)
    datatype = SAME.get(datatype, datatype)
    try:
        if datatype in NUMBERS:
            # Virtuoso gives integers beyond 32 bits back as decimals of the same value.
            datatype, value = XSD + "decimal", format(Decimal(value).normalize(), "f")
        elif datatype in FLOATS:
            value = repr(float(value))
        elif datatype == XSD + "dateTime":
            value = re.sub(r"\.(\d*?)0*(?=Z|[+-]|$)", lambda m: f".{m[1]}" if m[1] else "", value)
        elif datatype == WKT:
            # Virtuoso keeps coordinates in 32 bits: two metres at most.
            value = re.sub(
                r"-?\d+(?:\.\d+)?", lambda m: repr(struct.unpack("f", struct.pack("f", float(m[0])))[0]), value
            )
        elif datatype == XSD + "boolean":
            value = {"1": "true", "0": "false"}.get(value, value)
    except (ValueError, InvalidOperation):
        pass  # no value of its datatype: compared as it is written
    return f"{triple.subject} {triple.predicate} {ox.Literal(value)}^^{datatype}"
