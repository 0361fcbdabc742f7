"""Places named inside longer names: `Leeds` in `Leeds General Hospital`, `Ghana` in `Bank of Ghana`, `Chilean` in
`Chilean Football Federation`.

The geoparsing literature counts them as toponyms (embedded ones in Gritta et al. 2020, A Pragmatic Guide to Geoparsing
Evaluation). They are kept beside the names that hold them: for the other layers a name is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.link.sources import sources
from kg.nlp.gazetteer import Gazetteer, Term, gazetteers
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

# What a place stands after inside a name: `Bank of Elmland`. Elsewhere but at its ends it may be half of another one: `New
# Elmton School`.
JOINED = re.compile(r"\b(?:of|in|for|at)\s+(?:the\s+)?$")
# Firms and papers bear the names of places that they are not of: `Boston Scientific`, `Financial Times`.
COMPANY = re.compile(
    r"\b(?:Inc|Corp|Co|Ltd|Limited|LLC|PLC|plc|Company|Corporation|Exchange|Bank|Journal|Times|Post|Stock|Airlines|Airways|"
    r"Steel|Motors|Holdings|Group|Partners|Securities|Insurance)\b"
)


def inner(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The places inside the names of bodies among the article's names, firms apart, and the countries whose adjective stands
    in the name of any body; in order of the text."""
    here = {text[s.start : s.end] for s in spans if s.type == EntityType.PLACE and s.term is None}
    here = {n for n in here if any(e.type == EntityType.PLACE for e in sources().find(n)) or n.endswith(" County")}
    named = Gazetteer((n, Term(EntityType.PLACE, n)) for n in sorted(here))
    for span in spans:
        if span.type != EntityType.ORGANISATION:
            continue
        surface = text[span.start : span.end]
        hits = list(of_country(surface)) if span.source != "known" else []  # what everybody knows is read as one piece
        if not COMPANY.search(surface):
            hits += of_place(surface, named)
        taken = 0
        for start, end, term in sorted(hits, key=lambda h: (h[0], -h[1])):
            if start >= taken and end - start < len(surface):
                taken = end
                yield Span(span.start + start, span.start + end, EntityType.PLACE, "part", term)


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
