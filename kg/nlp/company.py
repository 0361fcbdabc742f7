"""The company that an article's names keep: the countries and regions it speaks of, and the area written beside a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from kg.link.authority import Entry, core
from kg.link.countries import mentioned
from kg.link.forms import is_state_body
from kg.link.geography import Context
from kg.link.linker import Link
from kg.link.sources import sources
from kg.nlp.lexicon import name_parts
from kg.nlp.nearby import area_name
from kg.nlp.reading import Reading
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

PLACE = EntityType.PLACE
# What stands after a place and may name its region or country: `, Ohio`, ` (Kenya)`.
BESIDE = re.compile(r"(?:,\s+|\s+\()([A-Z][\w.]*(?:\s[A-Z]\w+)?)")
# After the last or another of several counties: `Elm County`, `Elm, Oak and Ash counties`.
COUNTIES = re.compile(
    r"(?:(?:,\s+[A-Z]\w+(?:\s[A-Z]\w+)?)*,?\s+(?:and|or)\s+[A-Z]\w+(?:\s[A-Z]\w+)?)?\s+[Cc]ounties\b|\s+[Cc]ounty\b"
)
# Offices as news writes them before names, and in full as descriptions do.
SHORT_TITLES = {short: full for full, forms in name_parts()["short_titles"].items() for short in forms}
# Inhabitants of a city whose name alone tells its country; a smaller one's would only speak for itself.
TELLING = 300_000


def area_beside(text: str, start: int, end: int) -> Entry | None:
    """The country or region written after a place: `Elmton, Ohio`, `Elmton (Kenya)`; of several of that name (`Atlanta,
    Georgia`) the first with such a place."""
    if m := BESIDE.match(text, end):
        name = m.group(1)
        for form in dict.fromkeys((name, name.rstrip("."), name.split()[0])):
            if found := sources().regions(form):
                within = (e for e in found if any(sources().towns(text[start:end], e)))
                return found[0] if len(found) == 1 else next(within, found[0])
    return None


def with_points(context: Context, links: Iterable[tuple[Link, int]]) -> Context:
    """The context with the places that were found, as often as they are named."""
    points: Counter[tuple[float, float]] = Counter()
    countries, regions = Counter(context.countries), Counter(context.regions)
    for chosen, count in links:
        entry = chosen.entry
        if entry is None or entry.lat is None or entry.lon is None or entry.kind in ("country", "region"):
            continue
        points[entry.lat, entry.lon] += count
    return replace(context, points=points, countries=countries, regions=regions)


def own_name(text: str, spans: Sequence[Span], i: int) -> str | None:
    """What a name stands for here whatever it does elsewhere: a county (`Elm and Oak counties`), or the region in which the
    place before it lies (`Elmton, New York`)."""
    span = spans[i]
    if span.type != PLACE:
        return None
    if COUNTIES.match(text, span.end):
        return f"{text[span.start : span.end]} County"
    before = spans[i - 1] if i else None
    if before and before.type == PLACE and text[before.end : span.start] in (", ", " ("):
        region = area_beside(text, before.start, before.end)
        return (
            region.label if region and region.kind == "region" and text[span.start : span.end] != region.label else None
        )
    return None


def country_of_body(name: str) -> frozenset[str]:
    """The item of the country of a well-known body, if the core table tells it."""
    found = next((e for e in core().find(name) if e.type == EntityType.ORGANISATION), None)
    if found is None:
        return frozenset()
    return frozenset((found.country,)) if found.country else mentioned(found.label)


def company(reading: Reading, spans: Sequence[Span], sides: Set[int] = frozenset()) -> Context:
    """The countries and regions that the article names for sure, and its words. Teams that stand under the names of places, whose
    offsets are `sides`, speak of a country, and of no region: they meet from all over it."""
    countries: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    text = reading.article.text
    bodies: Counter[str] = Counter()
    for span in spans:
        if span.type == EntityType.ORGANISATION and not is_state_body(text[span.start : span.end]):
            bodies.update(country_of_body(text[span.start : span.end]))
        if span.type == PLACE:
            found = core().find(text[span.start : span.end])
            if span.term and span.term.entry and span.term.role != "name":
                found = (span.term.entry,)
            if region := area_beside(text, span.start, span.end):
                regions[area_name(region)] += region.kind == "region"
                countries[region.country or region.qid] += 1
                continue
            if not found or (found[0].kind == "city" and (len(found) > 1 or found[0].population < TELLING)):
                continue
            if len({e.kind for e in found} & {"country", "region"}) < 2:  # Georgia says nothing of itself
                countries[found[0].country or found[0].qid] += 1
            if span.start in sides:
                continue
            if region_of := area_name(found[0]) if found[0].kind in ("region", "country") else found[0].admin:
                regions[region_of] += found[0].kind != "country" or len(found) > 1
    words = frozenset(w.casefold() for w in re.findall(r"[^\W\d_]{4,}", text))
    words |= {full for short, full in SHORT_TITLES.items() if f"{short}. " in text}
    date = reading.page.date
    year = int(date[:4]) if date and date[:4].isdigit() else None
    return Context(reading.article.id, countries, regions, words=words, year=year, bodies=bodies)
