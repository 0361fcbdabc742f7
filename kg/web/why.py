"""Why the program says so: how the things that an assertion names were linked, and how accounts were joined."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.web import page_queries
from kg.web.assertions import READ, Assertion, Value
from kg.web.labels import labels
from kg.web.site import Row, site
from kg.web.terms import short


def linked(accounts: Iterable[Assertion]) -> list[tuple[Value, list[Row]]]:
    """The things that accounts are about, each with the candidates and reasons of its link."""
    base = site().base
    found: dict[str, Value] = {}
    for account in accounts:
        for property_, values in account.values.items():
            for value in values:
                if property_ != "rdf:type" and value.value.startswith(base) and "#" not in value.value:
                    found.setdefault(value.value, value)
    return [
        (value, site().select(page_queries.WHY, thing=ox.NamedNode(iri)))
        for iri, value in found.items()
        if not iri.startswith((base + "event/", base + "article/"))
    ]


def joined(node: ox.NamedNode) -> list[tuple[str, str, str, str]]:
    """What an event is one with, fulfils or contradicts: how, the other's IRI, its name, the ground."""
    rows = site().select(page_queries.RELATED, thing=node)
    names = labels(row["other"]["value"] for row in rows)
    found = []
    for row in rows:
        said = READ.get(short(row["link"]["value"]), ("", ""))["backward" in row]
        other = row["other"]["value"]
        ground = row["ground"]["value"] if "ground" in row else ""
        found.append((said, other, names.get(other) or short(other), ground))
    for row in site().select(page_queries.JOINED, thing=node):
        words = f"“{row['sourceWords']['value']}” tells the same as"
        found.append((words, row["target"]["value"], f"“{row['targetWords']['value']}”", row["ground"]["value"]))
    return [item for item in dict.fromkeys(found) if item[0]]
