"""Which team a city or country stands for in news of sports: with an inning in the sentence, `Elmton` is its baseball team."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from kg.link.authority import DATA, Entry
from kg.link.linker import Link, Scored
from kg.link.sources import Sources
from kg.link.surroundings import WORD, sentence
from kg.link.things import TEAM
from kg.vocabulary import EntityType

# What labels and descriptions call a sport; a soccer team is one of football too.
SPORT = re.compile(r"\b(?:baseball|basketball|football|soccer|hockey|cricket|rugby)\b")
# The score of the one team of the sport that the sentence speaks of: it may be another that no index has (a university's).
SCORE = 0.9


@cache
def _words() -> dict[str, str]:
    """The sport that a word of a report, in lower case, or a team's own name is of; words of several are in none."""
    sports = tomllib.loads((DATA / "sports.toml").read_text("utf-8"))["sports"]
    return {word: sport for sport, words in sports.items() for word in words}


def heard(text: str, start: int, end: int) -> set[str]:
    """The sports that the sentence around a name speaks of.

    >>> heard("Elmton won after three innings.", 0, 6)
    {'baseball'}
    """
    said = [w.rstrip(".") for w in WORD.findall(sentence(text, start, end))]
    return {_words()[w] for word in said for w in (word, word.casefold()) if w in _words()}


def team(sources: Sources, text: str, start: int, end: int) -> Link | None:
    """The one team of the user's index that is called by the place named here, in the sport that is spoken of."""
    sports = heard(text, start, end)
    if len(sports) != 1:
        return None
    found = [e for e in sources.called(text[start:end]) if is_team(e) and sports & of(e)]
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


def of(entry: Entry) -> set[str]:
    """The sports of a team, as its label and description say."""
    named = set(SPORT.findall(f"{entry.label} {entry.description}".casefold()))
    return named | ({"football"} if "soccer" in named else set())


def is_team(entry: Entry) -> bool:
    """Whether it is called a team, club or franchise."""
    return entry.type == EntityType.ORGANISATION and TEAM.search(f"{entry.label} {entry.description}") is not None
