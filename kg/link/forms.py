"""The names under which a cluster is looked up, the best first: as written, then without what may be left out."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.link import countries
from kg.link.areas import CALLED
from kg.link.authority import DATA
from kg.link.geography import Context
from kg.link.legal_forms import legal_forms
from kg.link.surroundings import titles
from kg.tables import table
from kg.vocabulary import EntityType

# What ends the name of a company, and a middle initial: left out if the whole name is unknown.
LEGAL = re.compile(rf"(?:,?\s+(?:(?:and|&)\s+)?(?:{'|'.join(legal_forms().endings)})\.?)+$")
SHORT_COMPANY = 3  # words; longer names are written in full
ENDING = re.compile(r"\s+(?:Inc|Corp|Ltd|PLC|plc)\.?$")
# Words around the name of a place that tell its kind.
AROUND = re.compile(
    r"^(?:City|Town|Village|State|Province|County|Borough|Township)\s+of\s+"
    r"|\s+(?:City|Township|Twp\.?|Town|Village|Borough|Province|State|District|Region|Governorate)$"
)
# What a body of the United Nations may be written with or without.
OF_UN = re.compile(r"(?:U\.N\.|UN|United Nations)(?:['’]s?)?\s+(?=[A-Z]\w+\s)")
# The endings of words that are spelt in two ways.
ISATION = re.compile(r"(?<=[a-z])i([sz])(?=ations?\b)")
INITIAL = re.compile(r"(?<=\w)\s+[A-Z]\.?(?=\s+\w)")
# From this part on one country is what the article is about.
MAIN = 0.5
# From this part on the article speaks of a country a good deal.
MUCH = 0.2
# Offices of state and government: with one before it a surname is that of somebody known.
OFFICES = frozenset(
    ["President", "Premier", "Minister", "PM", "Chancellor", "Secretary", "Senator", "Sen", "Governor", "Gov", "King",
     "Queen", "Emir", "Sultan", "Ayatollah", "Pope"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A name to look up, what made it, and the item of the country that the thing must be of, if any. `area` says that the
    name had the word for a region beside it, `office` that an office of state stands before a surname."""

    name: str
    method: str
    country: str = ""
    area: bool = False
    office: bool = False


@cache
def _state_bodies() -> tuple[frozenset[str], re.Pattern[str], frozenset[str]]:
    data = tomllib.loads((DATA / "state_bodies.toml").read_text("utf-8"))
    return frozenset(data["names"]), re.compile("|".join(data["patterns"])), frozenset(data["few"])


def is_state_body(name: str) -> bool:
    """Whether every country has a body of that name: `Navy`, `Ministry of Health`."""
    names, patterns, _ = _state_bodies()
    plain = name.removeprefix("the ").removeprefix("The ")
    return plain in names or (patterns.search(plain) is not None and not countries.mentioned(plain))


def main_country(context: Context) -> str:
    """The item of the country that the article is about by its places, or else by its well-known bodies too; or nothing."""
    return _most(context.countries) or _most(Counter(context.countries) + Counter(context.bodies))


def _most(counts: Mapping[str, int]) -> str:
    most = min(counts.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    return most[0] if most[1] and most[1] > MAIN * sum(counts.values()) else ""


def countries_of(name: str, context: Context) -> list[str]:
    """The items of the countries whose body a state body's name may mean: the one that the article is about, and for a name
    that few countries have those that it speaks of a good deal, the most named first."""
    main = main_country(context)
    if main or name.removeprefix("the ").removeprefix("The ") not in _state_bodies()[2]:
        return [main] if main else []
    total = sum(context.countries.values())
    return sorted(
        (c for c, n in context.countries.items() if c and n >= MUCH * total), key=lambda c: (-context.countries[c], c)
    )


def variants(kind: EntityType, names: Sequence[str], context: Context) -> Iterator[Form]:
    """The forms of a cluster, the fullest name first. Of a person the surname alone comes last."""
    usable = [n for n in names if kind != EntityType.PERSON or len(n.split()) > 1]
    if kind == EntityType.ORGANISATION:
        for name in usable:
            yield from _of_country(name, context)
    yield from (Form(n, "name") for n in usable)
    for name in usable:
        if kind == EntityType.ORGANISATION:
            yield from _respelt(name)
            yield from _companies(name)
        if kind == EntityType.PERSON and (short := INITIAL.sub("", name)) != name and " " in short:
            yield Form(short, "without initial")
        if kind == EntityType.PLACE and (short := AROUND.sub("", name)) != name and short:
            yield Form(short, "without kind of place", area=CALLED.search(name) is not None)
    if kind == EntityType.PERSON:
        single = [n for n in names if len(n.split()) == 1]
        if single and len(usable) == sum(n.endswith(f" {single[0]}") and n.split()[0] in titles() for n in usable):
            yield Form(single[0], "surname", office=any(n.split()[0] in OFFICES for n in usable))


@cache
def _spellings() -> tuple[dict[str, str], re.Pattern[str]]:
    pairs = [(r["british"], r["american"]) for r in table("spellings.tsv")]
    other = dict(pairs) | {american: british for british, american in pairs}
    return other, re.compile(r"\b(?:" + "|".join(sorted(other)) + r")\b")


def respelt(name: str) -> str:
    """The name with the words that British and American English spell in two ways in the other one.

    >>> respelt("Elm Defence Organisation")
    'Elm Defense Organization'
    """
    other, words = _spellings()
    return words.sub(lambda m: other[m.group()], ISATION.sub(lambda m: "iz" if m.group(1) == "s" else "is", name))


def _respelt(name: str) -> Iterator[Form]:
    short = OF_UN.sub("", name) if OF_UN.match(name) else name
    for form in dict.fromkeys((respelt(name), short, respelt(short))):
        if form != name:
            yield Form(form, "respelt")


def _companies(name: str) -> Iterator[Form]:
    """Without the legal form, and with `&` for `and`: `Merck and Co Inc` is filed as `Merck & Co.`"""
    short, less = LEGAL.sub("", name), ENDING.sub("", name)
    if short and short != name:
        yield Form(short, "without legal form")
    for form in dict.fromkeys((name, less, short)):
        if " and " in form:
            yield Form(form.replace(" and ", " & ").replace(",", ""), "name" if form == name else "without legal form")
    if len(short.split()) <= SHORT_COMPANY:
        known = legal_forms()
        for added in known.added + known.added_to_clubs * (" " in short):
            yield Form(f"{short or name} {added}", "with legal form")


def _of_country(name: str, context: Context) -> Iterator[Form]:
    """A body of a state with its country before it or after it: the one it is written with, else the article's."""
    qid, rest = countries.leading(name)
    if qid:
        yield Form(name, "name")
        yield from _with_country(name, rest, qid)
    elif is_state_body(name):
        for qid in countries_of(name, context):
            yield from _with_country(name, name.removeprefix("the ").removeprefix("The "), qid)


def _with_country(name: str, rest: str, qid: str) -> Iterator[Form]:
    for word in countries.adjectives().get(qid, ()):
        if f"{word} {rest}" != name:
            yield Form(f"{word} {rest}", "with its country", qid)
    yield Form(f"{rest} of {countries.adjectives().get(qid, ('',))[0]}", "with its country", qid)
    if is_state_body(rest):
        yield Form(rest, "with its country", qid)
