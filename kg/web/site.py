"""What the requests share: the store folder, the workers, the saved queries, the settings."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import current_app

from kg.errors import QueryError
from kg.query.pool import Evaluator
from kg.query.saved import SavedQuery
from kg.query.status import Durations
from kg.query.writer import Writer

Row = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Site:
    """One served store. `union`: the default graph of queries is the union of all graphs. `token` is empty if nobody
    may write."""

    folder: Path
    base: str
    pool: Evaluator
    queries: dict[str, SavedQuery]
    writer: Writer | None = None
    token: str = ""
    union: bool = True
    durations: Durations = field(default_factory=Durations)
    """Of the queries that went through this process; those that did not are in the workers' own."""

    @property
    def snapshot_id(self) -> str:
        """The identifier of the data as of now; `0` if nothing was published yet."""
        return self.pool.version_id

    def select(self, query: str, **values: ox.NamedNode | Sequence[ox.NamedNode | ox.Literal]) -> list[Row]:
        """The rows of one of the pages' own queries: each a dict from variable to a term as SPARQL JSON has it.

        Each value (or list of values) fills the slot `VALUES ?name {}` of the query; a slot that is not filled does
        not restrict.
        """
        for name, term in values.items():
            slot = f"VALUES ?{name} {{}}"
            if slot not in query:
                raise QueryError(f"the query has no slot {slot}")
            terms = str(term) if isinstance(term, ox.NamedNode) else " ".join(map(str, term))
            query = query.replace(slot, f"VALUES ?{name} {{ {terms} }}")
        query = re.sub(r"VALUES \?\w+ \{\}", "", query)
        answer = self.pool.run(
            {"do": "query", "query": query, "format": "json", "union": True, "base": self.base, "max_rows": 0}
        )
        found: list[Row] = json.loads(answer.read())["results"]["bindings"]
        return found

    def path_of(self, iri: str) -> str:
        """The address on this server of a thing in the base namespace, whatever host the client used; other IRIs
        unchanged."""
        return "/" + iri[len(self.base) :] if iri.startswith(self.base) else iri


def site() -> Site:
    """The site that the current request is for."""
    found: Any = current_app.extensions["newskg"]
    assert isinstance(found, Site)
    return found
