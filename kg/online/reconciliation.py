"""A client of any service of the W3C Reconciliation Service API, versions 0.1 and 0.2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from kg.errors import OnlineError
from kg.link.candidates import WIKIDATA
from kg.online.client import Client, Garbled, Stopped
from kg.online.wikidata import batches, plain
from kg.vocabulary import EntityType

# Queries in one request: few enough for a service that works on them one by one to answer in time.
BATCH = 10
LIMIT = 10
# What we tell a service over Wikidata about the type; others have types of their own, so they are told none.
TYPES = {EntityType.PERSON: "Q5", EntityType.ORGANISATION: "Q43229", EntityType.PLACE: "Q2221906"}
SPACE = re.compile(r"https?://[^\s\x00-\x20<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate of the service. `score` is on its own scale, mostly 0 to 100; `match` says that it holds it for sure."""

    id: str
    name: str
    score: float
    description: str = ""
    match: bool = False


class Reconciliation:
    """One service. Its manifest is read when it is first asked; `Stopped` if it is none that we can use."""

    def __init__(self, client: Client, url: str) -> None:
        self._client, self.url = client, url
        self._space: str | None = None

    @property
    def space(self) -> str:
        """The IRI prefix of the service's identifiers."""
        if self._space is None:
            try:
                manifest = self._client.get(self.url, {}, keep=False)
            except Stopped:
                raise
            except OnlineError as error:
                raise Stopped(
                    f"{self.url} gives no manifest ({error}): give the address of a reconciliation service"
                ) from None
            space, versions = manifest.get("identifierSpace"), manifest.get("versions", ["0.1"])
            if not isinstance(space, str) or not SPACE.fullmatch(space):
                raise Stopped(
                    f"{self.url} states no usable identifierSpace: give the address of a reconciliation service"
                )
            if isinstance(versions, list) and not {"0.1", "0.2"} & {str(v) for v in versions}:
                raise Stopped(
                    f"{self.url} speaks versions {', '.join(map(str, versions))[:60]}, not 0.1 or 0.2: give another service"
                )
            # Wikidata's IRIs begin with http, whatever the service says.
            self._space = WIKIDATA if re.fullmatch(r"https?://(www\.)?wikidata\.org/(entity|wiki)/?", space) else space
        return self._space

    @property
    def is_wikidata(self) -> bool:
        """Whether the identifiers are Wikidata's items, so that more can be asked about them."""
        return self.space == WIKIDATA

    def iri(self, identifier: str) -> str:
        """The IRI of an identifier of the service."""
        return self.space + quote(identifier, safe="/:@!$&'()*+,;=~-._")

    def candidates(self, names: Iterable[tuple[str, EntityType]]) -> list[list[Suggestion]]:
        """The candidates of each name, in the order of the names, those of a name the best first."""
        found: list[list[Suggestion]] = []
        for batch in batches(names, BATCH):
            queries = {}
            for n, (name, kind) in enumerate(batch):
                query: dict[str, Any] = {"query": name, "limit": LIMIT}
                if self.is_wikidata and kind in TYPES:
                    query |= {"type": TYPES[kind], "type_strict": "should"}
                queries[f"q{n}"] = query
            form = {"queries": json.dumps(queries, ensure_ascii=False)}
            answer = self._client.post(self.url, form, partial(self._check, queries))
            found += [_suggestions(answer[key]) for key in queries]
        return found

    def _check(self, queries: dict[str, Any], answer: dict[str, Any], seconds: float | None) -> None:
        """Raises `Garbled` where a query has no list of results."""
        for key in queries:
            result = answer.get(key)
            if not isinstance(result, dict) or not isinstance(result.get("result"), list):
                raise Garbled(f"{self.url} sent no results for {queries[key]['query']!r}")


def _suggestions(result: dict[str, Any]) -> list[Suggestion]:
    found = []
    for hit in result["result"]:
        if isinstance(hit, dict) and isinstance(hit.get("id"), str) and hit["id"] and len(hit["id"]) <= 200:
            score = hit.get("score")
            score = float(score) if isinstance(score, (int, float)) and abs(score) < 1e9 else 0.0
            found.append(
                Suggestion(
                    hit["id"], plain(hit.get("name")), score, plain(hit.get("description")), hit.get("match") is True
                )
            )
    return sorted(found, key=lambda s: (-s.score, s.id))
