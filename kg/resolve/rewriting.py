"""An extraction record with the identifiers, links and labels that hold across articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kg.records import EntityLink, Extraction, Mention
from kg.resolve.entities import references
from kg.vocabulary import EntityType

WIKIDATA = "http://www.wikidata.org/entity/"
GEONAMES = "https://sws.geonames.org/"


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What a person decided on the links of a thing: the item to have, and those not to have, as IRIs."""

    item: str | None = None
    rejected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rewriting:
    """`ids`: (article, its identifier) to the shared identifier where it differs; `links`, `labels` by shared one."""

    ids: Mapping[tuple[str, str], str] = field(default_factory=dict)
    links: Mapping[str, LinkChange] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def apply(record: Extraction, mapping: Rewriting) -> Extraction:
    """The record with shared identifiers in the place of its own, everywhere; the same object where nothing changes."""
    named = {m.id for m in record.entities}
    referred = named | set(references(record))
    ids = {i: mapping.ids[record.id, i] for i in referred if (record.id, i) in mapping.ids}
    shared = {ids.get(i, i) for i in named}
    if not ids and not any(i in mapping.links or i in mapping.labels for i in shared):
        return record

    def to(identifier: str | None) -> str | None:
        return ids.get(identifier, identifier) if identifier else identifier

    def always(identifier: str) -> str:
        return ids.get(identifier, identifier)

    return replace(
        record,
        entities=tuple(_mention(m, always(m.id), mapping) for m in record.entities),
        links=tuple(_decided(replace(link, id=always(link.id)), mapping) for link in record.links),
        coreference=tuple(replace(c, id=always(c.id)) for c in record.coreference),
        events=tuple(
            replace(e, attributed_to=to(e.attributed_to), args=tuple(replace(a, id=to(a.id)) for a in e.args))
            for e in record.events
        ),
        quotes=tuple(
            replace(
                q,
                speaker=to(q.speaker),
                together_with=tuple(dict.fromkeys(map(always, q.together_with))) if q.together_with else None,
                relayed_by=to(q.relayed_by),
                addressee=to(q.addressee),
            )
            for q in record.quotes
        ),
        figures=tuple(
            replace(
                f,
                place=to(f.place),
                attributed_to=to(f.attributed_to),
                relayed_by=tuple(dict.fromkeys(map(always, f.relayed_by))),
            )
            for f in record.figures
        ),
        positions=tuple(replace(p, holder=always(p.holder), organisation=to(p.organisation)) for p in record.positions),
    )


def _mention(mention: Mention, shared: str, mapping: Rewriting) -> Mention:
    kind = EntityType(shared.partition("/")[0])
    if shared != mention.id or kind is not mention.type:
        mention = replace(mention, id=shared, type=kind)
    if shared in mapping.labels:
        mention = replace(mention, name=mapping.labels[shared])
    change = mapping.links.get(shared)
    return _linked(mention, change) if change else mention


def _decided(link: EntityLink, mapping: Rewriting) -> EntityLink:
    """A link as decided: the first candidate accepted is an exact match, rejected or replaced it is none."""
    change = mapping.links.get(link.id)
    if change is None or not link.candidates:
        return link
    first = link.candidates[0]
    target = WIKIDATA + first.wikidata if first.wikidata else f"{GEONAMES}{first.geonames}/"
    if change.item:
        return replace(link, property="exactMatch" if change.item == target else None)
    return replace(link, property=None) if target in change.rejected else link


def _linked(mention: Mention, change: LinkChange) -> Mention:
    """A mention with the decided items. Where an item is taken away, what came with it goes too: where the place lies."""
    wikidata, geonames = decided_items(mention.wikidata, mention.geonames, change)
    moved = mention.wikidata not in (None, wikidata) or mention.geonames not in (None, geonames)
    if moved:
        mention = replace(mention, lat=None, lon=None, country=None, region=None)
    return replace(mention, wikidata=wikidata, geonames=geonames)


def decided_items(wikidata: str | None, geonames: int | None, change: LinkChange) -> tuple[str | None, int | None]:
    """The items of a thing in Wikidata and GeoNames after a decision. They were found together, so they go together."""
    item, place = wikidata, geonames
    if wikidata and WIKIDATA + wikidata in change.rejected:
        item = place = None
    if geonames is not None and f"{GEONAMES}{geonames}/" in change.rejected:
        place = None
    if change.item and change.item.startswith(WIKIDATA):
        decided = change.item.removeprefix(WIKIDATA)
        item, place = decided, place if wikidata in (None, decided) else None
    elif change.item and change.item.startswith(GEONAMES):
        place = int(change.item.removeprefix(GEONAMES).strip("/"))
    return item, place
