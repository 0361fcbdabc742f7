"""From a name's cluster to a known identity, or to an identifier of its own.

Precision before recall: a name links only if one known thing of its type can be meant. A surname alone never links.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log10

from kg.link.authority import Authority, Entry, slug
from kg.vocabulary import EntityType

# What the company of a place counts, in orders of magnitude of population.
# Each is shared among the countries (regions) that the article names, by how often it does.
SAME_COUNTRY, SAME_REGION = 1.0, 4.0
# A state or province counts as a city of ten million.
REGION = 7.0
# News means the capital (Washington, Santiago) more often than its size says.
CAPITAL = 1.0
# A smaller city is meant only where the article names its country.
WORLD_CITY = 300_000
# Below this margin (in the same unit) between the two best, a city stays unlinked: Paris is clear, Springfield is not.
MARGIN = 0.2


@dataclass(frozen=True, slots=True)
class Context:
    """What the article says around the name: how many of its sure places lie in each country and region, its own id."""

    article: str
    countries: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """The identity: `id` relative to the store's base, its canonical name, and the entry where one is known."""

    id: str
    name: str
    entry: Entry | None = None
    confidence: float = 0.5

    @property
    def wikidata(self) -> str | None:
        """The item, where one was verified."""
        return self.entry.qid or None if self.entry else None


def link(
    authority: Authority, kind: EntityType, names: Iterable[str], context: Context, beside: Entry | None = None
) -> Link:
    """The identity of a cluster: `names` are its forms, the fullest first; `beside` the region written after it."""
    forms = list(names)
    for name in forms:
        if kind == EntityType.PERSON and len(name.split()) < 2:
            continue
        found = [e for e in authority.find(name) if e.type == kind]
        if not found:
            continue
        entry = place(found, context, beside) if kind == EntityType.PLACE else (found[0] if len(found) == 1 else None)
        if entry:
            return Link(entry.id, entry.label, entry, 0.95 if len(found) == 1 else 0.85)
    return Link(own_id(authority, kind, forms[0], context), forms[0])


def place(found: list[Entry], context: Context, beside: Entry | None) -> Entry | None:
    """The place that is meant among namesakes: by the region written beside it, its size and the company it keeps."""
    if beside:
        near = [e for e in found if e.country == beside.qid or (e.admin and e.admin == region_name(beside))]
        if near or found[0].kind in ("city", ""):
            return near[0] if near else None
    if found[0].kind == "country":
        states = [
            e
            for e in found[1:]
            if e.kind == "region" and context.countries.get(e.country, 0) > context.countries.get(found[0].qid, 0)
        ]
        return states[0] if states else found[0]

    def score(entry: Entry) -> float:
        size = (
            REGION if entry.kind == "region" else log10(max(entry.population, 1)) + CAPITAL * (entry.kind == "capital")
        )
        return (
            size
            + SAME_COUNTRY * share(context.countries, entry.country)
            + SAME_REGION * share(context.regions, entry.admin)
        )

    found = [
        e for e in found if e.kind != "city" or e.population >= WORLD_CITY or e.country in context.countries or beside
    ]
    ranked = sorted(found, key=lambda e: (-score(e), found.index(e)))
    if len(ranked) > 1 and ranked[0].kind == "city" and score(ranked[0]) - score(ranked[1]) < MARGIN:
        return None
    return ranked[0] if ranked else None


def share(counts: Mapping[str, int], name: str) -> float:
    """The part of the counts that is `name`'s; 0 where nothing was counted."""
    return counts[name] / sum(counts.values()) if counts.get(name) else 0.0


def region_name(entry: Entry) -> str:
    """A region's label as cities name it: `Georgia` for `Georgia (USA)`."""
    return entry.label.split(" (")[0]


def own_id(authority: Authority, kind: EntityType, name: str, context: Context) -> str:
    """An identifier for what is not known.

    A person's single name means somebody else in another article, so it carries the article.
    """
    found = f"{kind}/{slug(name)}"
    if kind == EntityType.PERSON and len(name.split()) < 2:
        return f"{found}-in-{hashlib.sha256(context.article.encode()).hexdigest()[:8]}"
    return f"{found}-unlinked" if found in authority.ids else found
