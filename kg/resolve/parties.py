"""Whether what two accounts name may be one: persons by their names, bodies by the words of theirs, places by where they are.

Used to find what excludes: two articles may call one man by two forms of his name, and one club with its town and without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from kg.link.authority import core
from kg.vocabulary import EntityType

# How an entity that only one article knows is told apart from others of the name.
_LOCAL = re.compile(r"-in-[0-9a-f]{8}$")
# Letters that a short form of a first name shares with the long one (Fred, Frederick).
_SHORT = 3
# What is kept at hand: accounts are compared day by day, and those of a day name few others.
CACHED = 1 << 14


@lru_cache(CACHED)
def _words(identifier: str) -> tuple[str, ...]:
    return tuple(_LOCAL.sub("", identifier.partition("/")[2]).split("-"))


def of_kind(identifiers: Collection[str], kind: EntityType) -> list[str]:
    """Those of one kind, in order."""
    return sorted(i for i in identifiers if i.startswith(f"{kind.value}/"))


def one_person(one: str, other: str) -> bool:
    """Whether two persons may be one: a surname in common, and first names that may be forms of one."""
    x, y = _words(one), _words(other)
    if len(x) == 1 or len(y) == 1:
        return bool(set(x) & set(y))
    a, b = x[0], y[0]
    return x[-1] == y[-1] and (a in y or b in x or 1 in (len(a), len(b)) or a[:_SHORT] == b[:_SHORT])


def one_body(one: str, other: str) -> bool:
    """Whether two bodies may be one: all words of one name are in the other."""
    x, y = set(_words(one)), set(_words(other))
    return x <= y or y <= x


def may_share(one: Collection[str], other: Collection[str]) -> bool:
    """Whether one of these may be one of those."""
    if set(one) & set(other):
        return True
    tests = ((EntityType.PERSON, one_person), (EntityType.ORGANISATION, one_body))
    return any(same(a, b) for kind, same in tests for a in of_kind(one, kind) for b in of_kind(other, kind))


def share_person(one: Collection[str], other: Collection[str]) -> bool:
    """Whether a person of these may be one of those."""
    return any(one_person(a, b) for a in of_kind(one, EntityType.PERSON) for b in of_kind(other, EntityType.PERSON))


def other_persons(one: Collection[str], other: Collection[str]) -> bool:
    """Whether both name persons, and none of these may be one of those."""
    named = of_kind(one, EntityType.PERSON) and of_kind(other, EntityType.PERSON)
    return bool(named) and not share_person(one, other)


@lru_cache(CACHED)
def contains(one: str, other: str) -> bool:
    """Whether one place is a country, and the other is not known to lie in another."""
    area, place = core().entries.get(one), core().entries.get(other)
    if area is None or area.kind != "country":
        return False
    return place is None or not place.country or place.country == area.qid


@lru_cache(CACHED)
def abroad(one: str, other: str) -> bool:
    """Whether two places are known to lie in two countries."""
    x, y = core().entries.get(one), core().entries.get(other)
    return bool(x and y and x.country and y.country and x.country != y.country)
