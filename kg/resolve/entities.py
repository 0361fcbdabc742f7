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
    country: str | None = None
    region: str | None = None
    link: EntityLink | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one article says of a thing: how often it bears which name, its surfaces, the best link among its mentions.

    A thing that no words name, only a description, has neither names nor surfaces.
    """

    id: str
    names: tuple[tuple[str, int], ...] = ()
    surfaces: tuple[str, ...] = ()
    wikidata: str | None = None
    geonames: int | None = None
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    region: str | None = None
    confidence: float = 0.0
    link: EntityLink | None = None

    @property
    def rank(self) -> tuple[bool, float, str, str]:
        """Which of several articles' links stands: the surest."""
        return _standing(self)


def contributions(record: Extraction) -> list[Contribution]:
    """What a record says of each thing that it names or refers to, by identifier."""
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    surfaces: defaultdict[str, set[str]] = defaultdict(set)
    best: dict[str, Mention] = {}
    links: dict[str, EntityLink] = {}
    for mention in record.entities:
        names[mention.id][mention.name] += 1
        surfaces[mention.id].add(" ".join(record.text[mention.start : mention.end].split()))
        if mention.id not in best or _standing(mention) < _standing(best[mention.id]):
            best[mention.id] = mention
    for link in record.links:
        if link.id not in links or link_rank(link) < link_rank(links[link.id]):
            links[link.id] = link
    found = []
    for identifier in sorted({*names, *references(record)}):
        if identifier not in best:
            found.append(Contribution(identifier))
            continue
        m = best[identifier]
        found.append(
            Contribution(
                id=identifier,
                names=tuple(sorted(names[identifier].items())),
                surfaces=tuple(sorted(surfaces[identifier])),
                wikidata=m.wikidata or _item(links.get(identifier)),
                geonames=m.geonames,
                lat=m.lat,
                lon=m.lon,
                country=m.country,
                region=m.region,
                confidence=m.confidence,
                link=links.get(identifier),
            )
        )
    return found


def _item(link: EntityLink | None) -> str | None:
    """The item of a thing that only words for its people name here: they have none, and it keeps its own."""
    return link.candidates[0].wikidata if link and link.property == "exactMatch" else None


def _standing(one: Mention | Contribution) -> tuple[bool, float, str, str]:
    return (
        one.wikidata is None,
        -one.confidence,
        one.wikidata or "",
        f"{one.geonames} {one.lat} {one.lon} {one.country} {one.region}",
    )


class EntityTable:
    """Gathers what articles say; the result does not depend on their order."""

    def __init__(self) -> None:
        self._labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._surfaces: defaultdict[str, set[str]] = defaultdict(set)
        self._best: dict[str, Contribution] = {}
        self._links: dict[str, EntityLink] = {}
        self._outlets: set[str] = set()
        self._referred: set[str] = set()

    def add(self, record: Extraction) -> None:
        """Notes the mentions of one article, and every identifier that its assertions refer to."""
        for contribution in contributions(record):
            self.take(contribution)
        self._outlets.update(outlet_names(record))

    def take(self, one: Contribution) -> None:
        """Notes what an article says of one thing."""
        self._referred.add(one.id)
        if one.names:
            labels = self._labels[one.id]
            for name, count in one.names:
                labels[name] += count
            self._surfaces[one.id].update(one.surfaces)
            if one.id not in self._best or one.rank < self._best[one.id].rank:
                self._best[one.id] = one
        if one.link and (one.id not in self._links or link_rank(one.link) < link_rank(self._links[one.id])):
            self._links[one.id] = one.link

    def entities(self) -> dict[str, Entity]:
        """Every entity by identifier, sorted."""
        found = {i: self.entity(i) for i in sorted(self._referred)}
        for name, identifier in self.outlets().items():
            found.setdefault(identifier, Entity(identifier, EntityType.ORGANISATION, name))
        return dict(sorted(found.items()))

    def outlets(self) -> dict[str, str]:
        """The entity of each publisher and agency by the name that articles give: a known organisation, else its own."""
        known: dict[str, str] = {}
        for identifier in sorted(self._surfaces, reverse=True):
            known.update((name, identifier) for name in self.known_as(identifier))
        return {name: known.get(name.casefold()) or unknown_outlet(name) for name in sorted(self._outlets)}

    def known_as(self, identifier: str) -> set[str]:
        """The names, without case, by which an outlet is recognised as this organisation; none for other things."""
        if not identifier.startswith(EntityType.ORGANISATION) or identifier not in self._surfaces:
            return set()
        return {name.casefold() for name in (*self._surfaces[identifier], *self._labels[identifier])}

    def entity(self, identifier: str) -> Entity:
        """One entity that some article names or refers to."""
        if identifier not in self._best:  # only a description, never a name
            kind, _, slug = identifier.partition("/")
            return Entity(identifier, EntityType(kind), slug.replace("-", " "))
        best = self._best[identifier]
        counts = self._labels[identifier]
        label = min(counts, key=lambda name: (-counts[name], -len(name), name))
        return Entity(
            id=identifier,
            type=EntityType(identifier.partition("/")[0]),
            label=label,
            names=tuple(sorted(self._surfaces[identifier] - {label})),
            wikidata=best.wikidata,
            geonames=best.geonames,
            lat=best.lat,
            lon=best.lon,
            country=best.country,
            region=best.region,
            link=self._links.get(identifier),
        )


def outlet_names(record: Extraction) -> list[str]:
    """The publisher and the agencies of an article, by the names that it gives."""
    return list(dict.fromkeys(name for name in (record.publisher, *record.agencies) if name))


def unknown_outlet(name: str) -> str:
    """The identifier of an outlet that no article names as an organisation."""
    return f"organisation/{slug(name)}"


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
        yield from filter(None, (quote.speaker, *(quote.together_with or ()), quote.relayed_by, quote.addressee))
    for figure in record.figures:
        yield from filter(None, (figure.place, figure.attributed_to, *figure.relayed_by))
    for position in record.positions:
        yield from filter(None, (position.holder, position.organisation))
