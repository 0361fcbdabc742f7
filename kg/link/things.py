"""People and bodies of a name: what speaks for each, and for none of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from math import log10

from kg.link import countries, sports
from kg.link.authority import Entry, fold
from kg.link.forms import Form, is_state_body
from kg.link.geography import Context, share
from kg.link.sports import is_team
from kg.link.surroundings import MINOR
from kg.link.weights import weights
from kg.ready import ready_made
from kg.tables import table
from kg.vocabulary import EntityType

PLAIN_WORD = re.compile(r"[^\W\d_]{4,}")
EMPTY = frozenset(
    ("from", "born", "with", "that", "this", "politician", "american", "company", "based", "former", "since", "united")
)
# Words with so many first letters in common may be forms of one.
ALIKE = 4
# Years of a life or body as descriptions have them, where an index has no dates of its own.
BORN, DIED = (
    re.compile(r"\b(?:born|founded in|established in) (\d{4})\b"),
    re.compile(r"\b(?:died|dissolved in) (\d{4})\b"),
)
# Nobody is named in the news below this age for what they do; after so many years the dead are history.
GROWN, HISTORY = 16, 30
# Acronyms of so many letters are few enough to be told from others.
ACRONYM = 4
# Longer ones are words in capitals.
LONGEST_ACRONYM = 6
# Inhabitants from which a city is meant whoever bears its name.
METROPOLIS = 500_000
# Lists or Wikipedias that a well-known person is in.
WELL_KNOWN = 5
# Words and country of a person together that tell them from namesakes.
TELLING = 2


@cache
def _frequent() -> tuple[frozenset[str], frozenset[str]]:
    return ready_made("frequent_names", _frequent_names)


def _frequent_names() -> tuple[frozenset[str], frozenset[str]]:
    rows = table("person_names.tsv")
    given = {r["word"] for r in rows if r["given"]} | {r["name"] for r in table("given_gender.tsv")}
    return frozenset(given), frozenset(r["word"] for r in rows if r["surname"])


def is_common(name: str) -> bool:
    """Whether it is a frequent given name before a frequent surname: many bear it who are in no index."""
    given, surnames = _frequent()
    words = name.split()
    return len(words) > 1 and words[0] in given and words[-1] in surnames


def is_given(name: str) -> bool:
    """Whether it is a frequent given name, alone."""
    return name in _frequent()[0]


def is_abroad(person: Entry, name: str, context: Context) -> bool:
    """Whether somebody whom few lists have, under a frequent given name, is of a country that the article does not name,
    though it names others: they have namesakes at home."""
    known = person.code != "extra" or person.weight >= WELL_KNOWN
    return not known and is_given(name.split()[0]) and agreement(person, context) < 0


def evidence(entry: Entry, context: Context) -> tuple[int, int]:
    """How many words of the description the article has, and whether it names the thing's country: 1, or -1 where it names
    others only, or 0 where either is unknown."""
    own = {w.casefold() for w in PLAIN_WORD.findall(entry.label)} | EMPTY
    words = {w.casefold() for w in PLAIN_WORD.findall(entry.description)} - own
    return len(words & context.words), agreement(entry, context)


def agreement(entry: Entry, context: Context) -> int:
    """1 where the article names the country of a thing, -1 where it names others only, 0 where either is unknown."""
    of = {entry.country} if entry.country else countries.mentioned(entry.description)
    if not of or not context.countries:
        return 0
    return 1 if any(share(context.countries, c) > 0 for c in of) else -1


def weigh(entry: Entry, form: Form, context: Context, team: bool = False) -> float:
    """What speaks for a person or body, in orders of magnitude; `team`: the article speaks of a team of that name."""
    w = weights()
    alias = (w.alias_person if entry.type == EntityType.PERSON else w.alias_body) * (
        entry.alias or form.method == "with legal form"
    )
    if entry.type == EntityType.ORGANISATION and len(form.name.split()) > 1:
        alias = 0.0  # short forms and acronyms are shared, longer names are not
    if entry.type == EntityType.PERSON and form.method != "surname" and part_of(form.name, entry.label):
        alias /= 2  # `Jane Poole` for `Jane Anne Poole, Lady Elm`
    if entry.alias and entry.type == EntityType.ORGANISATION and unlike(form.name, entry.label):
        alias += w.unlike
    elif entry.alias and entry.type == EntityType.ORGANISATION and is_initials(form.name, entry.label):
        alias = w.initials
    words, country = evidence(entry, context)
    if form.country:  # the country is in the name or is the article's
        of = {entry.country} if entry.country else countries.mentioned(f"{entry.label} {entry.description}")
        country = 1 if form.country in of else -1 if of else 0
    total = alias + w.country * country + w.alike * (form.method == "alike")
    if entry.code != "extra":
        total += w.core + w.known
    else:
        total += w.known * log10(entry.weight) + w.word * min(words, w.words)
    if entry.type == EntityType.ORGANISATION and country < 1 and is_state_body(form.name):
        total += w.foreign * (1 + (country < 0 and bool(countries.mentioned(entry.label))))
    if is_team(entry):
        total += w.team * team + w.sport * played(entry, context)
    return total + lifetime(entry, context.year)


def played(team: Entry, context: Context) -> int:
    """1 where the article speaks of one sport, which is the team's, -1 where it is another, 0 where either is unknown."""
    told, own = sports.told(context.words), sports.of(team)
    return (1 if told & own else -1) if len(told) == 1 and own else 0


def is_initials(name: str, label: str) -> bool:
    """Whether an acronym of four letters or more has the initials of the usual name, which few others have."""
    words = re.findall(r"[^\W\d_]+", label)
    initials = ("".join(w[0] for w in words if w not in MINOR), "".join(w[0] for w in words))
    return len(name) >= ACRONYM and name.isupper() and name in map(str.upper, initials)


def unlike(name: str, label: str) -> bool:
    """Whether a single word, no acronym, begins like no word of the usual name: `Elks` for `Oakby United`."""
    if name.isupper() or len(words := fold(name).split()) > 1:
        return False
    return not any(w[:ALIKE] == words[0][:ALIKE] for w in fold(label).split())


def part_of(name: str, label: str) -> bool:
    """Whether all words of a name are in the usual one, which has no initial that the name has not."""
    words, usual = set(fold(name).split()), set(fold(label).split())
    return words <= usual and not any(len(w) == 1 for w in usual - words)


def lifetime(entry: Entry, year: int | None) -> float:
    """What the years of a thing say against it in an article of that year."""
    if year is None:
        return 0.0
    w = weights()
    born = entry.born or _year(BORN, entry.description)
    if born and year < born + (GROWN if entry.type == EntityType.PERSON else 0):
        return w.unborn
    died = entry.died or _year(DIED, entry.description)
    return w.gone if died and year > died + HISTORY else 0.0


def _year(pattern: re.Pattern[str], text: str) -> int | None:
    m = pattern.search(text)
    return int(m.group(1)) if m else None


def none_of_them(kind: EntityType, form: Form, found: Sequence[Entry], others: bool, context: Context) -> float:
    """What speaks for somebody or something else of that name; `others`: it is a name of things of other types too."""
    w = weights()
    if kind == EntityType.PERSON:
        known = max(words + (country > 0) for words, country in (evidence(e, context) for e in found))
        if form.method == "surname":
            frequent = form.name in _frequent()[1]
            return w.none_person + w.none_surname + w.none_common * frequent + w.none_office * form.office
        common = (is_common(form.name) and known < TELLING) or all(is_abroad(e, form.name, context) for e in found)
        return w.none_person + w.none_common * common + w.none_bare * (known < 1)
    single = len(form.name.split()) < 2 and not form.country and form.method == "name"
    letters = sum(map(str.isalnum, form.name)) if form.name.isupper() else 0
    long_acronym = ACRONYM <= letters <= LONGEST_ACRONYM
    short_acronym = 0 < letters < ACRONYM and " " not in form.name
    return w.none_body + w.none_one_word * (single and not long_acronym) * (1 + others + short_acronym)
