"""Names for the IRIs that a page shows: labels and headlines, or the first words of an article without headline."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.web import page_queries
from kg.web.site import Row, site

# More IRIs than these in one table keep their short form.
MOST = 2000
# Lines shorter than this are datelines and furniture of a page, not its first sentence.
LEAST_LINE = 40
LONGEST = 80


def labels(iris: Iterable[str]) -> dict[str, str]:
    """The names of those IRIs of the base namespace that have one."""
    base = site().base
    wanted = sorted({iri for iri in iris if iri.startswith(base) and "#" not in iri})[:MOST]
    if not wanted:
        return {}
    rows = site().select(page_queries.LABELS, thing=[ox.NamedNode(iri) for iri in wanted])
    found = {row["thing"]["value"]: row["name"]["value"] for row in rows}
    untitled = [ox.NamedNode(iri) for iri in wanted if iri not in found and iri.startswith(base + "article/")]
    if untitled:
        for row in site().select(page_queries.OPENINGS, article=untitled):
            found[row["article"]["value"]] = opening(row["opening"]["value"])
    return found


def snapshot_date() -> str:
    """When the data of the snapshot were built, as an xsd:dateTime; empty where no build is recorded."""
    rows = site().select(page_queries.LAST_BUILD)
    return rows[0]["ended"]["value"] if rows and "ended" in rows[0] else ""


def opening(text: str) -> str:
    """The first words of a text, to name an article that has no headline: from its first line that is a sentence."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    first = next((line for line in lines if len(line) >= LEAST_LINE), next(filter(None, lines), ""))
    if len(first) > LONGEST:
        first = first[:LONGEST].rsplit(" ", 1)[0] + " …"
    return f"[{first}]"


def add_openings(rows: Iterable[Row]) -> list[Row]:
    """Rows of articles in which each has a `headline`: its own, or its first words in square brackets."""
    rows = list(rows)
    untitled = [ox.NamedNode(row["article"]["value"]) for row in rows if "headline" not in row]
    if untitled:
        found = site().select(page_queries.OPENINGS, article=untitled[:MOST])
        texts = {row["article"]["value"]: opening(row["opening"]["value"]) for row in found}
        for row in rows:
            if row["article"]["value"] in texts:
                row["headline"] = {"type": "literal", "value": texts[row["article"]["value"]]}
    return rows
