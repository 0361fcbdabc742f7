"""A SPARQL endpoint with Wikidata's terms (the Wikidata Query Service, QLever, a copy of one's own) as a source.

Items of the classes in `kg/data/wikidata_classes.tsv` are listed page by page in the order of their IRIs, each page
beginning after the last item of the one before, so that neither an OFFSET nor a cut connection loses any; their
labels and statements are asked for in blocks. Politeness follows the Wikidata Query Service's rules: a User-Agent that says who
calls, one request at a time, `Retry-After` obeyed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import HTTPError, URLError

from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, SPARQLWrapperException

from kg import __version__
from kg.authority.classes import LEFT_OUT, class_table, kind_of
from kg.authority.dump import TAG
from kg.authority.entry import Entry, is_key
from kg.authority.item import DIGITS, MULTILINGUAL
from kg.errors import InputError

AGENT = f"newskg/{__version__} (https://w3id.org/newskg; authority index) SPARQLWrapper"
ENTITY = "http://www.wikidata.org/entity/"
PREFIXES = """PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX schema: <http://schema.org/> PREFIX wikibase: <http://wikiba.se/ontology#>
"""
PROPERTIES = (
    "rdfs:label skos:altLabel schema:description wdt:P31 wdt:P17 wdt:P27 wdt:P625 wdt:P569 wdt:P570 wdt:P1566 "
    "wikibase:sitelinks"
)
# Items a page, and of one block of details: the query service advises blocks of 100 to 300.
PAGE, BLOCK = 2000, 200
# Seconds: the service ends queries after 60; a wait without Retry-After; the longest wait that is obeyed.
TIMEOUT, WAIT, LONGEST = 65, 60.0, 600.0
ATTEMPTS = 5


class _Failed(Exception):
    """An answer that a smaller block may avoid: a timeout, or JSON that was cut off."""


class Endpoint:
    """An endpoint; `classes` limits what is asked for, by default all classes of the table."""

    def __init__(
        self,
        address: str,
        languages: Sequence[str] = ("en",),
        classes: Sequence[str] = (),
        agent: str = AGENT,
        page: int = PAGE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.name = address
        self.languages = tuple(languages)
        self.page = page
        self.state = f"{','.join(languages)} {','.join(classes)}"
        self._sleep = sleep
        self._agent = agent
        self._classes = class_table()
        self._asked = classes or [qid for qid, kind in self._classes.items() if kind.type != LEFT_OUT]

    def part(self) -> float | None:
        """Not known: an endpoint does not say how many items are to come."""
        return None

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """The items after the IRI `position`. `InputError` says what the endpoint refused."""
        last = position or ""
        asked = " ".join(f"wd:{qid}" for qid in self._asked)
        while True:
            rows = self._select(
                f"SELECT DISTINCT ?item WHERE {{ VALUES ?class {{ {asked} }} ?item wdt:P31 ?class . "
                f'FILTER(STR(?item) > "{last}") }} ORDER BY STR(?item) LIMIT {self.page}'
            )
            found = [row["item"]["value"] for row in rows]
            if not found:
                return
            if found[0] <= last:
                raise InputError(f"{self.address} does not keep to the order asked for: it cannot be read page by page")
            qids = [iri.removeprefix(ENTITY) for iri in found if iri.startswith(ENTITY)]
            for start in range(0, len(qids), BLOCK):
                for qid, entry in self._block([q for q in qids[start : start + BLOCK] if is_key(q)]):
                    yield ENTITY + qid, entry
            last = found[-1]

    def _block(self, qids: list[str]) -> Iterator[tuple[str, Entry]]:
        """The entries of items; a block that the endpoint cannot answer is halved."""
        if not qids:
            return
        tags = ", ".join(f'"{language}"' for language in ("", *self.languages, MULTILINGUAL))
        try:
            rows = self._select(
                f"SELECT ?item ?p ?o WHERE {{ VALUES ?item {{ {' '.join('wd:' + qid for qid in qids)} }} "
                f"VALUES ?p {{ {PROPERTIES} }} ?item ?p ?o . FILTER(!isLiteral(?o) || LANG(?o) IN ({tags})) }}",
                halving=len(qids) > 1,
            )
        except _Failed:
            middle = len(qids) // 2
            yield from self._block(qids[:middle])
            yield from self._block(qids[middle:])
            return
        told: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            item, name = row["item"]["value"].removeprefix(ENTITY), row["p"]["value"].rpartition("/")[2]
            told[item][name.rpartition("#")[2]].append((row["o"].get("xml:lang", ""), row["o"]["value"]))
        for qid in qids:
            entry = self._entry(qid, {name: sorted(found) for name, found in told[qid].items()})
            if entry is not None:
                yield qid, entry

    def _entry(self, qid: str, told: dict[str, list[tuple[str, str]]]) -> Entry | None:
        """The entry of an item from its values by property, each with its language."""

        def items(name: str) -> list[str]:
            found = [value.removeprefix(ENTITY) for _, value in told.get(name, ()) if value.startswith(ENTITY)]
            return sorted((q for q in found if is_key(q)), key=lambda q: int(q[1:]))

        def text(name: str) -> list[str]:
            order = [*self.languages, MULTILINGUAL, ""]
            found = [(order.index(tag), value) for tag, value in told.get(name, ()) if tag in order]
            return [" ".join(value.split()) for _, value in sorted(found)]

        order = list(self._classes)
        classes = sorted((q for q in items("P31") if q in self._classes), key=order.index)
        kind, labels = kind_of(classes, self._classes), text("label")
        if kind is None or not labels:
            return None
        lat, lon = _point(told.get("P625", []))
        numbers = [
            int(value)
            for _, value in told.get("P1566", ())
            if value.isascii() and value.isdigit() and len(value) <= DIGITS
        ]
        return Entry(
            key=qid,
            qid=qid,
            type=kind.type,
            kind=kind.kind,
            label=labels[0],
            aliases=tuple(dict.fromkeys(name for name in (*labels[1:], *text("altLabel")) if name != labels[0])),
            description=next(iter(text("description")), ""),
            lat=lat,
            lon=lon,
            country=next(iter(items("P17") or items("P27")), ""),
            geonames=min(numbers, default=None),
            sitelinks=max((int(value) for _, value in told.get("sitelinks", ())), default=0),
            born=min((value[:10] for _, value in told.get("P569", ()) if value[:4].isdigit()), default=""),
            died=min((value[:10] for _, value in told.get("P570", ()) if value[:4].isdigit()), default=""),
            sources=(TAG,),
        )

    def _select(self, query: str, halving: bool = False) -> list[dict[str, Any]]:
        """The bindings of a SELECT, asked for again where the endpoint says so or fails for the moment."""
        client = SPARQLWrapper(self.address, agent=self._agent)
        client.setMethod(POST)
        client.setReturnFormat(JSON)
        client.setTimeout(TIMEOUT)
        client.setQuery(PREFIXES + query)
        said = ""
        for attempt in range(ATTEMPTS):
            try:
                answer: Any = client.query().convert()
                return list(answer["results"]["bindings"])
            except HTTPError as error:
                said = f"{error.code} {error.reason}"
                if error.code not in (429, 502, 503, 504):
                    break
                self._sleep(_wait(error.headers.get("Retry-After"), WAIT if error.code == 429 else 2.0**attempt))
            except (EndPointInternalError, ValueError, KeyError, TypeError) as error:
                said = " ".join(str(error).split())[:200]  # a timeout, or an answer cut off after its beginning
                if halving:
                    raise _Failed from None
                self._sleep(2.0**attempt)
            except SPARQLWrapperException as error:
                said = " ".join(str(error).split())[:200]
                break
            except (URLError, OSError) as error:
                said = str(error)
                self._sleep(2.0**attempt)
        raise InputError(
            f"{self.address} did not answer ({said}): check the address, or try later; what was read is kept, the same "
            "command goes on from there"
        )


def _wait(told: str | None, default: float) -> float:
    """Seconds of a Retry-After header, a number or a date; at least 1, at most `LONGEST`."""
    seconds = default
    if told:
        try:
            seconds = float(told) if told.strip().isdigit() else _until(told)
        except (TypeError, ValueError):
            seconds = default
    return min(max(seconds, 1.0), LONGEST)


def _until(date: str) -> float:
    when = parsedate_to_datetime(date)
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()


def _point(found: list[tuple[str, str]]) -> tuple[float | None, float | None]:
    """Latitude and longitude of a WKT literal, which has the longitude first."""
    for _, value in found:
        head, _, numbers = value.partition("(")
        parts = numbers.rstrip(") ").split()
        if head.strip().lower() == "point" and len(parts) >= 2:
            with suppress(ValueError):
                return round(float(parts[1]), 5), round(float(parts[0]), 5)
    return None, None
