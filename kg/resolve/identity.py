"""Which things of different articles are one, and why: a pure function of the set of records.

Things are compared only within a block (the same item, folded name, surname or acronym), never all with all, and with a
bounded number in each block, so the cost stays near-linear in the number of articles. `docs/identity.md` has the rules.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kg.link.authority import fold, slug
from kg.records import Extraction, Span
from kg.resolve.namesakes import Part, against, by_name, differing_links, partition
from kg.resolve.occurrences import Occurrence, is_acronym, occurrences, plain
from kg.resolve.surnames import join_surnames
from kg.vocabulary import EntityType

# How sure a merge is, by its ground. Below DOUBTFUL it is listed for review.
ITEM, NAME, UNSUPPORTED, ACRONYM = 0.98, 0.95, 0.8, 0.9
DOUBTFUL = 0.9
UNTOLD = "one name, and nothing tells whether they are one"
AMBIGUOUS = "is declared for more than one body, or for one with another item"
Place = tuple[str, str]  # an article and an identifier in it
Pair = tuple[Part, Part, str]  # two things that are kept apart, and why


@dataclass(frozen=True, slots=True, order=True)
class Merge:
    """Why what an article names (as `own`) is the thing `id`: `first` is the mention that the ground is about.

    `method` is the rule. A merge by item or name stands once for all `articles`, one by surname or acronym for its own.
    """

    id: str
    method: str
    article: str
    own: str
    first: Span
    ground: str
    confidence: float
    articles: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Distinction:
    """Why `id` and `other`, which bear one name, are two things, or not known to be one."""

    id: str
    other: str
    ground: str


@dataclass(frozen=True, slots=True)
class Identities:
    """`members` are the articles and their own identifiers of each thing, by its shared identifier."""

    members: dict[str, list[Place]]
    merges: tuple[Merge, ...]
    distinctions: tuple[Distinction, ...]


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One thing before it has its shared identifier: `claim` is the one that it would have, `first` the sort key of its
    first occurrence, `item` and `title` what could tell it from others with the same claim. Its merges have no `id` yet."""

    claim: str
    linked: bool
    first: tuple[str, str, str]
    item: str
    title: str
    places: tuple[Place, ...]
    merges: tuple[Merge, ...]

    def suffixed(self) -> Iterator[str]:
        """Identifiers that tell it from others with its claim: by item, position, or article."""
        if self.item:
            yield f"{self.claim}-{self.item}"
        if self.title:
            yield f"{self.claim}-{self.title}"
        digest = hashlib.sha256(self.first[1].encode()).hexdigest()
        for length in range(8, 65, 8):
            yield f"{self.claim}-in-{digest[:length]}"


def identify(records: Iterable[Extraction], reserved: Collection[str] = ()) -> Identities:
    """The identities over all articles. `reserved` are identifiers that a person gave away: nothing else gets them."""
    things, apart = compare(o for record in records for o in occurrences(record))
    claims: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        claims[thing.claim].append(thing)
    ids = {thing.places[0]: name for thing, name in assign(claims, claims.__contains__, frozenset(reserved))}
    shared = [ids[thing.places[0]] for thing in things]
    members = {name: list(thing.places) for name, thing in zip(shared, things, strict=True)}
    merges = {replace(m, id=name) for name, thing in zip(shared, things, strict=True) for m in thing.merges}
    distinctions = {d for a, b, ground in apart for d in distinguish(shared[a], shared[b], ground)}
    return Identities(dict(sorted(members.items())), tuple(sorted(merges)), tuple(sorted(distinctions)))


def block_keys(one: Occurrence) -> Iterator[tuple[str, str, str]]:
    """Under which keys an occurrence is compared: two that share none, directly or by others, have nothing to do with each
    other."""
    kind = one.type.value
    for link in one.links:
        yield kind, "item", link
    if one.bare and not one.links:
        yield kind, "surname", fold(one.name)
        return
    for name in one.names if one.links else (min(one.names, key=lambda n: (-len(n), n)),):
        yield kind, "name", name
    if one.type is EntityType.PERSON:
        for name in one.names:
            if " " in name:
                yield kind, "surname", name.split()[-1]
    elif one.type is EntityType.ORGANISATION:
        for acronym in one.declares:
            yield kind, "acronym", acronym
        if is_acronym(one.name):
            yield kind, "acronym", plain(one.name)


def compare(found: Iterable[Occurrence]) -> tuple[list[Thing], list[tuple[int, int, str]]]:
    """The things among occurrences, and by their places in that list which of them are kept apart, and why."""
    linked, unlinked, bare = _blocks(found)
    parts: list[Part] = list(linked)
    apart: list[Pair] = []
    named: defaultdict[tuple[EntityType, str], list[Part]] = defaultdict(list)
    for part in linked:
        for name in sorted(part.names):
            named[part.type, name].append(part)
    for kind, name in sorted(unlinked.keys() | {key for key, bearers in named.items() if len(bearers) > 1}):
        bearers = [p for p in named.get((kind, name), ()) if p.occurrences]
        told, unsure = partition(bearers, unlinked.get((kind, name), []))
        parts += [p for p in told if p not in bearers] + unsure
        apart += [(told[0], other, against(told[0], other)) for other in told[1:]]
        apart += [(part, bearer, UNTOLD) for part in unsure for bearer in told[:3]]
    parts = [p for p in parts if p.occurrences]
    apart += _join_acronyms([p for p in parts if p.type is EntityType.ORGANISATION])
    parts, more = join_surnames([p for p in parts if p.occurrences], bare)
    numbers = {id(part): number for number, part in enumerate(parts)}
    pairs = [
        (numbers[id(a)], numbers[id(b)], ground)
        for a, b, ground in [*apart, *more]
        if ground and a is not b and id(a) in numbers and id(b) in numbers
    ]
    return [_thing(part) for part in parts], pairs


def _blocks(
    found: Iterable[Occurrence],
) -> tuple[list[Part], dict[tuple[EntityType, str], list[Occurrence]], list[Occurrence]]:
    """Things with an item, one part each; things without, by type and name; people with a single name."""
    alias: dict[str, str] = {}
    linked: list[Occurrence] = []
    others: defaultdict[EntityType, list[Occurrence]] = defaultdict(list)
    bare: list[Occurrence] = []
    for one in sorted(found, key=lambda o: o.key):
        if one.links:
            linked.append(one)
            keys = sorted(_root(alias, f"{one.type} {link}") for link in one.links)
            alias.update((key, keys[-1]) for key in keys[:-1])
        elif one.bare:
            bare.append(one)
        else:
            others[one.type].append(one)
    parts: dict[str, Part] = {}
    for one in linked:
        root = _root(alias, f"{one.type} {min(one.links)}")
        if root in parts:
            parts[root].add(one)
        else:
            parts[root] = Part(one)
    named = {(kind, name): found for kind in others for name, found in by_name(others[kind]).items()}
    return list(parts.values()), named, bare


def _root(alias: dict[str, str], key: str) -> str:
    while key in alias and alias[key] != key:
        key = alias[key]
    return key


def _join_acronyms(parts: list[Part]) -> Iterator[Pair]:
    """Joins what an article names only by an acronym with the one body for which some article declares it."""
    declared: defaultdict[str, dict[int, tuple[Part, Occurrence]]] = defaultdict(dict)
    for part in parts:
        for one in sorted(part.occurrences, key=lambda o: o.key):
            for acronym in one.declares:
                declared[acronym].setdefault(id(part), (part, one))
    for part in parts:
        if not is_acronym(part.first.name) or not part.occurrences:
            continue
        name = plain(part.first.name)
        bodies = [b for b in declared.get(name, {}).values() if b[0] is not part and b[0].occurrences]
        fitting = [b for b in bodies if not differing_links(b[0].links, part.links)]
        if len(fitting) == 1 and len(bodies) == 1:
            body, where = fitting[0]
            ground = f"{name} is declared for {where.name} in {where.article}"
            body.reasons += [(one, "acronym", ground, ACRONYM) for one in part.occurrences]
            body.absorb(part)
        else:
            yield from ((part, body, f"{name} {AMBIGUOUS}") for body, _ in bodies[:3])


def assign(
    claims: Mapping[str, list[Thing]], claimed: Callable[[str], bool], reserved: frozenset[str]
) -> Iterator[tuple[Thing, str]]:
    """The shared identifier of each thing, by their claims; `claimed` tells whether anything at all has a claim.

    A claim is the article's own identifier of the best named occurrence. Of several things with the same, the linked one
    or else the earliest keeps it; the others add what first tells them apart: item, position, or article. A claim that one
    thing has and that is not reserved has no influence on others, and may be left out.
    """
    taken = set(reserved)
    for claim in sorted(claims):
        bearers = sorted(claims[claim], key=lambda t: (not t.linked, t.first))
        free = claim not in reserved
        for thing in bearers[1:] if free else bearers:
            name = next(n for n in thing.suffixed() if n not in taken and not claimed(n))
            taken.add(name)
            yield thing, name
        if free:
            yield bearers[0], claim


def distinguish(one: str, other: str, ground: str) -> Iterator[Distinction]:
    """That two things are kept apart, unless they are one."""
    if one != other:
        left, right = sorted((one, other))
        yield Distinction(left, right, ground)


def _rank(one: Occurrence) -> tuple[bool, bool, bool, int, str]:
    return not one.links, one.bare, is_acronym(one.name), -len(one.name.split()), one.id


def _thing(part: Part) -> Thing:
    titled = [o for o in part.occurrences if o.title]
    return Thing(
        claim=min(part.occurrences, key=_rank).id,
        linked=bool(part.links),
        first=part.first.key,
        item=slug(min(part.links).partition(":")[2]) if part.links else "",
        title=slug(min(titled, key=lambda o: o.key).title) if titled and part.supported else "",
        places=tuple(sorted((o.article, o.id) for o in part.occurrences)),
        merges=tuple(sorted(_merges(part))),
    )


def _merges(part: Part) -> Iterator[Merge]:
    special = {(o.article, o.id) for o, *_ in part.reasons}
    for one, method, ground, sure in part.reasons:
        yield Merge("", method, one.article, one.id, one.first, ground, sure)
    common = [o for o in part.occurrences if (o.article, o.id) not in special]
    if len(common) > 1:
        first = min(common, key=lambda o: o.key)
        articles = len({o.article for o in common})
        method, ground, sure = _common_ground(part, common, articles)
        yield Merge("", method, first.article, first.id, first.first, ground, sure, articles)


def _common_ground(part: Part, common: list[Occurrence], articles: int) -> tuple[str, str, float]:
    """Method, ground and confidence of what most of a part's occurrences have in common."""
    items = Counter(link for o in common for link in o.links)
    if items and all(o.links for o in common):
        item = min(items, key=lambda i: (-items[i], i.startswith("geonames"), i))
        return "item", f"linked to {item} in {articles} articles", ITEM
    ground = f"the same name in {articles} articles"
    if part.type is EntityType.PERSON and part.words:
        titles = sorted({o.title for o in common if o.title})
        ground += f", with the position {'; '.join(titles[:3])}"
    if part.supported:
        return "name", ground + ", and nothing speaks against it", NAME
    return "name", ground + "; in some of them nothing but the name speaks for it", UNSUPPORTED
