"""Tables that tie the places of GeoNames to the core table: codes of countries and regions, and the counties of the USA."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from kg.link.authority import DATA, fold


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


@cache
def areas() -> dict[str, Area]:
    """Countries and regions by GeoNames' code."""
    return {code: Area(name, qid) for code, name, qid in _rows("geonames_areas")}


@cache
def counties() -> dict[str, tuple[County, ...]]:
    """The counties of the USA by folded name (`lincoln county`), in the order of their numbers."""
    found: dict[str, list[County]] = defaultdict(list)
    for fips, code, name, lat, lon in _rows("us_counties"):
        state = areas()[f"US.{code}"].name if f"US.{code}" in areas() else code
        found[fold(name)].append(County(fips, name, state, float(lat), float(lon)))
    return {name: tuple(same) for name, same in found.items()}


def _rows(name: str) -> list[list[str]]:
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
