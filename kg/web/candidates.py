"""Candidates of a reconciliation query: found by name, identifier or values, scored, and called a match only when sure.

What a score is made of stands in the answer as features: `name` (0–100, see `kg.search`) and `properties` (share of the
given values that the graph has, 0–100). The score is the name's, or with properties the mean of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg.errors import QueryError
from kg.prefixes import PREFIXES
from kg.search import KINDS, Hit, fold, search, similarity, things
from kg.store import Snapshot
from kg.vocabulary import EventType
from kg.web import properties
from kg.web.properties import Property
from kg.web.site import site
from kg.web.terms import words

CLASSES = {
    "schema:Person": "person",
    "schema:Organization": "organisation",
    "schema:Place": "place",
    "nkg:Group": "group",
    "sem:Event": "event",
    "nkg:UnassertedEvent": "event",
}
NAMES = {"schema:Organization": "organisation", "nkg:UnassertedEvent": "event not asserted (planned, denied, …)"}
FOUND = tuple(kind for kind in KINDS if kind != "article")
# Candidates by default and at most.
LIMIT, MOST = 10, 100
# A name or an alias that is equal; and what the next candidate may have, that the first is still sure.
EQUAL, NEXT = 99.0, 95.0
# From this likeness on, a text value counts as the same.
SAME = 90.0
# What a candidate of another class keeps of its score, where classes are only a wish (type_strict: should).
OTHER_CLASS = 0.8
_ITEM = re.compile(r"Q[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing with its score and what it is made of; `given` is None where no properties were asked for."""

    hit: Hit
    score: float
    named: float
    given: float | None = None
    sure: bool = False


def types() -> list[dict[str, Any]]:
    """All types: the classes of things, then the event classes."""
    found: list[dict[str, Any]] = [type_of(name) for name in CLASSES]
    event = [type_of("sem:Event")]
    return found + [{**type_of("nkg:" + item.value), "broader": event} for item in EventType]


def type_of(name: str) -> dict[str, Any]:
    """A type by its prefixed name."""
    return {"id": name, "name": NAMES.get(name) or words(name.partition(":")[2])}


def type_ids(hit: Hit) -> list[str]:
    """The types of a thing, as prefixed names; the more special ones first."""
    found = []
    for iri in hit.types:
        for prefix in ("nkg", "schema", "sem"):
            if iri.startswith(PREFIXES[prefix]):
                found.append(f"{prefix}:{iri[len(PREFIXES[prefix]) :]}")
    return found


def answer(snapshot: Snapshot, query: dict[str, Any]) -> list[Candidate]:
    """The candidates of one query, the best first. `QueryError` says what is wrong with a query."""
    text, limit = query.get("query", ""), query.get("limit", LIMIT)
    if not isinstance(text, str) or isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        raise QueryError("query must be a string and limit a positive number: correct the reconciliation query")
    wanted, strict = _types(query), query.get("type_strict", "any")
    conditions = _conditions(query)
    if not text.strip() and not conditions:
        raise QueryError("a reconciliation query needs a query or properties: give one")
    exact = _identified(snapshot, text.strip())
    hits = exact or search(snapshot, text, _kinds(wanted, strict), MOST * 2)
    if not text.strip():
        iris = {iri for item, texts in conditions for iri in properties.having(item, texts, MOST)}
        hits = [replace(hit, score=0.0) for hit in things(snapshot, sorted(iris)) if hit.kind in FOUND]
    scored = [_scored(hit, wanted, strict) for hit in hits]
    found = [(hit, score) for hit, score in scored if score is not None][:MOST]
    given = _compared(conditions, [hit.iri for hit, _ in found])
    candidates = []
    for hit, score in found:
        share = given.get(hit.iri, 0.0) if conditions else None
        total = score if share is None else share if not text.strip() else (score + share) / 2
        candidates.append(Candidate(hit, round(total, 1), hit.score, share))
    candidates.sort(key=lambda item: (-item.score, -item.hit.weight, item.hit.iri))
    if candidates and _sure(candidates, wanted, bool(exact), bool(text.strip())):
        candidates[0] = replace(candidates[0], sure=True)
    return candidates[: min(int(limit), MOST)]


def _sure(candidates: list[Candidate], wanted: set[str], exact: bool, named: bool) -> bool:
    """Whether the first candidate is the one that is meant: named in full and unlike the next.

    One word is not a person's full name, and many events have the same label: these need values that agree.
    """
    first = candidates[0]
    if wanted and not wanted & set(type_ids(first.hit)):
        return False
    if len(candidates) > 1 and candidates[1].score > NEXT:
        return False
    if exact:
        return True
    if first.given is not None:
        return first.given >= EQUAL and (not named or first.named >= SAME)
    if first.hit.kind == "event" or (first.hit.kind == "person" and " " not in fold(first.hit.name)):
        return False
    return first.score >= EQUAL


def _identified(snapshot: Snapshot, text: str) -> list[Hit]:
    """The things that a text names by identifier: ours, an IRI of ours, or a Wikidata item."""
    if _ITEM.fullmatch(text):
        return things(snapshot, properties.having(properties.find("wikidata"), [text], LIMIT))
    path = text.removeprefix(site().base)
    if path.partition("/")[0] not in FOUND:
        return []
    return things(snapshot, [site().base + path])


def _types(query: dict[str, Any]) -> set[str]:
    given = query.get("type") or []
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise QueryError("type must be a type's identifier or a list of them: see /reconcile/suggest/type")
    if query.get("type_strict", "any") not in ("any", "should", "all"):
        raise QueryError("type_strict must be any, should or all")
    found = set()
    for name in names:
        for prefix, namespace in PREFIXES.items():
            if name.startswith(namespace):
                name = f"{prefix}:{name[len(namespace) :]}"
        found.add(name)
    return found


def _kinds(wanted: set[str], strict: str) -> Sequence[str]:
    if not wanted or strict == "should":
        return FOUND
    return sorted({CLASSES.get(name, "event") for name in wanted})


def _scored(hit: Hit, wanted: set[str], strict: str) -> tuple[Hit, float | None]:
    """The score of a thing by its name and class; None if its class rules it out."""
    have = set(type_ids(hit))
    fits = not wanted or (wanted <= have if strict == "all" else bool(wanted & have))
    if fits:
        return hit, hit.score
    return hit, hit.score * OTHER_CLASS if strict == "should" else None


def _conditions(query: dict[str, Any]) -> list[tuple[Property, list[str]]]:
    """The properties of a query with the texts that their values are compared to."""
    given = query.get("properties") or []
    if not isinstance(given, list) or not all(isinstance(item, dict) and "v" in item for item in given):
        raise QueryError("properties must be a list of objects with pid and v")
    found = []
    for item in given:
        several = item["v"] if isinstance(item["v"], list) else [item["v"]]
        texts = [str(value.get("id", "")) if isinstance(value, dict) else str(value) for value in several]
        texts = [text for text in texts if text.strip()]
        if texts:  # an empty cell says nothing
            found.append((properties.find(str(item.get("pid"))), texts))
    return found


def _compared(conditions: list[tuple[Property, list[str]]], iris: list[str]) -> dict[str, float]:
    """For each thing, how well its values agree with what was given: the mean of the properties, 0–100."""
    totals = dict.fromkeys(iris, 0.0)
    for item, texts in conditions:
        for iri, rows in properties.values(item, iris).items():
            totals[iri] += max(_alike(item, row, text) for row in rows for text in texts)
    return {iri: round(total / max(len(conditions), 1), 1) for iri, total in totals.items()}


def _alike(item: Property, row: dict[str, dict[str, str]], text: str) -> float:
    value = row["value"]["value"]
    if text in (value, properties.identifier(value), properties.shown(item, value)):
        return 100.0
    if item.strip or (row["value"]["type"] == "uri" and "name" not in row):
        return 0.0
    likeness = similarity(fold(text), fold(row["name"]["value"] if "name" in row else value))
    return likeness if likeness >= SAME else 0.0
