"""Places named inside longer names: `Leeds` in `Leeds General Hospital`, `Ghana` in `Bank of Ghana`.

The geoparsing literature counts them as toponyms (embedded ones in Gritta et al. 2020, A Pragmatic Guide to Geoparsing
Evaluation). They are kept beside the names that hold them: for the other layers a name is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from kg.link.sources import sources
from kg.nlp import lexicon
from kg.nlp.gazetteer import Gazetteer, Term, terms
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

# What a place stands after inside a name: `Bank of Elmland`. Elsewhere it may be half of another one: `New Elmton School`.
JOINED = re.compile(r"\b(?:of|in|for|at)\s+(?:the\s+)?$")
# Bodies of one state; abbreviated, it is their title more than a place.
AMERICA = frozenset(("US", "U.S.", "UK", "U.K."))
# Firms and papers bear the names of places that they are not of: `Boston Scientific`, `Financial Times`.
COMPANY = re.compile(
    r"\b(?:Inc|Corp|Co|Ltd|Limited|LLC|PLC|plc|Company|Corporation|Exchange|Bank|Journal|Times|Post|Stock|Airlines|Airways|"
    r"Steel|Motors|Holdings|Group|Partners|Securities|Insurance)\b"
)


@cache
def places() -> Gazetteer:
    """The known places and what is said of them as an adjective."""
    return Gazetteer((n, t) for n, t in terms() if t.type == EntityType.PLACE and t.role == "name")


def inner(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The places inside the names of public bodies among the article's names, in order of the text."""
    heads = {h for h, (kind, _) in lexicon.heads().items() if kind == EntityType.ORGANISATION}
    here = {text[s.start : s.end] for s in spans if s.type == EntityType.PLACE and s.term is None}
    here = {n for n in here if any(e.type == EntityType.PLACE for e in sources().find(n)) or n.endswith(" County")}
    named = Gazetteer((n, Term(EntityType.PLACE, n)) for n in sorted(here))
    for span in spans:
        surface = text[span.start : span.end]
        if span.type != EntityType.ORGANISATION or not heads & set(surface.split()) or COMPANY.search(surface):
            continue
        taken = 0
        for start, end, term in sorted(found(surface, (places(), named)), key=lambda h: (h[0], -h[1])):
            if start < taken or end - start == len(surface) or surface[start:end] in AMERICA:
                continue
            if start and not JOINED.search(surface[:start]):
                continue
            taken = end
            yield Span(span.start + start, span.start + end, EntityType.PLACE, "part", term)


def found(surface: str, gazetteers: Iterable[Gazetteer]) -> Iterator[tuple[int, int, Term | None]]:
    """The places in a name, each with the term of the gazetteer where it is known to one."""
    for gazetteer in gazetteers:
        for hit in gazetteer.find(surface):
            yield hit.start, hit.end, hit.term if hit.term.entry else None
