"""Results as tables for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyoxigraph as ox

from kg.query.results import term_json
from kg.web.labels import labels
from kg.web.site import Row

# A page with more rows than this is slow to draw and no pleasure to read; the downloads have all of them.
PAGE_ROWS = 1000
# The sentence that a piece of evidence belongs to.
SENTENCES = {
    "evidence": "sentence",
    "otherEvidence": "otherSentence",
    "earlierEvidence": "earlierSentence",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; `total` rows were found, of which the first `PAGE_ROWS` are in `rows`. `cut`: there may be yet
    more. `names` are the labels of IRIs in it."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    cut: bool = False
    boolean: bool | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def named(self) -> Table:
        """The table with the names of the IRIs in it."""
        terms = (term for row in self.rows for term in row.values())
        return replace(self, names=labels(term["value"] for term in terms if term["type"] == "uri"))

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that a page shows: not the evidence, to which its sentence leads."""
        given = {name for name in self.columns if name.lower().endswith("sentence")}
        return tuple(name for name in self.columns if SENTENCES.get(name) not in given)

    @property
    def pairs(self) -> str:
        """`other` or `earlier` if each row sets one sentence against another, which a page shows side by side."""
        columns = set(self.columns)
        return next((name for name in ("other", "earlier") if {"sentence", name + "Sentence"} <= columns), "")


def result_table(document: dict[str, Any], *, cut: bool = False) -> Table:
    """The table of a SPARQL JSON result."""
    if "boolean" in document:
        return Table((), (), 0, boolean=document["boolean"])
    rows = document["results"]["bindings"]
    return Table(tuple(document["head"]["vars"]), tuple(rows[:PAGE_ROWS]), len(rows), cut)


def graph_table(ntriples: bytes) -> Table:
    """The table of a graph in N-Triples: subject, predicate, object."""
    columns = ("subject", "predicate", "object")
    rows = [
        dict(zip(columns, map(term_json, (quad.subject, quad.predicate, quad.object)), strict=True))
        for quad in ox.parse(ntriples, ox.RdfFormat.N_TRIPLES)
    ]
    return Table(columns, tuple(rows[:PAGE_ROWS]), len(rows))
