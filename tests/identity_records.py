"""Small records with invented people, for the tests of identity, decisions and review."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from kg.build import Report, publish
from kg.link.authority import slug
from kg.records import Extraction, Mention, Position, Quote
from kg.settings import BY_NAME
from kg.state import State
from kg.store import Store
from kg.vocabulary import EntityType, QuoteKind

TYPES = {t.value: t for t in EntityType}
# A thing as `kind: name`, `kind: name = Q42`, or `person: Name, title @ place: name`.
MODEL = BY_NAME["model"].default
BASE = "http://example.org/news/"


def article(name: str, day: str | None, *things: str, publisher: str | None = None) -> Extraction:
    """A record that names the things one after another, as a linker would identify them within the article."""
    text, mentions, positions = "", [], []
    for thing in things:
        thing, _, title = thing.partition(", ")
        thing, _, item = thing.partition(" = ")
        kind, _, surface = thing.partition(": ")
        start = len(text)
        text += surface
        mentions.append(_mention(name, TYPES[kind], surface, item, start))
        if title:
            words, _, office = title.partition(" @ ")
            body = office and _mention(name, TYPES[office.partition(": ")[0]], office.partition(": ")[2], "", 0).id
            positions.append(
                Position(holder=mentions[-1].id, title=words, organisation=body or None, evidence=(start, len(text)))
            )
        text += ". "
    quotes = tuple(
        Quote(kind=QuoteKind.INDIRECT, content=((m.start, m.end),), speaker=m.id)
        for m in mentions
        if m.type is EntityType.PERSON
    )
    return Extraction(
        id=name,
        source=f"{name}.txt",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        date=day,
        publisher=publisher,
        sentences=tuple((m.start, m.end + 1) for m in mentions),
        entities=tuple(mentions),
        positions=tuple(positions),
        quotes=quotes,
    )


def _mention(article_id: str, kind: EntityType, name: str, item: str, start: int) -> Mention:
    own = f"{kind.value}/{slug(name)}"
    if kind is EntityType.PERSON and " " not in name:
        own += f"-in-{article_id}"
    point = (0.0, 0.0) if item.startswith("@") else None
    lat, lon = (float(n) for n in item[1:].split()) if point else (None, None)
    qid = item if item.startswith("Q") else None
    return Mention(
        start=start, end=start + len(name), type=kind, name=name, id=own, wikidata=qid, lat=lat, lon=lon, confidence=0.9
    )


def put(folder: Path, *records: Extraction) -> Report:
    """Puts records into a store, as a build does that extracted them."""
    report = Report()
    with Store.open(folder, base=BASE, create=True) as store, State(folder) as state:
        if records:
            state.put((r.sha256, r) for r in records)
        publish(store, state, report, "build", datetime.now(UTC), MODEL, lambda *_: None)
    return report
