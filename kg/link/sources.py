"""Where candidates come from: the core table, the user's authority index, the places and divisions of GeoNames, the counties
of the USA.

What several of them know is one candidate, with the identifier of the first. An identifier is a function of the indexes
alone: two things never share one, and the same thing has the same one in every article.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, cached_property, lru_cache

from kg import authority as index
from kg.authority.places import open_places
from kg.link.areas import areas, counties, divisions, short_names
from kg.link.authority import DATA, SHORT, Authority, Entry, core, fold, slug
from kg.link.forms import is_state_body
from kg.link.twins import DIVISION, is_bare, is_unlisted, merged, same, usual
from kg.link.weights import weights
from kg.settings import value
from kg.vocabulary import EntityType

# Words that belong to the surname after them, the Arabic article of one, and countries where the family's name comes first
# (China, Taiwan, both Koreas, Viet Nam, Cambodia).
PARTICLES = frozenset(
    ["al", "el", "bin", "ben", "de", "van", "von", "der", "den", "di", "da", "dos", "del", "la", "le"]
)
ARTICLE = re.compile(r"^(?:al|el|as|es|ash|ad|ar|an|at)-", re.IGNORECASE)
SUFFIXES = frozenset(("jr", "sr", "junior", "senior", "ii", "iii", "younger", "elder", "the"))
FAMILY_FIRST = frozenset(("Q148", "Q865", "Q423", "Q884", "Q881", "Q424"))
# Names kept in memory: an article names a few hundred things, a day's news some thousands.
CACHED = 20_000
# A town is large from so many inhabitants on, and clearly the largest of its name if it is so many times the second.
LARGE, CLEARLY = 50_000, 2
# So many names that begin with a place's are looked at.
BEGINNING = 100
# Names are alike at 92 of 100: one letter in a dozen; shorter ones are like too many others.
ALIKE, LONG = 92, 9
# What an index has beside these is no entity of ours.
TYPES = frozenset((EntityType.PERSON, EntityType.ORGANISATION, EntityType.PLACE))
# A county has no number of inhabitants here: as one of about thirty thousand, the median.
COUNTY = 30_000


class Sources:
    """The core table with the indexes behind it. `extra` is the user's, `places` are GeoNames'."""

    def __init__(
        self, core: Authority, places: index.Authority | None = None, extra: index.Authority | None = None
    ) -> None:
        self.core, self.places, self.extra = core, places, extra
        self._numbers = {e.geonames: e for e in core.entries.values() if e.geonames}
        self._items = {e.qid: e for e in core.entries.values() if e.qid}
        self.find = lru_cache(CACHED)(self._find)
        self.identified = lru_cache(CACHED)(self._identified)
        self.called = lru_cache(CACHED)(self._called)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that candidates come from, in hexadecimal."""
        parts = [hashlib.sha256((DATA / "authority_core.tsv").read_bytes()).hexdigest()]
        parts += [i.hash for i in (self.extra, self.places) if i is not None]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _find(self, name: str) -> tuple[Entry, ...]:
        """Everything that bears a name: the core table's, best known first, then the others by their weight."""
        found = list(self.core.find(name))
        extra = tuple(self._extra(name))
        bearers = Counter((e.type, usual(e)) for e in extra)
        for entry in (*extra, *self._places(name)):
            if entry.type == EntityType.PLACE:  # Darfur is not the Darfur in Minnesota
                shared = bool(entry.admin)
            else:
                shared = bearers[entry.type, usual(entry)] > 1 or is_state_body(entry.label)
            twins = (i for i, other in enumerate(found) if same(entry, other) and not (shared and is_unlisted(other)))
            twin = next(twins, None)
            if twin is None:
                found.append(entry)
            else:
                found[twin] = merged(found[twin], entry)
        return tuple(self._known_town(found))

    def _known_town(self, found: list[Entry]) -> list[Entry]:
        """Where the core table has an item of that name and nothing of where it is, it is the one large town of the name."""
        bare = [e for e in found if e.type == EntityType.PLACE and is_bare(e)]
        towns = sorted((e for e in found if e.kind == "city" and not e.id and e.geonames), key=lambda e: -e.population)
        others = [e for e in found if e.type == EntityType.PLACE and not e.alias and e not in towns]
        if len(bare) != 1 or others != bare or not towns or towns[0].population < LARGE:
            return found
        if bare[0].country not in ("", towns[0].country):
            return found
        if len(towns) > 1 and towns[1].population * CLEARLY > towns[0].population:
            return found
        town = replace(merged(bare[0], towns[0]), country=towns[0].country, alias=False)
        return [town, *(e for e in found if e not in (bare[0], towns[0]))]

    def _places(self, name: str) -> Iterator[Entry]:
        for county in counties().get(fold(name), ()):
            yield Entry(
                qid="", type=EntityType.PLACE, kind="county", label=county.name, aliases=(), admin=county.state,
                lat=county.lat, lon=county.lon, country=areas()["US"].qid, population=COUNTY, code=f"fips-{county.fips}",
            )  # fmt: skip
        yield from self._divisions(name)
        if self.places is None or (len(name) <= SHORT and name.isupper()):  # codes of countries, airports and agencies
            return
        for candidate in self.places.lookup(name):
            entry = candidate.entry
            if entry.geonames in self._numbers:
                known = self._numbers[entry.geonames]
                yield replace(known, alias=candidate.kind != index.AliasKind.LABEL)
            elif entry.kind in ("city", "capital"):
                yield self._town(entry, candidate.kind != index.AliasKind.LABEL)

    def _divisions(self, name: str) -> Iterator[Entry]:
        """Provinces, districts and counties outside the USA; GeoNames' numbers of them are not known."""
        for division in divisions().get(fold(name), ()):
            country = areas().get(division.code[:2])
            above = areas().get(division.code.rpartition(".")[0])
            yield Entry(
                qid="", type=EntityType.PLACE, kind="region", label=short_names(division.name)[-1], aliases=(),
                admin=above.name if above and "." in division.code[3:] else "", lat=division.lat, lon=division.lon,
                country=country.qid if country else division.code[:2], population=division.population,
                code=f"{DIVISION}{division.code}",
            )  # fmt: skip

    def _town(self, entry: index.Entry, alias: bool) -> Entry:
        """A place of GeoNames with the names that the core table has for its country and region."""
        country, region = areas().get(entry.country), areas().get(entry.admin)
        return Entry(
            qid="", type=EntityType.PLACE, kind="city", label=entry.label, aliases=(),
            admin=region.name if region else "", lat=entry.lat, lon=entry.lon,
            country=country.qid if country else entry.country, population=entry.population, geonames=entry.geonames,
            alias=alias, code=entry.admin or entry.country,
        )  # fmt: skip

    def _called(self, place: str) -> tuple[Entry, ...]:
        """The organisations of the user's index that have the place as a name, or a name of their own after it."""
        if self.extra is None:
            return ()
        begins = [e for e in self.extra.suggest(place, BEGINNING, "organisation") if e.label.startswith(f"{place} ")]
        found = (*self.extra.lookup(place), *(index.Candidate(e, index.AliasKind.LABEL, 1.0) for e in begins))
        entries = {e.qid: e for e in self._entries(found) if e.type == EntityType.ORGANISATION}
        return tuple(entries.values())

    def bodies(self, name: str) -> tuple[Entry, ...]:
        """The organisations of that name, without a look at the places."""
        found = {
            e.qid or e.id: e for e in (*self.core.find(name), *self._extra(name)) if e.type == EntityType.ORGANISATION
        }
        return tuple(found.values())

    def surnamed(self, surname: str) -> tuple[Entry, ...]:
        """The people of the core table with that surname, and whom an index has under the surname alone."""
        named = [e for e in self.find(surname) if e.type == EntityType.PERSON]
        have = {e.qid for e in named}
        for entry in self._surnames.get(fold(surname), ()):
            if entry.qid not in have:
                full = next((e for e in self.find(entry.label) if e.qid == entry.qid), entry)
                named.append(replace(full, alias=True))
        return tuple(named)

    @cached_property
    def _surnames(self) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.core.entries.values():
            if entry.type == EntityType.PERSON and entry.qid:
                for name in surnames_of(entry):
                    found[name].append(entry)
        return {name: tuple(same) for name, same in found.items()}

    def similar(self, name: str) -> tuple[Entry, ...]:
        """What the user's index has under a name that is misspelt here or there, where nothing has the name itself."""
        if self.extra is None or sum(map(str.isalpha, name)) < LONG:
            return ()
        return tuple(self._entries(self.extra.similar(name, ALIKE)))

    def _extra(self, name: str) -> Iterator[Entry]:
        """What the user's index has under the name, and what the core table knows of it."""
        yield from self._entries(self.extra.lookup(name) if self.extra else ())

    def _entries(self, candidates: Iterable[index.Candidate]) -> Iterator[Entry]:
        for candidate in candidates:
            entry = candidate.entry
            if entry.type not in TYPES:
                continue
            known = self._items.get(entry.qid)
            alias = candidate.kind != index.AliasKind.LABEL
            if known:
                yield replace(
                    known, alias=alias, description=entry.description, country=known.country or entry.country,
                    born=year(entry.born), died=year(entry.died),
                )  # fmt: skip
                continue
            yield Entry(
                qid=entry.qid, type=EntityType(entry.type), kind=entry.kind, label=entry.label, aliases=entry.aliases,
                admin=self._region(entry), lat=entry.lat, lon=entry.lon, population=entry.population,
                country=entry.country or (described_region(entry.description)[1] if entry.type == EntityType.PLACE else ""),
                geonames=entry.geonames, description=entry.description, weight=renown(entry), alias=alias,
                code="extra", born=year(entry.born), died=year(entry.died),
            )  # fmt: skip

    def _region(self, entry: index.Entry) -> str:
        """The region that an index names for a place: itself, or in another name of the place (`Elmton, Ohio`)."""
        if entry.admin or entry.type != EntityType.PLACE:
            return entry.admin
        for name in entry.aliases:
            town, _, area = name.partition(", ")
            if (
                area
                and town == entry.label
                and (found := [r for r in self.regions(area) if r.country == entry.country])
            ):
                return found[0].label.split(" (")[0]
        return described_region(entry.description)[0]

    def _identified(self, entry: Entry) -> Entry:
        """The entry with its identifier: a town's names its region and country, as towns have namesakes."""
        if entry.id:
            return self._placed(entry)
        if entry.code == "extra":
            name = f"{entry.type}/{slug(entry.label)}"
            others = [e for e in self.find(entry.label) if e.type == entry.type and slug(e.label) == slug(entry.label)]
            if name in self.core.ids or not others or others[0].qid != entry.qid:
                name += f"-{entry.qid.lower()}"
            return replace(entry, id=name)
        if entry.code.startswith(DIVISION):
            code = entry.code.removeprefix(DIVISION)
            name = f"place/{slug(entry.label)}-region-{code[:2].casefold()}"
            twins = [e for e in self._divisions(entry.label) if e.country == entry.country]
            largest = twins[0].code if twins else entry.code
            taken = name in self.core.ids or largest != entry.code
            return replace(entry, id=f"{name}-{slug(code)}" if taken else name)
        country = "us" if entry.kind == "county" else entry.code.partition(".")[0]
        region = entry.admin or entry.code.partition(".")[2]
        name = f"place/{slug(' '.join((entry.label, region, country)))}"
        if entry.kind == "county":
            return replace(entry, id=name if name not in self.core.ids else f"{name}-{entry.code}")
        twins = [
            e
            for e in self._places(entry.label)
            if (e.kind, e.code) == (entry.kind, entry.code) and slug(e.label) == slug(entry.label)
        ]
        first = min(twins, key=lambda e: (-e.population, e.geonames or 0), default=entry)
        if name in self.core.ids or first.geonames != entry.geonames:
            name += f"-{entry.geonames}"
        return replace(entry, id=name)

    def _placed(self, entry: Entry) -> Entry:
        """An entry of the core table with the number and position that GeoNames has for a state or continent."""
        if entry.kind != "region" or self.places is None:
            return entry
        if entry.geonames is None and entry.country == areas()["US"].qid:
            name = entry.label.split(" (")[0]
            found = [c.entry for c in self.places.lookup(name) if (c.entry.kind, c.entry.country) == ("region", "US")]
            return replace(entry, geonames=found[0].geonames) if found else entry
        if entry.geonames is not None and entry.lat is None and (there := self.places.of_geonames(entry.geonames)):
            return replace(entry, lat=there.lat, lon=there.lon)
        return entry

    def takes(self, identifier: str, name: str) -> bool:
        """Whether a known thing has, or may have, the identifier that the name gives."""
        if identifier in self.core.ids:
            return True
        kind = identifier.partition("/")[0]
        return any(e.code == "extra" and e.type == kind and slug(e.label) == slug(name) for e in self.find(name))

    def regions(self, name: str) -> tuple[Entry, ...]:
        """Countries and regions of that name or usual abbreviation, in the core table; states of the USA by their code too."""
        state = areas().get(f"US.{name}") if name.isupper() else None
        named = (e for e in self.core.find(state.name if state else name) if e.type == EntityType.PLACE)
        kinds = ("region",) if state else ("region", "country")
        return tuple(e for e in named if e.kind in kinds)

    def towns(self, name: str, area: Entry) -> Iterable[Entry]:
        """Cities, towns and counties of that name within a country or region."""
        return (e for e in self.find(name) if e.type == EntityType.PLACE and e != area and within(e, area))


def surnames_of(entry: Entry) -> tuple[str, ...]:
    """The folded surnames that news may call a person by: the last word of the label, or of another name with the same first
    word (`Zelensky`), with the particles before it and without the Arabic article; the first word where the family's name
    comes first."""
    words = entry.label.split()
    if len(words) < 2:
        return ()
    if entry.country in FAMILY_FIRST:
        return (fold(words[0]),)
    forms: list[str] = []
    for name in (n for n in (entry.label, *entry.aliases) if n.startswith(f"{words[0]} ")):
        words = [w for w in name.split() if fold(w) not in SUFFIXES]
        if len(words) < 2 or "of" in words:  # `Jane of Elmton` has none
            continue
        first = len(words) - 1
        while first > 1 and words[first - 1].casefold() in PARTICLES:
            first -= 1
        forms += (words[-1], ARTICLE.sub("", words[-1]), *(" ".join(words[i:]) for i in range(first, len(words) - 1)))
    return tuple(dict.fromkeys(map(fold, forms)))


@cache
def _regions() -> tuple[re.Pattern[str], dict[str, Entry]]:
    named = {
        n: e
        for e in core().entries.values()
        if e.kind == "region" and e.country
        for n in (e.label.split(" (")[0], *e.aliases)
    }
    longest = sorted(named, key=lambda n: (-len(n), n))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)"), named


@lru_cache(CACHED)
def described_region(description: str) -> tuple[str, str]:
    """The region that a description names and the item of its country; empty where it names none, or several."""
    pattern, named = _regions()
    found = {named[m.group()].id: named[m.group()] for m in pattern.finditer(description)}
    if len(found) != 1:
        return "", ""
    region = next(iter(found.values()))
    return region.label.split(" (")[0], region.country


def renown(entry: index.Entry) -> int:
    """How well known an entry of an index is: by its Wikipedias, else by who lists it. A list of well-known things says more."""
    if entry.sitelinks or not entry.sources:
        return entry.weight
    counts = weights().sources
    return max(entry.weight, 1 + sum(counts.get(tag.partition(":")[0], 1) for tag in entry.sources))


def year(date: str) -> int | None:
    """The year of a date as indexes have it (`1949-10-21`); none before our era."""
    return int(date[:4]) if date[:4].isdigit() else None


def within(entry: Entry, area: Entry) -> bool:
    """Whether a place lies in a country or region, as far as the tables say."""
    if area.kind == "country":
        return entry.country == area.qid
    return bool(entry.admin) and entry.admin == area.label.split(" (")[0] and entry.country in ("", area.country)


@cache
def sources() -> Sources:
    """The sources of this process: with the index that the setting `authority` names, if any.

    `InputError` if that is no index, or if the index of places cannot be made.
    """
    folder = value("authority")
    extra = index.Authority.open(folder) if folder else None
    return Sources(core(), open_places(), extra)
