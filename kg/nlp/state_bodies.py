"""Bodies that every country has under one name, told apart by the place beside or in the name: the Foreign Ministry of Elmland
and that of Oakland are two, and `the Elmland Ministry of Health`, `Elmland's Health Ministry` and `the health ministry in
Elmland` are one: `Health Ministry (Elmland)`.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from kg.link.authority import slug
from kg.link.forms import is_state_body
from kg.nlp.reading import Reading
from kg.records import EntityLink, Mention
from kg.vocabulary import EntityType

# Between a place and the body: `Elmland's`, `the Elmland-backed`, `in`, `in rebel-held`.
BEFORE = re.compile(r"(?:['’]s?)?\s+(?:\w+-\w+\s+)?")
AFTER = re.compile(r"\s+(?:in|of|for)\s+(?:the\s+)?(?:\w+-\w+\s+)?")
MINISTRY = re.compile(r"(?i:ministry)\s+(?:of|for)\s+(?:the\s+)?(?P<of>.+)|(?P<for>.+?)\s+(?i:ministry)")
# Between a body and its place, at the most, in characters.
NEAR = 30
# No name is longer; this bounds the work on book-length texts.
LONGEST = 200
# What an office goes on with after its portfolio.
_OFFICE = re.compile(r"\s(?:Minister|Ministry|Secretary|Undersecretary|Commissioner|Department)\b")
# How sure a ministry without a capital is a body of its own.
DESCRIBED = 0.7


@dataclass(frozen=True, slots=True)
class Told:
    """What a mention is by its words: the kind of body and the place whose body it is, if the words say so."""

    kind: str
    area: Mention | None


@cache
def _data() -> tuple[frozenset[str], dict[str, str], re.Pattern[str]]:
    data = tomllib.loads((files("kg") / "data" / "state_bodies.toml").read_text("utf-8"))
    offices = "|".join(sorted(data["portfolios"], key=lambda o: (-len(o), o)))
    one = rf"(?:{offices})(?: and (?:{offices}))?"
    return (
        frozenset(data["names"]),
        data["same"],
        re.compile(rf"\b(?:{one} ministry|ministry (?:of|for) (?:the )?{one})\b"),
    )


@cache
def _portfolios() -> frozenset[str]:
    return frozenset(tomllib.loads((files("kg") / "data" / "state_bodies.toml").read_text("utf-8"))["portfolios"])


def is_portfolio(text: str, start: int, end: int) -> bool:
    """Whether the words only say for what an office is: "Labour Minister Jane Roe" is of no party."""
    return text[start:end].casefold() in _portfolios() and _OFFICE.match(text, end) is not None


def told_apart(
    reading: Reading, mentions: Sequence[Mention], links: Sequence[EntityLink]
) -> tuple[list[Mention], list[EntityLink]]:
    """The mentions with an identity for each body of each place, ministries written without capitals among them, and the links
    under the identifiers of the mentions. A body that is linked keeps its item."""
    text = reading.article.text
    places = sorted((m for m in mentions if m.id.startswith("place/")), key=lambda m: (m.start, m.end))
    bodies = {m: told for m in mentions if (told := of_mention(text, m, places)) is not None}
    everything = sorted(mentions, key=lambda m: (m.start, m.end))
    small = [
        Mention(start=s, end=e, type=EntityType.ORGANISATION, name=text[s:e], id="", confidence=DESCRIBED)
        for s, e in _described(text)
        if not reading.is_noise(s, e) and not any(m.start < e and s < m.end for m in _around(everything, s, e))
    ]
    bodies |= {m: told for m in small if (told := of_mention(text, m, places)) is not None}
    names = _names(bodies)
    by_kind: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for (kind, _), name in names.items():
        by_kind[kind].add(name)
    renamed: dict[str, set[str]] = defaultdict(set)
    found = []
    for mention in [*mentions, *small]:
        chosen: tuple[str, str] | None = None
        if (told := bodies.get(mention)) and not mention.wikidata:
            # Without a place the one body of its kind that the article speaks of is meant.
            options = {names[told.kind, told.area.id]} if told.area else by_kind[told.kind]
            chosen = next(iter(options)) if len(options) == 1 else None
        if chosen:
            renamed[mention.id].add(chosen[1])
            mention = replace(mention, name=chosen[0], id=chosen[1])
        elif mention.id:
            renamed[mention.id].add(mention.id)
        if mention.id:
            found.append(mention)
    decided = [replace(link, id=i) for link in links for i in sorted(renamed.get(link.id, ()))]
    return sorted(found, key=lambda m: (m.start, -m.end)), _first(decided)


def _names(bodies: dict[Mention, Told]) -> dict[tuple[str, str], tuple[str, str]]:
    """Name and identifier of each body by its kind and its place's identifier: those of its item where one mention is linked."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for mention, told in sorted(bodies.items(), key=lambda item: (not item[0].wikidata, item[0].start)):
        if told.area:
            name = f"{told.kind} ({told.area.name})"
            own = (mention.name, mention.id) if mention.wikidata else (name, f"organisation/{slug(name)}")
            names.setdefault((told.kind, told.area.id), own)
    return names


def _first(links: Iterable[EntityLink]) -> list[EntityLink]:
    """One link an entity, sorted by identifier."""
    best: dict[str, EntityLink] = {}
    for link in sorted(links, key=lambda found: (found.id, found.property is None, found.none)):
        best.setdefault(link.id, link)
    return [best[i] for i in sorted(best)]


def of_mention(text: str, mention: Mention, places: Sequence[Mention]) -> Told | None:
    """Kind and place of a body, None for what is no body that every country has."""
    if mention.type is not EntityType.ORGANISATION:
        return None
    surface = text[mention.start : mention.end]
    places = _around(places, mention.start, mention.end)
    within = [p for p in places if mention.start <= p.start and p.end <= mention.end]
    rest = surface
    if len(within) == 1:
        place = within[0]
        rest = surface[: place.start - mention.start] + surface[place.end - mention.start :]
        rest = re.sub(r"\s+(?:of|in|for)(?:\s+the)?\s*$", "", re.sub(r"^['’]s?\s", "", rest)).strip()
    kind = kind_of(rest)
    if kind is None or len(within) > 1:
        return None
    if within:
        return Told(kind, within[0]) if kind.endswith(" Ministry") else None
    return Told(kind, _beside(text, mention, places))


def kind_of(name: str) -> str | None:
    """The kind of body: `Foreign Ministry` for `Ministry of Foreign Affairs`; None for what not every country has."""
    names, same, _ = _data()
    plain = " ".join(re.sub(r"^[Tt]he\s+", "", name).split())
    if plain in names:
        return plain
    if (m := MINISTRY.fullmatch(plain)) is None or (plain[0].isupper() and not is_state_body(plain)):
        return None
    office = " ".join(
        w if w in ("of", "and", "for", "the") else w[0].upper() + w[1:] for w in (m["of"] or m["for"]).split()
    )
    return f"{same.get(office, office)} Ministry"


def _beside(text: str, mention: Mention, places: Sequence[Mention]) -> Mention | None:
    """The place that the words beside a body give it: `Elmland's …`, `the Elmish …`, `… in rebel-held Elmland`."""
    for place in places:
        if place.end <= mention.start and BEFORE.fullmatch(text, place.end, mention.start):
            return place
    for place in places:
        if mention.end <= place.start and AFTER.fullmatch(text, mention.end, place.start):
            return place
    return None


def _around(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """Of mentions in order of the text those that may touch or stand beside these characters."""
    first = bisect_left(mentions, start - NEAR - LONGEST, key=lambda m: m.start)
    return mentions[first : bisect_left(mentions, end + NEAR, key=lambda m: m.start)]


def _described(text: str) -> Iterator[tuple[int, int]]:
    """Ministries written without capitals."""
    if "ministry" in text:
        for m in _data()[2].finditer(text):
            yield m.span()
