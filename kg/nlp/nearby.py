"""What an article's countries and regions say of its other names: which of them are places there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.link.authority import Entry, core
from kg.link.sources import sources
from kg.nlp.spans import Span
from kg.vocabulary import EntityType

# Smaller places are seldom in the news, and there is one of nearly any name.
VILLAGE = 5_000
# So there is of towns here: the states tell more.
USA = "Q30"


@dataclass(frozen=True, slots=True)
class Nearby:
    """The countries (items) and regions (name, country) that an article names."""

    countries: frozenset[str]
    regions: frozenset[tuple[str, str]]

    def lists(self, name: str) -> bool:
        """Whether a place of the core table has the name, or one in a region named."""
        return any(
            e.type == EntityType.PLACE and not e.alias and (e.id or (e.admin, e.country) in self.regions)
            for e in sources().find(name)
        )

    def holds(self, name: str) -> bool:
        """Whether a place of some size in a country named has the name; the United States apart."""
        return any(
            e.type == EntityType.PLACE
            and not e.alias
            and e.country in self.countries - {USA}
            and (e.kind == "region" or e.population > VILLAGE)
            for e in sources().find(name)
        )


def nearby(spans: Iterable[Span], names: Iterable[str]) -> Nearby:
    """The countries among the article's spans, and the regions among its names."""
    countries = {e.qid for s in spans if s.term and (e := s.term.entry) and e.kind == "country"}
    regions = (e for n in names for e in core().find(n)[:1] if e.kind == "region")
    return Nearby(frozenset(countries), frozenset((area_name(e), e.country) for e in regions))


def area_name(entry: Entry) -> str:
    """A region's label as cities name it: `Georgia` for `Georgia (USA)`."""
    return entry.label.split(" (")[0]
