"""Places named inside longer names: `Leeds` in `Leeds General Hospital`, `Ghana` in `Bank of Ghana`, `Chilean` in
`Chilean Football Federation`.

The geoparsing literature counts them as toponyms (embedded ones in Gritta et al. 2020, A Pragmatic Guide to Geoparsing
Evaluation). They are kept beside the names that hold them: for the other layers a name is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.gazetteer import Gazetteer, Term, gazetteers
from kg.nlp.lexicon import name_parts, one_of
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

# What a place stands after inside a name: `Bank of Elmland`. Elsewhere but at its ends it may be half of another one: `New
# Elmton School`.
JOINED = re.compile(r"\b(?:of|in|for|at)\s+(?:the\s+)?$")
_WORDS = name_parts()["inside"]
COMPANY = re.compile(rf"\b{one_of(_WORDS['company'])}\b")
BUILDING = re.compile(rf"\b{one_of(_WORDS['building'])}$")
GOVERNED = re.compile(rf"\w*\s?\b{one_of(_WORDS['government'])} of ")
# At the beginning of the name of a county's body, building or road: `Elm County Jail`.
COUNTY = re.compile(r"(?:[Tt]he\s)?((?:[A-Z][\w.’'-]+\s){1,2}County)\s")
# A town before what is its own: `Elmton Fire Department`.
LOCAL = re.compile(
    rf"(?:[Tt]he\s)?((?!{one_of(_WORDS['no_town'])})[A-Z][\w.’'-]+(?:\s[A-Z][\w.’'-]+){{0,2}}?)"
    rf"(?:\s{one_of(_WORDS['local_area'])})?\s{one_of(_WORDS['local_body'])}$"
)


def inner(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The places inside the article's names (`holds_places`), the counties that any begins with, and the countries whose
    adjective stands in the name of any body; in order of the text."""
    here = {text[s.start : s.end] for s in spans if s.type == EntityType.PLACE and s.term is None}
    here = {n for n in here if any(e.type == EntityType.PLACE for e in sources().find(n)) or n.endswith(" County")}
    named = Gazetteer((n, Term(EntityType.PLACE, n)) for n in sorted(here))
    for span in spans:
        surface = text[span.start : span.end]
        hits: list[tuple[int, int, Term | None]] = []
        if (m := COUNTY.match(surface) or LOCAL.match(surface)) and m[1].split()[0] not in lexicon.not_names():
            hits.append((*m.span(1), None))
        if span.type == EntityType.ORGANISATION and span.source != "known":  # what everybody knows is read as one piece
            hits += of_country(surface)
        if holds_places(span, surface):
            hits += (h for h in of_place(surface, named) if span.source != "known" or not last_word(surface, *h[:2]))
        taken = 0
        for start, end, term in sorted(hits, key=lambda h: (h[0], -h[1])):
            if start >= taken and end - start < len(surface):
                taken = end
                yield Span(span.start + start, span.start + end, EntityType.PLACE, "part", term)


def holds_places(span: Span, surface: str) -> bool:
    """Whether places inside a name count: in those of bodies, firms apart, of buildings, and of areas by their form of
    government (`Republic of Elmland`). `Elm River` and `West Elmton` are other things than `Elm` and `Elmton`."""
    if span.type == EntityType.ORGANISATION:
        return not COMPANY.search(surface)
    built = BUILDING.search(surface) or GOVERNED.match(surface)
    return span.type == EntityType.PLACE and span.source != "known" and built is not None


def last_word(surface: str, start: int, end: int) -> bool:
    """Whether a place ends a name without `of` and the like before it: `United Elmland`."""
    return end == len(surface) and start > 0 and JOINED.search(surface[:start]) is None


def of_country(surface: str) -> Iterator[tuple[int, int, Term | None]]:
    """The adjectives of countries in a name."""
    for hit in gazetteers().adjectives.find(surface):
        yield hit.start, hit.end, hit.term


def of_place(surface: str, named: Gazetteer) -> Iterator[tuple[int, int, Term | None]]:
    """The places that a name begins or ends with or has after `of`, each with its term where it is a known one."""
    for gazetteer in (gazetteers().places, named):
        for hit in gazetteer.find(surface):
            if not hit.start or hit.end == len(surface) or JOINED.search(surface[: hit.start]):
                yield hit.start, hit.end, hit.term if hit.term.entry else None
