"""Which sport words are of: those of a report, and those that labels and descriptions of teams have."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from kg.link.authority import DATA, Entry
from kg.link.surroundings import WORD, sentence
from kg.vocabulary import EntityType

# What descriptions call a team.
TEAM = re.compile(r"\b(?:team|club|franchise|F\.?C\.?)(?!\w)")
# What labels and descriptions call a sport; a soccer team is one of football too.
SPORT = re.compile(r"\b(?:baseball|basketball|football|soccer|hockey|cricket|rugby)\b")


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


def told(words: frozenset[str]) -> set[str]:
    """The sports that an article speaks of, by its words in lower case.

    >>> told(frozenset(("innings", "eagles")))
    {'baseball'}
    """
    return {sport for word, sport in _words().items() if word in words}


def of(entry: Entry) -> set[str]:
    """The sports of a team, as its label and description say."""
    named = set(SPORT.findall(f"{entry.label} {entry.description}".casefold()))
    return named | ({"football"} if "soccer" in named else set())


def is_team(entry: Entry) -> bool:
    """Whether it is called a team, club or franchise."""
    return entry.type == EntityType.ORGANISATION and TEAM.search(f"{entry.label} {entry.description}") is not None
