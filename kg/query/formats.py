"""Formats of results and graphs, and the choice among them by an Accept header (RFC 9110, section 12.5.1). Pure
functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kg.errors import FormatError

Kind = Literal["bindings", "boolean", "graph", "dataset"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its short name, media type, file suffix, what it can hold, and other media types and names for it."""

    name: str
    media_type: str
    suffix: str
    kinds: frozenset[Kind]
    aliases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


_RESULTS: frozenset[Kind] = frozenset({"bindings", "boolean"})
_GRAPH: frozenset[Kind] = frozenset({"graph"})
_QUADS: frozenset[Kind] = frozenset({"graph", "dataset"})

# In the order of the server's preference, which decides between formats that a client likes equally well.
FORMATS: tuple[Format, ...] = (
    Format("json", "application/sparql-results+json", "json", _RESULTS, ("application/json",), ("srj",)),
    Format("xml", "application/sparql-results+xml", "xml", _RESULTS, ("application/xml", "text/xml"), ("srx",)),
    Format("csv", "text/csv", "csv", _RESULTS),
    Format("tsv", "text/tab-separated-values", "tsv", _RESULTS),
    # Turtle is N3 as well, which old clients ask for.
    Format("turtle", "text/turtle", "ttl", _GRAPH, ("application/x-turtle", "text/n3", "text/rdf+n3"), ("ttl", "n3")),
    Format("ntriples", "application/n-triples", "nt", _GRAPH, ("text/plain",), ("nt",)),
    Format("rdfxml", "application/rdf+xml", "rdf", _GRAPH, ("application/xml", "text/xml"), ("rdf", "xml", "rdf+xml")),
    Format("jsonld", "application/ld+json", "jsonld", _QUADS, (), ("json", "json-ld")),
    Format("trig", "application/trig", "trig", _QUADS, ("application/x-trig",)),
    Format("nquads", "application/n-quads", "nq", _QUADS, ("text/x-nquads",), ("nq",)),
)
# A dataset has no Turtle: TriG comes first there.
_DATASET_ORDER = ("trig", "nquads", "jsonld")
# Formats that an upload may have, by media type. text/plain is left out: it is what a client sends that knows no
# better.
UPLOADS: dict[str, Format] = {
    media: item
    for item in FORMATS
    if item.kinds & _QUADS
    for media in (item.media_type, *item.aliases)
    if media not in ("text/plain", "application/xml", "text/xml")
}


def of_kind(kind: Kind) -> tuple[Format, ...]:
    """The formats that hold that kind of answer, in the server's order."""
    found = [item for item in FORMATS if kind in item.kinds]
    if kind == "dataset":
        found.sort(key=lambda item: _DATASET_ORDER.index(item.name))
    return tuple(found)


def named(name: str, kind: Kind) -> Format:
    """The format with that short name, suffix or media type. `FormatError` names those there are."""
    wanted = name.strip().lower()
    formats = of_kind(kind)
    for item in formats:
        if wanted in (item.name, item.media_type):
            return item
    for item in formats:
        if wanted in item.names or wanted == item.suffix or wanted in item.aliases:
            return item
    raise FormatError(
        f"no format {name!r} for this kind of answer: use one of {', '.join(item.name for item in formats)}"
    )


def parse_accept(header: str) -> list[tuple[str, float]]:
    """Media ranges with their weights; a range that cannot be read is left out, a weight that cannot be read counts as
    1."""
    ranges = []
    for part in header.split(","):
        media, *parameters = [piece.strip() for piece in part.split(";")]
        if "/" not in media:
            continue
        weight = 1.0
        for parameter in parameters:
            key, _, text = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = min(max(float(text), 0.0), 1.0)
                except ValueError:
                    weight = 1.0
        ranges.append((media.lower(), weight))
    return ranges


def quality(media_type: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Weight of a media type, and how exactly it was named: 2 in full, 1 as `text/*`, 0 as `*/*`. The most exact range
    counts."""
    best = (0.0, -1)
    for media, weight in ranges:
        if media == media_type:
            exact = 2
        elif media == media_type.split("/")[0] + "/*":
            exact = 1
        elif media == "*/*":
            exact = 0
        else:
            continue
        if exact > best[1]:
            best = (weight, exact)
    return best


def negotiate(accept: str | None, kind: Kind) -> tuple[Format, str]:
    """The format to answer in, and the media type to label it with. `FormatError` if the client accepts none of
    them."""
    formats = of_kind(kind)
    ranges = parse_accept(accept or "")
    if not ranges:
        return formats[0], formats[0].media_type
    best: tuple[float, int] = (0.0, -1)
    choice: tuple[Format, str] | None = None
    for item in formats:
        for media in (item.media_type, *item.aliases):
            weight = quality(media, ranges)
            if media != item.media_type and weight[1] < 2:  # another name counts only where the client spells it out
                continue
            if weight[0] > 0 and weight > best:
                best, choice = weight, (item, media)
    if choice is None:
        raise FormatError(
            f"the client accepts only {accept}: ask for one of {', '.join(item.media_type for item in formats)}"
        )
    return choice


def prefers_html(accept: str | None) -> bool:
    """True for a browser: HTML is spelt out and no format of results or graphs is liked better."""
    ranges = parse_accept(accept or "")
    html = max((weight for media, weight in ranges if media in ("text/html", "application/xhtml+xml")), default=0.0)
    known = {media for item in FORMATS for media in (item.media_type, *item.aliases)} - {
        "application/xml",
        "text/xml",
        "text/plain",
    }
    return html > 0 and html >= max((weight for media, weight in ranges if media in known), default=0.0)
