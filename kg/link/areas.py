"""Tables that tie the places of GeoNames to the core table: codes of countries and regions, the divisions of countries that
the core table has not, and the counties of the USA."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from kg.link.authority import DATA, fold
from kg.ready import ready_made


class Area(NamedTuple):
    """A country (`US`) or region (`US.IL`): its name in the core table, and of a country its item."""

    name: str
    qid: str


class County(NamedTuple):
    """A county of the USA: FIPS number, name, state, and a point inside."""

    fips: str
    name: str
    state: str
    lat: float
    lon: float


class Division(NamedTuple):
    """A province, district or county outside the USA: GeoNames' code (`DE.02`, `GB.ENG.N5`), name, a point in its middle and
    the inhabitants of its towns."""

    code: str
    name: str
    lat: float
    lon: float
    population: int


# What a division is called beside its name, before it or after it.
CALLED = re.compile(
    r"^(?:(?:Provin[cz]ia|Province|Región|Région|Region|Republic|State|County|Departamento|Department|Kabupaten|Partido|Okres"
    r"|Powiat|Nomós|Huyện|Amphoe|Okrug|Regency)\s+)(?:(?:de la|de|del|di|della|of|the)\s+)*"
    r"|\s+(?:Sheng|District|Provin[cz]e|County|Region|Department|State|Parish|Governorate|Prefecture|Ra[iy]on|Oblast|Krai"
    r"|Division|Zizhizhou|Agency|Republic|İlçesi|Local Government Area|Autonomous Region)$",
    re.IGNORECASE,
)


# Divisions of many countries, and parts of much else: `Southern District`.
DIRECTION = re.compile(
    r"(?:north|south|east|west|northern|southern|eastern|western|central|centre|center|middle|capital|coast|coastal|upper|lower"
    r"|north[- ]?east(?:ern)?|north[- ]?west(?:ern)?|south[- ]?east(?:ern)?|south[- ]?west(?:ern)?)$",
    re.IGNORECASE,
)


def short_names(name: str) -> tuple[str, ...]:
    """The name of a division, and what is left without the word for its kind: `Benue State`, `Benue`."""
    short = CALLED.sub("", name)
    return (name, short) if short and short != name else (name,)


@cache
def divisions() -> dict[str, tuple[Division, ...]]:
    """The divisions by folded name, whole and short, the most populous first."""
    return ready_made("divisions", _divisions)


def _divisions() -> dict[str, tuple[Division, ...]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for code, name, lat, lon, population in _rows("geonames_regions"):
        if DIRECTION.match(short_names(name)[-1]):
            continue
        for short in short_names(name):
            found[fold(short)].append(Division(code, name, float(lat), float(lon), int(population)))
    return {name: tuple(sorted(same, key=lambda d: (-d.population, d.code))) for name, same in found.items()}


@cache
def areas() -> dict[str, Area]:
    """Countries and regions by GeoNames' code."""
    return {code: Area(name, qid) for code, name, qid in _rows("geonames_areas")}


@cache
def counties() -> dict[str, tuple[County, ...]]:
    """The counties of the USA by folded name (`lincoln county`), in the order of their numbers."""
    return ready_made("counties", _counties)


def _counties() -> dict[str, tuple[County, ...]]:
    found: dict[str, list[County]] = defaultdict(list)
    for fips, code, name, lat, lon in _rows("us_counties"):
        state = areas()[f"US.{code}"].name if f"US.{code}" in areas() else code
        found[fold(name)].append(County(fips, name, state, float(lat), float(lon)))
    return {name: tuple(same) for name, same in found.items()}


def _rows(name: str) -> list[list[str]]:
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
