"""A person with only a surname in one article and the full name in another: one only where more than that says so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from kg.link.authority import fold
from kg.resolve.namesakes import Part, differing_links
from kg.resolve.occurrences import Occurrence
from kg.vocabulary import EntityType

# A position and its body in common: few people of one surname hold the same.
POSITION = 0.85
# Company kept in one article each, near in time.
KEPT = 0.7
# Least number of things in common with one article, and least share of the smaller article's company.
COMMON, SHARE = 3, 0.5
# Days between two articles on the same matter.
NEAR = 7
# A post is held for years, but not for ever.
TERM = 3 * 365
AMBIGUOUS = "the same surname, and more than one fits"
# What more occurrences of one surname than this keep company with tells nothing.
TOO_COMMON = 64


def join_surnames(parts: list[Part], bare: list[Occurrence]) -> tuple[list[Part], list[tuple[Part, Part, str]]]:
    """The parts with those people of `bare` taken in that are known; the others stand as parts of their own.

    Also pairs that are one only perhaps, with the reason: more than one bearer of the name fits.
    """
    wanted = {fold(o.name) for o in bare}
    index = _Index()
    for part in parts:
        if part.type is EntityType.PERSON:
            for one in part.occurrences:
                for surname in sorted({n.split()[-1] for n in one.names if " " in n} & wanted):
                    index.add(surname, part, one)
    found, apart = list(parts), []
    for one in sorted(bare, key=lambda o: o.key):
        candidates = index.find(fold(one.name), one)
        if len(candidates) == 1:
            part, ground, sure = candidates[0]
            part.reasons.append((one, "surname", ground, sure))
            part.add(one)
        else:
            part = Part(one)
            found.append(part)
            apart += [(part, c, f"{AMBIGUOUS}: {ground}") for c, ground, _ in candidates[:3]]
        index.add(fold(one.name), part, one)
    return found, apart


class _Index:
    """Who bears a surname, by position and by company and week."""

    def __init__(self) -> None:
        self._posts: defaultdict[tuple[str, str, str], dict[int, _Holder]] = defaultdict(dict)
        self._company: defaultdict[tuple[str, str, int], list[tuple[Part, Occurrence, int]]] = defaultdict(list)

    def add(self, surname: str, part: Part, one: Occurrence) -> None:
        """Notes an occurrence of somebody with that surname; without a date nothing is near it."""
        day = _ordinal(one.day)
        if day is None:
            return
        for word in one.words:
            for office in one.offices:
                holder = self._posts[surname, word, office].setdefault(id(part), _Holder(part, one, day, day))
                holder.began, holder.ended = min(holder.began, day), max(holder.ended, day)
        for thing in one.company:
            self._company[surname, thing, day // NEAR].append((part, one, day))

    def find(self, surname: str, one: Occurrence) -> list[tuple[Part, str, float]]:
        """The people who fit: by position if any does, else by company; the first by day and article first."""
        found: dict[int, tuple[Part, str, float]] = {}
        day = _ordinal(one.day)
        if day is None:
            return []
        for word in sorted(one.words):
            for office in sorted(one.offices):
                for holder in self._posts.get((surname, word, office), {}).values():
                    if holder.began - TERM <= day <= holder.ended + TERM:
                        other = holder.first
                        ground = f"the same surname and position ({word}, {office}) as {other.name} in {other.article}"
                        found.setdefault(id(holder.part), (holder.part, ground, POSITION))
        if not found:
            found = self._by_company(surname, one, day)
        return [c for c in found.values() if not differing_links(c[0].links, one.links)]

    def _by_company(self, surname: str, one: Occurrence, day: int) -> dict[int, tuple[Part, str, float]]:
        common: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        bearers: dict[tuple[str, str], tuple[Part, Occurrence]] = {}
        for thing in sorted(one.company):
            weeks = range(day // NEAR - 1, day // NEAR + 2)
            listed = [bearer for week in weeks for bearer in self._company.get((surname, thing, week), ())]
            for part, other, when in listed if len(listed) <= TOO_COMMON else ():
                if abs(when - day) <= NEAR and other.article != one.article and thing not in (other.id, one.id):
                    common[other.key[1:]].add(thing)
                    bearers[other.key[1:]] = part, other
        found: dict[int, tuple[Part, str, float]] = {}
        for key in sorted(common, key=lambda k: (-len(common[k]), k)):
            part, other = bearers[key]
            smaller = min(len(one.company), len(other.company - {other.id}))
            clash = one.words and part.words and one.words.isdisjoint(part.words)
            if clash or len(common[key]) < max(COMMON, SHARE * smaller):
                continue
            named = ", ".join(sorted(i.rpartition("/")[2] for i in common[key])[:4])
            ground = f"the same surname and company as {other.name} in {other.article}, within {NEAR} days: {named}"
            found.setdefault(id(part), (part, ground, KEPT))
        return found


@dataclass(slots=True)
class _Holder:
    """Somebody with a position: the first article that says so, the first and the last day."""

    part: Part
    first: Occurrence
    began: int
    ended: int


def _ordinal(day: str) -> int | None:
    """A day, month or year as a number of days; None without one."""
    year, month, number = ([int(p) for p in day[:10].split("-") if p.isdigit()] + [1, 1, 1])[:3] if day else (0, 1, 1)
    try:
        return date(year, month, number).toordinal()
    except ValueError:
        return None
