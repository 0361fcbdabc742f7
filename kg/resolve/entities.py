"""The canonical people, organisations, places and groups: labels, links and coordinates over all articles."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kg.records import EntityLink, Extraction, Mention
from kg.vocabulary import EntityType


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing over all articles; `names` are the surfaces it goes by beside its label."""

    id: str
    type: EntityType
    label: str
    names: tuple[str, ...] = ()
    wikidata: str | None = None
    geonames: int | None = None
    lat: float | None = None
    lon: float | None = None
    link: EntityLink | None = None


class EntityTable:
    """Gathers mentions, article by article; the result does not depend on their order."""

    def __init__(self) -> None:
        self._labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._surfaces: defaultdict[str, set[str]] = defaultdict(set)
        self._best: dict[str, tuple[tuple[bool, float, str, str], Mention]] = {}
        self._links: dict[str, tuple[tuple[bool, bool, float, str], EntityLink]] = {}
        self._outlets: set[str] = set()
        self._referred: set[str] = set()

    def add(self, record: Extraction) -> None:
        """Notes the mentions of one article, and every identifier that its assertions refer to."""
        for mention in record.entities:
            self._labels[mention.id][mention.name] += 1
            self._surfaces[mention.id].add(" ".join(record.text[mention.start : mention.end].split()))
            rank = (
                mention.wikidata is None,
                -mention.confidence,
                mention.wikidata or "",
                f"{mention.geonames} {mention.lat} {mention.lon}",
            )
            best = self._best.get(mention.id)
            if best is None or rank < best[0]:
                self._best[mention.id] = (rank, mention)
        for link in record.links:
            standing = link_rank(link)
            if link.id not in self._links or standing < self._links[link.id][0]:
                self._links[link.id] = (standing, link)
        self._outlets.update(filter(None, (record.publisher, *record.agencies)))
        self._referred.update(references(record))

    def entities(self) -> dict[str, Entity]:
        """Every entity by identifier, sorted."""
        found = {i: self._entity(i) for i in sorted(self._labels.keys() | self._referred)}
        for name, identifier in self.outlets().items():
            found.setdefault(identifier, Entity(identifier, EntityType.ORGANISATION, name))
        return dict(sorted(found.items()))

    def outlets(self) -> dict[str, str]:
        """The entity of each publisher and agency by the name that articles give: a known organisation, else its own."""
        known: dict[str, str] = {}
        for identifier in sorted(self._surfaces, reverse=True):
            if identifier.startswith(EntityType.ORGANISATION):
                known.update(
                    (name.casefold(), identifier) for name in (*self._surfaces[identifier], *self._labels[identifier])
                )
        return {name: known.get(name.casefold()) or f"organisation/{slug(name)}" for name in sorted(self._outlets)}

    def _entity(self, identifier: str) -> Entity:
        if identifier not in self._best:  # only a description, never a name
            kind, _, slug = identifier.partition("/")
            return Entity(identifier, EntityType(kind), slug.replace("-", " "))
        mention = self._best[identifier][1]
        counts = self._labels[identifier]
        label = min(counts, key=lambda name: (-counts[name], -len(name), name))
        return Entity(
            id=identifier,
            type=EntityType(identifier.partition("/")[0]),
            label=label,
            names=tuple(sorted(self._surfaces[identifier] - {label})),
            wikidata=mention.wikidata,
            geonames=mention.geonames,
            lat=mention.lat,
            lon=mention.lon,
            link=self._links[identifier][1] if identifier in self._links else None,
        )


def link_rank(link: EntityLink) -> tuple[bool, bool, float, str]:
    """Which of several articles' decisions on one entity's link stands: an exact match before a close one before none, then
    the surer, then by the candidates. The order of the articles does not matter."""
    best = link.candidates[0].score if link.candidates else 0.0
    return link.property is None, link.property != "exactMatch", -best, repr(link)


def slug(name: str) -> str:
    """A name as the last part of an identifier: lower case, words joined by hyphens."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "unnamed"


def references(record: Extraction) -> Iterator[str]:
    """Every identifier that the assertions of a record refer to."""
    for coreference in record.coreference:
        yield coreference.id
    for event in record.events:
        yield from (a.id for a in event.args if a.id)
        if event.attributed_to:
            yield event.attributed_to
    for quote in record.quotes:
        yield from filter(None, (quote.speaker, quote.relayed_by))
    for figure in record.figures:
        yield from filter(None, (figure.place, figure.attributed_to))
    for position in record.positions:
        yield from filter(None, (position.holder, position.organisation))
