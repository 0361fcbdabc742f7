"""IRIs and literals of the graph: every one a pure function of the record, so that the same input gives the same bytes."""

from __future__ import annotations

import calendar
import re
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote

import pyoxigraph as ox

from kg.rdf.namespaces import XSD
from kg.records import Span

# What RFC 3987 allows in a path segment beside ASCII letters and digits; everything else is percent-encoded.
SAFE = "-._~!$'()*+,;=:@"
# Offsets of one text repeat over and over as literals; a float keeps two places, as many as a confidence means.
PLACES = 2
DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
CONTROL = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


class Mint:
    """Makes the IRIs of one base."""

    def __init__(self, base: str) -> None:
        self.base = base

    def node(self, path: str) -> ox.NamedNode:
        """The IRI of a relative identifier such as `person/benjamin-netanyahu`."""
        kind, _, name = path.partition("/")
        return ox.NamedNode(f"{self.base}{kind}/{segment(name)}")

    def article(self, identifier: str) -> ox.NamedNode:
        """The article, which is also the named graph of what it reports."""
        return ox.NamedNode(f"{self.base}article/{segment(identifier)}")

    def text_graph(self, identifier: str) -> ox.NamedNode:
        """The named graph of an article's text, sentences and mentions."""
        return ox.NamedNode(f"{self.base}article/{segment(identifier)}/text")

    def graph(self, name: str) -> ox.NamedNode:
        """A named graph of the whole store: `entities`, `decisions`, `provenance`."""
        return ox.NamedNode(f"{self.base}graph/{name}")

    def characters(self, identifier: str, span: Span) -> ox.NamedNode:
        """Characters of an article's text, as a fragment of RFC 5147: code points, 0-based, end exclusive."""
        return ox.NamedNode(f"{self.base}article/{segment(identifier)}#char={span[0]},{span[1]}")

    def part(self, identifier: str, name: str) -> ox.NamedNode:
        """A statement, figure or position of an article: a fragment such as `figure-70`."""
        return ox.NamedNode(f"{self.base}article/{segment(identifier)}#{name}")


@lru_cache(1 << 14)
def segment(text: str) -> str:
    """Text as one path segment of an IRI. Letters beyond ASCII stay, as RFC 3987 allows."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if c.isalnum() or c in SAFE else quote(c, safe="") for c in text)


def english(text: str) -> ox.Literal:
    """A literal in English."""
    return ox.Literal(text, language="en")


def integer(number: int) -> ox.Literal:
    """An xsd:integer."""
    return ox.Literal(str(number), datatype=XSD.integer)


def number(value: float) -> ox.Literal:
    """An xsd:integer where the value is whole, else an xsd:decimal in its shortest form."""
    if float(value).is_integer():
        return integer(int(value))
    return ox.Literal(format(Decimal(repr(float(value))), "f"), datatype=XSD.decimal)


def confidence(value: float) -> ox.Literal:
    """A confidence between 0 and 1 as an xsd:decimal, in its canonical form: the store keeps no other."""
    return ox.Literal(number(round(min(max(value, 0.0), 1.0), PLACES)).value, datatype=XSD.decimal)


def date(value: str | None) -> ox.Literal | None:
    """An ISO date as xsd:date, a month as xsd:gYearMonth, a year as xsd:gYear; None for anything else."""
    parts = _parts(value)
    if parts is None:
        return None
    kind = (XSD.gYear, XSD.gYearMonth, XSD.date)[len(parts) - 1]
    return ox.Literal("-".join((f"{parts[0]:04}", *(f"{p:02}" for p in parts[1:]))), datatype=kind)


def first_day(value: str | None) -> ox.Literal | None:
    """The first day of a date, month or year as xsd:date."""
    parts = _parts(value)
    return _day((*parts, 1, 1)[:3]) if parts else None


def last_day(value: str | None) -> ox.Literal | None:
    """The last day of a date, month or year as xsd:date."""
    parts = _parts(value)
    if parts is None:
        return None
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return _day((year, month, day))


def _day(parts: tuple[int, ...]) -> ox.Literal:
    return ox.Literal(f"{parts[0]:04}-{parts[1]:02}-{parts[2]:02}", datatype=XSD.date)


def _parts(value: str | None) -> tuple[int, ...] | None:
    match = DATE.match(value or "")
    if match is None or value is None or value[match.end() : match.end() + 1] not in ("", "T"):
        return None
    parts = tuple(int(p) for p in match.groups() if p)
    year, month, day = (*parts, 1, 1)[:3]
    if not 1 <= year <= 9999 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return parts


def url(text: str | None) -> ox.NamedNode | None:
    """A web address as an IRI; None if it is none."""
    if not text or not text.startswith(("http://", "https://")) or CONTROL.search(text):
        return None
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None
