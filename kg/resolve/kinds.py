"""What general knowledge says of the things that are compared: which places hold much that is unrelated, whose people live
where, and what kind of lasting happening a story is about."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from kg.families import stem
from kg.link.authority import core
from kg.records import Extraction, Figure
from kg.resolve.words import WORD
from kg.vocabulary import Scope

# Words for people (or what befell them) that narrow nothing.
_ANYBODY = frozenset(
    stem(w)
    for w in (
        "people", "person", "persons", "individuals", "others", "residents", "citizens", "inhabitants", "human", "lives",
        "deaths", "fatalities", "bodies", "injuries", "victims", "casualties", "dead", "wounded", "injured", "total",
    )
)  # fmt: skip
# A people's name and its country's share at least so many letters: Palestinians, Palestine.
_ROOT = 5
# The lists of scope.toml that `region` reads, and the longest of their phrases, with room to spare.
_PART_KEYS = ("region", "part_before", "part_after")
_LOOK_BACK = 30
# What is counted recurs within a story.
CACHED = 1 << 12


@cache
def _peoples() -> dict[str, str]:
    """The country (or the people itself) that each name of a people belongs to."""
    with files("kg").joinpath("data/demonyms.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {stem(word.casefold()): r["name"] for r in rows for word in (r["people"] or "").split("|") if word}


@cache
def _countries() -> dict[str, str]:
    return {e.qid: e.label for e in core().entries.values() if e.kind == "country"}


@cache
def _causes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = tomllib.loads(files("kg").joinpath("data/scope.toml").read_text("utf-8"))["causes"]
    return tuple((cause, re.compile(rf"\b(?:{'|'.join(named)})\b", re.I)) for cause, named in data.items())


def is_coarse(place: str) -> bool:
    """Whether so much happens in a place every day that it tells little: a country or a region."""
    entry = core().entries.get(place)
    return entry is not None and entry.kind in ("country", "region")


@lru_cache(CACHED)
def population(counted: str | None, place: str) -> str:
    """What is counted, as a key: nothing for people in general, those of the place's own country among them."""
    found = (stem(w) for w in WORD.findall((counted or "").casefold()))
    return " ".join(sorted({w for w in found if w not in _ANYBODY and not _lives_there(w, place)}))


def _lives_there(word: str, place: str) -> bool:
    entry, people = core().entries.get(place), _peoples().get(word)
    if entry is None or people is None:
        return False
    country = _countries().get(entry.country, entry.label)
    # A people without a country of its own in the table (its entry bears its own name) goes by the root of the name.
    return people == country or (stem(people.casefold()) == word and people[:_ROOT] == country[:_ROOT])


@cache
def _parts() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Words before a place that leave only part of it; words before and after a number of some of another."""
    data = tomllib.loads(files("kg").joinpath("data/scope.toml").read_text("utf-8"))
    region, before, after = ("|".join(map(re.escape, sorted(data[k], key=lambda w: (-len(w), w)))) for k in _PART_KEYS)
    return (
        re.compile(rf"\b({region})\s+(?:the\s+)?$", re.I),
        re.compile(rf"\b(?:{before})\s+$", re.I),
        re.compile(rf"\s+(?:{after})\b", re.I),
    )


def region(record: Extraction, figure: Figure) -> str:
    """The part of its place that a figure counts where it is nothing but that which makes it a part: "northern" of "14
    dead in northern Peru"; else empty."""
    if figure.scope is not Scope.PART or figure.place is None:
        return ""
    words, before, after = _parts()
    text, end = record.text, figure.number[1]
    first, last = figure.surface or figure.number
    if before.search(text, max(0, first - _LOOK_BACK), first) or after.match(text, max(end, last)):
        return ""
    for one in record.entities:
        if one.id == figure.place and figure.evidence[0] <= one.start < figure.evidence[1]:
            found = words.search(text, max(figure.evidence[0], one.start - _LOOK_BACK), one.start)
            if found is not None:
                return found[1].casefold()
    return ""


def cause(record: Extraction) -> str:
    """The kind of lasting happening that the article names most, twice at least; empty where it names none."""
    title = record.title or ""
    counts = {name: len(words.findall(record.text)) + len(words.findall(title)) for name, words in _causes()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] > 1 else ""
