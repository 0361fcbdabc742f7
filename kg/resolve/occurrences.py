"""What one article shows of each thing it names, as far as identity across articles depends on it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kg.link.authority import fold
from kg.records import Extraction, Mention, Position, Span
from kg.tables import table
from kg.vocabulary import EntityType

WORD = re.compile(r"\w+")
# Words of a title that tell no position from another.
EMPTY = frozenset(("of", "the", "for", "and", "in", "a", "an", "to", "at")) | {
    "former",
    "ex",
    "acting",
    "interim",
    "then",
    "senior",
    "top",
    "official",
    "member",
    "man",
    "woman",
}
# An acronym after its expansion: "World Health Organization (WHO)", also with points.
ACRONYM = re.compile(r"(?=(?:[^A-Z]*[A-Z]){2})[A-Z][A-Z.&]{1,9}")
DECLARED = re.compile(r"\s*[(\[]\s*(?:the\s+)?([A-Z][A-Z.&]{1,9})\s*[)\]]")
SMALL = frozenset(("of", "the", "for", "and", "in", "on", "de", "la", "du", "des", "et", "y", "e"))
# The word lists of which a generic name consists.
GENERIC = ("generic_words.txt", "bodies.txt", "office_areas.txt", "body_nouns.tsv", "place_nouns.tsv", "heads.tsv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One thing in one article. `names` are folded full names, `words` the words of its titles, `title` the first one.

    `offices` are the bodies and places in which a position is held; `company` are the things of the article by their
    identifiers, itself included, `places` the places among them, `outlets` who published it. `declares` are acronyms
    that the article introduces for the thing. `first` is the first mention.
    """

    day: str
    article: str
    id: str
    type: EntityType
    name: str
    first: Span
    names: frozenset[str]
    bare: bool
    links: frozenset[str] = frozenset()
    point: tuple[float, float] | None = None
    title: str = ""
    words: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    company: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    declares: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str, str]:
        """Sort key: the earliest article first, those without a date last."""
        return self.day or "9999", self.article, self.id


def occurrences(record: Extraction) -> Iterator[Occurrence]:
    """The things that an article names, by identifier."""
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in record.entities:
        mentions[mention.id].append(mention)
    held: defaultdict[str, list[Position]] = defaultdict(list)
    for position in record.positions:
        held[position.holder].append(position)
    # A bare surname is nobody in particular, so it is no company.
    company = frozenset(i for i, found in mentions.items() if not _bare(found[0].type, found[0].name))
    places = frozenset(i for i in company if i.startswith(f"{EntityType.PLACE}/"))
    outlets = frozenset(fold(name) for name in (record.publisher, *record.agencies) if name)
    for identifier in sorted(mentions):
        found = sorted(mentions[identifier], key=lambda m: (m.start, m.end))
        best = min(found, key=lambda m: (m.wikidata is None, m.geonames is None, -m.confidence, m.start))
        # What it is, its identifier says: an adjective of a country is a mention of a people, and of the country as a thing.
        name, kind = best.name, EntityType(identifier.partition("/")[0])
        bare = _bare(kind, name)
        positions = held.get(identifier, [])
        yield Occurrence(
            day=record.date or "",
            article=record.id,
            id=identifier,
            type=kind,
            name=name,
            first=(found[0].start, found[0].end),
            names=frozenset(fold(m.name) for m in found),
            bare=bare,
            links=frozenset(links(best)),
            point=(best.lat, best.lon) if best.lat is not None and best.lon is not None else None,
            title=positions[0].title if positions else "",
            words=frozenset(w for p in positions for w in WORD.findall(p.title.casefold()) if w not in EMPTY),
            offices=frozenset(p.organisation for p in positions if p.organisation),
            company=company,
            places=places,
            outlets=outlets,
            declares=frozenset(_declared(record.text, found)) if kind is EntityType.ORGANISATION else frozenset(),
        )


def links(mention: Mention) -> Iterator[str]:
    """The items that a mention is linked to: `wikidata:Q42`, `geonames:1`."""
    if mention.wikidata:
        yield f"wikidata:{mention.wikidata}"
    if mention.geonames is not None:
        yield f"geonames:{mention.geonames}"


def _bare(kind: EntityType, name: str) -> bool:
    return kind is EntityType.PERSON and len(name.split()) < 2


def _declared(text: str, mentions: list[Mention]) -> Iterator[str]:
    """Acronyms in brackets after a name whose words begin with their letters, and those that the cluster itself has."""
    long = [m for m in mentions if len(text[m.start : m.end].split()) > 1]
    for mention in long:
        after = DECLARED.match(text, mention.end, mention.end + 20)
        if after and spells(after[1], text[mention.start : mention.end]):
            yield plain(after[1])
    for mention in mentions:
        surface = text[mention.start : mention.end]
        if long and ACRONYM.fullmatch(surface) and any(spells(surface, text[m.start : m.end]) for m in long):
            yield plain(surface)


def plain(acronym: str) -> str:
    """An acronym without points."""
    return acronym.replace(".", "")


def is_acronym(name: str) -> bool:
    """Whether a name is written as an acronym: `WHO`, `U.N.`"""
    return bool(ACRONYM.fullmatch(name))


def spells(acronym: str, name: str) -> bool:
    """Whether the acronym is the initials of the name's words, small words left out or not.

    >>> spells("WHO", "World Health Organization"), spells("UNRWA", "Relief Agency")
    (True, False)
    """
    letters = plain(acronym).replace("&", "").casefold()
    words = [w.casefold() for w in WORD.findall(name)]
    initials = "".join(w[0] for w in words), "".join(w[0] for w in words if w not in SMALL)
    return letters in initials


def generic(name: str) -> bool:
    """Whether a name says only what kind of body or place it is, as each country may have one: `Health Ministry`."""
    return all(word in _generic_words() for word in WORD.findall(name.casefold()))


@cache
def _generic_words() -> frozenset[str]:
    data = files("kg") / "data"
    words = {w for n in GENERIC if n.endswith(".txt") for w in (data / n).read_text("utf-8").casefold().split()}
    words |= {row["noun"] for n in ("body_nouns.tsv", "place_nouns.tsv") for row in table(n)}
    return frozenset(words | {row["head"].casefold() for row in table("heads.tsv")})
