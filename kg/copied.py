"""One extraction for articles that are the same but for their identifier and source: reprints, and files given twice.

A record depends on the article's identifier only in the identifiers of its events, and of people who are known by one
name, who may be somebody else in another article. So the record of one gives that of the other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from kg.records import Article, Extraction, to_json
from kg.resolve.rewriting import Rewriting, apply


def content_key(article: Article, version: str) -> str:
    """A digest of everything that the article's record depends on, but for its identifier and source."""
    data = to_json(replace(article, id="", source=""))
    return hashlib.sha256((version + json.dumps(data, sort_keys=True)).encode()).hexdigest()


def copied(record: Extraction, article: Article) -> Extraction:
    """The record of an article, from that of one with the same content."""
    old, new = (f"-in-{hashlib.sha256(i.encode()).hexdigest()[:8]}" for i in (record.id, article.id))
    events: dict[str, str] = {}
    for event in record.events:  # the first record of an event gives it its identifier
        events.setdefault(event.id, f"event/{_digest(article.id, event.type.value, event.trigger[0])}")
    named = {m.id for m in record.entities if m.id.endswith(old)}
    ids = {(record.id, i): i.removesuffix(old) + new for i in named}
    record = apply(record, Rewriting(ids))
    return replace(
        record,
        id=article.id,
        source=article.source,
        revises=None,
        events=tuple(replace(e, id=events[e.id]) for e in record.events),
        figures=tuple(replace(f, event=events.get(f.event, f.event)) if f.event else f for f in record.figures),
    )


def _digest(article: str, kind: str, offset: int) -> str:
    """As `kg.nlp.events.event_id` has it, without loading spaCy."""
    return hashlib.sha256(f"{article}\n{kind}\n{offset}".encode()).hexdigest()[:16]
