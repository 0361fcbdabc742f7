"""Extraction records in any number, made from a few by changing names, words, numbers and dates: the same each time.

Words are exchanged for made-up ones of the same length, so that all offsets stay. Some names stay as they are and others
recur in a few variants, as names in the news do. The records are a stream: so many articles a day, however many there are,
each telling of the days about its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from kg.link.authority import slug
from kg.records import Extraction, from_json, to_json

NAME = re.compile(r"[A-Z][a-z’'-]*[a-z][\w’'-]*")
WORD = re.compile(r"\b[a-z]{6,}\b")
# Of a hundred names so many stay, and of a hundred longer words so many change.
STAY, CHANGE = 15, 30
# Variants of one record that share a made-up name with each other.
FAMILY = 8
# Articles of one day, and the first day: what a newspaper publishes, or a wire service on one region.
PER_DAY = 50
BEGINNING = date(2020, 1, 1)
IDENTIFIED = ("id", "speaker", "relayedBy", "place", "attributedTo", "holder", "organisation")
DATED = ("start", "end", "since", "asOf")


def records(originals: Sequence[Extraction], count: int, first: int = 0) -> Iterator[Extraction]:
    """That many records, from the one with that number on: the originals, then their variants, in the order of their days."""
    for number in range(first, first + count):
        original, variant = originals[number % len(originals)], number // len(originals)
        yield _Variant(original, variant, BEGINNING + timedelta(days=number // PER_DAY)).record()


def _written(record: Extraction) -> date:
    """The day of a record; of one without a date the last day that it tells of."""
    days = [record.date] if record.date else [e.time.start for e in record.events if e.time and e.time.start]
    found = []
    for day in days:
        with suppress(ValueError):
            found.append(date.fromisoformat(day[:10]))
    return max(found, default=BEGINNING)


class _Variant:
    """One of the variants of a record, of a day; the first one, 0, keeps its names and words."""

    def __init__(self, original: Extraction, number: int, day: date) -> None:
        self._original, self._number, self._day = original, number, day
        self._random = Random(f"{original.id} {number}")
        self._shift = day - _written(original)
        self._ids: dict[str, str] = {}

    def record(self) -> Extraction:
        """The record."""
        original = self._original
        text = self._text(original.text, [(m.start, m.end) for m in original.entities])
        for mention in original.entities:
            name = self._name(mention.name)
            if name != mention.name:
                bare = mention.id.endswith(original.id)
                own = f"{mention.type.value}/{slug(name)}" + (f"-in-{self._id}" if bare else "")
                self._ids.setdefault(mention.id, own)
        data = to_json(replace(original, text="", title=None))
        data = self._changed(data)
        data |= {"id": self._id, "source": f"{self._id}.txt", "text": text, "title": original.title}
        data["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        data["date"] = self._day.isoformat()
        return from_json(Extraction, data)

    @property
    def _id(self) -> str:
        return f"{self._original.id}-{self._number}"

    def _changed(self, value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [self._changed(item, key) for item in value]
        if isinstance(value, dict):
            changed = {k: self._changed(v, k) for k, v in value.items()}
            if value.get("id") in self._ids:
                for gone in ("wikidata", "geonames", "lat", "lon", "property", "candidates"):
                    changed.pop(gone, None)
            if key == "entities":
                changed["name"] = self._name(value["name"])
            return changed
        if isinstance(value, str):
            if value.startswith("event/"):
                return f"event/{hashlib.sha256(f'{self._id} {value}'.encode()).hexdigest()[:16]}"  # no other article's
            if key in IDENTIFIED:
                return self._ids.get(value, value)
            return self._date(value) if key in DATED else value
        return value * (1 + self._number % 7) if key in ("value", "min", "max") and value is not None else value

    def _date(self, day: str | None) -> str | None:
        try:
            return (date.fromisoformat(day or "") + self._shift).isoformat()
        except ValueError:
            return day

    def _name(self, name: str) -> str:
        return NAME.sub(lambda found: self._word(found[0], name=True), name)

    def _text(self, text: str, spans: Iterable[tuple[int, int]]) -> str:
        pieces, at = [], 0
        for start, end in sorted(set(spans)):
            if start >= at:
                pieces += [WORD.sub(self._exchanged, text[at:start]), self._name(text[start:end])]
                at = end
        return "".join([*pieces, WORD.sub(self._exchanged, text[at:])])

    def _exchanged(self, found: re.Match[str]) -> str:
        return self._word(found[0], name=False) if self._random.random() * 100 < CHANGE else found[0]

    def _word(self, word: str, *, name: bool) -> str:
        """A made-up word of the same length."""
        if not self._number:
            return word
        chance = Random(word)
        if name and chance.random() * 100 < STAY:
            return word
        family = self._number if chance.random() < 0.7 else -(self._number // FAMILY)
        chance = Random(f"{word} {family if name else self._random.randint(0, 30)}")
        letters = "".join(chance.choice("aeiou" if i % 2 else "bdfgklmnprstvz") for i in range(len(word)))
        return letters.capitalize() if name else letters
