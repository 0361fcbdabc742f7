"""Things of one name: which of them are one, and what keeps the others apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from math import asin, cos, radians, sin, sqrt

from kg.resolve.occurrences import Occurrence, generic
from kg.vocabulary import EntityType

# Two places of one name that lie further apart (km) are two: more than the reach of a large city.
FAR = 50.0
# Common company from which people with different positions may still be one: posts change, surroundings stay.
CLASH = 3
# Least places and least company on both sides from which having nothing in common speaks against one person.
PLACES, COMPANY = 2, 4
# Namesakes compared with each other, so that a name borne by very many stays linear.
COMPARED = 64
EARTH = 6371.0
NONE: frozenset[str] = frozenset()


class Part:
    """Occurrences that are taken for one thing, and the reasons why."""

    __slots__ = (
        "company",
        "first",
        "links",
        "names",
        "occurrences",
        "offices",
        "outlets",
        "own",
        "places",
        "points",
        "reasons",
        "supported",
        "type",
        "words",
    )

    def __init__(self, occurrence: Occurrence) -> None:
        self.type: EntityType = occurrence.type
        self.first = occurrence
        self.occurrences: list[Occurrence] = []
        self.links: Set[str] = NONE
        self.names: Set[str] = NONE
        self.words: Set[str] = NONE
        self.offices: Set[str] = NONE
        self.company: Set[str] = NONE
        self.places: Set[str] = NONE
        self.outlets: Set[str] = NONE
        self.own: set[str] = set()
        self.points: list[tuple[float, float]] = []
        self.supported = True
        self.reasons: list[tuple[Occurrence, str, str, float]] = []
        self.add(occurrence)

    def add(self, one: Occurrence) -> None:
        """Takes an occurrence in."""
        self.occurrences.append(one)
        self.first = min(self.first, one, key=lambda o: o.key)
        self.links = _union(self.links, one.links)
        self.names = _union(self.names, one.names)
        self.words = _union(self.words, one.words)
        self.offices = _union(self.offices, one.offices)
        self.company = _union(self.company, one.company)
        self.places = _union(self.places, one.places)
        self.outlets = _union(self.outlets, one.outlets)
        self.own.add(one.id)
        if one.point and one.point not in self.points and len(self.points) < COMPARED:
            self.points.append(one.point)

    def absorb(self, other: Part) -> None:
        """Takes all of another part in, which is empty afterwards."""
        for one in other.occurrences:
            self.add(one)
        self.reasons += other.reasons
        self.supported &= other.supported
        other.occurrences, other.reasons = [], []

    def shared(self, other: Part) -> set[str]:
        """The company that both keep, without themselves."""
        small, large = sorted((self.company, other.company), key=len)
        return {i for i in small if i in large and i not in self.own and i not in other.own}

    def __repr__(self) -> str:
        return f"Part({sorted(self.own)}, {len(self.occurrences)})"


def _union(mine: Set[str], new: frozenset[str]) -> Set[str]:
    """Both sets. The first one is taken as it is: most things occur once, and copies would cost more than the comparing."""
    if new <= mine:
        return mine
    if isinstance(mine, set):
        mine |= new
        return mine
    return {*mine, *new} if mine else new


def against(a: Part, b: Part) -> str:
    """What speaks against two namesakes being one, in words; nothing if it is empty."""
    if different := differing_links(a.links, b.links):
        return different
    if a.points and b.points and min(distance(p, q) for p in a.points[:4] for q in b.points[:4]) > FAR:
        return f"more than {FAR:.0f} km apart"
    if a.type is EntityType.PERSON:
        return _against_persons(a, b)
    if is_generic(a) and a.places and b.places and a.places.isdisjoint(b.places):
        return f"a name that many bear, with different places: {_some(a.places)}; {_some(b.places)}"
    return ""


def differing_links(a: Iterable[str], b: Iterable[str]) -> str:
    """Whether two sets of links name different items of one authority."""
    for authority in ("wikidata", "geonames"):
        one, two = ({i for i in links if i.startswith(authority)} for links in (a, b))
        if one and two and one.isdisjoint(two):
            return f"linked to different items: {_some(one)}; {_some(two)}"
    return ""


def _against_persons(a: Part, b: Part) -> str:
    shared = len(a.shared(b))
    if a.words and b.words:
        if shared >= CLASH or not a.offices.isdisjoint(b.offices):
            return ""
        if a.words.isdisjoint(b.words):
            return f"different positions: {_some(a.words)}; {_some(b.words)}"
        if a.offices and b.offices:
            return f"a position in different bodies or places: {_some(a.offices)}; {_some(b.offices)}"
        return ""
    if shared or not a.outlets.isdisjoint(b.outlets):
        return ""
    if min(len(a.places), len(b.places)) >= PLACES and min(len(a.company), len(b.company)) > COMPANY:
        return f"no place and no name in common: {_some(a.places)}; {_some(b.places)}"
    return ""


def support(a: Part, b: Part) -> int:
    """How much speaks for two namesakes with nothing against them being one: company, points, positions (double)."""
    words = a.type is EntityType.PERSON and not a.words.isdisjoint(b.words)
    near = bool(a.points and b.points)
    return len(a.shared(b)) + near + 2 * words + (not a.outlets.isdisjoint(b.outlets))


def is_generic(part: Part) -> bool:
    """Whether the name tells only the kind of thing."""
    return part.type in (EntityType.ORGANISATION, EntityType.PLACE) and not part.links and generic(part.first.name)


def partition(linked: list[Part], unlinked: list[Occurrence]) -> tuple[list[Part], list[Part]]:
    """The things behind one name and type: those told apart, and those of which it stays open who they are.

    `linked` are things that bear the name and have an item; they are added to. First come those whom a position
    describes, then the others, each by day; what nothing speaks for or against waits until it is known whether the name
    has several bearers.
    """
    parts = sorted(linked, key=lambda p: p.first.key)
    seeds = _seeds(unlinked)
    several = any(s.type is EntityType.PERSON or s.points for s in seeds) or bool(seeds and is_generic(seeds[0]))
    if not linked and not several:  # a distinctive name of a body, a group: one thing
        for seed in seeds[1:]:
            seeds[0].absorb(seed)
        return parts + seeds[:1], []
    waiting: list[Part] = []
    for seed in seeds:
        best = _best(parts, seed)
        if best:
            best.absorb(seed)
        elif all(against(part, seed) for part in parts[:COMPARED]):
            parts.append(seed)
        else:
            waiting.append(seed)
    _join(parts)
    open_: list[Part] = []
    for seed in waiting:
        best = _best(parts, seed)
        # A place without a link has namesakes among which the linker could not choose: its name alone is too little.
        alone = len(parts) == 1 and not (seed.type is EntityType.PLACE and parts[0].links)
        if best is None and alone and not against(parts[0], seed):
            best, seed.supported = parts[0], False
        if best:
            best.absorb(seed)
        else:
            open_.append(seed)
    return parts, open_


def _seeds(unlinked: list[Occurrence]) -> list[Part]:
    """Occurrences that hold the same position in the same body are one from the start; the others stand alone."""
    by_position: dict[tuple[str, str], Part] = {}
    merged: dict[int, Part] = {}
    parts: list[Part] = []
    for one in sorted(unlinked, key=lambda o: (not o.words, o.key)):
        keys = [(word, office) for word in sorted(one.words) for office in sorted(one.offices)]
        found = list({id(p): p for k in keys if k in by_position for p in [_root(merged, by_position[k])]}.values())
        part = found[0] if found else Part(one)
        if found:
            part.add(one)
            for other in found[1:]:
                part.absorb(other)
                merged[id(other)] = part
        else:
            parts.append(part)
        by_position.update((k, part) for k in keys)
    alive = [p for p in parts if id(p) not in merged]
    return sorted(alive, key=lambda p: (not p.words, p.first.key))


def _root(merged: dict[int, Part], part: Part) -> Part:
    while id(part) in merged:
        part = merged[id(part)]
    return part


def _best(parts: list[Part], seed: Part) -> Part | None:
    """The one namesake that most speaks for; None if nothing does, or as much for another."""
    scored = [(support(part, seed), part) for part in parts[:COMPARED] if not against(part, seed)]
    top = max((score for score, _ in scored), default=0)
    best = [part for score, part in scored if score == top]
    return best[0] if top and len(best) == 1 else None


def _join(parts: list[Part]) -> None:
    """Joins the parts that the company found since shows to be one."""
    if len(parts) > COMPARED:
        return
    again = True
    while again:
        again = False
        for i, a in enumerate(parts):
            for j in range(len(parts) - 1, i, -1):
                if not against(a, parts[j]) and support(a, parts[j]):
                    a.absorb(parts.pop(j))
                    again = True


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great-circle distance of two points (latitude, longitude in degrees), in km (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (*a, *b))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(h)))


def by_name(occurrences: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
    """Occurrences by folded name."""
    found: defaultdict[str, list[Occurrence]] = defaultdict(list)
    for one in occurrences:
        found[min(one.names, key=lambda n: (-len(n), n))].append(one)
    return found


def _some(things: Iterable[str]) -> str:
    names = sorted(t.rpartition("/")[2].replace("-", " ") for t in things)
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
