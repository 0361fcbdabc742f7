"""Which of several places a name means: by what is written beside it, its size, and the company it keeps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import asin, cos, exp, floor, log10, radians, sin, sqrt

from kg.link.authority import Entry

EARTH = 6371.0088
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
# What the company of a place counts, in orders of magnitude of population. Each is shared among the countries (regions,
# points) that the article names, by how often it does.
SAME_COUNTRY, SAME_REGION, NEAR = 1.0, 4.0, 2.0
# Kilometres at which nearness has fallen to a third: news of a town names its neighbours.
REACH = 100.0
# Namesakes near one another: cells of a degree in the country where most namesakes are, the part of the odds that counts
# (names of one region are not independent), the most that it counts, and the most that all the company does.
CELLS, COMPANY, SUPPORT, MOST = 1000, 0.6, 3.0, 5.0
AREAS = ("country", "region")
# A state or province counts as a city of ten million.
REGION = 7.0
# A place of which the user's index knows neither inhabitants nor position, where nothing else has the name: as a town, as a
# city where its name has several words, which few share; and each word of its description that the article has, up to so many.
UNMEASURED, WORDS, WORD, MOST_WORDS = 3.4, 2.0, 0.3, 3
# A district or province outside the core table is named less often than a town of as many people.
DIVISION = -0.7
# News means the capital (Washington, Santiago) more often than its size says.
CAPITAL = 1.0
# A name that is not the usual one of the place: transliterations and codes.
ALIAS = -1.5
# What is written beside a place ("Elmton, Ohio") all but decides.
BESIDE = 6.0
# "None of these", as a place of so many inhabitants, and what an exact match must have: a city of 300,000 has it by itself,
# a town beside others of its region or country.
NONE, SURE = 3.6, 5.3
# What more it must have where the article names other countries only: a city of a million and a half has it by itself.
ABROAD = 0.9
# What the company of a town that is called like a country must say for it, where the article names its country more often.
NAMESAKE = 2.5


@dataclass(frozen=True, slots=True)
class Context:
    """What the article says around the name: how many of its sure places lie in each country and region, their points
    with how often they are named, its own id, and the words in it. `support` is what the namesakes of the article's other
    places near a point say for it, `year` when it was written, `bodies` how many
    of its well-known bodies are of each country."""

    article: str
    countries: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, int] = field(default_factory=dict)
    points: Mapping[tuple[float, float], int] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    support: Mapping[tuple[float, float], float] = field(default_factory=dict)
    year: int | None = None
    bodies: Mapping[str, int] = field(default_factory=dict)


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the great circle between two points in degrees (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, h)))


def share(counts: Mapping[str, int], name: str) -> float:
    """The part of the counts that is `name`'s; 0 where nothing was counted."""
    return counts[name] / sum(counts.values()) if name and counts.get(name) else 0.0


def nearness(entry: Entry, points: Mapping[tuple[float, float], int]) -> float:
    """How near the place is to the others of the article, from 0 to 1."""
    if entry.lat is None or entry.lon is None or not points:
        return 0.0
    here = (entry.lat, entry.lon)
    # Beyond five degrees of latitude nothing is near; most are, and need no sines.
    near = sum(n * exp(-distance(here, there) / REACH) for there, n in points.items() if abs(there[0] - here[0]) < 5)
    return near / sum(points.values())


def score(entry: Entry, context: Context, alone: bool = False) -> float:
    """What speaks for a place, in orders of magnitude of population. `alone`: nothing is known of its size, nor another place
    of its name."""
    size = log10(max(entry.population, 1)) + CAPITAL * (entry.kind == "capital")
    if entry.kind == "region":
        size = size + DIVISION if entry.code else REGION
    if alone:
        size = UNMEASURED + WORDS * (" " in entry.label) + WORD * min(described(entry, context), MOST_WORDS)
    if entry.kind == "country":
        size = REGION + CAPITAL
    country = share(context.countries, entry.country)
    return size + ALIAS * entry.alias + SAME_COUNTRY * country + min(MOST, local(entry, context))


def local(entry: Entry, context: Context) -> float:
    """What the article's regions and other places say for a place."""
    region = entry.label.split(" (")[0] if entry.kind == "region" else entry.admin
    country = share(context.countries, entry.country)
    found = SAME_REGION * (share(context.regions, region) if region and country else 0.0)
    found += NEAR * nearness(entry, context.points)
    if entry.lat is not None and entry.lon is not None:
        found += context.support.get((entry.lat, entry.lon), 0.0)
    return found


def described(entry: Entry, context: Context) -> int:
    """How many longer words of the description the article has, besides the name's own."""
    return len(
        set(LONG_WORD.findall(entry.description.casefold())) & context.words - set(entry.label.casefold().split())
    )


def ranked(found: Sequence[Entry], context: Context) -> list[tuple[float, Entry]]:
    """The candidates with their scores, the best first; among equals in the order given."""
    alone = len(found) == 1 and found[0].code == "extra" and not found[0].population and found[0].lat is None
    scored = [(score(entry, context, alone), -i) for i, entry in enumerate(found)]
    return [(value, found[-i]) for value, i in sorted(scored, reverse=True)]


def supported(names: Iterable[Sequence[Entry]]) -> dict[tuple[float, float], float]:
    """For the point of each candidate what the other names of the article say for it, in orders of magnitude.

    `names` are the candidates of each name. That a namesake of another place is near says much where that name is rare, and
    little where half the country has one: the odds are those of a hit by chance in one of `CELLS` cells of a degree.
    """
    cells: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    points: list[set[tuple[float, float]]] = []
    for i, found in enumerate(names):
        here = {(e.lat, e.lon) for e in found if e.lat is not None and e.lon is not None and e.kind not in AREAS}
        points.append(here)
        says = max(0.0, log10(CELLS / 9 / len(here))) * COMPANY if here else 0.0
        for cell in {(floor(lat), floor(lon)) for lat, lon in here}:
            cells[cell][i] = says
    support: dict[tuple[float, float], float] = {}
    for i, here in enumerate(points):
        for lat, lon in here:
            near: dict[int, float] = {}
            for y in (-1, 0, 1):
                for x in (-1, 0, 1):
                    near |= cells.get((floor(lat) + y, floor(lon) + x), {})
            near.pop(i, None)
            support[lat, lon] = max(support.get((lat, lon), 0.0), min(SUPPORT, sum(near[k] for k in sorted(near))))
    return support
