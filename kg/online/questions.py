"""What the store does not know for sure, as questions: the unlinked things, the most mentioned first, with their surroundings."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from kg.link.candidates import Choice
from kg.online.score import Question, stems
from kg.records import Extraction, Span
from kg.resolve import Resolution
from kg.resolve.entities import Entity
from kg.vocabulary import EntityType

# Raised when the scorer or what is asked changes, so that things are decided anew.
VERSION = 1
# Mentions and places whose surroundings are taken into account: the first ones, in the order of the articles' identifiers.
MENTIONS, PLACES = 20, 20
# The least characters a name has; one or two letters name everything.
LEAST = 3


def mention_counts(records: Iterable[Extraction], resolution: Resolution) -> Counter[str]:
    """How often each thing is named; an outlet also once for each article that it published."""
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(m.id for m in record.entities)
        counts.update({resolution.outlets[name] for name in (record.publisher, *record.agencies) if name})
    return counts


def open_entities(
    resolution: Resolution, counts: Mapping[str, int], links: Mapping[str, Choice], kind: EntityType | None = None
) -> list[Entity]:
    """The things without a sure link, the most mentioned first: those without an item, and those whose match is only close
    (by the records, or by an earlier answer), save what an exact match was found for.

    A person with a single name is left out: a bare surname is nobody in particular.
    """
    found = []
    for entity in resolution.entities.values():
        choice = links.get(entity.id)
        sure = entity.wikidata and not (entity.link and entity.link.property == "closeMatch")
        if sure or not counts.get(entity.id) or (choice and choice.property == "exactMatch"):
            continue
        if kind not in (None, entity.type) or len(entity.label) < LEAST or not any(c.isalpha() for c in entity.label):
            continue
        if entity.type == EntityType.PERSON and len(entity.label.split()) < 2:
            continue
        found.append(entity)
    return sorted(found, key=lambda e: (-counts[e.id], e.id))


def questions(records: Iterable[Extraction], entities: Iterable[Entity]) -> list[Question]:
    """A question for each entity, in their order, with what the articles say around its mentions."""
    wanted = {e.id: e for e in entities}
    words: defaultdict[str, set[str]] = defaultdict(set)
    company: defaultdict[str, set[str]] = defaultdict(set)
    near: defaultdict[str, dict[tuple[float, float], None]] = defaultdict(dict)
    years: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for record in records:
        here = {m.id for m in record.entities if m.id in wanted}
        if not here:
            continue
        if record.date and record.date[:4].isdigit():
            for identifier in here:
                years[identifier] = min(int(record.date[:4]), years.get(identifier, 9999))
        items = {m.id: m.wikidata for m in record.entities if m.wikidata}
        places = {m.id: (m.lat, m.lon) for m in record.entities if m.lat is not None and m.lon is not None}
        for identifier in here:
            company[identifier].update(item for other, item in items.items() if other != identifier)
            for other, (lat, lon) in sorted(places.items()):
                if other != identifier and len(near[identifier]) < PLACES:
                    near[identifier][lat or 0.0, lon or 0.0] = None
        for position in record.positions:
            if position.holder in here:
                words[position.holder] |= stems(position.title)
        for identifier, sentence in _sentences(record):
            if identifier in wanted and seen[identifier] < MENTIONS:
                seen[identifier] += 1
                words[identifier] |= stems(record.text[slice(*sentence)])
    return [
        Question(
            id=e.id,
            type=e.type,
            label=e.label,
            names=e.names,
            words=frozenset(words[e.id] - stems(e.label)),
            company=frozenset(company[e.id]),
            near=tuple(near[e.id]),
            year=years.get(e.id),
            geonames=e.geonames,
            lat=e.lat,
            lon=e.lon,
        )
        for e in wanted.values()
    ]


def digest(question: Question, service: str) -> str:
    """A digest of everything that a choice is made from at our end, and of the service that is asked."""
    data = asdict(question) | {key: sorted(getattr(question, key)) for key in ("words", "company")}
    return hashlib.sha256(json.dumps([VERSION, service, data], sort_keys=True).encode()).hexdigest()


def _sentences(record: Extraction) -> Iterator[tuple[str, Span]]:
    """Each mention's entity with the sentence around it."""
    position, sentences = 0, record.sentences
    for mention in sorted(record.entities, key=lambda m: (m.start, m.end)):
        while position < len(sentences) and sentences[position][1] <= mention.start:
            position += 1
        if position < len(sentences) and sentences[position][0] <= mention.start:
            yield mention.id, sentences[position]
