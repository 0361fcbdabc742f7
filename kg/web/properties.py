"""Properties of things as the reconciliation service compares and fetches them: a table of SPARQL property paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.prefixes import PREFIXES
from kg.tables import table
from kg.web.site import Row, site

_HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
_VALUES = """SELECT ?this ?value (MIN(?label) AS ?name) WHERE {{ VALUES ?this {{}} ?this {path} ?value
FILTER(STRSTARTS(STR(?value), {strip}))
OPTIONAL {{ ?value skos:prefLabel|rdfs:label|schema:headline ?label }} }} GROUP BY ?this ?value ORDER BY ?this ?value"""
_HAVING = """SELECT DISTINCT ?this WHERE {{ VALUES ?wanted {{}} ?this {path} ?value FILTER(STR(?value) = STR(?wanted))
FILTER(STRSTARTS(STR(?this), {base})) }} ORDER BY ?this LIMIT {limit}"""


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its identifier and name, the kinds of things that have it, and where the graph keeps it."""

    id: str
    name: str
    kinds: tuple[str, ...]
    path: str
    strip: str

    @property
    def about(self) -> dict[str, str]:
        """As the service names it."""
        return {"id": self.id, "name": self.name}


@cache
def properties() -> dict[str, Property]:
    """All properties by identifier, in the order of the table."""
    rows = table("reconcile_properties.tsv")
    return {
        row["id"]: Property(row["id"], row["name"], tuple(row["kinds"].split()), row["path"], row["strip"])
        for row in rows
    }


def find(identifier: str) -> Property:
    """The property of that identifier. `QueryError` names those there are."""
    if identifier not in properties():
        raise QueryError(f"there is no property {identifier!r}: use one of {', '.join(properties())}")
    return properties()[identifier]


def values(item: Property, things: Sequence[str]) -> dict[str, list[Row]]:
    """The values of a property by the IRI of the thing: rows with `value` and, for things with a name, `name`."""
    found: dict[str, list[Row]] = defaultdict(list)
    if things:
        query = _HEAD + _VALUES.format(path=item.path, strip=ox.Literal(item.strip))
        for row in site().select(query, this=[ox.NamedNode(iri) for iri in things]):
            found[row["this"]["value"]].append(row)
    return found


def having(item: Property, wanted: Iterable[str], limit: int) -> list[str]:
    """The IRIs of the things of which a value of the property is one of these texts, or an IRI that ends with it."""
    texts: list[ox.NamedNode | ox.Literal] = []
    for text in wanted:
        texts += [ox.Literal(item.strip + text), ox.Literal(site().base + text)]
    if not texts:
        return []
    query = _HEAD + _HAVING.format(path=item.path, base=ox.Literal(site().base), limit=limit)
    return [row["this"]["value"] for row in site().select(query, wanted=texts)]


def cell(item: Property, row: Row) -> dict[str, str | int | float]:
    """A value as the data extension sends it: a thing of this graph, a number, a day, or text."""
    value = row["value"]
    text, datatype = value["value"], value.get("datatype", "").removeprefix(PREFIXES["xsd"])
    if value["type"] == "uri":
        if not item.strip and text.startswith(site().base) and "#" not in text:
            return {"id": identifier(text), "name": row["name"]["value"] if "name" in row else identifier(text)}
        return {"str": shown(item, text)}
    if datatype == "integer":
        return {"int": int(text)}
    if datatype in ("decimal", "double"):
        return {"float": float(text)}
    if datatype == "date":
        return {"date": text + "T00:00:00"}
    return {"str": text}


def shown(item: Property, text: str) -> str:
    """A value as text: without the part of the IRI that the table strips, or the project's namespace."""
    return text.removeprefix(item.strip).removeprefix(PREFIXES["nkg"]).removesuffix("/" if item.strip else "")


def identifier(iri: str) -> str:
    """A thing's identifier in the service: its IRI without the base, such as `person/ada`."""
    return iri.removeprefix(site().base)
