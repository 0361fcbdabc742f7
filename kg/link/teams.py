"""Which team a city or country stands for in news of sports: with an inning in the sentence, `Elmton` is its baseball team."""

from __future__ import annotations

from kg.link.linker import Link, Scored
from kg.link.sources import Sources
from kg.link.sports import heard, is_team, of, told

# The score of the one team of the sport that the sentence speaks of: it may be another that no index has (a university's).
SCORE = 0.9


def team(sources: Sources, text: str, start: int, end: int, words: frozenset[str] = frozenset()) -> Link | None:
    """The one team of the user's index that is called by the place named here, in the sport that the sentence speaks of, or else
    the article by its `words`."""
    sports = heard(text, start, end) or told(words)
    if len(sports) != 1:
        return None
    found = [e for e in sources.called(text[start:end]) if is_team(e) and sports & of(e)]
    if len(found) > 1:  # the one that everybody knows
        found = [e for e in found if e.code != "extra"]
    if len(found) != 1:
        return None
    entry = sources.identified(found[0])
    return Link(
        entry.id,
        entry.label,
        entry,
        SCORE,
        "exactMatch",
        (Scored(entry, SCORE),),
        round(1 - SCORE, 3),
        "team of a place",
    )
