"""Countries in the words of a description or name: `executive department of the Philippines`, `Egyptian Navy`."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from kg.link.authority import core
from kg.ready import ready_made
from kg.tables import table

# Descriptions kept in memory, as many as entries.
CACHED = 20_000


@cache
def forms() -> dict[str, str]:
    """Names and adjectives of countries with the country's item."""
    countries = {e.label: e for e in core().entries.values() if e.kind == "country" and e.qid}
    found = {n: e.qid for e in countries.values() for n in (e.label, *e.aliases)}
    for row in table("demonyms.tsv"):
        if row["name"] in countries:
            for adjective in filter(None, row["adjectives"].split("|")):
                found.setdefault(adjective, countries[row["name"]].qid)
    return found


@cache
def adjectives() -> dict[str, tuple[str, ...]]:
    """What a country's bodies have before their name, by its item: its name and adjectives."""
    found: dict[str, list[str]] = {}
    for form, qid in forms().items():
        found.setdefault(qid, []).append(form)
    return {qid: tuple(names) for qid, names in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    return ready_made("countries", _compiled)


def _compiled() -> re.Pattern[str]:
    longest = sorted(forms(), key=lambda n: (-len(n), n))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)")


@lru_cache(CACHED)
def mentioned(text: str) -> frozenset[str]:
    """The items of the countries that the text names."""
    return frozenset(forms()[m.group()] for m in _pattern().finditer(text))


def leading(name: str) -> tuple[str, str]:
    """The item of the country that a name begins with and the rest of the name; empty where it begins with none."""
    m = _pattern().match(name)
    if m is None or not name[m.end() :].strip():
        return "", name
    return forms()[m.group()], name[m.end() :].strip()
