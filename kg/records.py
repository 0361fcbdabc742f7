"""The frozen records that the stages hand on: an article as read, its page layout, and what was extracted from it.

All offsets are Unicode code points into `text`, 0-based, end-exclusive: `text[start:end]` is the surface.
Identifiers of entities and events are relative to the store's base IRI (`person/benjamin-netanyahu`).
"""

from __future__ import annotations

import types
import typing
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from kg.vocabulary import (
    Attitude,
    Comparator,
    EntityType,
    EventType,
    Factuality,
    Measure,
    QuoteKind,
    Role,
    Scope,
    TimexType,
)

Span = tuple[int, int]
# Between an article's identifier and the number of an earlier version of it.
VERSION_MARK = "@version-"
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as read: its text, and the metadata its container states (None where it states none).

    `source` is the path relative to the folder that was given, so that it is the same on every machine.
    `sha256` is the digest of `text` in UTF-8: offsets index that version.
    """

    id: str
    source: str
    sha256: str
    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None
    publisher: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An input that gives no article. `source` names it as `Article.source` does (with its line or record where it has
    several) or as the user gave it; `reason` says what is wrong and what to do. The other inputs go on.
    """

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the layout of an article tells: its furniture and its metadata.

    `noise` are the spans that are page furniture, not news text (sorted, disjoint). `headlines` are headings inside the text.
    `breaks` are offsets where a new block (heading, caption, paragraph) begins, so that no sentence runs across.
    `date` is ISO 8601, possibly only a year and month; `date_confidence` is 1 where the article states it.
    `dateline` is the span of the place at the head of the story ("JERUSALEM" in "JERUSALEM, March 22 (Xinhua) --").
    """

    title: str | None = None
    title_span: Span | None = None
    date: str | None = None
    date_confidence: float = 0.0
    dateline: Span | None = None
    publisher: str | None = None
    agencies: tuple[str, ...] = ()
    noise: tuple[Span, ...] = ()
    headlines: tuple[Span, ...] = ()
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in the text and the entity it stands for; `name` is the entity's fullest name in the article or its label.

    `country` (an item) and `region` (its name) are those that a known place lies in.
    """

    start: int
    end: int
    type: EntityType
    name: str
    id: str
    wikidata: str | None = None
    geonames: int | None = None
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    region: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCandidate:
    """An item that was considered for an entity, in Wikidata or in GeoNames. `score` is from 0 to 1."""

    label: str
    score: float
    wikidata: str | None = None
    geonames: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityLink:
    """How an entity of the article was linked: `property` (exactMatch, closeMatch, or none), the candidates, best first.

    `none` is the score of "none of them", `method` what found the candidates, `index` the SHA-256 of where they are from.
    """

    id: str
    property: str | None = None
    candidates: tuple[LinkCandidate, ...] = ()
    none: float = 1.0
    method: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coreference:
    """A pronoun or description that stands for a named entity of the article."""

    start: int
    end: int
    id: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What takes part in an event; `id` where the words stand for a known entity (or, for a time, None)."""

    role: Role
    start: int
    end: int
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """First and last day (or month, or year), ISO 8601; None is open or unknown."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A happening as the article presents it; `also` are further triggers of the same happening.

    Each of these has a record of its own after it, with the same `id` and what its own words say."""

    id: str
    trigger: Span
    type: EventType
    factuality: Factuality
    evidence: Span
    also: tuple[Span, ...] = ()
    args: tuple[Argument, ...] = ()
    time: Period | None = None
    attributed_to: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A statement that somebody made: content span(s), speaker's words, cue, the speaker's entity, who relays it, and who
    is addressed. `together_with` are the others who made it with the speaker ("Lee and Orr said").

    `attitude` is what the speaker does with the content, as the cue has it; None where there is no cue. `factuality` is
    whether the article says that it was said: "did not admit" and "will announce" are no statements.
    """

    kind: QuoteKind
    content: tuple[Span, ...]
    source: Span | None = None
    cue: Span | None = None
    speaker: str | None = None
    together_with: tuple[str, ...] | None = None
    relayed_by: str | None = None
    addressee: str | None = None
    attitude: Attitude | None = None
    factuality: Factuality = Factuality.ASSERTED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with what it counts. `min` and `max` only where the words give a bound. `attributed_to` is the nearest
    source, `relayed_by` those from whom the article has it, the nearest to the source first.

    `surface` is the number with the words that bound it ("at least 40", "40 or more"); `scope` is None where the
    words leave open of what it is the count.
    """

    number: Span
    comparator: Comparator
    measure: Measure
    evidence: Span
    surface: Span | None = None
    scope: Scope | None = None
    value: float | int | None = None
    min: float | int | None = None
    max: float | int | None = None
    unit: str | None = None
    population: str | None = None
    place: str | None = None
    since: str | None = None
    as_of: str | None = None
    attributed_to: str | None = None
    relayed_by: tuple[str, ...] = ()
    event: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A title that somebody holds, as the article words it."""

    holder: str
    title: str
    evidence: Span
    organisation: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timex:
    """A time expression with its TIMEX3 type and value."""

    start: int
    end: int
    type: TimexType
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything extracted from one article: one line of `kg extract`. `revises` is the identifier of the earlier version
    that a store keeps of it (`kg.versions`); extraction leaves it open."""

    id: str
    source: str
    sha256: str
    text: str
    lang: str = "en"
    title: str | None = None
    date: str | None = None
    publisher: str | None = None
    agencies: tuple[str, ...] = ()
    url: str | None = None
    dateline: Span | None = None
    noise: tuple[Span, ...] = ()
    sentences: tuple[Span, ...] = ()
    entities: tuple[Mention, ...] = ()
    links: tuple[EntityLink, ...] = ()
    coreference: tuple[Coreference, ...] = ()
    events: tuple[Event, ...] = ()
    quotes: tuple[Quote, ...] = ()
    figures: tuple[Figure, ...] = ()
    positions: tuple[Position, ...] = ()
    timex: tuple[Timex, ...] = ()
    revises: str | None = None

    @property
    def happenings(self) -> tuple[Event, ...]:
        """The first record of each event: of those that share an identifier the one that stands for all. What is only the
        saying of a quotation is left out: the quotation tells who said what."""
        cues = {quote.cue for quote in self.quotes if quote.cue}
        found: dict[str, Event] = {}
        for event in self.events:
            if event.type is not EventType.STATEMENT or event.trigger not in cues:
                found.setdefault(event.id, event)
        return tuple(found.values())


def part_names(kind: str, spans: Iterable[Span]) -> list[str]:
    """The names of an article's statements, figures or positions, by where they begin: `figure-70`; a second one there is
    `figure-70-2`. They are the fragments of their IRIs."""
    seen: Counter[int] = Counter()
    names = []
    for start, _ in spans:
        seen[start] += 1
        names.append(f"{kind}-{start}" if seen[start] == 1 else f"{kind}-{start}-{seen[start]}")
    return names


def camel(name: str) -> str:
    """The record's spelling of a field name: `as_of` is `asOf`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


_PLAIN = frozenset((str, int, float, bool, type(None)))


def to_json(record: Any) -> Any:
    """A record as plain JSON values; absent ones (None) are left out."""
    kind: Any = type(record)
    if kind in _PLAIN:  # most values by far
        return record
    if kind is tuple or kind is list:
        return [item if type(item) in _PLAIN else to_json(item) for item in record]
    if isinstance(record, StrEnum):
        return record.value
    names = _names(kind)
    if names is None:
        return [to_json(item) for item in record] if isinstance(record, (tuple, list)) else record
    pairs = ((key, getattr(record, name)) for name, key in names)
    return {key: to_json(value) for key, value in pairs if value is not None}


def from_json(cls: type[R], data: dict[str, Any]) -> R:
    """The inverse of `to_json`; unknown keys are ignored, missing ones take their default."""
    return typing.cast(R, _record_reader(typing.cast(Hashable, cls))(data))


@cache
def _names(cls: Any) -> list[tuple[str, str]] | None:
    """The fields of a record with their spelling in JSON; None for what is no record."""
    return [(f.name, camel(f.name)) for f in fields(cls)] if is_dataclass(cls) else None


@cache
def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """What turns JSON into a value of a type; None where nothing is to be done. Made once for a type: records are read
    by the thousand."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _reader(next(a for a in args if a is not type(None))) if len(args) == 2 else None
    if origin is tuple and args[-1] is Ellipsis:
        inner = _reader(args[0])
        return (lambda data: tuple(map(inner, data))) if inner else tuple
    if origin is tuple:
        return tuple
    if is_dataclass(kind) and isinstance(kind, type):
        return _record_reader(kind)
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None


@cache
def _record_reader(cls: Any) -> Callable[[dict[str, Any]], Any]:
    hints = typing.get_type_hints(cls)
    known = {camel(f.name): (f.name, _reader(hints[f.name])) for f in fields(cls)}

    def read(data: dict[str, Any]) -> Any:
        values = {}
        for key, value in data.items():
            if value is not None and key in known:
                name, reader = known[key]
                values[name] = reader(value) if reader else value
        return cls(**values)

    return read
