"""Entries of two tables that are one thing, and what the tables know of it together."""

from __future__ import annotations

from dataclasses import replace

from kg.link.authority import Entry, fold
from kg.link.geography import distance
from kg.link.legal_forms import legal_forms
from kg.vocabulary import EntityType

# Two tables may put one city so many kilometres apart; another of its name is farther away.
SAME_CITY = 30.0
# How the code of a division of GeoNames begins in an entry.
DIVISION = "adm-"


def is_bare(entry: Entry) -> bool:
    """Whether a table has an item of a place and nothing of where and how large it is."""
    listed = entry.id or (entry.code == "extra" and not entry.kind and not entry.admin)
    return bool(listed) and entry.lat is None and not entry.geonames and (not entry.country or not entry.id)


def is_unlisted(entry: Entry) -> bool:
    """Whether the core table knows it by name only, without an item."""
    return bool(entry.id) and not entry.qid


def is_town(entry: Entry) -> bool:
    """Whether it is a town, also one that the core table takes for the region around it."""
    return entry.kind in ("city", "capital") or (entry.kind == "region" and not entry.code and entry.population > 0)


def same(one: Entry, other: Entry) -> bool:
    """Whether an entry is one that was found in a table before: by item or number; cities also by region or position."""
    if one.type != other.type:
        return False
    if (one.qid and one.qid == other.qid) or (one.geonames and one.geonames == other.geonames):
        return True
    if one.qid and other.qid:
        return False
    if one.qid and not other.qid and not other.code:  # the core table knows the name, without an item
        return usual(one) == usual(other)
    if one.type != EntityType.PLACE or "country" in (one.kind, other.kind):
        return False
    if "county" in (one.kind, other.kind) and not (other.code == "extra" and other.lat is None):
        return False
    if one.code.startswith(DIVISION) and other.lat is None and not other.kind:  # an index's, without kind and position
        return one.country == other.country and fold(one.label) == fold(other.label)
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return bool(one.admin) and (fold(one.admin), one.country, fold(one.label)) == (
            fold(other.admin), other.country, fold(other.label)
        )  # fmt: skip
    if one.geonames and other.geonames:
        return False
    near = distance((one.lat, one.lon), (other.lat, other.lon)) < SAME_CITY
    if "region" in (one.kind, other.kind):  # Moscow is both; GeoNames has Hong Kong as a country
        return near and is_town(one) and is_town(other)
    return near and one.country == other.country


def usual(entry: Entry) -> str:
    """The name of a thing without regard to case and accents, of a body without the form that it is filed under: `Elm United F.C.`
    is `Elm United`."""
    words = fold(entry.label).split()
    if entry.type == EntityType.ORGANISATION:
        known = legal_forms()
        while len(words) > 1 and words[-1] in known.after:
            words.pop()
        while len(words) > 1 and words[0] in known.before:
            words.pop(0)
    return " ".join(words)


def merged(first: Entry, second: Entry) -> Entry:
    """The first entry with what only the second knows; a town keeps the identifier that towns have."""
    return replace(
        first,
        qid=first.qid or second.qid,
        geonames=first.geonames or second.geonames,
        lat=first.lat if first.lat is not None else second.lat,
        lon=first.lon if first.lat is not None else second.lon,
        kind=first.kind or second.kind,
        admin=first.admin or second.admin,
        population=first.population or second.population,
        description=first.description or second.description,
        weight=max(first.weight, second.weight),
        alias=first.alias and second.alias,
        code=second.code if first.code == "extra" else first.code,
    )
